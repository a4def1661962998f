"""What a trial is planned for, and how it would be run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import optimize

from lesionhet.errors import UsageError
from lesionhet.simulation import published
from lesionhet.simulation.parameters import LONGEST_CENSOR_DAYS, SimulationParameters
from lesionhet.timed.looks import ENDPOINTS
from lesionhet.timed.ways import LANDMARK, NAIVE, TIME_DEPENDENT
from lesionhet.validity.scenarios import NOTHING_ACTS

SCALES: Final = ("per_0.1", "per_sd")
WHOLE: Final = "whole follow-up"
MOST_PATIENTS: Final = 20_000
LARGEST_RATIO: Final = 10.0


@dataclass(frozen=True)
class HazardRatio:
    """Association of the distance with survival.

    Parameters
    ----------
    ratio
        Hazard ratio of the distance that is to be seen, above 0, not 1, from 0.1 to 10.
    scale
        Its unit: ``"per_0.1"`` of the distance, or ``"per_sd"`` between the patients in the model.
    by
        ``"time-dependent"``, ``"landmark"`` or ``"naive"``, see docs/methods.md, "Time".
    landmark
        Day of the landmark.
    endpoint
        ``"os"`` or ``"pfs"``.

    Raises
    ------
    UsageError
        A value is not permitted.

    Examples
    --------
    >>> round(HazardRatio(1.2).target, 4)
    0.1823
    """

    ratio: float
    scale: str = "per_0.1"
    by: str = TIME_DEPENDENT
    landmark: float = 112.0
    endpoint: str = "os"

    def __post_init__(self) -> None:
        ratio = self.ratio
        if not (1 / LARGEST_RATIO <= ratio <= LARGEST_RATIO) or ratio == 1:
            raise UsageError(f"hazard_ratio is {ratio!r}; permitted: 0.1 to 10, but not 1.")
        _check_word("scale", self.scale, SCALES)
        _check_word("by", self.by, (TIME_DEPENDENT, LANDMARK, NAIVE))
        _check_word("endpoint", self.endpoint, ENDPOINTS)
        _check_day(self.landmark)

    @property
    def target(self) -> float:
        """The log hazard ratio."""
        return math.log(self.ratio)

    @property
    def unit(self) -> str:
        """What the ratio is per, in words."""
        return "SD of the distance" if self.scale == "per_sd" else "0.1 of the distance"


@dataclass(frozen=True)
class Difference:
    """Difference between two arms in how far the lesions of a patient part.

    Parameters
    ----------
    difference
        Mean distance of the experimental arm less that of the control arm, not 0, between -1 and 1.
    by
        ``"whole follow-up"``: the distance of all scans; ``"landmark"``: that of the scans up to a day, of
        every patient with one.
    landmark
        Day of the landmark.

    Raises
    ------
    UsageError
        A value is not permitted.
    """

    difference: float
    by: str = WHOLE
    landmark: float = 112.0

    def __post_init__(self) -> None:
        if not -1 < self.difference < 1 or self.difference == 0:
            raise UsageError(
                f"difference is {self.difference!r}; permitted: between -1 and 1, but not 0."
            )
        _check_word("by", self.by, (WHOLE, LANDMARK))
        _check_day(self.landmark)

    @property
    def target(self) -> float:
        """The difference."""
        return self.difference


Question = HazardRatio | Difference


@dataclass(frozen=True)
class Design:
    """How a trial is run, its number of patients aside.

    Parameters
    ----------
    lesions
        Mean number of lesions a patient, from 1 to 20; the published distribution tilted to that mean.
        A tuple: shares of the patients with 1, 2, .. lesions. None: as published, mean 4.07.
    scan_interval
        Days between scans, 14 or more.
    scans
        Scheduled scans after baseline, at most; 0: until progression.
    follow_up, accrual
        Days of follow-up of the last patient enrolled, and days of enrolment: patients are censored
        uniformly between ``follow_up`` and ``follow_up`` + ``accrual``.
    median_os
        Median survival, days.
    measurement_sd
        SD of the natural log of measured / true diameter.

    Raises
    ------
    UsageError
        A value is not permitted.

    Examples
    --------
    >>> Design(lesions=2.0).mean_lesions
    2.0
    """

    lesions: float | tuple[float, ...] | None = None
    scan_interval: int = 56
    scans: int = 0
    follow_up: float = 500.0
    accrual: float = 1200.0
    median_os: float = 570.0
    measurement_sd: float = SimulationParameters.measurement_sd

    def __post_init__(self) -> None:
        if not (self.follow_up >= 14 and self.accrual >= 0):
            raise UsageError(
                f"follow_up is {self.follow_up!r}, accrual {self.accrual!r}; permitted: 14 or more "
                "and 0 or more days."
            )
        if self.follow_up + self.accrual > LONGEST_CENSOR_DAYS:
            raise UsageError(
                f"follow_up and accrual are {self.follow_up + self.accrual:g} days together; "
                f"permitted: up to {LONGEST_CENSOR_DAYS}."
            )
        self.parameters()

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the patients with 1, 2, .. lesions."""
        if isinstance(self.lesions, tuple):
            total = sum(self.lesions)
            return tuple(share / total for share in self.lesions)
        return lesion_shares(self.lesions)

    @property
    def mean_lesions(self) -> float:
        """Mean number of lesions a patient."""
        return round(float(np.arange(1, len(self.shares) + 1) @ self.shares), 6)

    def parameters(self, **changes: Any) -> SimulationParameters:
        """Give what such a trial is simulated with: nothing acts on survival but what is changed."""
        return SimulationParameters(
            **{
                **NOTHING_ACTS,
                "treatment_effect": 0.0,
                "lesion_numbers": () if self.lesions is None else self._checked_shares(),
                "scan_interval_days": self.scan_interval,
                "most_scans": self.scans,
                "censor_days": (float(self.follow_up), float(self.follow_up + self.accrual)),
                "median_os_days": self.median_os,
                "measurement_sd": self.measurement_sd,
                **changes,
            }
        )

    def _checked_shares(self) -> tuple[float, ...]:
        # The simulator says what is wrong with shares that are none.
        return self.lesions if isinstance(self.lesions, tuple) else self.shares


def lesion_shares(mean: float | None) -> tuple[float, ...]:
    """Give shares of patients with 1 to 20 lesions: the published ones, tilted to a mean.

    Parameters
    ----------
    mean
        From 1 to 20; None: as published.

    Returns
    -------
    tuple of float
        p_k proportional to q_k exp(t k), q being the published shares, t such that the mean holds.

    Raises
    ------
    UsageError
        A mean that is not permitted.

    Source: exponential tilting; paper, Table 1, for the published shares.

    Examples
    --------
    >>> [round(share, 3) for share in lesion_shares(1.5)][:3]
    [0.651, 0.236, 0.084]
    """
    counts = np.sum(list(published.LESIONS_PER_PATIENT.values()), axis=0).astype(float)
    number = np.arange(1, len(counts) + 1)
    if mean is None:
        return tuple(float(share) for share in counts / counts.sum())
    if not 1 <= mean <= len(counts):
        raise UsageError(f"lesions is {mean!r}; permitted: a mean from 1 to {len(counts)}.")
    if mean in (1, len(counts)):
        return tuple(float(one) for one in number == mean)

    def tilted(t: float) -> Any:
        # Centred, so that neither end overflows.
        weight = counts * np.exp(t * (number - (len(counts) if t > 0 else 1)))
        return weight / weight.sum()

    root = optimize.brentq(lambda t: float(number @ tilted(t)) - mean, -50, 50, xtol=1e-12)
    return tuple(float(share) for share in tilted(root))


def _check_word(name: str, value: str, permitted: tuple[str, ...]) -> None:
    if value not in permitted:
        raise UsageError(f"{name} is {value!r}; permitted: {', '.join(permitted)}.")


def _check_day(day: float) -> None:
    if not day > 0:
        raise UsageError(f"landmark is {day!r}; permitted: above 0, in days.")
