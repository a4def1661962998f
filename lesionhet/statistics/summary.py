"""Descriptive statistics: moments and quantiles, counts, medians with exact intervals."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import special

from lesionhet.statistics.arrays import Floats, by_group, median_of_sorted
from lesionhet.statistics.distributions import binomial_tail

QUANTILES = {"q10": 0.10, "q25": 0.25, "median": 0.50, "q75": 0.75, "q90": 0.90}
SHARES = np.array(list(QUANTILES.values()))


def describe(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compute size, mean, standard deviation and quantiles of each group.

    Parameters
    ----------
    data
        ``values`` (any unit) and ``group`` (codes from 1).

    Returns
    -------
    dict
        ``summary``, see `lesionhet.results.Summary`; the standard deviation (divisor n - 1) of a
        single value is missing.

    Source: Hyndman & Fan (1996), type 7. R: ``mean``, ``sd``, ``quantile(type = 7)``.

    Examples
    --------
    >>> describe(pd.DataFrame({"values": [1.0, 2.0, 4.0], "group": 1}))["summary"]["q75"].tolist()
    [3.0]
    """
    rows = [[code, *_moments(np.sort(part))] for code, part in enumerate(by_group(data), start=1)]
    columns = ["group", "n", "mean", "sd", "minimum", *QUANTILES, "maximum"]
    return {"summary": pd.DataFrame(np.array(rows), columns=columns)}


def _moments(ordered: Floats) -> list[float]:
    """Give size, mean, SD, minimum, quantiles and maximum of ascending values."""
    n, mean = len(ordered), ordered.mean()
    sd = np.sqrt(((ordered - mean) ** 2).sum() / (n - 1)) if n > 1 else np.nan
    return [n, mean, sd, ordered[0], *quantiles_of_sorted(ordered, SHARES), ordered[-1]]


def quantiles_of_sorted(ordered: Floats, shares: Floats) -> Floats:
    """Give quantiles of type 7 of one or more ascending values.

    Examples
    --------
    >>> quantiles_of_sorted(np.array([1.0, 2.0, 4.0]), np.array([0.25, 0.75])).tolist()
    [1.5, 3.0]
    """
    place = (len(ordered) - 1) * shares
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    found: Floats = ordered[below] + (place - below) * (ordered[above] - ordered[below])
    return found


def count(data: pd.DataFrame, n_levels: int, n_groups: int) -> dict[str, pd.DataFrame]:
    """Count the rows of each group that have each level.

    Parameters
    ----------
    data
        ``group`` and ``level``, codes from 1.
    n_levels, n_groups
        How many codes there are, with rows or without.

    Returns
    -------
    dict
        ``counts``: one row for every group and level, also where the count is 0. ``share`` is
        missing in a group without rows.

    Source: R: ``table``.

    Examples
    --------
    >>> rows = pd.DataFrame({"group": [1, 1, 1], "level": [1, 3, 3]})
    >>> count(rows, n_levels=3, n_groups=1)["counts"]["count"].tolist()
    [1, 0, 2]
    """
    cell = (data["group"].to_numpy() - 1) * n_levels + data["level"].to_numpy() - 1
    table = np.bincount(cell, minlength=n_groups * n_levels).reshape(n_groups, n_levels)
    n = np.repeat(table.sum(axis=1), n_levels)
    counts = table.ravel()
    share = np.divide(counts, n, out=np.full(len(n), np.nan), where=n > 0)
    group = np.repeat(np.arange(1, n_groups + 1), n_levels)
    level = np.tile(np.arange(1, n_levels + 1), n_groups)
    columns = {"group": group, "level": level, "count": counts, "n": n, "share": share}
    return {"counts": pd.DataFrame(columns)}


def median_interval(data: pd.DataFrame, conf_level: float) -> dict[str, pd.DataFrame]:
    """Compute each group's median with its interval of order statistics.

    The interval runs from the j-th smallest to the j-th largest value, j being the largest number
    for which its exact level 1 - 2 P(B < j), B binomial(n, 1/2), is at least ``conf_level``.

    Parameters
    ----------
    data
        ``values`` (any unit) and ``group`` (codes from 1).
    conf_level
        Level asked for, in (0, 1).

    Returns
    -------
    dict
        ``medians``, see `lesionhet.results.MedianInterval`; limits and coverage are missing where
        the group is too small for the level.

    Source: Hahn & Meeker (1991), Statistical Intervals, section 5.2. R: ``qbinom``, ``pbinom``.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [3.0, 1.0, 5.0, 4.0, 2.0, 6.0], "group": 1})
    >>> table = median_interval(rows, conf_level=0.95)["medians"]
    >>> table[["estimate", "conf_low", "conf_high", "coverage"]].iloc[0].tolist()
    [3.5, 1.0, 6.0, 0.96875]
    """
    rows = [_median(code, part, conf_level) for code, part in enumerate(by_group(data), start=1)]
    return {"medians": pd.DataFrame(rows)}


def _median(code: int, values: Floats, conf_level: float) -> dict[str, float]:
    n, ordered = len(values), np.sort(values)
    j = _furthest(n, (1 - conf_level) / 2)
    wide_enough = j >= 1
    return {
        "group": code,
        "n": n,
        "estimate": median_of_sorted(ordered),
        "conf_low": ordered[j - 1] if wide_enough else np.nan,
        "conf_high": ordered[n - j] if wide_enough else np.nan,
        "coverage": 1 - 2 * binomial_tail(j - 1, n) if wide_enough else np.nan,
    }


def _furthest(n: int, tail: float) -> int:
    """Give the smallest j for which j or fewer heads in n throws have a probability of at least ``tail``."""
    j = max(math.ceil(float(special.bdtrik(tail, n, 0.5))), 0)
    # The inverse is found by iteration and may miss a whole number by its last digits.
    while j > 0 and binomial_tail(j - 1, n) >= tail:
        j -= 1
    while binomial_tail(j, n) < tail:
        j += 1
    return j
