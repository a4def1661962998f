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
    # Both languages round distances to 12 decimals: at a half the last one can go either way.
    "landmark_patterns": {
        "*": EXACT,
        "nadir_ratio": Tolerance(1e-12),
        "last_ratio": Tolerance(1e-12),
        "baseline_sum_mm": Tolerance(1e-12),
        "distance": Tolerance(2e-12, 2e-12),
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
    "organ_response": ORGANS,
    "landmark_organ_response": ORGANS,
}
"""Statistic -> column -> tolerance. ``"table.column"`` goes before ``"column"``, that before ``"*"``.
Whole-number columns (counts, degrees of freedom) are exact and stand nowhere in the table."""
