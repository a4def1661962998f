"""The lesions of each patient at its best response and at its last assessment."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions, sum_rows, sums_over_time
from lesionhet.coded import coded
from lesionhet.definitions import Definitions
from lesionhet.groupwise import Floats, places, running, starts
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
    codes, window = coded(followed), definitions.visit_window_days
    rows = sum_rows(followed, codes.patient, window)
    rows["before_mm"] = _smallest_before(rows)
    ends = _ends(rows, definitions).merge(_ratios(rows, definitions), on=["unit", "day"])
    ends["place"] = ends.groupby("unit").cumcount() + 1
    after = rows[~rows["is_baseline"]].drop(columns="day")
    found = after.merge(ends, on=["unit", "assessment"], validate="many_to_one")
    order = np.lexsort(tuple(found[name].to_numpy() for name in ("lesion", "place", "unit")))
    found = found.iloc[order].reset_index(drop=True).rename(columns={"unit": "patient"})
    own = followed.lesions.iloc[found["lesion"].to_numpy()]
    site = own["site"].to_numpy() if "site" in own else None
    labels = {**{name: own[name].to_numpy() for name in LESION}, "site": site}
    names = ["place", "day", "total_ratio", "baseline_mm", "size_mm", "before_mm"]
    return pd.concat([pd.DataFrame(labels, index=found.index), found[names]], axis=1)


def _smallest_before(rows: pd.DataFrame) -> Floats:
    """Give each measurement the smallest size of its lesion before it; missing for the first."""
    lesion, size = rows["lesion"].to_numpy(), rows["size_mm"].to_numpy(dtype=float)
    order = np.argsort(lesion, kind="stable")
    place = places(starts(lesion[order]), len(lesion))
    so_far = running(np.minimum, size[order], place)
    before: Floats = np.full(len(lesion), np.nan)
    before[order[1:]] = np.where(place[1:] > 0, so_far[:-1], np.nan)
    return before


def _ends(rows: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Give the last day of each assessment that can be one of the total burden, by patient and day.

    A lesion is measured once in an assessment, so its rows are its lesions.
    """
    if definitions.burden == "complete":
        lesions = rows.groupby("unit")["lesion"].nunique()
        cells = rows.groupby(["unit", "assessment"])["day"].agg(["max", "size"]).reset_index()
        cells = cells[cells["size"].to_numpy() == lesions[cells["unit"]].to_numpy()]
    else:
        later = rows[~rows["is_baseline"]]
        cells = later.groupby(["unit", "assessment"])["day"].agg(["max"]).reset_index()
    found = cells.rename(columns={"max": "day"})[["unit", "assessment", "day"]]
    found = found.sort_values(["unit", "day", "assessment"], ignore_index=True)
    return found.drop_duplicates(["unit", "day"], ignore_index=True)


def _ratios(rows: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Give the total burden over its baseline at every assessment after it."""
    burden = sums_over_time(rows, definitions)
    by_patient = burden.groupby("unit")
    burden["total_ratio"] = burden["size_mm"] / by_patient["size_mm"].transform("first")
    return burden.loc[by_patient.cumcount() > 0, ["unit", "day", "total_ratio"]]


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
