"""What a simulated trial can be told: every rate, effect and spread, under a name."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lesionhet.errors import UsageError

Triple = tuple[float, float, float]
"""One number for each growth parameter: ln kge, ln kkill, logit Fx."""

LONGEST_CENSOR_DAYS: Final = 7300
"""Twenty years: bounds the number of scans that are held in memory."""


@dataclass(frozen=True)
class SimulationParameters:
    """Rates, effects and spreads of a simulated trial.

    The defaults were adjusted by hand until the simulated cohort resembled published summaries of
    metastatic colorectal cancer; they are not estimates from data.
    An effect of 0 is no effect, so that studies of the type I error can switch it off. Log hazard
    ratios are those of death unless said otherwise. The growth parameters are kge (regrowth, per
    day), kkill (shrinkage, per day) and Fx (resistant fraction, 0 to 1).

    Parameters
    ----------
    growth_median
        Medians of kge, kkill and Fx of a liver lesion under chemotherapy alone, all above 0, Fx
        below 1.
    between_patient_sd
        SD between patients of ln kge, ln kkill and logit Fx, >= 0.
    between_lesion_sd
        SD between lesions of one patient on the same scales, for a patient of average
        heterogeneity, >= 0.
    heterogeneity_spread
        SD between patients of the natural log of the factor on ``between_lesion_sd``, >= 0.
    site_effect
        Multiplies the differences between organs; 0: every organ responds alike.
    treatment_effect
        Multiplies every effect of bevacizumab and panitumumab, on growth and on hazard; 0: none.
    backbone_effect
        Multiplies the log hazard ratio of second-line FOLFIRI against the other backbones.
    kras_effect
        Multiplies the log hazard ratio of mutant KRAS. That panitumumab does nothing in mutant
        tumours is part of the treatment effect.
    covariate_effect
        Multiplies the log hazard ratios of ECOG performance and LDH.
    heterogeneity_log_hr
        Log hazard ratio per unit of true heterogeneity, the SD over a patient's lesions of
        ln(size at day 168 / size at day 0).
    burden_log_hr
        Per unit of ln(true sum of diameters at day 0).
    growth_log_hr
        Per unit of the mean over lesions of ln kge.
    response_log_hr
        Per unit of ln(true burden at day 168 / at day 0), liver lesions weighing double.
    heterogeneity_new_lesion_log_hr
        As ``heterogeneity_log_hr``, for the hazard of a new lesion.
    median_os_days
        Median survival of a patient whose log hazard is 0, > 0.
    os_shape
        Weibull shape of survival, > 0; 1 is a constant hazard.
    median_new_lesion_days
        Median time to a new lesion where its log hazard is 0, > 0.
    censor_days
        Administrative censoring is uniform between these two days, 14 or more.
    dropout_per_year
        Rate at which scans end without progression, per year, >= 0.
    scan_interval_days
        Days between scheduled scans, 14 or more.
    scan_jitter_days
        SD of a scan's day around its schedule, >= 0; cut off at an eighth of the interval.
    baseline_window_days
        Baseline scans are uniform on this many days before day 0 and day 0 itself, >= 0.
    missed_scan_rate
        Share of scheduled scans that a patient misses, 0 to 0.5; never two in a row.
    not_assessed_rate
        Share of lesion measurements left empty at an attended scan, 0 to 0.5.
    lost_baseline_rate
        Share of lesions whose baseline row is lost, 0 to 0.5.
    scan_after_progression_rate
        Share of progressed patients with one further scan, 0 to 1.
    measurement_sd
        SD of the natural log of measured / true diameter, >= 0; cut off at 3 SD.
    rounding_mm
        Diameters are rounded to multiples of this, in mm; 0: not rounded.
    smallest_measurable_mm
        Smaller measured diameters are recorded as this ("too small to measure"), in mm, >= 0.
    vanished_below_mm
        Smaller measured diameters are recorded as 0, in mm, from 0 to ``smallest_measurable_mm``.

    Raises
    ------
    UsageError
        A value is not permitted; the message lists what is.

    Examples
    --------
    >>> SimulationParameters(treatment_effect=0).treatment_effect
    0
    >>> SimulationParameters(measurement_sd=-1)
    Traceback (most recent call last):
    ...
    lesionhet.errors.UsageError: measurement_sd is -1; permitted: finite, 0 or more.
    """

    growth_median: Triple = (0.0017, 0.016, 0.52)
    between_patient_sd: Triple = (0.70, 0.45, 1.15)
    between_lesion_sd: Triple = (0.35, 0.35, 0.65)
    heterogeneity_spread: float = 0.5
    site_effect: float = 1.0
    treatment_effect: float = 1.0
    backbone_effect: float = 1.0
    kras_effect: float = 1.0
    covariate_effect: float = 1.0
    heterogeneity_log_hr: float = 0.9
    burden_log_hr: float = 0.30
    growth_log_hr: float = 0.30
    response_log_hr: float = 0.50
    heterogeneity_new_lesion_log_hr: float = 0.9
    median_os_days: float = 630.0
    os_shape: float = 1.4
    median_new_lesion_days: float = 500.0
    censor_days: tuple[float, float] = (500.0, 1700.0)
    dropout_per_year: float = 0.10
    scan_interval_days: int = 56
    scan_jitter_days: float = 3.0
    baseline_window_days: int = 28
    missed_scan_rate: float = 0.03
    not_assessed_rate: float = 0.005
    lost_baseline_rate: float = 0.005
    scan_after_progression_rate: float = 0.3
    measurement_sd: float = 0.08
    rounding_mm: float = 1.0
    smallest_measurable_mm: float = 5.0
    vanished_below_mm: float = 3.0

    def __post_init__(self) -> None:
        _check_finite(self)
        for names, holds, permitted in _RULES:
            for name in names:
                value = getattr(self, name)
                numbers = value if isinstance(value, tuple) else (value,)
                if not all(holds(number) for number in numbers):
                    raise UsageError(f"{name} is {value!r}; permitted: {permitted}.")
        _check_pairs(self)


_RULES: Final[tuple[tuple[tuple[str, ...], Callable[[float], bool], str], ...]] = (
    (
        (
            "between_patient_sd",
            "between_lesion_sd",
            "heterogeneity_spread",
            "dropout_per_year",
            "scan_jitter_days",
            "baseline_window_days",
            "measurement_sd",
            "rounding_mm",
            "smallest_measurable_mm",
            "vanished_below_mm",
        ),
        lambda value: value >= 0,
        "finite, 0 or more",
    ),
    (
        ("growth_median", "median_os_days", "os_shape", "median_new_lesion_days"),
        lambda value: value > 0,
        "finite, above 0",
    ),
    (
        ("missed_scan_rate", "not_assessed_rate", "lost_baseline_rate"),
        lambda value: 0 <= value <= 0.5,
        "0 to 0.5",
    ),
    (("scan_after_progression_rate",), lambda value: 0 <= value <= 1, "0 to 1"),
    (("scan_interval_days",), lambda value: value >= 14 and value == int(value), "whole, >= 14"),
    (("baseline_window_days",), lambda value: value == int(value), "a whole number"),
    (
        ("censor_days",),
        lambda value: 14 <= value <= LONGEST_CENSOR_DAYS,
        f"two numbers from 14 to {LONGEST_CENSOR_DAYS}",
    ),
)


def _check_finite(parameters: SimulationParameters) -> None:
    lengths = {
        "growth_median": 3,
        "between_patient_sd": 3,
        "between_lesion_sd": 3,
        "censor_days": 2,
    }
    for spec in dataclasses.fields(parameters):
        value = getattr(parameters, spec.name)
        wanted = lengths.get(spec.name)
        if (len(value) if isinstance(value, tuple) else None) != wanted:
            what = f"{wanted} numbers in a tuple" if wanted else "one number"
            raise UsageError(f"{spec.name} is {value!r}; permitted: {what}.")
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise UsageError(f"{spec.name} is {value!r}; a number is needed.")
            if not math.isfinite(number):
                raise UsageError(f"{spec.name} is {value!r}; permitted: finite numbers.")


def _check_pairs(parameters: SimulationParameters) -> None:
    p = parameters
    if p.growth_median[2] >= 1:
        raise UsageError(f"growth_median is {p.growth_median!r}; permitted: Fx below 1.")
    if p.censor_days[0] > p.censor_days[1]:
        raise UsageError(f"censor_days is {p.censor_days!r}; permitted: the earlier day first.")
    if p.vanished_below_mm > p.smallest_measurable_mm:
        raise UsageError(
            f"vanished_below_mm is {p.vanished_below_mm!r}; permitted: up to "
            f"smallest_measurable_mm, {p.smallest_measurable_mm!r}."
        )
