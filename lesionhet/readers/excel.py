"""XLSX: cells keep the types that Excel stored."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl

from lesionhet.readers.options import ReadOptions
from lesionhet.readers.table import Notice, RawTable, assemble, fail, listed


def read_excel(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    """Read one sheet of the bytes of an Excel workbook.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes.
    options
        ``sheet`` is used; default the first, with a notice where there are others.

    Raises
    ------
    InputError
        A damaged workbook, an unknown sheet, or a formula whose result is not stored.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        names = [sheet.title for sheet in book.worksheets]
        name = _sheet(file, names, options.sheet)
        grid = _grid(book[name])
        if _has_formulas(data):
            _check_formulas(file, data, name, grid)
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError) as error:
        raise fail(
            file,
            f"the Excel workbook cannot be read ({error}).",
            "Open it in a spreadsheet program and save it anew as .xlsx.",
        ) from error
    notices = []
    if options.sheet is None and len(names) > 1:
        others = listed([n for n in names if n != name])
        text = f"{file}: sheet '{name}' is read; not read: {others}. --sheet chooses another."
        notices.append(Notice("warning", text))
    return assemble(file, sha256, grid, notices)


def sheet_names(file: str, data: bytes) -> tuple[str, ...]:
    """Give the names of a workbook's sheets that have any cell, in their order.

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
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return tuple(s.title for s in book.worksheets if any(map(any, _grid(s))))
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError) as error:
        raise fail(
            file,
            f"the Excel workbook cannot be read ({error}).",
            "Open it in a spreadsheet program and save it anew as .xlsx.",
        ) from error


def _sheet(file: str, names: list[str], wanted: str | None) -> str:
    if wanted is None and names:
        return names[0]
    if wanted not in names:
        raise fail(
            file,
            f"there is no sheet '{wanted or ''}'; found: {listed(names) or 'none'}.",
            "Give one of these names with --sheet.",
        )
    return wanted


def _grid(sheet: Any) -> list[list[Any]]:
    # The size that a workbook states for its sheet is often wrong; without it every cell is read.
    sheet.reset_dimensions()
    grid = [list(row) for row in sheet.iter_rows(values_only=True)]
    width = max((len(row) for row in grid), default=0)
    return [row + [None] * (width - len(row)) for row in grid]


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f>" in xml or b"<f " in xml for xml in map(archive.read, sheets))


def _check_formulas(file: str, data: bytes, name: str, grid: list[list[Any]]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    formulas = _grid(book[name])
    rows = tuple(
        number
        for number, (cells, values) in enumerate(zip(formulas, grid, strict=True), start=1)
        if any(
            cell is not None and value is None for cell, value in zip(cells, values, strict=True)
        )
    )
    if rows:
        raise fail(
            file,
            "cells hold a formula whose result is not stored.",
            "Open the workbook in a spreadsheet program and save it, or paste the values.",
            rows=rows,
        )
