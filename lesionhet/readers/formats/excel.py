"""XLSX: cells keep the types that Excel stored."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from lesionhet.errors import InputError, LesionhetError, Problem
from lesionhet.readers.choosing.headings import fold
from lesionhet.readers.formats.limits import check_archive, check_cells
from lesionhet.readers.formats.workbook import Facts, Sheet, facts_of, sheets_of
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.layout import table_of
from lesionhet.readers.shape.stacked import headings_agree, stack
from lesionhet.readers.table import Notice, RawTable, counted, fail, listed

ERRORS: Final = (
    *("#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"),
    *("#SPILL!", "#CALC!", "#GETTING_DATA"),
)
"""What Excel shows where a formula has no result."""
_COMPARED: Final = 100
"""Sheets whose headings are compared with those of the one that is read."""


def read_excel(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    """Read one sheet of the bytes of an Excel workbook, or its sheets as one table.

    Without a choice the sheet named "lesions" is read, else the first that is visible and not empty; a
    notice names the others. Hidden rows and columns are read like the others, which is said; the value of
    merged cells is repeated down its own rows only.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes.
    options
        ``sheet``, ``stack_sheets``, ``skip_sheets``, ``heading_row``, ``missing`` and ``mapping`` are
        used.

    Raises
    ------
    InputError
        A damaged workbook, an unknown sheet, a formula whose result is not stored, a cell that holds an
        error of Excel, or sheets that cannot be stacked.
    """
    check_archive(file, data)
    with _reading(file):
        book = _Book(file, data)
        if options.stack_sheets is not None:
            return _stacked(book, sha256, options)
        sheet = book.choose(options.sheet)
        table = _table(book, sheet, file, sha256, options)
        said = [] if options.sheet is not None else _others(book, sheet, table, options)
    return RawTable(
        table.frame,
        file,
        sha256,
        table.rows,
        (*said, *table.notices),
        date_system=table.date_system,
    )


def sheet_names(file: str, data: bytes) -> tuple[str, ...]:
    """Give the names of a workbook's sheets that have any cell, in their order, hidden ones included.

    Parameters
    ----------
    file
        Name for messages.
    data
        The file's bytes.

    Raises
    ------
    InputError
        A damaged workbook.
    """
    check_archive(file, data)
    with _reading(file):
        book = _Book(file, data)
        return tuple(sheet.name for sheet in book.sheets if book.is_filled(sheet))


@dataclass(frozen=True)
class _Book:
    """An open workbook: its values are read by openpyxl, sheet by sheet."""

    file: str
    data: bytes

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        return sheets_of(self.file, self.data)

    @cached_property
    def _values(self) -> Any:
        with warnings.catch_warnings():
            # What openpyxl does not know (styles, rules of input) does not change a value.
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(self.data), read_only=True, data_only=True)

    @property
    def date_system(self) -> int:
        return 1904 if self._values.epoch == CALENDAR_MAC_1904 else 1900

    def rows(self, sheet: Sheet) -> Iterator[tuple[Any, ...]]:
        values = self._values[sheet.name]
        # The size that a workbook states for its sheet is often wrong; without it every cell is read.
        values.reset_dimensions()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from values.iter_rows(values_only=True)

    def grid(self, sheet: Sheet) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        widest = 0
        for row in self.rows(sheet):
            widest = max(widest, len(row))
            found.append(row)
            check_cells(self.file, len(found), widest)
        return found

    def is_filled(self, sheet: Sheet) -> bool:
        return any(cell is not None and cell != "" for row in self.rows(sheet) for cell in row)

    def choose(self, wanted: str | None) -> Sheet:
        if wanted is None:
            seen = [sheet for sheet in self.sheets if not sheet.hidden] or list(self.sheets)
            named = [sheet for sheet in seen if fold(sheet.name) == "lesions"]
            filled = (sheet for sheet in (*named, *seen) if self.is_filled(sheet))
            if sheet := next(filled, seen[0] if seen else None):
                return sheet
        for sheet in self.sheets:
            if sheet.name == wanted:
                return sheet
        raise fail(
            self.file,
            f"there is no sheet '{wanted or ''}'; found: "
            f"{listed([s.name for s in self.sheets], 20) or 'none'}.",
            "Give one of these names with --sheet.",
        )


def _table(book: _Book, sheet: Sheet, place: str, sha256: str, options: ReadOptions) -> RawTable:
    """Read one sheet; ``place`` is how messages name it."""
    facts = facts_of(book.data, sheet)
    grid = book.grid(sheet)
    if facts.unfinished:
        raise fail(
            place,
            "cells hold a formula whose result is not stored.",
            "Open the workbook in a spreadsheet program and save it, or paste the values.",
            rows=tuple(sorted({row + 1 for row in facts.unfinished})),
        )
    notices = _hidden(place, sheet, facts, grid)
    table = table_of(place, sha256, grid, options, notices, facts.merged)
    if problems := _errors(table, options):
        raise InputError(problems)
    return RawTable(
        table.frame,
        place,
        sha256,
        table.rows,
        table.notices,
        date_system=book.date_system,
    )


def _hidden(place: str, sheet: Sheet, facts: Facts, grid: Sequence[Sequence[Any]]) -> list[Notice]:
    """Say what a person who looks at the sheet does not see."""
    width = max(map(len, grid), default=0)
    columns = sum(
        min(last, width - 1) - first + 1 for first, last in facts.hidden_columns if first < width
    )
    rows = sum(
        row < len(grid) and any(c is not None for c in grid[row]) for row in facts.hidden_rows
    )
    found = []
    if sheet.hidden:
        found.append(f"the sheet '{sheet.name}' is hidden; it is read.")
    if rows:
        verb = "is" if rows == 1 else "are"
        by = f" (a filter is set on {facts.filtered})" if facts.filtered else ""
        found.append(f"{counted(rows, 'hidden row')}{by} {verb} read like the others.")
    if columns:
        verb = "is" if columns == 1 else "are"
        found.append(f"{counted(columns, 'hidden column')} {verb} read like the others.")
    return [Notice("warning", f"{place}: {text}") for text in found]


def _errors(table: RawTable, options: ReadOptions) -> list[Problem]:
    """Find the cells in which Excel shows an error."""
    codes = [code for code in ERRORS if code not in options.missing]
    problems = []
    for position, name in enumerate(table.frame.columns):
        cells = table.frame.iloc[:, position]
        wrong = cells.isin(codes).to_numpy(dtype=bool)
        if wrong.any():
            found = sorted(set(cells[wrong]))
            message = f"found {listed(found)}, which Excel shows where a formula has no result."
            mend = f'Correct the formula, empty the cell, or give --missing "{",".join(found)}".'
            rows = tuple(table.rows[wrong].tolist())
            problems.append(Problem(table.file, str(name), message, mend, rows))
    return problems


def _others(book: _Book, chosen: Sheet, table: RawTable, options: ReadOptions) -> list[Notice]:
    """Name the sheets that are not read."""
    others = [sheet for sheet in book.sheets if sheet != chosen]
    if not others:
        return []
    names = listed([sheet.name for sheet in others])
    text = f"{book.file}: sheet '{chosen.name}' is read; not read: {names}."
    if len(others) < _COMPARED and all(_is_alike(book, sheet, table, options) for sheet in others):
        text += " They have the same headings: --stack-sheets patient_id (or visit) reads them all."
    return [Notice("warning", f"{text} --sheet chooses another.")]


def _is_alike(book: _Book, sheet: Sheet, table: RawTable, options: ReadOptions) -> bool:
    """Say whether a sheet has the headings of a table."""
    try:
        other = _table(book, sheet, book.file, "", options)
    except LesionhetError:
        return False
    return headings_agree(table, other)


def _stacked(book: _Book, sha256: str, options: ReadOptions) -> RawTable:
    if unknown := sorted(set(options.skip_sheets) - {sheet.name for sheet in book.sheets}):
        raise fail(
            book.file,
            f"there is no sheet {listed(unknown)} to skip; found: "
            f"{listed([s.name for s in book.sheets], 20)}.",
            "Give one of these names with --skip-sheet.",
        )
    tables: dict[str, RawTable] = {}
    problems: list[Problem] = []
    empty = []
    for sheet in book.sheets:
        if sheet.name in options.skip_sheets:
            continue
        if not book.is_filled(sheet):
            empty.append(sheet.name)
            continue
        try:
            place = f"{book.file}, sheet '{sheet.name}'"
            tables[sheet.name] = _table(book, sheet, place, sha256, options)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return stack(book.file, sha256, tables, str(options.stack_sheets), empty)


@contextmanager
def _reading(file: str) -> Iterator[None]:
    """Turn what a damaged workbook makes the libraries raise into one message."""
    try:
        yield
    except LesionhetError:
        raise
    except Exception as error:
        # A broken workbook can break openpyxl in any way: there is no list of what it raises.
        if any(isinstance(e, DefusedXmlException) for e in _chain(error)):
            raise fail(
                file,
                "the Excel workbook cannot be read: its XML declares a document type or entities, which no "
                "spreadsheet program writes.",
                "Ask where the file comes from; if it is yours, save the sheet as CSV.",
            ) from error
        raise fail(
            file,
            f"the Excel workbook cannot be read ({' '.join(str(error).split())}).",
            "Open it in a spreadsheet program and save it anew as .xlsx.",
        ) from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those that led to it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
