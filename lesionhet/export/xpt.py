"""SAS transport files: what fits in them, and writing them with the same bytes for the same data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pyreadstat

from lesionhet.errors import Problem
from lesionhet.export.dataset import DataSet, Variable
from lesionhet.readers.table import counted

SMALLEST: Final = 1e-70
LARGEST: Final = 1e70
"""Sizes of numbers other than 0 that every reader of transport files gets back: SAS's own go a little
further (5e-79 to 7e75), where some readers give infinity."""
WRITTEN: Final = b"01JAN60:00:00:00"
"""The date in every file: the beginning of SAS's calendar, so that the same data give the same bytes."""
_DATE: Final = re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d")
_RECORD: Final = 80
_DATES_AT: Final = (_RECORD + 64, 2 * _RECORD, 5 * _RECORD + 64, 6 * _RECORD)
"""Places of the dates: made and changed, of the library and of the data set."""
_MEND: Final = "Shorten it, or ask for version 8 of the format with --xpt 8."


@dataclass(frozen=True)
class Version:
    """What a version of the transport format can hold.

    Parameters
    ----------
    number
        5 or 8.
    label, text
        Most bytes of a label and of a text.
    plain
        Whether texts are printable ASCII only.
    """

    number: int
    label: int
    text: int
    plain: bool


VERSIONS: Final = {5: Version(5, 40, 200, True), 8: Version(8, 256, 32767, False)}
"""5 as the FDA and PMDA take it; 8 for longer and other texts."""


def misfits(dataset: DataSet, version: Version) -> list[Problem]:
    """Find what a transport file cannot hold; nothing is cut.

    Parameters
    ----------
    dataset
        The data set.
    version
        One of `VERSIONS`.

    Returns
    -------
    list of Problem
        Labels and texts that are too long, have characters that do not fit, or end in blanks (the format
        pads with blanks); numbers that are too large or too small. One a variable and kind.

    Examples
    --------
    >>> from lesionhet.export.dataset import ASSIGNED
    >>> arm = Variable("ARM", "Arm", "text", ASSIGNED)
    >>> frame = pd.DataFrame({"ARM": ["A", "Ä"]})
    >>> data = DataSet("ADSL", "", "", True, ("ARM",), (arm,), frame)
    >>> [problem.message for problem in misfits(data, VERSIONS[5])]
    ["1 value with characters that are no printable ASCII, such as 'Ä'."]
    """
    found = []
    for variable in dataset.variables:
        found += _label_misfits(dataset, variable, version)
        cells = dataset.frame[variable.name].dropna()
        check = _text_misfits if variable.kind == "text" else _number_misfits
        for message, mend in check(cells, version):
            found.append(Problem(dataset.file, variable.name, message, mend))
    return found


def write_xpt(dataset: DataSet, folder: Path, version: Version) -> Path:
    """Write a data set as a transport file.

    Parameters
    ----------
    dataset
        A data set without `misfits`.
    folder
        Where the file goes.
    version
        One of `VERSIONS`.

    Returns
    -------
    pathlib.Path
        The file. Empty texts are blank, missing numbers are SAS's missing value; the dates in its header
        are 1 January 1960.
    """
    path = folder / dataset.file
    texts = [v.name for v in dataset.variables if v.kind == "text"]
    frame = dataset.frame.copy()
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    pyreadstat.write_xport(
        frame,
        str(path),
        file_label=dataset.label,
        column_labels={v.name: v.label for v in dataset.variables},
        table_name=dataset.name,
        file_format_version=version.number,
    )
    _fix_dates(path)
    return path


def width(cells: pd.Series) -> int:
    """Give the bytes that the longest text needs, 1 at least.

    Examples
    --------
    >>> width(pd.Series(["a", "é", None]))
    2
    """
    return max((len(str(text).encode()) for text in cells.dropna()), default=1) or 1


def _label_misfits(dataset: DataSet, variable: Variable, version: Version) -> list[Problem]:
    """Find out whether a label fits; those of covariates are headings of the user's table."""
    text, problems = variable.label, []
    if _bytes(text) > version.label:
        message = f"the label '{_short(text)}' is longer than {version.label} bytes."
        mend = "Shorten the heading in the patients table"
        more = ", or ask for version 8 of the format with --xpt 8." if version.plain else "."
        problems.append(Problem(dataset.file, variable.name, message, mend + more))
    if _unprintable(version)(text):
        message = f"the label '{_short(text)}' has characters that do not fit."
        problems.append(
            Problem(dataset.file, variable.name, message, "Change the heading in the table.")
        )
    return problems


def _text_misfits(cells: pd.Series, version: Version) -> list[tuple[str, str]]:
    kind = "printable ASCII" if version.plain else "printable text"
    eight = _MEND if version.plain else "Shorten it."
    replace = "Replace them" + (", or ask for --xpt 8." if version.plain else ".")
    checks: Sequence[tuple[Callable[[str], bool], str, str]] = (
        (lambda t: _bytes(t) > version.text, f"longer than {version.text} bytes", eight),
        (_unprintable(version), f"with characters that are no {kind}", replace),
        (lambda t: t != t.rstrip(" "), "that end in a blank, which the format loses", "Remove it."),
        (lambda t: not t.strip(" "), "of blanks only", "Remove them."),
    )
    unique = pd.Series(cells.unique(), dtype=object)
    found = []
    for is_wrong, what, mend in checks:
        wrong = unique[unique.map(lambda t, wrong=is_wrong: wrong(str(t))).astype(bool)]
        if len(wrong):
            n = int(cells.isin(wrong).sum())
            message = f"{counted(n, 'value')} {what}, such as '{_short(str(wrong.iloc[0]))}'."
            found.append((message, mend))
    return found


def _number_misfits(cells: pd.Series, version: Version) -> list[tuple[str, str]]:
    size = cells.abs()
    wrong = cells[size.gt(LARGEST) | (size.lt(SMALLEST) & size.gt(0))]
    if wrong.empty:
        return []
    message = (
        f"{counted(len(wrong), 'number')} beyond what the format holds ({SMALLEST:g} to {LARGEST:g}), such "
        f"as {wrong.iloc[0]:g}."
    )
    return [(message, "Correct the numbers.")]


def _unprintable(version: Version) -> Callable[[str], bool]:
    if version.plain:
        return lambda text: not (text.isascii() and text.isprintable())
    return lambda text: any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in text) or _lone(text)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _lone(text: str) -> bool:
    """Say whether a text has half a surrogate pair, which no encoding holds."""
    return any(0xD800 <= ord(c) <= 0xDFFF for c in text)


def _short(text: str, most: int = 40) -> str:
    shown = text.encode("ascii", "backslashreplace").decode() if _lone(text) else text
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _fix_dates(path: Path) -> None:
    """Put one date in the place of the clock's."""
    data = bytearray(path.read_bytes())
    for start in _DATES_AT:
        end = start + len(WRITTEN)
        if not _DATE.fullmatch(bytes(data[start:end])):
            # Never seen: a writer that lays the header out in another way.
            raise RuntimeError(f"{path.name}: no date at byte {start} of the header")
        data[start:end] = WRITTEN
    path.write_bytes(data)
