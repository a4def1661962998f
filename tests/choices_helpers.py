"""Every reading of a cohort, as the tests ask for it."""

from __future__ import annotations

from typing import Any, Final

from lesionhet import requests
from lesionhet.choices.grid import Grid
from lesionhet.choices.measure import Measures, distances_apart
from lesionhet.cohort import Cohort
from lesionhet.requests import Request
from lesionhet.study import build_study

OF_TWO: Final = ("gower_self", "single_lesion")
"""Two choices, and so four readings of the distance."""


def cox_readings_of(
    cohort: Cohort, grid: Grid, endpoint: str = "os", strata: str | None = None
) -> Request[Any]:
    """Ask for the model of the distance under every reading of a cohort."""
    study = build_study(cohort, grid.readings[grid.chosen])
    patients = study.patients
    apart = distances_apart(Measures(cohort), grid.readings)
    distances = apart.distances.reindex(patients["patient_id"]).set_axis(patients.index)
    return requests.cox_readings(
        patients[f"{endpoint}_days"],
        patients[f"{endpoint}_event"],
        patients[["baseline_sum_mm", "n_lesions"]].join(distances),
        apart.column,
        grid,
        None if strata is None else patients[strata],
        conf_level=study.definitions.conf_level,
    )
