"""The Cox model, fitted to the last digits, and refused where it has no answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.answering import TermsNotEstimableError
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.arrays import Floats
from lesionhet.statistics.newton import EfronModel

WHAT: Final = "Cox model"

RANK_TOLERANCE: Final = 1e-6
"""Singular values below this share of the largest count as 0: R's ``toler.chol``, about 1.8e-12, is
the same on the scale of the information, their square."""


@dataclass(frozen=True, eq=False)
class _Fit:
    """A model at its maximum, in uncorrelated covariates of unit size."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_null: float


def cox(data: pd.DataFrame, ties: str, conf_level: float) -> dict[str, pd.DataFrame]:
    """Fit a Cox proportional hazards model.

    Parameters
    ----------
    data
        ``time`` (days, 0 or more), ``event`` (1 event, 0 censored), covariates ``x1`` to ``xp`` and,
        where the baseline hazard differs between strata, ``strata`` (codes).
    ties
        ``"efron"``.
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        ``terms``: coefficient (log hazard ratio), its standard error, hazard ratio with interval,
        Wald z and P value, on the scale given. ``model``: log partial likelihood without and with
        the covariates and their likelihood ratio test.

    Raises
    ------
    NotEstimableError
        Covariates are collinear or do not vary among those at risk, or a coefficient is infinite
        (separation).

    Source: Cox (1972); Efron (1977). R: ``survival::coxph(ties = "efron")``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> round(cox(rows, ties="efron", conf_level=0.95)["terms"]["hazard_ratio"].item(), 4)
    4.0329
    """
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    names = [f"x{i}" for i in range(1, data.columns.str.fullmatch(r"x\d+").sum() + 1)]
    if not names:
        raise NotEstimableError(f"{WHAT}: there is no covariate.")
    covariates = (data[names] - data[names].mean()).to_numpy(dtype=float)
    covariates, back = _uncorrelated(covariates, _risk_sets(data))
    rows = data.drop(columns=names).assign(**dict(zip(names, covariates.T, strict=True)))
    fit = _climb(rows, names)
    if fit is None:
        raise _not_converged(data, names)
    return {"terms": _terms(fit, back, conf_level), "model": _model(fit, data)}


def _risk_sets(data: pd.DataFrame) -> pd.Series:
    """Give each row's stratum, or -1 where it leaves before its stratum's first event."""
    stratum = data["strata"] if "strata" in data else pd.Series(0, index=data.index)
    first = data["time"].where(data["event"] == 1).groupby(stratum).transform("min")
    return stratum.where(data["time"] >= first, -1)


def _uncorrelated(covariates: Floats, risk_set: pd.Series) -> tuple[Floats, Floats]:
    """Turn covariates into uncorrelated ones of unit size, and give the way back for coefficients.

    The partial likelihood sees differences within risk sets, and each stratum's risk set at its first
    event contains all later ones. A combination that is constant in all of those has no coefficient;
    the others are made uncorrelated there, so that collinearity does not slow the iteration.
    """
    inside = pd.DataFrame(covariates)[risk_set >= 0]
    centred = inside - inside.groupby(risk_set[risk_set >= 0]).transform("mean")
    size = np.linalg.norm(centred, axis=0)
    flat = np.flatnonzero(size <= RANK_TOLERANCE * np.linalg.norm(covariates, axis=0)) + 1
    if len(flat):
        reason = "no variation among the rows at risk together; leave it out or fit without strata."
        raise TermsNotEstimableError(WHAT, reason, flat.tolist())
    _, singular, directions = np.linalg.svd(centred.to_numpy() / size, full_matrices=False)
    lost = directions[singular <= RANK_TOLERANCE * singular[0]]
    if len(singular) < len(size):  # fewer rows than covariates: none can be told from the others
        lost = np.ones((1, len(size)))
    if len(lost):
        involved = np.flatnonzero(np.abs(lost).max(axis=0) > RANK_TOLERANCE**0.5) + 1
        reason = "collinear, one follows from the others; leave one out."
        raise TermsNotEstimableError(WHAT, reason, involved.tolist())
    back = (directions.T / singular) * np.sqrt(len(inside)) / size[:, None]
    return covariates @ back, back


def _climb(rows: pd.DataFrame, names: list[str]) -> _Fit | None:
    """Climb to the maximum, with halved steps where full ones overshoot, as `coxph` does."""
    model, once = EfronModel(rows, names), np.ones(len(rows))
    nowhere = np.zeros(len(names))
    peak = model.fit(once, float(rows["event"].sum()), nowhere)
    if peak is None:
        return None
    return _Fit(
        model.back @ peak.coefficients,
        model.back @ peak.covariance @ model.back.T,
        peak.log_likelihood,
        model.log_likelihood(once, nowhere),
    )


def _not_converged(data: pd.DataFrame, names: list[str]) -> NotEstimableError:
    among_events = data.loc[data["event"] == 1, names].nunique()
    same = (np.flatnonzero(among_events == 1) + 1).tolist()
    if same:
        reason = "all events have the same value, so there is no finite coefficient; leave it out."
        return TermsNotEstimableError(WHAT, reason, same)
    return NotEstimableError(
        f"{WHAT}: the fit does not converge, as happens when covariates tell apart the row with the "
        "event from the others at risk. Leave covariates out."
    )


def _terms(fit: _Fit, back: Floats, conf_level: float) -> pd.DataFrame:
    estimate = back @ fit.coefficients
    error = np.sqrt(np.diag(back @ fit.covariance @ back.T))
    z = float(stats.norm.ppf(1 - (1 - conf_level) / 2))
    # A covariate in tiny units can have a hazard ratio beyond the largest float: infinite, as in R.
    with np.errstate(over="ignore"):
        ratios = np.exp(np.vstack([estimate, estimate - z * error, estimate + z * error]))
    columns = {
        "term": np.arange(1, len(estimate) + 1),
        "estimate": estimate,
        "std_error": error,
        "hazard_ratio": ratios[0],
        "conf_low": ratios[1],
        "conf_high": ratios[2],
        "statistic": estimate / error,
        "p_value": 2 * stats.norm.sf(np.abs(estimate / error)),
    }
    return pd.DataFrame(columns)


def _model(fit: _Fit, data: pd.DataFrame) -> pd.DataFrame:
    statistic = 2 * (fit.log_likelihood - fit.log_likelihood_null)
    df = len(fit.coefficients)
    row = {
        "n": len(data),
        "events": float(data["event"].sum()),
        "log_likelihood_null": fit.log_likelihood_null,
        "log_likelihood": fit.log_likelihood,
        "statistic": statistic,
        "df": df,
        "p_value": float(stats.chi2.sf(statistic, df)),
    }
    return pd.DataFrame([row])
