"""The state of lesions and patients at a day, from the scans up to it and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.checks.keys import lesion_codes
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.followup import TARGET, Followed, follow_coded, kind_codes
from lesionhet.groupwise import Integers
from lesionhet.once import once_per_object
from lesionhet.organs import OrganGroups, group_names, organ_responses
from lesionhet.patterns import response_patterns
from lesionhet.timed.days import check_day

LANDMARKS: Final = (56.0, 112.0, 168.0)
"""Days of the landmarks where none are given: 8, 16 and 24 weeks."""


@dataclass(frozen=True, eq=False)
class State:
    """What is known of a cohort at a day.

    Parameters
    ----------
    day
        Days from the start of treatment; infinite for the whole follow-up.
    followed
        The lesions with a baseline and a scan after it up to the day, and their measurements.
    lesions, patients, burden
        As in `lesionhet.patterns.ResponsePatterns`; ``patients`` has a row for each patient with one
        such lesion or more, their number is ``n_lesions``.
    """

    day: float
    followed: Followed
    lesions: pd.DataFrame
    patients: pd.DataFrame
    burden: pd.DataFrame


def state_at(cohort: Cohort, definitions: Definitions, day: float) -> State:
    """Compute phases, distances and total burden from the scans up to a day.

    Parameters
    ----------
    cohort
        Its ``rows``: every row of the lesions table as it was read.
    definitions
        Every rule from the baseline to the distance; a range over the cohort is that of the lesions with
        a state at the day.
    day
        Days from the start of treatment, 0 or more; scans on the day count. Infinite: all scans.

    Returns
    -------
    State
        A lesion without a scan after its baseline up to the day has no state yet, nor has a patient
        without such a lesion.

    Raises
    ------
    UsageError
        The cohort has no rows, or the day is below 0.
    NotEstimableError
        No lesion has a scan after its baseline up to the day.

    Source: Anderson, Cain & Gelber (1983); docs/methods.md, "Time".

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "A", "B", "B"],
    ...                      "day": [0, 50, 100, 0, 100], "diameter_mm": [50.0, 30.0, 60.0, 50.0, 65.0]})
    >>> cohort = cohort_from_frames(rows)
    >>> [state_at(cohort, Definitions(), day).patients["n_lesions"].item() for day in (60, 100)]
    [1, 2]
    >>> state_at(cohort, Definitions(), 60).lesions[["relapse", "last_ratio"]].values.tolist()
    [[0.0, 0.6]]
    """
    followed = followed_at(cohort, check_day(day))
    found = response_patterns(followed, definitions)
    return State(day, followed, found.lesions, found.patients, found.burden)


@once_per_object
def followed_at(cohort: Cohort, day: float) -> Followed:
    """Find the lesions that have a baseline and a scan after it up to a day.

    Parameters
    ----------
    cohort, day
        As in `state_at`.

    Raises
    ------
    UsageError, NotEstimableError
        As `state_at`.
    """
    rows = cohort.rows
    if rows.empty:
        raise UsageError(
            "The cohort has no rows of the lesions table; make it with read_cohort or "
            "cohort_from_frames."
        )
    columns, kind, key = _coded(cohort)
    known = (rows["day"] <= day).to_numpy()
    seen = {name: values[known] for name, values in columns.items()}
    followed = follow_coded(seen, kind[known], key[known])
    if followed.lesions.empty:
        raise NotEstimableError(
            f"No lesion has a scan after its baseline up to day {day:g}; ask about a later day."
        )
    return followed


def organ_groups_at(
    state: State, definitions: Definitions, organ: str, other: str | None = None
) -> OrganGroups:
    """Group patients by the organ responses that are known at a state.

    Parameters
    ----------
    state
        Of a cohort with a column site.
    definitions
        ``organ_rule``, ``response_threshold``, ``burden``, ``visit_window_days``.
    organ, other
        As in `lesionhet.organs.organ_groups`; who has which organs follows from the lesions with a state.

    Returns
    -------
    OrganGroups
        Perhaps without any patient.
    """
    found = organ_responses(state.followed, state.lesions, definitions, organ, other)
    order = group_names(definitions, organ, other or "others")
    group = found.patients["response_group"].map(dict(enumerate(order, start=1)))
    patients = found.patients.drop(columns="response_group").assign(group=group)
    return OrganGroups(organ, patients, order, dict(found.left_out))


@once_per_object
def _coded(cohort: Cohort) -> tuple[dict[str, pd.Series], Integers, Integers]:
    """Give the rows as `lesionhet.followup.follow_coded` takes them, each lesion's site in all of its rows.

    Where a lesion lies is known from the beginning.
    """
    rows = cohort.rows
    columns = {str(name): rows[name] for name in rows.columns}
    kind, key = kind_codes(rows["lesion_type"]), lesion_codes(columns)
    if "site" in columns:
        of_target = rows["site"].where(kind == TARGET)
        first = of_target.groupby(key).transform("first")
        columns["site"] = rows["site"].fillna(first)
    return columns, kind, key
