"""What a reader gives: the raw cells of one table, where each row stood, and what was noticed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import InputError, Problem
from lesionhet.readers.distinct import distinct_texts

Level = Literal["warning", "note"]
UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")
UNNAMED_INDEX = "__index_level_0__"
"""Name under which Parquet stores the row labels of a data frame that has none of its own."""


@dataclass(frozen=True)
class Notice:
    """One thing that the reader of a result should know, in plain words.

    Parameters
    ----------
    level
        ``"warning"``: may change what the numbers mean. ``"note"``: for the record.
    text
        One sentence or two.
    """

    level: Level
    text: str


@dataclass(frozen=True, eq=False)
class RawTable:
    """One table as it was found: nothing renamed, nothing converted.

    Parameters
    ----------
    frame
        n rows, one column a heading. Cells are objects of the file's own types; None where empty.
    file
        Name of the file as the user gave it.
    sha256
        SHA-256 of the file's bytes, hexadecimal.
    rows
        n row numbers as a spreadsheet counts them (the heading is row 1).
    notices
        What was noticed while reading.
    labels
        Heading -> what the file itself says the column is; only the formats that have labels (SAS,
        Dataset-JSON).
    date_system
        Year in which the numbers begin that are dates in a spreadsheet: 1900, or 1904 in some workbooks.
    sheets
        n names of sheets, where several were put into one table.
    size_columns
        n headings under which the size of each row stood, where a wide table was made long.
    made_of
        Column of ``frame`` -> column of the file, where a reader of several data sets named it anew.
    """

    frame: pd.DataFrame
    file: str
    sha256: str
    rows: npt.NDArray[np.int64]
    notices: tuple[Notice, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    date_system: int = 1900
    sheets: npt.NDArray[np.object_] | None = None
    size_columns: npt.NDArray[np.object_] | None = None
    made_of: Mapping[str, str] = field(default_factory=dict)


def fail(file: str, message: str, mend: str, column: str = "", **place: Any) -> InputError:
    """Give the error for one problem of a file; ``place`` is ``rows`` and ``count`` of `Problem`."""
    return InputError([Problem(file, column, message, mend, **place)])


def listed(values: Sequence[object], most: int = 5) -> str:
    """Quote the first values for a message and count the others.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    text = ", ".join(f"'{value}'" for value in values[:most])
    return text + (f" and {len(values) - most} more" if len(values) > most else "")


def counted(n: int, noun: str) -> str:
    """Give a number with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{n} {noun}{'' if n == 1 else 's'}"


def finish(
    file: str,
    sha256: str,
    frame: pd.DataFrame,
    rows: npt.NDArray[np.int64],
    notices: Sequence[Notice] = (),
) -> RawTable:
    """Check the headings of a frame and pass over its empty rows and nameless columns."""
    _check_headings(file, [str(name) for name in frame.columns])
    found = list(notices)
    nameless = np.array([not str(n).strip() or n == UNNAMED_INDEX for n in frame.columns], bool)
    if n := int(frame.loc[:, nameless].notna().any().sum()):
        columns = counted(n, "column")
        found.append(Notice("note", f"{file}: {columns} without a heading ignored."))
    frame = frame.loc[:, ~nameless]
    missing = frame.isna()
    filled = ~missing.to_numpy().all(axis=1)
    last = int(np.flatnonzero(filled).max(initial=-1))
    if last < 0:
        raise fail(
            file, "there is a heading but no row below it.", "Give a file with at least one row."
        )
    if n := int((~filled[:last]).sum()):
        found.append(Notice("note", f"{file}: {counted(n, 'empty row')} passed over."))
    if not filled.all():
        frame, missing = frame.loc[filled], missing.loc[filled]
    frame = frame.astype(object)
    if missing.to_numpy().any():
        frame = frame.where(~missing, None)
    frame = frame.reset_index(drop=True)
    _check_texts(file, frame, rows[filled])
    return RawTable(frame, file, sha256, rows[filled].astype(np.int64), tuple(found))


def _check_texts(file: str, frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> None:
    """Refuse characters that no file that is written could hold."""
    problems = []
    for name in frame.columns:
        cells = frame[name]
        distinct = distinct_texts(cells)
        texts = (
            {cell for cell in cells if isinstance(cell, str)}
            if distinct is None
            else distinct.texts
        )
        broken = {text for text in texts if UNWRITABLE.search(text)}
        if broken or UNWRITABLE.search(str(name)):
            problems.append(
                Problem(
                    file,
                    ascii(str(name))[1:-1],
                    "a text holds a character that is none (NUL, or half of a pair of UTF-16).",
                    "Export the file anew, or correct these texts.",
                    tuple(rows[[isinstance(c, str) and c in broken for c in cells]].tolist()),
                )
            )
    if problems:
        raise InputError(problems)


def _check_headings(file: str, names: Sequence[str]) -> None:
    filled = pd.Series([name for name in names if name.strip()], dtype=object)
    twice = sorted(set(filled[filled.duplicated()]))
    problems = [
        Problem(
            file,
            name,
            f"the heading stands {int((filled == name).sum())} times.",
            "Rename or remove all but one of these columns.",
        )
        for name in twice
    ]
    if problems:
        raise InputError(problems)
