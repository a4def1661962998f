"""A Cox model with the covariates and strata that a person picks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.parts.endpoints import Endpoint
from lesionhet.charts import ForestChart
from lesionhet.covariates import BURDEN, NUMBER, SCALES
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.explore.columns import category_order, category_texts, usable_columns
from lesionhet.explore.curves import CHAPTER
from lesionhet.labels import label
from lesionhet.study import Study

Scale = Literal["per_sd", "per_0.1", "raw"]
LEDGER_COVARIATES: Final = ("gower", "baseline_sum_mm", "n_lesions")
"""Covariates of analysis 2D."""
FEWEST_PATIENTS: Final = 3


@dataclass(frozen=True)
class Model:
    """What enters a Cox model.

    Parameters
    ----------
    endpoint
        Whose time and event.
    covariates
        Columns of `lesionhet.explore.columns.usable_columns`, one or more.
    strata
        A category whose levels have their own baseline hazards, or None.
    scale
        Unit of the distance: a key of `lesionhet.covariates.SCALES`.
    """

    endpoint: Endpoint
    covariates: tuple[str, ...]
    strata: str | None = None
    scale: Scale = "per_sd"


@dataclass(frozen=True, eq=False)
class Design:
    """The rows of a model.

    Parameters
    ----------
    patients
        The patients with all columns, on a fresh index.
    terms
        One column a term, on that index.
    strata
        Stratum of each patient, or None.
    references
        Category -> level that the others are compared with.
    """

    patients: pd.DataFrame
    terms: pd.DataFrame
    strata: pd.Series | None
    references: dict[str, str]


def design(study: Study, model: Model) -> Design:
    """Make the terms of a model, on the patients that have all of its columns.

    Parameters
    ----------
    study, model
        Whose patients, and what enters.

    Returns
    -------
    Design
        Numbers per SD of these patients, but the number of lesions as it stands and the distance on the
        model's scale: with the covariates of 2D these are its terms. A category of k levels makes k - 1
        terms of 0 and 1; the largest level is what the others are compared with.

    Raises
    ------
    NotEstimableError
        Fewer than 3 patients have all columns, or a column has one value in all of them.
    UsageError
        No covariate, a column that cannot enter, or a covariate that is also the stratum.
    """
    kinds = usable_columns(study)
    _check(model, kinds)
    strata = [model.strata] if model.strata else []
    needed = [model.endpoint.time, model.endpoint.event, *model.covariates, *strata]
    patients = study.patients.dropna(subset=needed).reset_index(drop=True)
    if len(patients) < FEWEST_PATIENTS:
        raise NotEstimableError(
            f"Cox model: {len(patients)} patient(s) with all columns, needs {FEWEST_PATIENTS}."
        )
    terms: dict[str, pd.Series] = {}
    references: dict[str, str] = {}
    for column in model.covariates:
        if kinds[column] == "number":
            terms |= _number(patients[column], column, model.scale)
        else:
            levels, reference = _levels(patients[column], column)
            terms |= levels
            references[label(column)] = reference
    group = category_texts(patients[model.strata]) if model.strata else None
    return Design(patients, pd.DataFrame(terms), group, references)


def _check(model: Model, kinds: dict[str, Any]) -> None:
    if not model.covariates:
        raise UsageError("A Cox model needs one covariate or more, found none.")
    if wrong := [name for name in model.covariates if name not in kinds]:
        raise UsageError(f"Columns that cannot enter a model: {', '.join(wrong)}.")
    if model.strata is not None and kinds.get(model.strata) != "category":
        raise UsageError(f"strata is {model.strata!r}; needed: a column of categories.")
    if model.strata in model.covariates:
        raise UsageError(f"'{model.strata}' is a covariate and the stratum; it can be one of them.")


def _number(values: pd.Series, column: str, scale: Scale) -> dict[str, pd.Series]:
    low, high = float(values.min()), float(values.max())
    if not high > low:
        raise NotEstimableError(
            f"Cox model: '{label(column)}' has the same value in every patient."
        )
    if column == "n_lesions":
        return {NUMBER: values.astype(float)}
    if column == "gower":
        unit = {"per_sd": values.std(), "per_0.1": 0.1, "raw": 1.0}[scale]
        return {SCALES[scale]: values / unit}
    name = BURDEN if column == "baseline_sum_mm" else f"{label(column)}, per SD"
    return {name: values / values.std()}


def _levels(values: pd.Series, column: str) -> tuple[dict[str, pd.Series], str]:
    texts = category_texts(values)
    reference, *others = category_order(texts)
    if not others:
        raise NotEstimableError(
            f"Cox model: '{label(column)}' has the same value in every patient."
        )
    found = {f"{label(column)}: {name}": (texts == name).astype(float) for name in others}
    return found, reference


def ask_model(model: Model, study: Study) -> Asked:
    """Ask for the model."""
    rows = design(study, model)
    time, event = rows.patients[model.endpoint.time], rows.patients[model.endpoint.event]
    level = study.definitions.conf_level
    return {"cox": requests.cox(time, event, rows.terms, rows.strata, level)}


def show_model(model: Model, study: Study, answers: Answers) -> Shown:
    """Show a forest plot, the terms and the likelihood ratio test of all of them."""
    rows, answer = design(study, model), answers["cox"]
    whole = answer.to_frame("model")
    stratified = (
        f"stratified by {label(model.strata).lower()}" if model.strata else "not stratified"
    )
    chart = ForestChart(
        f"Cox model of {model.endpoint.label.lower()}",
        f"Hazard ratios with {study.definitions.conf_level:.0%} intervals, Efron ties, {stratified}; "
        f"{answer.n:,} patients, {whole['events'].iloc[0]:,.0f} events.",
        answer.to_frame()
        .assign(panel="")
        .drop(columns="estimate")
        .rename(columns={"term": "label", "hazard_ratio": "estimate"})[
            ["panel", "label", "estimate", "conf_low", "conf_high", "p_value"]
        ],
        conf_level=study.definitions.conf_level,
    )
    remarks = [f"{name} is compared with {level}." for name, level in rows.references.items()]
    if left := len(study.patients) - len(rows.patients):
        noun = "patient lacks" if left == 1 else "patients lack"
        remarks.append(
            f"{left:,} {noun} a column of the model and {'is' if left == 1 else 'are'} left out."
        )
    return Shown(
        {"hazard_ratios": answer.to_frame(), "model": whole}, {"forest": chart}, tuple(remarks)
    )


def cox_of(model: Model) -> Analysis:
    """Give the analysis of a model.

    Parameters
    ----------
    model
        What enters.

    Examples
    --------
    >>> from lesionhet.analyses.parts.endpoints import OS
    >>> cox_of(Model(OS, ("gower",))).title
    'Cox model of overall survival'
    """
    return Analysis(
        f"cox-{model.endpoint.name}",
        f"Cox model of {model.endpoint.label.lower()}",
        "What matters for survival beside the rest?",
        (model.endpoint.time, model.endpoint.event),
        partial(ask_model, model),
        partial(show_model, model),
        CHAPTER,
    )
