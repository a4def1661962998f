"""What RECIST looks at, from a cohort: as a reader of SDTM gave it, or from the lesions table."""

from __future__ import annotations

import numpy as np

from lesionhet.cohort import Cohort
from lesionhet.errors import UsageError
from lesionhet.recist.data import RecistData
from lesionhet.recist.rules import STATES
from lesionhet.schema import LESION_TYPES

COLUMNS = ["patient_id", "lesion_id", "day", "visit"]


def recist_data(cohort: Cohort) -> RecistData:
    """Give the lesions of a cohort as RECIST looks at them.

    Parameters
    ----------
    cohort
        With ``recist`` as a reader of several data sets gives it. Else it is made of ``rows``: which
        target lesions are lymph nodes is unknown; a non-target lesion with a size above 0 is present,
        with 0 absent, never in progression; a new lesion counts where it has a size above 0.

    Raises
    ------
    UsageError
        The cohort has neither.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "N"], "day": [0, 50, 50],
    ...                      "diameter_mm": [50.0, 30.0, 8.0],
    ...                      "lesion_type": ["target", "target", "new"]})
    >>> found = recist_data(cohort_from_frames(rows))
    >>> len(found.targets), len(found.nontargets), len(found.new)
    (2, 0, 1)
    """
    if cohort.recist is not None:
        return cohort.recist
    if cohort.rows.empty:
        raise UsageError(
            "The cohort has no rows of the lesions table; make it with read_cohort or "
            "cohort_from_frames."
        )
    rows = cohort.rows if "visit" in cohort.rows else cohort.rows.assign(visit=None)
    target, non_target, new = (rows[rows["lesion_type"] == kind] for kind in LESION_TYPES)
    size = non_target["diameter_mm"].to_numpy(dtype=float)
    present = np.where(size > 0, STATES[0], STATES[1]).astype(object)
    present[np.isnan(size)] = None
    seen = new[new["diameter_mm"] > 0]
    return RecistData(
        target[[*COLUMNS, "diameter_mm"]].assign(node=None),
        non_target[COLUMNS].assign(state=present),
        seen[COLUMNS].assign(certain=True),
    )


def has_nodes(data: RecistData) -> bool:
    """Say whether it is known of any target lesion whether it is a lymph node."""
    return bool(data.targets["node"].notna().any())
