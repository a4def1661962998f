"""Survival from landmarks on, by the distance that is known there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown, Tried
from lesionhet.analyses.parts.comparison import need_patients, tried
from lesionhet.analyses.parts.endpoints import OS, Endpoint, survival_chart, ticks
from lesionhet.analyses.reviewer.time_verdicts import curves_verdict
from lesionhet.analyses.reviewer.time_ways import given, looks_of
from lesionhet.charts import SurvivalChart
from lesionhet.errors import NotEstimableError
from lesionhet.groups import LOW_HIGH, MedianGroups, median_groups
from lesionhet.labels import format_p
from lesionhet.study import Study
from lesionhet.timed.looks import Looks, at_risk
from lesionhet.timed.state import LANDMARKS


@dataclass(frozen=True, eq=False)
class AtLandmark:
    """Patients at risk at a landmark, split at the median of the distance known there.

    ``patients``: ``patient_id, time`` (days from the landmark), ``event, gower``; ``groups`` of them.
    """

    patients: pd.DataFrame
    groups: MedianGroups


def at_landmark(looks: Looks, endpoint: Endpoint, day: float) -> AtLandmark:
    """Split the patients at risk at a landmark.

    Raises
    ------
    NotEstimableError
        Nobody is at risk with a known distance, or a group is too small.
    """
    known = looks.known(day, ["gower"])
    outcome = looks.outcome(endpoint.name)
    kept = at_risk(looks, endpoint.name, known, day)
    patients = pd.DataFrame(
        {
            "patient_id": looks.cohort.patients["patient_id"],
            "time": outcome["time"] - day,
            "event": outcome["event"],
            "gower": known["gower"],
        }
    )[kept].reset_index(drop=True)
    groups = median_groups(patients["gower"])
    need_patients(groups.labels, patients["patient_id"], LOW_HIGH)
    return AtLandmark(patients, groups)


def ask_curves(study: Study) -> Asked:
    """Ask for survival from each landmark, with both interval types, and the log-rank test."""
    looks = looks_of(study)
    asked: dict[str, Any] = {}
    for endpoint in given(study):
        for day in LANDMARKS:
            key = f"{endpoint.name}_{day:g}"
            try:
                found = at_landmark(looks, endpoint, day)
            except NotEstimableError as error:
                asked[key] = Tried(None, str(error))
                continue
            asked |= _ask_one(study, found, key)
    return asked


def _ask_one(study: Study, found: AtLandmark, key: str) -> dict[str, Tried]:
    rows, labels = found.patients, found.groups.labels
    asked = {f"{key}_groups": tried(requests.median_groups, rows["gower"])}
    for conf_type in ("log", "log-log"):
        asked[f"{key}_kaplan_meier_{conf_type.replace('-', '_')}"] = tried(
            requests.kaplan_meier,
            rows["time"],
            rows["event"],
            labels,
            LOW_HIGH,
            conf_type=conf_type,
            conf_level=study.definitions.conf_level,
            times=ticks(rows["time"]),
        )
    asked[f"{key}_log_rank"] = tried(
        requests.log_rank, rows["time"], rows["event"], labels, LOW_HIGH
    )
    return asked


def show_curves(study: Study, answers: Answers) -> Shown:
    """Show the curves of overall survival from each landmark, and a table of both endpoints."""
    rows, tests, cuts = [], [], []
    charts: dict[str, Any] = {}
    conf_type = study.definitions.km_conf_type.replace("-", "_")
    for endpoint in given(study):
        for day in LANDMARKS:
            key = f"{endpoint.name}_{day:g}"
            curves = answers.get(f"{key}_kaplan_meier_{conf_type}")
            if curves is None:
                continue
            named = {"endpoint": endpoint.label, "day": day}
            rows.append(curves.to_frame("medians").assign(**named))
            cuts.append(answers[f"{key}_groups"].to_frame().assign(**named))
            test = answers.get(f"{key}_log_rank")
            if test is not None:
                tests.append(test.to_frame().assign(**named))
            if endpoint == OS:
                charts[f"os_{day:g}"] = _chart(study, curves, test, day)
    if not rows:
        raise NotEstimableError("No landmark has two groups to compare.")
    found = {"medians": rows, "log_rank": tests, "groups": cuts}
    tables = {
        name: _named_first(pd.concat(parts, ignore_index=True))
        for name, parts in found.items()
        if parts
    }
    remarks = (
        "Patients still at risk at the landmark, split at the median of the distance known there (low: at "
        "or below it), followed from the landmark on. No scan made later has a part in it.",
        "The median is that of the patients at each landmark, so the groups are not the same patients.",
    )
    return Shown(tables, charts, remarks, verdict=_verdict(study, answers))


def _verdict(study: Study, answers: Answers) -> str:
    conf_type = study.definitions.km_conf_type.replace("-", "_")
    tests, medians = {}, {}
    for day in LANDMARKS:
        test = answers.get(f"{OS.name}_{day:g}_log_rank")
        curves = answers.get(f"{OS.name}_{day:g}_kaplan_meier_{conf_type}")
        if test is not None and curves is not None:
            tests[day], medians[day] = test, curves.to_frame("medians")
    return curves_verdict(tests, medians)


def _chart(study: Study, curves: Any, test: Any, day: float) -> SurvivalChart:
    d = study.definitions
    p_text = f"Log-rank {format_p(test.value('p_value'))}" if test is not None else ""
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in curves.to_frame().itertuples())
    chart = survival_chart(
        f"Overall survival from day {day:g} by the distance known then",
        f"Kaplan-Meier curves with {d.conf_level:.0%} intervals ({d.km_conf_type} scale): {sizes}. "
        f"{p_text or 'No test'}.",
        curves,
        LOW_HIGH,
        OS,
        p_text=p_text,
    )
    return replace(chart, x_label=f"Days from day {day:g}")


def _named_first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["endpoint", "day", *table.columns.drop(["endpoint", "day"])]]
