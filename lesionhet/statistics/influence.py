"""Influence: which patients a coefficient hangs on, and what it is without each of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.arrays import Floats, term_columns
from lesionhet.statistics.counting import climb
from lesionhet.statistics.distributions import normal_quantile, two_sided

DECIMALS: Final = 9
"""Sizes that are equal to so many decimals are equal: the first row goes before."""


def cox_influence(
    data: pd.DataFrame, ties: str, of_interest: int, most: int, conf_level: float
) -> dict[str, pd.DataFrame]:
    """Find the patients that move one coefficient of a Cox model most.

    Parameters
    ----------
    data
        As in `lesionhet.statistics.cox.cox`, one row a patient.
    ties
        ``"efron"``.
    of_interest
        Number of the term, from 1.
    most
        How many patients are shown.
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        The tables of `lesionhet.results.CoxInfluence`. With L the patients' parts of the score (n x p) and
        C the covariance, dfbeta is L C: about the coefficient minus that without the patient; dfbetas is
        dfbeta over the standard error.

    Raises
    ------
    NotEstimableError
        No finite fit of all patients.

    Source: Cain & Lange (1984). R: ``residuals(fit, "dfbeta")``, ``residuals(fit, "dfbetas")``, ``coxph``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> cox_influence(rows, "efron", 1, 2, 0.95)["patients"][["patient", "dfbetas"]].round(3).values.tolist()
    [[2.0, -0.71], [5.0, 0.36]]
    """
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    names = term_columns(data)
    model, peak = climb(data, names)
    direction = model.back[of_interest - 1]
    estimate = float(direction @ peak.coefficients)
    error = float(np.sqrt(direction @ peak.covariance @ direction))
    parts = model.score_residuals(np.ones(len(data)), peak.coefficients)
    dfbeta = parts @ peak.covariance @ direction
    dfbetas = dfbeta / error
    limit = 2 / np.sqrt(len(data))
    rows = [
        {"patient": row + 1, "dfbeta": dfbeta[row], "dfbetas": dfbetas[row]}
        | _wald(*_without(data, names, row, of_interest), conf_level)
        for row in _largest(dfbetas, most)
    ]
    summary = {
        "n": len(data),
        "events": float(data["event"].sum()),
        **_wald(estimate, error, conf_level),
        "largest": float(np.abs(dfbetas).max()),
        "usual": limit,
        "n_beyond": int((np.abs(dfbetas) > limit).sum()),
    }
    return {"patients": pd.DataFrame(rows), "summary": pd.DataFrame([summary])}


def _largest(values: Floats, most: int) -> list[int]:
    """Give the rows of the largest values by size, the first of equal ones first."""
    shown = np.round(np.abs(values), DECIMALS).tolist()
    return sorted(range(len(values)), key=lambda row: -shown[row])[:most]


def _without(
    data: pd.DataFrame, names: list[str], row: int, of_interest: int
) -> tuple[float, float]:
    """Give coefficient and standard error without one row; missing where there is no finite fit."""
    left = data.drop(index=data.index[row]).reset_index(drop=True)
    try:
        model, peak = climb(left, names)
    except NotEstimableError:
        return np.nan, np.nan
    direction = model.back[of_interest - 1]
    error = float(np.sqrt(direction @ peak.covariance @ direction))
    return float(direction @ peak.coefficients), error


def _wald(estimate: float, error: float, conf_level: float) -> dict[str, float]:
    z = normal_quantile(conf_level)
    with np.errstate(over="ignore"):
        ratio, low, high = np.exp(estimate + z * error * np.array([0.0, -1.0, 1.0]))
    return {
        "estimate": estimate,
        "std_error": error,
        "hazard_ratio": ratio,
        "conf_low": low,
        "conf_high": high,
        "p_value": float(two_sided(estimate / error)),
    }
