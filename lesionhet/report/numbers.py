"""What the page prints of each analysis: its tables, its tests, its numbers in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet.outcome import Outcome
from lesionhet.report.beside import NOT_COMPARED, Beside, largest, worst
from lesionhet.report.cells import (
    MISSING,
    SHOWN_ROWS,
    Cell,
    PrintedTable,
    number_cell,
    plain_number,
    printed,
)
from lesionhet.report.p_values import p_value_lines
from lesionhet.report.section import Section

LONG_NUMBERS: Final = 120
"""Tables of a result with more numbers than this are condensed to one line in the page."""
BESIDE_HEADINGS: Final = (
    "Table",
    "Row",
    "Number",
    "Python",
    "R",
    "Difference",
    "Tolerance (relative)",
    "Verdict",
)
BESIDE_NUMERIC: Final = (False, False, False, True, True, True, True, False)
MANY_NUMBERS: Final = 600
"""An analysis with more numbers than this has every table longer than `SHORT_NUMBERS` condensed."""
SHORT_NUMBERS: Final = 12


@dataclass(frozen=True, eq=False)
class PrintedBeside:
    """One request with its numbers as printed."""

    beside: Beside
    options: str
    table: PrintedTable


def printed_numbers(outcome: Outcome, sections: Sequence[Section]) -> dict[str, dict[str, Any]]:
    """Print the tables and numbers of each analysis that was done: what needs no figure to be there.

    Parameters
    ----------
    outcome
        What the run found.
    sections
        What was written of each analysis.

    Returns
    -------
    dict
        Id of the analysis -> name in the template -> what is printed, for `write_page`.
    """
    used = outcome.r_state == "used"
    done = (section for section in sections if section.result.status == "done")
    return {section.result.id: _printed_section(section, used) for section in done}


def _printed_section(section: Section, r_used: bool) -> dict[str, Any]:
    total = sum(len(beside.table) for beside in section.besides)
    longest = LONG_NUMBERS if total <= MANY_NUMBERS else SHORT_NUMBERS
    both = [_printed_beside(beside, longest) for beside in section.besides]
    verdicts = pd.concat([p.beside.table["verdict"] for p in both]) if both else pd.Series([])
    return {
        "lines": p_value_lines(section.besides, r_used),
        "tables": [
            (name, path, printed(section.result.shown.tables[name]))
            for name, path in section.tables.items()
        ],
        "beside": both,
        "numbers": len(verdicts),
        "verdict": worst(verdicts),
    }


def _printed_beside(beside: Beside, longest: int) -> PrintedBeside:
    """Print one request; of a table with more numbers than ``longest`` only those that part."""
    rows: list[tuple[Cell, ...]] = []
    for name, part in beside.table.groupby("table", sort=False):
        shown = part
        if len(part) > longest:
            rows.append(_condensed(str(name), part))
            shown = part[part["verdict"].isin(["differ", "known"])].head(SHOWN_ROWS)
        rows += [_number_row(number) for number in shown.to_dict("records")]
    table = PrintedTable(BESIDE_HEADINGS, BESIDE_NUMERIC, tuple(rows), len(rows))
    return PrintedBeside(beside, _options(beside.result.options), table)


def _number_row(number: Mapping[Any, Any]) -> tuple[Cell, ...]:
    # A difference must show in the digits that are printed.
    digits = 15 if number["verdict"] in ("differ", "known") else 6
    texts = (Cell(number[name], number[name]) for name in ("table", "row", "column"))
    values = (
        number_cell(number[side], lambda v: plain_number(v, digits)) for side in ("python", "r")
    )
    return (
        *texts,
        *values,
        *_distances(number["difference"], number["tolerance"]),
        verdict_cell(number),
    )


def _condensed(name: str, part: pd.DataFrame) -> tuple[Cell, ...]:
    """Give one row for a long table: how many numbers, how many agree, how far they part."""
    verdict_of_all = worst(part["verdict"])
    agree = int((part["verdict"] == "agree").sum())
    compared = verdict_of_all != NOT_COMPARED
    return (
        Cell(name, name),
        Cell(f"{len(part):,} numbers"),
        Cell("all"),
        Cell(f"{len(part):,} in CSV"),
        Cell(f"{agree:,} agree" if compared else MISSING),
        *_distances(largest(part["difference"]), largest(part["tolerance"])),
        verdict_cell({"verdict": verdict_of_all}),
    )


def _distances(difference: float, tolerance: float) -> tuple[Cell, Cell]:
    return number_cell(difference, "{:.1g}".format), number_cell(tolerance, "{:.1g}".format)


def verdict_cell(number: Mapping[Any, Any]) -> Cell:
    """Give the cell that says whether the two languages agree on a number."""
    text = number["verdict"]
    return Cell(text, text, text if text in ("agree", "differ", "known") else "")


def _options(options: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} = {_option(value)}" for name, value in options.items())


def _option(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_option(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain_number(float(value)) if isinstance(value, int | float) else str(value)
