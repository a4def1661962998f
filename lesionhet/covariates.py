"""Covariates of the Cox model of the distance: their names, scales, and when one says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.errors import NotEstimableError
from lesionhet.groupwise import Floats

SCALES: Final = {
    "per_sd": "Distance, per SD",
    "per_0.1": "Distance, per 0.1",
    "raw": "Distance, 0 to 1",
}
BURDEN: Final = "Baseline burden, per SD"
NUMBER: Final = "Number of lesions"
TERMS: Final = (SCALES["per_sd"], BURDEN, NUMBER)
"""Terms of the model with the distance per SD, in their order."""
FEWEST_PATIENTS: Final = 3
SAME: Final = 1e-9
"""Values that differ by no more than this share of the largest are the same but for rounding."""


def covariates(
    patients: pd.DataFrame, complete: pd.DataFrame, scale: str = "per_sd"
) -> pd.DataFrame:
    """Give the model's covariates, the distance on one of `SCALES`.

    Parameters
    ----------
    patients
        ``gower``, ``baseline_sum_mm`` (mm) and ``n_lesions``, one row a patient; missing values stay.
    complete
        The patients that enter the model: an SD is theirs.
    scale
        A key of `SCALES`.

    Returns
    -------
    pandas.DataFrame
        One column a term; a number of lesions that is the same in all of ``complete`` is no term.

    Raises
    ------
    NotEstimableError
        Fewer than 3 patients enter, or distance or burden are the same in all of them.

    Source: paper, Fig. 2D.

    Examples
    --------
    >>> rows = pd.DataFrame({"gower": [0.0, 0.2, 0.4], "baseline_sum_mm": [10.0, 20.0, 30.0],
    ...                      "n_lesions": [1, 2, 2]})
    >>> covariates(rows, rows).round(6).to_numpy().tolist()
    [[0.0, 1.0, 1.0], [1.0, 2.0, 2.0], [2.0, 3.0, 2.0]]
    """
    names = ("gower", "baseline_sum_mm", "n_lesions")
    given, inside = (
        {name: table[name].to_numpy(dtype=float) for name in names}
        for table in (patients, complete)
    )
    return pd.DataFrame(terms_of(given, inside, scale), index=patients.index)


def terms_of(
    patients: Mapping[str, Floats], complete: Mapping[str, Floats], scale: str = "per_sd"
) -> dict[str, Floats]:
    """Do as `covariates` with columns that are arrays.

    Examples
    --------
    >>> rows = {"gower": np.array([0.0, 0.2, 0.4]), "baseline_sum_mm": np.array([10.0, 20.0, 30.0]),
    ...         "n_lesions": np.array([1.0, 2.0, 2.0])}
    >>> [values.round(6).tolist() for values in terms_of(rows, rows).values()]
    [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [1.0, 2.0, 2.0]]
    """
    n = len(complete["gower"])
    if n < FEWEST_PATIENTS:
        raise NotEstimableError(
            f"Cox model: {n} patient(s) with all columns, needs {FEWEST_PATIENTS}."
        )
    flat = [name for name in ("gower", "baseline_sum_mm") if not _varies(complete[name])]
    if flat:
        raise NotEstimableError(
            f"Cox model: {', '.join(flat)} has the same value in every patient."
        )
    unit = {"per_sd": _sd(complete["gower"]), "per_0.1": 0.1, "raw": 1.0}[scale]
    terms = {
        SCALES[scale]: patients["gower"] / unit,
        BURDEN: patients["baseline_sum_mm"] / _sd(complete["baseline_sum_mm"]),
    }
    if _varies(complete["n_lesions"]):
        terms[NUMBER] = patients["n_lesions"]
    return terms


def _sd(values: Floats) -> float:
    return float(np.nanstd(values, ddof=1))


def _varies(values: Floats) -> bool:
    lowest, highest = np.fmin.reduce(values), np.fmax.reduce(values)
    return bool(highest - lowest > SAME * max(abs(lowest), abs(highest)))
