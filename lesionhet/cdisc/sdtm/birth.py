"""Dates that lie before the patient's birth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from lesionhet.cdisc.dates import complete_dates
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.start import PATIENT
from lesionhet.errors import Problem
from lesionhet.readers.table import listed

BIRTH: Final = "BRTHDTC"
LOOKED_AT: Final = {
    "DM": ("RFXSTDTC", "RFSTDTC", "DTHDTC"),
    "EX": ("EXSTDTC",),
    "TU": ("TUDTC",),
    "TR": ("TRDTC",),
    "RS": ("RSDTC",),
}
"""Data set -> columns of dates that no patient can have before birth."""


def dates_before_birth(domains: Mapping[str, Domain]) -> list[Problem]:
    """Find dates before the patient's birth, however dates known in part are read.

    Parameters
    ----------
    domains
        Data sets by name, DM with ``BRTHDTC`` among them; without it there is nothing to find.

    Examples
    --------
    >>> import numpy as np
    >>> cells = {"USUBJID": ["P1"], "BRTHDTC": ["1950"], "RFSTDTC": ["1914-01-02"]}
    >>> dm = Domain("DM", pd.DataFrame(cells, dtype=object), "dm.csv", "", np.array([2]))
    >>> print(dates_before_birth({"DM": dm})[0])
    dm.csv, column 'RFSTDTC': before the patient's birth (BRTHDTC of DM): 'P1'. Row 2. Correct this date
    or the date of birth.
    """
    dm = domains["DM"]
    if not dm.filled(BIRTH):
        return []
    birth = complete_dates(dm.text(BIRTH), "first").earliest.set_axis(dm.text(PATIENT))
    birth = birth[birth.notna() & birth.index.notna()]
    birth = birth[~birth.index.duplicated()]
    problems = []
    for name, columns in LOOKED_AT.items():
        for column in columns if name in domains else ():
            domain = domains[name]
            latest = complete_dates(domain.text(column), "first").latest
            early = latest < pd.to_datetime(domain.text(PATIENT).map(birth))
            names = listed(list(domain.text(PATIENT)[early].unique()))
            message = f"before the patient's birth ({BIRTH} of DM): {names}."
            mend = "Correct this date or the date of birth."
            problems += domain.problems(column, early, message, mend)
    return problems
