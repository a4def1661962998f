"""The section "Every P value": what is still small when adjusted, and the table with all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lesionhet.analyses.every_p import FAMILIES, LEVEL, TABLE, drawn
from lesionhet.outcome import Outcome
from lesionhet.report.beside import Beside, besides, worst
from lesionhet.report.cells import PrintedTable, printed
from lesionhet.report.methods import STATISTICS
from lesionhet.report.p_values import NAMES
from lesionhet.report.section import TABLES
from lesionhet.report.tables import write_csv

PATH: Final = f"{TABLES}/{TABLE}.csv"
ADJUSTED: Final = ("holm", "benjamini_hochberg")


@dataclass(frozen=True, eq=False)
class EveryP:
    """The section as the page prints it.

    Parameters
    ----------
    remarks
        What a reader must know beside the numbers.
    families
        One row a family: how many P values, how many are small as given and adjusted.
    changed
        P values that are small as given and not by Holm, smallest first.
    total
        How many P values there are.
    draws
        How many of them are draws of one model.
    path
        The CSV file with all of them.
    verdict
        Of Python and R on the adjusted numbers.
    """

    remarks: tuple[str, ...]
    families: PrintedTable
    changed: PrintedTable
    total: int
    draws: int
    path: str
    verdict: str


def named(outcome: Outcome) -> pd.DataFrame:
    """Give every P value with its test by name; no rows where there is none."""
    if outcome.p_values is None:
        return pd.DataFrame()
    table = outcome.p_values.shown.tables[TABLE]
    return table.assign(test=[_name(statistic) for statistic in table["test"]])


def _name(statistic: str) -> str:
    if statistic in NAMES:
        return NAMES[statistic].partition(",")[0]
    return STATISTICS[statistic][0] if statistic in STATISTICS else statistic


def every_p_besides(outcome: Outcome) -> tuple[Beside, ...]:
    """Give the adjusted P values in both languages."""
    return () if outcome.p_values is None else tuple(besides(outcome, outcome.p_values))


def write_every_p(outcome: Outcome, folder: Path) -> None:
    """Write every P value of a run as a CSV file into the report's folder."""
    table = named(outcome)
    if len(table):
        write_csv(table, folder / PATH)


def printed_every_p(outcome: Outcome) -> EveryP | None:
    """Give the section; None where the run has no P value."""
    if outcome.p_values is None:
        return None
    shown = outcome.p_values.shown
    table = named(outcome)
    changed = table[(table["p_value"] < LEVEL) & (table["holm"] >= LEVEL)].sort_values("p_value")
    compact = changed[["analysis", "test", "request", "of", "p_value", *ADJUSTED]]
    besides_of = every_p_besides(outcome)
    return EveryP(
        shown.remarks,
        printed(shown.tables[FAMILIES], len(shown.tables[FAMILIES])),
        printed(compact.reset_index(drop=True)),
        len(table),
        int(drawn(table).sum()),
        PATH,
        worst(pd.concat([beside.table["verdict"] for beside in besides_of])),
    )


def every_p_record(outcome: Outcome) -> dict[str, Any] | None:
    """Give the section for results.json; its rows stand in the CSV file."""
    if outcome.p_values is None:
        return None
    shown = outcome.p_values.shown
    return {
        "count": len(shown.tables[TABLE]),
        "draws": int(drawn(shown.tables[TABLE]).sum()),
        "level": LEVEL,
        "remarks": list(shown.remarks),
        "families": shown.tables[FAMILIES].to_dict("records"),
        "table": PATH,
    }
