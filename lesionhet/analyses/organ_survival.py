"""Survival of patients grouped by where they respond: one organ, the others, both or neither."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Shown, Tried
from lesionhet.analyses.parts.comparison import FEWEST_PATIENTS, need_patients, tried
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint, survival_chart, ticks
from lesionhet.charts import SurvivalChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_p
from lesionhet.organs import OrganGroups, organ_groups
from lesionhet.study import Study

GUARANTEE_TIME: Final = (
    "Groups are made by response after day 0 and compared from day 0: who responds has lived long "
    "enough to do so (guarantee-time bias). Read the curves as description, not as an effect."
)
TESTS: Final = {"log_rank": "all four groups", "log_rank_mixed": "the two mixed groups"}
LONGEST_KEY: Final = 30


@dataclass(frozen=True)
class Population:
    """Patients with lesions in one organ, or in exactly two.

    Parameters
    ----------
    key
        Short name, part of the names of requests and files.
    organ, other
        As in `lesionhet.organs.organ_groups`.
    """

    key: str
    organ: str
    other: str | None = None

    @property
    def title(self) -> str:
        """Give the words for these patients."""
        if self.other is None:
            return f"patients with {self.organ} lesions"
        return f"patients with {self.organ} and {self.other} lesions only"


def populations(organs: Iterable[str], other: Sequence[str | None]) -> tuple[Population, ...]:
    """Pair organs with others under keys that differ and are fit for a file name.

    Examples
    --------
    >>> [p.key for p in populations(["liver", "liver"], ["lymph node", "lung"])]
    ['liver_lymph_node', 'liver_lung']
    """
    found: list[Population] = []
    for place, (organ, beside) in enumerate(zip(organs, other, strict=True), start=1):
        words = f"{organ} {beside}" if beside else organ
        key = re.sub(r"\W+", "_", words).strip("_")[:LONGEST_KEY]
        if not key or key in {p.key for p in found}:
            key = f"{key}_{place}"
        found.append(Population(key, organ, beside))
    return tuple(found)


def given_endpoints(study: Study, wanted: Sequence[Endpoint] = (OS, PFS)) -> tuple[Endpoint, ...]:
    """Give the endpoints whose columns the input had."""
    return tuple(e for e in wanted if study.has(e.time, e.event))


def ask_organ_survival(
    study: Study, asked_of: Sequence[Population], endpoints: Sequence[Endpoint]
) -> dict[str, Tried]:
    """Ask for the four groups from the measurements on, their sizes, curves and log-rank tests.

    Parameters
    ----------
    study
        With a column site.
    asked_of
        Whose survival; one without any grouped patient is refused alone.
    endpoints
        Those whose columns are missing are passed over.
    """
    asked: dict[str, Tried] = {}
    for population in asked_of:
        try:
            groups = organ_groups(study, population.organ, population.other)
        except NotEstimableError as error:
            asked[population.key] = Tried(None, str(error))
            continue
        labels = groups.of(study)
        asked[f"{population.key}_response"] = tried(
            requests.organ_response,
            study.cohort,
            study.definitions,
            population.organ,
            population.other,
        )
        asked[f"{population.key}_counts"] = tried(requests.count, labels, level_order=groups.order)
        for endpoint in given_endpoints(study, endpoints):
            asked |= _ask_endpoint(
                study, groups, labels, f"{population.key}_{endpoint.name}", endpoint
            )
    return asked


def _ask_endpoint(
    study: Study, groups: OrganGroups, labels: pd.Series, key: str, endpoint: Endpoint
) -> dict[str, Tried]:
    time, event = study.patients[endpoint.time], study.patients[endpoint.event]
    usable = time.notna() & event.notna() & labels.notna()
    drawn = _drawn(labels[usable], groups.order)
    asked: dict[str, Tried] = {}
    for conf_type in ("log", "log-log") if drawn else ():
        asked[f"{key}_kaplan_meier_{conf_type.replace('-', '_')}"] = tried(
            requests.kaplan_meier,
            time,
            event,
            labels,
            drawn,
            conf_type=conf_type,
            conf_level=study.definitions.conf_level,
            times=ticks(time[usable]),
        )
    patient = study.patients["patient_id"]
    for test, order in (("log_rank", groups.order), ("log_rank_mixed", groups.mixed)):
        try:
            need_patients(labels[usable], patient[usable], order)
        except NotEstimableError as error:
            asked[f"{key}_{test}"] = Tried(None, str(error))
            continue
        asked[f"{key}_{test}"] = tried(requests.log_rank, time, event, labels, order)
    return asked


def _drawn(labels: pd.Series, order: Sequence[str]) -> tuple[str, ...]:
    """Give the groups with a curve: one of a single patient would show nothing but that patient."""
    counts = labels.value_counts()
    return tuple(name for name in order if counts.get(name, 0) >= FEWEST_PATIENTS)


def show_organ_survival(
    study: Study,
    asked_of: Sequence[Population],
    endpoints: Sequence[Endpoint],
    answers: Answers,
) -> Shown:
    """Show the curves of each population and endpoint, and one table of each kind.

    Parameters
    ----------
    study, asked_of, endpoints, answers
        What was asked, and what was answered.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    charts: dict[str, Any] = {}
    remarks = [response_rule(study)]
    for population in asked_of:
        counts = answers.get(f"{population.key}_counts")
        if counts is None:
            continue
        groups = organ_groups(study, population.organ, population.other)
        remarks.append(sizes_text(groups, population))
        named = {"patients": population.title}
        _keep(parts, "counts", counts.to_frame().drop(columns="group"), named)
        for endpoint in given_endpoints(study, endpoints):
            key = f"{population.key}_{endpoint.name}"
            _keep_endpoint(parts, answers, key, {**named, "endpoint": endpoint.label})
            if chart := _chart(study, population, groups, endpoint, answers):
                charts[key] = chart
    tables = {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}
    left_out = [
        f"{endpoint.label} left out: {', '.join(missing)} missing."
        for endpoint in endpoints
        if (missing := study.missing([endpoint.time, endpoint.event]))
    ]
    return Shown(tables, charts, (*remarks, GUARANTEE_TIME), tuple(left_out))


def _keep(
    parts: dict[str, list[pd.DataFrame]], name: str, table: pd.DataFrame, named: dict[str, str]
) -> None:
    columns = {**named, **{column: table[column].to_numpy() for column in table.columns}}
    parts.setdefault(name, []).append(pd.DataFrame(columns))


def _keep_endpoint(
    parts: dict[str, list[pd.DataFrame]], answers: Answers, key: str, named: dict[str, str]
) -> None:
    for conf_type in ("log", "log-log"):
        answer = answers.get(f"{key}_kaplan_meier_{conf_type.replace('-', '_')}")
        if answer is not None:
            scale = {**named, "conf_type": conf_type}
            _keep(parts, "medians", answer.to_frame("medians"), scale)
            _keep(parts, "curves", answer.to_frame("curve"), scale)
    for test, compared in TESTS.items():
        answer = answers.get(f"{key}_{test}")
        if answer is not None:
            both = {**named, "compared": compared}
            _keep(parts, "log_rank", answer.to_frame("test"), both)
            _keep(parts, "log_rank_groups", answer.to_frame("groups"), both)


def _chart(
    study: Study,
    population: Population,
    groups: OrganGroups,
    endpoint: Endpoint,
    answers: Answers,
) -> SurvivalChart | None:
    d = study.definitions
    key = f"{population.key}_{endpoint.name}"
    answer = answers.get(f"{key}_kaplan_meier_{d.km_conf_type.replace('-', '_')}")
    if answer is None:
        return None
    tests = [
        f"{name} {format_p(answers[f'{key}_{test}'].value('p_value'))}"
        for test, name in (
            ("log_rank", "Log-rank, four groups:"),
            ("log_rank_mixed", "mixed groups:"),
        )
        if f"{key}_{test}" in answers
    ]
    medians = answer.to_frame("medians")
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in medians.itertuples())
    chart = survival_chart(
        f"{endpoint.label}, {population.title}",
        f"Kaplan-Meier curves by organ response with {d.conf_level:.0%} intervals "
        f"({d.km_conf_type} scale): {sizes}. {'; '.join(tests) or 'No test'}.",
        answer,
        tuple(medians["group"]),
        endpoint,
        p_text="; ".join(tests),
    )
    # A group keeps its colour where another one is too small to be drawn.
    return replace(chart, colors={name: place for place, name in enumerate(groups.order)})


def sizes_text(groups: OrganGroups, population: Population) -> str:
    """Say how many patients are in each group, and who is in none."""
    sizes = ", ".join(f"{name} n = {n:,}" for name, n in groups.sizes().items())
    total = len(groups.patients)
    lost = "; ".join(f"{n:,} with {why}" for why, n in groups.left_out.items())
    text = f"{total:,} {population.title}: {sizes}."
    return f"{text} Left out: {lost}." if lost else text


def response_rule(study: Study) -> str:
    """Say when an organ responds, and what the groups compare."""
    d = study.definitions
    what = {
        "sum": "the sum of its diameters",
        "mean": "the mean best size of its lesions",
        "any": "any of its lesions",
        "all": "each of its lesions",
    }[d.organ_rule]
    return (
        f"An organ responds when {what} shrinks by more than {100 * (1 - d.response_threshold):g}% from "
        "baseline. All other organs are taken together. Patients with lesions in one organ only are in "
        "the first or the last group."
    )
