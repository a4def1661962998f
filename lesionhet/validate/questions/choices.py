"""Questions of every reading at once."""

from __future__ import annotations

from typing import Any, Final

from lesionhet import requests
from lesionhet.choices.grid import CHOICES, OF_DISTANCE, OF_PHASES, Grid, every_reading
from lesionhet.choices.measure import Measures, distances_apart
from lesionhet.requests import Request
from lesionhet.study import Study
from lesionhet.validate.questions.question import Options, Question


def _some_choices(study: Study, options: Options, names: tuple[str, ...]) -> Grid:
    """Give the readings of three choices, which differ from cohort to cohort."""
    own = [choice.name for choice in CHOICES if choice.name in names]
    turned = own[options.seed % len(own) :] + own
    return every_reading(study.definitions, tuple(turned[:3]))


def _readings(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    names = tuple(choice.name for choice in CHOICES)
    return requests.readings(study.cohort, _some_choices(study, options, names))


def _models(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    grid = _some_choices(study, options, (*OF_PHASES, *OF_DISTANCE))
    apart = distances_apart(Measures(study.cohort), grid.readings)
    patients = study.patients
    given = patients[["baseline_sum_mm", "n_lesions"]]
    distances = apart.distances.reindex(patients["patient_id"]).set_axis(patients.index)
    return requests.cox_readings(
        patients["os_days"],
        patients["os_event"],
        given.join(distances),
        apart.column,
        grid,
        patients["arm"] if options.stratified else None,
        conf_level=options.conf_level,
    )


QUESTIONS: Final = (
    Question("readings of three choices", ("study",), _readings),
    Question("cox_readings of three choices", ("study",), _models),
)
