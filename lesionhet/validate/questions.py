"""What is asked of a cohort of the battery: every statistic that its columns allow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.errors import NotEstimableError
from lesionhet.recist.of_cohort import recist_data
from lesionhet.requests import Request
from lesionhet.study import Study, lesion_series
from lesionhet.validate.case import Case
from lesionhet.validate.question import Options, Question, Rows


def make_case(
    name: str,
    origin: str,
    rows: Rows,
    options: Options,
    only: Collection[str] | None = None,
) -> Case:
    """Ask everything that the columns of a cohort allow.

    Parameters
    ----------
    name, origin
        As in `Case`.
    rows, options
        What is asked about, and how.
    only
        Statistics wanted; default all.

    Examples
    --------
    >>> rows = Rows(values=pd.Series([1.0, 2.0]), other=pd.Series([5.0, 7.0]))
    >>> case = make_case("two rows", "by hand", rows, Options())
    >>> list(case.requests), case.refused
    (['describe of values', 'quantile_groups of values', 'median_groups of values',
      'median_interval of values'],
     {'kendall of values and other': 'Kendall correlation needs 3 rows or more, found 2.'})
    """
    asked: dict[str, Request[Any]] = {}
    refused: dict[str, str] = {}
    for question in QUESTIONS:
        if only is not None and question.statistic not in only:
            continue
        if not question.suits(rows, options):
            continue
        try:
            asked[question.name] = question.ask(rows, options)
        except NotEstimableError as error:
            refused[question.name] = str(error)
    return Case(name, origin, asked, refused)


def needed(column: str, only: Collection[str] | None = None) -> bool:
    """Say whether any question, or any of some statistics, needs a column of `Rows`.

    Examples
    --------
    >>> needed("mixed", only=["kendall"]), needed("other", only=["kendall"])
    (False, True)
    """
    return any(
        column in question.needs
        for question in QUESTIONS
        if only is None or question.statistic in only
    )


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


def _organ(study: Study) -> str:
    """Give the site of most lesions."""
    return str(study.lesions["site"].value_counts(sort=True).index[0])


def _whole_path(rows: Any, _: Options) -> Request[Any]:
    study: Study = rows.study
    strata = "arm" if study.definitions.gower_self else None
    return requests.cox_from_measurements(study.cohort, study.definitions, strata=strata)


def _landmark(rows: Any, options: Options) -> Request[Any]:
    """Ask from a day on by which some have left."""
    day = float(f"{np.nanmax(rows.time.to_numpy(dtype=float), initial=0.0) / 5:.6g}")
    per_sd = list(map(str, rows.covariates.columns[:1]))
    return requests.landmark_cox(
        rows.time,
        rows.event,
        rows.covariates,
        day,
        rows.strata if options.stratified else None,
        per_sd=per_sd,
        conf_level=options.conf_level,
    )


def _counting(rows: Any, options: Options) -> Request[Any]:
    """Let rows enter late, and cut each in two with other covariates in the second half."""
    time = rows.time.to_numpy(dtype=float)
    start = time * (np.arange(len(time)) % 3) / 4 - 1
    middle = (start + time) / 2
    first, patient = np.zeros(len(time)), np.arange(len(time))
    later = rows.covariates.iloc[np.roll(patient, 1)]
    return requests.cox_counting(
        np.r_[start, middle],
        np.r_[middle, time],
        np.r_[first, rows.event.to_numpy(dtype=float)],
        pd.concat([rows.covariates, later], ignore_index=True),
        np.r_[patient, patient],
        pd.concat([rows.strata] * 2) if options.stratified else None,
        options.conf_level,
    )


def _middle_day(study: Study) -> float:
    """Give a day up to which about half of the scans were made."""
    days = study.cohort.measurements.loc[lambda m: ~m["is_baseline"], "day"]
    return max(float(np.ceil(days.median())), 0.0)


def _over_time(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    strata = "arm" if study.definitions.gower_self else None
    scale = ("per_0.1", "per_sd", "raw")[options.seed % 3]
    return requests.cox_over_time(study.cohort, study.definitions, strata=strata, scale=scale)


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
        lambda r, _: requests.organ_response(r.study.cohort, r.study.definitions, _organ(r.study)),
    ),
    Question("cox_from_measurements", ("study",), _whole_path),
    Question("landmark_cox", ("time", "event", "covariates"), _landmark),
    Question("cox_counting of late entries", ("time", "event", "covariates"), _counting),
    Question(
        "landmark_patterns from measurements",
        ("study",),
        lambda r, _: requests.landmark_patterns(
            r.study.cohort, r.study.definitions, _middle_day(r.study)
        ),
    ),
    Question(
        "landmark_organ_response of one organ and all others",
        ("study",),
        lambda r, _: requests.landmark_organ_response(
            r.study.cohort, r.study.definitions, _organ(r.study), _middle_day(r.study)
        ),
    ),
    Question("cox_over_time", ("study",), _over_time),
    Question(
        "organ_cox_over_time of one organ and all others",
        ("study",),
        lambda r, _: requests.organ_cox_over_time(
            r.study.cohort, r.study.definitions, _organ(r.study)
        ),
    ),
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
"""Every question of the battery. One that its cohort cannot answer is refused, and that is recorded."""
