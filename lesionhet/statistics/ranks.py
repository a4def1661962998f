"""Ranks, ties and discordant pairs: what the rank tests count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lesionhet.statistics.arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks from 1 of n values, ties having the mean of theirs, and how often each value is there."""

    rank: Floats
    counts: Floats

    @property
    def tie_sum(self) -> float:
        """Sum of t^3 - t over all t tied values: 0 without ties."""
        return float((self.counts**3 - self.counts).sum())


def ranked(values: Floats) -> Ranks:
    """Rank n values.

    Examples
    --------
    >>> found = ranked(np.array([5.0, 1.0, 5.0]))
    >>> found.rank.tolist(), found.counts.tolist(), found.tie_sum
    ([2.5, 1.0, 2.5], [1.0, 2.0], 6.0)
    """
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    counts = np.diff(np.r_[first, len(values)])
    rank: Floats = np.empty(len(values))
    rank[order] = np.repeat(first + (counts + 1) / 2, counts)
    return Ranks(rank, counts.astype(float))


@dataclass(frozen=True)
class Kendall:
    """Kendall's tau-b of two columns, and z of its asymptotic test."""

    tau: float
    z: float


def kendall_tau(x: Floats, y: Floats) -> Kendall:
    """Give Kendall's tau-b of n >= 3 pairs of numbers, neither column constant.

    The score S is the number of concordant less that of discordant pairs. z is S over its standard
    deviation under independence, corrected for ties, without continuity correction.

    Source: Kendall (1970), Rank Correlation Methods, sections 3.4, 4.9 and 5.

    Examples
    --------
    >>> kendall_tau(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 4.0]))
    Kendall(tau=0.666..., z=1.358...)
    """
    n = float(len(x))
    places = [np.unique(column, return_inverse=True, return_counts=True)[1:] for column in (x, y)]
    (place_x, counts_x), (place_y, counts_y) = places
    order = np.lexsort((place_y, place_x))
    both = place_x[order] * len(counts_y) + place_y[order]
    t, u = counts_x.astype(float), counts_y.astype(float)
    joint = np.diff(np.r_[np.flatnonzero(np.r_[True, np.diff(both) > 0]), len(both)])
    pairs_t, pairs_u = (t * (t - 1)).sum(), (u * (u - 1)).sum()
    m = n * (n - 1)
    # Pairs tied in neither column are concordant or discordant.
    untied = (m - pairs_t - pairs_u + (joint * (joint - 1.0)).sum()) / 2
    score = untied - 2 * inversions(place_y[order])
    tau = float(np.clip(2 * score / np.sqrt(m - pairs_t) / np.sqrt(m - pairs_u), -1, 1))
    triples_t, triples_u = (t * (t - 1) * (t - 2)).sum(), (u * (u - 1) * (u - 2)).sum()
    single = m * (2 * n + 5) - sum((v * (v - 1) * (2 * v + 5)).sum() for v in (t, u))
    variance = single / 18 + pairs_t * pairs_u / (2 * m) + triples_t * triples_u / (9 * m * (n - 2))
    return Kendall(tau, float(score / np.sqrt(variance)))


def inversions(values: Integers) -> int:
    """Count the pairs of whole numbers, 0 or more, of which the first is the larger.

    From the highest bit down: two numbers with the same higher bits are out of order at the bit where the
    first has a 1 and the second a 0. Numbers with the same higher bits stand together, in the order given.

    Examples
    --------
    >>> inversions(np.array([3, 1, 2, 2, 0]))
    7
    """
    bits = int(np.max(values, initial=0)).bit_length()
    # Numbers of 16 bits are sorted by counting.
    found, here = 0, np.asarray(values, dtype="u2" if bits <= 16 else "i8")
    for bit in reversed(range(bits)):
        block, one = here >> (bit + 1), (here >> bit) & 1
        before = np.cumsum(one) - one
        first = np.flatnonzero(np.r_[True, block[1:] != block[:-1]])
        in_block = before - np.repeat(before[first], np.diff(np.r_[first, len(here)]))
        found += int(in_block[one == 0].sum())
        here = here[np.argsort(here >> bit, kind="stable")]
    return found
