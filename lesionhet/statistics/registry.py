"""Which function answers which request, and the words for what it did."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import pandas as pd

from lesionhet.errors import LesionhetError
from lesionhet.requests import Request

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Entry:
    """One statistic.

    Parameters
    ----------
    function
        Dotted name of a function ``(data, **options) -> tables``; loaded when first asked for.
    method
        What it computes and by which library function. ``{name}`` stands for an option,
        ``{stratified}`` for ", stratified" where the rows have strata.
    """

    function: str
    method: str

    def load(self) -> Callable[..., Tables]:
        """Import the function."""
        module, _, name = self.function.rpartition(".")
        return cast("Callable[..., Tables]", getattr(importlib.import_module(module), name))

    def describe(self, request: Request[Any]) -> str:
        """Give the method in words for one request."""
        stratified = ", stratified" if "strata" in request.data else ""
        return self.method.format(**request.options, stratified=stratified)


_HERE: Final = "lesionhet.statistics"

REGISTRY: Final[Mapping[str, Entry]] = {
    "describe": Entry(
        f"{_HERE}.summary.describe",
        "mean, standard deviation and type 7 quantiles: numpy.mean, numpy.std(ddof=1), "
        "numpy.quantile(method='linear')",
    ),
    "count": Entry(f"{_HERE}.summary.count", "counts and shares: numpy.bincount"),
    "quantile_groups": Entry(
        f"{_HERE}.split.quantile_groups",
        "cut-offs at the quantiles {low} and {high} of type 7: numpy.quantile(method='linear')",
    ),
    "median_groups": Entry(f"{_HERE}.split.median_groups", "split at the median: pandas"),
    "mann_whitney": Entry(
        f"{_HERE}.rank.mann_whitney",
        "Mann-Whitney U test, two-sided, normal approximation with continuity and tie "
        "correction: numpy, scipy.special.ndtr",
    ),
    "kruskal_wallis": Entry(
        f"{_HERE}.rank.kruskal_wallis",
        "Kruskal-Wallis test with tie correction: numpy, scipy.special.chdtrc",
    ),
    "dunn": Entry(
        f"{_HERE}.rank.dunn",
        "Dunn's test with tie correction, Bonferroni: numpy, scipy.special.ndtr",
    ),
    "kendall": Entry(
        f"{_HERE}.rank.kendall",
        "Kendall's tau-b, asymptotic test by the tie-corrected variance of Kendall (1970): numpy, "
        "scipy.special.ndtr",
    ),
    "median_interval": Entry(
        f"{_HERE}.summary.median_interval",
        "median with its interval of order statistics, level at least {conf_level}: "
        "numpy, scipy.special.bdtr",
    ),
    "kaplan_meier": Entry(
        f"{_HERE}.survival.kaplan_meier",
        "Kaplan-Meier estimate: numpy; Greenwood standard error, "
        "'{conf_type}' intervals of level {conf_level}, median where the curve reaches 0.5",
    ),
    "log_rank": Entry(
        f"{_HERE}.logrank.log_rank",
        "log-rank test{stratified}, hypergeometric variance: numpy, scipy.special.chdtrc",
    ),
    "cox": Entry(
        f"{_HERE}.cox.cox",
        "Cox proportional hazards model{stratified}, Efron ties, Wald intervals of level "
        "{conf_level}: own Newton steps (compiled, else numpy)",
    ),
    "resampled_cox": Entry(
        f"{_HERE}.resampling.resampled_cox",
        "Cox proportional hazards model{stratified}, Efron ties, on the rows of each draw: numpy, "
        "Newton's method",
    ),
    "gower": Entry("lesionhet.gower.gower_tables", "Gower distance of every pair: numpy"),
    "heterogeneity": Entry(
        "lesionhet.heterogeneity.heterogeneity_tables",
        "mean Gower distance within each patient, range '{range}': numpy",
    ),
    "phases": Entry(
        "lesionhet.phases.phase_tables",
        "response phases, relapse from the {relapse_reference}, stable rule '{stable_rule}': numpy",
    ),
    "patterns": Entry(
        "lesionhet.measured.pattern_tables",
        "baselines, phases (relapse from the {relapse_reference}, stable rule '{stable_rule}'), total "
        "burden ('{burden}') and distances (range '{range}') from the measurements: pandas, numpy",
    ),
    "organ_response": Entry(
        "lesionhet.measured.organ_response_tables",
        "best ratios of organs (rule '{organ_rule}', burden '{burden}') and response groups from the "
        "measurements: pandas, numpy",
    ),
    "recist": Entry(
        "lesionhet.recist.tables.recist_tables",
        "RECIST 1.1 at every assessment and best overall response, confirmation after "
        "{confirmation_days:g} days, SD from {stable_days:g} days: pandas, numpy",
    ),
    "proportion": Entry(
        f"{_HERE}.proportion.proportion",
        "share with its exact (Clopper-Pearson) interval of level {conf_level}: "
        "scipy.special.betaincinv",
    ),
    "cox_from_measurements": Entry(
        "lesionhet.measured.cox_measurement_tables",
        "Cox proportional hazards model{stratified}, Efron ties, Wald intervals of level {conf_level}, "
        "of distance, burden and number of lesions from the measurements: own Newton steps",
    ),
    "datta_satten": Entry(
        f"{_HERE}.clustered_rank.datta_satten",
        "rank-sum test of Datta & Satten, pairs of three or more groups with Bonferroni: numpy, "
        "scipy.special.chdtrc, scipy.special.ndtr",
    ),
    "rosner_glynn_lee": Entry(
        f"{_HERE}.clustered_rank.rosner_glynn_lee",
        "rank-sum test of Rosner, Glynn & Lee, permuted between and within patients: numpy, "
        "scipy.special.chdtrc",
    ),
    "mixed_model": Entry(
        f"{_HERE}.mixed.mixed_model",
        "linear mixed model, random intercept of the patient, REML, Wald intervals of level {conf_level}; "
        "likelihood ratio by ML: numpy, ratio of the variances by false position",
    ),
    "permuted_within": Entry(
        f"{_HERE}.within.permuted_within",
        "Kruskal-Wallis statistic with {permutations} permutations within patients: numpy",
    ),
    "clustered_cox": Entry(
        f"{_HERE}.within.clustered_cox",
        "Cox proportional hazards model{stratified} of lesions, Efron ties, Wald intervals of level "
        "{conf_level} with the robust variance by patient: numpy, Newton's method",
    ),
    "noise_null": Entry(
        "lesionhet.noise.null.null_tables",
        "distances of lesions that follow their patient's geometric mean ratio, measured {draws} times "
        "with a log-SD of {log_sd:.3g} and {sd_mm:g} mm: numpy, numbers of Wichmann and Hill, "
        "scipy.special.ndtri",
    ),
    "remeasured": Entry(
        "lesionhet.noise.remeasured.remeasured_tables",
        "distances after one more measurement with a log-SD of {log_sd:.3g} and {sd_mm:g} mm, and their "
        "extrapolation to no error: numpy, numbers of Wichmann and Hill, scipy.special.ndtri",
    ),
    "reassembled": Entry(
        "lesionhet.noise.reassembled.reassembled_tables",
        "distances of lesions dealt out anew {draws} times among patients with as many lesions and a "
        "similar number of scans: numpy, numbers of Wichmann and Hill",
    ),
    "measurement_error": Entry(
        "lesionhet.noise.repeats.error_tables",
        "SD of the log of one measurement within what was measured more than once, chi-square interval "
        "of level {conf_level}: numpy, scipy.stats.chi2",
    ),
    "landmark_patterns": Entry(
        "lesionhet.timed.answers.landmark_pattern_tables",
        "baselines, phases (relapse from the {relapse_reference}, stable rule '{stable_rule}'), total "
        "burden ('{burden}') and distances (range '{range}') from the measurements up to day {day:g}: "
        "pandas, numpy",
    ),
    "landmark_organ_response": Entry(
        "lesionhet.timed.answers.landmark_organ_tables",
        "best ratios of organs (rule '{organ_rule}', burden '{burden}') and response groups from the "
        "measurements up to day {day:g}: pandas, numpy",
    ),
    "landmark_cox": Entry(
        f"{_HERE}.landmark.landmark_cox",
        "Cox proportional hazards model{stratified} of the patients at risk after day {day:g}, Efron "
        "ties, Wald intervals of level {conf_level}: numpy, Newton's method",
    ),
    "cox_counting": Entry(
        f"{_HERE}.counting.cox_counting",
        "Cox proportional hazards model{stratified} of start-stop rows, Efron ties, Wald intervals of "
        "level {conf_level} with the robust variance by patient: numpy, Newton's method",
    ),
    "cox_over_time": Entry(
        "lesionhet.timed.answers.cox_over_time_tables",
        "Cox proportional hazards model{stratified} of the distance as it changes from scan to scan, "
        "start-stop rows from the measurements, Efron ties, Wald intervals of level {conf_level} with "
        "the robust variance by patient: numpy, Newton's method",
    ),
    "cox_zph": Entry(
        f"{_HERE}.zph.cox_zph",
        "score test of proportional hazards{stratified}, time transformed by '{transform}', Efron ties: "
        "numpy",
    ),
    "schoenfeld_curve": Entry(
        f"{_HERE}.zph.schoenfeld_curve",
        "scaled Schoenfeld residuals{stratified} and a natural spline of them with {df} df: numpy",
    ),
    "cox_spline": Entry(
        f"{_HERE}.spline.cox_spline",
        "Cox proportional hazards model{stratified} with a restricted cubic spline of {knots} knots, Efron "
        "ties: numpy, Newton's method",
    ),
    "cox_influence": Entry(
        f"{_HERE}.influence.cox_influence",
        "dfbetas of a Cox proportional hazards model{stratified}, and the model without the patients of "
        "the {most} largest, Efron ties: numpy, Newton's method",
    ),
    "restricted_mean": Entry(
        f"{_HERE}.rmst.restricted_mean",
        "area under the Kaplan-Meier curve up to day {tau:g}, Wald intervals of level {conf_level}: numpy",
    ),
    "adjust_p": Entry(
        f"{_HERE}.multiplicity.adjust_p",
        "P values adjusted within families: Holm by numpy, Benjamini-Hochberg by numpy",
    ),
    "organ_cox_over_time": Entry(
        "lesionhet.timed.answers.organ_cox_over_time_tables",
        "Cox proportional hazards model{stratified} of organ response (rule '{organ_rule}') as it "
        "changes from scan to scan, start-stop rows from the measurements, Efron ties, Wald intervals "
        "of level {conf_level} with the robust variance by patient: numpy, Newton's method",
    ),
    "readings": Entry(
        "lesionhet.choices.answers.reading_tables",
        "phases, total burden, distances and their Kendall correlation under every reading, from the "
        "measurements: pandas, numpy, scipy.stats.kendalltau",
    ),
    "cox_readings": Entry(
        "lesionhet.choices.answers.cox_reading_tables",
        "Cox proportional hazards model{stratified} of the distance under every reading, Efron ties, Wald "
        "intervals of level {conf_level}: numpy, Newton's method",
    ),
    "patient_measures": Entry(
        "lesionhet.measures.answers.patient_measure_tables",
        "measures of heterogeneity at the best response and at the last scan, from the measurements "
        "(burden '{burden}'): pandas, numpy",
    ),
    "measure_summary": Entry(
        "lesionhet.measures.answers.measure_summary_tables",
        "measures of heterogeneity at the best response and at the last scan, from the measurements "
        "(burden '{burden}'), their means, SDs and type 7 quantiles: pandas, numpy",
    ),
    "rank_correlations": Entry(
        f"{_HERE}.correlation.rank_correlations",
        "Spearman's rank correlation: ranks and numpy.corrcoef",
    ),
    "compare_markers": Entry(
        f"{_HERE}.markers.compare_markers",
        "Cox proportional hazards models{stratified}, Efron ties, Wald intervals of level {conf_level}, "
        "likelihood ratio tests between them: numpy, Newton's method",
    ),
    "marker_concordance": Entry(
        f"{_HERE}.markers.marker_concordance",
        "Harrell's C of Cox models{stratified}, Efron ties, optimism from the rows of each draw: numpy, "
        "Newton's method",
    ),
    "intraclass": Entry(
        f"{_HERE}.intraclass.intraclass",
        "intraclass correlation of the one-way analysis of variance, interval of level {conf_level}: "
        "numpy, scipy.special.fdtri",
    ),
    "progression_order": Entry(
        "lesionhet.sequence.answers.progression_tables",
        "first relapse of the sum of each organ (from the {relapse_reference}, burden '{burden}') or first "
        "new lesion, by all scans or those up to the landmark: pandas, numpy",
    ),
    "sign_test": Entry(
        f"{_HERE}.sign.sign_test",
        "exact sign test, two-sided, with the exact (Clopper-Pearson) interval of level {conf_level}: "
        "scipy.special.bdtr, scipy.special.betaincinv",
    ),
}


def entry(statistic: str) -> Entry:
    """Find a statistic by name.

    Raises
    ------
    LesionhetError
        No such statistic: a fault of the program, not of the data.

    Examples
    --------
    >>> entry("kendall").function
    'lesionhet.statistics.rank.kendall'
    """
    if statistic not in REGISTRY:
        raise LesionhetError(
            f"No statistic '{statistic}' in Python; there are {', '.join(sorted(REGISTRY))}."
        )
    return REGISTRY[statistic]
