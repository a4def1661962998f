"""The compiled part of the Cox model, where it was compiled: threads run it side by side."""

from __future__ import annotations

import ctypes
import functools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from lesionhet.compiled_parts import NUMBERS, WHOLE, address, beside, load
from lesionhet.statistics.arrays import Floats, Integers

VERSION: Final = 2
"""Of the functions in efron.c; a library compiled from another one is not used."""
LIBRARY: Final = beside(__file__, "efron")
DRAWS_AT_ONCE: Final = 16
"""What a thread takes at a time: a multiple of the draws that go through the rows together."""


@dataclass(frozen=True, eq=False)
class SortedRows:
    """Rows of a Cox model as efron.c wants them.

    Parameters
    ----------
    x, event
        n x p covariates and n flags, sorted by stratum, latest first.
    strata, cells
        First cell of each stratum, then the number of cells; first row of each cell, then n.
    late, left
        For each cell, how many rows have not entered; each stratum's rows by falling start. None
        where all are at risk from the beginning.
    order
        Which of the rows as they were given is where among the sorted ones.
    """

    x: Floats
    event: Floats
    strata: Integers
    cells: Integers
    late: Integers | None
    left: Integers | None
    order: Integers

    def head(self) -> tuple[object, ...]:
        """Give what each function of the library begins with."""
        n, p = self.x.shape
        parts = (self.x, self.event, self.strata, self.cells, self.late, self.left, self.order)
        return (n, p, len(self.strata) - 1, *map(address, parts))


@dataclass(frozen=True, eq=False)
class DrawnFits:
    """Maxima of B draws.

    Parameters
    ----------
    coefficients, covariance
        B x p and B x p x p; of no meaning where not fitted.
    fitted
        B flags; False asks for the careful way.
    """

    coefficients: Floats
    covariance: Floats
    fitted: np.typing.NDArray[np.bool_]


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load the library; None where it was not compiled, is of another version, or is switched off."""
    found = load(LIBRARY, VERSION)
    if found is None:
        return None
    found.efron_lanes.restype = WHOLE
    rows: list[Any] = [WHOLE] * 3 + [NUMBERS] * 7
    found.efron_work.argtypes, found.efron_work.restype = [WHOLE] * 2, WHOLE
    found.efron_derivatives.argtypes = [*rows, *[NUMBERS] * 6]
    found.efron_derivatives.restype = ctypes.c_int
    controls: list[Any] = [WHOLE, ctypes.c_double, ctypes.c_double]
    found.efron_draws.argtypes = [*rows, *[WHOLE] * 2, *[NUMBERS] * 3, *controls, *[NUMBERS] * 4]
    found.efron_draws.restype = None
    return found


def derivatives(
    found: ctypes.CDLL, rows: SortedRows, times: Floats, beta: Floats
) -> tuple[float, Floats, Floats] | None:
    """Give log partial likelihood, gradient and information; None where they are not finite.

    ``times`` says how many times each row is there, rows as they were given.
    """
    n, p = rows.x.shape
    log_likelihood, score, lower = np.zeros(1), np.zeros(p), np.zeros((p, p))
    work = np.empty(found.efron_work(n, p))
    given = (np.ascontiguousarray(times, dtype=float), np.ascontiguousarray(beta, dtype=float))
    parts = (*given, work, log_likelihood, score, lower)
    if not found.efron_derivatives(*rows.head(), *map(address, parts)):
        return None
    return float(log_likelihood[0]), score, np.tril(lower) + np.tril(lower, -1).T


def fit_draws(
    found: ctypes.CDLL,
    rows: SortedRows,
    times: Floats,
    whole: Floats,
    influence: Floats,
    limits: tuple[int, float, float],
) -> DrawnFits:
    """Climb to the maximum of every draw by full Newton steps, on all cores.

    Parameters
    ----------
    found
        From `library`.
    rows
        n sorted rows.
    times
        B x n: how many times each row, as it was given, is in each draw.
    whole, influence
        p coefficients for all rows, and n x p of what each row, as it was given, moved them by. A draw
        starts at the coefficients moved by the influence of its rows.
    limits
        Most steps, smallest Newton decrement and smallest information, as in
        `lesionhet.statistics.newton`.
    """
    p, draws = rows.x.shape[1], len(times)
    times, whole, influence = (
        np.ascontiguousarray(part, dtype=float) for part in (times, whole, influence)
    )
    lanes, beta = found.efron_lanes(), np.zeros((draws, p))
    covariance, status = np.zeros((draws, p, p)), np.ones(draws, dtype=np.int64)

    def work_on(first: int) -> None:
        here, work = slice(first, first + DRAWS_AT_ONCE), np.empty(found.efron_work(*rows.x.shape))
        found.efron_draws(
            *rows.head(),
            lanes,
            len(times[here]),
            *map(address, (times[here], whole, influence)),
            *limits,
            *map(address, (work, beta[here], covariance[here], status[here])),
        )

    firsts = range(0, draws, DRAWS_AT_ONCE)
    with ThreadPoolExecutor(max(1, min(_cores(), len(firsts)))) as pool:
        list(pool.map(work_on, firsts))
    return DrawnFits(beta, covariance, status == 0)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
