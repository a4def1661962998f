"""Chapter "What a reviewer would ask", every reading at once: what hangs on the choices left open."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from lesionhet.analyses.reviewer.choices_shown import (
    curve_of_models,
    curve_of_numbers,
    effects_table,
    marks,
    verdict,
)
from lesionhet.analyses.reviewer.model_rows import NAIVE
from lesionhet.charts import Chart
from lesionhet.choices.grid import OF_DISTANCE, OF_PHASES, Grid, every_reading
from lesionhet.choices.measure import Measures, distances_apart
from lesionhet.once import once_per_object
from lesionhet.study import Study

CHAPTER: Final = "What a reviewer would ask"
REMARKS: Final = (
    "Every combination of the choices that the published text leaves open. How days between two scans are "
    "counted (crossing) is not among them: it changes durations, but no phase and no distance.",
    "How the total burden is added up decides which lesions are inconsistent with it. It changes no "
    "distance, so that two readings each share one model.",
    "The readings are not equally sensible, and they are not for choosing from: they show how far a result "
    "would hold had the text been read in another way.",
    NAIVE,
)


@once_per_object
def _grids(study: Study) -> tuple[Grid, Grid]:
    """Give all readings, and those that differ in their distances."""
    of_distance = every_reading(study.definitions, (*OF_PHASES, *OF_DISTANCE))
    return every_reading(study.definitions), of_distance


def ask_choices(study: Study) -> Asked:
    """Ask for phases and distances under every reading, and for the model of each distance."""
    every, grid = _grids(study)
    asked: dict[str, Any] = {"readings": requests.readings(study.cohort, every)}
    endpoints = [e for e in (OS, PFS) if study.has(e.time, e.event)]
    if not endpoints:
        return asked
    apart = distances_apart(Measures(study.cohort), grid.readings)
    patients = study.patients
    table = patients[["baseline_sum_mm", "n_lesions"]].join(
        apart.distances.reindex(patients["patient_id"]).set_axis(patients.index)
    )
    for endpoint in endpoints:
        asked[f"{endpoint.name}_cox"] = tried(
            requests.cox_readings,
            patients[endpoint.time],
            patients[endpoint.event],
            table,
            apart.column,
            grid,
            patients["arm"] if study.arms else None,
            conf_level=study.definitions.conf_level,
        )
    return asked


def show_choices(study: Study, answers: Answers) -> Shown:
    """Show what each choice moves, every reading in one table, and the specification curves."""
    grid, of_distance = _grids(study)
    models = {e: answers[f"{e.name}_cox"] for e in (OS, PFS) if f"{e.name}_cox" in answers}
    readings = answers["readings"].to_frame()
    table = _every_row(grid, readings, of_distance, models)
    charts: dict[str, Chart] = {
        endpoint.name: curve_of_models(study, of_distance, endpoint, answer)
        for endpoint, answer in models.items()
    }
    charts["distances"] = _distances(grid, readings)
    left_out = tuple(
        f"{e.label} left out: {', '.join(missing)} missing."
        for e in (OS, PFS)
        if (missing := study.missing([e.time, e.event]))
    )
    left_out += tuple(
        f"{endpoint.label}: {lost} of {len(of_distance.readings)} readings have no model."
        for endpoint, answer in models.items()
        if (lost := int(answer.to_frame()["estimate"].isna().sum()))
    )
    tables = {"choices": effects_table(grid, answers["readings"], of_distance, models)}
    text = verdict(grid, answers["readings"], of_distance, models)
    return Shown(tables | {"readings": table}, charts, REMARKS, left_out, text)


def _every_row(
    grid: Grid, readings: pd.DataFrame, of_distance: Grid, models: dict[Endpoint, Any]
) -> pd.DataFrame:
    """Give one row a reading: its choices, its phases and distances, its hazard ratios."""
    words = grid.words()
    numbers = readings.drop(columns="reading")
    whole = ["lesions", "with_burden", "inconsistent", "changed", "patients"]
    numbers[whole] = numbers[whole].astype(int)
    table = pd.concat([words.assign(mark=marks(grid)), numbers], axis=1)
    shared = of_distance.words()
    columns = list(shared.columns)
    for endpoint, answer in models.items():
        per_sd = answer.to_frame("models")[["hazard_ratio", "conf_low", "conf_high", "p_value"]]
        tenth = answer.to_frame("per_tenth")[["hazard_ratio", "conf_low", "conf_high"]]
        own = pd.concat(
            [
                shared,
                per_sd.add_prefix(f"{endpoint.name}_"),
                tenth.add_prefix(f"{endpoint.name}_tenth_"),
            ],
            axis=1,
        )
        table = table.merge(own, on=columns, how="left", validate="many_to_one")
    return table


def _some(grid: Grid, names: tuple[str, ...]) -> Any:
    """Give the readings that have the values in force of all choices but these."""
    held = [place for place, choice in enumerate(grid.choices) if choice.name not in names]
    in_force = grid.codes[grid.chosen, held]
    return np.flatnonzero((grid.codes[:, held] == in_force).all(axis=1))


def _distances(grid: Grid, readings: pd.DataFrame) -> Chart:
    names = (*OF_PHASES, *OF_DISTANCE)
    return curve_of_numbers(
        grid,
        _some(grid, names),
        names,
        readings["patient_median"],
        "Median distance of the patients under every reading",
        "Median patient-level Gower distance; readings sorted by it, their choices below.",
        "Median distance",
    )


ANALYSES: Final = (
    Analysis(
        "CHOICE-1",
        "Every reading of the text at once",
        "How much hangs on the choices that the published text leaves open?",
        (),
        ask_choices,
        show_choices,
        CHAPTER,
    ),
)
