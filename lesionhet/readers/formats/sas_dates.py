"""SAS dates, times and date-times: numbers whose format says what they are."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from typing import Any, Final, Literal

Kind = Literal["date", "datetime", "time"]

EPOCH: Final = datetime.datetime(1960, 1, 1)
"""Day 0 and second 0 of SAS."""
_DAY: Final = 86_400
_DATE: Final = re.compile(
    r"DATE|(?:DDMMYY|MMDDYY|YYMMDD)[BCDNPS]?|(?:MMYY|YYMM)[CDNPS]?|MONYY|YYMON|WEEKDAT[EX]|WORDDAT[EX]"
    r"|JULIAN|(?:E|B|IS)8601DA|NLDATE[A-Z]*|EURDF(?:DD|DE|WDX|WKX|MY)"
)
_DATETIME: Final = re.compile(
    r"DATETIME|DATEAMPM|MDYAMPM|DT(?:DATE|MONYY|WKDATX)|(?:E|B|IS)8601(?:DT|DN|DX|DZ|LX)"
    r"|NLDATM[A-Z]*|EURDFDT"
)
_TIME: Final = re.compile(r"TIME|TIMEAMPM|HHMM|TOD|(?:E|B|IS)8601(?:TM|TX|TZ|LZ)|NLTIM[A-Z]*")


def kind_of(sas_format: str | None) -> Kind | None:
    """Say what the numbers of a variable are by its SAS format.

    Parameters
    ----------
    sas_format
        Format with or without width, such as ``"DATE9."`` or ``"E8601DT19"``; None where there is none.

    Returns
    -------
    The kind, or None for plain numbers. Formats that show a part of a date (``YEAR``, ``QTR``) are plain.

    Examples
    --------
    >>> kind_of("DATE9."), kind_of("E8601DT19"), kind_of("TIME5"), kind_of("8.1"), kind_of("YEAR4")
    ('date', 'datetime', 'time', None, None)
    """
    name = re.sub(r"[0-9]*\.?[0-9]*$", "", (sas_format or "").strip().upper())
    patterns: tuple[tuple[Kind, re.Pattern[str]], ...]
    patterns = (("date", _DATE), ("datetime", _DATETIME), ("time", _TIME))
    return next((kind for kind, pattern in patterns if pattern.fullmatch(name)), None)


def dated(numbers: Sequence[Any], kind: Kind) -> tuple[list[Any], int]:
    """Turn SAS numbers into dates, date-times or times.

    Parameters
    ----------
    numbers
        Days (date) or seconds (datetime, since `EPOCH`; time, since midnight); None or NaN where missing.
    kind
        As of `kind_of`.

    Returns
    -------
    tuple
        The cells, None where missing; and how many numbers stay what they are: no whole day, a year beyond
        1 to 9999, a time beyond a day.

    Examples
    --------
    >>> dated([0.0, 21915.0, None, 0.5], "date")
    ([datetime.date(1960, 1, 1), datetime.date(2020, 1, 1), None, 0.5], 1)
    """
    cells = [None if _is_missing(number) else _one(number, kind) for number in numbers]
    return cells, sum(isinstance(cell, float) for cell in cells)


def _is_missing(number: Any) -> bool:
    return number is None or (isinstance(number, float) and math.isnan(number))


def _one(number: Any, kind: Kind) -> Any:
    value = float(number)
    try:
        if kind == "date":
            if value.is_integer():
                return (EPOCH + datetime.timedelta(days=value)).date()
        elif kind == "datetime":
            return EPOCH + datetime.timedelta(seconds=value)
        elif 0 <= value < _DAY:
            return (EPOCH + datetime.timedelta(seconds=value)).time()
    except (OverflowError, ValueError):
        pass
    return value
