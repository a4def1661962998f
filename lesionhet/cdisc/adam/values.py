"""Diameters of ADTR in mm: which unit a record has, and how it was found out."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.errors import InputError
from lesionhet.intake import ReadingTable
from lesionhet.readers.table import listed

MM: Final = {"mm": 1.0, "millimeter": 1.0, "millimetre": 1.0, "cm": 10.0, "centimeter": 10.0}
MM["centimetre"] = 10.0
"""Unit -> mm."""
_IN_PARAM: Final = re.compile(r"\((\w+)\)\s*$")
_ASSUMED: Final = "none, mm assumed"


def values_in_mm(adtr: Domain) -> tuple[pd.Series, ReadingTable]:
    """Give AVAL of records that are sizes, in mm.

    Parameters
    ----------
    adtr
        Records with ``AVAL``, all of them sizes.

    Returns
    -------
    tuple
        n sizes in mm, missing where not assessed; and how many records had which unit.

    Raises
    ------
    InputError
        A unit other than mm and cm, a size below 0, or AVAL that is no number.

    Notes
    -----
    The unit is ``AVALU``; else what stands in brackets at the end of PARAM; else ``TRSTRESU``, where AVAL
    is TRSTRESN; else mm is assumed, which the table says.

    Examples
    --------
    >>> frame = pd.DataFrame({"AVAL": [2.1, 20.0], "AVALU": ["cm", "mm"]}, dtype=object)
    >>> values_in_mm(Domain("ADTR", frame, "adtr.xpt", "", frame.index.to_numpy()))[0].tolist()
    [21.0, 20.0]
    """
    adtr.require("AVAL")
    value = adtr.number("AVAL")
    unit, source = _units(adtr, value)
    factor = unit.map(MM)
    problems = []
    wrong = value.notna() & factor.isna()
    if wrong.any():
        found = listed(sorted(set(unit[wrong])))
        message = f"the unit of AVAL is {found}; mm or cm is expected."
        mend = "Give AVAL in mm, with AVALU mm."
        problems += adtr.problems("AVALU" if adtr.has("AVALU") else "PARAM", wrong, message, mend)
    low = value.lt(0)
    message = f"found {listed(value[low].map('{:g}'.format).unique(), 3)}; 0 or more is expected."
    problems += adtr.problems("AVAL", low, message, "Correct AVAL, or empty it.")
    if problems:
        raise InputError(problems)
    given = pd.DataFrame({"unit": unit, "found_in": source})[value.notna()]
    counts = given.value_counts().rename("records").reset_index()
    counts = counts.sort_values(["unit", "found_in"], ignore_index=True)
    counts["mm_per_unit"] = counts["unit"].map(MM)
    note = "The unit is AVALU, else the end of PARAM, else TRSTRESU; without any, mm is assumed."
    # 1.1 cm x 10 is 11.000000000000002 mm in binary numbers.
    mm = value.where(factor.eq(1), (value * factor).round(9))
    return mm, ReadingTable("units", "Units of the diameters", note, counts)


def _units(adtr: Domain, value: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give the unit of each record in lower case, and where it was found."""
    in_param = adtr.text("PARAM").str.extract(_IN_PARAM, expand=False).str.lower()
    same = adtr.number("TRSTRESN").eq(value) if adtr.has("TRSTRESN") else value.isna()
    candidates = {
        "AVALU": adtr.text("AVALU").str.lower(),
        "PARAM": in_param.where(in_param.isin(list(MM))),
        "TRSTRESU": adtr.text("TRSTRESU").str.lower().where(same),
    }
    unit = pd.Series(None, index=value.index, dtype=object)
    source = pd.Series(_ASSUMED, index=value.index, dtype=object)
    for name, found in candidates.items():
        new = unit.isna() & found.notna()
        unit[new], source[new] = found[new], name
    return unit.fillna("mm"), source
