"""The lesions of each patient at its best response and at its last assessment."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions, assessments, total_burden
from lesionhet.definitions import Definitions
from lesionhet.phases import TOLERANCE

LESION: Final = ["patient_id", "lesion_id"]


def assessed_lesions(followed: FollowedLesions, definitions: Definitions) -> pd.DataFrame:
    """Give every lesion's size at each assessment of the total burden after its baseline.

    Parameters
    ----------
    followed
        Measurements of followed lesions, as `lesionhet.followup.follow` gives them.
    definitions
        ``burden`` and ``visit_window_days``: which assessments count.

    Returns
    -------
    pandas.DataFrame
        A row a lesion measured after its own baseline at an assessment: ``patient_id, lesion_id, site``
        (missing where the input has none), ``place`` (of the assessment among the patient's, from 1),
        ``day`` of the assessment, ``total_ratio`` (total burden / its baseline), ``baseline_mm,
        size_mm`` and ``before_mm``, the lesion's smallest size before, baseline included. Sorted by
        patient, place, lesion.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "A", "B", "B"],
    ...                      "day": [0, 50, 100, 0, 100], "diameter_mm": [50.0, 30.0, 60.0, 50.0, 65.0]})
    >>> found = assessed_lesions(cohort_from_frames(rows), Definitions())
    >>> found[["day", "total_ratio", "size_mm", "before_mm"]].values.tolist()
    [[100.0, 1.25, 60.0, 30.0], [100.0, 1.25, 65.0, 50.0]]
    """
    rows = followed.measurements.assign(
        assessment=assessments(followed, definitions.visit_window_days)
    )
    own = followed.lesions[[*LESION, "baseline_mm"]].assign(site=followed.lesions.get("site"))
    rows = rows.merge(own, on=LESION, validate="many_to_one")
    so_far = rows.groupby(LESION)["diameter_mm"].cummin()
    rows["before_mm"] = so_far.groupby([rows[k] for k in LESION]).shift(1)
    ends = _ends(rows, definitions).merge(_ratios(followed, definitions), on=["patient_id", "day"])
    ends["place"] = ends.groupby("patient_id").cumcount() + 1
    after = (
        rows[~rows["is_baseline"]].drop(columns="day").rename(columns={"diameter_mm": "size_mm"})
    )
    found = after.merge(ends, on=["patient_id", "assessment"], validate="many_to_one")
    names = ["site", "place", "day", "total_ratio", "baseline_mm", "size_mm", "before_mm"]
    found = found.sort_values(["patient_id", "place", "lesion_id"], ignore_index=True)
    return found[[*LESION, *names]]


def _ends(rows: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Give the last day of each assessment that can be one of the total burden, by patient and day."""
    key = ["patient_id", "assessment"]
    if definitions.burden == "complete":
        all_lesions = rows.groupby("patient_id")["lesion_id"].nunique()
        found = rows.groupby(key, as_index=False).agg(
            day=("day", "max"), lesions=("lesion_id", "nunique")
        )
        found = found[found["lesions"] == found["patient_id"].map(all_lesions)]
    else:
        found = rows[~rows["is_baseline"]].groupby(key, as_index=False).agg(day=("day", "max"))
    found = found[[*key, "day"]].sort_values(["patient_id", "day", "assessment"], ignore_index=True)
    return found.drop_duplicates(["patient_id", "day"], ignore_index=True)


def _ratios(followed: FollowedLesions, definitions: Definitions) -> pd.DataFrame:
    """Give the total burden over its baseline at every assessment after it."""
    burden = total_burden(followed, definitions)
    by_patient = burden.groupby("patient_id")
    burden["total_ratio"] = burden["size_mm"] / by_patient["size_mm"].transform("first")
    return burden.loc[by_patient.cumcount() > 0, ["patient_id", "day", "total_ratio"]]


def places_of(assessed: pd.DataFrame) -> pd.DataFrame:
    """Give the place of each patient's best and last assessment.

    The best is the first whose total burden is the smallest, up to a relative slack of 1e-9.

    Parameters
    ----------
    assessed
        As `assessed_lesions` gives it.

    Returns
    -------
    pandas.DataFrame
        Indexed by patient: ``best``, ``last``.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "P", "place": [1, 2, 3], "total_ratio": [0.8, 0.6, 0.6]})
    >>> places_of(rows).values.tolist()
    [[2, 3]]
    """
    each = assessed.drop_duplicates(["patient_id", "place"])
    lowest = each.groupby("patient_id")["total_ratio"].transform("min")
    at_best = each[each["total_ratio"] <= lowest * (1 + TOLERANCE)]
    picked = {
        "best": at_best.groupby("patient_id")["place"].min(),
        "last": each.groupby("patient_id")["place"].max(),
    }
    return pd.DataFrame(picked).astype(np.int64)
