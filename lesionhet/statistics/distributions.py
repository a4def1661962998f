"""Tails and quantiles of the distributions that tests are held against, by scipy.special."""

from __future__ import annotations

import numpy as np
from scipy import special

from lesionhet.statistics.arrays import Floats


def two_sided(z: float | Floats) -> Floats:
    """Give the two-sided P value of a standard normal statistic.

    Examples
    --------
    >>> two_sided(1.96).round(4).item()
    0.05
    """
    return np.asarray(2 * special.ndtr(-np.abs(z)), dtype=float)


def normal_quantile(conf_level: float) -> float:
    """Give how many standard errors an interval of this level reaches to each side.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    return float(special.ndtri(1 - (1 - conf_level) / 2))


def chi_square_tail(statistic: float | Floats, df: float) -> Floats:
    """Give the P value of a chi-square statistic: 1 at 0 and where rounding took it below.

    Examples
    --------
    >>> chi_square_tail(3.84, 1).round(4).item(), chi_square_tail(-1e-12, 1).item()
    (0.05, 1.0)
    """
    return np.asarray(special.chdtrc(df, np.maximum(statistic, 0.0)), dtype=float)


def f_quantile(probability: float, df_1: float, df_2: float) -> float:
    """Give a quantile of the F distribution.

    Examples
    --------
    >>> round(f_quantile(0.975, 4, 10), 4)
    4.4683
    """
    return float(special.fdtri(df_1, df_2, probability))


def binomial_tail(count: int, n: int) -> float:
    """Give the probability of ``count`` or fewer heads in n throws of a fair coin.

    Examples
    --------
    >>> binomial_tail(1, 4)
    0.3125
    """
    return float(special.bdtr(count, n, 0.5)) if count >= 0 else 0.0


def exact_interval(count: Floats, n: Floats, conf_level: float) -> tuple[Floats, Floats]:
    """Give the exact limits of shares ``count`` of ``n``.

    Source: Clopper & Pearson (1934), quantiles of the beta distribution. R: ``binom.test``.

    Examples
    --------
    >>> low, high = exact_interval(np.array([0.0, 9.0]), np.array([3.0, 10.0]), 0.95)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.555], [0.7076, 0.9975])
    """
    tail = (1 - conf_level) / 2
    # Where a limit is 0 or 1 the beta distribution has a parameter of 0.
    low = special.betaincinv(np.maximum(count, 1), n - count + 1, tail)
    high = special.betainccinv(count + 1, np.maximum(n - count, 1), tail)
    return np.where(count > 0, low, 0.0), np.where(count < n, high, 1.0)
