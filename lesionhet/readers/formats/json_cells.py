"""The columns that a Dataset-JSON file describes, and its rows, each cell checked against its column."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.errors import ROWS_SHOWN, InputError, Problem
from lesionhet.readers.formats.limits import check_cells, check_columns
from lesionhet.readers.formats.sas_dates import dated, kind_of
from lesionhet.readers.table import Notice, RawTable, counted, fail, finish, listed

ROW_NUMBER: Final = "ITEMGROUPDATASEQ"
"""The column with which version 1.0 numbers its rows."""
_EXPORT: Final = "Export it anew as Dataset-JSON 1.1."
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|[+-]?\.[0-9]+")
_LONGEST: Final = 300
"""Letters of a decimal: more than a double can hold."""


def _is_number(cell: Any) -> bool:
    return (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and abs(cell) <= sys.float_info.max
    )


def _is_whole(cell: Any) -> bool:
    return _is_number(cell) and (isinstance(cell, int) or cell.is_integer())


def _is_decimal(cell: Any) -> bool:
    if isinstance(cell, str):
        return len(cell) <= _LONGEST and bool(_DECIMAL.fullmatch(cell.strip()))
    return _is_number(cell)


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str)


_CHECKS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "string": (_is_text, "text"),
    "integer": (_is_whole, "a whole number"),
    "decimal": (_is_decimal, "a number, which may be written as text"),
    "float": (_is_number, "a number"),
    "double": (_is_number, "a number"),
    "boolean": (lambda cell: isinstance(cell, bool), "true or false"),
    "datetime": (_is_text, "text"),
    "date": (_is_text, "text"),
    "time": (_is_text, "text"),
    "URI": (_is_text, "text"),
}
"""dataType -> whether a cell is of it, and what is expected."""


@dataclass(frozen=True)
class _Column:
    """One column as the file describes it."""

    name: str
    label: str
    kind: str
    display: str


@dataclass
class _Fault:
    """Rows with the same fault: the first ones, and how many."""

    example: str
    rows: list[int] = field(default_factory=list)
    count: int = 0

    def add(self, row: int) -> None:
        self.count += 1
        if self.count <= ROWS_SHOWN:
            self.rows.append(row)


class Table:
    """Takes the rows of a data set one after the other, by column.

    Parameters
    ----------
    file
        Name for messages.
    columns
        What the file says of its columns.
    records
        How many rows it states; None where it does not.
    """

    def __init__(self, file: str, columns: list[_Column], records: int | None) -> None:
        self._file, self._columns, self._records = file, columns, records
        self._cells: list[list[Any]] = [[] for _ in columns]
        self._numbers: list[int] = []
        self._widths: _Fault | None = None
        self._wrong: dict[int, _Fault] = {}

    def add(self, number: int, row: Any) -> None:
        """Take one row; ``number`` is its row as a spreadsheet counts them."""
        check_cells(self._file, len(self._numbers) + 1, len(self._columns))
        self._numbers.append(number)
        if not isinstance(row, list) or len(row) != len(self._columns):
            found = f"{len(row)} cells" if isinstance(row, list) else "no list of cells"
            self._widths = self._widths or _Fault(found)
            self._widths.add(number)
            return
        for at, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
            if cell is None or cell == "":
                self._cells[at].append(None)
                continue
            if not _CHECKS[column.kind][0](cell):
                self._wrong.setdefault(at, _Fault(_shown(cell))).add(number)
            self._cells[at].append(cell)

    def finish(self, file: str, sha256: str) -> RawTable:
        """Give the table, or every problem that was found."""
        if problems := [*self._row_problems(), *self._cell_problems()]:
            raise InputError(problems)
        names, notices = [column.name for column in self._columns], []
        found: dict[int, list[Any]] = {}
        for at, column in enumerate(self._columns):
            found[at], notice = _typed(file, column, self._cells[at])
            notices += notice
        frame = pd.DataFrame(found, dtype=object, index=range(len(self._numbers)))
        frame.columns = pd.Index(names, dtype=object)
        if names.count(ROW_NUMBER) == 1:
            frame = frame.drop(columns=ROW_NUMBER)
        table = finish(file, sha256, frame, np.array(self._numbers, dtype=np.int64), notices)
        return replace(table, labels={c.name: c.label for c in self._columns if c.label})

    def _row_problems(self) -> list[Problem]:
        problems = []
        if self._widths is not None:
            message = f"rows with {self._widths.example}; one cell for each of the "
            message += f"{counted(len(self._columns), 'column')} is expected."
            problems.append(self._problem("", message, _EXPORT, self._widths))
        if self._records is not None and self._records != len(self._numbers):
            stated = f"the file states {self._records:,} records and has {len(self._numbers):,}."
            mend = "Copy or export it anew: it was cut or edited."
            problems.append(Problem(self._file, "", stated, mend))
        return problems

    def _cell_problems(self) -> list[Problem]:
        problems = []
        for at, fault in sorted(self._wrong.items()):
            column = self._columns[at]
            expected = f"{_CHECKS[column.kind][1]} is expected (dataType {column.kind})"
            message = f"found {fault.example}; {expected}."
            problems.append(
                self._problem(column.name, message, "Correct the type or the value.", fault)
            )
        return problems

    def _problem(self, column: str, message: str, mend: str, fault: _Fault) -> Problem:
        return Problem(self._file, column, message, mend, tuple(fault.rows), fault.count)


def describe(file: str, found: dict[str, Any]) -> tuple[Table, list[Any]]:
    """Read what the file says of its columns.

    Parameters
    ----------
    file
        Name for messages.
    found
        The object of the file: of version 1.1, or of version 1.0.

    Returns
    -------
    tuple
        The table that takes its rows, and the rows that stand in the same object.

    Raises
    ------
    InputError
        No columns, several data sets, or a column without a name or of an unknown type.
    """
    names = ("columns", "rows", "dataType")
    if "columns" not in found and ("clinicalData" in found or "referenceData" in found):
        found, names = _group(file, found), ("items", "itemData", "type")
    columns, rows = found.get(names[0]), found.get(names[1], [])
    if not isinstance(columns, list) or not columns:
        raise fail(file, f"'{names[0]}' is no list of columns.", _EXPORT)
    if not isinstance(rows, list):
        raise fail(file, f"'{names[1]}' is no list of rows.", _EXPORT)
    check_columns(file, len(columns))
    records = found.get("records")
    if records is not None and not (_is_whole(records) and records >= 0):
        raise fail(file, f"'records' is {_shown(records)}; a number of rows is expected.", _EXPORT)
    table = Table(file, [_column(file, column, names[2]) for column in columns], records)
    return table, rows


def _group(file: str, found: dict[str, Any]) -> dict[str, Any]:
    """Give the one data set of a file of version 1.0."""
    groups: dict[str, Any] = {}
    for part in ("clinicalData", "referenceData"):
        inside = found.get(part)
        held = inside.get("itemGroupData") if isinstance(inside, dict) else None
        groups |= held if isinstance(held, dict) else {}
    if len(groups) != 1:
        names = f": {listed(sorted(groups))}" if groups else ""
        raise fail(
            file,
            f"the file holds {counted(len(groups), 'data set')}{names}; one is expected.",
            "Export each data set to a file of its own.",
        )
    group = next(iter(groups.values()))
    if not isinstance(group, dict):
        raise fail(file, "the description of the data set is no object.", _EXPORT)
    return group


def _column(file: str, found: Any, kind_key: str) -> _Column:
    name = found.get("name") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise fail(file, "a column is described without its name.", _EXPORT)
    kind = found.get(kind_key)
    if not isinstance(kind, str) or kind not in _CHECKS:
        message = f"'{kind_key}' is {_shown(kind)}; permitted: {', '.join(_CHECKS)}."
        raise fail(file, message, _EXPORT, column=name)
    label, display = found.get("label"), found.get("displayFormat")
    return _Column(
        name,
        label if isinstance(label, str) else "",
        kind,
        display if isinstance(display, str) else "",
    )


def _typed(file: str, column: _Column, cells: list[Any]) -> tuple[list[Any], list[Notice]]:
    if column.kind == "decimal":
        cells = [Decimal(c.strip().replace(",", "")) if isinstance(c, str) else c for c in cells]
    if column.kind in ("integer", "float", "double") and (kind := kind_of(column.display)):
        dates, strange = dated(cells, kind)
        if strange:
            what = f"{counted(strange, 'value')} that no {kind} can have, kept as numbers"
            text = f"{file}, column '{column.name}': {what}."
            return dates, [Notice("warning", text)]
        return dates, []
    return cells, []


def _shown(cell: Any) -> str:
    """Quote a value for a message, in JSON's own words and not endlessly."""
    words = {True: "true", False: "false", None: "nothing"}
    if cell is None or isinstance(cell, bool):
        return words[cell]
    if isinstance(cell, list | dict):
        return "a list" if isinstance(cell, list) else "an object"
    if isinstance(cell, int) and abs(cell) > sys.float_info.max:
        return "a number beyond what a computer can hold"
    return f"'{str(cell)[:40]}'"
