"""The files of a session and the tables in them, in memory only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Final, cast

import streamlit as st

from lesionhet.errors import LesionhetError
from lesionhet.readers import RawTable, ReadOptions, read_bytes
from streamlit_app import state

ENDINGS: Final = ("csv", "tsv", "txt", "tab", "xlsx", "xlsm", "parquet", "pq")
SEPARATORS: Final = {"by the file's name": None, "comma": ",", "semicolon": ";", "tab": "tab"}
ENCODINGS: Final = ("utf-8", "latin-1", "cp1252", "utf-16")


@dataclass(frozen=True)
class File:
    """One uploaded file; the SHA-256 is that of its bytes."""

    name: str
    data: bytes
    sha256: str


@dataclass(frozen=True, eq=False)
class Table:
    """One table found in a file, under the name by which a person knows it."""

    label: str
    raw: RawTable

    @property
    def key(self) -> str:
        """Short name for the keys of widgets; another file gets another one."""
        return state.digest(self.raw.sha256, self.label)[:12]


def files() -> tuple[File, ...]:
    """Give the files of the session."""
    return cast("tuple[File, ...]", st.session_state.get("files", ()))


def take() -> None:
    """Take what stands in the uploader; called when it changes."""
    given = st.session_state.get("data_uploads") or []
    found = [(item.name, item.getvalue()) for item in given]
    st.session_state["files"] = tuple(
        File(name, data, hashlib.sha256(data).hexdigest()) for name, data in found
    )
    st.session_state.pop("refused", None)


def reading() -> ReadOptions:
    """Show how files are read, and give it.

    Raises
    ------
    UsageError
        Values that do not go together.
    """
    with st.expander("How the files are read"):
        codes = st.text_input(
            "Codes that mean missing, separated by commas",
            key="keep_data_missing",
            placeholder="NA,ND,.",
        )
        columns = st.columns(3)
        decimal = columns[0].selectbox("Decimal sign", (".", ","), key="keep_data_decimal")
        encoding = columns[1].selectbox(
            "Encoding of text files", ENCODINGS, key="keep_data_encoding"
        )
        separator = columns[2].selectbox(
            "Separator of text files", list(SEPARATORS), key="keep_data_separator"
        )
        jumps = st.toggle(
            "Accept sizes that jump by a factor of ten, with a warning", key="keep_data_jumps"
        )
    return ReadOptions(
        missing=tuple(code.strip() for code in codes.split(",") if code.strip()),
        decimal=decimal,
        encoding=encoding,
        separator=SEPARATORS[separator],
        allow_jumps=jumps,
    )


def tables(options: ReadOptions) -> tuple[list[Table], list[LesionhetError]]:
    """Read every file; a workbook gives a table a sheet.

    Returns
    -------
    tuple
        The tables, and why the other files could not be read.
    """
    found: list[Table] = []
    problems: list[LesionhetError] = []
    for file in files():
        key = state.digest("tables", file.name, file.sha256, repr(options))
        try:
            found += state.remember(key, partial(_read, file, options))
        except LesionhetError as error:
            problems.append(error)
    return found, problems


def _read(file: File, options: ReadOptions) -> list[Table]:
    if PurePath(file.name).suffix.lower() not in (".xlsx", ".xlsm"):
        return [Table(file.name, read_bytes(file.name, file.data, options))]
    from lesionhet.readers.excel import sheet_names
    from lesionhet.readers.sniff import check_format

    check_format(file.name, file.data)
    names = sheet_names(file.name, file.data)
    chosen = [replace(options, sheet=name) for name in names] or [options]
    return [
        Table(
            f"{file.name}, sheet {one.sheet}" if len(names) > 1 else file.name,
            read_bytes(file.name, file.data, one),
        )
        for one in chosen
    ]
