"""Proportional hazards: the score test of Grambsch and Therneau, and scaled Schoenfeld residuals."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.answering import TermsNotEstimableError
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.arrays import Floats, term_columns
from lesionhet.statistics.counting import climb
from lesionhet.statistics.distributions import chi_square_tail, normal_quantile
from lesionhet.statistics.newton import EfronModel
from lesionhet.statistics.ranks import ranked

TEST: Final = "Test of proportional hazards"
CURVE: Final = "Curve of Schoenfeld residuals"
FLAT: Final = 1e-8
"""Share of its own information below which a term times g(t) cannot be told from the terms."""
POINTS: Final = 41
"""Days at which a curve is given."""


def cox_zph(data: pd.DataFrame, ties: str, transform: str) -> dict[str, pd.DataFrame]:
    """Test whether the coefficients of a Cox model change with time.

    Parameters
    ----------
    data
        As in `lesionhet.statistics.cox.cox`.
    ties
        ``"efron"``.
    transform
        g of time: ``"km"`` (1 minus the Kaplan-Meier estimate of all rows just before t), ``"rank"`` (of
        the times of all rows, ties averaged), ``"identity"`` or ``"log"``.

    Returns
    -------
    dict
        ``terms`` and ``test`` (all terms at once) of `lesionhet.results.CoxZph`. Score tests of x g(t)
        beside x: with the sums over events U = sum g r, and I11, I12, I22 of V, g V and g^2 V, where r is
        the event's Schoenfeld residual and V the covariance in its risk set, the statistic is
        U' (I22 - I21 I11^-1 I12)^-1 U.

    Raises
    ------
    NotEstimableError
        No finite fit, or too few different event times to see a change.

    Source: Grambsch & Therneau (1994) Biometrika 81:515. R: ``survival::cox.zph``, version 3.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]})
    >>> round(cox_zph(rows, "efron", "identity")["test"]["p_value"].item(), 4)
    0.4937
    """
    names, model, beta, _ = _fitted(data, ties)
    rows, residuals, covariances = _in_units_given(model, beta)
    g = transformed(data, transform)[rows]
    g = g - g.mean()
    score = g @ residuals
    whole, mixed, squared = (np.einsum("m,mij->ij", w, covariances) for w in (g**0, g, g**2))
    size = np.sqrt(np.diag(squared))
    left = squared - mixed @ np.linalg.solve(whole, mixed)
    flat = np.flatnonzero(np.diag(left) <= FLAT * np.diag(squared)) + 1
    if len(flat):
        reason = "too few different event times to see a change with time."
        raise TermsNotEstimableError(TEST, reason, flat.tolist())
    scaled = left / np.outer(size, size)
    if np.linalg.eigvalsh(scaled)[0] <= FLAT:
        raise NotEstimableError(f"{TEST}: too few different event times for {len(names)} terms.")
    each = score**2 / np.diag(left)
    overall = float(score / size @ np.linalg.solve(scaled, score / size))
    terms = {
        "term": np.arange(1, len(names) + 1),
        "statistic": each,
        "df": 1,
        "p_value": chi_square_tail(each, 1),
    }
    p_value = float(chi_square_tail(overall, len(names)))
    test = {"n": len(data), "events": len(rows), "statistic": overall, "df": len(names)}
    return {"terms": pd.DataFrame(terms), "test": pd.DataFrame([{**test, "p_value": p_value}])}


def schoenfeld_curve(
    data: pd.DataFrame, ties: str, of_interest: int, df: int, conf_level: float
) -> dict[str, pd.DataFrame]:
    """Give one coefficient over time: scaled Schoenfeld residuals and a smooth of them.

    Parameters
    ----------
    data, ties
        As in `cox_zph`.
    of_interest
        Number of the term, from 1.
    df
        Of the smooth, 2 or more: a natural spline in the rank of the event's time.
    conf_level
        Level of its pointwise intervals, in (0, 1).

    Returns
    -------
    dict
        ``residuals`` and ``curve`` of `lesionhet.results.SchoenfeldCurve`. With d events, their
        residuals R (d x p) and the covariance C of the coefficients, the scaled ones are beta + d R C.

    Raises
    ------
    NotEstimableError
        No finite fit, or fewer than ``df`` plus 2 different event times.

    Source: Grambsch & Therneau (1994). R: ``residuals(fit, "scaledsch")`` and, for the smooth, the
    formula of ``survival:::plot.cox.zph`` with ``splines::ns``.
    """
    _, model, beta, covariance = _fitted(data, ties)
    rows, residuals, _ = _in_units_given(model, beta)
    place = of_interest - 1
    d, estimate = len(rows), (model.back @ beta)[place]
    scaled = estimate + d * residuals @ covariance[:, place]
    order = np.argsort(rows)
    rows, scaled = rows[order], scaled[order]
    days = data["time"].to_numpy(dtype=float)[rows]
    ranks, different = ranked(days).rank, np.unique(days)
    if len(different) < df + 2:
        raise NotEstimableError(f"{CURVE}: {len(different)} event time(s), needs {df + 2}.")
    at_days = np.sort(days)[np.arange(POINTS) * (d - 1) // (POINTS - 1)]
    knots = np.quantile(ranks, np.linspace(0, 1, df))
    if len(np.unique(knots)) < df:
        raise NotEstimableError(f"{CURVE}: too many events on one day for its knots; lower df.")
    basis, at = natural_spline(ranks, np.interp(at_days, different, np.unique(ranks)), df)
    inverse = np.linalg.inv(basis.T @ basis)
    smooth = at @ inverse @ basis.T @ scaled
    error = np.sqrt(d * covariance[place, place] * ((at @ inverse) * at).sum(axis=1))
    z = normal_quantile(conf_level)
    curve = {
        "point": np.arange(1, POINTS + 1),
        "time": at_days,
        "estimate": smooth,
        "std_error": error,
        "conf_low": smooth - z * error,
        "conf_high": smooth + z * error,
    }
    found = {"event": np.arange(1, d + 1), "residual": scaled}
    return {"curve": pd.DataFrame(curve), "residuals": pd.DataFrame(found)}


def transformed(data: pd.DataFrame, transform: str) -> Floats:
    """Give g(time) of every row; see `cox_zph`.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 2.0, 3.0], "event": [1, 1, 0, 1]})
    >>> transformed(rows, "km").round(4).tolist(), transformed(rows, "rank").tolist()
    ([0.0, 0.25, 0.25, 0.5], [1.0, 2.5, 2.5, 4.0])
    """
    time = data["time"].to_numpy(dtype=float)
    if transform == "identity":
        return np.asarray(time, dtype=float)
    if transform == "rank":
        return ranked(time).rank
    if transform == "log":
        # Only those of events are used, and their times are above 0.
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(time), dtype=float)
    if transform != "km":
        raise UsageError(f"transform is {transform!r}; permitted: 'km', 'rank', 'identity', 'log'.")
    _, place = np.unique(time, return_inverse=True)
    died = np.bincount(place, weights=data["event"].to_numpy(dtype=float))
    at_risk = np.cumsum(np.bincount(place)[::-1])[::-1]
    before = np.r_[1.0, np.cumprod(1 - died / at_risk)[:-1]]
    return np.asarray(1 - before[place], dtype=float)


def natural_spline(x: Floats, at: Floats, df: int) -> tuple[Floats, Floats]:
    """Give a basis of natural cubic splines with ``df`` columns, at x and at other points.

    Knots: the ends of x and its quantiles (type 7) between them. The functions are those of
    ``splines::ns(x, df, intercept = TRUE)``, in another basis: 1 at one knot, 0 at the others.

    Examples
    --------
    >>> natural_spline(np.arange(7.0), np.array([3.0]), 3)[1].round(6).tolist()
    [[0.0, 1.0, 0.0]]
    """
    knots = np.quantile(x, np.linspace(0, 1, df))
    if df == 2:  # a straight line
        share = [(points - knots[0]) / (knots[1] - knots[0]) for points in (x, at)]
        lines = [np.column_stack([1 - s, s]) for s in share]
        return lines[0], lines[1]
    return _cubic_basis(knots, x), _cubic_basis(knots, at)


def _cubic_basis(knots: Floats, points: Floats) -> Floats:
    """Give the natural cubic splines that are 1 at one knot and 0 at the others, at points between knots.

    Between two knots such a spline follows from its values and second derivatives at both. These are 0 at
    the ends; inside, the first derivative does not jump.

    Source: de Boor (2001) A Practical Guide to Splines, chapter IV.
    """
    k, width = len(knots), np.diff(knots)
    jumps, slopes = np.zeros((k - 2, k)), np.zeros((k - 2, k))
    inside = np.arange(k - 2)
    jumps[inside, inside], jumps[inside, inside + 2] = width[:-1], width[1:]
    jumps[inside, inside + 1] = 2 * (width[:-1] + width[1:])
    slopes[inside, inside], slopes[inside, inside + 2] = 1 / width[:-1], 1 / width[1:]
    slopes[inside, inside + 1] = -(1 / width[:-1] + 1 / width[1:])
    bend = np.zeros((k, k))
    bend[1:-1] = np.linalg.solve(jumps[:, 1:-1], 6 * slopes)
    left = np.clip(np.searchsorted(knots, points, side="right") - 1, 0, k - 2)
    h = width[left]
    from_left, to_right = (points - knots[left]) / h, (knots[left + 1] - points) / h
    value = np.eye(k)
    found: Floats = to_right[:, None] * value[left] + from_left[:, None] * value[left + 1]
    found += ((to_right**3 - to_right) * h**2 / 6)[:, None] * bend[left]
    found += ((from_left**3 - from_left) * h**2 / 6)[:, None] * bend[left + 1]
    return found


def _fitted(data: pd.DataFrame, ties: str) -> tuple[list[str], EfronModel, Floats, Floats]:
    """Fit the model: names, the model, its coefficients there, and their covariance as given."""
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    names = term_columns(data)
    model, peak = climb(data, names)
    return names, model, peak.coefficients, model.back @ peak.covariance @ model.back.T


def _in_units_given(model: EfronModel, beta: Floats) -> tuple[np.ndarray, Floats, Floats]:
    """Give rows, residuals and covariances of the events in the units of the covariates given."""
    rows, residuals, covariances = model.schoenfeld(beta)
    forth = np.linalg.inv(model.back)
    return rows, residuals @ forth, np.einsum("ki,mkl,lj->mij", forth, covariances, forth)
