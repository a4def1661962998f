"""Survival by group of patients: curves of each endpoint, log-rank tests, and the median split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Shown, Tried
from lesionhet.analyses.parts.comparison import enough_patients, need_patients, tried
from lesionhet.analyses.parts.endpoints import Endpoint, survival_chart, ticks
from lesionhet.charts import SurvivalChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_p
from lesionhet.study import Study


@dataclass(frozen=True, eq=False)
class PatientGroups:
    """Groups of patients whose survival is compared.

    Parameters
    ----------
    labels
        Group of each patient, on the index of the study's patients; missing where in none.
    order
        Groups in the order shown.
    must
        Groups without which there is nothing to compare.
    strata
        Labels for a second, stratified test; None for none.
    """

    labels: pd.Series
    order: tuple[str, ...]
    must: tuple[str, ...] = ()
    strata: pd.Series | None = None


def by_id(study: Study, by_patient: pd.Series) -> pd.Series:
    """Put a Series with patient ids as index on the index of the study's patients."""
    return study.patients["patient_id"].map(by_patient)


def _compared(
    study: Study, groups: PatientGroups, endpoint: Endpoint
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known = study.patients[[endpoint.time, endpoint.event]].notna().all(axis=1)
    patient = study.patients["patient_id"]
    kept, texts = enough_patients(groups.labels[known], patient[known], groups.order, groups.must)
    return kept, tuple(f"{endpoint.label}: {text}" for text in texts)


def ask_curves(
    study: Study, groups: PatientGroups, endpoints: Sequence[Endpoint]
) -> dict[str, Tried]:
    """Ask for Kaplan-Meier curves with both interval types and the log-rank test of each endpoint.

    Parameters
    ----------
    study, groups
        Whose survival.
    endpoints
        Those whose columns are missing are passed over, `show_curves` says so.
    """
    asked: dict[str, Tried] = {}
    for endpoint in endpoints:
        if study.has(endpoint.time, endpoint.event):
            asked |= _ask_endpoint(study, groups, endpoint)
    return asked


def _ask_endpoint(study: Study, groups: PatientGroups, endpoint: Endpoint) -> dict[str, Tried]:
    time, event = study.patients[endpoint.time], study.patients[endpoint.event]
    known = time.notna() & event.notna()
    order, _ = _compared(study, groups, endpoint)
    try:
        need_patients(groups.labels[known], study.patients["patient_id"][known], order)
    except NotEstimableError as error:
        return {endpoint.name: Tried(None, str(error))}
    asked = {}
    for conf_type in ("log", "log-log"):
        asked[f"{endpoint.name}_kaplan_meier_{conf_type.replace('-', '_')}"] = tried(
            requests.kaplan_meier,
            time,
            event,
            groups.labels,
            order,
            conf_type=conf_type,
            conf_level=study.definitions.conf_level,
            times=ticks(time[groups.labels.notna()]),
        )
    asked[f"{endpoint.name}_log_rank"] = tried(requests.log_rank, time, event, groups.labels, order)
    if groups.strata is not None:
        asked[f"{endpoint.name}_log_rank_by_arm"] = tried(
            requests.log_rank, time, event, groups.labels, order, strata=groups.strata
        )
    return asked


def show_curves(
    study: Study,
    groups: PatientGroups,
    endpoints: Sequence[Endpoint],
    answers: Answers,
    by: str,
    remarks: Sequence[str] = (),
) -> Shown:
    """Show the curves of each endpoint.

    Parameters
    ----------
    study, groups, endpoints, answers
        What was asked, and what was answered.
    by
        End of the titles, such as ``"by arm"``.
    remarks
        What is to be said beside the numbers.
    """
    tables: dict[str, pd.DataFrame] = {}
    charts: dict[str, Any] = {}
    texts: list[str] = []
    for endpoint in endpoints:
        if missing := study.missing([endpoint.time, endpoint.event]):
            texts.append(f"{endpoint.label} left out: {', '.join(missing)} missing.")
            continue
        order, few = _compared(study, groups, endpoint)
        texts += few
        names = [name for name in answers if name.startswith(f"{endpoint.name}_")]
        tables |= {name: answers[name].to_frame() for name in names}
        if test := answers.get(f"{endpoint.name}_log_rank"):
            tables[f"{endpoint.name}_log_rank_groups"] = test.to_frame("groups")
        if chart := _curves(study, endpoint, order, answers, by):
            charts[endpoint.name] = chart
    return Shown(tables, charts, tuple(remarks), tuple(texts))


def _curves(
    study: Study, endpoint: Endpoint, order: tuple[str, ...], answers: Answers, by: str
) -> SurvivalChart | None:
    d = study.definitions
    answer = answers.get(f"{endpoint.name}_kaplan_meier_{d.km_conf_type.replace('-', '_')}")
    if answer is None:
        return None
    test = answers.get(f"{endpoint.name}_log_rank")
    p_text = f"Log-rank {format_p(test.value('p_value'))}" if test else ""
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in answer.to_frame().itertuples())
    caption = (
        f"Kaplan-Meier curves with {d.conf_level:.0%} intervals ({d.km_conf_type} scale): {sizes}."
    )
    return survival_chart(
        f"{endpoint.label} {by}",
        f"{caption} {p_text}." if p_text else caption,
        answer,
        order,
        endpoint,
        p_text=p_text,
    )
