"""Sums of a patient's target lesions over time: the total burden, and that of an organ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import pandas as pd

from lesionhet.definitions import Definitions
from lesionhet.once import once_per_object

BASELINE: Final = 0
"""Number of the assessment that gathers every baseline measurement at day <= 0."""


class FollowedLesions(Protocol):
    """What has followed lesions: a cohort, or what `lesionhet.followup.follow` gives."""

    @property
    def measurements(self) -> pd.DataFrame:
        """One row a measurement, as in `lesionhet.cohort.Cohort`."""

    @property
    def lesions(self) -> pd.DataFrame:
        """One row a lesion, as in `lesionhet.cohort.Cohort`."""


def total_burden(followed: FollowedLesions, definitions: Definitions) -> pd.DataFrame:
    """Add up each patient's followed lesions, assessment by assessment.

    Parameters
    ----------
    followed
        Measurements of followed lesions.
    definitions
        ``burden`` and ``visit_window_days``.

    Returns
    -------
    pandas.DataFrame
        ``patient_id``, ``day`` (of the assessment's last measurement), ``size_mm``; sorted by patient
        and day, the first row of a patient is the baseline. Patients without a baseline sum above 0
        and a later assessment are absent.

    Source: paper, "Statistical analysis"; RECIST 1.1 sum of diameters.
    """
    rows = followed.measurements.assign(
        assessment=assessments(followed, definitions.visit_window_days)
    )
    rows = rows.merge(
        followed.lesions[["patient_id", "lesion_id", "baseline_mm"]],
        on=["patient_id", "lesion_id"],
        validate="many_to_one",
    )
    return sums_over_time(rows, ["patient_id"], definitions)


def sums_over_time(rows: pd.DataFrame, by: Sequence[str], definitions: Definitions) -> pd.DataFrame:
    """Add up the lesions of each unit, assessment by assessment.

    Parameters
    ----------
    rows
        Measurements with ``lesion_id, day, diameter_mm, is_baseline, baseline_mm``, the number of the
        ``assessment`` and the columns of ``by``.
    by
        Columns that name a unit: the patient, or the patient and a part of the lesions.
    definitions
        ``burden``: which assessments of a unit are added up.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by``, ``day``, ``size_mm``; sorted so, the first row of a unit is its baseline.
        Units without a baseline sum above 0 and a later assessment are absent.
    """
    by = list(by)
    sums = _complete(rows, by) if definitions.burden == "complete" else _available(rows, by)
    sums = sums.sort_values([*by, "day"], kind="stable", ignore_index=True)
    # Visits that overlap in time can end on one day: the first stands.
    sums = sums.drop_duplicates([*by, "day"], ignore_index=True)
    unit = sums.groupby(by)["size_mm"]
    return sums[(unit.transform("first") > 0) & (unit.transform("size") > 1)].reset_index(drop=True)


@once_per_object
def assessments(followed: FollowedLesions, window_days: float) -> pd.Series:
    """Give each measurement the number of its assessment.

    Baselines at day <= 0 are assessment 0. After that the visit names the assessment; without a visit,
    an assessment takes the measurements within ``window_days`` of its first. A second measurement of a
    lesion always begins another assessment: the k-th measurements at a visit are its k-th assessment.

    Parameters
    ----------
    followed
        Its measurements, n rows.
    window_days
        Width of an assessment in days.

    Returns
    -------
    pandas.Series
        n whole numbers on the index of the measurements, ascending within a patient by the first day of
        the assessment; of those that begin on one day named ones come first, by name.
    """
    rows = followed.measurements
    at_baseline = rows["is_baseline"] & (rows["day"] <= 0)
    later = rows.loc[~at_baseline, ["patient_id", "lesion_id", "day", "visit"]]
    visited = later["visit"].notna()
    named = later[visited]
    again = named.groupby(["patient_id", "visit", "lesion_id"]).cumcount()
    start = pd.Series(np.nan, index=later.index)
    start[visited] = named.groupby(["patient_id", "visit", again])["day"].transform("min")
    start[~visited] = _window_starts(later[~visited], window_days)
    codes = pd.factorize(later["visit"], sort=True)[0].astype(float)
    visit = pd.Series(codes, index=later.index)
    later = later.assign(
        start=start,
        visit=visit.where(visited, np.inf),
        again=again.reindex(later.index).fillna(0),
    )
    key = ["patient_id", "start", "visit", "again"]
    order = later[key].drop_duplicates().sort_values(key)
    order["number"] = order.groupby("patient_id").cumcount() + 1
    number = pd.Series(BASELINE, index=rows.index)
    number[later.index] = later.merge(order, on=key, how="left")["number"].to_numpy()
    return number


def _window_starts(rows: pd.DataFrame, window_days: float) -> pd.Series:
    """Give each measurement the first day of its assessment; one pass an assessment, all patients."""
    found = []
    left = rows.sort_values(["patient_id", "day"], kind="stable")
    while not left.empty:
        begin = left.groupby("patient_id")["day"].transform("first")
        near = left[left["day"] <= begin + window_days]
        repeated = near.groupby(["patient_id", "lesion_id"]).cumcount() > 0
        repeat_day = (
            near["day"].where(repeated).groupby(near["patient_id"]).transform("min").fillna(np.inf)
        )
        taken = near[near["day"] < repeat_day]
        found.append(begin[taken.index])
        left = left.drop(taken.index)
    return pd.concat(found) if found else pd.Series(dtype=float)


def _complete(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sum the assessments at which every followed lesion of the unit was measured."""
    sums = rows.groupby([*by, "assessment"], as_index=False).agg(
        day=("day", "max"), size_mm=("diameter_mm", "sum"), lesions=("lesion_id", "nunique")
    )
    followed = rows.groupby(by, as_index=False).agg(followed=("lesion_id", "nunique"))
    sums = sums.merge(followed, on=by)
    return sums.loc[sums["lesions"] == sums["followed"], [*by, "day", "size_mm"]]


def _available(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Compare like with like: the sum present over its own baseline, times the whole baseline.

    The baseline stands on the last day of the baselines in the first assessment that has any; what is
    over by then is not after it.
    """
    baseline = rows[rows["is_baseline"]]
    begin = baseline[baseline["assessment"] == baseline.groupby(by)["assessment"].transform("min")]
    first = begin.groupby(by, as_index=False).agg(day=("day", "max"))
    whole = baseline.groupby(by, as_index=False).agg(size_mm=("diameter_mm", "sum"))
    first = first.merge(whole, on=by)
    later = rows[~rows["is_baseline"]].groupby([*by, "assessment"], as_index=False)
    sums = later.agg(day=("day", "max"), now=("diameter_mm", "sum"), then=("baseline_mm", "sum"))
    sums = sums.merge(first.rename(columns={"day": "begin", "size_mm": "whole"}), on=by)
    sums = sums[sums["day"] > sums["begin"]]
    sums["size_mm"] = sums["now"] / sums["then"] * sums["whole"]
    return pd.concat([first, sums[[*by, "day", "size_mm"]]], ignore_index=True)
