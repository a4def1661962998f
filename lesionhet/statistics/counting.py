"""The Cox model of start-stop rows: delayed entry, Efron ties, standard errors that know the patient."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.answering import TermsNotEstimableError
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.arrays import Floats, term_columns
from lesionhet.statistics.cox import WHAT, likelihood_ratio, wald
from lesionhet.statistics.newton import EfronModel, Peak

FLAT: Final = 1e-9
"""A covariate whose values part by no more than this share of the largest does not vary."""


def cox_counting(data: pd.DataFrame, ties: str, conf_level: float) -> dict[str, pd.DataFrame]:
    """Fit a Cox model to rows that are at risk after ``start``, up to and including ``stop``.

    Parameters
    ----------
    data
        ``start`` and ``stop`` (days, start < stop), ``event`` at the stop (1 event, 0 none), covariates
        ``x1`` to ``xp``, ``cluster`` (codes of patients: their rows do not overlap) and, where the
        baseline hazard differs between strata, ``strata`` (codes).
    ties
        ``"efron"``.
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        ``terms`` and ``model`` of `lesionhet.results.CoxCounting`. With D the rows' parts of the
        score times the inverse information, added up by cluster, the robust variance is D'D.

    Raises
    ------
    NotEstimableError
        A covariate does not vary, covariates are collinear among those at risk, or a coefficient is
        infinite (separation).

    Source: Andersen & Gill (1982); Efron (1977); Lin & Wei (1989). R:
    ``survival::coxph(Surv(start, stop, event) ~ x, ties = "efron", cluster = cluster)``.

    Examples
    --------
    >>> rows = pd.DataFrame({"start": [0.0, 3.0, 0.0, 0.0, 0.0], "stop": [5.0, 7.0, 2.0, 6.0, 1.0],
    ...                      "event": [1, 0, 1, 1, 1], "x1": [1.0, 0.0, 1.0, 0.0, 0.0],
    ...                      "cluster": [1, 2, 3, 4, 5]})
    >>> terms = cox_counting(rows, "efron", 0.95)["terms"]
    >>> terms[["hazard_ratio", "robust_error"]].round(4).values.tolist()
    [[2.1091, 1.1277]]
    """
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    names = term_columns(data)
    rows, once = data.rename(columns={"stop": "time"}), np.ones(len(data))
    model, peak = climb(rows, names)
    influence = model.score_residuals(once, peak.coefficients) @ peak.covariance
    by_cluster = pd.DataFrame(influence).groupby(rows["cluster"].to_numpy()).sum().to_numpy()
    robust = model.back @ (by_cluster.T @ by_cluster) @ model.back.T
    plain = model.back @ peak.covariance @ model.back.T
    terms = wald(model.back @ peak.coefficients, robust, conf_level)
    terms.insert(3, "robust_error", terms["std_error"])
    terms["std_error"] = np.sqrt(np.diag(plain))
    null = model.log_likelihood(once, np.zeros(len(names)))
    fitted = likelihood_ratio(rows, peak, null)
    fitted.insert(1, "patients", len(by_cluster))
    return {"terms": terms, "model": fitted}


def climb(rows: pd.DataFrame, names: list[str]) -> tuple[EfronModel, Peak]:
    """Fit a Cox model by the package's own Newton steps.

    Parameters
    ----------
    rows
        ``time``, ``event``, the covariates and, where wanted, ``start`` and ``strata``.
    names
        Columns of the covariates.

    Returns
    -------
    tuple
        The model, whose ``back`` leads to the covariates given, and its maximum.

    Raises
    ------
    NotEstimableError
        As `cox_counting`.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> model, peak = climb(rows, ["x1"])
    >>> round(float(np.exp(model.back @ peak.coefficients)[0]), 4)
    4.0329
    """
    _need_values(rows[names].to_numpy(dtype=float))
    model = EfronModel(rows, names)
    return model, _peak(model)


def climb_again(model: EfronModel, covariates: Floats) -> tuple[EfronModel, Peak]:
    """Do as `climb` with the rows of a model and other covariates; rows are not sorted again.

    Parameters
    ----------
    model
        Of the rows.
    covariates
        n x p, rows as they were given to the model.

    Raises
    ------
    NotEstimableError
        As `cox_counting`.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> model, peak = climb_again(climb(rows, ["x1"])[0], 2 * rows[["x1"]].to_numpy())
    >>> round(float(np.exp(2 * model.back @ peak.coefficients)[0]), 4)
    4.0329
    """
    _need_values(covariates)
    again = model.with_covariates(covariates)
    return again, _peak(again)


class SameRows:
    """Cox models of the same rows with different covariates: the rows are sorted once for all.

    Parameters
    ----------
    rows
        ``time``, ``event``, numbers that can be covariates and, where wanted, ``start`` and ``strata``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> model, peak = SameRows(rows).climb(["x1"])
    >>> round(float(np.exp(model.back @ peak.coefficients)[0]), 4)
    4.0329
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self._rows = rows
        self._sorted: EfronModel | None = None

    def covariates(self, names: list[str]) -> Floats:
        """Give one or more columns of the rows side by side, n x p."""
        return np.column_stack([self._rows[name].to_numpy(dtype=float) for name in names])

    def climb(self, names: list[str]) -> tuple[EfronModel, Peak]:
        """Do as `climb` with some of the columns as covariates."""
        if self._sorted is not None:
            return climb_again(self._sorted, self.covariates(names))
        self._sorted, peak = climb(self._rows, names)
        return self._sorted, peak


def _peak(model: EfronModel) -> Peak:
    events, p = model.events, len(model.back)
    if (model.spread > FLAT).sum() < p:
        reason = "collinear, one follows from the others; leave one out."
        raise TermsNotEstimableError(WHAT, reason, range(1, p + 1))
    peak = model.fit(np.ones(len(events)), float(events.sum()), np.zeros(p))
    if peak is None:
        raise NotEstimableError(
            f"{WHAT}: no finite coefficients. Covariates are collinear or do not vary among the rows at "
            "risk together, or tell those with the event from the others. Leave covariates out."
        )
    return peak


def _need_values(covariates: Floats) -> None:
    """Refuse covariates that are the same in every row up to rounding."""
    size = np.abs(covariates).max(axis=0)
    flat = np.flatnonzero(np.ptp(covariates, axis=0) <= FLAT * size) + 1
    if len(flat):
        raise TermsNotEstimableError(
            WHAT, "the same value in every row; leave it out.", flat.tolist()
        )
