"""Permutations of groups within patients, and the Cox model of lesions with patients as clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import Floats, Integers, code_order
from lesionhet.statistics.counting import cox_counting
from lesionhet.statistics.ranks import ranked

AS_LARGE: Final = 1e-10
"""Statistics apart by no more than this share are equal: two orders of the same ranks add up alike."""


AT_ONCE: Final = 32
"""Permutations computed together."""
MOST_BY_EXCHANGE: Final = 8
"""Rows of a patient up to which they are sorted by exchanging neighbours."""


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
    rank = ranked(data["values"].to_numpy(dtype=float)).rank
    group = data["group"].to_numpy(dtype=np.int64) - 1
    patient, key = (data[name].to_numpy(dtype=np.int64) for name in ("cluster", "key"))
    size = np.bincount(group)
    # Patients with one group only have the same ranks in it whatever is dealt.
    cells = np.bincount(patient * len(size) + group, minlength=(patient.max() + 1) * len(size))
    several = (cells.reshape(-1, len(size)) > 0).sum(axis=1) > 1
    moves = several[patient]
    stay = np.bincount(group[~moves], rank[~moves], len(size))
    dealt = deal(patient[moves], group[moves], rank[moves], len(size))
    sums = dealt.sums(key[moves], permutations, multiplier, modulus)
    sums = np.vstack([np.bincount(group[moves], rank[moves], len(size)), sums])
    observed, *found = _kruskal_wallis(stay + sums, size, rank)
    as_large = int((np.array(found) >= observed * (1 - AS_LARGE)).sum())
    test = {
        "statistic": observed,
        "df": len(size) - 1,
        "permutations": permutations,
        "as_large": as_large,
        "p_value": (1 + as_large) / (1 + permutations),
    }
    permuted = {"patients": int(several.sum()), "lesions": int(moves.sum())}
    return {"test": pd.DataFrame([test]), "permuted": pd.DataFrame([permuted])}


@dataclass(frozen=True, eq=False)
class Dealt:
    """Rows whose groups are dealt out within patients.

    Patients with as many rows stand side by side: of n patients with m rows each, first the first row of
    every one, then the second.

    Parameters
    ----------
    order
        Place of each row among those given.
    spans
        m, n and where these rows begin, for each m.
    group, rank
        Of the rows in this order: group from 0 to ``k`` - 1, rank of the value among all rows.
    """

    order: Integers
    spans: tuple[tuple[int, int, int], ...]
    group: Integers
    rank: Floats
    k: int

    def sums(self, key: Integers, permutations: int, multiplier: int, modulus: int) -> Floats:
        """Give the rank sums of the k groups in each permutation, from the rows' first keys."""
        key, sums = key[self.order], np.empty((permutations, self.k))
        bits = (self.k - 1).bit_length()
        for first in range(0, permutations, AT_ONCE):
            here = min(AT_ONCE, permutations - first)
            keyed = np.empty((here, len(key)), dtype=np.int64)
            for row in keyed:
                key = key * multiplier
                key -= key // modulus * modulus  # key % modulus, by the faster division
                # The group is in the last bits of its key: sorted by key, groups come along.
                np.add(key << bits, self.group, out=row)
            self._sort(keyed)
            keyed &= (1 << bits) - 1
            cell = (keyed + np.arange(here)[:, None] * self.k).ravel()
            found = np.bincount(cell, np.tile(self.rank, here), here * self.k)
            sums[first : first + here] = found.reshape(here, self.k)
        return sums

    def _sort(self, keyed: Integers) -> None:
        """Sort each patient's numbers in each permutation, in place."""
        for m, n, begin in self.spans:
            places = keyed[:, begin : begin + m * n].reshape(len(keyed), m, n)
            if m > MOST_BY_EXCHANGE:
                places.sort(axis=1)
                continue
            # Few places and many patients: exchanging neighbours, all patients at once, is fastest.
            for last in range(m - 1, 0, -1):
                for i in range(last):
                    low = np.minimum(places[:, i], places[:, i + 1])
                    np.maximum(places[:, i], places[:, i + 1], out=places[:, i + 1])
                    places[:, i] = low


def deal(patient: Integers, group: Integers, rank: Floats, k: int) -> Dealt:
    """Put patients with as many rows side by side.

    Examples
    --------
    >>> dealt = deal(np.array([1, 2, 3, 1, 3]), np.array([0, 1, 1, 0, 0]), np.arange(5.0), 2)
    >>> dealt.order.tolist(), dealt.spans
    ([1, 0, 2, 3, 4], ((1, 1, 0), (2, 2, 1)))
    """
    by_patient = code_order(patient)
    size = np.bincount(patient)
    place = np.empty_like(patient)
    first = (np.cumsum(size) - size)[patient[by_patient]]
    place[by_patient] = np.arange(len(patient)) - first
    order = np.lexsort((patient, place, size[patient]))
    spans, begin = [], 0
    for m, n in enumerate(np.bincount(size)):
        if m and n:
            spans.append((m, int(n), begin))
            begin += m * int(n)
    return Dealt(order, tuple(spans), group[order], rank[order], k)


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
