"""From measurements to response patterns: phases, total burden, discordance and distances.

The one path from followed lesions to numbers: a study reports what it finds, and the engine's answer to
a ``patterns`` request (`lesionhet.measured`) is made of the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions, total_burden
from lesionhet.coded import Coded, coded
from lesionhet.definitions import Definitions
from lesionhet.groups import inconsistent
from lesionhet.groupwise import Floats, Integers, starts, sums
from lesionhet.heterogeneity import DISTANCE_DECIMALS as DISTANCE_DECIMALS
from lesionhet.heterogeneity import response_distances
from lesionhet.phases import phase_variables, response_phases
from lesionhet.requests.patterns import distance_options
from lesionhet.schema import PHASES

FLAGS: Final = [
    *PHASES,
    "mixed",
    "time_to_response_observed",
    "time_to_relapse_observed",
    "duration_of_response_observed",
]


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
    codes = coded(followed)
    burden = total_burden(followed, definitions)
    totals = total_phases(burden, definitions, codes.patients)
    lesions = _lesion_table(followed, definitions, totals)
    own, levels = response_distances(lesions, codes.patient, distance_options(definitions))
    lesions["gower"] = own
    return ResponsePatterns(lesions, _patient_table(lesions, codes, totals, levels), burden)


def patient_distances(followed: FollowedLesions, definitions: Definitions) -> pd.DataFrame:
    """Compute the patients' distances alone, without their total burden.

    Parameters
    ----------
    followed, definitions
        As in `response_patterns`.

    Returns
    -------
    pandas.DataFrame
        ``patient_id, n_lesions, baseline_sum_mm, gower`` of `ResponsePatterns.patients`.
    """
    codes, n = coded(followed), len(coded(followed).patients)
    phases = phase_variables(lesion_series(followed), definitions)
    _, levels = response_distances(phases, codes.patient, distance_options(definitions))
    return pd.DataFrame(
        {
            "patient_id": codes.patients.to_numpy(),
            "n_lesions": np.bincount(codes.patient, minlength=n),
            "baseline_sum_mm": sums(codes.baseline, codes.patient, n),
            "gower": levels,
        }
    )


def lesion_series(followed: FollowedLesions) -> pd.DataFrame:
    """Give the sizes of every followed lesion as ``unit, day, size_mm``, units as in its lesions."""
    rows = followed.measurements
    columns = {"unit": coded(followed).lesion, "day": rows["day"], "size_mm": rows["diameter_mm"]}
    return pd.DataFrame(columns, index=rows.index)


def burden_series(burden: pd.DataFrame) -> pd.DataFrame:
    """Give the total burden as ``unit, day, size_mm``, units in the order of the patients."""
    unit, _ = pd.factorize(burden["patient_id"], sort=True)
    return pd.DataFrame({"unit": unit, "day": burden["day"], "size_mm": burden["size_mm"]})


def total_phases(
    burden: pd.DataFrame, definitions: Definitions, patients: pd.Index
) -> dict[str, Floats]:
    """Give the phases of the total burden, a column each; missing for patients without one.

    Parameters
    ----------
    burden
        Of `lesionhet.burden.total_burden`.
    definitions
        Every rule of phases.
    patients
        Ids, sorted.
    """
    if burden.empty:
        names = [*FLAGS, *(f"{phase}_days" for phase in PHASES), "nadir_ratio", "last_ratio"]
        return {name: np.full(len(patients), np.nan) for name in names}
    series = burden_series(burden)
    phases = response_phases(series, definitions)
    ids = burden["patient_id"].to_numpy()[starts(series["unit"].to_numpy())]
    place = pd.Index(ids).get_indexer(patients)
    # Place -1, the last one: no total burden.
    return {
        str(name): np.append(phases[name].to_numpy(dtype=float), np.nan)[place] for name in phases
    }


def _lesion_table(
    followed: FollowedLesions, definitions: Definitions, totals: dict[str, Floats]
) -> pd.DataFrame:
    phases = response_phases(lesion_series(followed), definitions)
    given = {name: followed.lesions[name].array for name in followed.lesions if name not in phases}
    found = {name: phases[name].to_numpy() for name in phases}
    found |= {name: found[name].astype(np.int64) for name in FLAGS}
    flags = np.column_stack([found[phase] for phase in PHASES]).astype(float)
    of_patient = np.column_stack([totals[phase] for phase in PHASES])
    differ = inconsistent(flags, of_patient[coded(followed).patient])
    return pd.DataFrame({**given, **found, "inconsistent": differ})


def _patient_table(
    lesions: pd.DataFrame, codes: Coded, totals: dict[str, Floats], levels: Floats
) -> pd.DataFrame:
    patient, n = codes.patient, len(codes.patients)
    return pd.DataFrame(
        {
            "patient_id": codes.patients.to_numpy(),
            "n_lesions": np.bincount(patient, minlength=n),
            "baseline_sum_mm": sums(lesions["baseline_mm"].to_numpy(dtype=float), patient, n),
            **totals,
            "n_inconsistent": _counted(lesions["inconsistent"].to_numpy(), patient, n),
            "gower": levels,
        }
    )


def _counted(flags: Floats, patient: Integers, n: int) -> Floats:
    """Count the flags of each patient, missing where none of them is known."""
    known = ~np.isnan(flags)
    of_known = np.bincount(patient[known], minlength=n)
    counted = np.bincount(patient[known], weights=flags[known], minlength=n)
    return np.where(of_known > 0, counted, np.nan)
