"""Harrell's C: of two patients who can be compared, how often the one with the higher score goes first."""

from __future__ import annotations

from typing import Final

import numpy as np

from lesionhet.statistics.arrays import Floats, Integers

SCORE_DECIMALS: Final = 8
"""Scores that are equal by the formula part in the last bits: rounded, they tie."""
CHUNK: Final = 256
"""Events that are compared with everyone before them at a time."""


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
        weight = (np.ones((1, len(scores))) if weights is None else weights)[:, self._order]
        rank = np.unique(np.round(scores, SCORE_DECIMALS), return_inverse=True)[1]
        rank = rank[self._order].astype(np.int32)
        so_far = np.concatenate([np.zeros((len(weight), 1)), np.cumsum(weight, axis=1)], axis=1)
        # Single precision holds whole numbers up to 2^24, far more than a risk set.
        other = weight.astype(np.float32)
        found = np.zeros((len(weight), 2))
        for chunk in self._chunks:
            events, until, begin = self._events[chunk], self._until[chunk], self._begin[chunk][0]
            before = rank[begin : until[-1]]
            own = rank[events, None]
            twice = (before < own).view(np.int8) + (before <= own).view(np.int8)
            twice *= np.arange(begin, until[-1]) < until[:, None]
            concordant = twice.astype(np.float32) @ other[:, begin : until[-1]].T
            comparable = so_far[:, until] - so_far[:, begin, None]
            found[:, 0] += (weight[:, events] * concordant.T).sum(axis=1) / 2
            found[:, 1] += (weight[:, events] * comparable).sum(axis=1)
        return found


def _starts(changes: np.ndarray) -> Integers:
    """Give each place the beginning of its run; ``changes`` says where the next one begins."""
    new = np.r_[True, changes]
    return np.asarray(np.flatnonzero(new)[np.cumsum(new) - 1])
