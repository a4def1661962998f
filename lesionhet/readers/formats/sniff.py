"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from typing import Final, Literal

from lesionhet.readers.table import fail

Format = Literal["text", "xlsx", "parquet", "xpt", "sas7bdat", "json", "ndjson", "dsjc"]

FORMAT_OF_SUFFIX: Final[dict[str, Format]] = {
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xpt": "xpt",
    ".sas7bdat": "sas7bdat",
    ".json": "json",
    ".ndjson": "ndjson",
    ".dsjc": "dsjc",
}
"""File name ending -> format."""

_SAS7BDAT: Final = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
_MAGIC: Final = (
    (b"PAR1", "parquet"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"HEADER RECORD*******LIB", "xpt"),
    (_SAS7BDAT, "sas7bdat"),
    (b"**COMPRESSED**", "cport"),
    (b"LIB CONTROL", "cport"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"<stata_dta>", "stata"),
)
_TABLE: Final = "Export the table itself as CSV or XLSX."
_SAYS: Final = {
    "text": ("a text file", "Rename it to end in .csv, or save it anew in the format of its name."),
    "xlsx": ("an Excel workbook", "Rename it to end in .xlsx, or save it as CSV."),
    "parquet": ("a Parquet file", "Rename it to end in .parquet."),
    "json": (
        "a Dataset-JSON file",
        "Rename it to end in .json, or in .ndjson where a row is a line.",
    ),
    "pdf": ("a PDF document", _TABLE),
    "html": ("a web page (HTML)", _TABLE),
    "gzip": ("a gzip archive", "Unpack it first."),
    "zip": ("a zip archive", "Unpack it first."),
    "xls": (
        "an Excel workbook of the old .xls format or with a password",
        "Save it as .xlsx without a password.",
    ),
    "ods": ("an OpenDocument spreadsheet", "Save it as .xlsx or CSV."),
    "xpt": ("a SAS transport file", "Rename it to end in .xpt."),
    "sas7bdat": ("a SAS data set", "Rename it to end in .sas7bdat."),
    "cport": (
        "a SAS CPORT file, which only SAS can read",
        "Export it from SAS with the XPORT engine, or as CSV.",
    ),
    "spss": ("an SPSS file", _TABLE),
    "stata": ("a Stata file", _TABLE),
}
_JSON: Final = ("json", "ndjson", "dsjc")
_ODS: Final = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


def content_kind(data: bytes) -> str:
    """Name what the bytes are.

    Examples
    --------
    >>> content_kind(b"%PDF-1.7"), content_kind(b"patient_id,day")
    ('pdf', 'text')
    """
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(b"PK\x03\x04"):
        if data[30:84] == _ODS:
            return "ods"
        return "xlsx" if _is_workbook(data) else "zip"
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{") and b'"datasetJSON' in head:
        return "json"
    web = head[:512].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table"))
    return "html" if web else "text"


def check_format(file: str, data: bytes) -> Format:
    """Give the format that a file's name promises, once its bytes agree.

    Raises
    ------
    InputError
        Unknown ending of the name, an empty file, or bytes of another format.
    """
    suffix = PurePath(file).suffix.lower()
    if suffix not in FORMAT_OF_SUFFIX:
        raise fail(
            file,
            f"the name ends in '{suffix}'; permitted: {', '.join(FORMAT_OF_SUFFIX)}.",
            "Save the table in one of these formats.",
        )
    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        raise fail(file, "the file is empty.", "Give a file with a heading and rows below it.")
    promised, found = FORMAT_OF_SUFFIX[suffix], content_kind(data)
    # What the text of a Dataset-JSON file is, its reader says.
    if promised != found and not (promised in _JSON and found in ("json", "text")):
        what, mend = _SAYS[found]
        raise fail(file, f"the name ends in {suffix}, but the file is {what}.", mend)
    return promised


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        # A damaged workbook is still one: the Excel reader says that it is damaged.
        return b"xl/" in data or b"[Content_Types].xml" in data
