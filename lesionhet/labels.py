"""Names and numbers as they are printed in figures and in the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from lesionhet.errors import UsageError

NOT_REACHED: Final = "not reached"
"""Printed for a median survival, or a limit of it, that the curve does not reach."""

P_FLOOR: Final = 0.001
"""P values below this are printed as an inequality."""

LABELS: Final[Mapping[str, str]] = {
    "patient_id": "Patient",
    "lesion_id": "Lesion",
    "day": "Day",
    "diameter_mm": "Diameter (mm)",
    "baseline_mm": "Baseline diameter (mm)",
    "baseline_sum_mm": "Baseline tumour burden (mm)",
    "site": "Site",
    "visit": "Visit",
    "lesion_type": "Lesion type",
    "arm": "Treatment arm",
    "trial": "Trial",
    "kras": "KRAS status",
    "os_days": "Overall survival (days)",
    "os_event": "Death",
    "pfs_days": "Progression-free survival (days)",
    "pfs_event": "Progression or death",
    "pps_days": "Post-progression survival (days)",
    "pps_event": "Death after progression",
    "progressed": "Progression",
    "n_lesions": "Number of lesions",
    "n_sites": "Number of sites",
    "response": "Response",
    "stable": "Stable",
    "relapse": "Relapse",
    "mixed": "Mixed response",
    "response_days": "Response (days)",
    "stable_days": "Stable (days)",
    "relapse_days": "Relapse (days)",
    "nadir_ratio": "Nadir / baseline",
    "last_ratio": "Last / baseline",
    "inconsistent": "Inconsistent with the total burden",
    "gower": "Gower distance",
    "assessment": "Assessment",
    "assessments": "Assessments",
    "patients": "Patients",
    "target": "Target lesions",
    "targets": "Target lesions",
    "overall": "Overall response",
    "best_change": "Best change from baseline (%)",
    "progression_day": "Progression (day)",
    "patients_without_baseline": "Patients without a baseline",
    "targets_without_baseline": "Target lesions without a baseline",
    "targets_zero_baseline": "Target lesions with a baseline of 0",
    "nontargets_after_baseline": "Non-target lesions first seen later",
    "new_at_baseline": "New lesions at the baseline",
    "sum_mm": "Sum of diameters (mm)",
    "nadir_mm": "Smallest sum before (mm)",
    "change_baseline": "Change from baseline (%)",
    "change_nadir": "Change from nadir (%)",
    "nontarget": "Non-target",
    "new": "New lesions",
    "best": "Best response",
    "best_confirmed": "Best response, confirmed",
    "responders": "CR or PR",
    "response_rate": "Response rate",
    "distance": "Gower distance",
    "patient": "Patient",
    "row": "Row",
    "row_1": "Row 1",
    "row_2": "Row 2",
    "group": "Group",
    "group_1": "Group 1",
    "group_2": "Group 2",
    "level": "Level",
    "term": "Term",
    "label": "",
    "panel": "",
    "n": "N",
    "count": "Count",
    "share": "Share",
    "mean_sd": "Mean (SD)",
    "median_iqr": "Median (IQR)",
    "within": "Within",
    "measure": "Measure",
    "organ": "Organ",
    "draw": "Draw",
    "estimate_median": "Median estimate",
    "estimate_low": "Estimate, 2.5th percentile",
    "estimate_high": "Estimate, 97.5th percentile",
    "p_median": "Median P",
    "p_low": "P, 2.5th percentile",
    "p_high": "P, 97.5th percentile",
    "draws": "Draws",
    "fitted": "With a finite fit",
    "share_significant": "Share with P < 0.05",
    "conf_type": "Scale of the interval",
    "others_ratio": "Best ratio of the others",
    "response_group": "Group (1 all respond, 2 organ only, 3 others only, 4 none)",
    "baseline_day": "Baseline (day)",
    "n_scans": "Scans after baseline",
    "n_inconsistent": "Inconsistent lesions",
    "ratio": "Best ratio of the organ",
    "rows_found": "Rows in the file",
    "rows_not_assessed": "Rows not assessed",
    "rows_non_target": "Rows of non-target lesions",
    "rows_new": "Rows of new lesions",
    "rows_duplicate": "Exact duplicates",
    "rows_before_baseline": "Rows before the baseline",
    "rows_not_followed": "Rows of lesions that are not followed",
    "rows_kept": "Rows analysed",
    "lesions_found": "Lesions in the file",
    "lesions_non_target": "Non-target lesions",
    "lesions_new": "New lesions",
    "lesions_never_measured": "Lesions never measured",
    "lesions_zero_baseline": "Lesions with a baseline of 0",
    "lesions_no_later": "Lesions without a later measurement",
    "lesions_followed": "Lesions followed",
    "patients_measured": "Patients with a measured target lesion",
    "patients_followed": "Patients with a followed lesion",
    "cut": "Median",
    "low_cut": "Low, at or below",
    "high_cut": "High, at or above",
    "n_low": "N low",
    "n_medium": "N medium",
    "n_high": "N high",
    "ties": "Values tied at a cut-off",
    "size_mm": "Sum of diameters (mm)",
    "organ_not_whole": "Organ never measured as a whole",
    "others_not_whole": "Others never measured as a whole",
    "unknown_site": "A lesion without a site",
    "events": "Events",
    "mean": "Mean",
    "sd": "SD",
    "sd_mm": "SD (mm)",
    "mean_difference_mm": "Mean difference (mm)",
    "lower_limit_mm": "Lower limit (mm)",
    "upper_limit_mm": "Upper limit (mm)",
    "minimum": "Minimum",
    "q10": "10th percentile",
    "q25": "25th percentile",
    "median": "Median",
    "q75": "75th percentile",
    "q90": "90th percentile",
    "maximum": "Maximum",
    "estimate": "Estimate",
    "std_error": "Standard error",
    "hazard_ratio": "Hazard ratio",
    "conf_low": "Lower limit",
    "conf_high": "Upper limit",
    "coverage": "Exact level of the interval",
    "statistic": "Statistic",
    "df": "Degrees of freedom",
    "p_value": "P",
    "p_adjusted": "P (corrected)",
    "rank_sum": "Rank sum",
    "variance": "Variance",
    "mean_rank": "Mean rank",
    "permutations": "Permutations",
    "as_large": "Permutations with as large a statistic",
    "singular": "No variance between patients (1 yes)",
    "compared": "Compared",
    "groups": "Groups",
    "naive_low": "Naive: lower limit",
    "naive_high": "Naive: upper limit",
    "clustered_low": "Clustered: lower limit",
    "clustered_high": "Clustered: upper limit",
    "error_ratio": "Standard error, clustered / naive",
    "p_clustered": "P, clustered",
    "p_rosner_glynn_lee": "P, Rosner-Glynn-Lee",
    "p_permuted": "P, permuted within patients",
    "intraclass_correlation": "Intraclass correlation",
    "variance_patients": "Variance between patients",
    "variance_lesions": "Variance between lesions of a patient",
    "lesions": "Lesions",
    "time": "Time (days)",
    "survival": "Survival",
    "n_risk": "At risk",
    "n_event": "Events",
    "n_censor": "Censored",
    "observed": "Observed events",
    "expected": "Expected events",
    "log_likelihood": "Log likelihood",
    "log_likelihood_null": "Log likelihood without terms",
    "robust_error": "Robust standard error",
    "changed": "Lesions with other phases",
    "with_burden": "Lesions with a total burden",
    "lesion_median": "Median distance of lesions",
    "patient_median": "Median distance of patients",
    "kendall": "Kendall's tau with the reading in force",
    "log_ratio": "Log hazard ratio moves by",
    "value_1": "From",
    "value_2": "To",
    "inconsistent_points": "Inconsistent lesions move by (percentage points)",
    "lesion_median_moves": "Median distance of lesions moves by",
    "patient_median_moves": "Median distance of patients moves by",
    "os_factor": "OS: hazard ratio per SD times",
    "pfs_factor": "PFS: hazard ratio per SD times",
    "os_hazard_ratio": "OS: hazard ratio per SD",
    "os_conf_low": "OS: lower limit",
    "os_conf_high": "OS: upper limit",
    "os_p_value": "OS: P",
    "os_tenth_hazard_ratio": "OS: hazard ratio per 0.1",
    "os_tenth_conf_low": "OS: lower limit",
    "os_tenth_conf_high": "OS: upper limit",
    "pfs_hazard_ratio": "PFS: hazard ratio per SD",
    "pfs_conf_low": "PFS: lower limit",
    "pfs_conf_high": "PFS: upper limit",
    "pfs_p_value": "PFS: P",
    "pfs_tenth_hazard_ratio": "PFS: hazard ratio per 0.1",
    "pfs_tenth_conf_low": "PFS: lower limit",
    "pfs_tenth_conf_high": "PFS: upper limit",
    "relapse_reference": "Relapse is measured from",
    "relapse_min_increase_mm": "Relapse needs",
    "stable_rule": "A scan is stable",
    "burden": "Total burden adds up",
    "gower_range": "Range of the ratios",
    "gower_self": "The lesion itself",
    "single_lesion": "A patient's only lesion",
    "organ_1": "First organ named",
    "organ_2": "Second organ named",
    "both_organs": "Patients with both",
    "first_named": "First named progresses first",
    "on_one_day": "Both at one assessment",
    "second_named": "Second named progresses first",
    "neither": "Neither progresses",
    "not_known": "Order not known",
    "organs": "Organs",
    "first": "First",
    "second": "Second",
    "followed_from": "Followed from",
    "reading": "Reading",
    "choice": "Choice",
    "pairs": "Pairs of readings",
    "last_day": "Last scan (day)",
    "days": "Days followed",
    "place": "Place in the order",
    "not_whole": "Organs never measured as a whole",
    "new_without_site": "New lesions without a site",
    "before": "First one first",
    "after": "Second one first",
    "approach": "Approach",
    "found": "Patients",
    "no_outcome": "Outcome missing",
    "event_before": "Event before",
    "censored_before": "Censored before",
    "no_scan": "Nothing known yet",
    "incomplete": "Covariate or stratum missing",
    "followed": "Patients with a scan",
    "ended_first": "Time up before the first scan",
    "died_first": "of these with an event",
    "in_model": "In the model",
    "hypothesis": "Hypothesis",
    "knots": "Knots",
    "dfbeta": "Moves the coefficient by",
    "dfbetas": "in standard errors (dfbetas)",
    "largest": "Largest dfbetas",
    "usual": "2 / square root of n",
    "n_beyond": "Patients beyond it",
    "with_event": "With an event",
    "tau": "Up to day",
    "difference": "Difference (days)",
    "ratio_low": "Ratio, lower limit",
    "ratio_high": "Ratio, upper limit",
    "who": "Patients",
    "transform": "Scale of time",
    "family": "Family",
    "test": "Test",
    "holm": "P, Holm",
    "benjamini_hochberg": "P, Benjamini-Hochberg",
    "smallest": "Smallest P",
    "n_raw": "P < 0.05",
    "n_holm": "Holm < 0.05",
    "n_benjamini_hochberg": "Benjamini-Hochberg < 0.05",
    "expected_distance": "Expected distance",
    "excess": "Excess over noise",
    "null_low": "Expected, 2.5th percentile",
    "null_high": "Expected, 97.5th percentile",
    "limit": "95th percentile under noise",
    "above": "Above the 95th percentile under noise",
    "noise_p": "P under noise",
    "single": "Patients with a single lesion, not tested",
    "bin": "Bin",
    "left": "From",
    "right": "To (below)",
    "expected_patients": "Patients, in a mean draw",
    "degree": "Degree of the curve",
    "not_compared": "Patients not compared",
    "units": "Measured more than once",
    "level_of_error": "Error, multiple of that in force",
    "log_sd": "Error, SD of the log",
    "added_variance": "Added error, variances of one measurement",
    "excess_tau": "Tau of the excess over noise",
    "excess_p_value": "P of the excess",
    "share_at_most": "Share put together with at most this distance",
    "share_at_least": "Share put together with at least this distance",
    "measurement_log_sd": "Measurement error, SD of the log",
    "measurement_sd_mm": "Measurement error, SD in mm",
    "measurement_error": "Measurement error is",
    "engine": "Computed by",
    "method": "Method",
    "reason": "Reason",
    "other_measure": "Other measure",
    "rho": "Spearman's rho",
    "best_response": "Best response",
    "last_scan": "Last scan",
    "whole_history": "Whole history",
    "without": "Patients without it",
    "chi_square_alone": "Chi-square, alone",
    "chi_square_added": "Chi-square, added to the distance",
    "chi_square_distance_added": "Chi-square, distance added to it",
    "p_alone": "P, alone",
    "p_added": "P, added to the distance",
    "p_distance_added": "P, distance added to it",
    "concordance": "C",
    "corrected": "C, corrected",
    "corrected_c": "C, corrected",
    "c_gained": "C gained",
    "optimism_error": "Standard error of the optimism",
    "split_by": "Split by",
    "mean_size": "Lesions per patient (n0)",
    "ms_between": "Mean square between patients",
    "ms_within": "Mean square within patients",
    "between_variance": "Variance between patients",
    "within_variance": "Variance within patients",
}
"""Column name -> printed label."""


def label(name: str) -> str:
    """Give the printed label of a column.

    Parameters
    ----------
    name
        Column of an input or result table. A column without a label of its own is printed as its
        name with spaces for underscores.

    Examples
    --------
    >>> label("conf_low"), label("baseline_ldh")
    ('Lower limit', 'Baseline ldh')
    """
    if name in LABELS:
        return LABELS[name]
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def format_p(p: float | None) -> str:
    """Print a P value with three decimals, never as 0 or 1.

    Parameters
    ----------
    p
        P value in [0, 1]; None or NaN where there is none.

    Returns
    -------
    str
        More decimals are given where three would hide on which side of 0.05 the value is.

    Raises
    ------
    UsageError
        The value is outside [0, 1].

    Examples
    --------
    >>> format_p(0.0124), format_p(1e-12), format_p(0.04996), format_p(0.9999), format_p(None)
    ('P = 0.012', 'P < 0.001', 'P = 0.04996', 'P > 0.999', 'P not available')
    """
    if p is None or math.isnan(p):
        return "P not available"
    if not 0 <= p <= 1:
        raise UsageError(f"P value is {p!r}; permitted: 0 to 1.")
    if p < P_FLOOR:
        return f"P < {P_FLOOR}"
    if p >= 0.9995:
        return "P = 1" if p == 1 else "P > 0.999"
    return f"P = {p:.{_decimals_beside(p, 0.05)}f}"


def _decimals_beside(value: float, limit: float) -> int:
    if value == limit:
        return 3
    return next((d for d in range(3, 17) if float(f"{value:.{d}f}") != limit), 17)


def format_number(value: float | None, digits: int = 2, missing: str = "not available") -> str:
    """Print a number with a fixed number of decimals and commas between thousands.

    Parameters
    ----------
    value
        The number; None or NaN where there is none.
    digits
        Decimals, 0 or more.
    missing
        What is printed where there is no number, such as `NOT_REACHED`.

    Examples
    --------
    >>> format_number(1234.5, 1), format_number(-0.001), format_number(float("nan"), 0, NOT_REACHED)
    ('1,234.5', '0.00', 'not reached')
    """
    if value is None or math.isnan(value):
        return missing
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and float(text.replace(",", "")) != 0
    return f"−{text}" if negative else text


def format_interval(
    estimate: float, low: float, high: float, digits: int = 2, missing: str = "not available"
) -> str:
    """Print an estimate with its interval.

    Parameters
    ----------
    estimate, low, high
        Estimate and limits; NaN where there is none.
    digits
        Decimals, 0 or more.
    missing
        What is printed for a number that is not there.

    Examples
    --------
    >>> format_interval(0.834, 0.7501, 0.92)
    '0.83 (0.75–0.92)'
    >>> format_interval(630, 580, float("nan"), 0, NOT_REACHED)
    '630 (580 to not reached)'
    >>> format_interval(float("nan"), float("nan"), float("nan"), 0, NOT_REACHED)
    'not reached'
    """
    if math.isnan(estimate) and math.isnan(low) and math.isnan(high):
        return missing
    limits = [format_number(limit, digits, missing) for limit in (low, high)]
    plain = all(math.isfinite(limit) and limit >= 0 for limit in (low, high))
    joined = "–".join(limits) if plain else " to ".join(limits)
    return f"{format_number(estimate, digits, missing)} ({joined})"


def format_percent(share: float | None, digits: int = 0) -> str:
    """Print a share as a percentage; a small share is never printed as 0 nor a large one as 100.

    Parameters
    ----------
    share
        In [0, 1]; None or NaN where there is none.
    digits
        Decimals, 0 or more.

    Examples
    --------
    >>> format_percent(0.456), format_percent(0.001), format_percent(0.0), format_percent(0.999)
    ('46%', '<1%', '0%', '>99%')
    """
    if share is None or math.isnan(share):
        return "not available"
    step = 10.0**-digits
    text = f"{100 * share:.{digits}f}"
    if share > 0 and float(text) == 0:
        return f"<{step:.{digits}f}%"
    if share < 1 and float(text) == 100:
        return f">{100 - step:.{digits}f}%"
    return f"{text}%"
