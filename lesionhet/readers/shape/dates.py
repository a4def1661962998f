"""Dates that people type or spreadsheets store, and days counted from the start of treatment."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.errors import Problem
from lesionhet.readers.shape.units import number_in
from lesionhet.readers.table import listed

SERIALS: Final = (14_000, 80_000)
"""Numbers that can be dates of a spreadsheet: from 1938 to 2119."""
_EPOCH: Final = {1900: datetime.date(1899, 12, 30), 1904: datetime.date(1904, 1, 1)}
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june"),
            *("jul july", "aug august", "sep sept september", "oct october", "nov november"),
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME: Final = r"(?:[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?)?"
_ISO: Final = re.compile(rf"(?P<Y>[0-9]{{4}})-(?P<m>[0-9]{{2}})-(?P<d>[0-9]{{2}}){_TIME}")
_NAMED: Final = re.compile(r"(?P<d>[0-9]{1,2})[- .]?(?P<b>[A-Za-z]{3,9})\.?[- ,]?(?P<Y>[0-9]{4})")
_NUMBERS: Final = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})[./-]([0-9]{4})")
_SHORT_YEAR: Final = re.compile(
    r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}|[0-9]{1,2}[- ]?[A-Za-z]{3,9}[- ]?[0-9]{2}"
)
_PART: Final = re.compile(r"[0-9]{4}(?:[-/][0-9]{1,2})?|[A-Za-z]{3,9}[- ]?[0-9]{4}")
_PIECES: Final = {
    "d": "(?P<d>[0-9]{1,2})",
    "m": "(?P<m>[0-9]{1,2})",
    "Y": "(?P<Y>[0-9]{4})",
} | dict.fromkeys("bB", "(?P<b>[A-Za-z]{3,9})")
_KINDS: Final = ("no such day", "number", "order", "short year", "part", "text")


@dataclass(frozen=True, eq=False)
class DateColumn:
    """The dates of one column.

    Parameters
    ----------
    values
        n dates, None where empty or faulty.
    serials
        Number -> date, for the numbers that were taken for dates of a spreadsheet.
    n_serials
        Cells with such a number.
    faults
        n kinds of fault, empty where there is none.
    """

    values: pd.Series
    serials: Mapping[str, datetime.date]
    n_serials: int
    faults: pd.Series


def date_column(
    cells: pd.Series,
    date_format: str | None = None,
    date_system: int = 1900,
    missing: tuple[str, ...] = (),
) -> DateColumn:
    """Read the dates of a column; nothing that can be read in two ways is read.

    Taken are cells that are dates, ISO 8601 (2021-03-04, a time of day is left away), days with the English
    name of a month (4 Mar 2021, 04MAR2021), numbers of a spreadsheet (44259), and texts as ``date_format``
    says.

    Parameters
    ----------
    cells
        n raw cells.
    date_format
        As in `ReadOptions`.
    date_system
        1900 or 1904, as in `RawTable`.
    missing
        Codes that stand for a missing value.

    Examples
    --------
    >>> found = date_column(pd.Series(["2021-03-04", "4 Mar 2021", 44259, "03/04/2021", None]))
    >>> [None if day is None else day.isoformat() for day in found.values]
    ['2021-03-04', '2021-03-04', '2021-03-04', None, None]
    >>> found.faults.tolist()
    ['', '', '', 'order', '']
    """
    own = None if date_format is None else _pattern(date_format)
    known: dict[Any, tuple[datetime.date | None, str]] = {}
    serials: dict[str, datetime.date] = {}
    values: list[datetime.date | None] = []
    faults: list[str] = []
    n_serials = 0
    for cell in cells:
        text = "" if cell is None or cell is pd.NaT else str(cell).strip()
        if not text or text in missing:
            values.append(None)
            faults.append("")
            continue
        key = (type(cell), text)
        if key not in known:
            known[key] = _date(cell, text, own, date_system)
        value, fault = known[key]
        if value is not None and not _is_date(cell) and number_in(cell) is not None:
            serials[text] = value
            n_serials += 1
        values.append(value)
        faults.append(fault)
    dates = pd.Series(values, index=cells.index, dtype=object)
    return DateColumn(dates, serials, n_serials, pd.Series(faults, index=cells.index, dtype=object))


def date_problems(
    file: str, heading: str, cells: pd.Series, rows: Any, faults: pd.Series
) -> list[Problem]:
    """Give a problem for each kind of fault in a column of dates.

    Parameters
    ----------
    file, heading
        As the user knows them.
    cells
        n raw cells.
    rows
        n row numbers.
    faults
        As in `DateColumn`.
    """
    problems = []
    for kind in _KINDS:
        mask = (faults == kind).to_numpy(dtype=bool)
        if not mask.any():
            continue
        texts = [str(cell).strip() for cell in cells[mask]]
        found, mend = _WORDS[kind](list(dict.fromkeys(texts)))
        where = tuple(np.unique(np.asarray(rows)[mask]).tolist())
        problems.append(Problem(file, heading, found, mend, where))
    return problems


def formats_that_fit(texts: Sequence[str]) -> tuple[str, ...]:
    """Give the ways to read dates whose day and month cannot be told apart.

    Parameters
    ----------
    texts
        Dates that are written in three numbers, the year last.

    Returns
    -------
    One or both of day first and month first, as `ReadOptions.date_format` takes them; both where neither
    fits all of them; none where there is no such date.

    Examples
    --------
    >>> formats_that_fit(["03/04/2021"]), formats_that_fit(["03/04/2021", "25/04/2021"])
    (('%d/%m/%Y', '%m/%d/%Y'), ('%d/%m/%Y',))
    """
    parts = [found.groups() for text in texts if (found := _NUMBERS.fullmatch(text))]
    if not parts:
        return ()
    sign = parts[0][1]
    first, second = (max(int(part[place]) for part in parts) for place in (0, 2))
    day, month = f"%d{sign}%m{sign}%Y", f"%m{sign}%d{sign}%Y"
    if first > 12 >= second:
        return (day,)
    return (month,) if second > 12 >= first else (day, month)


def looks_like_date(cell: Any) -> bool:
    """Say whether a cell is a date, or a text that is written as one in any way.

    Examples
    --------
    >>> [looks_like_date(cell) for cell in ("2021-03-04", "3/4/21", "04MAR2021", "57", 44259)]
    [True, True, True, False, False]
    """
    if _is_date(cell):
        return True
    text = str(cell).strip()
    patterns = (_ISO, _NAMED, _NUMBERS, _SHORT_YEAR)
    return isinstance(cell, str) and any(pattern.fullmatch(text) for pattern in patterns)


def _is_date(cell: Any) -> bool:
    return isinstance(cell, datetime.date | np.datetime64)


def _date(
    cell: Any, text: str, own: re.Pattern[str] | None, date_system: int
) -> tuple[datetime.date | None, str]:
    """Read one filled cell; give the date or the kind of fault."""
    if isinstance(cell, datetime.datetime):
        return cell.date(), ""
    if isinstance(cell, datetime.date):
        return cell, ""
    if isinstance(cell, np.datetime64):
        return pd.Timestamp(cell).date(), ""
    for pattern in (own, _ISO, _NAMED):
        if pattern is not None and (found := pattern.fullmatch(text)):
            return _calendar(found)
    number = number_in(cell)
    if number is not None and SERIALS[0] <= number <= SERIALS[1] and not _PART.fullmatch(text):
        # A spreadsheet counts days; what is behind the point is the time of day.
        return _EPOCH[date_system] + datetime.timedelta(days=int(number)), ""
    for kind, pattern in (("order", _NUMBERS), ("short year", _SHORT_YEAR), ("part", _PART)):
        if pattern.fullmatch(text):
            return None, kind
    return None, "number" if number is not None else "text"


def _calendar(found: re.Match[str]) -> tuple[datetime.date | None, str]:
    parts = found.groupdict()
    month = _MONTHS.get((parts.get("b") or "").casefold()) or int(parts.get("m") or 0)
    try:
        return datetime.date(int(parts["Y"]), month, int(parts["d"])), ""
    except ValueError:
        return None, "no such day" if month or parts.get("m") else "text"


def _pattern(date_format: str) -> re.Pattern[str]:
    pieces = re.split(r"%(.)", date_format)
    text = "".join(
        _PIECES[piece] if number % 2 else re.escape(piece) for number, piece in enumerate(pieces)
    )
    return re.compile(text + _TIME)


def _order(texts: list[str]) -> tuple[str, str]:
    """Say which order of day and month fits all dates of a column."""
    formats = formats_that_fit(texts)
    mend = f"Give {' or '.join(f'--date-format {one}' for one in formats)}"
    found = f"found the date {listed(texts, 3)}; which number is the day and which the month is not guessed."
    return found, f"{mend}, which fits all of them." if len(formats) == 1 else f"{mend}."


_WORDS: Final[Mapping[str, Callable[[list[str]], tuple[str, str]]]] = {
    "no such day": lambda texts: (
        f"found the date {listed(texts, 3)}; the calendar has no such day.",
        "Correct the date.",
    ),
    "number": lambda texts: (
        f"found {listed(texts, 3)}; a date is expected.",
        "Write dates as 2021-03-04.",
    ),
    "order": _order,
    "short year": lambda texts: (
        f"found the date {listed(texts, 3)}; a year of four digits is expected.",
        "Write dates as 2021-03-04.",
    ),
    "part": lambda texts: (
        f"found the date {listed(texts, 3)}; a whole date is expected.",
        "Write dates as 2021-03-04, or leave the row out.",
    ),
    "text": lambda texts: (
        f"found {listed(texts, 3)}; a date is expected.",
        "Write dates as 2021-03-04, or say with --date-format how they are written, such as %d/%m/%Y.",
    ),
}
