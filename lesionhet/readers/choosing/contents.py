"""What the cells of a column look like, and which column of the program they could be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.readers.shape.dates import looks_like_date

LOOKED_AT: Final = 5000
"""Cells that are looked at, taken evenly from the whole column."""
NUMERIC: Final = 0.8
"""Share of numbers from which a column counts as numbers."""
ORGANS: Final = frozenset(
    (
        *(
            "liver",
            "lung",
            "lungs",
            "hepatic",
            "pulmonary",
            "node",
            "nodes",
            "lymph",
            "nodal",
            "bone",
        ),
        *(
            "brain",
            "peritoneum",
            "adrenal",
            "skin",
            "kidney",
            "spleen",
            "colon",
            "rectum",
            "pelvis",
        ),
        *("breast", "pancreas", "abdomen"),
    )
)
TYPES: Final = frozenset(("target", "nontarget", "new", "ntarget"))
KRAS_WORDS: Final = frozenset(("wildtype", "wt", "mutant", "mutated", "mut", "mutation"))
YES_NO: Final = frozenset(
    (
        *("0", "1", "y", "n", "yes", "no", "true", "false", "t", "f"),
        *("dead", "alive", "died", "event", "censored"),
    )
)


@dataclass(frozen=True)
class Contents:
    """What is known of the cells of one column.

    Parameters
    ----------
    n
        Filled cells that were looked at.
    unique
        Different texts among them.
    numeric
        Share of numbers.
    lowest, median, highest
        Of the numbers; NaN where there are none.
    fractions
        Whether a number is not whole.
    texts
        Up to 50 different texts: lower case, letters and digits only.
    dates
        Share of dates.
    """

    n: int
    unique: int
    numeric: float
    lowest: float
    median: float
    highest: float
    fractions: bool
    texts: frozenset[str]
    dates: float = 0.0


def contents_of(cells: pd.Series, decimal: str = ".") -> Contents:
    """Look at a column.

    Parameters
    ----------
    cells
        Raw cells.
    decimal
        Decimal sign of numbers that are written as text.

    Examples
    --------
    >>> found = contents_of(pd.Series(["1,5", "2", None]), ",")
    >>> found.n, found.numeric, found.highest
    (2, 1.0, 2.0)
    """
    filled = cells.dropna()
    if len(filled) > LOOKED_AT:
        filled = filled.iloc[np.linspace(0, len(filled) - 1, LOOKED_AT).astype(int)]
    text = filled.astype(str).str.strip()
    written = text.str.replace(",", ".", regex=False) if decimal == "," else text
    found = pd.to_numeric(written, errors="coerce").to_numpy(dtype=float)
    numbers = found[np.isfinite(found)]
    lowest, median, highest = (
        (float(numbers.min()), float(np.median(numbers)), float(numbers.max()))
        if len(numbers)
        else (np.nan, np.nan, np.nan)
    )
    folded = text.str.casefold().str.replace(r"[\W_]+", "", regex=True)
    return Contents(
        n=len(filled),
        unique=int(text.nunique()),
        numeric=len(numbers) / len(filled) if len(filled) else 0.0,
        lowest=lowest,
        median=median,
        highest=highest,
        fractions=bool((numbers != np.floor(numbers)).any()),
        texts=frozenset(folded.unique()[:50]),
        dates=float(filled.map(looks_like_date).mean()) if len(filled) else 0.0,
    )


def fit(name: str, found: Contents) -> tuple[float, str]:
    """Say how well cells fit a column of the program.

    Parameters
    ----------
    name
        Column of `lesionhet.schema`.
    found
        What its cells look like.

    Returns
    -------
    tuple
        1: as one would expect; 0: nothing speaks for it; below 0: the cells speak against it. And why.

    Examples
    --------
    >>> fit("os_event", contents_of(pd.Series([0, 1, 1])))
    (1.0, 'only 0 and 1')
    >>> fit("day", contents_of(pd.Series(["a", "b"])))[0] < 0
    True
    """
    if not found.n:
        return -1.0, "the column is empty"
    return _FITS[name](found)


def _identifier(found: Contents) -> tuple[float, str]:
    if found.dates >= NUMERIC or found.fractions or found.unique == 1 < found.n:
        return -1.0, "the cells are no names"
    return 0.0, ""


def _day(found: Contents) -> tuple[float, str]:
    if found.dates >= NUMERIC:
        return 0.4, "dates: the date of the start of treatment is needed beside them"
    if found.numeric < NUMERIC:
        return -1.0, "the cells are no numbers"
    if found.lowest <= 0 < found.highest and found.unique > 2:
        return 1.0, f"numbers from {found.lowest:g} to {found.highest:g}"
    return 0.3, f"numbers from {found.lowest:g} to {found.highest:g}"


def _diameter(found: Contents) -> tuple[float, str]:
    if found.numeric < NUMERIC or found.lowest < 0:
        return -1.0, "the cells are no sizes"
    usual = 0.3 < found.median < 200 and found.highest < 500 and found.unique > 2
    return (0.9 if usual else 0.1), f"numbers from {found.lowest:g} to {found.highest:g}"


def _words(known: frozenset[str], what: str) -> Callable[[Contents], tuple[float, str]]:
    def check(found: Contents) -> tuple[float, str]:
        if any(word in text for text in found.texts for word in known):
            return 1.0, f"the cells name {what}"
        return (-1.0, f"the cells do not name {what}") if found.numeric == 1 else (0.0, "")

    return check


def _lesion_type(found: Contents) -> tuple[float, str]:
    if found.texts & TYPES:
        return 1.0, "the cells are target, non-target or new"
    return -1.0, "the cells are not target, non-target or new"


def _duration(found: Contents) -> tuple[float, str]:
    if found.numeric < NUMERIC or found.lowest < 0:
        return -1.0, "the cells are no times"
    if found.texts <= YES_NO:
        return -1.0, "the cells are 0 and 1"
    return 0.2, f"numbers from {found.lowest:g} to {found.highest:g}"


def _flag(found: Contents) -> tuple[float, str]:
    if found.texts <= {"0", "1", "00", "10"}:
        return 1.0, "only 0 and 1"
    if found.unique <= 3 and found.texts & YES_NO:
        return 0.5, "two words"
    return -1.0, "the cells are not 0 and 1"


def _label(found: Contents) -> tuple[float, str]:
    if found.dates >= NUMERIC or found.fractions or found.unique > 60:
        return -1.0, "the cells are no labels"
    return 0.0, ""


_FITS: Final[Mapping[str, Callable[[Contents], tuple[float, str]]]] = {
    "patient_id": _identifier,
    "lesion_id": _identifier,
    "day": _day,
    "diameter_mm": _diameter,
    "site": _words(ORGANS, "organs"),
    "visit": lambda found: (0.0, "") if not found.fractions else (-1.0, "the cells are no visits"),
    "lesion_type": _lesion_type,
    "arm": _label,
    "trial": _label,
    "os_days": _duration,
    "os_event": _flag,
    "pfs_days": _duration,
    "pfs_event": _flag,
    "progressed": _flag,
    "kras": _words(KRAS_WORDS, "wild-type or mutant"),
}
