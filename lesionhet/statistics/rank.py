"""Rank tests: Mann-Whitney, Kruskal-Wallis, Dunn, Kendall."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import group_medians
from lesionhet.statistics.distributions import chi_square_tail, two_sided
from lesionhet.statistics.ranks import kendall_tau, ranked


def mann_whitney(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compare two groups by the Mann-Whitney test: two-sided, normal approximation.

    Parameters
    ----------
    data
        ``values`` and ``group`` (1 or 2), both groups with rows.

    Returns
    -------
    dict
        ``test``: U of group 1 (R's W) and P value with continuity and tie correction; ``groups``:
        size and median.

    Source: Mann & Whitney (1947). R: ``wilcox.test(exact = FALSE, correct = TRUE)``.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2.0, 3.0, 4.0, 5.0, 9.0], "group": [1, 1, 1, 2, 2, 2]})
    >>> mann_whitney(rows)["test"].round(4).to_dict("records")
    [{'statistic': 0.0, 'p_value': 0.0809}]
    """
    found, in_first = ranked(data["values"].to_numpy(dtype=float)), data["group"].to_numpy() == 1
    n, n_1 = len(data), int(in_first.sum())
    n_2 = n - n_1
    u = float(found.rank[in_first].sum()) - n_1 * (n_1 + 1) / 2
    variance = n_1 * n_2 / 12 * (n + 1 - found.tie_sum / (n * (n - 1)))
    # Half a rank towards no difference, not beyond it: P is at most 1.
    z = max(abs(u - n_1 * n_2 / 2) - 0.5, 0.0) / np.sqrt(variance)
    row = {"statistic": [u], "p_value": [float(two_sided(z))]}
    return {"test": pd.DataFrame(row), "groups": group_medians(data)}


def kruskal_wallis(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compare two or more groups by the Kruskal-Wallis test, with tie correction.

    Parameters
    ----------
    data
        ``values`` and ``group`` (codes 1 to k), every group with rows.

    Returns
    -------
    dict
        ``test``: H, k - 1 degrees of freedom, P value; ``groups``: size and median.

    Source: Kruskal & Wallis (1952). R: ``kruskal.test``.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "group": [1, 1, 2, 2, 3, 3]})
    >>> round(kruskal_wallis(rows)["test"]["statistic"].item(), 4)
    4.5714
    """
    found, group = ranked(data["values"].to_numpy(dtype=float)), data["group"].to_numpy() - 1
    n, size = len(data), np.bincount(group)
    spread = (np.bincount(group, found.rank) ** 2 / size).sum()
    h = 12 / (n * (n + 1)) * spread - 3 * (n + 1)
    statistic, df = float(h / (1 - found.tie_sum / (n**3 - n))), len(size) - 1
    row = {"statistic": [statistic], "df": [df], "p_value": [float(chi_square_tail(statistic, df))]}
    return {"test": pd.DataFrame(row), "groups": group_medians(data)}


def dunn(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compare every pair of groups by Dunn's test, with tie correction.

    Parameters
    ----------
    data
        ``values`` and ``group`` (codes 1 to k), every group with rows.

    Returns
    -------
    dict
        ``pairs`` in the order (1, 2), (1, 3) ... (k - 1, k): z of the second group's mean rank minus
        the first's, P value, Bonferroni-adjusted P value.

    Source: Dunn (1964). R: ``rstatix::dunn_test``.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "group": [1, 1, 2, 2, 3, 3]})
    >>> dunn(rows)["pairs"]["statistic"].round(4).tolist()
    [1.069, 2.1381, 1.069]
    """
    found, group = ranked(data["values"].to_numpy(dtype=float)), data["group"].to_numpy() - 1
    n, size = len(data), np.bincount(group)
    mean = np.bincount(group, found.rank) / size
    first, second = np.array(list(combinations(range(len(size)), 2))).T
    variance = n * (n + 1) / 12 - found.tie_sum / (12 * (n - 1))
    z = (mean[second] - mean[first]) / np.sqrt(variance * (1 / size[first] + 1 / size[second]))
    p_value = two_sided(z)
    columns = {
        "group_1": first + 1,
        "group_2": second + 1,
        "statistic": z,
        "p_value": p_value,
        "p_adjusted": np.minimum(p_value * len(z), 1.0),
    }
    return {"pairs": pd.DataFrame(columns)}


def kendall(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Measure the rank correlation of two columns by Kendall's tau-b.

    Parameters
    ----------
    data
        ``x`` and ``y``, three rows or more, neither constant.

    Returns
    -------
    dict
        ``test``: tau-b, z without continuity correction, two-sided P value.

    Source: Kendall (1970), Rank Correlation Methods, section 4.9. R: ``cor.test(method = "kendall",
    exact = FALSE, continuity = FALSE)``.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 3.0, 2.0, 4.0]})
    >>> kendall(rows)["test"].round(4).to_dict("records")
    [{'estimate': 0.6667, 'statistic': 1.3587, 'p_value': 0.1742}]
    """
    found = kendall_tau(data["x"].to_numpy(dtype=float), data["y"].to_numpy(dtype=float))
    row = {
        "estimate": [found.tau],
        "statistic": [found.z],
        "p_value": [float(two_sided(found.z))],
    }
    return {"test": pd.DataFrame(row)}
