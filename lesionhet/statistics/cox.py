"""The Cox model, fitted to the last digits, and refused where it has no answer."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.answering import TermsNotEstimableError
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.arrays import Floats, Integers, term_columns
from lesionhet.statistics.distributions import chi_square_tail, normal_quantile, two_sided
from lesionhet.statistics.newton import EfronModel, Peak

WHAT: Final = "Cox model"

RANK_TOLERANCE: Final = 1e-6
"""Singular values below this share of the largest count as 0: R's ``toler.chol``, about 1.8e-12, is
the same on the scale of the information, their square."""


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
    names = term_columns(data)
    if not names:
        raise NotEstimableError(f"{WHAT}: there is no covariate.")
    covariates = data[names].to_numpy(dtype=float)
    covariates, back = _uncorrelated(covariates - covariates.mean(axis=0), _risk_sets(data))
    given = {name: data[name] for name in ("time", "event", "strata") if name in data}
    rows = pd.DataFrame({**given, **dict(zip(names, covariates.T, strict=True))})
    model, once, nowhere = EfronModel(rows, names), np.ones(len(rows)), np.zeros(len(names))
    peak = model.fit(once, float(rows["event"].sum()), nowhere)
    if peak is None:
        raise _not_converged(data, names)
    back = back @ model.back
    covariance = back @ peak.covariance @ back.T
    null = model.log_likelihood(once, nowhere)
    return {
        "terms": wald(back @ peak.coefficients, covariance, conf_level),
        "model": likelihood_ratio(data, peak, null),
    }


def _risk_sets(data: pd.DataFrame) -> Integers:
    """Give each row's stratum, or -1 where it leaves before its stratum's first event."""
    time, event = data["time"].to_numpy(dtype=float), data["event"].to_numpy() == 1
    stratum = (
        data["strata"].to_numpy(dtype=np.int64) if "strata" in data else np.zeros_like(event, int)
    )
    first = np.full(stratum.max() + 1, np.inf)
    np.minimum.at(first, stratum[event], time[event])
    return np.where(time >= first[stratum], stratum, -1)


def _uncorrelated(covariates: Floats, risk_set: Integers) -> tuple[Floats, Floats]:
    """Turn covariates into uncorrelated ones of unit size, and give the way back for coefficients.

    The partial likelihood sees differences within risk sets, and each stratum's risk set at its first
    event contains all later ones. A combination that is constant in all of those has no coefficient;
    the others are made uncorrelated there, so that collinearity does not slow the iteration.
    """
    inside, stratum = covariates[risk_set >= 0], risk_set[risk_set >= 0]
    # A stratum without an event has no rows here, and no mean that is used.
    rows = np.maximum(np.bincount(stratum), 1)
    means = np.column_stack([np.bincount(stratum, column) / rows for column in inside.T])
    centred = inside - means[stratum]
    size = np.linalg.norm(centred, axis=0)
    flat = np.flatnonzero(size <= RANK_TOLERANCE * np.linalg.norm(covariates, axis=0)) + 1
    if len(flat):
        reason = "no variation among the rows at risk together; leave it out or fit without strata."
        raise TermsNotEstimableError(WHAT, reason, flat.tolist())
    _, singular, directions = np.linalg.svd(centred / size, full_matrices=False)
    lost = directions[singular <= RANK_TOLERANCE * singular[0]]
    if len(singular) < len(size):  # fewer rows than covariates: none can be told from the others
        lost = np.ones((1, len(size)))
    if len(lost):
        involved = np.flatnonzero(np.abs(lost).max(axis=0) > RANK_TOLERANCE**0.5) + 1
        reason = "collinear, one follows from the others; leave one out."
        raise TermsNotEstimableError(WHAT, reason, involved.tolist())
    back = (directions.T / singular) * np.sqrt(len(inside)) / size[:, None]
    return covariates @ back, back


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


def wald(estimate: Floats, covariance: Floats, conf_level: float) -> pd.DataFrame:
    """Give the ``terms`` table of `lesionhet.results.Cox` from coefficients and their covariance.

    Examples
    --------
    >>> wald(np.array([0.0]), np.array([[0.25]]), 0.95)[["hazard_ratio", "p_value"]].values.tolist()
    [[1.0, 1.0]]
    """
    error = np.sqrt(np.diag(covariance))
    z = normal_quantile(conf_level)
    with np.errstate(over="ignore", divide="ignore"):
        ratios = np.exp(np.vstack([estimate, estimate - z * error, estimate + z * error]))
        statistic = estimate / error
    columns = {
        "term": np.arange(1, len(estimate) + 1),
        "estimate": estimate,
        "std_error": error,
        "hazard_ratio": ratios[0],
        "conf_low": ratios[1],
        "conf_high": ratios[2],
        "statistic": statistic,
        "p_value": two_sided(statistic),
    }
    return pd.DataFrame(columns)


def likelihood_ratio(rows: pd.DataFrame, peak: Peak, null: float) -> pd.DataFrame:
    """Give the ``model`` table of `lesionhet.results.Cox` of a fit to rows with ``event``.

    ``null`` is the log partial likelihood with all coefficients 0.
    """
    statistic = 2 * (peak.log_likelihood - null)
    df = len(peak.coefficients)
    row = {
        "n": len(rows),
        "events": float(rows["event"].sum()),
        "log_likelihood_null": null,
        "log_likelihood": peak.log_likelihood,
        "statistic": statistic,
        "df": df,
        "p_value": float(chi_square_tail(statistic, df)),
    }
    return pd.DataFrame({name: [value] for name, value in row.items()})
