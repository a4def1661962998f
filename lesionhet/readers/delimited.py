"""CSV and TSV: every cell stays the text that stands in the file."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import PurePath
from typing import Final

from lesionhet.readers.options import ReadOptions
from lesionhet.readers.table import Notice, RawTable, assemble, counted, fail

_NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}


def read_delimited(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    r"""Read the bytes of a CSV or TSV file.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes.
    options
        ``encoding`` and ``separator`` are used.

    Raises
    ------
    InputError
        Bytes that are not of the encoding, NUL bytes, broken quotes, or rows with more cells than
        the heading.

    Examples
    --------
    >>> table = read_delimited("t.csv", "", b"id,n\n007,NA\n", ReadOptions())
    >>> table.frame.iloc[0].tolist()
    ['007', 'NA']
    """
    text = _decode(file, data, options.encoding)
    separator, notices = _separator(file, text, options.separator)
    grid = _parse(file, text, separator)
    _check_widths(file, grid)
    width = len(grid[0])
    if short := sum(0 < len(row) < width for row in grid):
        cells = f"{counted(short, 'row')} with fewer cells than the heading"
        notices.append(Notice("warning", f"{file}: {cells}; the cells not there count as empty."))
    return assemble(file, sha256, grid, notices)


def _decode(file: str, data: bytes, encoding: str) -> str:
    codec = codecs.lookup(encoding).name
    # Latin letters in UTF-16 make every other byte a NUL.
    wide = (
        data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:1000].count(0) > len(data[:1000]) // 3
    )
    if wide and not codec.startswith(("utf-16", "utf-32")):
        raise fail(
            file,
            f"the file is UTF-16 text; {encoding} is expected.",
            "Save it as UTF-8 or give --encoding utf-16.",
        )
    try:
        text = data.decode("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line = data[:start].count(b"\n") + 1
        other = "latin-1" if codec in ("utf-8", "ascii") else "utf-8"
        raise fail(
            file,
            f"line {line} holds a byte that is not {encoding} text.",
            f"Save it as UTF-8 or give --encoding {other}.",
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise fail(
            file,
            f"line {line} holds a NUL byte; a text file has none.",
            "Export the file anew: it is damaged or not a text file.",
        )
    return text


def _separator(file: str, text: str, chosen: str | None) -> tuple[str, list[Notice]]:
    if chosen is not None:
        return chosen, []
    usual = "," if PurePath(file).suffix.lower() == ".csv" else "\t"
    heading = text.splitlines()[0]
    others = [sign for sign in _NAMES if sign in heading]
    if usual in heading or len(others) != 1:
        return usual, []
    note = f"{file}: the heading has no {_NAMES[usual]}; cells are taken as parted by"
    return others[0], [Notice("note", f"{note} {_NAMES[others[0]]}.")]


def _parse(file: str, text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise fail(
            file,
            f"the quotes are broken at line {reader.line_num} or before ({error}).",
            'Close every quoted cell and write a quote inside one as "".',
        ) from error


def _check_widths(file: str, grid: list[list[str]]) -> None:
    width = len(grid[0])
    if width == 0:
        return  # The heading is empty, which `assemble` says.
    rows = tuple(number for number, row in enumerate(grid, start=1) if len(row) > width)
    if rows:
        raise fail(
            file,
            f"rows with more cells than the heading has ({width}), such as one with "
            f"{len(grid[rows[0] - 1])}.",
            "Quote cells that hold the separator (a decimal comma, for one) or remove surplus cells.",
            rows=rows,
        )
