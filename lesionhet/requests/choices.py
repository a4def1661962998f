"""Questions about every reading of the text at once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.choices.effects import grid_options
from lesionhet.choices.grid import Grid
from lesionhet.cohort import Cohort
from lesionhet.errors import UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.requests.measurements import patterns
from lesionhet.requests.patterns import distance_options
from lesionhet.rows import check_level, check_survival, complete_rows, need_events

GIVEN: Final = ("baseline_sum_mm", "n_lesions")
"""What the model of every reading holds beside the distance."""


def readings(cohort: Cohort, grid: Grid) -> Request[results.Readings]:
    """Ask for phases and distances under every reading, all the way from the measurements.

    Parameters
    ----------
    cohort
        Its ``rows``: every row of the lesions table as it was read.
    grid
        Of `lesionhet.choices.grid.every_reading`.

    Raises
    ------
    UsageError
        The cohort has no rows.
    NotEstimableError
        From an engine: no lesion can be followed.

    Source: docs/methods.md, "Every reading at once".

    Examples
    --------
    >>> from lesionhet import Definitions, cohort_from_frames, engine
    >>> from lesionhet.choices.grid import every_reading
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "A", "B", "B", "B"],
    ...                      "day": [0, 50, 90] * 2, "diameter_mm": [50.0, 30.0, 40.0, 50.0, 65.0, 60.0]})
    >>> grid = every_reading(Definitions(), ("relapse_reference",))
    >>> answer = engine("python").answer(readings(cohort_from_frames(rows), grid))
    >>> answer.to_frame()[["changed", "patient_median"]].to_numpy().tolist()
    [[0.0, 0.3], [1.0, 0.5]]
    """
    definitions = grid.readings[grid.chosen]
    asked = patterns(cohort, definitions)
    own = [distance_options(reading) for reading in grid.readings]
    fixed = next((o for o in own if o["range"] == "fixed"), own[0])
    options: dict[str, Any] = {
        "chosen": grid.chosen + 1,
        **grid_options(grid.codes),
        "response_threshold": float(definitions.response_threshold),
        "relapse_threshold": float(definitions.relapse_threshold),
        "visit_window_days": float(definitions.visit_window_days),
        "weights": own[0]["weights"],
        "lowest": fixed["lowest"],
        "highest": fixed["highest"],
        "relapse_reference": [r.relapse_reference for r in grid.readings],
        "relapse_min_increase_mm": [float(r.relapse_min_increase_mm) for r in grid.readings],
        "stable_rule": [r.stable_rule for r in grid.readings],
        "burden": [r.burden for r in grid.readings],
        **{name: [o[name] for o in own] for name in ("range", "self", "single")},
    }
    return Request("readings", results.Readings, asked.data, asked.labels, options, {})


def cox_readings(
    time: Values,
    event: Values,
    patients: pd.DataFrame,
    column: Values,
    grid: Grid,
    strata: Values | None = None,
    *,
    conf_level: float = 0.95,
) -> Request[results.CoxReadings]:
    """Ask for the Cox model of the distance under every reading.

    The terms are those of `lesionhet.requests.cox_from_measurements`: the distance per SD, the baseline
    sum of diameters per SD and the number of lesions; SDs are those of the patients in the model. A
    reading whose distance has no model has no estimate; the others stand.

    Parameters
    ----------
    time, event
        n times in days and n flags, 1 for an event.
    patients
        n rows: ``baseline_sum_mm`` (mm), ``n_lesions``, then one column for each set of phases and range:
        mean distance between the different lesions of a patient, as
        `lesionhet.choices.measure.distances_apart` gives it; missing for a patient with one lesion.
    column
        For each reading the place of its distance among these, from 1.
    grid
        Of `lesionhet.choices.grid.every_reading`.
    strata
        n labels; each stratum has its own baseline hazard.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    UsageError
        A column is missing, ``column`` has not one place a reading, or names a column that is not there.
    NotEstimableError
        Here or from an engine: no events, or no reading has a model.

    Source: paper, Fig. 2D; R: ``survival::coxph(ties = "efron")``.
    """
    if missing := [name for name in GIVEN if name not in patients]:
        raise UsageError(f"patients has no column {', '.join(map(repr, missing))}.")
    distances = patients.drop(columns=list(GIVEN))
    place = np.asarray(column)
    if (
        len(place) != len(grid.readings)
        or not np.isin(place, 1 + np.arange(distances.shape[1])).all()
    ):
        raise UsageError(
            f"column has {len(place)} places for {len(grid.readings)} readings; needed: one each, from 1 to "
            f"{distances.shape[1]}."
        )
    names = [f"d{i}" for i in range(1, distances.shape[1] + 1)]
    apart = distances.set_axis(names, axis=1).reset_index(drop=True)
    known = (patients["n_lesions"].reset_index(drop=True) == 1) | apart.notna().all(axis=1)
    data, labels, left_out = complete_rows(
        {
            "time": time,
            "event": event,
            **{name: patients[name].to_numpy() for name in GIVEN},
            # Stands for all distances, which may be missing where there is one lesion.
            "row": np.where(known, np.arange(len(patients)), np.nan),
        },
        {"strata": (strata, None)},
        shown={"row": "distance", "baseline_sum_mm": "baseline burden", "n_lesions": "lesions"},
    )
    check_survival(data)
    need_events(data, 2, "Cox model")
    rows = data.pop("row").astype(int)
    whole = pd.concat([data, apart.loc[rows].reset_index(drop=True)], axis=1)
    own = [distance_options(reading) for reading in grid.readings]
    options: dict[str, Any] = {
        "column": [int(one) for one in place],
        **{name: [o[name] for o in own] for name in ("self", "single")},
        **grid_options(grid.codes),
        "ties": "efron",
        "conf_level": check_level(conf_level),
    }
    return Request("cox_readings", results.CoxReadings, whole, labels, options, left_out)
