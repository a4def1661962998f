"""How far the changes of a patient's lesions lie apart, and against the total."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.measures.by_patient import by_patient
from lesionhet.phases import TOLERANCE
from lesionhet.statistics.arrays import Floats

DECIMALS: Final = 9
"""Numbers that are equal by the formula part in the last bits: rounded, they tie in every rank."""
TREND: Final = 20.0
"""Percent of the baseline by which both sides of an opposite trend change at least."""


def spread_measures(lesions: pd.DataFrame) -> pd.DataFrame:
    """Give the spread of changes of each patient at one assessment.

    Parameters
    ----------
    lesions
        A row a lesion: ``patient_id``, ``baseline_mm, size_mm`` and ``total_ratio``, that of the
        patient's total burden to its baseline.

    Returns
    -------
    pandas.DataFrame
        Indexed by patient: ``range, sd`` (percentage points), ``trh`` (missing where the mean change is
        0), ``dispersion``, ``opposite_share``, ``opposite_trend`` (1, 0); sorted. See
        `lesionhet.measures.catalogue.MEASURES` for formulas and sources. With one lesion ``sd``, ``trh``
        and ``dispersion`` are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "P", "baseline_mm": [20.0, 20.0], "size_mm": [10.0, 26.0],
    ...                      "total_ratio": 0.9})
    >>> spread_measures(rows).round(3).values.tolist()
    [[80.0, 56.569, 5.657, 0.85, 0.5, 1.0]]
    """
    ratio, total = (
        (lesions["size_mm"] / lesions["baseline_mm"]).to_numpy(dtype=float),
        lesions["total_ratio"].to_numpy(dtype=float),
    )
    change = 100 * (ratio - 1)
    patient = by_patient(lesions["patient_id"])
    sd, mean = patient.sd(change).round(DECIMALS), np.abs(patient.total(change) / patient.size)
    mean = np.where(mean > 100 * TOLERANCE, mean, 0.0)
    opposite = direction_of(ratio) * direction_of(total) < 0
    up = patient.any(change >= TREND * (1 - TOLERANCE))
    down = patient.any(change <= -TREND * (1 - TOLERANCE))
    found = {
        "range": (patient.highest(change) - patient.lowest(change)).round(DECIMALS),
        "sd": sd,
        "trh": (sd / np.where(mean > 0, mean, np.nan)).round(DECIMALS),
        "dispersion": _bounded(sd, mean).round(DECIMALS),
        "opposite_share": patient.total(opposite) / patient.size,
        "opposite_trend": (up & down).astype(float),
    }
    return pd.DataFrame(found, index=patient.patients)


def direction_of(ratio: Floats) -> Floats:
    """Give 1 where a ratio is above 1, -1 below, 0 where it is 1 up to a relative slack of 1e-9."""
    return np.where(np.abs(ratio - 1) <= TOLERANCE, 0.0, np.sign(ratio - 1))


def _bounded(sd: Floats, mean: Floats) -> Floats:
    """SD / (SD + |mean|), 0 where no lesion changed."""
    whole = sd + mean
    share = np.zeros(len(whole))
    np.divide(sd, whole, out=share, where=whole != 0)
    return share
