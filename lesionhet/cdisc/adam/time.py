"""Times of ADTTE in days: which unit AVAL has, and whether the dates beside it agree."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from lesionhet.cdisc.adam.dates import dates_of
from lesionhet.cdisc.domain import Domain
from lesionhet.errors import InputError
from lesionhet.readers.table import listed

DAYS: Final = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
"""Unit -> days: a month is a twelfth, a year the mean of the Julian year."""
SLACK: Final = {"days": 1.0, "weeks": 4.5, "months": 16.5, "years": 184.0}
"""Unit -> days by which AVAL may part from ADT - STARTDT: the day more that ADaM counts, and rounding."""
SHARE: Final = 0.03
"""Share of the time by which it may part too where the unit is no days: months of 30 days, of 365 / 12."""
_WORDS: Final = {
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "weeks"),
    **dict.fromkeys(("mo", "mos", "mth", "mths", "month", "months"), "months"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "years"),
}
_IN_PARAM: Final = re.compile(r"\(\s*(?:in\s+)?(\w+)\s*\)")


def times_in_days(records: Domain) -> tuple[pd.Series, str, str]:
    """Give AVAL of one time-to-event parameter in days.

    Parameters
    ----------
    records
        Records of one parameter of ADTTE with ``AVAL`` and, where there, ``AVALU``, ``PARAM``, ``ADT``,
        ``STARTDT``.

    Returns
    -------
    tuple
        n times in days; the unit of AVAL; where the unit was found.

    Raises
    ------
    InputError
        A unit that is not known, several units, none that is named or fits the dates, or times that
        contradict the dates.

    Notes
    -----
    The unit is AVALU; else it stands in brackets in PARAM; else it is days, if AVAL is ADT - STARTDT or one
    more in every record. Where the dates are given they must bear the unit out.

    Examples
    --------
    >>> frame = pd.DataFrame({"AVAL": [2.0, 12.0], "AVALU": ["MONTHS", "MONTHS"]}, dtype=object)
    >>> times_in_days(Domain("ADTTE", frame, "adtte.xpt", "", frame.index.to_numpy()))[0].tolist()
    [60.875, 365.25]
    """
    value = records.number("AVAL")
    problems = records.problems(
        "AVAL", value.isna(), "the cell is empty; a time is expected.", "Fill in AVAL."
    )
    problems += records.problems(
        "AVAL", value.lt(0), "found a time below 0; 0 or more is expected.", "Correct AVAL."
    )
    if problems:
        raise InputError(problems)
    unit, source = _unit(records)
    by_date = (dates_of(records, "ADT") - dates_of(records, "STARTDT")).dt.days
    if unit is None:
        unit, source = "days", "ADT - STARTDT"
        message = "neither AVALU nor PARAM names the unit of AVAL, and dates do not show it."
        mend = "Give AVALU (DAYS, WEEKS, MONTHS or YEARS), or ADT and STARTDT."
        if problems := records.problems("AVAL", by_date.isna(), message, mend):
            raise InputError(problems)
    days = value * DAYS[unit]
    allowed = SLACK[unit] + (0 if unit == "days" else SHARE * by_date.abs())
    apart = by_date.notna() & (days - by_date).abs().gt(allowed)
    if apart.any():
        first = apart.idxmax()
        message = (
            f"AVAL in {unit} ({source}) contradicts ADT - STARTDT: {value[first]:g} {unit} beside "
            f"{by_date[first]:g} days."
        )
        mend = "Correct AVALU, AVAL or the dates."
        raise InputError(records.problems("AVAL", apart, message, mend))
    return days, unit, source


def _unit(records: Domain) -> tuple[str | None, str]:
    given = records.text("AVALU").dropna().str.lower()
    column = "AVALU"
    if given.empty:
        given = records.text("PARAM").dropna().str.extract(_IN_PARAM, expand=False).dropna()
        given = given.str.lower()
        given = given[given.isin(list(_WORDS))]
        column = "PARAM"
    if given.empty:
        return None, ""
    unknown = sorted(set(given[~given.isin(list(_WORDS))]))
    units = sorted(set(given.map(_WORDS).dropna()))
    if unknown or len(units) > 1:
        found = listed(unknown or units)
        message = (
            f"the unit of the times is {found}; one of days, weeks, months, years is expected."
        )
        mask = records.text(column).notna()
        raise InputError(records.problems(column, mask, message, "Give every time in one unit."))
    return units[0], column
