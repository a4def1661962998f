"""What people write in place of a size: limits, ranges, two dimensions, units, words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

_N: Final = r"[0-9]+(?:[.,][0-9]+)?"
_UNIT: Final = r"(?:mm|cm|millimet(?:er|re)s?|centimet(?:er|re)s?)"
_KINDS: Final[Mapping[str, re.Pattern[str]]] = {
    "limit": re.compile(rf"[<>≤≥~≈±]=?\s*{_N}\s*{_UNIT}?"),
    "dimensions": re.compile(
        rf"{_N}\s*{_UNIT}?\s*(?:x|×|\*|by)\s*{_N}(?:\s*(?:x|×|\*|by)\s*{_N})?\s*{_UNIT}?"
    ),
    "range": re.compile(rf"{_N}\s*(?:-|–|to)\s*{_N}\s*{_UNIT}?"),
    "unit": re.compile(rf"{_N}\s*{_UNIT}"),
    "small": re.compile(
        r"(?:too small(?: to (?:be )?measured?)?|not measurable|tstm|below measurable.*)"
    ),
    "gone": re.compile(
        r"(?:disappeared|resolved|gone|no longer (?:seen|visible)|not (?:seen|visible)|cr)"
    ),
}
_EXPECTED: Final[Mapping[str, str]] = {
    "limit": "a size is expected, not a limit or an estimate.",
    "dimensions": "one diameter is expected.",
    "range": "one size is expected, not a range.",
    "unit": "a number in mm without its unit is expected.",
    "small": "a size is expected.",
    "gone": "a size is expected.",
}
_MENDS: Final[Mapping[str, str]] = {
    "limit": "Write the size that was agreed (RECIST 1.1: 5 mm where too small to measure)",
    "dimensions": "Write the longest diameter only (short axis for lymph nodes)",
    "range": "Write one size",
    "unit": "Write the number in mm: 1.2 cm is 12",
    "small": "Write the size that was agreed (RECIST 1.1: 5 mm where too small to measure)",
    "gone": "Write 0 where the lesion has disappeared",
}


class SizeFault(NamedTuple):
    """Cells that are no size for one reason.

    Parameters
    ----------
    mask
        n flags.
    expected
        What is expected instead.
    mend
        How to mend it.
    """

    mask: npt.NDArray[np.bool_]
    expected: str
    mend: str


def size_faults(text: pd.Series) -> Sequence[SizeFault]:
    """Sort the texts of a size column that are no number into the kinds that people write.

    Parameters
    ----------
    text
        n texts, outer white space removed; empty where there is nothing to look at.

    Returns
    -------
    One fault for each kind that was found; a text belongs to one kind at most.

    Examples
    --------
    >>> faults = size_faults(pd.Series(["<5", "12 x 8", "12mm", "", "large"]))
    >>> [(fault.mask.tolist().index(True), fault.expected) for fault in faults]
    [(0, 'a size is expected, not a limit or an estimate.'),
     (1, 'one diameter is expected.'),
     (2, 'a number in mm without its unit is expected.')]
    """
    plain = text.str.replace("\xa0", " ", regex=False).str.strip().str.casefold()
    faults = []
    for kind, pattern in _KINDS.items():
        mask = plain.str.fullmatch(pattern).to_numpy(dtype=bool)
        if mask.any():
            codes = sorted(set(text[mask]))
            # A code with a comma in it cannot be given in a list that commas part.
            given = ",".join(code for code in codes if "," not in code)
            mend = f"{_MENDS[kind]}, or leave the cell empty"
            mend += f' (--missing "{given}" does so for all).' if given else "."
            faults.append(SizeFault(mask, _EXPECTED[kind], mend))
    return faults
