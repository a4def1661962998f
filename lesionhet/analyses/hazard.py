"""Cox models of the distance, stratified by arm, for OS and PFS."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from lesionhet.charts import ForestChart
from lesionhet.covariates import SCALES, covariates
from lesionhet.study import Study


def _complete(study: Study, endpoint: Endpoint) -> pd.DataFrame:
    """Give the patients that enter the model, so that an SD is theirs."""
    columns = [endpoint.time, endpoint.event, "gower", "baseline_sum_mm", "n_lesions"]
    if study.arms:
        columns.append("arm")
    return study.patients.dropna(subset=columns)


def ask_cox(study: Study) -> Asked:
    """Ask for one model an endpoint and scale of the distance, and for one from the measurements on."""
    asked: dict[str, Any] = {}
    patients = study.patients
    for endpoint in (OS, PFS):
        if not study.has(endpoint.time, endpoint.event):
            continue
        complete = _complete(study, endpoint)
        for scale in SCALES:
            asked[f"{endpoint.name}_{scale}"] = requests.cox(
                patients[endpoint.time],
                patients[endpoint.event],
                covariates(patients, complete, scale),
                strata=patients["arm"] if study.arms else None,
                conf_level=study.definitions.conf_level,
            )
        asked[f"{endpoint.name}_from_measurements"] = tried(
            requests.cox_from_measurements,
            study.cohort,
            study.definitions,
            endpoint.time,
            endpoint.event,
            strata="arm" if study.arms else None,
        )
    return asked


def show_cox(study: Study, answers: Answers) -> Shown:
    """Show a forest plot of the models per SD, and every scale in the table."""
    rows, models = [], []
    for endpoint in (OS, PFS):
        if f"{endpoint.name}_raw" not in answers:
            continue
        for number, scale in enumerate(SCALES):
            answer = answers[f"{endpoint.name}_{scale}"]
            terms = answer.to_frame().assign(endpoint=endpoint.label)
            # The other terms are the same in every scale of the distance.
            rows.append(terms if number == 0 else terms[terms["term"] == SCALES[scale]])
        models.append(answer.to_frame("model").assign(endpoint=endpoint.label))
    table, model = pd.concat(rows, ignore_index=True), pd.concat(models, ignore_index=True)
    forest = table[~table["term"].isin([SCALES["per_0.1"], SCALES["raw"]])]
    sizes = "; ".join(
        f"{row.endpoint.lower()}: {row.n:,.0f} patients, {row.events:,.0f} events"
        for row in model.itertuples()
    )
    stratified = "stratified by arm" if study.arms else "not stratified (no column arm)"
    chart = ForestChart(
        "Cox model of the distance",
        f"Hazard ratios with {study.definitions.conf_level:.0%} intervals, Efron ties, {stratified}; "
        f"{sizes}.",
        forest.rename(columns={"endpoint": "panel", "term": "label"})
        .drop(columns=["estimate"])
        .rename(columns={"hazard_ratio": "estimate"})[
            ["panel", "label", "estimate", "conf_low", "conf_high", "p_value"]
        ]
        .reset_index(drop=True),
        conf_level=study.definitions.conf_level,
    )
    left_out = []
    if missing := study.missing([PFS.time, PFS.event]):
        left_out.append(f"PFS left out: {', '.join(missing)} missing.")
    if not study.arms:
        left_out.append("Not stratified: column arm is missing.")
    tables = {
        "hazard_ratios": table[["endpoint", *table.columns.drop("endpoint")]],
        "models": model[["endpoint", *model.columns.drop("endpoint")]],
    }
    return Shown(tables, {"forest": chart}, left_out=tuple(left_out))
