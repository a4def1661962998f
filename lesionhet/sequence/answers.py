"""Python's answer to the question which organ progresses when."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.measured import followed_of
from lesionhet.schema import LESION_TYPES
from lesionhet.sequence.progressions import organ_progressions

NEW: Final = LESION_TYPES.index("new") + 1
"""Code of a new lesion's rows."""


def progression_tables(data: pd.DataFrame, day: float, **options: Any) -> dict[str, pd.DataFrame]:
    """Answer a ``progression_order`` request.

    Parameters
    ----------
    data
        As in `lesionhet.measured.pattern_tables`.
    day
        Rows up to and with this day count; infinite: all.
    options
        ``relapse_threshold, relapse_reference, relapse_min_increase_mm, burden, visit_window_days``.

    Returns
    -------
    dict
        The tables of `lesionhet.results.ProgressionOrder`.

    Raises
    ------
    NotEstimableError
        No lesion can be followed, or no organ was ever measured as a whole.
    """
    data = data[data["day"] <= day]
    names = {"patient": "patient_id", "lesion": "lesion_id"}
    new = data[data["type"] == NEW].rename(columns=names)
    found = organ_progressions(followed_of(data), new, Definitions(**options))
    if not len(found.organs):
        raise NotEstimableError(
            "Order of progression: no organ was measured as a whole at baseline and after it."
        )
    table = found.organs.rename(columns={"patient_id": "patient", "site": "organ"})
    progressed = table.loc[table["day"].notna(), ["patient", "organ", "day"]]
    return {
        "progressions": progressed.reset_index(drop=True),
        "organs": _by_organ(table),
        "left_out": pd.DataFrame([dict(found.left_out)]),
    }


def _by_organ(table: pd.DataFrame) -> pd.DataFrame:
    followed = table["followed"] == 1
    rows = table.assign(days=table["day"].fillna(table["last_day"]).where(followed, 0.0))
    counts = rows.groupby("organ", as_index=False).agg(
        followed=("followed", "sum"),
        progressed=("progressed", "sum"),
        new=("new", "sum"),
        days=("days", "sum"),
    )
    return counts[["organ", "followed", "progressed", "new", "days"]]
