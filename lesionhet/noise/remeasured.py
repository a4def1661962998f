"""What the distance would be, had every size been measured once more; extrapolated to no error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.noise.batch import distances_of, layout_of
from lesionhet.noise.model import measured, once_more
from lesionhet.noise.recording import Recording
from lesionhet.noise.uniform import Stream
from lesionhet.statistics.arrays import Floats

Tables = dict[str, pd.DataFrame]

DEGREES: Final = (1, 2)
"""Of the polynomials that are extrapolated."""
NO_ERROR: Final = -1.0
"""Level at which the variance of the error is 0: the recorded sizes have it once, at level 0."""


def remeasured_tables(
    data: pd.DataFrame,
    levels: Sequence[float],
    draws: Sequence[int],
    log_sd: float,
    sd_mm: float,
    seeds: Sequence[int],
    recording: Sequence[float],
    conf_level: float,
    **rules: Any,
) -> Tables:
    """Answer a ``remeasured`` request.

    Parameters
    ----------
    data
        As in `lesionhet.noise.course.common_course`.
    levels, draws
        Variances of the added error in units of that of one measurement, and how often it is added at
        each. Patients get intervals at level 1.
    log_sd, sd_mm
        Of one measured size, see `lesionhet.noise.model.error_of`.
    seeds, recording
        As in `lesionhet.noise.null.null_tables`.
    conf_level
        Level of the percentile intervals.
    rules
        Of phases and distance.

    Returns
    -------
    dict
        The tables of `lesionhet.results.Remeasured`.

    Source: Cook & Stefanski (1994), J Am Stat Assoc 89:1314-1328 (SIMEX).
    """
    layout = layout_of(data)
    observed = distances_of(data["size_mm"].to_numpy(dtype=float)[None, :], layout, rules)[0]
    model, stream = once_more(data, Recording(*recording), log_sd, sd_mm), Stream(seeds)
    shares = ((1 - conf_level) / 2, (1 + conf_level) / 2)
    rows = [(0.0, 0, observed.mean(), np.nan, np.nan)]
    patients = pd.DataFrame({"patient": layout.patients})
    for level, number in zip(levels, draws, strict=True):
        sizes = measured(model, stream, float(np.sqrt(level)), number)
        found = np.vstack([distances_of(part, layout, rules) for part in sizes])
        rows.append((level, number, found.mean(), *np.quantile(found.mean(axis=1), shares)))
        if level == 1:
            low, high = np.quantile(found, shares, axis=0)
            patients = patients.assign(mean=found.mean(axis=0), conf_low=low, conf_high=high)
    table = pd.DataFrame(rows, columns=["variance", "draws", "mean", "conf_low", "conf_high"])
    return {"levels": table, "patients": patients, "extrapolated": _extrapolated(table)}


def _extrapolated(table: pd.DataFrame) -> pd.DataFrame:
    """Fit polynomials in the level by least squares and read them off where there is no error."""
    level: Floats = table["variance"].to_numpy(dtype=float)
    mean: Floats = table["mean"].to_numpy(dtype=float)
    rows = []
    for degree in DEGREES:
        fit = np.polynomial.Polynomial.fit(level, mean, degree)
        rows.append((degree, float(fit(NO_ERROR))))
    return pd.DataFrame(rows, columns=["degree", "estimate"])
