"""Workbooks as people type them, and tables read from rows of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import pandas as pd

from lesionhet.cohort import Cohort, build_cohort
from lesionhet.errors import InputError
from lesionhet.readers import RawTable, ReadOptions, from_frame, read_bytes
from lesionhet.readers.shape.arrange import arrange

Rows = Sequence[Sequence[Any]]
HEADING = ["patient_id", "lesion_id", "day", "diameter_mm"]
LONG: Rows = [HEADING, ["P1", "L1", 0, 30], ["P1", "L1", 56, 20], ["P1", "L1", 112, 10]]
WIDE: Rows = [
    ["patient_id", "lesion_id", "Baseline", "Week 8", "W16"],
    ["P1", "L1", 30, 20, 10],
    ["P1", "L2", 40, None, 44],
]


def workbook(
    sheets: Mapping[str, Rows] | Rows, change: Callable[[openpyxl.Workbook], object] | None = None
) -> bytes:
    """Give the bytes of a workbook; ``change`` alters it before it is saved."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    given = sheets if isinstance(sheets, Mapping) else {"lesions": sheets}
    for name, rows in given.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    if change is not None:
        change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def comma_separated(rows: Rows) -> bytes:
    """Give rows as CSV; None is an empty cell."""
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows(rows)
    return content.getvalue().encode()


def read(data: bytes | Mapping[str, Rows] | Rows, file: str = "t.xlsx", **options: Any) -> RawTable:
    """Read a table from rows, sheets or bytes."""
    content = data if isinstance(data, bytes) else None
    if content is None:
        content = comma_separated(data) if file.endswith(".csv") else workbook(data)  # type: ignore[arg-type]
    return read_bytes(file, content, ReadOptions(**options))


def arranged(rows: Rows | RawTable, patients: Rows | None = None, **options: Any) -> RawTable:
    """Read a lesions table from rows and arrange it."""
    return both(rows, patients, **options)[0]


def both(
    rows: Rows | RawTable, patients: Rows | None = None, **options: Any
) -> tuple[RawTable, RawTable | None]:
    """Read one or two tables from rows and arrange them."""
    how = ReadOptions(**options)
    lesions = rows if isinstance(rows, RawTable) else framed(rows, "lesions")
    return arrange(lesions, None if patients is None else framed(patients, "patients"), how)


def framed(rows: Rows, name: str) -> RawTable:
    """Give rows, the first one the heading, as a table from memory."""
    return from_frame(pd.DataFrame(list(rows[1:]), columns=list(rows[0]), dtype=object), name)


def cohort(rows: Rows, patients: Rows | None = None, **options: Any) -> Cohort:
    """Give the cohort of rows that were arranged."""
    lesions, described = both(rows, patients, **options)
    return build_cohort(lesions, described, ReadOptions(**options))


def said(table: RawTable) -> list[str]:
    """Give the texts of a table's notices."""
    return [notice.text for notice in table.notices]


def told(error: InputError) -> list[str]:
    """Give the problems of an error as texts."""
    return [str(problem) for problem in error.problems]
