"""Who is in the models of the measures, at which day, and beside which covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.analyses.parts.endpoints import OS
from lesionhet.analyses.reviewer.measures_alike import comparable
from lesionhet.analyses.reviewer.measures_found import LANDMARK, WHOLE, known_at
from lesionhet.covariates import BURDEN, NUMBER
from lesionhet.errors import NotEstimableError
from lesionhet.measures.catalogue import DISTANCE, MEASURES, label_of
from lesionhet.once import once_per_object
from lesionhet.study import Study

CHANGE: Final = "Sum of diameters so far, ratio to baseline"
FEWEST: Final = 20
"""Patients on the smaller side of a yes-or-no measure without whom it is not modelled."""
NAME: Final = label_of(DISTANCE)
HISTORY: Final = tuple(m.label for m in MEASURES if not m.at_assessment and m.label != NAME)
"""Measures of the whole history: the same at the last scan as at the best response."""


@dataclass(frozen=True)
class Way:
    """One set of models: at which day the measures are known, at which moment, and beside what.

    ``beside_change``: whether every model holds the change of the sum of diameters so far as well.
    """

    name: str
    day: float
    moment: str
    heading: str
    beside_change: bool = False


WAYS: Final = (
    Way("landmark", LANDMARK, "best", f"From day {LANDMARK:g}, known by then, best response"),
    Way(
        "landmark_beside_change",
        LANDMARK,
        "best",
        f"From day {LANDMARK:g}, beside the change of the sum of diameters",
        True,
    ),
    Way("landmark_last", LANDMARK, "last", f"From day {LANDMARK:g}, known by then, last scan"),
    Way("naive", WHOLE, "best", "Naive: whole follow-up, compared from day 0, best response"),
)


@dataclass(frozen=True, eq=False)
class Rows:
    """What the models of one way get, on the index of the patients at risk.

    ``left_out``: measure -> why it is in no model.
    """

    time: pd.Series
    event: pd.Series
    strata: pd.Series | None
    markers: pd.DataFrame
    others: pd.DataFrame
    left_out: dict[str, str]


@once_per_object
def rows_of(study: Study, way: Way) -> Rows:
    """Give the patients at risk with the measures that can be compared there.

    Raises
    ------
    NotEstimableError
        Nothing is known at the landmark, nobody is at risk there, or the distance does not vary.
    """
    known = known_at(study, way.day)
    patients = study.cohort.patients
    time, event = patients[OS.time].astype(float), patients[OS.event].astype(float)
    if way.day < WHOLE:
        time = time - way.day
        kept = (time > 0) & event.notna()
    else:
        kept = time.notna() & event.notna()
    strata = patients["arm"] if study.arms else None
    if strata is not None:
        kept &= strata.notna()
    others = pd.DataFrame({BURDEN: known["baseline_sum_mm"], NUMBER: known["n_lesions"]})
    if way.beside_change:
        others[CHANGE] = known["total_ratio"]
    kept &= others.notna().all(axis=1)
    markers, lost = comparable(known[kept], way.moment, FEWEST)
    if NAME not in markers:
        raise NotEstimableError(f"{way.heading}: the distance is not known or does not vary.")
    if way.moment == "last":
        markers = markers.drop(columns=[name for name in HISTORY if name in markers])
    others = others.loc[markers.index].astype(float)
    others[BURDEN] = others[BURDEN] / others[BURDEN].std()
    return Rows(
        time[markers.index],
        event[markers.index],
        None if strata is None else strata[markers.index],
        markers,
        others.loc[:, others.min() < others.max()],
        lost,
    )
