"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from typing import Final, Literal

from lesionhet.readers.table import fail

Format = Literal["text", "xlsx", "parquet"]

FORMAT_OF_SUFFIX: Final[dict[str, Format]] = {
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""File name ending -> format."""

_MAGIC: Final = (
    (b"PAR1", "parquet"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"HEADER RECORD*******", "xpt"),
)
_SAYS: Final = {
    "text": ("a text file", "Rename it to end in .csv, or save it anew in the format of its name."),
    "xlsx": ("an Excel workbook", "Rename it to end in .xlsx, or save it as CSV."),
    "parquet": ("a Parquet file", "Rename it to end in .parquet."),
    "pdf": ("a PDF document", "Export the table itself as CSV or XLSX."),
    "html": ("a web page (HTML)", "Export the table itself as CSV or XLSX."),
    "gzip": ("a gzip archive", "Unpack it first."),
    "zip": ("a zip archive", "Unpack it first."),
    "xls": (
        "an Excel workbook of the old .xls format or with a password",
        "Save it as .xlsx without a password.",
    ),
    "xpt": ("a SAS transport file", "Save the table as CSV, XLSX or Parquet."),
}


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
        return "xlsx" if _is_workbook(data) else "zip"
    head = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return "html" if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")) else "text"


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
    if promised != found:
        what, mend = _SAYS[found]
        raise fail(file, f"the name ends in {suffix}, but the file is {what}.", mend)
    return promised


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        # A damaged workbook is still one: the Excel reader says that it is damaged.
        return b"xl/" in data or b"[Content_Types].xml" in data
