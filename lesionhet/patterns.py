"""From measurements to response patterns: phases, total burden, discordance and distances.

The one path from followed lesions to numbers: a study reports what it finds, and the engine's answer to
a ``patterns`` request (`lesionhet.measured`) is made of the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet.burden import FollowedLesions, total_burden
from lesionhet.definitions import Definitions
from lesionhet.groups import inconsistent
from lesionhet.heterogeneity import heterogeneity_tables
from lesionhet.phases import response_phases
from lesionhet.requests.patterns import heterogeneity
from lesionhet.schema import PHASES

FLAGS: Final = [
    *PHASES,
    "mixed",
    "time_to_response_observed",
    "time_to_relapse_observed",
    "duration_of_response_observed",
]
DISTANCE_DECIMALS: Final = 12
"""Distances that are equal by the formula differ in the last bits by the order of summation. Rounded
here, they tie at cut-offs and in ranks on every machine."""


@dataclass(frozen=True, eq=False)
class ResponsePatterns:
    """Response patterns of followed lesions and of their patients.

    Parameters
    ----------
    lesions
        One row a followed lesion, in the order given: its columns, then the phases, ratios and days of
        `lesionhet.phases.response_phases`, ``inconsistent`` and ``gower``.
    patients
        One row a patient, sorted: ``patient_id, n_lesions, baseline_sum_mm``, phases and ratios of the
        total burden, ``n_inconsistent``, ``gower``.
    burden
        As `lesionhet.burden.total_burden` gives it.
    """

    lesions: pd.DataFrame
    patients: pd.DataFrame
    burden: pd.DataFrame


def response_patterns(followed: FollowedLesions, definitions: Definitions) -> ResponsePatterns:
    """Compute the response patterns of followed lesions.

    Parameters
    ----------
    followed
        A cohort, or what `lesionhet.followup.follow` gives.
    definitions
        Every rule from the phases to the distance.

    Source: docs/methods.md, sections 2 to 4.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> found = response_patterns(cohort_from_frames(rows), Definitions())
    >>> found.patients[["baseline_sum_mm", "nadir_ratio", "n_inconsistent", "gower"]].values.tolist()
    [[100.0, 0.95, 2.0, 0.4]]
    """
    burden = total_burden(followed, definitions)
    totals = _total_phases(burden, definitions)
    lesions = _lesion_table(followed, definitions, totals)
    lesions, levels = _with_distances(lesions, definitions)
    return ResponsePatterns(lesions, _patient_table(lesions, totals, levels), burden)


def lesion_series(followed: FollowedLesions) -> pd.DataFrame:
    """Give the sizes of every followed lesion as ``unit, day, size_mm``, units as in its lesions."""
    rows = followed.measurements
    unit = rows.groupby(["patient_id", "lesion_id"], sort=True).ngroup()
    return pd.DataFrame({"unit": unit, "day": rows["day"], "size_mm": rows["diameter_mm"]})


def burden_series(burden: pd.DataFrame) -> pd.DataFrame:
    """Give the total burden as ``unit, day, size_mm``, units in the order of the patients."""
    unit = burden.groupby("patient_id", sort=True).ngroup()
    return pd.DataFrame({"unit": unit, "day": burden["day"], "size_mm": burden["size_mm"]})


def _total_phases(burden: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Give the phases of the total burden by patient."""
    if burden.empty:
        columns = [*FLAGS, *(f"{phase}_days" for phase in PHASES), "nadir_ratio", "last_ratio"]
        return pd.DataFrame(columns=columns, index=pd.Index([], name="patient_id"), dtype=float)
    phases = response_phases(burden_series(burden), definitions)
    phases.index = pd.Index(sorted(burden["patient_id"].unique()), name="patient_id")
    phases[FLAGS] = phases[FLAGS].astype(float)
    return phases


def _lesion_table(
    followed: FollowedLesions, definitions: Definitions, totals: pd.DataFrame
) -> pd.DataFrame:
    phases = response_phases(lesion_series(followed), definitions)
    phases[FLAGS] = phases[FLAGS].astype(int)
    own = [c for c in followed.lesions.columns if c not in phases.columns]
    lesions = pd.concat([followed.lesions[own].reset_index(drop=True), phases], axis=1)
    lesions["inconsistent"] = inconsistent(lesions, totals)
    return lesions


def _with_distances(
    lesions: pd.DataFrame, definitions: Definitions
) -> tuple[pd.DataFrame, pd.Series]:
    request = heterogeneity(lesions, definitions)
    tables = heterogeneity_tables(request.data, **request.options)
    lesions = lesions.assign(
        gower=tables["lesions"]["distance"].round(DISTANCE_DECIMALS).to_numpy()
    )
    # Patients are numbered in the order of their ids as text, which may not be that of the ids.
    names = lesions.groupby(lesions["patient_id"].astype(str))["patient_id"].first().to_numpy()
    index = pd.Index(names[tables["patients"]["patient"].to_numpy() - 1], name="patient_id")
    levels = tables["patients"]["distance"].round(DISTANCE_DECIMALS)
    return lesions, pd.Series(levels.to_numpy(), index=index)


def _patient_table(lesions: pd.DataFrame, totals: pd.DataFrame, levels: pd.Series) -> pd.DataFrame:
    by_patient = lesions.groupby("patient_id", sort=True)
    ids = pd.Series(by_patient.size().index, name="patient_id")
    own: dict[str, Any] = {
        "patient_id": ids,
        "n_lesions": ids.map(by_patient.size()),
        "baseline_sum_mm": ids.map(by_patient["baseline_mm"].sum()),
    }
    for column in totals.columns:
        own[column] = ids.map(totals[column])
    own["n_inconsistent"] = ids.map(by_patient["inconsistent"].sum(min_count=1))
    own["gower"] = ids.map(levels)
    return pd.DataFrame(own)
