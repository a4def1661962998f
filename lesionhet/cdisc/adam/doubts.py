"""What ADaM data sets say that is not likely: told, never changed."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.cdisc.adam.baseline import KEY
from lesionhet.cdisc.domain import Domain
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

DEATH: Final = r"\b(?:death|died|dead|deceased)\b"
LONGEST_DAYS: Final = 3652.5
"""A survival of more than 10 years is taken for a mistaken unit."""


def sums_that_differ(file: str, table: pd.DataFrame, same_mm: float) -> list[Notice]:
    """Say how many sums of ADTR are not those of its lesions.

    Parameters
    ----------
    file
        ADTR.
    table
        ``sums_compared``.
    same_mm
        A difference of this many mm or more counts.

    Examples
    --------
    >>> table = pd.DataFrame({"patient_id": ["P"], "parameter": ["SDIAM"], "difference_mm": [-3.0]})
    >>> sums_that_differ("adtr.xpt", table, 0.05)[0].text[:60]
    'adtr.xpt: 1 of 1 sum of diameters is not that of the lesions'
    """
    apart = table["difference_mm"].abs()
    wrong = apart.ge(same_mm)
    if not (n := int(wrong.sum())):
        return []
    total = counted(int(apart.notna().sum()), "sum")
    text = f"{file}: {n} of {total} of diameters {'is' if n == 1 else 'are'} not that of the lesions read, "
    text += f"by up to {apart.max():g} mm; see the table of sums. Lesions or sizes may be missing, or in"
    return [Notice("warning", f"{text} another unit.")]


def several_baselines(file: str, frame: pd.DataFrame) -> list[Notice]:
    """Say which lesions have ABLFL at several measurements.

    Parameters
    ----------
    file
        ADTR.
    frame
        Measurements: ``patient_id, lesion_id, day, mm, flagged``.
    """
    flagged = frame[frame["flagged"] & frame["mm"].notna()]
    days = flagged.groupby(KEY)["day"].nunique()
    several = days.index[days.gt(1)]
    if not len(several):
        return []
    names = listed([f"{patient}, {lesion}" for patient, lesion in several], 3)
    text = (
        f"{file}, column 'ABLFL': {counted(len(several), 'lesion')} with several flagged baselines"
    )
    return [Notice("warning", f"{text} ({names}); the last counts. Keep one flag a lesion.")]


def unlikely_times(records: Domain, wanted: str, days: pd.Series, event: pd.Series) -> list[Notice]:
    """Say what is not likely about the times of one parameter.

    Parameters
    ----------
    records
        The records of the parameter.
    wanted
        Its PARAMCD.
    days, event
        n times in days; n flags.

    Examples
    --------
    >>> import numpy as np
    >>> rows = pd.DataFrame({"EVNTDESC": ["DEATH", "ALIVE"]}, dtype=object)
    >>> adtte = Domain("ADTTE", rows, "adtte.xpt", "", np.array([2, 3]))
    >>> said = unlikely_times(adtte, "OS", pd.Series([90.0, 400.0]), pd.Series([0.0, 1.0]))
    >>> said[0].text[:67]
    "adtte.xpt, column 'CNSR': EVNTDESC names a death in 1 censored reco"
    """
    found = []
    words = records.text("EVNTDESC").fillna("").astype(str)
    died = words.str.contains(DEATH, case=False, regex=True)
    censored = int((died & event.eq(0)).sum())
    if censored > int((died & event.eq(1)).sum()):
        text = f"{records.where('CNSR')}: EVNTDESC names a death in {counted(censored, 'censored record')} of"
        text += f" {wanted}, and in fewer events. CNSR is 0 for an event; is it turned round?"
        found.append(Notice("warning", text))
    long = days.gt(LONGEST_DAYS)
    if n := int(long.sum()):
        text = f"{records.where('AVAL')}: {counted(n, 'time')} of {wanted} above 10 years"
        text += f" ({records.rows_text(long)}). Is AVALU the unit of AVAL?"
        found.append(Notice("warning", text))
    return found
