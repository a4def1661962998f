"""Restricted mean survival by the distance: what needs no proportional hazards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import need_patients, tried
from lesionhet.analyses.parts.endpoints import Endpoint
from lesionhet.analyses.reviewer.model_rows import first, single_lesions
from lesionhet.analyses.reviewer.model_verdicts import main_one, mean_verdict
from lesionhet.analyses.reviewer.time_curves import at_landmark
from lesionhet.analyses.reviewer.time_verdicts import REFERENCE_DAY
from lesionhet.analyses.reviewer.time_ways import given, looks_of
from lesionhet.charts import ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.groups import LOW_HIGH, quantile_groups
from lesionhet.requests import Request
from lesionhet.study import Study

ALL: Final = "All patients"
SHOWN: Final = (
    *("endpoint", "who", "n", "tau", "difference", "conf_low", "conf_high"),
    *("ratio", "ratio_low", "ratio_high", "p_value"),
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Low against high distance among some patients: of which endpoint, who, and how it is asked."""

    endpoint: Endpoint
    who: str
    ask: Callable[[], Request[Any]]


def _comparisons(study: Study) -> dict[str, Comparison]:
    d = study.definitions
    labels = quantile_groups(study.patients["gower"], d.low_quantile, d.high_quantile).labels
    labels = labels.where(labels.isin(LOW_HIGH))
    found = {}
    for endpoint in given(study):
        rows = study.patients.dropna(subset=[endpoint.time, endpoint.event])
        asked = partial(_ask, study, endpoint, labels)
        found[endpoint.name] = Comparison(endpoint, ALL, partial(asked, rows, None))
        key = f"{endpoint.name}_from_day_{REFERENCE_DAY:g}"
        who = f"From day {REFERENCE_DAY:g}, distance then"
        found[key] = Comparison(endpoint, who, partial(_from_landmark, study, endpoint))
        tau = _shared_tau(study, rows, endpoint, labels)
        for number, arm in enumerate(study.arms, start=1):
            ask = partial(asked, rows[rows["arm"] == arm], tau)
            found[f"{endpoint.name}_arm_{number}"] = Comparison(endpoint, arm, ask)
    return found


def _ask(
    study: Study, endpoint: Endpoint, labels: pd.Series, rows: pd.DataFrame, tau: float | None
) -> Request[Any]:
    group = labels.loc[rows.index]
    need_patients(group, rows["patient_id"], LOW_HIGH)
    level = study.definitions.conf_level
    times = (rows[endpoint.time], rows[endpoint.event])
    return requests.restricted_mean(*times, group, LOW_HIGH, tau=tau, conf_level=level)


def _from_landmark(study: Study, endpoint: Endpoint) -> Request[Any]:
    found = at_landmark(looks_of(study), endpoint, REFERENCE_DAY)
    times = (found.patients["time"], found.patients["event"])
    level = study.definitions.conf_level
    return requests.restricted_mean(*times, found.groups.labels, LOW_HIGH, conf_level=level)


def _shared_tau(
    study: Study, rows: pd.DataFrame, endpoint: Endpoint, labels: pd.Series
) -> float | None:
    """Give the smallest of the largest times of low and high in every arm, so that arms compare."""
    if not study.arms:
        return None
    tau = float(rows.groupby([rows["arm"], labels.loc[rows.index]])[endpoint.time].max().min())
    return tau if tau > 0 else None


def ask_means(study: Study) -> Asked:
    """Ask for restricted means of low and high distance: of all, from a landmark on, in each arm."""
    return {key: tried(part.ask) for key, part in _comparisons(study).items()}


def show_means(study: Study, answers: Answers) -> Shown:
    """Show means, differences and ratios of high to low distance."""
    parts = {key: part for key, part in _comparisons(study).items() if key in answers}
    if not parts:
        raise NotEstimableError("No group has a restricted mean.")
    groups, pairs, drawn = [], [], []
    for key, part in parts.items():
        answer = answers[key]
        head = {"endpoint": part.endpoint.label, "who": part.who}
        groups.append(first(answer.to_frame("groups").assign(**head), *head))
        pair = answer.to_frame("pairs").assign(**head, tau=answer.options["tau"], n=answer.n)
        pairs.append(pair[list(SHOWN)])
        drawn.append({**_forest_row(pair.iloc[0]), "panel": part.endpoint.label})
    level = study.definitions.conf_level
    chart = ForestChart(
        "Mean survival time, high to low distance",
        f"Ratio of restricted means (area under the Kaplan-Meier curve up to a day) with {level:.0%} "
        "intervals; below 1: patients with a high distance live shorter. Up to which day: see the table. "
        "P: of the difference.",
        pd.DataFrame(drawn),
        conf_level=level,
        x_label="Ratio of mean survival times (log scale)",
        heading="Ratio",
    )
    tables = {
        "differences": pd.concat(pairs, ignore_index=True),
        "means": pd.concat(groups, ignore_index=True),
    }
    remarks = (
        "The restricted mean is the average number of days survived up to a fixed day. It needs no "
        "proportional hazards and is in days; differences are high minus low distance.",
        "Low and high are the groups of 2C, formed by the whole follow-up and so biased by guarantee time. "
        f"From day {REFERENCE_DAY:g} on: patients still at risk there, split at the median of the distance "
        "known on that day.",
        "Up to which day is the smallest of the groups' largest times; all arms share one day.",
        *single_lesions(study),
    )
    labels = {part.endpoint.name: part.endpoint.label for part in parts.values()}
    known = [n for n in labels if {n, f"{n}_from_day_{REFERENCE_DAY:g}"} & set(answers)]
    told = main_one(known or labels)
    later = answers.get(f"{told}_from_day_{REFERENCE_DAY:g}")
    verdict = mean_verdict(labels[told], answers.get(told), later, REFERENCE_DAY, _ends(study))
    return Shown(tables, {"forest": chart}, remarks, verdict=verdict)


def _ends(study: Study) -> tuple[str, str]:
    """Say what the high and the low group of 2C are called in a sentence."""
    low, high = study.definitions.low_quantile, study.definitions.high_quantile
    if (low, high) == (0.25, 0.75):
        return "highest", "lowest quartile"
    return f"highest {1 - high:.0%}", f"lowest {low:.0%}"


def _forest_row(pair: pd.Series) -> dict[str, Any]:
    return {
        "label": f"{pair['who']}, n = {pair['n']:,}",
        "estimate": pair["ratio"],
        "conf_low": pair["ratio_low"],
        "conf_high": pair["ratio_high"],
        "p_value": pair["p_value"],
    }
