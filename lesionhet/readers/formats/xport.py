"""The headers of a SAS transport file: which data sets it holds, and whether they are whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lesionhet.readers.formats.limits import check_cells, check_columns
from lesionhet.readers.table import counted, fail, listed

RECORD: Final = 80
"""Bytes of a record: a transport file is made of them."""
_LIBRARY_BYTES: Final = 3 * RECORD
_MEMBER: Final = re.compile(rb"HEADER RECORD\*{7}MEMB(?:ER  |V8  )HEADER RECORD!{7}")
_NAMES: Final = re.compile(rb"HEADER RECORD\*{7}NAM(?:ESTR |STV8 )HEADER RECORD!{7}0{5}")
_ROWS: Final = re.compile(rb"HEADER RECORD\*{7}OBS(?:     |V8   )HEADER RECORD!{7}")
_NAMES_AT: Final = 4 * RECORD
"""Where the header of the variables stands in a data set: after its own header and three records."""
_VARIABLE_BYTES: Final = 140
_WIDEST_TEXT: Final = 32_767
_EXPORT: Final = "Copy or export the file anew."


@dataclass(frozen=True)
class Member:
    """One data set of a transport file.

    Parameters
    ----------
    name
        Its name, such as ``"TR"``.
    start, end
        Where it stands in the file, bytes.
    """

    name: str
    start: int
    end: int


def members(file: str, data: bytes) -> tuple[Member, ...]:
    """Give the data sets of a SAS transport file.

    Parameters
    ----------
    file
        Name for messages.
    data
        The file's bytes.

    Raises
    ------
    InputError
        The file ends before a data set begins.
    """
    starts = [m.start() for m in _MEMBER.finditer(data) if m.start() % RECORD == 0]
    if not starts or starts[0] < _LIBRARY_BYTES:
        raise fail(
            file, "the SAS transport file has no data set, or its beginning is damaged.", _EXPORT
        )
    ends = [*starts[1:], len(data)]
    return tuple(
        Member(_name(data, start), start, end) for start, end in zip(starts, ends, strict=True)
    )


def one_member(file: str, data: bytes, wanted: str | None) -> bytes:
    """Give a transport file that holds one data set, once its headers were checked.

    A data set that was cut within a row is found. One that was cut between two rows is found where the file
    states the number of rows (version 8) or where the cut is not at a record's end.

    Parameters
    ----------
    file
        Name for messages.
    data
        The file's bytes.
    wanted
        Name of the data set; may be None where the file holds one.

    Raises
    ------
    InputError
        Several data sets and none named, no such name, or a damaged or cut file.

    Source
    ------
    SAS Institute: The Record Layout of a Data Set in SAS Transport (XPORT) Format, TS-140; and the same for
    versions 8 and 9.
    """
    found = members(file, data)
    names = [member.name for member in found]
    if wanted is None and len(found) > 1:
        raise fail(
            file,
            f"the file holds {counted(len(found), 'data set')}: {listed(names, 20)}; one is read.",
            "Name one of them with --sheet.",
        )
    chosen = [m for m in found if wanted is None or m.name.casefold() == wanted.strip().casefold()]
    if len(chosen) != 1:
        times = "no data set" if not chosen else f"{len(chosen)} data sets"
        raise fail(
            file,
            f"the file holds {times} of the name '{wanted}'; found: {listed(names, 20)}.",
            "Give one of these names with --sheet.",
        )
    content = data[chosen[0].start : chosen[0].end]
    _check(file, content)
    return data[:_LIBRARY_BYTES] + content


def _check(file: str, content: bytes) -> None:
    variables, width, begin = _check_variables(file, content)
    header = content[begin - RECORD : begin]
    rows, rest = divmod(len(content) - begin, width)
    check_cells(file, rows, variables)
    tail = content[len(content) - rest :]
    stated = header[48:63].strip()
    # Version 5, and some programs for version 8, write zeros here.
    if stated.isdigit() and int(stated) > rows:
        raise _cut(file, f"it states {int(stated):,} rows and has {rows:,}")
    # Blanks fill the last record up; a row that ends in more of them, or in anything else, was cut.
    if len(content) % RECORD or rest >= RECORD or tail.strip(b" "):
        raise _cut(file, f"it ends within row {rows + 1:,}" if rest else "its last record is cut")


def _check_variables(file: str, content: bytes) -> tuple[int, int, int]:
    """Give the number of variables, the bytes of a row, and where the rows begin."""
    header = content[_NAMES_AT : _NAMES_AT + RECORD]
    if len(header) < RECORD:
        raise _cut(file, "it ends before its variables")
    number = header[53:58].strip()
    if not _NAMES.match(header) or not number.isdigit():
        raise fail(
            file, "the header of the variables in the SAS transport file is damaged.", _EXPORT
        )
    n = int(number)
    check_columns(file, n)
    first = _NAMES_AT + RECORD
    end = first + n * _VARIABLE_BYTES
    if not n:
        raise fail(file, "the SAS transport file has no variables.", _EXPORT)
    if end > len(content):
        raise _cut(file, "it ends within its variables")
    width = sum(_width(file, content[at : at + 6]) for at in range(first, end, _VARIABLE_BYTES))
    rows = next((m.end() for m in _ROWS.finditer(content, end) if m.start() % RECORD == 0), None)
    if rows is None:
        raise _cut(file, "it ends before its rows")
    return n, width, -(-rows // RECORD) * RECORD


def _width(file: str, variable: bytes) -> int:
    kind, width = int.from_bytes(variable[0:2], "big"), int.from_bytes(variable[4:6], "big")
    if not (kind == 1 and 2 <= width <= 8) and not (kind == 2 and 1 <= width <= _WIDEST_TEXT):
        raise fail(
            file, "a variable in the SAS transport file has an impossible type or length.", _EXPORT
        )
    return width


def _name(data: bytes, start: int) -> str:
    name = data[start + 2 * RECORD + 8 : start + 2 * RECORD + 40]
    # Version 5 has 8 letters, and SASDATA after them.
    name = name[:8] if data[start : start + 28].endswith(b"MEMBER  ") else name
    return name.decode("ascii", "replace").strip(" \0")


def _cut(file: str, where: str) -> Exception:
    return fail(
        file,
        f"the SAS transport file was cut: {where}.",
        "Copy or export it anew, and compare the sizes.",
    )
