"""Questions of the statistics of the published ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.recist.of_cohort import recist_data
from lesionhet.requests import Request
from lesionhet.study import Study, lesion_series
from lesionhet.validate.questions.question import Options, Question


def _two_groups(group: pd.Series) -> list[str]:
    """Give the two largest groups, in the order of their labels."""
    return sorted(group.dropna().astype(str).value_counts(sort=True).index[:2])


def _times(rows: Any, options: Options) -> Sequence[float]:
    longest = float(np.nanmax(rows.time.to_numpy(dtype=float), initial=0.0))
    return [float(f"{share * longest:.6g}") for share in options.times]


def _survival(rows: Any, options: Options, group: pd.Series | None) -> Request[Any]:
    return requests.kaplan_meier(
        rows.time,
        rows.event,
        group,
        conf_type=options.conf_type,
        conf_level=options.conf_level,
        times=_times(rows, options),
    )


def _draws(rows: Any, options: Options) -> Request[Any]:
    strata = rows.strata if options.stratified else None
    rng = np.random.default_rng(options.seed)
    draws = rng.integers(0, 3, (len(rows.covariates), options.draws))
    return requests.resampled_cox(
        rows.time, rows.event, rows.covariates, draws, strata, significance=options.significance
    )


def _gower(rows: Any, options: Options) -> Request[Any]:
    return requests.gower(
        rows.mixed, dict(options.kinds), dict(options.weights), dict(options.ranges)
    )


def _phases(rows: Any, _: Options) -> Request[Any]:
    study: Study = rows.study
    names = list(study.lesions["patient_id"] + " / " + study.lesions["lesion_id"])
    return requests.phases(lesion_series(study.cohort), names, study.definitions)


def _above_median(values: pd.Series) -> pd.Series:
    """Flag values above the median; missing where they are."""
    return (values > values.median()).astype(float).where(values.notna())


def site_of_most(study: Study) -> str:
    """Give the site of most lesions."""
    return str(study.lesions["site"].value_counts(sort=True).index[0])


def _whole_path(rows: Any, _: Options) -> Request[Any]:
    study: Study = rows.study
    strata = "arm" if study.definitions.gower_self else None
    return requests.cox_from_measurements(study.cohort, study.definitions, strata=strata)


QUESTIONS: Final = (
    Question(
        "describe of values", ("values",), lambda r, _: requests.describe(r.values), pooled=True
    ),
    Question(
        "describe of values by group",
        ("values", "group"),
        lambda r, _: requests.describe(r.values, r.group),
    ),
    Question(
        "count of strata by group",
        ("group", "strata"),
        lambda r, _: requests.count(r.strata, r.group),
    ),
    Question(
        "quantile_groups of values",
        ("values",),
        lambda r, o: requests.quantile_groups(r.values, o.low, o.high),
    ),
    Question("median_groups of values", ("values",), lambda r, _: requests.median_groups(r.values)),
    Question(
        "mann_whitney of two groups",
        ("values", "group"),
        lambda r, _: requests.mann_whitney(r.values, r.group, _two_groups(r.group)),
    ),
    Question(
        "kruskal_wallis by group",
        ("values", "group"),
        lambda r, _: requests.kruskal_wallis(r.values, r.group),
    ),
    Question("dunn by group", ("values", "group"), lambda r, _: requests.dunn(r.values, r.group)),
    Question(
        "kendall of values and other",
        ("values", "other"),
        lambda r, _: requests.kendall(r.values, r.other),
    ),
    Question(
        "median_interval of values",
        ("values",),
        lambda r, o: requests.median_interval(r.values, conf_level=o.conf_level),
        pooled=True,
    ),
    Question(
        "median_interval by group",
        ("values", "group"),
        lambda r, o: requests.median_interval(r.values, r.group, conf_level=o.conf_level),
    ),
    Question(
        "kaplan_meier of all", ("time", "event"), lambda r, o: _survival(r, o, None), pooled=True
    ),
    Question(
        "kaplan_meier by group", ("time", "event", "group"), lambda r, o: _survival(r, o, r.group)
    ),
    Question(
        "log_rank by group",
        ("time", "event", "group"),
        lambda r, _: requests.log_rank(r.time, r.event, r.group),
    ),
    Question(
        "log_rank by group within strata",
        ("time", "event", "group", "strata"),
        lambda r, _: requests.log_rank(r.time, r.event, r.group, strata=r.strata),
    ),
    Question(
        "cox",
        ("time", "event", "covariates"),
        lambda r, o: requests.cox(r.time, r.event, r.covariates, conf_level=o.conf_level),
    ),
    Question(
        "cox within strata",
        ("time", "event", "covariates", "strata"),
        lambda r, o: requests.cox(r.time, r.event, r.covariates, r.strata, o.conf_level),
    ),
    Question("resampled_cox of a few draws", ("time", "event", "covariates"), _draws),
    Question("gower of a mixed table", ("mixed",), _gower),
    Question("phases of lesions", ("study",), _phases),
    Question(
        "patterns from measurements",
        ("study",),
        lambda r, _: requests.patterns(r.study.cohort, r.study.definitions),
    ),
    Question(
        "organ_response of one organ and all others",
        ("study",),
        lambda r, _: requests.organ_response(
            r.study.cohort, r.study.definitions, site_of_most(r.study)
        ),
    ),
    Question("cox_from_measurements", ("study",), _whole_path),
    Question(
        "recist from measurements",
        ("study",),
        lambda r, _: requests.recist(recist_data(r.study.cohort)),
    ),
    Question(
        "proportion of high values by group",
        ("values", "group"),
        lambda r, o: requests.proportion(_above_median(r.values), r.group, None, o.conf_level),
    ),
    Question(
        "heterogeneity of lesions",
        ("study",),
        lambda r, _: requests.heterogeneity(r.study.lesions, r.study.definitions),
    ),
)
