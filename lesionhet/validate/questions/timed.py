"""Questions of the statistics over time."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.requests import Request
from lesionhet.study import Study
from lesionhet.validate.questions.ledger import site_of_most
from lesionhet.validate.questions.question import Options, Question


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
            r.study.cohort, r.study.definitions, site_of_most(r.study), _middle_day(r.study)
        ),
    ),
    Question("cox_over_time", ("study",), _over_time),
    Question(
        "organ_cox_over_time of one organ and all others",
        ("study",),
        lambda r, _: requests.organ_cox_over_time(
            r.study.cohort, r.study.definitions, site_of_most(r.study)
        ),
    ),
)
