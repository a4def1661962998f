"""How the data were read: every decision of the reader as a table of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lesionhet.intake import ReadingTable
from lesionhet.report.cells import PrintedTable, printed
from lesionhet.report.section import TABLES
from lesionhet.report.tables import write_csv

PREFIX: Final = "reading_"


@dataclass(frozen=True, eq=False)
class PrintedReading:
    """One decision as printed; ``path`` is its CSV file in the report's folder."""

    title: str
    note: str
    path: str
    table: PrintedTable


def reading_path(table: ReadingTable) -> str:
    """Give the path of a decision's CSV file in the report's folder."""
    return f"{TABLES}/{PREFIX}{table.name}.csv"


def write_reading(tables: Sequence[ReadingTable], folder: Path) -> None:
    """Write every decision of the reader as a CSV file.

    Parameters
    ----------
    tables
        What the reader decided; none for two plain tables.
    folder
        The report's folder, which has a folder for tables.
    """
    for table in tables:
        write_csv(table.frame, folder / reading_path(table))


def printed_reading(tables: Sequence[ReadingTable]) -> tuple[PrintedReading, ...]:
    """Give every decision as the page prints it."""
    return tuple(
        PrintedReading(table.title, table.note, reading_path(table), printed(table.frame))
        for table in tables
    )


def reading_record(tables: Sequence[ReadingTable]) -> list[dict[str, Any]]:
    """Give every decision for results.json; its rows stand in the CSV file."""
    return [
        {
            "name": table.name,
            "title": table.title,
            "rule": table.note,
            "rows": len(table.frame),
            "table": reading_path(table),
        }
        for table in tables
    ]
