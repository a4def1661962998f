"""The compiled part of the Cox model, where it was compiled: threads run it side by side."""

from __future__ import annotations

import ctypes
import functools
import os
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from lesionhet.statistics.arrays import Floats, Integers

VERSION: Final = 1
"""Of the functions in efron.c; a library compiled from another one is not used."""
LIBRARY: Final = Path(__file__).with_name(f"efron{sysconfig.get_config_var('EXT_SUFFIX') or '.so'}")
SWITCH: Final = "LESIONHET_COMPILED"
"""Environment variable; "0" computes by NumPy also where the library is there."""
LEAST_DRAWS: Final = 8
"""Fewer draws a thread than this are not worth starting it."""

_NUMBERS: Final = ctypes.c_void_p
_WHOLE: Final = ctypes.c_int64


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
    """

    x: Floats
    event: Floats
    strata: Integers
    cells: Integers
    late: Integers | None = None
    left: Integers | None = None

    def head(self) -> tuple[object, ...]:
        """Give what each function of the library begins with."""
        n, p = self.x.shape
        parts = (self.x, self.event, self.strata, self.cells, self.late, self.left)
        return (n, p, len(self.strata) - 1, *map(_address, parts))


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


def _address(values: Floats | Integers | None) -> int | None:
    return None if values is None else values.ctypes.data


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load the library; None where it was not compiled, is of another version, or is switched off."""
    if os.environ.get(SWITCH) == "0" or not LIBRARY.is_file():
        return None
    try:
        found = ctypes.CDLL(str(LIBRARY))
        found.efron_version.restype = _WHOLE
        if found.efron_version() != VERSION:
            return None
    except (OSError, AttributeError):
        return None
    rows: list[Any] = [_WHOLE] * 3 + [_NUMBERS] * 6
    found.efron_work.argtypes, found.efron_work.restype = [_WHOLE] * 2, _WHOLE
    found.efron_derivatives.argtypes = [*rows, *[_NUMBERS] * 6]
    found.efron_derivatives.restype = ctypes.c_int
    controls: list[Any] = [_WHOLE, ctypes.c_double, ctypes.c_double]
    found.efron_draws.argtypes = [*rows, _WHOLE, *[_NUMBERS] * 2, *controls, *[_NUMBERS] * 4]
    found.efron_draws.restype = None
    return found


def derivatives(
    found: ctypes.CDLL, rows: SortedRows, weight: Floats, beta: Floats
) -> tuple[float, Floats, Floats] | None:
    """Give log partial likelihood, gradient and information; None where they are not finite."""
    n, p = rows.x.shape
    log_likelihood, score, lower = np.zeros(1), np.zeros(p), np.zeros((p, p))
    work = np.empty(found.efron_work(n, p))
    given = (np.ascontiguousarray(weight, dtype=float), np.ascontiguousarray(beta, dtype=float))
    parts = (*given, work, log_likelihood, score, lower)
    if not found.efron_derivatives(*rows.head(), *map(_address, parts)):
        return None
    return float(log_likelihood[0]), score, np.tril(lower) + np.tril(lower, -1).T


def fit_draws(
    found: ctypes.CDLL,
    rows: SortedRows,
    weights: Floats,
    starts: Floats,
    most_steps: int,
    smallest_decrement: float,
    smallest_information: float,
) -> DrawnFits:
    """Climb to the maximum of every draw by full Newton steps, on all cores.

    Parameters
    ----------
    found
        From `library`.
    rows
        n sorted rows.
    weights
        B x n: how many times each sorted row is in each draw.
    starts
        B x p coefficients to start from.
    most_steps, smallest_decrement, smallest_information
        As in `lesionhet.statistics.newton`.
    """
    p, draws = rows.x.shape[1], len(weights)
    weights = np.ascontiguousarray(weights, dtype=float)
    events = weights @ rows.event
    beta = np.array(starts, dtype=float, order="C")
    covariance, status = np.zeros((draws, p, p)), np.ones(draws, dtype=np.int64)

    def work_on(first: int, last: int) -> None:
        here, work = slice(first, last), np.empty(found.efron_work(*rows.x.shape))
        found.efron_draws(
            *rows.head(),
            last - first,
            *map(_address, (weights[here], events[here])),
            *(most_steps, smallest_decrement, smallest_information),
            *map(_address, (work, beta[here], covariance[here], status[here])),
        )

    edges = np.linspace(0, draws, _threads(draws) + 1).astype(int).tolist()
    with ThreadPoolExecutor(len(edges) - 1) as pool:
        list(pool.map(work_on, edges[:-1], edges[1:]))
    return DrawnFits(beta, covariance, status == 0)


def _threads(draws: int) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, draws // LEAST_DRAWS))
