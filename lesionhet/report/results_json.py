"""results.json: every number with its name, for programs that read the report."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.outcome import Outcome
from lesionhet.report.beside import Beside, largest, worst
from lesionhet.report.every_p import every_p_besides, every_p_record
from lesionhet.report.reading import reading_record
from lesionhet.report.section import Section

GENERATOR: Final = "lesionhet"
FILE: Final = "results.json"
LONG_ROWS: Final = 200
"""Tables of a result with more rows than this are condensed: their numbers stand in a CSV file."""


def write_results(
    outcome: Outcome,
    sections: Sequence[Section],
    folder: Path,
    command: str,
    created: str,
    *,
    reproduced: bool = True,
) -> None:
    """Write results.json.

    Parameters
    ----------
    outcome
        What the run found.
    sections
        What was written of each analysis.
    folder
        The report's folder.
    command
        How the program was called.
    created
        Date and time; the only thing that differs between two runs on the same input.
    reproduced
        Whether ``reproduce_data`` is written beside it, where the numbers of long tables stand.
    """
    elsewhere = "reproduce_data/expected.csv" if reproduced else None
    cohort = outcome.study.cohort
    content = {
        "generator": GENERATOR,
        "created": created,
        "command": command,
        "synthetic": outcome.synthetic,
        "versions": outcome.versions,
        "preset": outcome.preset,
        "definitions": outcome.study.definitions.to_dict(),
        "inputs": [
            {"file": s.file, "sha256": s.sha256, "rows": s.rows, "mapping": dict(s.mapping)}
            for s in cohort.sources
        ],
        "reading": reading_record(cohort.reading),
        "patients": len(outcome.study.patients),
        "lesions": len(outcome.study.lesions),
        "notices": [{"level": n.level, "text": n.text} for n in cohort.notices],
        "r": {
            "state": outcome.r_state,
            "reason": outcome.r_reason,
            "agrees": outcome.agrees if outcome.r_state == "used" else None,
            "failures": dict(outcome.r_failures),
        },
        "analyses": [_analysis(section) for section in sections],
        "p_values": every_p_record(outcome),
        "numbers": [
            _request(beside, outcome, elsewhere)
            for besides in (*(section.besides for section in sections), every_p_besides(outcome))
            for beside in besides
        ],
    }
    text = json.dumps(plain(content), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")


def is_report(folder: Path) -> bool:
    """Say whether a folder holds a results.json of this program."""
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("generator") == GENERATOR


def plain(value: Any) -> Any:
    """Turn a value into what JSON can hold: missing numbers become null, infinite ones text.

    Examples
    --------
    >>> plain({"p": float("nan"), "times": (0.0, np.int64(3)), "limit": float("inf")})
    {'p': None, 'times': [0.0, 3], 'limit': 'Infinity'}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def _analysis(section: Section) -> dict[str, Any]:
    result = section.result
    return {
        "id": result.id,
        "title": result.title,
        "question": result.question,
        "chapter": result.chapter,
        "status": result.status,
        "reason": result.reason,
        "verdict": result.shown.verdict,
        "remarks": list(result.shown.remarks),
        "left_out": list(section.left_out),
        "tables": list(section.tables.values()),
        "charts": [
            {
                "title": p.chart.title,
                "caption": p.chart.caption,
                "svg": p.svg,
                "png": p.png,
                "pdf": p.pdf,
            }
            for p in section.pictures
        ],
        "figures": [path for p in section.pictures for path in (p.svg, p.png, p.pdf)],
    }


def _request(beside: Beside, outcome: Outcome, elsewhere: str | None) -> dict[str, Any]:
    answer = beside.result
    return {
        "name": beside.name,
        "statistic": beside.request.statistic,
        "method": answer.method,
        "options": dict(answer.options),
        "n": answer.n,
        "left_out": dict(answer.left_out),
        "warnings": {"python": list(answer.warnings), "r": list(beside.r_warnings)},
        "r_failure": beside.failure,
        "tables": [
            _table(str(name), rows, len(answer.tables[str(name)]), outcome, elsewhere)
            for name, rows in beside.table.groupby("table", sort=False)
        ],
    }


def _table(
    name: str, rows: pd.DataFrame, length: int, outcome: Outcome, elsewhere: str | None
) -> dict[str, Any]:
    """Give one table: its numbers, or where they stand when there are many."""
    found: dict[str, Any] = {
        "table": name,
        "rows": length,
        "count": len(rows),
        "largest_difference": largest(rows["difference"]),
        "largest_relative": largest(rows["relative"]),
        "verdict": worst(rows["verdict"]),
    }
    if length <= LONG_ROWS:
        columns = ["row", "column", "python", "r", "verdict"]
        return {**found, "numbers": rows[columns].to_dict("records"), "see": None}
    in_agreement = outcome.r_state == "used" and rows["r"].notna().any()
    return {**found, "numbers": None, "see": "agreement.csv" if in_agreement else elsewhere}
