"""Trajectories of patients with the highest and with the lowest distance."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet.analyses.base import Analysis, Answers, Shown
from lesionhet.analyses.trajectories import (
    FEWEST_LESIONS,
    FEWEST_SCANS,
    MOST_LESIONS,
    lesions_shown,
    trajectory_chart,
)
from lesionhet.errors import NotEstimableError
from lesionhet.groups import LOW_MEDIUM_HIGH, quantile_groups
from lesionhet.study import Study

CHAPTER: Final = "Response dynamics"
PICKED: Final = 2
SIDES: Final = (LOW_MEDIUM_HIGH[2], LOW_MEDIUM_HIGH[0])
"""High distance first."""


def extreme_patients(study: Study) -> dict[str, tuple[str, ...]]:
    """Pick the patients with the most extreme distance on either side.

    The rule: among the patients of the high (low) group of the distance with 3 to 6 lesions and 5 or
    more assessments of the total burden, the 2 with the highest (lowest) distance, ties by id.

    Returns
    -------
    dict
        ``"high"`` and ``"low"`` -> up to 2 ids, none where nobody meets the rule.

    Raises
    ------
    NotEstimableError
        The distance has no quartiles to tell apart.
    """
    d = study.definitions
    groups = quantile_groups(study.patients["gower"], d.low_quantile, d.high_quantile)
    scans = study.patients["patient_id"].map(study.burden.groupby("patient_id").size())
    several = study.patients["n_lesions"].between(FEWEST_LESIONS, MOST_LESIONS)
    shown = several & (scans >= FEWEST_SCANS)
    found = {}
    for side in SIDES:
        pool = study.patients[shown & (groups.labels == side)]
        ranked = pool.sort_values(["gower", "patient_id"], ascending=[side != SIDES[0], True])
        found[side] = tuple(ranked["patient_id"].head(PICKED))
    return found


def show_extreme_patients(study: Study, answers: Answers) -> Shown:
    """Show two patients with a high and two with a low distance."""
    found = extreme_patients(study)
    rule = (
        f"{FEWEST_LESIONS} to {MOST_LESIONS} lesions and {FEWEST_SCANS} or more assessments of the "
        "total burden"
    )
    if not any(found.values()):
        raise NotEstimableError(f"No patient of the high or the low group has {rule}.")
    charts: dict[str, Any] = {}
    tables, left_out = [], []
    distance = study.patients.set_index("patient_id")["gower"]
    for side, patients in found.items():
        if not patients:
            left_out.append(f"{side} distance left out: no patient of the group has {rule}.")
            continue
        values = ", ".join(f"{patient} {distance[patient]:.3f}" for patient in patients)
        charts[side] = trajectory_chart(
            study, patients, f"Patients with {side} distance", f"Distance: {values}."
        )
        rows = lesions_shown(study, patients)
        rows.insert(0, "distance_group", side)
        tables.append(rows)
    d = study.definitions
    remark = (
        f"Patients picked: the {PICKED} highest distances at or above the {d.high_quantile:.0%} quantile "
        f"and the {PICKED} lowest at or below the {d.low_quantile:.0%} quantile, among those with {rule}; "
        "ties by id."
    )
    lesions = pd.concat(tables, ignore_index=True)
    return Shown({"lesions_shown": lesions}, charts, (remark,), tuple(left_out))


ANALYSES: Final = (
    Analysis(
        "S3",
        "Trajectories of high and of low distance",
        "What does a high distance look like, and what a low one?",
        (),
        lambda study: {},
        show_extreme_patients,
        CHAPTER,
    ),
)
