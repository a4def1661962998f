"""The methods of a run, from the definitions that were really used."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lesionhet.analyses.base import AnalysisResult
from lesionhet.definitions import PRESETS, Definitions
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

REFERENCE_PRESET: Final = "paper2021"

MEANINGS: Final[Mapping[str, str]] = {
    "response_threshold": "Response is reached at a size / baseline at or below this",
    "relapse_threshold": "Relapse is reached at or above this multiple of the reference",
    "relapse_reference": "Reference of relapse",
    "relapse_min_increase_mm": "Absolute increase that relapse also needs, mm",
    "stable_rule": "Which scans are stable",
    "crossing": "Day on which a threshold is crossed",
    "burden": "Which lesions the total burden adds up",
    "visit_window_days": "Days that belong to one assessment where no visit is named",
    "gower_range": "Range by which the differences of the ratios are divided",
    "gower_bounds": "Bounds of a fixed range",
    "gower_weights": "Weights of the five variables, 1 where not named",
    "gower_self": "Whether a lesion's mean distance includes the lesion itself",
    "single_lesion": "Distance of a patient's only lesion",
    "site_min_lesions": "Sites with fewer lesions are pooled into “other”",
    "organ_rule": "Which of an organ's lesions must shrink for the organ to respond",
    "low_quantile": "Quantile at or below which a group is low",
    "high_quantile": "Quantile at or above which a group is high",
    "conf_level": "Level of confidence intervals",
    "km_conf_type": "Scale of the Kaplan-Meier intervals that are shown",
    "measurement_log_sd": "Error of one measured diameter in proportion to its size, SD of the log",
    "measurement_sd_mm": "Error of one measured diameter that is the same for all sizes, SD in mm",
    "measurement_error": "Whether that error is given, or estimated from what was measured twice",
}
"""Every field of `Definitions`, in words."""

STATISTICS: Final[Mapping[str, tuple[str, str]]] = {
    "describe": ("Mean, SD and quantiles (type 7)", "mean, sd, quantile {stats}"),
    "count": ("Counts and shares", "table {base}"),
    "mann_whitney": ("Mann-Whitney test", "wilcox.test {stats}"),
    "kruskal_wallis": ("Kruskal-Wallis test", "kruskal.test {stats}"),
    "dunn": ("Dunn's test, Bonferroni", "dunnTest {FSA} or dunn_test {rstatix}"),
    "kendall": ("Kendall's tau-b", "cor.test {stats}"),
    "median_interval": ("Median with interval of order statistics", "median, qbinom {stats}"),
    "kaplan_meier": ("Kaplan-Meier estimate", "survfit {survival}"),
    "log_rank": ("Log-rank test", "survdiff {survival}"),
    "cox": ("Cox model", "coxph {survival}"),
    "resampled_cox": ("Cox model on drawn rows", "coxph {survival}"),
    "gower": ("Gower distance of pairs", "daisy {cluster}"),
    "heterogeneity": ("Distances of lesions and patients", "daisy {cluster}"),
    "phases": ("Response phases", "written out in the accompanying script"),
    "patterns": (
        "Baselines, phases, total burden and distances from the measurements",
        "written out in the accompanying script; daisy {cluster}",
    ),
    "organ_response": (
        "Organ response from the measurements",
        "written out in the accompanying script",
    ),
    "recist": ("RECIST 1.1", "written out in the accompanying script"),
    "proportion": ("Share with exact interval", "binom.test {stats}"),
    "cox_from_measurements": (
        "Cox model from the measurements",
        "written out in the accompanying script; daisy {cluster}, coxph {survival}",
    ),
    "landmark_patterns": (
        "Phases, total burden and distances from the measurements up to a landmark",
        "written out in the accompanying script; daisy {cluster}",
    ),
    "landmark_organ_response": (
        "Organ response from the measurements up to a landmark",
        "written out in the accompanying script",
    ),
    "landmark_cox": ("Cox model from a landmark on", "coxph {survival}"),
    "cox_counting": ("Cox model of start-stop rows, robust by patient", "coxph {survival}"),
    "cox_over_time": (
        "Time-dependent Cox model of the distance, from the measurements",
        "written out in the accompanying script; daisy {cluster}, tmerge, coxph {survival}",
    ),
    "organ_cox_over_time": (
        "Time-dependent Cox model of organ response, from the measurements",
        "written out in the accompanying script; tmerge, coxph {survival}",
    ),
    "readings": (
        "Phases and distances under every reading, from the measurements",
        "written out in the accompanying script; concordance {survival}",
    ),
    "cox_readings": ("Cox model of the distance under every reading", "coxph {survival}"),
    "cox_zph": ("Test of proportional hazards", "cox.zph {survival}"),
    "schoenfeld_curve": (
        "Coefficient over time",
        "residuals {survival}, ns {splines}",
    ),
    "cox_spline": ("Cox model with a restricted cubic spline", "coxph {survival}, ns {splines}"),
    "cox_influence": ("Influence of patients (dfbetas)", "residuals, coxph {survival}"),
    "restricted_mean": ("Restricted mean survival time", "survfit {survival}"),
    "adjust_p": ("P values adjusted (Holm, Benjamini-Hochberg)", "p.adjust {stats}"),
    "noise_null": (
        "Distances expected from measurement noise alone",
        "written out in the accompanying script",
    ),
    "remeasured": (
        "Distances after one more measurement, extrapolated to none",
        "written out in the accompanying script; lm {stats}",
    ),
    "reassembled": (
        "Distances of lesions of different patients",
        "written out in the accompanying script",
    ),
    "patient_measures": (
        "Other measures of heterogeneity, from the measurements",
        "written out in the accompanying script",
    ),
    "measure_summary": (
        "Other measures of heterogeneity, from the measurements, over the patients",
        "written out in the accompanying script; mean, sd, quantile {stats}",
    ),
    "rank_correlations": ("Spearman's rank correlations", "cor {stats}"),
    "compare_markers": (
        "Cox models of several measures, likelihood ratio tests",
        "coxph.fit {survival}",
    ),
    "marker_concordance": (
        "Harrell's C, corrected for optimism by bootstrap",
        "concordancefit, coxph.fit {survival}",
    ),
    "intraclass": (
        "Intraclass correlation (one-way analysis of variance)",
        "written out in the accompanying script; qf {stats}",
    ),
    "measurement_error": ("Error of one measurement, from repeats", "ave, qchisq {stats}"),
    "datta_satten": ("Datta-Satten test (clustered)", "written out in the accompanying script"),
    "rosner_glynn_lee": (
        "Rosner-Glynn-Lee test (clustered)",
        "written out in the accompanying script",
    ),
    "permuted_within": (
        "Kruskal-Wallis test permuted within patients",
        "kruskal.test {stats}, order {base}",
    ),
    "mixed_model": ("Mixed model, random intercept of the patient", "lme {nlme}"),
    "clustered_cox": ("Cox model of lesions, robust by patient", "coxph {survival}"),
    "progression_order": (
        "Order in which organs progress, from the measurements",
        "written out in the accompanying script",
    ),
    "sign_test": ("Exact sign test", "binom.test {stats}"),
    "quantile_groups": ("Groups at two quantiles (type 7)", "quantile {stats}"),
    "median_groups": ("Groups at the median", "median {stats}"),
}
"""Statistic -> its name in print and the function by which R answers it."""


@dataclass(frozen=True)
class DefinitionRow:
    """One definition as printed: its value, the reference preset's, and whether they differ."""

    name: str
    meaning: str
    value: str
    reference: str
    changed: bool


@dataclass(frozen=True)
class StatisticRow:
    """One statistic as printed: name, Python's methods in this run, R's function, analyses."""

    name: str
    python: tuple[str, ...]
    r: str
    analyses: tuple[str, ...]


def definition_rows(definitions: Definitions) -> tuple[DefinitionRow, ...]:
    """Give every definition beside that of the preset ``paper2021``.

    Examples
    --------
    >>> [row.name for row in definition_rows(Definitions(crossing="linear")) if row.changed]
    ['crossing']
    """
    used, reference = definitions.to_dict(), PRESETS[REFERENCE_PRESET].to_dict()
    return tuple(
        DefinitionRow(
            field.name,
            MEANINGS[field.name],
            _text(used[field.name]),
            _text(reference[field.name]),
            used[field.name] != reference[field.name],
        )
        for field in dataclasses.fields(definitions)
    )


def statistic_rows(results: Iterable[AnalysisResult]) -> tuple[StatisticRow, ...]:
    """Give the statistics that were computed, with their methods in the engines' words."""
    methods: dict[str, dict[str, None]] = {}
    places: dict[str, dict[str, None]] = {}
    for result in results:
        for name, answer in result.answers.items():
            statistic = result.requests[name].statistic
            methods.setdefault(statistic, {})[answer.method] = None
            places.setdefault(statistic, {})[result.id] = None
    return tuple(
        StatisticRow(
            STATISTICS[statistic][0],
            tuple(found),
            STATISTICS[statistic][1],
            tuple(places[statistic]),
        )
        for statistic, found in methods.items()
    )


def weights_text(definitions: Definitions) -> str:
    """Say how the five variables are weighted."""
    weights: Sequence[float] = [definitions.gower_weights.get(v, 1.0) for v in RESPONSE_VARIABLES]
    if len(set(weights)) == 1:
        return "all five weights are equal"
    named = [f"{v} {w:g}" for v, w in zip(RESPONSE_VARIABLES, weights, strict=True)]
    return "the weights are " + ", ".join(named)


def bounds_text(definitions: Definitions) -> str:
    """Say the bounds of a fixed range; empty for other ranges."""
    if definitions.gower_range != "fixed":
        return ""
    names = RESPONSE_VARIABLES[len(PHASES) :]
    pairs = [(name, *definitions.gower_bounds[name]) for name in names]
    return ", ".join(f"{name} {low:g} to {high:g}" for name, low, high in pairs)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_text(v)}" for k, v in value.items()) or "none"
    if isinstance(value, list | tuple):
        return " to ".join(_text(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
