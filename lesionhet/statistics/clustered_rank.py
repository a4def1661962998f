"""Rank-sum tests of lesions in patients: Datta & Satten, and Rosner, Glynn & Lee."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import NotEstimableError
from lesionhet.statistics.arrays import Floats, Integers, code_order
from lesionhet.statistics.distributions import chi_square_tail, two_sided

SMALLEST_EIGENVALUE: Final = 1e-8
"""Of the correlations between the groups' rank sums: below it, their covariance has no inverse."""
NO_VARIANCE: Final = 1e-20
"""Variance of a rank sum, as a share of the square of its expectation, that is none but for rounding."""


@dataclass(frozen=True, eq=False)
class RankSums:
    """Rank sums of k groups, what they are under the null hypothesis, and their covariance there.

    ``weight``: what each sum is divided by to give a mean rank of the group; ``patients``: how many have
    lesions in the group.
    """

    observed: Floats
    expected: Floats
    covariance: Floats
    weight: Floats
    patients: Integers


@dataclass(frozen=True, eq=False)
class Lesions:
    """Lesions sorted by patient, those of a patient by value.

    ``cluster``: the patient, from 0 without gaps; ``place``: of the value among the different ones, from 0;
    ``group``: from 0 to ``k`` - 1.
    """

    cluster: Integers
    place: Integers
    group: Integers
    k: int

    def of_pair(self, first: int, second: int) -> Lesions:
        """Give the lesions of two groups, which become groups 0 and 1."""
        kept = (self.group == first) | (self.group == second)
        group = (self.group[kept] == second).astype(np.int64)
        return Lesions(_without_gaps(self.cluster[kept]), self.place[kept], group, 2)

    def by_patient(self, weight: Floats | None = None) -> Floats:
        """Add up the weights of each patient's lesions in each group, default 1 each: m x k."""
        m = int(self.cluster[-1]) + 1
        cells = np.bincount(self.cluster * self.k + self.group, weight, m * self.k)
        return np.asarray(cells, dtype=float).reshape(m, self.k)

    def by_group(self, weight: Floats) -> Floats:
        """Add up weights of lesions by group."""
        return np.asarray(np.bincount(self.group, weight, self.k), dtype=float)


def lesions_of(data: pd.DataFrame) -> Lesions:
    """Sort rows with ``values``, ``group`` and ``cluster`` as codes."""
    values = data["values"].to_numpy(dtype=float)
    order = np.argsort(values)
    ordered = values[order]
    place = np.cumsum(np.r_[False, ordered[1:] != ordered[:-1]])
    cluster = data["cluster"].to_numpy(dtype=np.int64)[order]
    by_cluster = code_order(cluster)
    group = data["group"].to_numpy(dtype=np.int64) - 1
    return Lesions(
        _without_gaps(cluster[by_cluster]),
        place[by_cluster],
        group[order[by_cluster]],
        int(group.max()) + 1,
    )


def _without_gaps(ascending: Integers) -> Integers:
    return np.cumsum(_changes(ascending)) - 1


def _changes(ascending: Integers) -> npt.NDArray[np.bool_]:
    """Say where a value differs from the one before; True at the first."""
    found: npt.NDArray[np.bool_] = np.r_[True, ascending[1:] != ascending[:-1]]
    return found


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
    lesions = lesions_of(data)
    tables = _tables(lesions, _datta_satten_sums(lesions), "Datta-Satten test")
    return {**tables, "pairs": _pairs(lesions)}


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
    lesions = lesions_of(data)
    return _tables(lesions, _rosner_glynn_lee_sums(lesions), "Rosner-Glynn-Lee test")


def _pairs(lesions: Lesions) -> pd.DataFrame:
    """Test every pair of three or more groups in its own rows, Bonferroni corrected."""
    pairs = list(combinations(range(lesions.k), 2)) if lesions.k > 2 else []
    z = np.array([_pair_z(lesions.of_pair(*pair)) for pair in pairs], dtype=float)
    p_value = two_sided(z)
    columns = {
        "group_1": [first + 1 for first, _ in pairs],
        "group_2": [second + 1 for _, second in pairs],
        "statistic": z,
        "p_value": p_value,
        "p_adjusted": np.minimum(p_value * len(pairs), 1.0),
    }
    return pd.DataFrame(columns)


def _pair_z(pair: Lesions) -> float:
    sums = _datta_satten_sums(pair)
    variance = sums.covariance[1, 1]
    if not variance > NO_VARIANCE * sums.expected[1] ** 2:
        return float("nan")
    return float((sums.observed[1] - sums.expected[1]) / np.sqrt(variance))


def _datta_satten_sums(lesions: Lesions) -> RankSums:
    size = np.bincount(lesions.cluster)
    m, weight = len(size), (1 / size)[lesions.cluster]
    # Distribution functions halfway through their steps: each patient's, added up over patients; the
    # patient's own; all rows pooled.
    every = _middle_sum(lesions.place, weight)
    own = _middle_within(lesions) * weight
    pooled = _middle_sum(lesions.place, np.full(len(weight), 1 / len(weight)))
    share, part = lesions.by_patient(weight), lesions.by_patient(weight * pooled)
    total = share.sum(axis=0)
    w = ((m - 1) * part - (total - share) * part.sum(axis=1)[:, None]) / (m + 1)
    deviation = w - m / (2 * (m + 1)) * (share - total / m)
    rank = (1 + every - own) / (m + 1)
    observed, patients = lesions.by_group(weight * rank), (share > 0).sum(axis=0)
    return RankSums(observed, total / 2, deviation.T @ deviation, total, patients)


def _rosner_glynn_lee_sums(lesions: Lesions) -> RankSums:
    rank, cluster = _middle_sum(lesions.place, np.ones(len(lesions.place))) + 0.5, lesions.cluster
    size, number = np.bincount(cluster), lesions.by_patient()
    mean = np.bincount(cluster, rank) / size
    within = np.bincount(cluster, (rank - mean[cluster]) ** 2) / np.maximum(size - 1, 1)
    expected, covariance = np.zeros(lesions.k), np.zeros((lesions.k, lesions.k))
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
    observed, patients = lesions.by_group(rank), (number > 0).sum(axis=0)
    return RankSums(observed, expected, covariance, number.sum(axis=0), patients)


def _tables(lesions: Lesions, sums: RankSums, what: str) -> dict[str, pd.DataFrame]:
    difference = sums.observed - sums.expected
    statistic = _quadratic_form(difference, sums, what)
    df = len(difference) - 1
    p_value = float(chi_square_tail(statistic, df))
    test = {"statistic": [statistic], "df": [df], "p_value": [p_value]}
    groups = {
        "group": np.arange(1, df + 2),
        "n": np.bincount(lesions.group),
        "patients": sums.patients.astype(float),
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


def _middle_sum(place: Integers, weight: Floats) -> Floats:
    """Give each value the weight of all smaller ones and half of that of its equals."""
    at = np.bincount(place, weight)
    found: Floats = (np.cumsum(at) - at / 2)[place]
    return found


def _middle_within(lesions: Lesions) -> Floats:
    """Give how many lesions of its own patient are smaller than each, and half of its equals."""
    new_patient = _changes(lesions.cluster)
    first = np.flatnonzero(new_patient | _changes(lesions.place))
    equal = np.diff(np.r_[first, len(lesions.place)])
    smaller = first - np.flatnonzero(new_patient)[lesions.cluster[first]]
    return np.repeat(smaller + equal / 2, equal)
