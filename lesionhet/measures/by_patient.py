"""Rows of lesions gathered by their patient, so that a measure is a sum or an extreme of each run of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.groupwise import Flags, Floats, Integers, starts, sums


@dataclass(frozen=True, eq=False)
class ByPatient:
    """Which rows belong to which patient.

    Parameters
    ----------
    patients
        k ids, sorted; the index of what is found.
    order
        n rows, patient by patient, else as they stand.
    start
        First of each patient's rows in that order.
    """

    patients: pd.Index
    order: Integers
    start: Integers

    @property
    def size(self) -> Integers:
        """Number of rows of each patient."""
        return np.diff(np.append(self.start, len(self.order)))

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Give each row, patient by patient, the value of its patient."""
        return np.repeat(values, self.size)

    def total(self, values: npt.NDArray[Any]) -> Floats:
        """Add up the values of each patient."""
        number = self.spread(np.arange(len(self.patients)))
        return sums(values.astype(float)[self.order], number, len(self.patients))

    def any(self, flags: Flags) -> Flags:
        """Say whether any row of a patient has the flag."""
        return np.asarray(np.logical_or.reduceat(flags[self.order], self.start))

    def lowest(self, values: Floats) -> Floats:
        """Give the smallest value of each patient."""
        return np.asarray(np.minimum.reduceat(values[self.order], self.start))

    def highest(self, values: Floats) -> Floats:
        """Give the largest value of each patient."""
        return np.asarray(np.maximum.reduceat(values[self.order], self.start))

    def sd(self, values: Floats) -> Floats:
        """Give the SD, divisor n - 1, of each patient; missing with one row."""
        n = self.size
        apart = values[self.order] - self.spread(self.total(values) / n)
        squares = np.add.reduceat(apart**2, self.start)
        return np.sqrt(squares / np.where(n > 1, n - 1, np.nan))


def by_patient(ids: pd.Series) -> ByPatient:
    """Gather rows by patient.

    Parameters
    ----------
    ids
        n ids of patients, none missing; one row or more.

    Examples
    --------
    >>> found = by_patient(pd.Series(["B", "A", "B"]))
    >>> found.patients.tolist(), found.total(np.array([1.0, 2.0, 4.0])).tolist()
    (['A', 'B'], [2.0, 5.0])
    """
    code, patients = pd.factorize(ids, sort=True)
    order = np.argsort(code, kind="stable")
    return ByPatient(pd.Index(patients, name="patient_id"), order, starts(code[order]))
