"""SAS data sets: transport files (XPT versions 5, 8 and 9) and SAS7BDAT, by pyreadstat."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyreadstat

from lesionhet.readers.formats.limits import check_cells, check_table_bytes
from lesionhet.readers.formats.sas_dates import dated, kind_of
from lesionhet.readers.formats.xport import one_member
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.table import Notice, RawTable, counted, fail, finish

_BYTES: Final = "ISO-8859-1"
"""Every byte is a letter of this encoding: text is read with it first and decoded afterwards."""
_FALLBACK: Final = "cp1252"
_EXPORT: Final = "Export it anew, as a SAS transport file (XPT), CSV or Parquet."
_ENCODING: Final = (
    "Name the encoding of its text with --encoding, such as latin-1, or export it as UTF-8."
)

_DAMAGED: Final = (
    pyreadstat.ReadstatError,
    pyreadstat.PyreadstatError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    OSError,
)
_RENAMED: Final = re.compile(r"_duplicated[0-9]+$")
_Read = Callable[..., tuple[pd.DataFrame, Any]]


def read_xport(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    """Read the bytes of a SAS transport file; they stay in memory.

    Numbers stay floats as SAS stores them; those with a format of dates or times become ``datetime.date``,
    ``datetime.datetime`` or ``datetime.time``. SAS's missing values (``.``, ``._``, ``.A`` to ``.Z``) and
    blank text are None. Text is taken as ``options.encoding``; under the default, as UTF-8 where all of it
    is, else as Windows-1252, which a notice says.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes.
    options
        ``encoding`` is used, and ``sheet`` names the data set where the file holds several.

    Raises
    ------
    InputError
        A damaged or cut file, several data sets and none named, or no rows.
    """
    content = one_member(file, data, options.sheet)
    frame, about = _parse(file, content, pyreadstat.read_xport, _BYTES)
    texts, notices = _decode(file, _columns(frame, about), options.encoding)
    return _table(file, sha256, texts, about, notices)


def read_sas7bdat(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    """Read the bytes of a SAS7BDAT file; they stay in memory.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes.
    options
        ``encoding`` is used where it is not the default; else the file states its own.

    Returns
    -------
    As `read_xport`.

    Raises
    ------
    InputError
        A damaged or encrypted file, or no rows.
    """
    codec = codecs.lookup(options.encoding).name
    encoding = None if codec == "utf-8" else re.sub("^iso8859", "ISO-8859", codec)
    frame, about = _parse(file, data, pyreadstat.read_sas7bdat, encoding)
    return _table(file, sha256, _columns(frame, about), about, [])


def _parse(file: str, data: bytes, read: _Read, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    """Read with pyreadstat: first what the file states of its size, then the rows."""
    try:
        _, stated = read(io.BytesIO(data), metadataonly=True, encoding=encoding)
        rows, columns = max(stated.number_rows or 0, 0), stated.number_columns or 0
        check_cells(file, rows, columns)
        check_table_bytes(file, rows * sum(stated.variable_storage_width.values()))
        # Its own dates end in 2262 or fail; the numbers are made dates here.
        return read(io.BytesIO(data), disable_datetime_conversion=True, encoding=encoding)
    except _DAMAGED as error:
        text = str(error) or type(error).__name__
        mend = _ENCODING if "convert" in text or isinstance(error, UnicodeError) else _EXPORT
        raise fail(file, f"the SAS file cannot be read ({text.rstrip('.')}).", mend) from error


def _columns(frame: pd.DataFrame, about: Any) -> list[list[Any]]:
    """Give the names, the labels, and the cells of each column."""
    names = list(map(str, frame.columns))
    # A name that stands twice is changed by pyreadstat; it gets its name back and is refused later.
    given = [_RENAMED.sub("", name) for name in names]
    names = [old if old in names else name for name, old in zip(names, given, strict=True)]
    labels = [label or "" for label in about.column_labels]
    return [names, labels, *(frame.iloc[:, at].tolist() for at in range(frame.shape[1]))]


def _decode(
    file: str, columns: Sequence[list[Any]], encoding: str
) -> tuple[list[list[Any]], list[Notice]]:
    """Give every text, read as bytes, in one encoding for the whole file."""
    codec = codecs.lookup(encoding).name
    try:
        return _decoded(columns, codec), []
    except (UnicodeError, LookupError) as error:
        if codec != "utf-8":
            raise _not_text(file, encoding) from error
    try:
        found = _decoded(columns, _FALLBACK)
    except UnicodeError as error:
        raise _not_text(file, "UTF-8 or Windows-1252") from error
    text = f"{file}: text that is not UTF-8 is read as Windows-1252; --encoding chooses another."
    return found, [Notice("warning", text)]


def _decoded(columns: Sequence[list[Any]], codec: str) -> list[list[Any]]:
    def one(cell: Any) -> Any:
        if isinstance(cell, str) and not cell.isascii():
            return cell.encode(_BYTES).decode(codec)
        return cell

    return [[one(cell) for cell in cells] for cells in columns]


def _not_text(file: str, encoding: str) -> Exception:
    return fail(file, f"the SAS file holds text that is not {encoding}.", _ENCODING)


def _table(
    file: str, sha256: str, columns: list[list[Any]], about: Any, notices: list[Notice]
) -> RawTable:
    """Make the table of names, labels and cells; numbers with a date's format become dates."""
    names, labels, *cells = columns
    formats = list(about.original_variable_types.values())
    if len(set(names)) == len(formats):
        for at, (name, sas_format) in enumerate(zip(names, formats, strict=True)):
            if (kind := kind_of(sas_format)) and not any(isinstance(c, str) for c in cells[at]):
                cells[at], strange = dated(cells[at], kind)
                if strange:
                    notices.append(_strange(file, name, strange, kind))
    rows = len(cells[0]) if cells else 0
    filled = {at: [_filled(cell) for cell in column] for at, column in enumerate(cells)}
    frame = pd.DataFrame(filled, dtype=object, index=range(rows))
    frame.columns = pd.Index(names, dtype=object)
    table = finish(file, sha256, frame, np.arange(2, rows + 2), notices)
    known = {name: label for name, label in zip(names, labels, strict=True) if label}
    return replace(table, labels=known)


def _filled(cell: Any) -> Any:
    return None if isinstance(cell, str) and not cell.strip() else cell


def _strange(file: str, name: str, n: int, kind: str) -> Notice:
    what = f"{counted(n, 'value')} that no {kind} can have, kept as numbers"
    return Notice("warning", f"{file}, column '{name}': {what}.")
