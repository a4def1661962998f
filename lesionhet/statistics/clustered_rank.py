"""Rank-sum tests of lesions in patients: Datta & Satten, and Rosner, Glynn & Lee."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.errors import NotEstimableError
from lesionhet.statistics.arrays import Floats, Integers

SMALLEST_EIGENVALUE: Final = 1e-8
"""Of the correlations between the groups' rank sums: below it, their covariance has no inverse."""
NO_VARIANCE: Final = 1e-20
"""Variance of a rank sum, as a share of the square of its expectation, that is none but for rounding."""


@dataclass(frozen=True, eq=False)
class RankSums:
    """Rank sums of k groups, what they are under the null hypothesis, and their covariance there.

    ``weight``: what each sum is divided by to give a mean rank of the group.
    """

    observed: Floats
    expected: Floats
    covariance: Floats
    weight: Floats


def datta_satten(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compare groups of lesions where patients may have any number of them, in any groups.

    Parameters
    ----------
    data
        ``values``, ``group`` (codes 1 to k) and ``cluster`` (code of the patient).

    Returns
    -------
    dict
        ``test``, ``groups`` and ``pairs`` of `lesionhet.results.DattaSatten`.

    Raises
    ------
    NotEstimableError
        Too few patients for the variance of the rank sums.

    Source: Datta & Satten (2005) J Am Stat Assoc 100:908, with the pooled distribution of all rows in
    the variance, as in the authors' own program.

    Examples
    --------
    The example of the authors' program (S 0.921875, E 0.8333333, variance 0.0056293, P 0.2379586):

    >>> rows = pd.DataFrame({"values": [1.0, 4, 2, 4, 6, 7, 4, 7, 8], "cluster": [1, 1, 2, 2, 2, 2, 3, 3, 3],
    ...                      "group": [1, 2, 1, 1, 2, 2, 2, 1, 2]})
    >>> round(datta_satten(rows)["test"]["p_value"].item(), 7)
    0.2379586
    """
    tables = _tables(data, _datta_satten_sums(data), "Datta-Satten test")
    return {**tables, "pairs": _pairs(data)}


def rosner_glynn_lee(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compare groups of lesions by the rank sums that permutations of patients and lesions give.

    Patients with the same number of lesions swap how many of these are in each group, and within a
    patient the groups are dealt out anew.

    Parameters
    ----------
    data
        As in `datta_satten`.

    Returns
    -------
    dict
        ``test`` and ``groups`` of `lesionhet.results.RosnerGlynnLee`.

    Raises
    ------
    NotEstimableError
        No permutation changes the rank sums.

    Source: Rosner, Glynn & Lee (2003) Biometrics 59:1089 (groups of patients); (2006) Biometrics 62:1251
    (groups of lesions).

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2, 3, 4], "cluster": [1, 2, 3, 4], "group": [1, 1, 2, 2]})
    >>> rosner_glynn_lee(rows)["test"].round(4).values.tolist()
    [[2.4, 1.0, 0.1213]]
    """
    return _tables(data, _rosner_glynn_lee_sums(data), "Rosner-Glynn-Lee test")


def _pairs(data: pd.DataFrame) -> pd.DataFrame:
    """Test every pair of three or more groups in its own rows, Bonferroni corrected."""
    k = int(data["group"].max())
    pairs = list(combinations(range(1, k + 1), 2)) if k > 2 else []
    z = np.array([_pair_z(data, *pair) for pair in pairs], dtype=float)
    p_value = 2 * stats.norm.sf(np.abs(z))
    columns = {
        "group_1": [first for first, _ in pairs],
        "group_2": [second for _, second in pairs],
        "statistic": z,
        "p_value": p_value,
        "p_adjusted": np.minimum(p_value * len(pairs), 1.0),
    }
    return pd.DataFrame(columns)


def _pair_z(data: pd.DataFrame, first: int, second: int) -> float:
    rows = data[data["group"].isin((first, second))]
    rows = rows.assign(group=np.where(rows["group"] == first, 1, 2)).reset_index(drop=True)
    sums = _datta_satten_sums(rows)
    variance = sums.covariance[1, 1]
    if not variance > NO_VARIANCE * sums.expected[1] ** 2:
        return float("nan")
    return float((sums.observed[1] - sums.expected[1]) / np.sqrt(variance))


def _datta_satten_sums(data: pd.DataFrame) -> RankSums:
    values = data["values"].to_numpy(dtype=float)
    cluster, indicator = _clusters(data), _indicator(data)
    m, size = int(cluster.max()) + 1, np.bincount(cluster)
    weight = 1 / size[cluster]
    # Distribution functions halfway through their steps: each patient's, added up over patients; the
    # patient's own; all rows pooled.
    every = _middle_sum(values, weight)
    own = (pd.Series(values).groupby(cluster).rank().to_numpy() - 0.5) * weight
    pooled = _middle_sum(values, np.full(len(values), 1 / len(values)))
    share = _by_cluster(indicator * weight[:, None], cluster)
    part = _by_cluster(indicator * (weight * pooled)[:, None], cluster)
    total = share.sum(axis=0)
    w = ((m - 1) * part - (total - share) * part.sum(axis=1)[:, None]) / (m + 1)
    deviation = w - m / (2 * (m + 1)) * (share - total / m)
    rank = (1 + every - own) / (m + 1)
    return RankSums(
        indicator.T @ (weight * rank), total / 2, deviation.T @ deviation, np.asarray(total)
    )


def _rosner_glynn_lee_sums(data: pd.DataFrame) -> RankSums:
    rank = stats.rankdata(data["values"].to_numpy(dtype=float))
    cluster, indicator = _clusters(data), _indicator(data)
    size = np.bincount(cluster)
    number = _by_cluster(indicator, cluster)
    mean = np.bincount(cluster, rank) / size
    within = np.bincount(cluster, (rank - mean[cluster]) ** 2) / np.maximum(size - 1, 1)
    k = indicator.shape[1]
    expected, covariance = np.zeros(k), np.zeros((k, k))
    for g in np.unique(size):
        of_size = size == g
        n, q = int(of_size.sum()), number[of_size]
        expected += q.sum(axis=0) * mean[of_size].mean()
        if n > 1:
            swapped = q - q.mean(axis=0)
            spread = ((mean[of_size] - mean[of_size].mean()) ** 2).sum()
            covariance += swapped.T @ swapped * spread / (n - 1)
        dealt = np.diag(q.sum(axis=0)) - q.T @ q / g
        covariance += dealt * within[of_size].mean()
    return RankSums(indicator.T @ rank, expected, covariance, indicator.sum(axis=0))


def _tables(data: pd.DataFrame, sums: RankSums, what: str) -> dict[str, pd.DataFrame]:
    difference = sums.observed - sums.expected
    statistic = _quadratic_form(difference, sums, what)
    df = len(difference) - 1
    test = {"statistic": [statistic], "df": [df], "p_value": [stats.chi2.sf(statistic, df)]}
    patients = data.groupby("group")["cluster"].nunique()
    groups = {
        "group": np.arange(1, df + 2),
        "n": np.bincount(data["group"].to_numpy(dtype=np.int64))[1:],
        "patients": patients.to_numpy(dtype=float),
        "rank_sum": sums.observed,
        "expected": sums.expected,
        "variance": np.diag(sums.covariance),
        "mean_rank": sums.observed / sums.weight,
    }
    return {"test": pd.DataFrame(test), "groups": pd.DataFrame(groups)}


def _quadratic_form(difference: Floats, sums: RankSums, what: str) -> float:
    """Give d' V^-1 d of all groups but the last, whose rank sum follows from the others."""
    d, v = difference[:-1], sums.covariance[:-1, :-1]
    variance = np.diag(v)
    has_variance = variance > NO_VARIANCE * sums.expected[:-1] ** 2
    if has_variance.all():
        sd = np.sqrt(variance)
        correlation = v / np.outer(sd, sd)
        if np.linalg.eigvalsh(correlation)[0] > SMALLEST_EIGENVALUE:
            return float(d / sd @ np.linalg.solve(correlation, d / sd))
    raise NotEstimableError(
        f"{what}: too few patients for the variance of the rank sums of {len(difference)} groups. Compare "
        "fewer groups, or groups with more patients."
    )


def _clusters(data: pd.DataFrame) -> Integers:
    """Give the patients' places from 0, without gaps."""
    return np.unique(data["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)


def _indicator(data: pd.DataFrame) -> Floats:
    """Give n x k columns that are 1 for the rows of a group."""
    group = data["group"].to_numpy(dtype=np.int64)
    found: Floats = (group[:, None] == np.arange(1, group.max() + 1)).astype(np.float64)
    return found


def _by_cluster(columns: Floats, cluster: Integers) -> Floats:
    """Add up the rows of each cluster."""
    found = np.column_stack([np.bincount(cluster, column) for column in columns.T])
    return np.asarray(found, dtype=float)


def _middle_sum(values: Floats, weight: Floats) -> Floats:
    """Give each value the weight of all smaller ones and half of that of its equals."""
    place = np.unique(values, return_inverse=True)[1]
    at = np.bincount(place, weight)
    found: Floats = (np.cumsum(at) - at / 2)[place]
    return found
