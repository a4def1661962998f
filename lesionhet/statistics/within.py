"""Permutations of groups within patients, and the Cox model of lesions with patients as clusters."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.statistics.arrays import Floats, Integers
from lesionhet.statistics.counting import cox_counting

AS_LARGE: Final = 1e-10
"""Statistics apart by no more than this share are equal: two orders of the same ranks add up alike."""


def permuted_within(
    data: pd.DataFrame, permutations: int, multiplier: int, modulus: int
) -> dict[str, pd.DataFrame]:
    """Compare groups of lesions by Kruskal-Wallis, with P from permutations within patients.

    Parameters
    ----------
    data
        ``values``, ``group`` (codes 1 to k), ``cluster`` (code of the patient) and ``key``, a whole number
        from 1 to ``modulus`` - 1, different in each row.
    permutations
        How many.
    multiplier, modulus
        The keys of a permutation are those before times ``multiplier`` modulo ``modulus``. The rows of a
        patient, as they stand, get the groups of the same rows sorted by key.

    Returns
    -------
    dict
        ``test`` and ``permuted`` of `lesionhet.results.PermutedWithin`.

    Source: Davison & Hinkley (1997), Bootstrap Methods and their Application, section 4.2.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2, 3, 4], "group": [1, 2, 1, 2], "cluster": [1, 1, 2, 2],
    ...                      "key": [5.0, 3, 7, 11]})
    >>> permuted_within(rows, 99, 48271, 2147483647)["test"]["statistic"].round(4).item()
    0.6
    """
    rank = stats.rankdata(data["values"].to_numpy(dtype=float))
    group = data["group"].to_numpy(dtype=np.int64) - 1
    size = np.bincount(group)
    # Patients with one group only have the same ranks in it whatever is dealt.
    moves = (data.groupby("cluster")["group"].transform("nunique") > 1).to_numpy()
    stay = np.bincount(group[~moves], rank[~moves], len(size))
    sums = _permuted_sums(data[moves], rank[moves], permutations, multiplier, modulus, len(size))
    observed, *found = _kruskal_wallis(stay + sums, size, rank)
    as_large = int((np.array(found) >= observed * (1 - AS_LARGE)).sum())
    test = {
        "statistic": observed,
        "df": len(size) - 1,
        "permutations": permutations,
        "as_large": as_large,
        "p_value": (1 + as_large) / (1 + permutations),
    }
    permuted = {"patients": data["cluster"][moves].nunique(), "lesions": int(moves.sum())}
    return {"test": pd.DataFrame([test]), "permuted": pd.DataFrame([permuted])}


def _permuted_sums(
    rows: pd.DataFrame, rank: Floats, permutations: int, multiplier: int, modulus: int, k: int
) -> Floats:
    """Give the rank sums of the k groups as they are, then in each permutation."""
    order = np.argsort(rows["cluster"].to_numpy(), kind="stable")
    group = rows["group"].to_numpy(dtype=np.int64)[order] - 1
    patient = rows["cluster"].to_numpy(dtype=np.int64)[order] * modulus
    key, rank = rows["key"].to_numpy(dtype=np.int64)[order], rank[order]
    sums = np.empty((1 + permutations, k))
    sums[0] = np.bincount(group, rank, k)
    for permutation in range(1, 1 + permutations):
        key = key * multiplier % modulus
        sums[permutation] = np.bincount(group[np.argsort(patient + key)], rank, k)
    return sums


def _kruskal_wallis(sums: Floats, size: Integers, rank: Floats) -> Floats:
    """Give H with tie correction for each row of rank sums."""
    middle = (len(rank) + 1) / 2
    found: Floats = (size * (sums / size - middle) ** 2).sum(axis=1) / rank.var(ddof=1)
    return found


def clustered_cox(data: pd.DataFrame, ties: str, conf_level: float) -> dict[str, pd.DataFrame]:
    """Fit a Cox model to lesions, with a variance that adds up the lesions of a patient.

    Parameters
    ----------
    data
        ``time``, ``event`` (1 event, 0 none), covariates ``x1`` to ``xp``, ``cluster`` (code of the
        patient) and, where the baseline hazard differs between strata, ``strata`` (codes).
    ties
        ``"efron"``.
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        ``terms`` and ``model`` of `lesionhet.results.ClusteredCox`.

    Raises
    ------
    NotEstimableError
        As `lesionhet.statistics.counting.cox_counting`.

    Source: Lin & Wei (1989). R: ``survival::coxph(Surv(time, event) ~ x, cluster = cluster)``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [5.0, 7, 2, 6, 1], "event": [1, 0, 1, 1, 1],
    ...                      "x1": [1.0, 0, 1, 0, 0], "cluster": [1, 1, 2, 2, 3]})
    >>> terms = clustered_cox(rows, "efron", 0.95)["terms"]
    >>> terms[["hazard_ratio", "robust_error"]].round(4).values.tolist()
    [[2.9243, 1.1002]]
    """
    return cox_counting(data.rename(columns={"time": "stop"}), ties, conf_level)
