"""What a simulated trial can be told: every rate, effect and spread, under a name."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lesionhet.errors import UsageError
from lesionhet.simulation import fitted

Triple = tuple[float, float, float]
"""One number for each growth parameter: ln kge, ln kkill, logit Fx."""

ByOrgan = tuple[float, float, float, float, float, float, float, float]

ORGANS: Final = (
    *("liver", "lymph node", "lung", "abdomen", "GI tract", "pelvis", "bone"),
    "rare site",
)
"""Organs in the order of the parameters that have one number each; the last is every other site."""

MOST_LESIONS: Final = 20
"""Of one patient, as in the published cohort."""
LONGEST_CENSOR_DAYS: Final = 7300
"""Twenty years: bounds the number of scans that are held in memory."""


@dataclass(frozen=True)
class SimulationParameters:
    """Rates, effects and spreads of a simulated trial.

    The defaults were fitted so that the simulated cohort resembles published summaries of metastatic
    colorectal cancer (`lesionhet.calibration`, docs/calibration.md), or are assumed; they are not
    estimates from data.
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
    between_organ_sd
        SD between the organs of one patient on the same scales, shared by the lesions of an organ,
        >= 0.
    between_lesion_sd
        SD between lesions of one organ on the same scales, for liver lesions of a patient with 4
        lesions and average heterogeneity, >= 0.
    heterogeneity_spread
        SD between patients of the natural log of the factor on ``between_lesion_sd``, >= 0.
    heterogeneity_number_effect
        Added to that log per unit of ln(number of lesions / 4); 0: none.
    lesion_numbers
        Shares of the patients with 1, 2, .. lesions, which need not add up to 1, at most 20 of them;
        empty: as published.
    organ_resistance
        Shift of logit Fx under chemotherapy alone, by organ as in `ORGANS`, against the liver (0).
    organ_spread
        Shift of the log of the factor on ``between_lesion_sd``, by organ alike.
    agent_growth
        Shift of ln kge, ln kkill and logit Fx by a targeted agent in the liver.
    agent_organ_share
        Share of that shift which lesions in lymph nodes, lungs and elsewhere feel.
    agent_homogenising
        Shift of the log of the factor on ``between_lesion_sd`` by an agent, in the liver; elsewhere
        the same share of it.
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
    agent_log_hr
        Of a targeted agent, beyond what its effect on growth brings.
    heterogeneity_log_hr
        Log hazard ratio per unit of true heterogeneity, the SD over a patient's lesions of
        ln(size at day 168 / size at day 0).
    burden_log_hr
        Per unit of ln(true sum of diameters at day 0).
    number_log_hr
        Per unit of ln(number of lesions).
    growth_log_hr
        Per unit of the mean over lesions of ln kge.
    response_log_hr
        Per unit of ln(true burden at day 168 / at day 0).
    liver_response_log_hr
        Per unit of the same of the liver lesions, beyond that; none without liver lesions.
    heterogeneity_new_lesion_log_hr
        As ``heterogeneity_log_hr``, for the hazard of a new lesion.
    liver_response_new_lesion_log_hr
        As ``liver_response_log_hr``, for the hazard of a new lesion.
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
    most_scans
        Scheduled scans after baseline, at most; 0: no limit. Who dies after the last of them has no PFS
        event: PFS is censored there.
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
        Share of progressed patients with further scans, 0 to 1.
    scans_after_progression
        How many these have, at most: whole, 1 or more.
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

    growth_median: Triple = fitted.GROWTH_MEDIAN
    between_patient_sd: Triple = fitted.BETWEEN_PATIENT_SD
    between_organ_sd: Triple = fitted.BETWEEN_ORGAN_SD
    between_lesion_sd: Triple = fitted.BETWEEN_LESION_SD
    heterogeneity_spread: float = fitted.HETEROGENEITY_SPREAD
    heterogeneity_number_effect: float = fitted.HETEROGENEITY_NUMBER_EFFECT
    lesion_numbers: tuple[float, ...] = ()
    organ_resistance: ByOrgan = fitted.ORGAN_RESISTANCE
    organ_spread: ByOrgan = fitted.ORGAN_SPREAD
    agent_growth: Triple = fitted.AGENT_GROWTH
    agent_organ_share: Triple = fitted.AGENT_ORGAN_SHARE
    agent_homogenising: float = fitted.AGENT_HOMOGENISING
    site_effect: float = 1.0
    treatment_effect: float = 1.0
    backbone_effect: float = 1.0
    kras_effect: float = 1.0
    covariate_effect: float = 1.0
    agent_log_hr: float = fitted.AGENT_LOG_HR
    heterogeneity_log_hr: float = fitted.HETEROGENEITY_LOG_HR
    burden_log_hr: float = fitted.BURDEN_LOG_HR
    number_log_hr: float = fitted.NUMBER_LOG_HR
    growth_log_hr: float = fitted.GROWTH_LOG_HR
    response_log_hr: float = fitted.RESPONSE_LOG_HR
    liver_response_log_hr: float = fitted.LIVER_RESPONSE_LOG_HR
    heterogeneity_new_lesion_log_hr: float = fitted.HETEROGENEITY_NEW_LESION_LOG_HR
    liver_response_new_lesion_log_hr: float = fitted.LIVER_RESPONSE_NEW_LESION_LOG_HR
    median_os_days: float = fitted.MEDIAN_OS_DAYS
    os_shape: float = fitted.OS_SHAPE
    median_new_lesion_days: float = fitted.MEDIAN_NEW_LESION_DAYS
    censor_days: tuple[float, float] = (500.0, 1700.0)
    dropout_per_year: float = 0.10
    scan_interval_days: int = 56
    most_scans: int = 0
    scan_jitter_days: float = 3.0
    baseline_window_days: int = 28
    missed_scan_rate: float = 0.03
    not_assessed_rate: float = 0.005
    lost_baseline_rate: float = 0.005
    scan_after_progression_rate: float = 0.3
    scans_after_progression: int = 1
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
            "between_organ_sd",
            "between_lesion_sd",
            "heterogeneity_spread",
            "dropout_per_year",
            "scan_jitter_days",
            "baseline_window_days",
            "measurement_sd",
            "rounding_mm",
            "smallest_measurable_mm",
            "vanished_below_mm",
            "lesion_numbers",
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
    (("most_scans",), lambda value: value >= 0 and value == int(value), "whole, 0 or more"),
    (("scans_after_progression",), lambda value: value >= 1 and value == int(value), "whole, >= 1"),
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
        "between_organ_sd": 3,
        "between_lesion_sd": 3,
        "organ_resistance": len(ORGANS),
        "organ_spread": len(ORGANS),
        "agent_growth": 3,
        "agent_organ_share": 3,
        "censor_days": 2,
    }
    for spec in dataclasses.fields(parameters):
        value = getattr(parameters, spec.name)
        wanted = lengths.get(spec.name)
        if spec.name == "lesion_numbers":
            wanted = _check_lesion_numbers(value)
        if (len(value) if isinstance(value, tuple) else None) != wanted:
            what = f"{wanted} numbers in a tuple" if wanted else "one number"
            raise UsageError(f"{spec.name} is {value!r}; permitted: {what}.")
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise UsageError(f"{spec.name} is {value!r}; a number is needed.")
            if not math.isfinite(number):
                raise UsageError(f"{spec.name} is {value!r}; permitted: finite numbers.")


def _check_lesion_numbers(value: object) -> int:
    """Give how many shares there are."""
    if not isinstance(value, tuple) or len(value) > MOST_LESIONS:
        raise UsageError(
            f"lesion_numbers is {value!r}; permitted: a tuple of at most {MOST_LESIONS} numbers."
        )
    return len(value)


def _check_pairs(parameters: SimulationParameters) -> None:
    p = parameters
    if p.growth_median[2] >= 1:
        raise UsageError(f"growth_median is {p.growth_median!r}; permitted: Fx below 1.")
    if p.lesion_numbers and not sum(p.lesion_numbers) > 0:
        raise UsageError(f"lesion_numbers is {p.lesion_numbers!r}; permitted: one above 0.")
    if p.censor_days[0] > p.censor_days[1]:
        raise UsageError(f"censor_days is {p.censor_days!r}; permitted: the earlier day first.")
    if p.vanished_below_mm > p.smallest_measurable_mm:
        raise UsageError(
            f"vanished_below_mm is {p.vanished_below_mm!r}; permitted: up to "
            f"smallest_measurable_mm, {p.smallest_measurable_mm!r}."
        )
