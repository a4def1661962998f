"""Followed lesions and their measurements as whole numbers, so that nothing is looked up by its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from lesionhet.errors import LesionhetError
from lesionhet.groupwise import Flags, Floats, Integers, ordered_codes
from lesionhet.once import once_per_object

KEY = ["patient_id", "lesion_id"]


class FollowedLesions(Protocol):
    """What has followed lesions: a cohort, or what `lesionhet.followup.follow` gives."""

    @property
    def measurements(self) -> pd.DataFrame:
        """One row a measurement, as in `lesionhet.cohort.Cohort`."""

    @property
    def lesions(self) -> pd.DataFrame:
        """One row a lesion, as in `lesionhet.cohort.Cohort`."""


@dataclass(frozen=True, eq=False)
class Coded:
    """Followed lesions by number.

    Parameters
    ----------
    patients
        Ids, sorted; their places are the codes of patients.
    patient
        Code of the patient of each of the l lesions, in the order of the table of lesions.
    lesion
        Row of the table of lesions of each of the n measurements.
    day, size
        Of the measurements, in days and mm.
    is_baseline
        Whether a measurement is its lesion's baseline.
    """

    patients: pd.Index
    patient: Integers
    lesion: Integers
    day: Floats
    size: Floats
    is_baseline: Flags

    @cached_property
    def patient_of_row(self) -> Integers:
        """Give the code of the patient of each measurement."""
        return self.patient[self.lesion]

    @cached_property
    def baseline(self) -> Floats:
        """Give the baseline size of each lesion."""
        found = np.full(len(self.patient), np.nan)
        found[self.lesion[self.is_baseline]] = self.size[self.is_baseline]
        return found

    @property
    def at_baseline(self) -> Flags:
        """Say which measurements are baselines from before treatment or its first day."""
        return self.is_baseline & (self.day <= 0)


@once_per_object
def coded(followed: FollowedLesions) -> Coded:
    """Give followed lesions and their measurements by number.

    Parameters
    ----------
    followed
        Its tables must not be changed afterwards.

    Raises
    ------
    LesionhetError
        A measurement is of no lesion in the table of lesions.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> found = coded(cohort_from_frames(rows))
    >>> found.patient.tolist(), found.lesion.tolist()
    ([0, 0], [0, 0, 1, 1])
    """
    rows, lesions = followed.measurements, followed.lesions
    patient, names = pd.factorize(lesions["patient_id"], sort=True)
    return Coded(
        pd.Index(names, name="patient_id"),
        np.asarray(patient, dtype=np.int64),
        _lesion_of_rows(rows, lesions),
        rows["day"].to_numpy(dtype=float),
        rows["diameter_mm"].to_numpy(dtype=float),
        rows["is_baseline"].to_numpy(dtype=bool),
    )


def visit_codes(followed: FollowedLesions) -> Integers:
    """Give the code of each measurement's visit, in the order of their names; -1 without one."""
    return ordered_codes(followed.measurements["visit"])


def _lesion_of_rows(rows: pd.DataFrame, lesions: pd.DataFrame) -> Integers:
    ids = [rows[name].to_numpy() for name in KEY]
    changes = (ids[0][1:] != ids[0][:-1]) | (ids[1][1:] != ids[1][:-1])
    new = np.r_[True, changes][: len(rows)]
    first = np.flatnonzero(new)
    # Both tables are sorted alike as a rule; then the k-th run of rows is the k-th lesion.
    if len(first) == len(lesions) and all(
        np.array_equal(column[first], lesions[name].to_numpy())
        for column, name in zip(ids, KEY, strict=True)
    ):
        return np.asarray(np.cumsum(new) - 1, dtype=np.int64)
    index = pd.MultiIndex.from_frame(lesions[KEY])
    found = np.asarray(index.get_indexer(pd.MultiIndex.from_frame(rows[KEY])), dtype=np.int64)
    if (found < 0).any():
        patient, lesion = rows[KEY].iloc[int(np.argmin(found))]
        raise LesionhetError(
            f"Measurements of patient {patient}, lesion {lesion}: the table of lesions has no such "
            "lesion; needed: one row for each lesion with measurements."
        )
    return found
