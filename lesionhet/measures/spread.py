"""How far the changes of a patient's lesions lie apart, and against the total."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

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
    ratio = lesions["size_mm"] / lesions["baseline_mm"]
    change = 100 * (ratio - 1)
    direction = direction_of(ratio) * direction_of(lesions["total_ratio"])
    rows = pd.DataFrame(
        {
            "patient_id": lesions["patient_id"],
            "change": change,
            "opposite": direction < 0,
            "up": change >= TREND * (1 - TOLERANCE),
            "down": change <= -TREND * (1 - TOLERANCE),
        }
    )
    by_patient = rows.groupby("patient_id", sort=True)
    found = by_patient["change"].agg(["min", "max", "mean", "std"])
    sd, mean = found["std"].round(DECIMALS), found["mean"].abs()
    mean = mean.where(mean > 100 * TOLERANCE, 0.0)
    both = by_patient["up"].any() & by_patient["down"].any()
    return pd.DataFrame(
        {
            "range": (found["max"] - found["min"]).round(DECIMALS),
            "sd": sd,
            "trh": (sd / mean.where(mean > 0)).round(DECIMALS),
            "dispersion": _bounded(sd, mean).round(DECIMALS),
            "opposite_share": by_patient["opposite"].mean(),
            "opposite_trend": both.astype(float),
        }
    )


def direction_of(ratio: pd.Series) -> Floats:
    """Give 1 where a ratio is above 1, -1 below, 0 where it is 1 up to a relative slack of 1e-9."""
    values = ratio.to_numpy(dtype=float)
    return np.where(np.abs(values - 1) <= TOLERANCE, 0.0, np.sign(values - 1))


def _bounded(sd: pd.Series, mean: pd.Series) -> pd.Series:
    """SD / (SD + |mean|), 0 where no lesion changed."""
    whole = sd + mean
    return (sd / whole.where(whole > 0)).where(whole != 0, 0.0).where(sd.notna())
