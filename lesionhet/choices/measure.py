"""Phases and distances under every reading; what readings share is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.burden import sum_rows, sums_over_time
from lesionhet.choices.grid import OF_PHASES, Grid
from lesionhet.coded import FollowedLesions, coded
from lesionhet.definitions import Definitions
from lesionhet.groupwise import Floats, Integers, places, starts
from lesionhet.heterogeneity import DISTANCE_DECIMALS, GroupDistances, bounded, group_distances
from lesionhet.patterns import lesion_series
from lesionhet.phases import phase_variables
from lesionhet.requests.patterns import distance_options
from lesionhet.schema import PHASES

FLAG_WEIGHTS: Final = (4, 2, 1)
"""The three flags of a series as one number, 0 to 7."""


@dataclass(frozen=True, eq=False)
class Distances:
    """Distance of each lesion and of each patient."""

    lesions: Floats
    patients: Floats


class Measures:
    """Followed lesions under any reading; phases, sums and distances are kept once computed.

    Parameters
    ----------
    followed
        A cohort, or what `lesionhet.followup.follow` gives.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> measures = Measures(cohort_from_frames(rows))
    >>> measures.flags(Definitions()).tolist(), measures.distances(Definitions()).patients.tolist()
    ([4, 1], [0.4])
    """

    def __init__(self, followed: FollowedLesions) -> None:
        self._followed = followed
        self._codes = coded(followed)
        self._phases: dict[Any, pd.DataFrame] = {}
        self._flags: dict[Any, Integers] = {}
        self._sums: dict[str, pd.DataFrame] = {}
        self._totals: dict[Any, Floats] = {}
        self._apart: dict[Any, GroupDistances] = {}
        self._distances: dict[Any, Distances] = {}
        self.patients: pd.Index = self._codes.patients.rename(None)
        """Ids, in the order of patient-level distances."""

    @cached_property
    def _series(self) -> pd.DataFrame:
        return lesion_series(self._followed)

    def phases(self, reading: Definitions) -> pd.DataFrame:
        """Give flags and ratios of every lesion."""
        key = _of_phases(reading)
        if key not in self._phases:
            self._phases[key] = phase_variables(self._series, reading)
        return self._phases[key]

    def flags(self, reading: Definitions) -> Integers:
        """Give the three flags of every lesion as one number, 0 to 7."""
        key = _of_phases(reading)
        if key not in self._flags:
            self._flags[key] = np.asarray(_as_number(self.phases(reading)), dtype=np.int64)
        return self._flags[key]

    def totals(self, reading: Definitions) -> Floats:
        """Give the flags of its patient's total burden for every lesion; missing where it has none."""
        key = (reading.burden, *_of_phases(reading))
        if key not in self._totals:
            sums = self._sums_of(reading)
            found = np.full(len(self.patients), np.nan)
            if len(sums):
                first = starts(sums["unit"].to_numpy())
                series = sums.assign(unit=np.cumsum(places(first, len(sums)) == 0) - 1)
                found[sums["unit"].to_numpy()[first]] = _as_number(phase_variables(series, reading))
            self._totals[key] = found[self._codes.patient]
        return self._totals[key]

    def _sums_of(self, reading: Definitions) -> pd.DataFrame:
        """Give the total burden, ``unit`` the code of the patient."""
        if reading.burden not in self._sums:
            rows = sum_rows(self._followed, self._codes.patient, reading.visit_window_days)
            self._sums[reading.burden] = sums_over_time(rows, reading)
        return self._sums[reading.burden]

    def distances(self, reading: Definitions) -> Distances:
        """Give the distances, rounded as in the response patterns."""
        options = distance_options(reading)
        kind = (_of_phases(reading), options["range"])
        key = (kind, options["self"], options["single"])
        if kind not in self._apart:
            values = bounded(self.phases(reading), options)
            options |= {"self": False, "single": "missing"}
            self._apart[kind] = group_distances(values, self._codes.patient, **options)
        if key not in self._distances:
            self._distances[key] = _with_self(self._apart[kind], self._codes.patient, reading)
        return self._distances[key]


def _with_self(apart: GroupDistances, patient: Integers, reading: Definitions) -> Distances:
    """Give distances from those between different lesions.

    With n lesions, none of which lacks a variable, the lesion itself at distance 0 makes the mean
    (n - 1) / n of what it is without.
    """
    size = apart.size
    share = (size - 1) / size if reading.gower_self else np.ones(len(size))
    single = 0.0 if reading.single_lesion == "zero" else np.nan
    lesions = np.where(size[patient] > 1, apart.lesions * share[patient], single)
    patients = np.where(size > 1, apart.patients * share, single)
    return Distances(lesions.round(DISTANCE_DECIMALS), patients.round(DISTANCE_DECIMALS))


@dataclass(frozen=True, eq=False)
class Apart:
    """What every distance of a patient follows from: the mean over pairs of different lesions.

    Parameters
    ----------
    distances
        Patients (index: ids) x one column for each set of phases and range; missing for a patient with
        one lesion.
    column
        Column of each reading, from 1.
    """

    distances: pd.DataFrame
    column: Integers


def distances_apart(measures: Measures, readings: Sequence[Definitions]) -> Apart:
    """Give the patients' mean distances between different lesions under every reading.

    With n lesions the distance is this, or, where the lesion itself counts, (n - 1) / n of it.

    Parameters
    ----------
    measures
        Of the cohort.
    readings
        Such as those of `lesionhet.choices.grid.every_reading`.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> found = distances_apart(Measures(cohort_from_frames(rows)), [Definitions()] * 2)
    >>> found.distances.to_numpy().tolist(), found.column.tolist()
    ([[0.8]], [1, 1])
    """
    places: dict[Any, int] = {}
    columns, place = {}, []
    for reading in readings:
        key = (_of_phases(reading), reading.gower_range)
        if key not in places:
            places[key] = len(places) + 1
            apart = _without_self(reading)
            columns[f"d{places[key]}"] = measures.distances(apart).patients
        place.append(places[key])
    return Apart(pd.DataFrame(columns, index=measures.patients), np.array(place))


def changed_lesions(measures: Measures, grid: Grid) -> Integers:
    """Give readings x readings: how many lesions have other phases."""
    keys = [_of_phases(reading) for reading in grid.readings]
    kinds = list(dict.fromkeys(keys))
    first = {key: grid.readings[keys.index(key)] for key in kinds}
    flags = np.array([measures.flags(first[key]) for key in kinds])
    apart = (flags[:, None, :] != flags[None, :, :]).sum(axis=2)
    at = np.array([kinds.index(key) for key in keys])
    return np.asarray(apart[np.ix_(at, at)], dtype=np.int64)


def _of_phases(reading: Definitions) -> tuple[Any, ...]:
    return tuple(getattr(reading, name) for name in OF_PHASES)


def _without_self(reading: Definitions) -> Definitions:
    return replace(reading, gower_self=False, single_lesion="missing")


def _as_number(phases: pd.DataFrame) -> Any:
    return phases[list(PHASES)].to_numpy(dtype=np.int64) @ np.array(FLAG_WEIGHTS)
