"""Many draws of the same rows fitted at once: sorted once, started near their maximum, on all cores."""

from __future__ import annotations

from typing import Final

import numpy as np

from lesionhet.statistics.arrays import Floats
from lesionhet.statistics.compiled import DrawnFits, fit_draws, library
from lesionhet.statistics.newton import (
    LARGEST_ERROR,
    MOST_STEPS,
    SMALLEST_INFORMATION,
    EfronModel,
    Peak,
)

NEAR_ENOUGH: Final = 1e-15
"""Newton decrement at which the next full step ends a draw: where the information is taken, coefficients
are wrong by 3e-8 standard errors, after the step by next to nothing."""


def fit_all(model: EfronModel, counts: Floats, whole: Peak) -> DrawnFits:
    """Fit a Cox model to each draw.

    Parameters
    ----------
    model
        All n rows, sorted once.
    counts
        n x B whole numbers, 0 or more: how many times each row is in each draw.
    whole
        The maximum for all rows, each once. Each draw starts from there, moved by what its rows weigh
        (the infinitesimal jackknife), which is nearer to its own maximum by an order of magnitude.

    Returns
    -------
    DrawnFits
        Coefficients and covariances of the uncorrelated covariates; ``fitted`` is False where a draw
        has no finite maximum.

    Source: Efron (1977); Therneau & Grambsch (2000), chapter 7, for the start.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> model = EfronModel(rows, ["x1"])
    >>> whole = model.fit(np.ones(6), 5.0, np.zeros(1))
    >>> fits = fit_all(model, np.ones((6, 2)), whole)
    >>> np.exp(model.back @ fits.coefficients.T).round(4).tolist()
    [[4.0329, 4.0329]]
    """
    times = np.asarray(counts, dtype=float).T
    found = library()
    if found is None:
        shape = (len(times), len(whole.coefficients))
        none = np.zeros((*shape, shape[1]))
        fits = DrawnFits(np.zeros(shape), none, np.zeros(len(times), dtype=bool))
    else:
        once = np.ones(times.shape[1])
        influence = model.score_residuals(once, whole.coefficients) @ whole.covariance
        limits = (MOST_STEPS, NEAR_ENOUGH, SMALLEST_INFORMATION)
        rows = model.sorted_rows
        fits = fit_draws(found, rows, times, whole.coefficients, influence, limits)
    return _with_care(model, times, whole, fits)


def _with_care(model: EfronModel, times: Floats, whole: Peak, fits: DrawnFits) -> DrawnFits:
    """Fit what the fast way left undecided by halved steps, and refuse coefficients that run away."""
    events = times @ model.events
    for draw in np.flatnonzero(~fits.fitted):
        peak = model.fit(times[draw], events[draw], whole.coefficients)
        if peak is not None:
            fits.coefficients[draw], fits.covariance[draw] = peak.coefficients, peak.covariance
            fits.fitted[draw] = True
    errors = np.sqrt(np.diagonal(fits.covariance, axis1=1, axis2=2) * events[:, None])
    finite = fits.fitted & (errors <= LARGEST_ERROR).all(axis=1)
    return DrawnFits(fits.coefficients, fits.covariance, finite)
