"""What the statistics of other measures give: measures, rank correlations, models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from lesionhet.measures.catalogue import COLUMNS, COUNTS
from lesionhet.results.base import Result, Shape

RATIO_TEST: Final = Shape(("term",), ("statistic", "df", "p_value"))


class PatientMeasures(Result):
    """How differently the lesions of each patient respond, by every measure but the distance.

    ``patients``: number of lesions, day of the best and of the last assessment and the number of lesions
    measured there, then the columns of `lesionhet.measures.catalogue.COLUMNS`; yes or no is 1 or 0.
    """

    STATISTIC: ClassVar[str] = "patient_measures"
    SHAPES: ClassVar[Mapping[str, Shape]] = {"patients": Shape(("patient",), (*COUNTS, *COLUMNS))}


class MeasureSummary(Result):
    """Each measure over the patients: ``n`` who have it, ``without``, mean, SD and quantiles (type 7)."""

    STATISTIC: ClassVar[str] = "measure_summary"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "measures": Shape(
            ("term",),
            ("n", "without", "mean", "sd", "minimum", "q25", "median", "q75", "maximum"),
        )
    }


class RankCorrelations(Result):
    """Spearman's rank correlation of each pair of columns, over the rows that have all of them."""

    STATISTIC: ClassVar[str] = "rank_correlations"
    SHAPES: ClassVar[Mapping[str, Shape]] = {"pairs": Shape(("row_1", "row_2"), ("estimate", "n"))}


class CompareMarkers(Result):
    """One Cox model a marker, each on the same rows and with the same other covariates.

    ``terms``: the marker's SD in the rows; coefficient, hazard ratio, interval and Wald test per SD.
    Likelihood ratio tests: ``added``, of the marker beside the other covariates; ``beyond``, of the
    marker added to the model with the reference; ``reference``, of the reference added to the model
    with the marker. The last two are missing for the reference itself, and where the two cannot be told
    apart. ``model``: rows, events, and the log partial likelihood with the other covariates alone.
    """

    STATISTIC: ClassVar[str] = "compare_markers"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "terms": Shape(
            ("term",),
            (
                "sd",
                "estimate",
                "std_error",
                "hazard_ratio",
                "conf_low",
                "conf_high",
                "statistic",
                "p_value",
            ),
        ),
        **dict.fromkeys(("added", "beyond", "reference"), RATIO_TEST),
        "model": Shape((), ("n", "events", "log_likelihood")),
    }


class MarkerConcordance(Result):
    """Harrell's C of Cox models, with the optimism that draws of the patients show.

    ``models``: one for each marker beside the other covariates, and the last without a marker: pairs that
    can be compared (within strata), ``concordance``, mean ``optimism`` over the ``fitted`` draws with its
    standard error, and ``corrected`` = concordance - optimism.
    """

    STATISTIC: ClassVar[str] = "marker_concordance"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "models": Shape(
            ("term",),
            ("pairs", "concordance", "fitted", "optimism", "optimism_error", "corrected"),
        )
    }


class Intraclass(Result):
    """Intraclass correlation of values within clusters, by the one-way analysis of variance.

    ``groups``: clusters with a value, ``n`` values, ``mean_size`` n0, mean squares between and within, the
    variances ``between`` (tau2, may be below 0) and ``within`` (sigma2), ``estimate`` = between / (between
    + within) and its interval.
    """

    STATISTIC: ClassVar[str] = "intraclass"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "groups": Shape(
            ("group",),
            (
                "clusters",
                "n",
                "mean_size",
                "ms_between",
                "ms_within",
                "between",
                "within",
                "estimate",
                "conf_low",
                "conf_high",
            ),
        )
    }
