"""Dates as CDISC writes them (ISO 8601, often in part) -> days of the calendar, by a named rule."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import RULES
from lesionhet.errors import Problem, UsageError
from lesionhet.readers.table import listed

DAY: Final = "day"
MONTH_AND_DAY: Final = "month and day"
REFUSED: Final = "refused"
FIRST_YEAR: Final = 1850
LAST_YEAR: Final = 2199

_NOT_ISO: Final = "not ISO 8601"
_NO_SUCH_DAY: Final = "no such day"
_YEAR: Final = "year"
_MENDS: Final = {
    _NOT_ISO: (
        "a date as ISO 8601 is expected, such as 2014-01-15, 2014-01-15T10:30, 2014-01 or 2014.",
        "Write 15JAN2014 as 2014-01-15, and leave out what is unknown (UN, UNK): 2014-01 or 2014.",
    ),
    _NO_SUCH_DAY: (
        "the calendar has no such day or time.",
        "Correct the date, or leave out the part that is unknown: 2014-02 or 2014.",
    ),
    _YEAR: (f"a year from {FIRST_YEAR} to {LAST_YEAR} is expected.", "Correct the year."),
}
_DATE: Final = re.compile(
    r"(?P<year>\d{4}|-)(?:-(?P<month>\d{2}|-)(?:-(?P<day>\d{2}|-))?)?(?:[T ](?P<time>\S+))?",
    re.ASCII,
)
_ENDS_IN_PLACEHOLDERS: Final = re.compile(r"(?:\d{4}(?:-\d{2})?)?-+", re.ASCII)
_TIME: Final = re.compile(
    r"(?:(?P<hour>\d{2})|-)(?::(?:(?P<minute>\d{2})|-)(?::(?:(?P<second>\d{2})(?:[.,]\d+)?|-))?)?"
    r"(?:Z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)
_MOST: Final = {"hour": 24, "minute": 59, "second": 60}


@dataclass(frozen=True, eq=False)
class Dates:
    """Days of the calendar made of dates as text, with what was done to each.

    Parameters
    ----------
    value
        The day at midnight; missing where empty, invalid or refused.
    imputed
        What was filled in: ``""`` (nothing), ``"day"``, ``"month and day"``; ``"refused"`` where a part
        is missing that the rule does not fill in, or the year, which no rule does.
    fault
        ``""``, or what is wrong with the text.
    earliest, latest
        First and last day that the text can mean; missing where empty, invalid or without a year.
    """

    value: pd.Series
    imputed: pd.Series
    fault: pd.Series
    earliest: pd.Series
    latest: pd.Series

    @property
    def invalid(self) -> pd.Series:
        """Whether the text is no date."""
        return self.fault.ne("")


class _Period(NamedTuple):
    """The days that one text can mean."""

    first: datetime.date | None = None
    middle: datetime.date | None = None
    last: datetime.date | None = None
    lacking: str = ""
    fault: str = ""


def complete_dates(text: pd.Series, rule: str) -> Dates:
    """Read dates and fill in what is missing of them.

    A time of day and its offset from UTC are cut: the day is the one where the patient was. A date with a
    day but no month (``2014---15``) counts as a year. Of an interval (``2014-01-15/2014-01-20``) the
    rule takes the first, the middle or the last day.

    Parameters
    ----------
    text
        n dates in ISO 8601 as the SDTM implementation guide has it; None where empty.
    rule
        ``"first"``, ``"middle"`` (15th day, or 1 July), ``"last"`` of the month or year, or ``"refuse"``.

    Returns
    -------
    Dates
        n days, with the index of ``text``.

    Raises
    ------
    UsageError
        No such rule.

    Source: SDTM Implementation Guide 3.4, 4.4.1 to 4.4.3.

    Examples
    --------
    >>> dates = complete_dates(pd.Series(["2014-02-03T10:30", "2016-02", "2014", "15JAN2014"]), "last")
    >>> dates.value.dt.strftime("%Y-%m-%d").tolist()
    ['2014-02-03', '2016-02-29', '2014-12-31', nan]
    >>> dates.imputed.tolist(), dates.invalid.tolist()
    (['', 'day', 'month and day', ''], [False, False, False, True])
    """
    if rule not in RULES["dates"]:
        permitted = ", ".join(map(repr, RULES["dates"]))
        raise UsageError(f"dates is {rule!r}; permitted: {permitted}.")
    codes, unique = pd.factorize(text)
    periods = [*map(_period, map(str, unique)), _Period()]

    def days(pick: Callable[[_Period], datetime.date | None]) -> pd.Series:
        found = np.array([pick(p) for p in periods], dtype="datetime64[D]")
        return pd.Series(found[codes].astype("datetime64[ns]"), index=text.index)

    def words(pick: Callable[[_Period], str]) -> pd.Series:
        found = np.array([pick(p) for p in periods], dtype=object)
        return pd.Series(found[codes], index=text.index, dtype=object)

    refuse = rule == "refuse"
    return Dates(
        value=days(lambda p: None if refuse and p.lacking else _chosen(p, rule)),
        imputed=words(
            lambda p: REFUSED if p.lacking and (refuse or p.first is None) else p.lacking
        ),
        fault=words(lambda p: p.fault),
        earliest=days(lambda p: p.first),
        latest=days(lambda p: p.last),
    )


def read_dates(domain: Domain, column: str, rule: str) -> tuple[Dates, list[Problem]]:
    """Read a column of dates, with a problem for each kind of fault.

    Parameters
    ----------
    domain
        Data set; without the column every date is missing.
    column
        Such as ``"TRDTC"``.
    rule
        As in `complete_dates`.
    """
    text = domain.text(column)
    dates = complete_dates(text, rule)
    problems = []
    for fault, (expected, mend) in _MENDS.items():
        wrong = dates.fault.eq(fault)
        if wrong.any():
            found = listed(list(dict.fromkeys(text[wrong])), 3)
            problems += domain.problems(column, wrong, f"found {found}; {expected}", mend)
    return dates, problems


def date_counts(columns: Sequence[tuple[Domain, str, Dates]]) -> pd.DataFrame:
    """Count what was filled in, one row a column of dates.

    Parameters
    ----------
    columns
        Data set, column and its dates.

    Returns
    -------
    pandas.DataFrame
        ``data_set, column, complete, day_filled_in, month_and_day_filled_in, refused, empty``.
    """
    rows = []
    for domain, column, dates in columns:
        filled = domain.text(column).notna()
        counts = dates.imputed[filled & ~dates.invalid].value_counts()
        kinds = [int(counts.get(kind, 0)) for kind in ("", DAY, MONTH_AND_DAY, REFUSED)]
        rows.append([domain.name, column, *kinds, int((~filled).sum())])
    names = ["complete", "day_filled_in", "month_and_day_filled_in", "refused", "empty"]
    return pd.DataFrame(rows, columns=["data_set", "column", *names])


def _chosen(period: _Period, rule: str) -> datetime.date | None:
    return {"middle": period.middle, "last": period.last}.get(rule, period.first)


def _period(text: str) -> _Period:
    """Say which days a text can mean."""
    if not text.strip():
        return _Period()
    parts = text.strip().split("/")
    if len(parts) == 1:
        return _day_or_part(parts[0])
    if len(parts) > 2:
        return _Period(fault=_NOT_ISO)
    ends = [_day_or_part(part) for part in parts]
    fault = next((end.fault for end in ends if end.fault), "")
    if fault:
        return _Period(fault=fault)
    first, last = ends[0].first, ends[1].last
    if first is None or last is None:
        return _Period(lacking=MONTH_AND_DAY)
    if first > last:
        return _Period(fault=_NO_SUCH_DAY)
    same_month = (first.year, first.month) == (last.year, last.month)
    lacking = "" if first == last else DAY if same_month else MONTH_AND_DAY
    return _Period(first, first + (last - first) // 2, last, lacking)


def _day_or_part(text: str) -> _Period:
    if _ENDS_IN_PLACEHOLDERS.fullmatch(text):
        text = text.rstrip("-") or "-"
    found = _DATE.fullmatch(text)
    if found is None or not _is_time(found["time"]):
        return _Period(fault=_NOT_ISO)
    if found["time"] and _beyond(found["time"]):
        return _Period(fault=_NO_SUCH_DAY)
    year, month, day = (
        int(part) if part and part != "-" else None for part in found.group("year", "month", "day")
    )
    if month is not None and not 1 <= month <= 12:
        return _Period(fault=_NO_SUCH_DAY)
    if year is None:
        return _Period(lacking=MONTH_AND_DAY)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _Period(fault=_YEAR)
    if month is None:
        first, middle, last = (datetime.date(year, m, d) for m, d in ((1, 1), (7, 1), (12, 31)))
        return _Period(first, middle, last, MONTH_AND_DAY)
    length = calendar.monthrange(year, month)[1]
    if day is None:
        first, middle, last = (datetime.date(year, month, d) for d in (1, 15, length))
        return _Period(first, middle, last, DAY)
    if not 1 <= day <= length:
        return _Period(fault=_NO_SUCH_DAY)
    known = datetime.date(year, month, day)
    return _Period(known, known, known)


def _is_time(text: str | None) -> bool:
    return text is None or _TIME.fullmatch(text) is not None


def _beyond(text: str) -> bool:
    """Say whether a time has an hour, minute or second that a clock does not."""
    found = _TIME.fullmatch(text)
    return found is not None and any(int(found[part] or 0) > most for part, most in _MOST.items())
