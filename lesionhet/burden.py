"""The total burden: the sum of a patient's target lesions over time."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions

BASELINE: Final = 0
"""Number of the assessment that gathers every baseline measurement at day <= 0."""


def total_burden(cohort: Cohort, definitions: Definitions) -> pd.DataFrame:
    """Add up each patient's followed lesions, assessment by assessment.

    Parameters
    ----------
    cohort
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
    rows = cohort.measurements.assign(assessment=assessments(cohort, definitions.visit_window_days))
    rows = rows.merge(
        cohort.lesions[["patient_id", "lesion_id", "baseline_mm"]],
        on=["patient_id", "lesion_id"],
        validate="many_to_one",
    )
    sums = _complete(rows) if definitions.burden == "complete" else _available(rows)
    sums = sums.sort_values(["patient_id", "day"], kind="stable", ignore_index=True)
    # Visits that overlap in time can end on one day: the first stands.
    sums = sums.drop_duplicates(["patient_id", "day"], ignore_index=True)
    baseline = sums.groupby("patient_id")["size_mm"].transform("first")
    several = sums.groupby("patient_id")["size_mm"].transform("size") > 1
    return sums[(baseline > 0) & several].reset_index(drop=True)


def assessments(cohort: Cohort, window_days: float) -> pd.Series:
    """Give each measurement the number of its assessment.

    Baselines at day <= 0 are assessment 0. After that the visit names the assessment; without a visit,
    an assessment takes the measurements within ``window_days`` of its first. A second measurement of a
    lesion always begins another assessment.

    Parameters
    ----------
    cohort
        Its measurements, n rows.
    window_days
        Width of an assessment in days.

    Returns
    -------
    pandas.Series
        n whole numbers, ascending in time within a patient, on the index of the measurements.
    """
    rows = cohort.measurements
    number = pd.Series(-1, index=rows.index)
    number[rows["is_baseline"] & (rows["day"] <= 0)] = BASELINE
    visited = (number < 0) & rows["visit"].notna()
    # Names of assessments as (first day, order): numbered by time at the end.
    key = pd.Series(np.nan, index=rows.index)
    named = rows[visited]
    again = named.groupby(["patient_id", "visit", "lesion_id"]).cumcount()
    first_day = named["day"].groupby([named["patient_id"], named["visit"], again]).transform("min")
    key[visited] = first_day
    key = key.fillna(_window_starts(rows[(number < 0) & ~visited], window_days))
    later = number < 0
    order = key[later].groupby(rows.loc[later, "patient_id"]).rank(method="dense").astype(int)
    number[later] = order
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


def _complete(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum the assessments at which every followed lesion of the patient was measured."""
    sums = rows.groupby(["patient_id", "assessment"], as_index=False).agg(
        day=("day", "max"), size_mm=("diameter_mm", "sum"), lesions=("lesion_id", "nunique")
    )
    followed = rows.groupby("patient_id")["lesion_id"].nunique()
    whole = sums["lesions"] == sums["patient_id"].map(followed)
    return sums.loc[whole, ["patient_id", "day", "size_mm"]]


def _available(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare like with like: the sum present over its own baseline, times the whole baseline."""
    baseline = rows.loc[rows["is_baseline"]]
    whole = baseline.groupby("patient_id")["diameter_mm"].sum()
    begin = rows.loc[
        rows["assessment"] == rows.groupby("patient_id")["assessment"].transform("min")
    ]
    first = begin.groupby("patient_id", as_index=False)["day"].max()
    first["size_mm"] = first["patient_id"].map(whole)
    later = rows[~rows["is_baseline"]].groupby(["patient_id", "assessment"], as_index=False)
    sums = later.agg(day=("day", "max"), now=("diameter_mm", "sum"), then=("baseline_mm", "sum"))
    sums["size_mm"] = sums["now"] / sums["then"] * sums["patient_id"].map(whole)
    return pd.concat([first, sums[["patient_id", "day", "size_mm"]]], ignore_index=True)
