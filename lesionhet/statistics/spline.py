"""The shape of a covariate's effect: a restricted cubic spline in a Cox model."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.answering import TermsNotEstimableError
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.arrays import Floats, term_columns
from lesionhet.statistics.counting import climb
from lesionhet.statistics.distributions import chi_square_tail, normal_quantile
from lesionhet.statistics.newton import EfronModel, Peak

WHAT: Final = "Cox model with a spline"
QUANTILES: Final = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
}
"""Number of knots -> the quantiles at which they stand; Harrell (2015), table 2.3."""
SHOWN: Final = (0.025, 0.975)
"""Quantiles between which a curve is given."""
POINTS: Final = 41
APART: Final = 1e-6
"""Knots that are closer than this share of their range are the same."""


def cox_spline(
    data: pd.DataFrame, ties: str, of_interest: int, knots: int, conf_level: float
) -> dict[str, pd.DataFrame]:
    """Fit a Cox model in which one covariate enters as a restricted cubic spline.

    Parameters
    ----------
    data
        As in `lesionhet.statistics.cox.cox`.
    ties
        ``"efron"``.
    of_interest
        Number of the covariate, from 1.
    knots
        3, 4 or 5.
    conf_level
        Level of the pointwise intervals, in (0, 1).

    Returns
    -------
    dict
        The tables of `lesionhet.results.CoxSpline`.

    Raises
    ------
    NotEstimableError
        Knots that are not all different, or no finite fit.

    Source: Harrell (2015) Regression Modeling Strategies, section 2.4.5. R: ``splines::ns`` and ``coxph``.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"time": rng.exponential(1, 90), "event": 1, "x1": rng.uniform(0, 1, 90)})
    >>> round(cox_spline(rows, "efron", 1, 4, 0.95)["test"]["p_value"].item(), 4)
    0.3718
    """
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    names = term_columns(data)
    values = data[f"x{of_interest}"].to_numpy(dtype=float)
    at = np.quantile(values, QUANTILES[knots])
    if (np.diff(at) <= APART * (at[-1] - at[0])).any() or at[0] == at[-1]:
        raise NotEstimableError(
            f"{WHAT}: {knots} knots at its quantiles fall on {len(np.unique(at))} value(s) of the "
            "covariate; use fewer knots."
        )
    others = [name for name in names if name != f"x{of_interest}"]
    basis = restricted_cubic(values, at)
    columns = [f"s{i}" for i in range(1, knots)]
    rows = data.assign(**dict(zip(columns, basis.T, strict=True)))
    linear, without = _log_likelihood(data, names), _log_likelihood(data, others)
    model, peak = _climb(rows, [*columns, *others], f"x{of_interest}")
    back = model.back[: knots - 1]
    curve = _curve(values, at, back @ peak.coefficients, back @ peak.covariance @ back.T)
    fitted = {"n": len(data), "events": float(data["event"].sum())}
    fitted |= {"log_likelihood_without": without, "log_likelihood_linear": linear}
    return {
        "test": _ratio(peak.log_likelihood, linear, knots - 2),
        "overall": _ratio(peak.log_likelihood, without, knots - 1),
        "model": pd.DataFrame([{**fitted, "log_likelihood": peak.log_likelihood}]),
        "knots": pd.DataFrame({"knot": np.arange(1, knots + 1), "value": at}),
        "curve": _with_limits(curve, conf_level),
    }


def restricted_cubic(values: Floats, knots: Floats) -> Floats:
    """Give the value itself and the k - 2 cubic terms of k knots, straight beyond the outer ones.

    Examples
    --------
    >>> restricted_cubic(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0])).round(4).tolist()
    [[0.0, 0.0], [1.0, 0.25], [2.0, 1.5], [3.0, 3.0]]
    """
    *inner, before, last = knots
    first = knots[0]

    def cubed(knot: float) -> Floats:
        return np.asarray(np.maximum(values - knot, 0.0) ** 3, dtype=float)

    terms = [
        cubed(knot)
        - cubed(before) * (last - knot) / (last - before)
        + cubed(last) * (before - knot) / (last - before)
        for knot in inner
    ]
    return np.column_stack([values, *(term / (last - first) ** 2 for term in terms)])


def _climb(rows: pd.DataFrame, names: list[str], shape: str = "") -> tuple[EfronModel, Peak]:
    """Fit; where terms are at fault, name those of the request: ``shape`` for a term of the spline."""
    try:
        return climb(rows, names)
    except TermsNotEstimableError as error:
        involved = [shape if names[t - 1].startswith("s") else names[t - 1] for t in error.terms]
        places = dict.fromkeys(int(name[1:]) for name in involved)
        raise TermsNotEstimableError(WHAT, error.reason, list(places)) from error


def _log_likelihood(data: pd.DataFrame, names: list[str]) -> float:
    """Give the largest log partial likelihood of these covariates; that of none is the null's."""
    if names:
        return _climb(data, names)[1].log_likelihood
    any_covariate = data.assign(x0=np.arange(len(data), dtype=float))
    return EfronModel(any_covariate, ["x0"]).log_likelihood(np.ones(len(data)), np.zeros(1))


def _ratio(fitted: float, smaller: float, df: int) -> pd.DataFrame:
    statistic = 2 * (fitted - smaller)
    p_value = float(chi_square_tail(statistic, df))
    return pd.DataFrame([{"statistic": statistic, "df": df, "p_value": p_value}])


def _curve(values: Floats, knots: Floats, estimate: Floats, covariance: Floats) -> pd.DataFrame:
    """Give the log hazard against that at the median."""
    low, high = np.quantile(values, SHOWN)
    grid = low + (high - low) * np.arange(POINTS) / (POINTS - 1)
    away = restricted_cubic(grid, knots) - restricted_cubic(np.array([np.median(values)]), knots)
    variance = ((away @ covariance) * away).sum(axis=1)
    columns = {
        "point": np.arange(1, POINTS + 1),
        "value": grid,
        "estimate": away @ estimate,
        "std_error": np.sqrt(np.maximum(variance, 0.0)),
    }
    return pd.DataFrame(columns)


def _with_limits(curve: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    z = normal_quantile(conf_level)
    estimate, error = curve["estimate"], curve["std_error"]
    with np.errstate(over="ignore"):
        return curve.assign(
            hazard_ratio=np.exp(estimate),
            conf_low=np.exp(estimate - z * error),
            conf_high=np.exp(estimate + z * error),
        )
