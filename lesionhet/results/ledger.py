"""What the statistics of the published ledger give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from lesionhet.results.base import Result, Shape

PATTERN_COLUMNS: Final = (
    "response",
    "stable",
    "relapse",
    "mixed",
    "response_days",
    "stable_days",
    "relapse_days",
    "nadir_ratio",
    "last_ratio",
)
"""Phases as flags, phases in time (days) and ratios to the baseline, of a lesion or a total burden."""


class Summary(Result):
    """Mean, SD and quantiles (type 7) of a number, by group. SD is missing for a single value."""

    STATISTIC: ClassVar[str] = "describe"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "summary": Shape(
            ("group",),
            ("n", "mean", "sd", "minimum", "q10", "q25", "median", "q75", "q90", "maximum"),
        )
    }


class Counts(Result):
    """How many rows of each group have each level; ``n`` is the group's size, ``share`` count / n."""

    STATISTIC: ClassVar[str] = "count"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "counts": Shape(("group", "level"), ("count", "n", "share"))
    }


class QuantileGroups(Result):
    """Values cut at two quantiles (type 7): low is at or below the first, high at or above the second.

    ``ties``: values equal to a cut-off beyond the first one at each.
    """

    STATISTIC: ClassVar[str] = "quantile_groups"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "groups": Shape((), ("low_cut", "high_cut", "n_low", "n_medium", "n_high", "ties"))
    }


class MedianGroups(Result):
    """Values split at their median: low is at or below it, high above it.

    ``ties``: values equal to the median beyond the first.
    """

    STATISTIC: ClassVar[str] = "median_groups"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "groups": Shape((), ("cut", "n_low", "n_high", "ties"))
    }


class MannWhitney(Result):
    """Mann-Whitney test of two groups; ``statistic`` is U of the first (R's W)."""

    STATISTIC: ClassVar[str] = "mann_whitney"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("statistic", "p_value")),
        "groups": Shape(("group",), ("n", "median")),
    }


class KruskalWallis(Result):
    """Kruskal-Wallis test of two or more groups."""

    STATISTIC: ClassVar[str] = "kruskal_wallis"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("statistic", "df", "p_value")),
        "groups": Shape(("group",), ("n", "median")),
    }


class Dunn(Result):
    """Dunn's test of every pair of groups, Bonferroni corrected.

    ``statistic`` is z of the second group's mean rank minus the first's (the sign of rstatix).
    """

    STATISTIC: ClassVar[str] = "dunn"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "pairs": Shape(("group_1", "group_2"), ("statistic", "p_value", "p_adjusted"))
    }


class Kendall(Result):
    """Kendall's tau-b with its asymptotic test; ``estimate`` is tau, ``statistic`` z."""

    STATISTIC: ClassVar[str] = "kendall"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("estimate", "statistic", "p_value"))
    }


class MedianInterval(Result):
    """Median with an interval of order statistics, by group; ``coverage`` is its exact level.

    The interval is missing where the group is too small for the level asked for.
    """

    STATISTIC: ClassVar[str] = "median_interval"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "medians": Shape(("group",), ("n", "estimate", "conf_low", "conf_high", "coverage"))
    }


class KaplanMeier(Result):
    """Kaplan-Meier curves by group.

    ``medians``: median survival with its interval; missing where the curve does not reach it.
    ``curve``: one row for each distinct time of a group, events and censorings alike.
    ``at``: the numbers at risk and survival at the times asked for.
    """

    STATISTIC: ClassVar[str] = "kaplan_meier"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "medians": Shape(("group",), ("n", "events", "median", "conf_low", "conf_high")),
        "curve": Shape(
            ("group", "time"),
            ("n_risk", "n_event", "n_censor", "survival", "std_error", "conf_low", "conf_high"),
        ),
        "at": Shape(("group", "time"), ("n_risk", "survival", "conf_low", "conf_high")),
    }


class LogRank(Result):
    """Log-rank test of two or more groups, stratified where strata were given."""

    STATISTIC: ClassVar[str] = "log_rank"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("statistic", "df", "p_value")),
        "groups": Shape(("group",), ("n", "observed", "expected")),
    }


class Cox(Result):
    """Cox model with Efron ties.

    ``terms``: one row a covariate; ``estimate`` is the log hazard ratio, ``conf_low`` and ``conf_high``
    are limits of the hazard ratio. ``model``: the likelihood
    ratio test of all terms together.
    """

    STATISTIC: ClassVar[str] = "cox"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "terms": Shape(
            ("term",),
            (
                "estimate",
                "std_error",
                "hazard_ratio",
                "conf_low",
                "conf_high",
                "statistic",
                "p_value",
            ),
        ),
        "model": Shape(
            (),
            (
                "n",
                "events",
                "log_likelihood_null",
                "log_likelihood",
                "statistic",
                "df",
                "p_value",
            ),
        ),
    }


class CoxFromMeasurements(Cox):
    """The Cox model of the distance, computed all the way from the rows of the lesions table."""

    STATISTIC: ClassVar[str] = "cox_from_measurements"


class ResampledCox(Result):
    """One covariate of a Cox model that was fitted on each of many draws of the rows.

    ``draws``: one row a draw; ``estimate`` is the log hazard ratio, missing with ``std_error`` and
    ``p_value`` where the draw has no finite fit. ``summary``: number of ``draws``, those ``fitted``,
    and of these the share with P below 0.05 (or the level asked for), median and 2.5 and 97.5
    percentile.
    """

    STATISTIC: ClassVar[str] = "resampled_cox"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "draws": Shape(("draw",), ("n", "events", "estimate", "std_error", "p_value")),
        "summary": Shape(
            (),
            (
                "draws",
                "fitted",
                "share_significant",
                "estimate_median",
                "estimate_low",
                "estimate_high",
                "p_median",
                "p_low",
                "p_high",
            ),
        ),
    }


class Gower(Result):
    """Gower distance of every pair of rows (row_1 < row_2); missing where no variable is shared."""

    STATISTIC: ClassVar[str] = "gower"
    SHAPES: ClassVar[Mapping[str, Shape]] = {"pairs": Shape(("row_1", "row_2"), ("distance",))}


class Heterogeneity(Result):
    """Lesion-level and patient-level Gower distance of response patterns."""

    STATISTIC: ClassVar[str] = "heterogeneity"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "lesions": Shape(("row",), ("distance",)),
        "patients": Shape(("patient",), ("n", "distance")),
    }


class PhaseTable(Result):
    """Response phases of series of sizes, one row a lesion or a patient's total burden."""

    STATISTIC: ClassVar[str] = "phases"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "units": Shape(
            ("row",),
            PATTERN_COLUMNS,
        )
    }


class Patterns(Result):
    """Response patterns of every followed lesion and patient, found from the rows of the lesions table.

    ``lesions``: one row a followed lesion: its baseline, the number of scans after it, its phases and
    ratios; ``inconsistent`` (1 where its phases are not those of the total burden, missing without one);
    ``distance``, the lesion-level Gower distance. ``patients``: one row a patient with a followed lesion;
    phases and ratios are those of the total burden, missing without one. ``burden``: the total burden
    (mm) over time. ``attrition``: rows, lesions and patients that were found, left out and kept.
    """

    STATISTIC: ClassVar[str] = "patterns"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "lesions": Shape(
            ("row",),
            (
                "baseline_day",
                "baseline_mm",
                "n_scans",
                *PATTERN_COLUMNS,
                "inconsistent",
                "distance",
            ),
        ),
        "patients": Shape(
            ("patient",),
            ("n_lesions", "baseline_sum_mm", *PATTERN_COLUMNS, "n_inconsistent", "distance"),
        ),
        "burden": Shape(("patient", "day"), ("size_mm",)),
        "attrition": Shape(
            (),
            (
                "rows_found",
                "rows_not_assessed",
                "rows_non_target",
                "rows_new",
                "rows_duplicate",
                "rows_before_baseline",
                "rows_not_followed",
                "rows_kept",
                "lesions_found",
                "lesions_non_target",
                "lesions_new",
                "lesions_never_measured",
                "lesions_zero_baseline",
                "lesions_no_later",
                "lesions_followed",
                "patients_measured",
                "patients_followed",
            ),
        ),
    }


class OrganResponse(Result):
    """Whether an organ of a patient responds, and its other organs, from the rows of the lesions table.

    ``patients``: one row a patient with a group; ``ratio`` and ``others_ratio`` are the best ratios to
    baseline of the organ and of the others (missing where there are none); ``response_group`` is 1 where
    all respond, 2 the organ only, 3 the others only, 4 none. ``left_out``: patients with lesions in the
    organ that have no group, by reason.
    """

    STATISTIC: ClassVar[str] = "organ_response"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "patients": Shape(("patient",), ("ratio", "others_ratio", "response_group")),
        "left_out": Shape((), ("unknown_site", "organ_not_whole", "others_not_whole")),
    }
