"""Restricted mean survival time: the area under the Kaplan-Meier curve up to a day."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import Floats
from lesionhet.statistics.distributions import normal_quantile, two_sided

PAIRS: Final = (
    *("group_1", "group_2", "difference", "std_error", "conf_low", "conf_high"),
    *("ratio", "ratio_low", "ratio_high", "statistic", "p_value"),
)


def restricted_mean(data: pd.DataFrame, tau: float, conf_level: float) -> dict[str, pd.DataFrame]:
    """Give the restricted mean of each group, and differences and ratios of every two.

    Parameters
    ----------
    data
        ``time`` (days, 0 or more), ``event`` (1 event, 0 censored) and ``group``, codes from 1.
    tau
        Days, above 0 and not beyond any group's largest time.
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        The tables of `lesionhet.results.RestrictedMean`. Ratios: interval on the log scale, with the
        variances of both means over their squares (delta method).

    Source: Royston & Parmar (2013). R: ``summary(survfit, rmean = tau)`` for mean and standard error.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0], "event": [1, 1, 1], "group": 1})
    >>> restricted_mean(rows, 3.0, 0.95)["groups"][["mean", "std_error"]].round(4).values.tolist()
    [[2.0, 0.4714]]
    """
    z = normal_quantile(conf_level)
    groups = []
    for code, rows in data.groupby("group"):
        time, event = rows["time"].to_numpy(dtype=float), rows["event"].to_numpy(dtype=float)
        mean, error = area(time, event, tau)
        low, high = mean - z * error, mean + z * error
        row = {"group": code, "n": len(rows), "events": event.sum(), "tau": tau, "mean": mean}
        groups.append({**row, "std_error": error, "conf_low": low, "conf_high": high})
    pairs = [_pair(*two, z) for two in combinations(groups, 2)]
    return {"groups": pd.DataFrame(groups), "pairs": pd.DataFrame(pairs, columns=list(PAIRS))}


def area(time: Floats, event: Floats, tau: float) -> tuple[float, float]:
    """Give the area under a Kaplan-Meier curve from 0 to tau, and its standard error.

    With d_i events of n_i at risk on day t_i and A_i the area from t_i to tau, the variance is the sum of
    A_i^2 d_i / (n_i (n_i - d_i)); a day on which all die adds nothing.

    Examples
    --------
    >>> area(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0]), 3.0)
    (2.0, 0.471...)
    """
    times, place = np.unique(time, return_inverse=True)
    died = np.bincount(place, weights=event)
    at_risk = np.cumsum(np.bincount(place)[::-1])[::-1].astype(float)
    kept = times <= tau
    times, died, at_risk = times[kept], died[kept], at_risk[kept]
    survival = np.cumprod(1 - died / at_risk)
    parts = np.diff(np.r_[0.0, times, tau]) * np.r_[1.0, survival]
    after = np.cumsum(parts[::-1])[::-1][1:]
    left = at_risk * (at_risk - died)
    hazard = np.divide(died, left, out=np.zeros_like(died), where=left > 0)
    return float(parts.sum()), float(np.sqrt((after**2 * hazard).sum()))


def _pair(first: dict[str, Any], second: dict[str, Any], z: float) -> dict[str, Any]:
    difference = second["mean"] - first["mean"]
    error = float(np.hypot(first["std_error"], second["std_error"]))
    ratio = second["mean"] / first["mean"] if first["mean"] > 0 else np.nan
    log_error = np.nan
    if first["mean"] > 0 and second["mean"] > 0:
        shares = (first["std_error"] / first["mean"], second["std_error"] / second["mean"])
        log_error = float(np.hypot(*shares))
    statistic = difference / error if error > 0 else np.nan
    return {
        "group_1": first["group"],
        "group_2": second["group"],
        "difference": difference,
        "std_error": error,
        "conf_low": difference - z * error,
        "conf_high": difference + z * error,
        "ratio": ratio,
        "ratio_low": ratio * np.exp(-z * log_error),
        "ratio_high": ratio * np.exp(z * log_error),
        "statistic": statistic,
        "p_value": float(two_sided(statistic)),
    }
