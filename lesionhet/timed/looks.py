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
from lesionhet.groupwise import Integers
from lesionhet.once import once_per_object
from lesionhet.organs import OrganGroups
from lesionhet.timed.state import LANDMARKS, State, organ_groups_at, state_at

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
        found, place = self.at(day).patients, _places(self, day)
        # Place -1, the last one: nothing is known of the patient.
        values = {name: np.append(found[name].to_numpy(dtype=float), np.nan) for name in columns}
        known = {name: column[place] for name, column in values.items()}
        return pd.DataFrame(known, index=self.cohort.patients.index)

    def groups(self, day: float, organ: str) -> OrganGroups:
        """Give the organ responses that are known at a day.

        Raises
        ------
        NotEstimableError
            Nothing is known yet.
        """
        return _groups(self, day, organ)


@once_per_object
def _places(looks: Looks, day: float) -> Integers:
    """Give the row of each patient in the state at a day, -1 where there is none."""
    known = pd.Index(looks.at(day).patients["patient_id"])
    return np.asarray(known.get_indexer(pd.Index(looks.cohort.patients["patient_id"])))


@once_per_object
def _groups(looks: Looks, day: float, organ: str) -> OrganGroups:
    return organ_groups_at(looks.at(day), looks.definitions, organ)


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
    known = [
        v.notna() for v in (*outcome.values(), *(c for _, c in table.items())) if v is not None
    ]
    after = outcome["time"] > (day if np.isfinite(day) else -np.inf)
    return pd.Series(np.logical_and.reduce([after, *known]), index=table.index)
