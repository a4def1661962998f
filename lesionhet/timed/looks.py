"""A cohort looked at on several days: what is known on each, and who is still at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.timed.state import LANDMARKS, State, state_at

ENDPOINTS: Final = ("os", "pfs")


@dataclass(frozen=True, eq=False)
class Looks:
    """A cohort looked at on several days, and at its end.

    Parameters
    ----------
    cohort, definitions
        What it was made from.
    states
        Day -> state, or why there is none; infinity for the whole follow-up.
    """

    cohort: Cohort
    definitions: Definitions
    states: Mapping[float, State | str]

    @property
    def days(self) -> tuple[float, ...]:
        """Give the landmarks."""
        return tuple(day for day in self.states if np.isfinite(day))

    @property
    def strata(self) -> str | None:
        """Give the column of the strata: the arm, where there is one."""
        return "arm" if "arm" in self.cohort.columns else None

    def at(self, day: float) -> State:
        """Give the state at a day.

        Raises
        ------
        NotEstimableError
            Nothing is known yet.
        """
        found = self.states[day]
        if isinstance(found, str):
            raise NotEstimableError(found)
        return found

    def outcome(self, endpoint: str) -> dict[str, Any]:
        """Give time, event and stratum of the patients, on the index of the patients table."""
        patients = self.cohort.patients
        stratum = None if self.strata is None else patients[self.strata]
        time, event = patients[f"{endpoint}_days"], patients[f"{endpoint}_event"]
        return {"time": time, "event": event, "strata": stratum}

    def known(self, day: float, columns: Sequence[str]) -> pd.DataFrame:
        """Give what is known of each patient at a day, on the index of the patients table."""
        patients = self.cohort.patients
        found = self.at(day).patients.set_index("patient_id")[list(columns)].astype(float)
        return found.reindex(patients["patient_id"]).set_axis(patients.index)


def look(cohort: Cohort, definitions: Definitions, days: Sequence[float] = LANDMARKS) -> Looks:
    """Compute the states of a cohort at landmarks and at its end.

    Parameters
    ----------
    cohort, definitions
        As in `lesionhet.timed.state.state_at`.
    days
        Landmarks, in days from the start of treatment.
    """
    states: dict[float, State | str] = {}
    for day in (*days, float("inf")):
        try:
            states[float(day)] = state_at(cohort, definitions, day)
        except NotEstimableError as error:
            states[float(day)] = str(error)
    return Looks(cohort, definitions, states)


def check_endpoint(cohort: Cohort, endpoint: str) -> None:
    """Refuse an endpoint that is none, or whose columns the cohort lacks.

    Raises
    ------
    UsageError
        Naming what is permitted, or what is missing.
    """
    if endpoint not in ENDPOINTS:
        raise UsageError(f"endpoint is {endpoint!r}; permitted: {', '.join(ENDPOINTS)}.")
    needed = (f"{endpoint}_days", f"{endpoint}_event")
    if missing := [name for name in needed if name not in cohort.patients]:
        raise UsageError(f"The patients table has no column {', '.join(map(repr, missing))}.")


def at_risk(looks: Looks, endpoint: str, table: pd.DataFrame, day: float) -> pd.Series:
    """Say which patients enter a model: everything known, and at risk after the day, if it is one."""
    outcome = looks.outcome(endpoint)
    given = pd.DataFrame({name: v for name, v in outcome.items() if v is not None})
    after = given["time"] > (day if np.isfinite(day) else -np.inf)
    return after & given.notna().all(axis=1) & table.notna().all(axis=1)
