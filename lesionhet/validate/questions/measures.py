"""Questions of the other measures of heterogeneity."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from lesionhet import requests
from lesionhet.requests import Request
from lesionhet.study import Study
from lesionhet.validate.questions.question import Options, Question

DAYS: Final = (np.inf, 60.0)


def _patients(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    day = DAYS[options.seed % len(DAYS)]
    return requests.patient_measures(study.cohort, study.definitions, day)


def _summary(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    day = DAYS[(options.seed + 1) % len(DAYS)]
    return requests.measure_summary(study.cohort, study.definitions, day)


def _markers(rows: Any, options: Options) -> dict[str, Any]:
    """Take the first covariate as what all models have, the others and the values as markers."""
    markers = rows.covariates.iloc[:, 1:4].assign(**{"the values": rows.values})
    return {
        "time": rows.time,
        "event": rows.event,
        "markers": markers,
        "others": rows.covariates.iloc[:, :1],
        "strata": rows.strata if options.stratified else None,
    }


def _compare(rows: Any, options: Options) -> Request[Any]:
    return requests.compare_markers(**_markers(rows, options), conf_level=options.conf_level)


def _concordance(rows: Any, options: Options) -> Request[Any]:
    rng = np.random.default_rng(options.seed)
    draws = rng.integers(0, 3, (len(rows.covariates), options.draws))
    return requests.marker_concordance(**_markers(rows, options), draws=draws)


QUESTIONS: Final = (
    Question("patient_measures from measurements", ("study",), _patients),
    Question("measure_summary from measurements", ("study",), _summary),
    Question(
        "rank_correlations of covariates",
        ("covariates", "values"),
        lambda r, _: requests.rank_correlations(r.covariates.assign(**{"the values": r.values})),
    ),
    Question("compare_markers", ("time", "event", "covariates", "values"), _compare),
    Question(
        "marker_concordance of a few draws", ("time", "event", "covariates", "values"), _concordance
    ),
    Question(
        "intraclass of values by group",
        ("values", "strata", "group"),
        lambda r, o: requests.intraclass(r.values, r.strata, r.group, None, o.conf_level),
    ),
)
