"""The Cox model climbed by Newton's method with step halving, on rows that may be there many times."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import Floats, Integers
from lesionhet.statistics.compiled import SortedRows, derivatives, library
from lesionhet.statistics.entries import Entries

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
    turns their coefficients into those of the covariates given, ``spread`` has the singular values of
    those, centred and of unit length: near 0 where they are collinear.

    Parameters
    ----------
    data
        ``time``, ``event``, the covariates and, where wanted, ``strata`` and ``start``: a row is at risk
        after its start, until its time.
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
        self._entries = Entries(data, codes, stratum[self._cells], time[self._cells])
        self._event = data["event"].to_numpy(dtype=float)[self._order]
        self._set(data[names].to_numpy(dtype=float))

    def _set(self, covariates: Floats) -> None:
        """Take covariates, rows as they were given."""
        n = len(covariates)
        # One covariate after the other: each of its numbers beside the next.
        given = np.take(np.ascontiguousarray(covariates.T), self._order, axis=1)
        given -= given.mean(axis=1, keepdims=True)
        size = given.std(axis=1)
        # The triangle of their QR decomposition has their singular values and directions.
        triangle = np.linalg.qr((given / size[:, None]).T, mode="r")
        _, singular, directions = np.linalg.svd(triangle, full_matrices=False)
        self.spread = singular / np.sqrt(n)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            self.back: Floats = directions.T / singular * np.sqrt(n) / size[:, None]
            self._x = np.ascontiguousarray((self.back.T @ given).T)
        self._pairs = np.triu_indices(covariates.shape[1])

    def with_covariates(self, covariates: Floats) -> EfronModel:
        """Give the model of the same rows with other covariates, n x p; the rows are not sorted again."""
        found = copy(self)
        for name in ("sorted_rows", "_sums"):
            found.__dict__.pop(name, None)
        found._set(covariates)
        return found

    @cached_property
    def _sums(self) -> Floats:
        """Give 1, the covariates and their products, column by column."""
        products = self._x[:, self._pairs[0]] * self._x[:, self._pairs[1]]
        return np.column_stack([np.ones(len(self._x)), self._x, products])

    def fit(self, times: Floats, events: float, start: Floats) -> Peak | None:
        """Climb from ``start`` by Newton's method; None where there is no maximum.

        ``times`` says how many times each row is there, ``events`` how many events that makes.
        """
        at, step, best = start, np.zeros_like(start), -np.inf
        for _ in range(MOST_STEPS):
            beta = at + step
            log_likelihood, score, information = self._derivatives(times, beta)
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

    @property
    def order(self) -> Integers:
        """Give which of the rows as they were given is where among the sorted ones."""
        return self._order

    @property
    def events(self) -> Floats:
        """Give the flags of the rows as they were given."""
        flags: Floats = np.empty_like(self._event)
        flags[self._order] = self._event
        return flags

    def derivatives(self, times: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
        """Give log partial likelihood, its gradient and the information by NumPy."""
        return self._by_numpy(times[self._order], beta)

    @cached_property
    def sorted_rows(self) -> SortedRows:
        """Give the rows as the compiled part wants them."""
        late, left = self._entries.late_rows(self._order)
        strata = np.r_[[first for first, _ in self._spans], len(self._cells)].astype(np.int64)
        cells = np.r_[self._cells, len(self._x)].astype(np.int64)
        x = np.ascontiguousarray(self._x)
        order = self._order.astype(np.int64)
        return SortedRows(x, self._event, strata, cells, late, left, order)

    def log_likelihood(self, times: Floats, beta: Floats) -> float:
        """Give Efron's log partial likelihood at coefficients of the uncorrelated covariates."""
        return self._derivatives(times, beta)[0]

    def score_residuals(self, times: Floats, beta: Floats) -> Floats:
        """Give each row's part of the score, n x p, rows as they were given.

        They are those of one of the ``times`` of a row; over all of them they add up to the score, which
        is 0 at the maximum. R: ``residuals(fit, type = "score")`` on uncorrelated covariates.
        """
        p, weight = len(beta), times[self._order]
        linear, at_risk, cell, share = self._at_risk(weight, beta)
        means = at_risk[:, 1 : p + 1] / at_risk[:, :1]
        # What an event adds to 1, to each covariate's mean and, for those who die with it, to both.
        steps = np.column_stack([np.ones(len(cell)), means]) / at_risk[:, :1]
        parts = [steps, steps * share[:, None], means]
        sums = [self._by_cell(part, cell) for part in parts]
        tied = np.bincount(cell, minlength=len(self._cells))
        cell_of_row = np.repeat(
            np.arange(len(self._cells)), np.diff(np.r_[self._cells, len(linear)])
        )
        hazard = self._entries.hazards(sums[0], self._spans, self._order, cell_of_row)
        died = self._event[:, None]
        hazard = hazard - died * sums[1][cell_of_row]
        mean = sums[2][cell_of_row] / np.maximum(tied[cell_of_row], 1)[:, None]
        found = died * (self._x - mean) - np.exp(linear)[:, None] * (
            self._x * hazard[:, :1] - hazard[:, 1:]
        )
        residuals: Floats = np.empty_like(found)
        residuals[self._order] = found
        return residuals

    def schoenfeld(self, beta: Floats) -> tuple[Integers, Floats, Floats]:
        """Give each event's row, its Schoenfeld residual and the covariance within its risk set.

        Returns rows as they were given (m events), x minus its mean over the risk set (m x p; tied events
        of a stratum share the mean of theirs) and Efron's covariances (m x p x p), every row there once.
        R: ``residuals(fit, type = "schoenfeld")`` on uncorrelated covariates.
        """
        p = len(beta)
        _, at_risk, cell, _ = self._at_risk(np.ones(len(self._order)), beta)
        moments = at_risk[:, 1:] / at_risk[:, :1]
        means = moments[:, :p]
        products = np.zeros((len(cell), p, p))
        products[:, self._pairs[0], self._pairs[1]] = moments[:, p:]
        products[:, self._pairs[1], self._pairs[0]] = moments[:, p:]
        covariances = products - means[:, :, None] * means[:, None, :]
        tied = np.bincount(cell, minlength=len(self._cells))[cell]
        shared = self._by_cell(means, cell)[cell] / tied[:, None]
        # Sorted rows and cells run alike, so the k-th event is one of the k-th cell.
        rows = np.flatnonzero(self._event)
        return self._order[rows], self._x[rows] - shared, covariances

    def _by_cell(self, values: Floats, cell: Integers) -> Floats:
        """Add up the rows of ``values``, one an event, by the cell of the event."""
        found = np.zeros((len(self._cells), values.shape[1]))
        np.add.at(found, cell, values)
        return found

    def _at_risk(self, weight: Floats, beta: Floats) -> tuple[Floats, Floats, Integers, Floats]:
        """Give linear predictors, the sums over each event's risk set, its cell and share of the tied.

        The sums are of exp(linear), and of that times covariates and their products. Each stratum has
        its own scale of exp(linear), so that none overflows.
        """
        linear = self._x @ beta
        linear -= np.maximum.reduceat(linear, self._strata)[self._stratum_of_row]
        sums = (weight * np.exp(linear))[:, None] * self._sums
        risk = np.add.reduceat(sums, self._cells, axis=0)
        for first, last in self._spans:
            np.cumsum(risk[first:last], axis=0, out=risk[first:last])
        self._entries.leave_out(risk, sums, self._order)
        dying = np.add.reduceat(sums * self._event[:, None], self._cells, axis=0)
        tied = np.add.reduceat(weight * self._event, self._cells).astype(np.int64)
        cell = np.repeat(np.arange(len(tied)), tied)
        # Efron: the k-th of d tied deaths sees (d - k + 1) / d of those who die.
        place = np.arange(len(cell)) - np.repeat(np.cumsum(tied) - tied, tied)
        share = place / tied[cell]
        return linear, risk[cell] - share[:, None] * dying[cell], cell, share

    def _derivatives(self, times: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
        """Give Efron's log partial likelihood, its gradient and the information; NaN where infinite."""
        found = library()
        if found is None:
            return self.derivatives(times, beta)
        nothing = (np.nan, np.zeros_like(beta), np.zeros((len(beta), len(beta))))
        return derivatives(found, self.sorted_rows, times, beta) or nothing

    def _by_numpy(self, weight: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
        p = len(beta)
        none = (np.nan, np.zeros(p), np.zeros((p, p)))
        with np.errstate(all="ignore"):
            linear, at_risk, _, _ = self._at_risk(weight, beta)
            means = at_risk[:, 1:] / at_risk[:, :1]
            deaths = weight * self._event
            log_likelihood = float(deaths @ linear - np.log(at_risk[:, 0]).sum())
            score = deaths @ self._x - means[:, :p].sum(axis=0)
            information = np.zeros((p, p))
            information[self._pairs] = means[:, p:].sum(axis=0)
            information = information + np.triu(information, 1).T
            information -= means[:, :p].T @ means[:, :p]
        finite = np.isfinite(log_likelihood) and np.isfinite(information).all()
        return (log_likelihood, score, information) if finite else none
