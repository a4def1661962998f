"""What the checks of models give: proportional hazards, shape, influence, restricted means, adjusted P."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from lesionhet.results.base import Result, Shape

TEST: Final = ("statistic", "df", "p_value")
LIMITS: Final = ("conf_low", "conf_high")
ESTIMATE: Final = ("estimate", "std_error", "hazard_ratio", *LIMITS, "p_value")


class CoxZph(Result):
    """Score test of proportional hazards.

    ``test``: all terms together. ``terms``: one row a term, chi-squared with 1 degree of freedom.
    """

    STATISTIC: ClassVar[str] = "cox_zph"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("n", "events", *TEST)),
        "terms": Shape(("term",), TEST),
    }


class SchoenfeldCurve(Result):
    """One coefficient of a Cox model over time.

    ``curve``: the smooth at 41 days from the first to the last event, spread evenly over the events;
    coefficients are log hazard ratios. ``residuals``: one row an event, in the order of the rows: its
    scaled Schoenfeld residual plus the coefficient.
    """

    STATISTIC: ClassVar[str] = "schoenfeld_curve"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "curve": Shape(("point",), ("time", "estimate", "std_error", *LIMITS)),
        "residuals": Shape(("event",), ("residual",)),
    }


class CoxSpline(Result):
    """Cox model with a restricted cubic spline of one covariate.

    ``test``: likelihood ratio test of the spline against a straight line. ``overall``: of the spline
    against no effect of the covariate. ``model``: the three log likelihoods. ``knots``: where they stand.
    ``curve``: hazard against that at the median, at 41 values between the 2.5 and the 97.5 percentile;
    ``estimate`` is its log, the limits are pointwise.
    """

    STATISTIC: ClassVar[str] = "cox_spline"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), TEST),
        "overall": Shape((), TEST),
        "model": Shape(
            (),
            (
                "n",
                "events",
                "log_likelihood_without",
                "log_likelihood_linear",
                "log_likelihood",
            ),
        ),
        "knots": Shape(("knot",), ("value",)),
        "curve": Shape(("point",), ("value", "estimate", "std_error", "hazard_ratio", *LIMITS)),
    }


class CoxInfluence(Result):
    """How far a coefficient of a Cox model hangs on single patients.

    ``patients``: those with the largest ``dfbetas`` by size: by how many standard errors the coefficient is
    about to be moved by the patient (``dfbeta``: in its own unit), and the model without: coefficient,
    standard error, hazard ratio with Wald interval and P; missing where that model has no finite fit.
    ``summary``: the same of all patients, the largest size, and how many go beyond ``usual``, 2 / sqrt(n).
    """

    STATISTIC: ClassVar[str] = "cox_influence"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "patients": Shape(
            ("patient",),
            ("dfbeta", "dfbetas", *ESTIMATE),
        ),
        "summary": Shape((), ("n", "events", *ESTIMATE, "largest", "usual", "n_beyond")),
    }


class RestrictedMean(Result):
    """Mean survival time up to a day tau, by group.

    ``groups``: area under the Kaplan-Meier curve up to ``tau`` with its standard error and Wald interval.
    ``pairs``: every two groups: ``difference`` (second minus first, days) with interval, z and P, and
    ``ratio`` (second to first) with interval.
    """

    STATISTIC: ClassVar[str] = "restricted_mean"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "groups": Shape(("group",), ("n", "events", "tau", "mean", "std_error", *LIMITS)),
        "pairs": Shape(
            ("group_1", "group_2"),
            (
                "difference",
                "std_error",
                *LIMITS,
                "ratio",
                "ratio_low",
                "ratio_high",
                "statistic",
                "p_value",
            ),
        ),
    }


class AdjustedP(Result):
    """P values adjusted for how many there are in their family.

    ``adjusted``: one row a P value: as given, by Holm, by Benjamini-Hochberg. ``families``: number of P
    values and how many are below the level as given and adjusted.
    """

    STATISTIC: ClassVar[str] = "adjust_p"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "adjusted": Shape(("row",), ("p_value", "holm", "benjamini_hochberg")),
        "families": Shape(("group",), ("n", "smallest", "n_raw", "n_holm", "n_benjamini_hochberg")),
    }
