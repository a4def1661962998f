"""The main Cox model checked: proportional hazards, and patients on whom it hangs."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.reviewer.model_rows import (
    NAIVE,
    MainModel,
    first,
    main_models,
    stratified_by,
)
from lesionhet.analyses.reviewer.model_verdicts import (
    influence_verdict,
    proportional_verdict,
)
from lesionhet.charts import ForestChart, RatioCurveChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_number, format_p
from lesionhet.requests.model_checks import TRANSFORMS
from lesionhet.study import Study

MOST: Final = 5
TICKS: Final = (0, 0.2, 0.4, 0.6, 0.8, 1)
"""Shares of the events at which the axis of time is labelled."""
TRANSFORM_WORDS: Final = {
    "km": "share with an event so far (Kaplan-Meier)",
    "rank": "rank of time",
    "identity": "time",
    "log": "log of time",
}


def ask_proportional(study: Study) -> Asked:
    """Ask for the score test by each transform of time, and for the coefficient over time."""
    models, _ = main_models(study)
    asked: dict[str, Any] = {}
    for name, model in models.items():
        for transform in TRANSFORMS:
            asked[f"{name}_{transform}"] = tried(
                requests.cox_zph, **model.rows, transform=transform
            )
        asked[f"{name}_curve"] = tried(
            requests.schoenfeld_curve, **model.rows, conf_level=study.definitions.conf_level
        )
    return asked


def show_proportional(study: Study, answers: Answers) -> Shown:
    """Show the tests, and the hazard ratio of the distance over time."""
    models, refused = main_models(study)
    tests = {name: answers.get(f"{name}_km") for name in models}
    rows = {
        transform: [
            _test_rows(model, answers[f"{name}_{transform}"]).assign(
                transform=TRANSFORM_WORDS[transform]
            )
            for name, model in models.items()
            if f"{name}_{transform}" in answers
        ]
        for transform in TRANSFORMS
    }
    if not any(rows.values()):
        raise NotEstimableError("No model has an answer.")
    main, *others = [pd.concat(parts, ignore_index=True) for parts in rows.values() if parts]
    tables = {"tests": main}
    if others:
        tables["other_scales_of_time"] = pd.concat(others, ignore_index=True)
    curves = {name: answers[f"{name}_curve"] for name in models if f"{name}_curve" in answers}
    charts = {}
    if curves:
        charts["over_time"] = _over_time(study, models, curves, tests)
        parts = [
            curve.to_frame("curve").assign(endpoint=models[name].endpoint.label)
            for name, curve in curves.items()
        ]
        tables["curve"] = first(pd.concat(parts, ignore_index=True), "endpoint")
    remarks = (
        "A Cox model gives one hazard ratio for the whole time. The test asks whether it changes with time; "
        "a small P says that it does, and then the one number is an average over the follow-up.",
        f"Model of 2D ({stratified_by(study)}). The test is shown for time as the share with an event so "
        "far; the other table has other scales.",
        NAIVE,
    )
    told = {
        TRANSFORM_WORDS[transform].partition(" (")[0]: {
            name: answers[f"{name}_{transform}"]
            for name in models
            if f"{name}_{transform}" in answers
        }
        for transform in TRANSFORMS
    }
    verdict = proportional_verdict(models, told, curves)
    return Shown(tables, charts, remarks, tuple(refused.values()), verdict)


def _test_rows(model: MainModel, answer: Any) -> pd.DataFrame:
    each = answer.to_frame("terms")
    overall = answer.to_frame("test").assign(term="All terms together")
    both = pd.concat([each, overall[each.columns]], ignore_index=True)
    head = {"endpoint": model.endpoint.label, "n": len(model.complete), "events": model.events}
    return first(both.assign(**head), *head)


def _over_time(
    study: Study, models: dict[str, MainModel], curves: dict[str, Any], tests: dict[str, Any]
) -> RatioCurveChart:
    lines, points, ticks = [], [], []
    for name, answer in curves.items():
        panel = models[name].endpoint.label
        if tests[name] is not None:
            p_value = tests[name].to_frame("terms")["p_value"].iloc[0]
            panel += f" ({format_p(p_value)})"
        model = models[name]
        died = model.complete[model.endpoint.event] == 1
        days_of = model.complete.loc[died, model.endpoint.time].to_numpy(dtype=float)
        dots = answer.to_frame("residuals").assign(time=days_of)
        curve = answer.to_frame("curve").drop_duplicates("time")
        ratios = {c: np.exp(curve[c]) for c in ("estimate", "conf_low", "conf_high")}
        at = _share(dots["time"], curve["time"])
        lines.append(pd.DataFrame({"panel": panel, "x": at, **ratios}))
        dots = dots.assign(panel=panel, ratio=np.exp(dots["residual"].clip(-50, 50)))
        points.append(dots.assign(x=_share(dots["time"], dots["time"])))
        days = np.unique(np.quantile(dots["time"], TICKS, method="inverted_cdf"))
        label = [format_number(day, 0) for day in days]
        ticks.append(
            pd.DataFrame({"panel": panel, "x": _share(dots["time"], days), "label": label})
        )
    return RatioCurveChart(
        "Hazard ratio of the distance over time",
        "Scaled Schoenfeld residuals, one point an event, and a natural spline of them (4 df in the rank of "
        f"time) with its {study.definitions.conf_level:.0%} band; {stratified_by(study)}. A level curve "
        "means proportional hazards. P: score test of a change with time.",
        pd.concat(lines, ignore_index=True),
        tuple(line["panel"].iloc[0] for line in lines),
        "Days from the start of treatment, as far apart as there are events between them",
        "Hazard ratio per SD (log scale)",
        pd.concat(points, ignore_index=True),
        pd.concat(ticks, ignore_index=True),
    )


def _share(days: Any, at: Any) -> Any:
    """Give the share of the events up to a day, those of the day itself by half."""
    ordered = np.sort(days)
    before, until = (np.searchsorted(ordered, at, side) for side in ("left", "right"))
    return (before + until) / 2 / len(ordered)


def ask_influence(study: Study) -> Asked:
    """Ask for the patients on whom the coefficient of the distance hangs most."""
    models, _ = main_models(study)
    return {
        name: tried(
            requests.cox_influence,
            **model.rows,
            patient=model.complete["patient_id"],
            most=MOST,
            conf_level=study.definitions.conf_level,
        )
        for name, model in models.items()
    }


def show_influence(study: Study, answers: Answers) -> Shown:
    """Show the hazard ratio of the distance without each of the five most influential patients."""
    models, refused = main_models(study)
    tables, drawn, summaries = [], [], []
    for name, answer in answers.items():
        model = models[name]
        label, patients = model.endpoint.label, answer.to_frame("patients")
        whole = answer.to_frame("summary").iloc[0]
        drawn.append({"panel": label, "label": "All patients", **_ratio(whole)})
        known = model.complete.set_index("patient_id")
        time, event = model.endpoint.time, model.endpoint.event
        for _, row in patients.iterrows():
            drawn.append({"panel": label, "label": f"Without {row['patient']}", **_ratio(row)})
        columns = [time, event, "gower", "n_lesions", "baseline_sum_mm"]
        about = known.loc[patients["patient"], columns].reset_index(drop=True)
        about = about.set_axis(["time", "with_event", *columns[2:]], axis=1)
        moved = patients.drop(columns=["dfbeta", "estimate", "std_error"])
        both = pd.concat([moved, about], axis=1).assign(endpoint=label)
        tables.append(first(both, "endpoint"))
        summary = answer.to_frame("summary").drop(columns=["estimate", "std_error"])
        summaries.append(summary.assign(endpoint=label))
    chart = ForestChart(
        "Distance without the most influential patients",
        "Hazard ratio per SD of the distance with all patients, and without each of the "
        f"{MOST} who move it most, one at a time; {study.definitions.conf_level:.0%} intervals, "
        f"{stratified_by(study)}.",
        pd.DataFrame(drawn),
        conf_level=study.definitions.conf_level,
    )
    shown = {"without_each": pd.concat(tables, ignore_index=True)}
    shown["all_patients"] = first(pd.concat(summaries, ignore_index=True), "endpoint")
    remarks = (
        "dfbetas: by how many standard errors a patient moves the coefficient of the distance. Below 2 / "
        "square root of n it is what any patient does; from 1 on a single patient carries the result.",
        NAIVE,
    )
    verdict = influence_verdict({n: (models[n], answers[n]) for n in answers})
    return Shown(shown, {"forest": chart}, remarks, tuple(refused.values()), verdict)


def _ratio(row: pd.Series) -> dict[str, float]:
    found = {name: float(row[name]) for name in ("conf_low", "conf_high", "p_value")}
    return {"estimate": float(row["hazard_ratio"]), **found}
