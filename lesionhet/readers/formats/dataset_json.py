"""CDISC Dataset-JSON, versions 1.1 and 1.0; its forms with a row a line (NDJSON) and packed (DSJC)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from lesionhet.errors import InputError
from lesionhet.readers.formats.json_cells import Table, describe
from lesionhet.readers.formats.limits import (
    MAX_CELLS,
    MAX_FILE_BYTES,
    MAX_LINE_CHARACTERS,
    MAX_ROWS,
    in_words,
)
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.table import RawTable, fail

_EXPORT: Final = "Export it anew as Dataset-JSON 1.1."
_VERSION: Final = "datasetJSONVersion"


def read_dataset_json(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    r"""Read the bytes of a Dataset-JSON file.

    Numbers and text stay what they are; decimals that are written as text become ``decimal.Decimal``;
    dates stay text in ISO 8601, partial ones too; numbers whose display format is a SAS date become dates.
    The column ``ITEMGROUPDATASEQ``, with which version 1.0 numbers its rows, is left away.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes, UTF-8.
    options
        Not used: the format states its own types and encoding.

    Returns
    -------
    The table; its first row is row 2, as if it stood below a heading.

    Raises
    ------
    InputError
        No JSON, not of this standard, rows that disagree with the columns or with the stated number of
        records, or cells that are not of their column's type.

    Source
    ------
    CDISC Dataset-JSON v1.1 (2024-12-05), and v1.0 (2023-08-23) with clinicalData or referenceData.

    Examples
    --------
    >>> text = '''{"datasetJSONVersion": "1.1.0", "records": 1, "rows": [["P1"]],
    ... "columns": [{"name": "USUBJID", "label": "Subject", "dataType": "string"}]}'''
    >>> read_dataset_json("tr.json", "", text.encode(), ReadOptions()).frame["USUBJID"].tolist()
    ['P1']
    """
    del options
    _check_size(file, data)
    found = _loads(file, _text(file, data), "the file")
    _check_standard(file, found)
    described, rows = describe(file, found)
    return _table(file, sha256, described, enumerate(rows, start=2))


def read_ndjson(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    r"""Read the bytes of a Dataset-JSON file with its description in line 1 and a row in each further line.

    Parameters
    ----------
    file, sha256, data, options
        As in `read_dataset_json`.

    Raises
    ------
    InputError
        As `read_dataset_json`.

    Source
    ------
    CDISC, Representing Dataset-JSON as NDJSON, v1.1.

    Examples
    --------
    >>> lines = '''{"datasetJSONVersion": "1.1.0", "records": 1, "columns": [{"name": "AGE",
    ... "label": "Age", "dataType": "integer"}]}'''.replace(chr(10), " ") + "\n[61]\n"
    >>> read_ndjson("dm.ndjson", "", lines.encode(), ReadOptions()).frame["AGE"].tolist()
    [61]
    """
    del options
    lines = _lines(file, data)
    number, first = next(lines, (1, "null"))
    found = _loads(file, first, f"line {number}")
    _check_standard(file, found)
    described, rows = describe(file, found)
    if rows:
        raise fail(
            file,
            "line 1 holds rows; each is expected in a line of its own.",
            "Rename the file to end in .json where all of it is one object.",
        )
    below = ((number, _loads(file, line, f"line {number}")) for number, line in lines)
    return _table(file, sha256, described, below)


def read_dsjc(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    """Read the bytes of a packed Dataset-JSON file: NDJSON, compressed by zlib.

    Parameters
    ----------
    file, sha256, data, options
        As in `read_dataset_json`.

    Raises
    ------
    InputError
        As `read_dataset_json`; damaged, or too large once unpacked.

    Source
    ------
    CDISC Compressed Dataset-JSON v1.1 (2025-06-19).
    """
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data, MAX_FILE_BYTES)
    except zlib.error as error:
        raise fail(file, f"the packed Dataset-JSON file is damaged ({error}).", _EXPORT) from error
    if unpacker.unconsumed_tail:
        raise fail(
            file,
            f"the file has more than {in_words(MAX_FILE_BYTES)} once unpacked.",
            "Remove the rows and columns that are not needed, or split the file by patient.",
        )
    if not unpacker.eof:
        raise fail(
            file,
            "the packed Dataset-JSON file was cut: its end is not there.",
            "Copy or export it anew.",
        )
    return read_ndjson(file, sha256, content, options)


def _table(file: str, sha256: str, described: Table, rows: Iterable[tuple[int, Any]]) -> RawTable:
    for number, row in rows:
        described.add(number, row)
    return described.finish(file, sha256)


def _check_size(file: str, data: bytes) -> None:
    """Refuse what would fill the memory: lists and cells cost more than the bytes they are written in."""
    if data.count(b"[") + data.count(b"{") > 2 * MAX_ROWS or data.count(b",") > MAX_CELLS:
        raise fail(
            file,
            f"the file has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells.",
            "Remove the rows and columns that are not needed, or split the file by patient.",
        )


def _check_standard(file: str, found: Any) -> None:
    if not isinstance(found, dict) or _VERSION not in found:
        raise fail(
            file,
            f"the file is JSON, but not Dataset-JSON: '{_VERSION}' is not at its beginning.",
            "Export the table as Dataset-JSON 1.1, CSV or XLSX.",
        )


def _text(file: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise fail(file, f"line {line} holds a byte that is not UTF-8 text.", _EXPORT) from error


def _lines(file: str, data: bytes) -> Iterator[tuple[int, str]]:
    """Give every line with its number; empty ones are passed over, as the standard permits."""
    start, number = 0, 0
    while start < len(data):
        number += 1
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        if end - start > MAX_LINE_CHARACTERS:
            raise fail(
                file,
                f"line {number} has more than {MAX_LINE_CHARACTERS:,} bytes.",
                "Check that each row of the data set is a line of its own.",
            )
        line = data[start:end].removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").strip()
        start = end + 1
        if line:
            try:
                yield number, line.decode()
            except UnicodeError as error:
                message = f"line {number} holds a byte that is not UTF-8 text."
                raise fail(file, message, _EXPORT) from error


def _loads(file: str, text: str, where: str) -> Any:
    """Read JSON strictly: no key twice, no NaN, no endless depth."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = dict(found)
        if len(keys) < len(found):
            names = [name for name, _ in found]
            twice = next(name for name in names if names.count(name) > 1)
            raise fail(file, f"{where} holds the key '{twice[:100]}' twice in one object.", _EXPORT)
        return keys

    def constant(name: str) -> Any:
        message = f"{where} holds {name}; a missing number is written null in JSON."
        raise fail(file, message, "Export it anew with null for missing values.")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}" if where == "the file" else where
        message = f"the JSON is broken at {place}, character {error.colno} ({error.msg})."
        raise fail(file, message, "Copy or export the file anew: it was cut or edited.") from error
    except RecursionError as error:
        message = f"{where} has brackets within brackets without end."
        raise fail(file, message, _EXPORT) from error
    except InputError:
        raise
    except ValueError as error:
        raise fail(file, f"{where} holds a number of too many digits.", _EXPORT) from error
