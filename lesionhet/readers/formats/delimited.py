"""CSV and TSV: every cell stays the text that stands in the file."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Final

import numpy as np

from lesionhet.errors import ROWS_SHOWN
from lesionhet.readers.formats.limits import (
    MAX_LINE_CHARACTERS,
    check_cells,
    check_columns,
    in_limits,
)
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.layout import LOOKED_AT, find_heading, table_of
from lesionhet.readers.table import Notice, RawTable, counted, fail

_NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
_PIECE: Final = 1 << 20
_EMPTY: Final[tuple[str, ...]] = ()
_SHARED_TEXTS: Final = 1 << 16
"""Different texts that are remembered, so that a text that stands in many cells is kept once."""


def read_delimited(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    r"""Read the bytes of a CSV or TSV file, line by line; reading stops where a limit is passed.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes.
    options
        ``encoding`` and ``separator`` are used, and those of `lesionhet.readers.shape.layout.table_of`.

    Raises
    ------
    InputError
        Bytes that are not of the encoding, NUL bytes, broken quotes, rows with more cells than
        the heading, or a table beyond `lesionhet.readers.formats.limits`.

    Examples
    --------
    >>> table = read_delimited("t.csv", "", b"id,n\n007,NA\n", ReadOptions())
    >>> table.frame.iloc[0].tolist()
    ['007', 'NA']
    """
    lines = _Lines(file, data, options.encoding)
    separator, notices = _separator(file, lines.first(), options.separator)
    grid = _parse_plain(lines, separator)
    grid = _parse(file, lines, separator) if grid is None else grid
    if not grid:
        raise fail(file, "the file is empty.", "Give a file with a heading and rows below it.")
    heading = find_heading(file, grid, options)
    width = len(heading.names)
    _check_widths(file, grid, heading.last + 1, width)
    table = table_of(file, sha256, grid, options, notices)
    widths = np.fromiter(map(len, grid), dtype=np.int64, count=len(grid))
    if short := int((widths[table.rows - 1] < width).sum()):
        cells = f"{counted(short, 'row')} with fewer cells than the heading"
        note = Notice("warning", f"{file}: {cells}; the cells not there count as empty.")
        table = replace(table, notices=(note, *table.notices))
    return table


class _Lines:
    """The lines of a file as text, one after the other; each is checked before it is given.

    Parameters
    ----------
    file
        Name for messages.
    data
        The file's bytes.
    encoding
        Encoding that was chosen.
    """

    def __init__(self, file: str, data: bytes, encoding: str) -> None:
        self.file, self._data, self._encoding = file, data, encoding
        codec = codecs.lookup(encoding).name
        # Latin letters in UTF-16 make every other byte a NUL.
        wide = (
            data.startswith((b"\xff\xfe", b"\xfe\xff"))
            or data[:1000].count(0) > len(data[:1000]) // 3
        )
        if wide and not codec.startswith(("utf-16", "utf-32")):
            # Latin letters in UTF-32 are one byte in four.
            four = data[:1000].count(0) > len(data[:1000]) // 2
            name = "UTF-32" if four else "UTF-16"
            raise fail(
                file,
                f"the file is {name} text; {encoding} is expected.",
                f"Save it as UTF-8 or give --encoding {name.lower()}.",
            )
        self._codec = "utf-8-sig" if codec == "utf-8" else codec
        if not codec.startswith(("utf-16", "utf-32")):
            self._data = data.rstrip(b"\r\n")
        self.record_characters = 0

    def first(self) -> str:
        """Give the first line that holds a sign between cells; titles above a table hold none."""
        lines = list(itertools.islice(iter(self), LOOKED_AT))
        return next((line for line in lines if any(sign in line for sign in _NAMES)), "")

    def whole(self) -> str | None:
        """Give the whole text; None where it has to be read line by line to say what is wrong."""
        try:
            return self._data.decode(self._codec)
        except (UnicodeError, LookupError):
            return None

    def __iter__(self) -> Iterator[str]:
        """Give every line with its ending, decoded."""
        number = 0
        try:
            text = io.TextIOWrapper(io.BytesIO(self._data), self._codec, newline="")
            while line := text.readline(MAX_LINE_CHARACTERS + 1):
                number += 1
                self._check(line, number)
                yield line
        except UnicodeError as error:
            raise self._not_text() from error
        except LookupError as error:
            raise fail(
                self.file,
                f"{self._encoding} is not an encoding of text.",
                "Give --encoding utf-8, latin-1, cp1252 or utf-16.",
            ) from error

    def _check(self, line: str, number: int) -> None:
        if "\0" in line:
            raise fail(
                self.file,
                f"line {number} holds a NUL byte; a text file has none.",
                "Export the file anew: it is damaged or not a text file.",
            )
        self.record_characters += len(line)
        if self.record_characters > MAX_LINE_CHARACTERS:
            raise fail(
                self.file,
                f"the row that ends at line {number} or later has more than {MAX_LINE_CHARACTERS:,} "
                "characters.",
                "Check that the file is a table with line breaks, and that every quoted cell is closed.",
            )

    def _not_text(self) -> Exception:
        line = self._data.count(b"\n", 0, self._undecodable()) + 1
        other = "latin-1" if self._codec in ("utf-8-sig", "ascii") else "utf-8"
        return fail(
            self.file,
            f"line {line} holds a byte that is not {self._encoding} text.",
            f"Save it as UTF-8 or give --encoding {other}.",
        )

    def _undecodable(self) -> int:
        """Find the first byte that cannot be decoded; only asked once it is known that there is one."""
        decoder = codecs.getincrementaldecoder(self._codec)()
        size = len(self._data)
        for start in range(0, size, _PIECE):
            end = min(start + _PIECE, size)
            try:
                decoder.decode(self._data[start:end], final=end == size)
            except UnicodeDecodeError as error:
                # What the decoder kept of the piece before stands in front of this one.
                return max(end - len(error.object) + error.start, 0)
            except UnicodeError:
                return start
        return size


def _separator(file: str, heading: str, chosen: str | None) -> tuple[str, list[Notice]]:
    if chosen is not None:
        return chosen, []
    usual = "," if PurePath(file).suffix.lower() == ".csv" else "\t"
    others = [sign for sign in _NAMES if sign in heading]
    if usual in heading or len(others) != 1:
        return usual, []
    note = f"{file}: the heading has no {_NAMES[usual]}; cells are taken as parted by"
    return others[0], [Notice("note", f"{note} {_NAMES[others[0]]}.")]


def _parse_plain(lines: _Lines, separator: str) -> list[Sequence[str]] | None:
    """Give the rows as `_parse` does, the whole text at once.

    None where anything is wrong or near a limit: `_parse` goes row by row and says what it is.
    """
    text = lines.whole()
    if text is None or "\0" in text or len(text) > MAX_LINE_CHARACTERS:
        return None
    lines_there = text.count("\n") + text.count("\r") + 1
    if not in_limits(lines_there, 1, text.count(separator) + lines_there):
        return None
    grid: list[Sequence[str]] = []
    shared: dict[str, str] = {}
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            # The first cell with a text stands for all others with it.
            grid.append(tuple(map(shared.setdefault, row, row)) if any(row) else _EMPTY)
            if len(shared) > _SHARED_TEXTS:
                shared.clear()
    except csv.Error:
        return None
    while grid and not grid[-1]:
        grid.pop()
    widest = max(map(len, grid), default=0)
    return grid if in_limits(len(grid), widest, widest * len(grid)) else None


def _parse(file: str, lines: _Lines, separator: str) -> list[Sequence[str]]:
    """Give the rows up to the last one with a filled cell; a row without any has no cells."""
    grid: list[Sequence[str]] = []
    shared: dict[str, str] = {}
    widest, empty = 0, 0
    lines.record_characters = 0
    reader = csv.reader(iter(lines), delimiter=separator, strict=True)
    try:
        for row in reader:
            lines.record_characters = 0
            if not any(row):
                # Kept as one shared object, and not at all where only empty rows follow.
                empty += 1
                check_cells(file, len(grid) + empty, 1)
                continue
            widest = max(widest, len(row))
            check_columns(file, len(row))
            check_cells(file, len(grid) + empty + 1, widest)
            grid += [_EMPTY] * empty
            empty = 0
            grid.append(tuple([shared.setdefault(cell, cell) for cell in row]))
            if len(shared) > _SHARED_TEXTS:
                shared.clear()
    except csv.Error as error:
        if "field larger" in str(error):
            raise fail(
                file,
                f"the cell that ends at line {reader.line_num} or later has more than "
                f"{csv.field_size_limit():,} characters.",
                "Close every quoted cell; a quote that is never closed makes one cell of all that follows.",
            ) from error
        raise fail(
            file,
            f"the quotes are broken at line {reader.line_num} or before ({error}).",
            'Close every quoted cell and write a quote inside one as "".',
        ) from error
    return grid


def _check_widths(file: str, grid: Sequence[Sequence[str]], start: int, width: int) -> None:
    if max(map(len, grid[start:]), default=0) > width:
        rows = tuple(at + 1 for at in range(start, len(grid)) if len(grid[at]) > width)
        raise fail(
            file,
            f"rows with more cells than the heading has ({width}), such as one with "
            f"{len(grid[rows[0] - 1])}.",
            "Quote cells that hold the separator (a decimal comma, for one) or remove surplus cells.",
            rows=rows[:ROWS_SHOWN],
            count=len(rows),
        )
