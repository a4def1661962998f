"""What headings mean: the words that people write over a column, and the units in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from lesionhet.readers.choosing.synonyms import SYNONYMS
from lesionhet.readers.shape import units

UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "mm": ("mm", "millimetre", "millimetres", "millimeter", "millimeters"),
    "cm": ("cm", "centimetre", "centimetres", "centimeter", "centimeters"),
    "days": ("d", "day", "days"),
    "weeks": ("w", "wk", "wks", "week", "weeks"),
    "months": ("m", "mo", "mon", "mos", "mth", "mths", "month", "months"),
    "years": ("y", "yr", "yrs", "year", "years"),
}
LENGTHS: Final = ("mm", "cm")
TIMES: Final = ("days", "weeks", "months", "years")
UNIT_OF: Final = units.UNIT_OF
"""Column -> the unit that the program works in."""


def fold(heading: str) -> str:
    r"""Fold what people vary in a heading: case, spaces, hyphens, line breaks.

    Examples
    --------
    >>> fold(" Lesion-ID "), fold("OS\n days")
    ('lesion_id', 'os_days')
    """
    return re.sub(r"[\s_-]+", "_", heading.strip()).casefold()


def heading_of(name: str, headings: Sequence[str], mapping: Mapping[str, str]) -> str | None:
    """Find the heading of a column as the checks do: as it is mapped, else by its name.

    Parameters
    ----------
    name
        Column of `lesionhet.schema`.
    headings
        Headings of the table.
    mapping
        As in `ReadOptions`.

    Returns
    -------
    None where there is none, or several.

    Examples
    --------
    >>> heading_of("day", ["Day", "size"], {}), heading_of("day", ["Day", "size"], {"day": "x"})
    ('Day', None)
    """
    wanted = mapping.get(name, name)
    if wanted in headings:
        return wanted
    matches = [heading for heading in headings if fold(heading) == fold(wanted)]
    return matches[0] if len(matches) == 1 else None


def likely_heading(name: str, headings: Sequence[str], mapping: Mapping[str, str]) -> str | None:
    """Find the heading of a column as the checks do, else the first usual one for it.

    Parameters
    ----------
    name, headings, mapping
        As in `heading_of`.

    Examples
    --------
    >>> likely_heading("lesion_id", ["Patient", "Tumour no"], {})
    'Tumour no'
    """
    found = heading_of(name, headings, mapping)
    if found is not None or name in mapping:
        return found
    usual = SYNONYMS[name]
    return next(
        (h for h in headings if "".join(words(h)) in usual or without_unit(h) in usual), None
    )


def words(heading: str) -> tuple[str, ...]:
    """Take a heading apart, capitals inside a word and digits after letters included.

    Examples
    --------
    >>> words("Longest diameter (mm)"), words("lesionID"), words("TRT01P")
    (('longest', 'diameter', 'mm'), ('lesion', 'id'), ('trt01p',))
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return tuple(part.casefold() for part in re.findall(r"[^\W_]+", spaced))


def unit_in(heading: str, permitted: tuple[str, ...]) -> str:
    """Give the unit that a heading names, empty where it names none.

    Parameters
    ----------
    heading
        As in the file.
    permitted
        Units that the column can have.

    Examples
    --------
    >>> unit_in("OS (months)", TIMES), unit_in("size_cm", LENGTHS), unit_in("OS", TIMES)
    ('months', 'cm', '')
    """
    found = words(heading)
    for unit in permitted:
        last = found[-1:] and found[-1] in UNITS[unit]
        if last or any(word in UNITS[unit] for word in found if len(word) > 2):
            return unit
    return ""


def without_unit(heading: str) -> str:
    """Give a heading's words as one, its unit at the end left away.

    Examples
    --------
    >>> without_unit("Longest Diameter [mm]"), without_unit("Study day"), without_unit("OS_months")
    ('longestdiameter', 'studyday', 'os')
    """
    found = list(words(heading))
    every = {name for names in UNITS.values() for name in names}
    if len(found) > 1 and found[-1] in every and "".join(found) not in _ALL:
        found.pop()
    return "".join(found)


_ALL: Final = frozenset(name for names in SYNONYMS.values() for name in names)
