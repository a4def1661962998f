"""The main Cox model whose assumptions are checked: its rows, and whether it has enough events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from lesionhet.covariates import covariates
from lesionhet.errors import NotEstimableError
from lesionhet.groups import quantile_groups
from lesionhet.once import once_per_object
from lesionhet.study import Study

NAIVE: Final = (
    "The distance here is the naive one, of the whole follow-up; TIME-1 has what was known at the "
    "time."
)


@dataclass(frozen=True, eq=False)
class MainModel:
    """The model of 2D: distance per SD, burden per SD and number of lesions, stratified by arm.

    Parameters
    ----------
    endpoint
        OS or PFS.
    complete
        The patients with all columns, with those of the patients table.
    terms
        Their covariates, on the same index; SDs are theirs.
    events
        How many of them have one.
    """

    endpoint: Endpoint
    complete: pd.DataFrame
    terms: pd.DataFrame
    events: int
    stratified: bool

    @property
    def rows(self) -> dict[str, Any]:
        """Give the arguments that every request of the model has."""
        return {
            "time": self.complete[self.endpoint.time],
            "event": self.complete[self.endpoint.event],
            "covariates": self.terms,
            "strata": self.complete["arm"] if self.stratified else None,
        }

    @property
    def distance(self) -> str:
        """Give the name of the term of the distance."""
        return str(self.terms.columns[0])

    def need_events(self, floor: float, terms: int | None = None) -> None:
        """Refuse a model with fewer events a term than the plan's floor.

        Parameters
        ----------
        floor
            Events per term.
        terms
            Default: those of the model.

        Raises
        ------
        NotEstimableError
            Naming events, terms and floor.
        """
        n = self.terms.shape[1] if terms is None else terms
        if self.events < floor * n:
            raise NotEstimableError(
                f"{self.endpoint.label}: {self.events:,} events for {n} terms, {self.events / n:.1f} a "
                f"term; the plan's events_per_term asks for {floor:g}. Leave terms out, or lower it."
            )


def main_model(study: Study, endpoint: Endpoint) -> MainModel:
    """Give the model of one endpoint.

    Raises
    ------
    NotEstimableError
        Too few patients, a covariate that does not vary, or fewer events than the plan asks for.
    """
    columns = [endpoint.time, endpoint.event, "gower", "baseline_sum_mm", "n_lesions"]
    stratified = bool(study.arms)
    if stratified:
        columns.append("arm")
    complete = study.patients.dropna(subset=columns)
    terms = covariates(complete, complete)
    events = int(complete[endpoint.event].sum())
    found = MainModel(endpoint, complete, terms, events, stratified)
    found.need_events(study.plan.events_per_term)
    return found


@once_per_object
def main_models(study: Study) -> tuple[dict[str, MainModel], dict[str, str]]:
    """Give the models of both endpoints by name, and the reasons of those that are refused.

    Raises
    ------
    NotEstimableError
        All are refused.
    """
    models: dict[str, MainModel] = {}
    refused: dict[str, str] = {}
    for endpoint in (OS, PFS):
        if missing := study.missing([endpoint.time, endpoint.event]):
            refused[endpoint.name] = f"{endpoint.label} left out: {', '.join(missing)} missing."
            continue
        try:
            models[endpoint.name] = main_model(study, endpoint)
        except NotEstimableError as error:
            refused[endpoint.name] = str(error)
    if not models:
        raise NotEstimableError(" ".join(refused.values()))
    return models, refused


def stratified_by(study: Study) -> str:
    """Say in a caption by what the models are stratified."""
    return "stratified by arm" if study.arms else "not stratified (no column arm)"


def single_lesions(study: Study) -> tuple[str, ...]:
    """Say how many patients with a low distance have it because they have a single lesion.

    Returns
    -------
    tuple of str
        One remark, or none where nobody has a single lesion or there are no groups.
    """
    d, patients = study.definitions, study.patients
    if d.single_lesion != "zero":
        return ()
    try:
        groups = quantile_groups(patients["gower"], d.low_quantile, d.high_quantile)
    except NotEstimableError:
        return ()
    low = groups.labels == "low"
    single = int((patients.loc[low, "n_lesions"] == 1).sum())
    if not single:
        return ()
    have = "has" if single == 1 else "have"
    return (
        f"{single:,} of the {int(low.sum()):,} patients with low distance (group of 2C) {have} a single "
        "lesion, whose distance is 0 by definition.",
    )


def first(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Put some columns in front."""
    return table[[*columns, *table.columns.drop(list(columns))]]
