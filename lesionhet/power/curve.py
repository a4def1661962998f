"""Power by number of patients: a curve through simulated powers, and the number that a power needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from lesionhet.errors import NotEstimableError, UsageError

STEPS: Final = 100
CONVERGED: Final = 1e-10


@dataclass(frozen=True)
class PowerCurve:
    """Power = Phi(a + c sqrt(n)), as it is where an estimate is normal and its error falls with sqrt(n).

    Parameters
    ----------
    intercept, slope
        a and c.
    covariance
        2 x 2, of (a, c).
    """

    intercept: float
    slope: float
    covariance: Any

    def power(self, patients: Any) -> Any:
        """Give the power with so many patients."""
        return stats.norm.cdf(self.intercept + self.slope * np.sqrt(patients))

    def patients(self, power: float, conf_level: float = 0.95) -> tuple[int, int, int]:
        """Give the fewest patients with a power, and the interval that the simulations leave.

        Parameters
        ----------
        power
            Above 0, below 1.
        conf_level
            Of the interval.

        Returns
        -------
        tuple of int
            Patients, and the ends of the interval by the delta method on sqrt(n).

        Examples
        --------
        >>> PowerCurve(-1.96, 0.14, np.zeros((2, 2))).patients(0.8)
        (401, 401, 401)
        """
        if not 0 < power < 1:
            raise UsageError(f"power is {power!r}; permitted: above 0 and below 1.")
        root = (float(stats.norm.ppf(power)) - self.intercept) / self.slope
        gradient = np.array([-1.0, -root]) / self.slope
        error = float(np.sqrt(gradient @ self.covariance @ gradient))
        reach = float(stats.norm.ppf((1 + conf_level) / 2)) * error
        ends = [max(root + side * reach, 1.0) for side in (0, -1, 1)]
        found = [int(np.ceil(end**2 - 1e-9)) for end in ends]
        return found[0], found[1], found[2]


def fit_curve(patients: Any, rejected: Any, simulations: Any) -> PowerCurve:
    """Fit a power curve to simulated trials by maximum likelihood.

    Parameters
    ----------
    patients
        Numbers of patients, two different ones or more.
    rejected, simulations
        Trials that rejected, of how many, for each.

    Returns
    -------
    PowerCurve
        Of the probit model of rejection on sqrt(patients).

    Raises
    ------
    NotEstimableError
        Too few different numbers of patients, all or none of the trials rejected, or the power does not
        rise with the patients.

    Source: probit regression (Bliss 1934) by Fisher scoring. R:
    ``glm(cbind(rejected, n - rejected) ~ sqrt(patients), binomial("probit"))``.

    Examples
    --------
    >>> curve = fit_curve([100, 225, 400], [17, 46, 79], [100, 100, 100])
    >>> round(curve.intercept, 4), round(curve.slope, 4), curve.patients(0.8)
    (-2.727, 0.1762, (411, 354, 472))
    """
    x, y, n = (np.asarray(values, dtype=float) for values in (patients, rejected, simulations))
    if len(np.unique(x)) < 2:
        raise NotEstimableError(
            "power curve: one number of patients only; two different ones or more are needed."
        )
    if y.sum() in (0, n.sum()):
        what = "all" if y.sum() else "none"
        raise NotEstimableError(
            f"power curve: {what} of the simulated trials rejected; simulate other numbers of patients."
        )
    if np.isin(y / n, (0, 1)).all():
        raise NotEstimableError(
            "power curve: the simulated powers jump from none to all; simulate numbers of patients in "
            "between."
        )
    design = np.column_stack([np.ones(len(x)), np.sqrt(x)])
    beta = np.array([float(stats.norm.ppf(y.sum() / n.sum())), 0.0])
    for _ in range(STEPS):
        eta = np.clip(design @ beta, -8, 8)
        mean, density = stats.norm.cdf(eta), stats.norm.pdf(eta)
        weight = n * density**2 / (mean * (1 - mean))
        working = eta + (y / n - mean) / density
        covariance = np.linalg.inv((design * weight[:, None]).T @ design)
        step = covariance @ (design * weight[:, None]).T @ working - beta
        beta = beta + step
        if np.abs(step).max() < CONVERGED:
            break
    if beta[1] <= 0:
        raise NotEstimableError(
            "power curve: the simulated power does not rise with the number of patients; use more "
            "simulations, or numbers further apart."
        )
    return PowerCurve(float(beta[0]), float(beta[1]), covariance)
