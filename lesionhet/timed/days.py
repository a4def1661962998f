"""Days on which one stands and looks: which are permitted, and who is still at risk there."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.errors import UsageError

KEPT: Final = "in_model"
FATES: Final = ("no_outcome", "event_before", "censored_before", "no_scan", "incomplete")


def check_day(day: float) -> float:
    """Refuse a day before the start of treatment: baselines are not settled before it.

    Raises
    ------
    UsageError
        The day is below 0 or no number.
    """
    if not day >= 0:
        raise UsageError(
            f"day is {day!r}; permitted: 0 or more, in days from the start of treatment."
        )
    return float(day)


def fates(data: pd.DataFrame, day: float) -> pd.Series:
    """Say of each patient why a landmark leaves it out.

    Parameters
    ----------
    data
        ``time`` (days), ``event`` (1, 0), covariates ``x1`` to ``xp`` known at the landmark and, where
        wanted, ``strata``; any may be missing.
    day
        Of the landmark.

    Returns
    -------
    pandas.Series
        The first that holds: ``"no_outcome"``; ``"event_before"`` and ``"censored_before"``, on the
        landmark included; ``"no_scan"``, no covariate is known; ``"incomplete"``; else ``"in_model"``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [40, 90, 90], "event": [1, 1, 0], "x1": [0.1, None, 0.3]})
    >>> fates(rows, 56).tolist()
    ['event_before', 'no_scan', 'in_model']
    """
    time, event = (data[name].to_numpy(dtype=float) for name in ("time", "event"))
    missing = np.isnan(data.to_numpy(dtype=float))
    covariates = missing[:, data.columns.get_indexer(pd.Index(term_names(data)))]
    over = time <= day
    holds = [
        np.isnan(time) | np.isnan(event),
        over & (event == 1),
        over,
        covariates.all(axis=1),
        missing.any(axis=1),
    ]
    place = np.select(holds, range(len(FATES)), len(FATES))
    return pd.Series(np.array([*FATES, KEPT], dtype=object)[place], index=data.index)


def term_names(data: pd.DataFrame) -> list[str]:
    """Give the columns of the covariates, ``x1`` to ``xp``."""
    return [f"x{i}" for i in range(1, data.columns.str.fullmatch(r"x\d+").sum() + 1)]
