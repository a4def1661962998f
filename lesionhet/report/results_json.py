"""results.json: every number with its name, for programs that read the report."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.agreement import row_names
from lesionhet.outcome import Outcome
from lesionhet.report.beside import NOT_COMPARED, Beside, largest, worst
from lesionhet.report.every_p import every_p_besides, every_p_record
from lesionhet.report.json_text import json_text
from lesionhet.report.reading import reading_record
from lesionhet.report.section import Section
from lesionhet.results import Result

GENERATOR: Final = "lesionhet"
FILE: Final = "results.json"
LONG_ROWS: Final = 200
"""Tables of a result with more rows than this are condensed: their numbers stand in a CSV file."""
ELSEWHERE: Final = "reproduce_data/expected.csv"
"""Where the numbers of long tables stand when R was not asked."""


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
    elsewhere = ELSEWHERE if reproduced else None
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
    (folder / FILE).write_text(f"{json_text(content)}\n", encoding="utf-8", newline="\n")


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
    tables = _tables(beside, outcome) if len(beside.compared) else _python_tables(answer)
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
            {**table, "see": elsewhere if table["see"] == ELSEWHERE else table["see"]}
            for table in tables
        ],
    }


def _python_tables(answer: Result) -> Iterator[dict[str, Any]]:
    """Give the tables of an answer that has none of R's beside it."""
    for name, shape in answer.SHAPES.items():
        table, columns = answer.tables[name], list(shape.numbers)
        if not len(table) or not columns:
            continue
        found: dict[str, Any] = {
            "table": name,
            "rows": len(table),
            "count": len(table) * len(columns),
            "largest_difference": None,
            "largest_relative": None,
            "verdict": NOT_COMPARED,
        }
        if len(table) > LONG_ROWS:
            yield {**found, "numbers": None, "see": ELSEWHERE}
            continue
        values = zip(*(table[name].to_numpy(dtype=float).tolist() for name in columns), strict=True)
        numbers = [
            {"row": row, "column": column, "python": value, "r": None, "verdict": NOT_COMPARED}
            for row, of_row in zip(row_names(table, shape.keys), values, strict=True)
            for column, value in zip(columns, of_row, strict=True)
        ]
        yield {**found, "numbers": numbers, "see": None}


def _tables(beside: Beside, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Give the tables of an answer with R's numbers beside Python's."""
    for name, rows in beside.table.groupby("table", sort=False):
        yield _table(str(name), rows, len(beside.result.tables[str(name)]), outcome)


def _table(name: str, rows: pd.DataFrame, length: int, outcome: Outcome) -> dict[str, Any]:
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
    return {**found, "numbers": None, "see": "agreement.csv" if in_agreement else ELSEWHERE}
