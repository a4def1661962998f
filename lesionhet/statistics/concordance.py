"""Harrell's C: of two patients who can be compared, how often the one with the higher score goes first."""

from __future__ import annotations

import ctypes
import functools
from typing import Any, Final

import numpy as np

from lesionhet.compiled_parts import NUMBERS, WHOLE, address, beside, load
from lesionhet.statistics.arrays import Floats, Integers

SCORE_DECIMALS: Final = 8
"""Scores that are equal by the formula part in the last bits: rounded, they tie."""
CHUNK: Final = 256
"""Events that are compared with everyone before them at a time."""
VERSION: Final = 1
"""Of the function in comparable_pairs.c; a library compiled from another one is not used."""
LIBRARY: Final = beside(__file__, "comparable_pairs")


class ComparablePairs:
    """Which patients can be compared: who had the event first, within a stratum.

    A patient with the event is compared with everyone whose time is longer, and with those who are
    censored at the same time. Two events at the same time cannot be compared.

    Parameters
    ----------
    time, event
        n days, and 1 for an event.
    strata
        n codes, or None for one stratum.

    Source: Harrell et al. (1982) JAMA 247:2543; R: ``survival::concordance``, strata added up.

    Examples
    --------
    >>> pairs = ComparablePairs(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0]))
    >>> pairs.count(np.array([2.0, 0.0, 1.0])).tolist()
    [[2.0, 3.0]]
    """

    def __init__(self, time: Floats, event: Floats, strata: Integers | None = None) -> None:
        stratum = np.zeros(len(time), dtype=np.int64) if strata is None else strata
        # Stratum by stratum, latest first, censored before events of the same time: everyone whom an
        # event can be compared with stands before it, end to end.
        self._order = np.lexsort((event, -time, stratum))
        stratum = stratum[self._order]
        time, event = (values[self._order] for values in (time, event))
        changes = stratum[1:] != stratum[:-1]
        runs = changes | (time[1:] != time[:-1]) | (event[1:] != event[:-1])
        self._events = np.flatnonzero(event == 1)
        self._begin = _starts(changes)[self._events]
        self._until = _starts(runs)[self._events]
        edges = np.flatnonzero(np.r_[True, np.diff(self._begin) != 0])
        self._chunks = [
            slice(k, min(k + CHUNK, last))
            for first, last in zip(edges, np.r_[edges[1:], len(self._events)], strict=True)
            for k in range(first, last, CHUNK)
        ]

    def count(self, scores: Floats, weights: Floats | None = None) -> Floats:
        """Count concordant pairs and all that can be compared.

        Parameters
        ----------
        scores
            n; a higher score is taken to mean an earlier event.
        weights
            k x n: how many times each patient is there; default once.

        Returns
        -------
        numpy.ndarray
            k x 2: concordant pairs, those with equal scores for a half, and all. Their ratio is C.
        """
        weight = np.ones((1, len(scores))) if weights is None else weights
        counts: Floats = self.count_each(scores[None], weight[None])[0]
        return counts

    def count_each(self, scores: Floats, weights: Floats) -> Floats:
        """Count the pairs of several models of the same rows.

        Parameters
        ----------
        scores
            B x n, as in `count`.
        weights
            B x k x n: for the scores of each model, how many times each patient is there.

        Returns
        -------
        numpy.ndarray
            B x k x 2, as `count` gives them.

        Examples
        --------
        >>> pairs = ComparablePairs(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0]))
        >>> scores, weights = np.array([[2.0, 0.0, 1.0], [0.0, 1.0, 2.0]]), np.ones((2, 1, 3))
        >>> pairs.count_each(scores, weights).tolist()
        [[[2.0, 3.0]], [[0.0, 3.0]]]
        """
        ranks: Integers = np.empty(scores.shape, dtype=np.int64)
        for number, of_model in enumerate(scores):
            ranks[number] = _rank(of_model)
        found = library()
        if found is not None:
            return self._compiled(found, ranks, weights)
        counts = np.empty((*weights.shape[:2], 2))
        for number, of_model in enumerate(zip(ranks, weights, strict=True)):
            counts[number] = self._compared(*of_model)
        return counts

    def _compiled(self, found: ctypes.CDLL, ranks: Integers, weights: Floats) -> Floats:
        (models, n), k = ranks.shape, weights.shape[1]
        places = (self._order, self._events, self._begin, self._until)
        order, events, begin, until = (np.ascontiguousarray(p, dtype=np.int64) for p in places)
        given = np.ascontiguousarray(weights, dtype=float)
        counts, tree = np.zeros((models, k, 2)), np.empty((n + 3) * k)
        found.comparable_pairs(
            *(n, len(events)),
            *map(address, (order, events, begin, until)),
            *(models, k),
            *map(address, (ranks, given, tree, counts)),
        )
        return counts

    def _compared(self, rank: Integers, weights: Floats) -> Floats:
        """Compare each event with everyone before it, by NumPy."""
        weight = weights[:, self._order]
        rank = rank[self._order].astype(np.int32)
        so_far = np.concatenate([np.zeros((len(weight), 1)), np.cumsum(weight, axis=1)], axis=1)
        # Single precision is faster, and holds whole numbers up to 2^24: twice all that is added up.
        kind = np.dtype(np.float32 if 2 * so_far.max() < 2**24 else np.float64)
        other = weight.astype(kind)
        found = np.zeros((len(weight), 2))
        for chunk in self._chunks:
            events, until, begin = self._events[chunk], self._until[chunk], self._begin[chunk][0]
            before = rank[begin : until[-1]]
            own = rank[events, None]
            twice = (before < own).view(np.int8) + (before <= own).view(np.int8)
            twice *= np.arange(begin, until[-1]) < until[:, None]
            concordant = twice.astype(kind) @ other[:, begin : until[-1]].T
            comparable = so_far[:, until] - so_far[:, begin, None]
            found[:, 0] += (weight[:, events] * concordant.T).sum(axis=1) / 2
            found[:, 1] += (weight[:, events] * comparable).sum(axis=1)
        return found


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load the library; None where it was not compiled, is of another version, or is switched off."""
    found = load(LIBRARY, VERSION)
    if found is not None:
        parts: list[Any] = [*[WHOLE] * 2, *[NUMBERS] * 4, *[WHOLE] * 2, *[NUMBERS] * 4]
        found.comparable_pairs.argtypes, found.comparable_pairs.restype = parts, None
    return found


def _rank(scores: Floats) -> Integers:
    """Give each score its rank from 1; equal ones share it."""
    rounded = np.round(scores, SCORE_DECIMALS)
    order = np.argsort(rounded)
    sorted_scores = rounded[order]
    rank = np.empty(len(scores), dtype=np.int64)
    rank[order] = np.cumsum(np.r_[True, sorted_scores[1:] != sorted_scores[:-1]][: len(scores)])
    return rank


def _starts(changes: np.ndarray) -> Integers:
    """Give each place the beginning of its run; ``changes`` says where the next one begins."""
    new = np.r_[True, changes]
    return np.asarray(np.flatnonzero(new)[np.cumsum(new) - 1])
