"""A linear mixed model with one random intercept a patient, at the exact maximum of its likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import optimize, stats

from lesionhet.answering import TermsNotEstimableError
from lesionhet.errors import NotEstimableError
from lesionhet.statistics.arrays import Floats, Integers

WHAT: Final = "Mixed model"
COLLINEAR: Final = 1e-9
NO_VARIATION: Final = 1e-12
"""Share of the sum of squares that, left within patients, is none but for rounding."""
FLAT: Final = 1e-8
"""Slope of -2 log-likelihood at 0, for each row, that counts as none."""


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
    of one ratio of variances, whose maximum is found by Brent's method. R: ``nlme::lme``.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [1.0, 2, 3, 5, 6, 4], "x1": [0.0, 1, 0, 1, 0, 1],
    ...                      "cluster": [1, 1, 2, 2, 3, 3]})
    >>> mixed_model(rows, 0.95)["terms"]["estimate"].round(4).tolist()
    [3.3333, 0.3333]
    """
    names = [f"x{i}" for i in range(1, data.columns.str.fullmatch(r"x\d+").sum() + 1)]
    values = data["values"].to_numpy(dtype=float)
    cluster = np.unique(data["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    design = np.column_stack([np.ones(len(data)), data[names].to_numpy(dtype=float)])
    _need_independent(design)
    _need_variation(values, design, cluster)
    fit = _Likelihood(values, design, cluster, reml=True).fit()
    full = _Likelihood(values, design, cluster, reml=False).fit()
    null = _Likelihood(values, design[:, :1], cluster, reml=False).fit()
    return {
        "terms": _terms(fit, conf_level),
        "model": _model(fit, full, null, int(cluster.max()) + 1, len(data)),
    }


class _Likelihood:
    """-2 log-likelihood in the ratio of the variances, from cross products and sums by patient.

    Columns are the orthonormal design and the values; Q'V^-1 Q follows from them without V.
    """

    def __init__(self, values: Floats, design: Floats, cluster: Integers, *, reml: bool) -> None:
        basis, self._triangle = np.linalg.qr(design)
        columns = np.column_stack([basis, values - values.mean()])
        self._mean = values.mean()
        self._products = columns.T @ columns
        self._sums = np.column_stack([np.bincount(cluster, column) for column in columns.T])
        self._size = np.bincount(cluster)
        self._reml, self._p = reml, design.shape[1]
        self._df = len(values) - (self._p if reml else 0)

    def _solved(self, ratio: float) -> tuple[Floats, Floats, float]:
        """Give Q'V^-1 Q, the coefficients of the basis and the residual sum of squares."""
        shrink = ratio / (1 + ratio * self._size)
        products = self._products - (self._sums * shrink[:, None]).T @ self._sums
        inner, cross = products[:-1, :-1], products[:-1, -1]
        coefficients = np.linalg.solve(inner, cross)
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
        return float(optimize.brentq(self.slope, 0.0, high, xtol=1e-15, rtol=1e-14))

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
    z = float(stats.norm.ppf((1 + conf_level) / 2))
    statistic = fit.coefficients / error
    columns = {
        "term": np.arange(1, len(error) + 1),
        "estimate": fit.coefficients,
        "std_error": error,
        "conf_low": fit.coefficients - z * error,
        "conf_high": fit.coefficients + z * error,
        "statistic": statistic,
        "p_value": 2 * stats.norm.sf(np.abs(statistic)),
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
        "p_value": float(stats.chi2.sf(ratio, df)),
    }
    return pd.DataFrame([row])
