"""The Cox model climbed by Newton's method with step halving, on rows that may be there many times."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import Floats

MOST_STEPS: Final = 40
SMALLEST_DECREMENT: Final = 1e-18
"""Newton decrement (twice the error of the log-likelihood) at which a fit is at its maximum."""
SMALLEST_INFORMATION: Final = 1e-12
"""Share of the largest direction's information below which a direction has none: R's ``toler.chol``."""
LOG_LIKELIHOOD_SLACK: Final = 1e-12
LARGEST_ERROR: Final = 1e6
"""Of a coefficient of uncorrelated unit covariates, times the root of the number of events: about 1
in an ordinary fit. An infinite coefficient drives it beyond any bound."""


@dataclass(frozen=True, eq=False)
class Peak:
    """The maximum of a log partial likelihood.

    Parameters
    ----------
    coefficients, covariance
        Of the p uncorrelated covariates; p, and p x p.
    log_likelihood
        There.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float


class EfronModel:
    """Rows sorted once: by stratum, latest first, so that risk sets are running sums.

    A cell is one time of one stratum. Covariates are made uncorrelated and of unit size; ``back``
    turns their coefficients into those of the covariates given.

    Parameters
    ----------
    data
        ``time``, ``event``, the covariates and, where wanted, ``strata``.
    names
        Columns of the covariates.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> model = EfronModel(rows, ["x1"])
    >>> peak = model.fit(np.ones(6), 5.0, np.zeros(1))
    >>> round(float(np.exp(model.back @ peak.coefficients)[0]), 4)
    4.0329
    """

    def __init__(self, data: pd.DataFrame, names: list[str]) -> None:
        codes = data["strata"] if "strata" in data else pd.Series(0, index=data.index)
        stratum, time = codes.to_numpy(), data["time"].to_numpy(dtype=float)
        self._order = np.lexsort((-time, stratum))
        stratum, time = stratum[self._order], time[self._order]
        new_stratum = np.r_[True, stratum[1:] != stratum[:-1]]
        new_cell = new_stratum | np.r_[True, time[1:] != time[:-1]]
        self._strata, self._cells = np.flatnonzero(new_stratum), np.flatnonzero(new_cell)
        self._stratum_of_row = np.cumsum(new_stratum) - 1
        # Where each stratum begins and ends, in cells.
        edges = np.r_[np.flatnonzero(new_stratum[self._cells]), len(self._cells)]
        self._spans = list(pairwise(edges))
        self._event = data["event"].to_numpy(dtype=float)[self._order]
        given = data[names].to_numpy(dtype=float)[self._order]
        given = given - given.mean(axis=0)
        size = given.std(axis=0)
        _, singular, directions = np.linalg.svd(given / size, full_matrices=False)
        self.back: Floats = directions.T / singular * np.sqrt(len(given)) / size[:, None]
        self._x = given @ self.back
        p = len(names)
        self._pairs = np.triu_indices(p)
        products = self._x[:, self._pairs[0]] * self._x[:, self._pairs[1]]
        self._sums = np.column_stack([np.ones(len(given)), self._x, products])

    def fit(self, times: Floats, events: float, start: Floats) -> Peak | None:
        """Climb from ``start`` by Newton's method; None where there is no maximum.

        ``times`` says how many times each row is there, ``events`` how many events that makes.
        """
        weight = times[self._order]
        at, step, best = start, np.zeros_like(start), -np.inf
        for _ in range(MOST_STEPS):
            beta = at + step
            log_likelihood, score, information = self._derivatives(weight, beta)
            if not log_likelihood >= best - LOG_LIKELIHOOD_SLACK * abs(best):
                step = step / 2
                continue
            lowest, highest = np.linalg.eigvalsh(information)[[0, -1]]
            if not lowest > SMALLEST_INFORMATION * max(highest, events):
                return None
            at, best = beta, log_likelihood
            step = np.asarray(np.linalg.solve(information, score), dtype=float)
            if score @ step < SMALLEST_DECREMENT:
                covariance = np.asarray(np.linalg.inv(information), dtype=float)
                errors = np.sqrt(np.diag(covariance) * events)
                peak = Peak(at + step, covariance, log_likelihood)
                return peak if (errors <= LARGEST_ERROR).all() else None
        return None

    def log_likelihood(self, times: Floats, beta: Floats) -> float:
        """Give Efron's log partial likelihood at coefficients of the uncorrelated covariates."""
        return self._derivatives(times[self._order], beta)[0]

    def _derivatives(self, weight: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
        """Give Efron's log partial likelihood, its gradient and the information."""
        p = len(beta)
        none = (np.nan, np.zeros(p), np.zeros((p, p)))
        with np.errstate(all="ignore"):
            linear = self._x @ beta
            # Each stratum has its own scale, so that no exponential overflows.
            linear -= np.maximum.reduceat(linear, self._strata)[self._stratum_of_row]
            deaths = weight * self._event
            sums = (weight * np.exp(linear))[:, None] * self._sums
            risk = np.add.reduceat(sums, self._cells, axis=0)
            for first, last in self._spans:
                np.cumsum(risk[first:last], axis=0, out=risk[first:last])
            dying = np.add.reduceat(sums * self._event[:, None], self._cells, axis=0)
            tied = np.add.reduceat(deaths, self._cells).astype(np.int64)
            cell = np.repeat(np.arange(len(tied)), tied)
            # Efron: the k-th of d tied deaths sees (d - k + 1) / d of those who die.
            place = np.arange(len(cell)) - np.repeat(np.cumsum(tied) - tied, tied)
            share = place / tied[cell]
            at_risk = risk[cell] - share[:, None] * dying[cell]
            means = at_risk[:, 1:] / at_risk[:, :1]
            log_likelihood = float(deaths @ linear - np.log(at_risk[:, 0]).sum())
            score = deaths @ self._x - means[:, :p].sum(axis=0)
            information = np.zeros((p, p))
            information[self._pairs] = means[:, p:].sum(axis=0)
            information = information + np.triu(information, 1).T
            information -= means[:, :p].T @ means[:, :p]
        finite = np.isfinite(log_likelihood) and np.isfinite(information).all()
        return (log_likelihood, score, information) if finite else none
