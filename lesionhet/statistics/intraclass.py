"""How alike the values of one cluster are: the intraclass correlation of the one-way analysis of variance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet.errors import NotEstimableError
from lesionhet.statistics.distributions import f_quantile


def intraclass(data: pd.DataFrame, n_groups: int, conf_level: float) -> dict[str, pd.DataFrame]:
    """Answer an ``intraclass`` request: the correlation of two values of one cluster, by group.

    Parameters
    ----------
    data
        ``values``, ``cluster`` (codes) and ``group`` (codes from 1). A cluster may have values in several
        groups: in each it is one cluster.
    n_groups
        Number of groups.
    conf_level
        Level of the interval, in (0, 1).

    Returns
    -------
    dict
        The table of `lesionhet.results.Intraclass`. With k clusters, N values, n0 = (N - sum n_i^2 / N) /
        (k - 1), and mean squares MSB and MSW: tau2 = (MSB - MSW) / n0, sigma2 = MSW, ICC = tau2 / (tau2 +
        sigma2). Interval: (F / F_hi - 1) / (F / F_hi - 1 + n0), F_hi being the upper quantile of F(k - 1, N -
        k), and likewise below: exact for clusters of one size, else approximate.

    Raises
    ------
    NotEstimableError
        In every group fewer than two clusters, or no cluster of two; in one such group all but the
        counts is missing. So it is where no value differs from the others of its cluster and group.

    Source: Fisher (1925); Donner (1986) Int Stat Rev 54:67; R: ``ICC::ICCest`` has the same formulas.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2.0, 4.0, 5.0, 8.0, 9.0], "cluster": [1, 1, 2, 2, 3, 3],
    ...                      "group": 1})
    >>> found = intraclass(rows, 1, 0.95)["groups"]
    >>> found[["ms_between", "ms_within", "estimate"]].round(4).values.tolist()
    [[24.6667, 0.5, 0.9603]]
    """
    rows = [_one(data[data["group"] == g], conf_level) for g in range(1, n_groups + 1)]
    table = pd.DataFrame(rows)
    if table["estimate"].isna().all():
        raise NotEstimableError(
            "Intraclass correlation: needs two clusters or more, one of them with two values or more "
            "that differ."
        )
    table.insert(0, "group", np.arange(1, n_groups + 1))
    return {"groups": table}


def _one(rows: pd.DataFrame, conf_level: float) -> dict[str, Any]:
    by_cluster = rows.groupby("cluster")["values"]
    size, mean = by_cluster.size(), by_cluster.mean()
    k, n = len(size), len(rows)
    found: dict[str, Any] = dict.fromkeys(
        ("mean_size", "ms_between", "ms_within", "between", "within"), np.nan
    )
    found |= dict.fromkeys(("estimate", "conf_low", "conf_high"), np.nan)
    found = {"clusters": k, "n": n, **found}
    if k < 2 or n == k:
        return found
    residual = rows["values"] - rows["cluster"].map(mean)
    within = float((residual**2).sum()) / (n - k)
    grand = float(rows["values"].mean())
    between = float((size * (mean - grand) ** 2).sum()) / (k - 1)
    n0 = (n - float((size**2).sum()) / n) / (k - 1)
    # Values equal within every cluster part by rounding alone.
    if within <= np.finfo(float).eps * max(float((rows["values"] ** 2).mean()), 0.0):
        return found
    upper = (1 + conf_level) / 2
    f = between / within
    low, high = f / f_quantile(upper, k - 1, n - k), f * f_quantile(upper, n - k, k - 1)
    tau = (between - within) / n0
    return found | {
        "mean_size": n0,
        "ms_between": between,
        "ms_within": within,
        "between": tau,
        "within": within,
        "estimate": tau / (tau + within),
        "conf_low": (low - 1) / (low - 1 + n0),
        "conf_high": (high - 1) / (high - 1 + n0),
    }
