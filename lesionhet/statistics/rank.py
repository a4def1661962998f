"""Rank tests: Mann-Whitney, Kruskal-Wallis, Dunn, Kendall."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.statistics.arrays import Floats, by_group, group_medians


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
    first, second = by_group(data)
    test = stats.mannwhitneyu(
        first, second, use_continuity=True, alternative="two-sided", method="asymptotic"
    )
    row = {"statistic": [float(test.statistic)], "p_value": [float(test.pvalue)]}
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
    parts = by_group(data)
    test = stats.kruskal(*parts)
    row = {
        "statistic": [float(test.statistic)],
        "df": [len(parts) - 1],
        "p_value": [float(test.pvalue)],
    }
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
    from scikit_posthocs import posthoc_dunn

    k = int(data["group"].max())
    first, second = np.array(list(combinations(range(1, k + 1), 2))).T
    plain = posthoc_dunn(data, val_col="values", group_col="group", p_adjust=None)
    adjusted = posthoc_dunn(data, val_col="values", group_col="group", p_adjust="bonferroni")
    columns = {
        "group_1": first,
        "group_2": second,
        "statistic": _dunn_z(data, first, second),
        "p_value": plain.to_numpy()[first - 1, second - 1],
        "p_adjusted": adjusted.to_numpy()[first - 1, second - 1],
    }
    return {"pairs": pd.DataFrame(columns)}


def _dunn_z(data: pd.DataFrame, first: Floats, second: Floats) -> Floats:
    ranks = data["values"].rank()
    groups = ranks.groupby(data["group"])
    mean, size = groups.mean(), groups.size()
    n, ties = len(ranks), ranks.value_counts().to_numpy(dtype=float)
    spread = n * (n + 1) / 12 - (ties**3 - ties).sum() / (12 * (n - 1))
    difference = mean.loc[second].to_numpy() - mean.loc[first].to_numpy()
    z: Floats = difference / np.sqrt(
        spread * (1 / size.loc[first].to_numpy() + 1 / size.loc[second].to_numpy())
    )
    return z


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
    x, y = data["x"].to_numpy(dtype=float), data["y"].to_numpy(dtype=float)
    test = stats.kendalltau(x, y, variant="b", method="asymptotic", alternative="two-sided")
    row = {
        "estimate": [float(test.statistic)],
        "statistic": [_kendall_z(float(test.statistic), x, y)],
        "p_value": [float(test.pvalue)],
    }
    return {"test": pd.DataFrame(row)}


def _kendall_z(tau: float, x: Floats, y: Floats) -> float:
    n = float(len(x))
    t, u = (np.unique(v, return_counts=True)[1].astype(float) for v in (x, y))
    pairs_t, pairs_u = (t * (t - 1)).sum(), (u * (u - 1)).sum()
    triples_t, triples_u = (t * (t - 1) * (t - 2)).sum(), (u * (u - 1) * (u - 2)).sum()
    m = n * (n - 1)
    score = tau * np.sqrt((m - pairs_t) * (m - pairs_u)) / 2
    single = m * (2 * n + 5) - sum((v * (v - 1) * (2 * v + 5)).sum() for v in (t, u))
    variance = single / 18 + pairs_t * pairs_u / (2 * m) + triples_t * triples_u / (9 * m * (n - 2))
    return float(score / np.sqrt(variance))
