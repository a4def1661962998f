"""How far two engines may part in each number, and why that far: one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lesionhet.tolerances.rule import EXACT, ROWS, Tolerance, Tolerances

COX: Final[Mapping[str, Tolerance]] = {
    "estimate": Tolerance(1e-7, 1e-8, ("std_error",)),
    "std_error": Tolerance(1e-7),
    "hazard_ratio": Tolerance(1e-7, 1e-15, ("hazard_ratio",), "exponential"),
    "conf_low": Tolerance(1e-7, 1e-15, ("conf_low",), "exponential"),
    "conf_high": Tolerance(1e-7, 1e-15, ("conf_high",), "exponential"),
    "statistic": Tolerance(2e-7, 1e-8),
    "p_value": Tolerance(2e-7, rule="z"),
    "log_likelihood_null": Tolerance(1e-10),
    "log_likelihood": Tolerance(1e-10),
    "model.statistic": Tolerance(1e-7, 1e-12, ("log_likelihood",)),
    "model.p_value": Tolerance(1e-7, rule="chi_square"),
}
"""Both engines iterate: the natural scale of a coefficient's error is its standard error. The likelihood
ratio statistic is the difference of two log likelihoods and loses digits against their size."""

LIMITS: Final = dict.fromkeys(("conf_low", "conf_high"), Tolerance(1e-10))
"""Both engines invert the incomplete beta function by iteration."""

ORGANS: Final[Mapping[str, Tolerance]] = {
    "*": EXACT,
    "ratio": Tolerance(1e-12),
    "others_ratio": Tolerance(1e-12),
}

# As the Cox model; the robust variance is a sum over patients of numbers as good as the coefficients.
COUNTING: Final[Mapping[str, Tolerance]] = {**COX, "robust_error": Tolerance(1e-7)}

CURVE: Final[Mapping[str, Tolerance]] = {
    "time": EXACT,
    "value": Tolerance(1e-12, 1e-12, ("curve.value",)),
    "estimate": Tolerance(1e-7, 1e-7, ("curve.std_error",)),
    "std_error": Tolerance(1e-7, 1e-9, ("curve.std_error",)),
    "hazard_ratio": Tolerance(1e-7, 1e-9, ("hazard_ratio",), "exponential"),
    "conf_low": Tolerance(1e-7, 1e-9, ("conf_low",), "exponential"),
    "conf_high": Tolerance(1e-7, 1e-9, ("conf_high",), "exponential"),
}
"""At the value that a curve is compared with, everything is 0 but for rounding."""

# Sums over patients; the statistic solves as many equations as there are groups but one.
RANK_SUMS: Final[Mapping[str, Tolerance]] = {
    "*": Tolerance(1e-12),
    "variance": Tolerance(1e-9, 1e-12, ("variance",)),
    "statistic": Tolerance(1e-9, 1e-12, (ROWS,)),
    "p_value": Tolerance(1e-9, rule="chi_square"),
}

# Distances are rounded to 12 decimals on both sides, see below.
NOISE: Final = Tolerance(2e-12, 2e-12)

SPREAD: Final = Tolerance(1e-12, 2e-9)
TRH: Final = Tolerance(1e-9, 2e-9)

TOLERANCES: Final[Tolerances] = {
    # A mean or SD loses digits against the size of the values, not its own.
    "describe": {"*": Tolerance(1e-12, 1e-12, ("minimum", "maximum"))},
    "count": {"*": Tolerance(1e-12)},
    # Quantiles lie between two values, as the median does; sizes of groups are exact.
    "quantile_groups": {
        "*": EXACT,
        "low_cut": Tolerance(1e-12, 1e-12, ("high_cut",)),
        "high_cut": Tolerance(1e-12, 1e-12, ("low_cut",)),
    },
    "median_groups": {"*": EXACT, "cut": Tolerance(1e-15)},
    # U is a whole or half number.
    "mann_whitney": {
        "*": Tolerance(1e-12),
        "statistic": EXACT,
        "p_value": Tolerance(1e-12, rule="tail"),
    },
    # H is the difference of two sums of about 3 n.
    "kruskal_wallis": {
        "*": Tolerance(1e-12),
        "statistic": Tolerance(1e-12, 1e-14, (ROWS,)),
        "p_value": Tolerance(1e-12, rule="chi_square"),
    },
    "dunn": {
        "*": Tolerance(1e-10),
        "statistic": Tolerance(1e-10, 1e-12),
        "p_value": Tolerance(1e-10, rule="z"),
        "p_adjusted": Tolerance(1e-10, rule="z"),
    },
    "kendall": {
        "*": Tolerance(1e-12, 1e-14),
        "statistic": Tolerance(1e-12, 1e-14),
        "p_value": Tolerance(1e-12, rule="z"),
    },
    # Limits are values of the sample, the median one or the mean of two.
    "median_interval": {"*": EXACT, "estimate": Tolerance(1e-15), "coverage": Tolerance(1e-12)},
    "kaplan_meier": {"*": Tolerance(1e-10, 1e-12)},
    "log_rank": {
        "*": Tolerance(1e-10, 1e-12),
        "p_value": Tolerance(1e-10, rule="chi_square"),
    },
    "cox": COX,
    "cox_from_measurements": COX,
    "landmark_cox": COX,
    "cox_counting": COUNTING,
    "cox_over_time": COUNTING,
    "organ_cox_over_time": COUNTING,
    # As the Cox model. Percentiles lie between two draws; a share moves only where a P value would
    # cross the level.
    "resampled_cox": {
        "estimate": Tolerance(1e-7, 1e-8, ("std_error",)),
        "std_error": Tolerance(1e-7),
        "p_value": Tolerance(2e-7, rule="tail"),
        "draws": EXACT,
        "fitted": EXACT,
        "share_significant": Tolerance(1e-12),
        "estimate_median": Tolerance(1e-7, 1e-8, ("draws.std_error",)),
        "estimate_low": Tolerance(1e-7, 1e-8, ("draws.std_error",)),
        "estimate_high": Tolerance(1e-7, 1e-8, ("draws.std_error",)),
        "p_median": Tolerance(2e-7, rule="tail"),
        "p_low": Tolerance(2e-7, rule="tail"),
        "p_high": Tolerance(2e-7, rule="tail"),
    },
    "datta_satten": {
        **RANK_SUMS,
        "pairs.statistic": Tolerance(1e-9, 1e-10),
        "pairs.p_value": Tolerance(1e-9, rule="z"),
        "p_adjusted": Tolerance(1e-9, rule="z"),
    },
    "rosner_glynn_lee": RANK_SUMS,
    # lme stops within about 1e-6 of the variances' maximum, where the likelihood is flat.
    "mixed_model": {
        "estimate": Tolerance(1e-6, 1e-5, ("std_error",)),
        "std_error": Tolerance(1e-5),
        "conf_low": Tolerance(1e-6, 2e-5, ("std_error",)),
        "conf_high": Tolerance(1e-6, 2e-5, ("std_error",)),
        "statistic": Tolerance(2e-5, 1e-5),
        "p_value": Tolerance(2e-5, rule="z"),
        "patients": EXACT,
        "variance_patients": Tolerance(1e-5, 1e-5, ("variance_lesions",)),
        "variance_lesions": Tolerance(1e-5),
        "intraclass_correlation": Tolerance(1e-5, 1e-5),
        "singular": EXACT,
        "log_likelihood_null": Tolerance(1e-9, 1e-10, (ROWS,)),
        "log_likelihood": Tolerance(1e-9, 1e-10, (ROWS,)),
        "model.statistic": Tolerance(1e-8, 1e-9, (ROWS,)),
        "model.p_value": Tolerance(1e-8, rule="chi_square"),
    },
    "permuted_within": {"*": EXACT, "statistic": Tolerance(1e-12, 1e-14, (ROWS,))},
    "clustered_cox": COUNTING,
    "gower": {"*": Tolerance(1e-12, 1e-12)},
    "heterogeneity": {"*": Tolerance(1e-12, 1e-12)},
    "phases": {"*": Tolerance(1e-12, 1e-12)},
    # Counts and flags are exact, as are days and sizes that are cells of the table; sums are not.
    "patterns": {
        "*": EXACT,
        "response_days": Tolerance(1e-12, 1e-12),
        "stable_days": Tolerance(1e-12, 1e-12),
        "relapse_days": Tolerance(1e-12, 1e-12),
        "nadir_ratio": Tolerance(1e-12),
        "last_ratio": Tolerance(1e-12),
        "baseline_sum_mm": Tolerance(1e-12),
        "size_mm": Tolerance(1e-12),
        "distance": Tolerance(1e-12, 1e-12),
    },
    # The score at a maximum that both iterate to; its statistic is a square, 0 where there is no change.
    "cox_zph": {
        "statistic": Tolerance(1e-7, 1e-9),
        "p_value": Tolerance(1e-7, rule="chi_square"),
    },
    "schoenfeld_curve": {
        "time": EXACT,
        "residual": Tolerance(1e-7, 1e-8, ("residuals.residual",)),
        **dict.fromkeys(
            ("estimate", "std_error", "conf_low", "conf_high"),
            Tolerance(1e-7, 1e-8, ("residuals.residual",)),
        ),
    },
    "cox_spline": {
        **{name: rule for name, rule in CURVE.items() if name != "time"},
        "log_likelihood_without": Tolerance(1e-10),
        "log_likelihood_linear": Tolerance(1e-10),
        "log_likelihood": Tolerance(1e-10),
        "knots.value": Tolerance(1e-12, 1e-12, ("knots.value",)),
        "statistic": Tolerance(1e-7, 1e-11, ("model.log_likelihood_without",)),
        "p_value": Tolerance(1e-7, rule="chi_square"),
    },
    # A coefficient without one patient is as good as that of all.
    "cox_influence": {
        "dfbeta": Tolerance(1e-7, 1e-8, ("summary.std_error",)),
        "dfbetas": Tolerance(1e-7, 1e-8),
        "estimate": Tolerance(1e-7, 1e-8, ("summary.std_error",)),
        "std_error": Tolerance(1e-7),
        "hazard_ratio": Tolerance(1e-7, 1e-15, ("hazard_ratio",), "exponential"),
        "conf_low": Tolerance(1e-7, 1e-15, ("conf_low",), "exponential"),
        "conf_high": Tolerance(1e-7, 1e-15, ("conf_high",), "exponential"),
        "p_value": Tolerance(2e-7, rule="tail"),
        "largest": Tolerance(1e-7, 1e-8),
        "usual": Tolerance(1e-15),
        "n_beyond": EXACT,
    },
    # Differences of means lose digits against their size; z against that of its parts.
    "restricted_mean": {
        "*": Tolerance(1e-10, 1e-12, ("groups.mean",)),
        "tau": EXACT,
        "ratio": Tolerance(1e-10),
        "ratio_low": Tolerance(1e-10),
        "ratio_high": Tolerance(1e-10),
        "statistic": Tolerance(1e-9, 1e-10),
        "p_value": Tolerance(1e-9, rule="z"),
    },
    "adjust_p": {
        "*": EXACT,
        "holm": Tolerance(1e-14),
        "benjamini_hochberg": Tolerance(1e-14),
    },
    # As below; P values and counts are whole numbers of draws.
    "noise_null": {"*": NOISE, "p_value": EXACT, "noise_p": EXACT, "above": EXACT},
    "remeasured": {"*": NOISE, "estimate": Tolerance(1e-9)},
    "reassembled": {"*": NOISE, "p_value": EXACT},
    "measurement_error": {"*": Tolerance(1e-12), **LIMITS},
    # Both languages round distances to 12 decimals: at a half the last one can go either way.
    "landmark_patterns": {
        "*": EXACT,
        "nadir_ratio": Tolerance(1e-12),
        "last_ratio": Tolerance(1e-12),
        "baseline_sum_mm": Tolerance(1e-12),
        "distance": Tolerance(2e-12, 2e-12),
    },
    # Rounded to 9 or 12 decimals on both sides: at a half the last one can go either way. A mean change
    # near 0 takes digits from the TRH score.
    "patient_measures": {
        "*": Tolerance(1e-12, 2e-12),
        **dict.fromkeys(("range_best", "range_last", "sd_best", "sd_last"), SPREAD),
        **dict.fromkeys(("trh_best", "trh_last", "dispersion_best", "dispersion_last"), TRH),
    },
    "measure_summary": {"*": TRH, "without": EXACT},
    "rank_correlations": {"*": Tolerance(1e-12, 1e-12)},
    "compare_markers": {
        **{name: rule for name, rule in COX.items() if name != "log_likelihood_null"},
        "sd": Tolerance(1e-12),
        **{
            f"{name}.{column}": rule
            for name in ("added", "beyond", "reference")
            for column, rule in (
                ("statistic", Tolerance(1e-7, 1e-11, ("model.log_likelihood",))),
                ("p_value", Tolerance(1e-7, rule="chi_square")),
            )
        },
    },
    # Two scores that are next to equal may change places: a few pairs of all.
    "marker_concordance": {"*": Tolerance(0.0, 2e-6), "pairs": EXACT, "fitted": EXACT},
    "intraclass": {
        "*": Tolerance(1e-10, 1e-12),
        "between": Tolerance(1e-10, 1e-11, ("ms_between", "ms_within")),
        "clusters": EXACT,
    },
    # Responses, counts and days are exact; sums and their changes are not.
    "recist": {
        "*": EXACT,
        "sum_mm": Tolerance(1e-12),
        "nadir_mm": Tolerance(1e-12),
        "baseline_sum_mm": Tolerance(1e-12),
        "change_baseline": Tolerance(1e-12, 1e-12),
        "change_nadir": Tolerance(1e-12, 1e-12),
        "best_change": Tolerance(1e-12, 1e-12),
    },
    "proportion": {"*": EXACT, "estimate": Tolerance(1e-15), **LIMITS},
    # Both languages round distances to 12 decimals: at a half the last one can go either way.
    "readings": {
        "*": EXACT,
        "lesion_median": Tolerance(2e-12, 2e-12),
        "patient_median": Tolerance(2e-12, 2e-12),
        "kendall": Tolerance(1e-12, 1e-14),
        "choices.changed": Tolerance(1e-12),
        "choices.inconsistent": Tolerance(1e-12, 1e-12),
    },
    "cox_readings": {
        **{name: rule for name, rule in COX.items() if not name.startswith(("model.", "log_"))},
        "sd": Tolerance(1e-12),
        "pairs": EXACT,
        "log_ratio": Tolerance(1e-7, 1e-8, ("models.std_error",)),
    },
    # Days are cells of the table, as are counts.
    "progression_order": {"*": EXACT, "days": Tolerance(1e-12)},
    "sign_test": {
        "*": EXACT,
        "estimate": Tolerance(1e-15),
        **LIMITS,
        "p_value": Tolerance(1e-10),
    },
    "organ_response": ORGANS,
    "landmark_organ_response": ORGANS,
}
"""Statistic -> column -> tolerance. ``"table.column"`` goes before ``"column"``, that before ``"*"``.
Whole-number columns (counts, degrees of freedom) are exact and stand nowhere in the table."""
