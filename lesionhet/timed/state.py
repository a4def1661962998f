"""The state of lesions and patients at a day, from the scans up to it and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.followup import Followed, follow
from lesionhet.organs import OrganGroups, group_names, organ_responses
from lesionhet.patterns import response_patterns
from lesionhet.timed.days import check_day

LANDMARKS: Final = (56.0, 112.0, 168.0)
"""Days of the landmarks where none are given: 8, 16 and 24 weeks."""
KEY: Final = ["patient_id", "lesion_id"]


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
    rows = cohort.rows
    if rows.empty:
        raise UsageError(
            "The cohort has no rows of the lesions table; make it with read_cohort or "
            "cohort_from_frames."
        )
    followed = follow(_with_sites(rows)[rows["day"] <= check_day(day)])
    if followed.lesions.empty:
        raise NotEstimableError(
            f"No lesion has a scan after its baseline up to day {day:g}; ask about a later day."
        )
    found = response_patterns(followed, definitions)
    return State(day, followed, found.lesions, found.patients, found.burden)


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


def _with_sites(rows: pd.DataFrame) -> pd.DataFrame:
    """Write each lesion's site into all of its rows: where a lesion lies is known from the beginning."""
    if "site" not in rows:
        return rows
    first = rows.loc[rows["lesion_type"] == "target"].groupby(KEY)["site"].first()
    site = rows[KEY].merge(first.rename("known"), how="left", left_on=KEY, right_index=True)[
        "known"
    ]
    return rows.assign(site=rows["site"].fillna(pd.Series(site.to_numpy(), index=rows.index)))
