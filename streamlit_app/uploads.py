"""The files of a session and the tables in them, in memory only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

import streamlit as st

from lesionhet.errors import LesionhetError
from lesionhet.readers import RawTable, ReadOptions
from lesionhet.readers.choosing.survey import Surveyed, survey
from lesionhet.readers.formats.sniff import FORMAT_OF_SUFFIX
from streamlit_app import state

ENDINGS: Final = tuple(ending.removeprefix(".") for ending in FORMAT_OF_SUFFIX)
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
        The tables, and why others could not be read.
    """
    found: list[Table] = []
    problems: list[LesionhetError] = []
    for file in files():
        try:
            looked = surveyed(file, options)
        except LesionhetError as error:
            problems.append(error)
            continue
        for one in looked:
            if one.table is not None:
                found.append(Table(_label(file, one, looked), one.table))
            if one.error is not None:
                problems.append(one.error)
    return found, problems


def surveyed(file: File, options: ReadOptions) -> tuple[Surveyed, ...]:
    """Look at every table of a file, once a session for the same options."""
    key = state.digest("survey", file.name, file.sha256, repr(options))
    return state.remember(key, partial(survey, file.name, file.data, options))


def _label(file: File, one: Surveyed, of: tuple[Surveyed, ...]) -> str:
    return f"{file.name}, sheet {one.sheet}" if len(of) > 1 else file.name
