"""How much a distance rests on: lesions, scans and time of each patient, and where that is too little."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions, assessments
from lesionhet.definitions import Definitions

TWO_LESIONS: Final = "two lesions"
ONE_SCAN: Final = "one scan"
ONE_LESION: Final = "one lesion"


def extent(followed: FollowedLesions, definitions: Definitions) -> pd.DataFrame:
    """Count lesions and scans of each patient, and the days from baseline to the last scan.

    Parameters
    ----------
    followed
        A cohort, or what `lesionhet.followup.follow` gives.
    definitions
        ``visit_window_days``: which measurements are one scan.

    Returns
    -------
    pandas.DataFrame
        Indexed by patient, sorted: ``n_lesions``, ``n_scans`` (assessments after baseline),
        ``followed_days``, and ``caution``: why the distance hardly means anything, empty where it may.

    Notes
    -----
    A single lesion has nothing to differ from. With two lesions the difference of each ratio is the range
    itself. With one scan the nadir is the last size, so that two of the five variables are one.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> extent(cohort_from_frames(rows), Definitions()).to_numpy().tolist()
    [[2, 1, 50.0, 'two lesions, one scan']]
    """
    rows = followed.measurements
    number = assessments(followed, definitions.visit_window_days)
    later = rows[~rows["is_baseline"]].assign(assessment=number)
    patient = followed.lesions.groupby("patient_id", sort=True)
    last = later.groupby("patient_id")["day"].max()
    table = pd.DataFrame(
        {
            "n_lesions": patient.size(),
            "n_scans": later.groupby("patient_id")["assessment"].nunique(),
            "followed_days": last - patient["baseline_day"].min(),
        }
    )
    few = np.select(
        [table["n_lesions"] == 1, table["n_lesions"] == 2], [ONE_LESION, TWO_LESIONS], ""
    )
    short = np.where(table["n_scans"] == 1, ONE_SCAN, "")
    both = np.where((few != "") & (short != ""), ", ", "")
    table["caution"] = pd.Series(few, index=table.index) + both + short
    return table
