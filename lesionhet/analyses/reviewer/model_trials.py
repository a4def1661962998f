"""Whether the hazard ratio of the distance hangs on one trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.reviewer.model_rows import NAIVE, MainModel, main_models
from lesionhet.analyses.reviewer.model_verdicts import main_one, trial_verdict
from lesionhet.charts import ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.requests import Request
from lesionhet.study import Study

ALL, TRIAL_AND_ARM, WITHOUT, ALONE = "all", "trial and arm", "without", "alone"
LABELS: Final = {ALL: "All trials, strata: arm", TRIAL_AND_ARM: "All trials, strata: trial and arm"}


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to fit the model: its name, kind, label in the figure, patients and strata."""

    key: str
    kind: str
    label: str
    rows: pd.Series
    strata: pd.Series | None


def _trials(study: Study) -> tuple[str, ...]:
    """Give the trials by falling number of patients.

    Raises
    ------
    NotEstimableError
        There are not two.
    """
    counts = study.patients["trial"].dropna().astype(str).value_counts()
    if len(counts) < 2:
        raise NotEstimableError(
            f"Two trials or more are needed, found {len(counts)} in column trial."
        )
    return tuple(sorted(counts.index, key=lambda trial: (-counts[trial], trial)))


def _variants(study: Study, name: str, model: MainModel) -> Iterator[Variant]:
    complete = model.complete
    trial = complete["trial"].astype(object).where(complete["trial"].notna(), None)
    trial = trial.map(str, na_action="ignore")
    everyone = pd.Series(True, index=complete.index)
    arm = complete["arm"] if model.stratified else None
    label = LABELS[ALL] if model.stratified else "All trials"
    yield Variant(f"{name}_all", ALL, label, everyone, arm)
    known = trial.notna()
    both = trial if arm is None else trial + " / " + arm.astype(str)
    label = LABELS[TRIAL_AND_ARM] if model.stratified else "All trials, strata: trial"
    yield Variant(f"{name}_trial_and_arm", TRIAL_AND_ARM, label, known, both)
    for number, left_out in enumerate(_trials(study), start=1):
        inside = trial == left_out
        # A patient whose trial is not known may be of the one that is left out.
        kept = known & ~inside
        yield Variant(f"{name}_without_{number}", WITHOUT, f"Without {left_out}", kept, arm)
        yield Variant(f"{name}_alone_{number}", ALONE, f"{left_out} alone", inside, arm)


def ask_trials(study: Study) -> Asked:
    """Ask for the model with strata of trial and arm, without each trial, and in each alone."""
    _trials(study)
    models, _ = main_models(study)
    return {
        variant.key: tried(_ask, study, model, variant)
        for name, model in models.items()
        for variant in _variants(study, name, model)
    }


def _ask(study: Study, model: MainModel, variant: Variant) -> Request[Any]:
    rows = model.complete[variant.rows]
    terms = model.terms[variant.rows]
    # A number of lesions that is the same in all of them is no term, as in 2D.
    terms = terms.loc[:, [bool((terms[c] != terms[c].iloc[0]).any()) for c in terms]]
    if model.distance not in terms:
        raise NotEstimableError(f"{variant.label}: the distance is the same in all patients.")
    events = int(rows[model.endpoint.event].sum())
    floor = study.plan.events_per_term
    if events < floor * terms.shape[1]:
        raise NotEstimableError(
            f"{variant.label}: {events} events for {terms.shape[1]} terms; the plan's events_per_term asks "
            f"for {floor:g} a term."
        )
    return requests.cox(
        rows[model.endpoint.time],
        rows[model.endpoint.event],
        terms,
        None if variant.strata is None else variant.strata[variant.rows],
        conf_level=study.definitions.conf_level,
    )


def show_trials(study: Study, answers: Answers) -> Shown:
    """Show the hazard ratio of the distance in each variant."""
    models, refused = main_models(study)
    rows = []
    for name, model in models.items():
        for variant in _variants(study, name, model):
            if variant.key in answers:
                answer = answers[variant.key]
                head = {"endpoint": model.endpoint.label, "kind": variant.kind}
                size = answer.to_frame("model").iloc[0][["n", "events"]].astype(int).to_dict()
                terms = answer.to_frame("terms").set_index("term").loc[model.distance]
                rows.append({**head, "model": variant.label, **size, **terms.to_dict()})
    if not rows:
        raise NotEstimableError("No model has an answer.")
    table = pd.DataFrame(rows)
    level = study.definitions.conf_level
    chart = ForestChart(
        "Distance without each trial, and in each alone",
        f"Hazard ratio per SD of the distance with {level:.0%} intervals; the SD is that of all trials. n: "
        "patients, with events in brackets.",
        _drawn(table),
        conf_level=level,
    )
    by = "trial and arm" if study.arms else "trial"
    remarks = (
        "If one trial carried the result, it would go with that trial. Strata of "
        f"{by} compare patients of the same {by} only.",
        "A trial alone has fewer patients and a wide interval: what counts is whether the trials lie "
        "around the same value.",
        NAIVE,
    )
    main = models[main_one(models)]
    label = main.endpoint.label
    rows_of = table[table["endpoint"] == label]
    verdict = trial_verdict(rows_of, label, stratified=main.stratified)
    tables = {"hazard_ratios": table}
    return Shown(tables, {"forest": chart}, remarks, tuple(refused.values()), verdict)


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    order = {ALL: 0, TRIAL_AND_ARM: 1, WITHOUT: 2, ALONE: 3}
    rows = table.assign(place=table["kind"].map(order))
    ends = list(dict.fromkeys(table["endpoint"]))
    rows["panel_place"] = rows["endpoint"].map(ends.index)
    rows = rows.sort_values(["panel_place", "place"], kind="stable")
    labels = [f"{r.model}, n = {r.n:,} ({r.events:,})" for r in rows.itertuples()]
    columns = ["conf_low", "conf_high", "p_value"]
    drawn = rows[columns].assign(panel=rows["endpoint"], label=labels)
    return drawn.assign(estimate=rows["hazard_ratio"]).reset_index(drop=True)
