"""Rank tests and exact intervals by scipy.stats and scikit-posthocs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.errors import NotEstimableError
from lesionhet.statistics.arrays import Floats, by_group, group_medians
from lesionhet.statistics.registry import Tables


def mann_whitney(data: pd.DataFrame) -> Tables:
    """Answer as `lesionhet.statistics.rank.mann_whitney`, by scipy.stats.mannwhitneyu.

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


def kruskal_wallis(data: pd.DataFrame) -> Tables:
    """Answer as `lesionhet.statistics.rank.kruskal_wallis`, by scipy.stats.kruskal."""
    parts = by_group(data)
    test = stats.kruskal(*parts)
    row = {
        "statistic": [float(test.statistic)],
        "df": [len(parts) - 1],
        "p_value": [float(test.pvalue)],
    }
    return {"test": pd.DataFrame(row), "groups": group_medians(data)}


def dunn(data: pd.DataFrame) -> Tables:
    """Answer as `lesionhet.statistics.rank.dunn`: P values by scikit-posthocs, z from them.

    scikit-posthocs gives P values alone: z is their normal quantile, its sign that of the difference of
    the groups' mean ranks.

    Raises
    ------
    NotEstimableError
        A P value is too small for a float, so that z cannot be told from it.
    """
    from scikit_posthocs import posthoc_dunn

    k = int(data["group"].max())
    first, second = np.array(list(combinations(range(1, k + 1), 2))).T
    places = (first - 1, second - 1)
    plain, adjusted = (
        posthoc_dunn(data, val_col="values", group_col="group", p_adjust=way).to_numpy()[places]
        for way in (None, "bonferroni")
    )
    mean = data["values"].rank().groupby(data["group"]).mean().to_numpy()
    columns = {
        "group_1": first,
        "group_2": second,
        "statistic": _z(plain, mean[second - 1] - mean[first - 1], "Dunn test"),
        "p_value": plain,
        "p_adjusted": adjusted,
    }
    return {"pairs": pd.DataFrame(columns)}


def kendall(data: pd.DataFrame) -> Tables:
    """Answer as `lesionhet.statistics.rank.kendall`: tau and P by scipy.stats.kendalltau, z from P.

    Raises
    ------
    NotEstimableError
        The P value is too small for a float, so that z cannot be told from it.
    """
    x, y = data["x"].to_numpy(dtype=float), data["y"].to_numpy(dtype=float)
    test = stats.kendalltau(x, y, variant="b", method="asymptotic", alternative="two-sided")
    tau, p_value = np.array([test.statistic]), np.array([test.pvalue])
    columns = {
        "estimate": tau,
        "statistic": _z(p_value, tau, "Kendall correlation"),
        "p_value": p_value,
    }
    return {"test": pd.DataFrame(columns)}


def _z(p_value: Floats, direction: Floats, what: str) -> Floats:
    """Give the normal statistics that have these two-sided P values."""
    if (p_value == 0).any():
        raise NotEstimableError(
            f"{what}: the library gives P = 0, so small is it, and no statistic beside it."
        )
    # A direction that is 0 but for rounding has P near 1, where the quantile has no digits left.
    found: Floats = np.sign(direction) * stats.norm.isf(p_value / 2)
    return found


def rank_correlations(data: pd.DataFrame) -> Tables:
    """Answer as `lesionhet.statistics.correlation.rank_correlations`, by scipy.stats.spearmanr."""
    rows = [
        (
            i + 1,
            j + 1,
            float(stats.spearmanr(data.iloc[:, i], data.iloc[:, j]).statistic),
            len(data),
        )
        for i, j in combinations(range(data.shape[1]), 2)
    ]
    return {"pairs": pd.DataFrame(rows, columns=["row_1", "row_2", "estimate", "n"])}


def median_interval(data: pd.DataFrame, conf_level: float) -> Tables:
    """Answer as `lesionhet.statistics.summary.median_interval`, by scipy.stats.binom."""
    rows = []
    for code, values in enumerate(by_group(data), start=1):
        n, ordered = len(values), np.sort(values)
        j = int(stats.binom.ppf((1 - conf_level) / 2, n, 0.5))
        there = j >= 1
        row = {"group": code, "n": n, "estimate": float(np.median(values))}
        row |= {"conf_low": ordered[j - 1] if there else np.nan}
        row |= {"conf_high": ordered[n - j] if there else np.nan}
        rows.append(row | {"coverage": 1 - 2 * stats.binom.cdf(j - 1, n, 0.5) if there else np.nan})
    return {"medians": pd.DataFrame(rows)}


def proportion(data: pd.DataFrame, conf_level: float) -> Tables:
    """Answer as `lesionhet.statistics.proportion.proportion`, by scipy.stats.binomtest."""
    rows = []
    for code, success in enumerate(by_group(data, "success"), start=1):
        count, n = int(success.sum()), len(success)
        limits = stats.binomtest(count, n).proportion_ci(conf_level, method="exact")
        row = {"group": code, "count": count, "n": n, "estimate": count / n}
        rows.append({**row, "conf_low": limits.low, "conf_high": limits.high})
    return {"proportions": pd.DataFrame(rows)}


def sign_test(data: pd.DataFrame, conf_level: float) -> Tables:
    """Answer as `lesionhet.statistics.sign.sign_test`, by scipy.stats.binomtest."""
    before, after = int((data["sign"] > 0).sum()), int((data["sign"] < 0).sum())
    found = stats.binomtest(before, before + after, 0.5)
    limits = found.proportion_ci(conf_level, method="exact")
    test = {
        "estimate": found.statistic,
        "conf_low": limits.low,
        "conf_high": limits.high,
        "p_value": found.pvalue,
    }
    counts = {"before": before, "ties": len(data) - before - after, "after": after}
    return {"test": pd.DataFrame([test]), "counts": pd.DataFrame([counts])}
