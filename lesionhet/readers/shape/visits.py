"""What the heading of a visit says: which visit, on which day, and whether its size or its date."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from lesionhet.readers.choosing.headings import LENGTHS, UNITS, fold
from lesionhet.readers.shape.units import factor

Measure = Literal["size", "date", "day", "other"]

_UNIT_NAMES: Final = {
    name: unit for unit in ("days", "weeks", "months", "years") for name in UNITS[unit]
}
_UNIT: Final = "|".join(sorted(_UNIT_NAMES, key=len, reverse=True))
_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?"
_KIND: Final = r"(?: ?(?:visit|scan|ct|mri|imaging|assessment|follow ?up|fu))?"
_BASELINE: Final = re.compile(
    rf"(?:baseline|base line|bl|screening|scr|pre ?(?:treatment|therapy|tx|dose)){_KIND}"
)
_TIMES: Final = (
    re.compile(rf"(?P<unit>{_UNIT})\.? ?(?P<number>{_NUMBER}){_KIND}"),
    re.compile(rf"(?P<unit>{_UNIT})\.? (?P<number>[+-]{_NUMBER}){_KIND}"),
    re.compile(rf"(?P<number>{_NUMBER}) ?(?P<unit>{_UNIT}){_KIND}"),
)
_NUMBERED: Final = (
    r"visit|v|scan|ct|mri|time ?point|tp|follow ?up|fu|f/u|assessment|cycle|evaluation|eval|staging"
    r"|restaging|re staging|tumou?r assessment|response assessment|unscheduled|uns"
)
_NO_DAY: Final = re.compile(
    rf"(?:{_NUMBERED}) ?[#.]? ?[0-9]+(?:\.[0-9]+)?|c(?:ycle)? ?[0-9]+ ?d(?:ay)? ?[0-9]+"
    rf"|(?:{_UNIT}) ?-[0-9]+|eot|eos|end of (?:treatment|study)|unscheduled|last (?:visit|scan)|[0-9]+"
)
_WORDS: Final[Mapping[Measure, str]] = {
    "size": r"(?:(?:longest|max|maximum|lesion|tumou?r) )?(?:diameter|diam|size|dimension|axis)"
    r"|long axis|ld|ldiam|measurement|length|value",
    "date": r"(?:(?:scan|visit|assessment|ct|mri|imaging) )?date(?: of (?:scan|visit|assessment|ct|mri))?",
    "day": r"(?:(?:study|scan|visit) )?day",
}


@dataclass(frozen=True)
class Visit:
    """A visit as a heading or a cell names it.

    Parameters
    ----------
    label
        Its name, as it is written.
    day
        Days from the start of treatment; None where the name does not say.
    date
        The date that is its name; None where it is none.
    """

    label: str
    day: float | None = None
    date: datetime.date | None = None


@dataclass(frozen=True)
class VisitHeading:
    """One heading of a wide table.

    Parameters
    ----------
    visit
        Which visit.
    measure
        What stands below it.
    unit
        Unit of a size, where the heading names one.
    """

    visit: Visit
    measure: Measure
    unit: str = ""


def visit_of(text: str) -> Visit | None:
    """Read the name of a visit.

    'Baseline', 'Screening' and the like are day 0; 'Week 8', 'W8', '8 weeks', 'Month 3', 'Day 57', 'Day -7'
    are counted in days (a month has 30.4375, a year 365.25); an ISO date is a date. 'Scan 2', 'C3D1', 'EOT'
    and a bare number are visits whose day the name does not say; so is 'D-7', which can be read as 7 or -7.

    Parameters
    ----------
    text
        Heading or cell.

    Returns
    -------
    None where it is no visit.

    Examples
    --------
    >>> [visit_of(text).day for text in ("Baseline", "W16", "day 57", "Day -7", "8 weeks", "Scan 2")]
    [0.0, 112.0, 57.0, -7.0, 56.0, None]
    >>> visit_of("2021-03-04").date.isoformat(), visit_of("Comment")
    ('2021-03-04', None)
    """
    label = " ".join(text.split())
    plain = re.sub(r"[\s_]+", " ", text).strip().casefold()
    plain = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", plain)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: 00:00:00)?", plain):
        try:
            return Visit(label[:10], date=datetime.date.fromisoformat(plain[:10]))
        except ValueError:
            return None
    if _BASELINE.fullmatch(plain):
        return Visit(label, 0.0)
    for pattern in _TIMES:
        if found := pattern.fullmatch(plain):
            by = factor(_UNIT_NAMES[found["unit"]])
            return Visit(label, float(Decimal(found["number"]) * by))
    return Visit(label) if _NO_DAY.fullmatch(plain) else None


def visit_heading(heading: str, days: Mapping[str, float]) -> VisitHeading | None:
    """Read the heading of a wide table: a visit, and before or after it what was measured.

    Parameters
    ----------
    heading
        As in the file.
    days
        Heading, or name of a visit in it -> its day, as chosen.

    Examples
    --------
    >>> found = visit_heading("Week 8 Size (mm)", {})
    >>> found.visit.label, found.visit.day, found.measure, found.unit
    ('Week 8', 56.0, 'size', 'mm')
    >>> visit_heading("date_2", {}).measure, visit_heading("Scan 2", {"Scan 2": 42}).visit.day
    ('date', 42)
    """
    chosen = {fold(name): day for name, day in days.items()}
    if fold(heading) in chosen:
        return VisitHeading(Visit(" ".join(heading.split()), chosen[fold(heading)]), "size")
    bare, unit = without_length(heading)
    if (whole := visit_of(bare)) is not None and fold(bare) not in chosen:
        return VisitHeading(whole, "size", unit)
    for name, rest in _splits(bare):
        measure = _measure(rest)
        if fold(name) in chosen:
            return VisitHeading(Visit(name, chosen[fold(name)]), measure, unit)
        visit = visit_of(name)
        if visit is not None:
            return VisitHeading(visit, measure, unit)
    return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Give the ways to part a heading into a visit and the rest, the longest visit first."""
    spaced = re.sub(r"(?<=[A-Za-z])[_.](?=[A-Za-z0-9])|(?<=[0-9])[_.](?=[A-Za-z])", " ", text)
    parts = re.sub(r"\s+[-–:|/]\s+|:\s*", " ", spaced).split()
    n = len(parts)
    for length in range(n, 0, -1):
        yield " ".join(parts[:length]), " ".join(parts[length:])
        if length < n:
            yield " ".join(parts[n - length :]), " ".join(parts[: n - length])


def _measure(rest: str) -> Measure:
    plain = re.sub(r"[\s_]+", " ", rest).strip(" ()[],.#").casefold()
    if not plain:
        return "size"
    for measure, pattern in _WORDS.items():
        if re.fullmatch(pattern, plain):
            return measure
    return "other"


def without_length(heading: str) -> tuple[str, str]:
    """Take the unit of a size out of a heading.

    Examples
    --------
    >>> without_length("Week 8 (cm)"), without_length("Lesion 2")
    (('Week 8', 'cm'), ('Lesion 2', ''))
    """
    for unit in LENGTHS:
        names = "|".join(UNITS[unit])
        bare, n = re.subn(
            rf"[(\[]\s*(?:{names})\s*[)\]]|(?<=[\s_])(?:{names})\s*$", " ", heading, flags=re.I
        )
        if n:
            return bare.strip(" _"), unit
    return heading.strip(), ""
