"""The folder that ``analyze --engine dask`` writes of a cohort in parts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lesionhet.aside import write_aside
from lesionhet.definitions import Definitions
from lesionhet.readers import ReadOptions
from lesionhet.report.folder import check_target
from lesionhet.report.results_json import FILE, GENERATOR, plain
from lesionhet.report.tables import write_csv
from lesionhet.scale.analysis import SCRATCH, PartsOutcome, analyze_parts
from lesionhet.scale.cluster import Cluster
from lesionhet.scale.parts import Part

WHAT: Final = "analysis"
TABLES: Final = "tables"
Progress = Callable[[str], None]


def write_analysis(
    parts: tuple[Part, ...],
    target: Path,
    definitions: Definitions,
    cluster: Cluster,
    *,
    preset: str,
    command: str,
    options: ReadOptions | None = None,
    progress: Progress = lambda _: None,
) -> PartsOutcome:
    """Analyse a cohort in parts and write what was found, aside and moved into place when whole.

    Parameters
    ----------
    parts, definitions, cluster, options, progress
        As in `lesionhet.scale.analysis.analyze_parts`.
    target
        Folder to write; new, empty or an earlier report or analysis.
    preset, command
        Name of what the definitions were read from, and how the program was called, for the record.

    Returns
    -------
    PartsOutcome
        What was written: ``lesions/``, ``patients/`` (Parquet), ``tables/``, ``attrition.csv`` and
        ``results.json``.

    Raises
    ------
    UsageError
        A folder that may not be written.
    InputError
        Everything that is wrong with any file, together.
    """
    place = check_target(target)
    outcomes: list[PartsOutcome] = []

    def fill(folder: Path) -> None:
        found = analyze_parts(parts, folder, definitions, cluster, options, progress)
        shutil.rmtree(folder / SCRATCH)
        (folder / TABLES).mkdir()
        for name, table in found.tables.items():
            write_csv(table, folder / TABLES / f"{name}.csv")
        write_csv(found.attrition, folder / "attrition.csv")
        record = _record(found, definitions, preset, command)
        record["versions"]["python"] |= cluster.versions()
        text = json.dumps(plain(record), ensure_ascii=False, allow_nan=False, indent=1)
        (folder / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
        outcomes.append(found)

    write_aside(place, WHAT, fill)
    return outcomes[0]


def _record(
    found: PartsOutcome, definitions: Definitions, preset: str, command: str
) -> dict[str, Any]:
    """Give the content of results.json, under the names that the report's has."""
    return {
        "generator": GENERATOR,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "versions": {"python": dict(found.versions)},
        "preset": preset,
        "definitions": definitions.to_dict(),
        "inputs": [
            {"file": s.file, "sha256": s.sha256, "rows": s.rows, "mapping": dict(s.mapping)}
            for s in found.sources
        ],
        "patients": found.n_patients,
        "lesions": found.n_lesions,
        "notices": [{"level": n.level, "text": n.text} for n in found.all_notices],
        "tables": [
            {"table": name, "file": f"{TABLES}/{name}.csv", "rows": table.to_dict("records")}
            for name, table in found.tables.items()
        ],
    }
