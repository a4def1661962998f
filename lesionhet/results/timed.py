"""What the statistics over time give: states at a day, landmark models, models of start-stop rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from lesionhet.results.base import Result, Shape
from lesionhet.results.ledger import Cox, OrganResponse

COUNTING_TERMS: Final = Shape(
    ("term",),
    (
        "estimate",
        "std_error",
        "robust_error",
        "hazard_ratio",
        "conf_low",
        "conf_high",
        "statistic",
        "p_value",
    ),
)
COUNTING_MODEL: Final = Shape(
    (),
    (
        "n",
        "patients",
        "events",
        "log_likelihood_null",
        "log_likelihood",
        "statistic",
        "df",
        "p_value",
    ),
)
COUNTED: Final = Shape((), ("followed", "no_outcome", "ended_first", "died_first", "in_model"))


class LandmarkPatterns(Result):
    """What is known of each patient at a day, from the rows of the lesions table up to it.

    ``patients``: one row a patient with a scan after baseline up to that day: number and baseline sum of
    the lesions with one, nadir and last ratio of their total burden, their patient-level distance.
    """

    STATISTIC: ClassVar[str] = "landmark_patterns"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "patients": Shape(
            ("patient",),
            ("n_lesions", "baseline_sum_mm", "nadir_ratio", "last_ratio", "distance"),
        )
    }


class LandmarkOrganResponse(OrganResponse):
    """Organ responses from the rows of the lesions table up to one day; tables as in `OrganResponse`."""

    STATISTIC: ClassVar[str] = "landmark_organ_response"


class LandmarkCox(Cox):
    """Cox model of what is known at a landmark; time counts from there.

    ``terms`` and ``model`` as in `lesionhet.results.Cox`. ``patients``: how many were ``found``; of these,
    the first reason that holds is counted: ``no_outcome`` (time or event missing), ``event_before`` and
    ``censored_before`` (up to and on the landmark), ``no_scan`` (no covariate known at the landmark),
    ``incomplete`` (a covariate or the stratum missing); the others are ``in_model``.
    """

    STATISTIC: ClassVar[str] = "landmark_cox"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "terms": Cox.SHAPES["terms"],
        "model": Cox.SHAPES["model"],
        "patients": Shape(
            (),
            (
                "found",
                "no_outcome",
                "event_before",
                "censored_before",
                "no_scan",
                "incomplete",
                "in_model",
            ),
        ),
    }


class CoxCounting(Cox):
    """Cox model of start-stop rows with Efron ties.

    ``terms``: as in `lesionhet.results.Cox`; ``std_error`` is from the information, ``robust_error`` from
    the rows' parts of the score, added up by patient; interval, ``statistic`` and ``p_value`` use the
    robust one. ``model``: ``n`` rows, ``patients`` (clusters), and the likelihood ratio test.
    """

    STATISTIC: ClassVar[str] = "cox_counting"
    SHAPES: ClassVar[Mapping[str, Shape]] = {"terms": COUNTING_TERMS, "model": COUNTING_MODEL}


class CoxOverTime(CoxCounting):
    """The Cox model of the distance over time, all the way from the rows of the lesions table.

    ``terms`` and ``model`` as in `CoxCounting`. ``patients``: those ``followed``; of these ``no_outcome``
    (time, event or stratum missing), ``ended_first`` (time was up before anything was known; of these
    ``died_first`` with an event), and those ``in_model``.
    """

    STATISTIC: ClassVar[str] = "cox_over_time"
    SHAPES: ClassVar[Mapping[str, Shape]] = {**CoxCounting.SHAPES, "patients": COUNTED}


class OrganCoxOverTime(CoxOverTime):
    """The Cox model of organ response over time, all the way from the rows of the lesions table.

    Tables as in `CoxOverTime`; ``followed`` counts the patients whose organ response is known at any time.
    """

    STATISTIC: ClassVar[str] = "organ_cox_over_time"
    SHAPES: ClassVar[Mapping[str, Shape]] = CoxOverTime.SHAPES
