"""Cox models of the distance, stratified by arm, for OS and PFS."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Requests, Shown
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from lesionhet.charts import ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.study import Study

SCALES: Final = {
    "per_sd": "Distance, per SD",
    "per_0.1": "Distance, per 0.1",
    "raw": "Distance, 0 to 1",
}
BURDEN: Final = "Baseline burden, per SD"
NUMBER: Final = "Number of lesions"
FEWEST_PATIENTS: Final = 3


def _complete(study: Study, endpoint: Endpoint) -> pd.DataFrame:
    """Give the patients that enter the model, so that an SD is theirs."""
    columns = [endpoint.time, endpoint.event, "gower", "baseline_sum_mm", "n_lesions"]
    if study.arms:
        columns.append("arm")
    return study.patients.dropna(subset=columns)


def covariates(patients: pd.DataFrame, complete: pd.DataFrame, scale: str) -> pd.DataFrame:
    """Give the model's covariates, the distance on one of `SCALES`.

    Parameters
    ----------
    patients
        Every patient; rows with missing values are left out and counted by the request.
    complete
        The patients that enter the model: an SD is theirs.
    scale
        A key of `SCALES`.

    Raises
    ------
    NotEstimableError
        Fewer than 3 patients enter, or a covariate is the same in all of them.
    """
    if len(complete) < FEWEST_PATIENTS:
        n = len(complete)
        raise NotEstimableError(f"Cox model: {n} patient(s) with all columns, needs 3.")
    spread = complete[["gower", "baseline_sum_mm"]].std()
    if not (spread > 0).all():
        flat = ", ".join(spread.index[~(spread > 0)])
        raise NotEstimableError(f"Cox model: {flat} has the same value in every patient.")
    unit = {"per_sd": spread["gower"], "per_0.1": 0.1, "raw": 1.0}[scale]
    terms = {
        SCALES[scale]: patients["gower"] / unit,
        BURDEN: patients["baseline_sum_mm"] / spread["baseline_sum_mm"],
    }
    if complete["n_lesions"].min() < complete["n_lesions"].max():
        terms[NUMBER] = patients["n_lesions"].astype(float)
    return pd.DataFrame(terms)


def ask_cox(study: Study) -> Requests:
    """Ask for one model an endpoint and scale of the distance."""
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
