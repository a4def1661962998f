"""A linear mixed model with one random intercept a patient, at the exact maximum of its likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.answering import TermsNotEstimableError
from lesionhet.errors import NotEstimableError
from lesionhet.statistics.arrays import Floats, Integers, term_columns
from lesionhet.statistics.distributions import chi_square_tail, normal_quantile, two_sided

WHAT: Final = "Mixed model"
COLLINEAR: Final = 1e-9
NO_VARIATION: Final = 1e-12
"""Share of the sum of squares that, left within patients, is none but for rounding."""
FLAT: Final = 1e-8
"""Slope of -2 log-likelihood at 0, for each row, that counts as none."""

MOST_STEPS: Final = 200
ROOT_WITHIN: Final = 1e-14
"""Share of a root by which both ends of its bracket may part."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model: coefficients, their covariance, both variances, log-likelihood (ML only)."""

    coefficients: Floats
    covariance: Floats
    between: float
    within: float
    log_likelihood: float


def mixed_model(data: pd.DataFrame, conf_level: float) -> dict[str, pd.DataFrame]:
    """Fit values = intercept + covariates + patient + rest, the last two normal, by REML.

    Parameters
    ----------
    data
        ``values``, covariates ``x1`` to ``xp`` (one or more) and ``cluster`` (code of the patient).
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        ``terms`` and ``model`` of `lesionhet.results.MixedModel`: the estimates are of REML, the
        likelihood ratio test against the model without covariates is of ML. z is normal.

    Raises
    ------
    NotEstimableError
        Covariates are collinear, or values do not vary within patients.

    Source: Laird & Ware (1982) Biometrics 38:963; with one random intercept the likelihood is a function
    of one ratio of variances, at whose maximum the slope is 0 (`root_between`). R: ``nlme::lme``.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2, 3, 5, 6, 4], "x1": [0.0, 1, 0, 1, 0, 1],
    ...                      "cluster": [1, 1, 2, 2, 3, 3]})
    >>> mixed_model(rows, 0.95)["terms"]["estimate"].round(4).tolist()
    [3.3333, 0.3333]
    """
    names = term_columns(data)
    values = data["values"].to_numpy(dtype=float)
    cluster = np.unique(data["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    design = np.column_stack([np.ones(len(data)), data[names].to_numpy(dtype=float)])
    _need_independent(design)
    _need_variation(values, design, cluster)
    sums = _Sums.of(values, design, cluster)
    fit, full = (_Likelihood(sums, reml=reml).fit() for reml in (True, False))
    null = _Likelihood(_Sums.of(values, design[:, :1], cluster), reml=False).fit()
    return {
        "terms": _terms(fit, conf_level),
        "model": _model(fit, full, null, int(cluster.max()) + 1, len(data)),
    }


@dataclass(frozen=True, eq=False)
class _Sums:
    """Cross products of the orthonormal design and the centred values, and their sums by patient."""

    triangle: Floats
    mean: float
    products: Floats
    by_patient: Floats
    size: Integers

    @staticmethod
    def of(values: Floats, design: Floats, cluster: Integers) -> _Sums:
        basis, triangle = np.linalg.qr(design)
        mean = float(values.mean())
        columns = np.column_stack([basis, values - mean])
        by_patient: Floats = np.column_stack(
            [np.bincount(cluster, column).astype(np.float64) for column in columns.T]
        )
        return _Sums(triangle, mean, columns.T @ columns, by_patient, np.bincount(cluster))


class _Likelihood:
    """-2 log-likelihood in the ratio of the variances; Q'V^-1 Q follows from the sums without V."""

    def __init__(self, sums: _Sums, *, reml: bool) -> None:
        self._triangle, self._mean = sums.triangle, sums.mean
        self._products, self._sums, self._size = sums.products, sums.by_patient, sums.size
        self._reml = reml
        self._df = int(self._size.sum()) - (len(self._triangle) if reml else 0)

    def _solved(self, ratio: float) -> tuple[Floats, Floats, float]:
        """Give Q'V^-1 Q, the coefficients of the basis and the residual sum of squares."""
        shrink = ratio / (1 + ratio * self._size)
        products = self._products - (self._sums * shrink[:, None]).T @ self._sums
        inner, cross = products[:-1, :-1], products[:-1, -1]
        coefficients: Floats = np.asarray(np.linalg.solve(inner, cross), dtype=float)
        return inner, coefficients, float(products[-1, -1] - cross @ coefficients)

    def slope(self, ratio: float) -> float:
        """Give the derivative of -2 log-likelihood by the ratio."""
        inner, coefficients, rest = self._solved(ratio)
        change = (self._sums / (1 + ratio * self._size)[:, None] ** 2).T @ self._sums
        direction = np.append(-coefficients, 1.0)
        found = (self._size / (1 + ratio * self._size)).sum()
        found -= self._df * (direction @ change @ direction) / rest
        if self._reml:
            found -= np.trace(np.linalg.solve(inner, change[:-1, :-1]))
        return float(found)

    def _best(self) -> float:
        """Give the ratio at the maximum: 0 where the likelihood does not rise from there."""
        if self.slope(0.0) >= -FLAT * self._size.sum():
            return 0.0
        high = 1.0
        while self.slope(high) < 0:
            high *= 10
        return root_between(self.slope, 0.0, high)

    def fit(self) -> Fit:
        """Give the model at the maximum."""
        ratio = self._best()
        inner, coefficients, rest = self._solved(ratio)
        within = rest / self._df
        n = self._size.sum()
        log_likelihood = -0.5 * (
            n * (np.log(2 * np.pi * rest / n) + 1) + np.log1p(ratio * self._size).sum()
        )
        back = np.linalg.inv(self._triangle)
        at = back @ coefficients
        at[0] += self._mean
        covariance = within * back @ np.linalg.inv(inner) @ back.T
        return Fit(at, covariance, ratio * within, within, float(log_likelihood))


def root_between(function: Callable[[float], float], low: float, high: float) -> float:
    """Give the root of a function that is below 0 at ``low`` and above 0 at ``high``.

    False position; an end that stays twice counts half (the Illinois rule), so that both ends close in.

    Source: Dowell & Jarratt (1971) BIT 11:168.

    Examples
    --------
    >>> round(root_between(lambda x: x * x - 2, 0.0, 2.0), 12)
    1.414213562373
    """
    at_low, at_high, moved_low = function(low), function(high), None
    at = low
    for _ in range(MOST_STEPS):
        at = (low * at_high - high * at_low) / (at_high - at_low)
        value = function(at)
        if value == 0 or high - low <= ROOT_WITHIN * high:
            break
        if value < 0:
            at_high = at_high / 2 if moved_low is True else at_high
            low, at_low, moved_low = at, value, True
        else:
            at_low = at_low / 2 if moved_low is False else at_low
            high, at_high, moved_low = at, value, False
    return float(at)


def _need_independent(design: Floats) -> None:
    """Refuse covariates that are the same in every row, or follow from others."""
    # The intercept is the first term.
    terms = range(2, design.shape[1] + 1)
    centred = design[:, 1:] - design[:, 1:].mean(axis=0)
    spread = np.linalg.norm(centred, axis=0)
    flat = np.flatnonzero(spread <= COLLINEAR * np.linalg.norm(design[:, 1:], axis=0)) + 2
    if len(flat):
        raise TermsNotEstimableError(
            WHAT, "the same value in every row; leave it out.", flat.tolist()
        )
    if np.linalg.matrix_rank(centred / spread, tol=COLLINEAR) < len(terms):
        reason = "collinear, one follows from the others; leave one out."
        raise TermsNotEstimableError(WHAT, reason, terms)


def _need_variation(values: Floats, design: Floats, cluster: Integers) -> None:
    """Refuse values that within patients are constant, or what the covariates say."""
    size = np.bincount(cluster)
    columns = np.column_stack([design[:, 1:], values])
    means = np.column_stack([np.bincount(cluster, column) / size for column in columns.T])
    inside = columns - means[cluster]
    at = np.linalg.lstsq(inside[:, :-1], inside[:, -1], rcond=COLLINEAR)[0]
    left = ((inside[:, -1] - inside[:, :-1] @ at) ** 2).sum()
    if left <= NO_VARIATION * ((values - values.mean()) ** 2).sum():
        raise NotEstimableError(
            f"{WHAT}: values do not vary within patients. Compare one value a patient instead."
        )


def _terms(fit: Fit, conf_level: float) -> pd.DataFrame:
    error = np.sqrt(np.diag(fit.covariance))
    z = normal_quantile(conf_level)
    statistic = fit.coefficients / error
    columns = {
        "term": np.arange(1, len(error) + 1),
        "estimate": fit.coefficients,
        "std_error": error,
        "conf_low": fit.coefficients - z * error,
        "conf_high": fit.coefficients + z * error,
        "statistic": statistic,
        "p_value": two_sided(statistic),
    }
    return pd.DataFrame(columns)


def _model(fit: Fit, full: Fit, null: Fit, patients: int, n: int) -> pd.DataFrame:
    ratio, df = 2 * (full.log_likelihood - null.log_likelihood), len(fit.coefficients) - 1
    row = {
        "n": n,
        "patients": patients,
        "variance_patients": fit.between,
        "variance_lesions": fit.within,
        "intraclass_correlation": fit.between / (fit.between + fit.within),
        "singular": float(fit.between == 0),
        "log_likelihood_null": null.log_likelihood,
        "log_likelihood": full.log_likelihood,
        "statistic": ratio,
        "df": df,
        "p_value": float(chi_square_tail(ratio, df)),
    }
    return pd.DataFrame([row])
