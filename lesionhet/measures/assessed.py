"""The lesions of each patient at its best response and at its last assessment."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions, sum_rows, sums_over_time
from lesionhet.coded import Coded, coded
from lesionhet.definitions import Definitions
from lesionhet.groupwise import Floats, Integers, highest, pair_codes, places, running, starts
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
    codes = coded(followed)
    rows = sum_rows(followed, codes.patient, definitions.visit_window_days)
    cell = pair_codes(codes.patient_of_row, rows["assessment"].to_numpy())
    ends = _ends(codes, cell, definitions).merge(_ratios(rows, definitions), on=["unit", "day"])
    place_of_cell = np.zeros(cell.max(initial=-1) + 1, dtype=np.int64)
    place_of_cell[ends["cell"]] = 1 + places(starts(ends["unit"].to_numpy()), len(ends))
    place = place_of_cell[cell]
    kept = np.flatnonzero(~codes.is_baseline & (place > 0))
    lesion = codes.lesion[kept]
    kept = kept[np.lexsort((lesion, place[kept], codes.patient[lesion]))]
    end_of_cell = np.zeros(len(place_of_cell), dtype=np.int64)
    end_of_cell[ends["cell"]] = np.arange(len(ends))
    end, lesion = end_of_cell[cell[kept]], codes.lesion[kept]
    own = followed.lesions
    found = {
        **{name: own[name].to_numpy()[lesion] for name in LESION},
        "site": own["site"].to_numpy()[lesion] if "site" in own else None,
        "place": place[kept],
        **{name: ends[name].to_numpy()[end] for name in ("day", "total_ratio")},
        "baseline_mm": codes.baseline[lesion],
        "size_mm": codes.size[kept],
        "before_mm": _smallest_before(codes)[kept],
    }
    return pd.DataFrame(found)


def _smallest_before(codes: Coded) -> Floats:
    """Give each measurement the smallest size of its lesion before it; missing for the first."""
    order = np.argsort(codes.lesion, kind="stable")
    place = places(starts(codes.lesion[order]), len(order))
    so_far = running(np.minimum, codes.size[order], place)
    before: Floats = np.full(len(order), np.nan)
    before[order[1:]] = np.where(place[1:] > 0, so_far[:-1], np.nan)
    return before


def _ends(codes: Coded, cell: Integers, definitions: Definitions) -> pd.DataFrame:
    """Give the last day of each assessment that can be one of the total burden, by patient and day.

    ``cell`` is the code of a measurement's assessment, in the order of patients and assessments. A lesion is
    measured once in an assessment, so its rows are its lesions.
    """
    n = int(cell.max(initial=-1)) + 1
    unit = np.zeros(n, dtype=np.int64)
    unit[cell] = codes.patient_of_row
    if definitions.burden == "complete":
        wanted = np.bincount(cell, minlength=n) == np.bincount(codes.patient)[unit]
        day = highest(codes.day, cell, n)
    else:
        later = ~codes.is_baseline
        wanted = np.bincount(cell[later], minlength=n) > 0
        day = highest(codes.day[later], cell[later], n)
    there = np.flatnonzero(wanted)
    there = there[np.lexsort((there, day[there], unit[there]))]
    found = pd.DataFrame({"unit": unit[there], "cell": there, "day": day[there]})
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
