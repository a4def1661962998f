"""The landmark model: Cox from a day on, with what is known on that day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.errors import UsageError
from lesionhet.statistics.arrays import term_columns
from lesionhet.statistics.counting import climb
from lesionhet.statistics.cox import likelihood_ratio, wald
from lesionhet.timed.days import FATES, KEPT, fates


def landmark_cox(
    data: pd.DataFrame, day: float, per_sd: Sequence[int], ties: str, conf_level: float
) -> dict[str, pd.DataFrame]:
    """Answer a ``landmark_cox`` request: leave out, count, and fit from the landmark on.

    Parameters
    ----------
    data
        As in `lesionhet.timed.days.fates`, one row a patient.
    day
        Of the landmark; time in the model is ``time`` - ``day``.
    per_sd
        1 for each covariate that is divided by its SD among the patients in the model, else 0.
    ties
        ``"efron"``.
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        The tables of `lesionhet.results.LandmarkCox`.

    Raises
    ------
    NotEstimableError
        As `lesionhet.statistics.counting.climb`.

    Source: Anderson, Cain & Gelber (1983). R: ``survival::coxph`` on the rows kept.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [9.0, 3.0, 6.0, 5.0, 7.0], "event": [1, 1, 1, 1, 1],
    ...                      "x1": [1.0, 4.0, 0.0, 1.0, 0.0]})
    >>> landmark_cox(rows, 4.0, [0], "efron", 0.95)["patients"].to_numpy().tolist()
    [[5, 0, 1, 0, 0, 0, 4]]
    """
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    fate, names = fates(data, day).to_numpy(), term_columns(data)
    columns = {str(name): column.to_numpy()[fate == KEPT] for name, column in data.items()}
    columns["time"] = columns["time"] - day
    for name, scaled in zip(names, per_sd, strict=True):
        if scaled:
            columns[name] = columns[name] / columns[name].std(ddof=1)
    if "strata" in columns:
        columns["strata"] = columns["strata"].astype(np.int64)
    row: dict[str, Any] = {"found": len(data)}
    row |= {name: np.count_nonzero(fate == name) for name in (*FATES, KEPT)}
    kept = pd.DataFrame(columns)
    model, peak = climb(kept, names)
    covariance = model.back @ peak.covariance @ model.back.T
    null = model.log_likelihood(np.ones(len(kept)), np.zeros(len(names)))
    return {
        "terms": wald(model.back @ peak.coefficients, covariance, conf_level),
        "model": likelihood_ratio(kept, peak, null),
        "patients": pd.DataFrame([row]),
    }
