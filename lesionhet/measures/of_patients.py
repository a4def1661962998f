"""Every measure of every patient, from followed lesions: one row a patient."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.measures.assessed import assessed_lesions, places_of
from lesionhet.measures.catalogue import COLUMNS, COUNTS, MOMENTS
from lesionhet.measures.dissociated import dissociated_measures, dissociated_organs
from lesionhet.measures.diversity import diversity_measures
from lesionhet.measures.spread import spread_measures
from lesionhet.timed.state import State, state_at

FEWEST: Final = 2
"""Lesions that a patient must have, measured at the assessment where one is looked at."""


def patient_measures(
    followed: FollowedLesions, lesions: pd.DataFrame, new: pd.DataFrame, definitions: Definitions
) -> pd.DataFrame:
    """Give every measure but the distance of each patient.

    Parameters
    ----------
    followed
        Measurements of followed lesions, up to the day that one wants to know about.
    lesions
        A row a followed lesion, as `lesionhet.patterns.response_patterns` gives them: ``patient_id``, flags
        of the phases and ``inconsistent``.
    new
        ``patient_id, day`` of rows of new lesions with a size above 0 mm after day 0.
    definitions
        ``burden`` and ``visit_window_days``: which assessments there are.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``patient_id``: ``n_lesions``; day of the best and of the last assessment of the total
        burden and number of lesions measured there; then `lesionhet.measures.catalogue.COLUMNS`. A
        measure is missing where fewer than two lesions can be compared.

    Source: docs/methods.md, "Other measures".
    """
    by_patient = lesions.groupby("patient_id", sort=True)
    history = diversity_measures(lesions).assign(
        n_lesions=by_patient.size(), inconsistent_share=by_patient["inconsistent"].mean()
    )
    several = history["n_lesions"] >= FEWEST
    whole = [name for name in COLUMNS if name in history]
    history[whole] = history[whole].where(several)
    assessed = assessed_lesions(followed, definitions)
    parts = [history, *(_at(assessed, moment, new) for moment in MOMENTS)]
    found = pd.concat(parts, axis=1).reindex(history.index)
    counted = [f"{moment}_lesions" for moment in MOMENTS]
    found[counted] = found[counted].fillna(0)
    found.index.name = "patient_id"
    return found[[*COUNTS, *COLUMNS]].reset_index()


def measures_at(
    cohort: Cohort, definitions: Definitions, day: float = np.inf
) -> tuple[State, pd.DataFrame]:
    """Give every measure as it is known at a day, the distance among them.

    Parameters
    ----------
    cohort, definitions, day
        As in `lesionhet.timed.state.state_at`; by default the whole follow-up.

    Returns
    -------
    tuple
        The state at the day, and a row a patient with a state: what `patient_measures` gives, ``gower``
        (missing with one lesion) and ``baseline_sum_mm``.

    Raises
    ------
    UsageError, NotEstimableError
        As `lesionhet.timed.state.state_at`.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> _, found = measures_at(cohort_from_frames(rows), Definitions())
    >>> found[["range_best", "opposite_share_best", "gini_simpson", "gower"]].values.tolist()
    [[70.0, 0.5, 0.5, 0.4]]
    """
    state = state_at(cohort, definitions, day)
    found = patient_measures(
        state.followed, state.lesions, new_lesions(cohort.rows, day), definitions
    )
    patients = state.patients.set_index("patient_id").reindex(found["patient_id"])
    several = (found["n_lesions"] >= FEWEST).to_numpy()
    found["gower"] = patients["gower"].where(several).to_numpy()
    found["baseline_sum_mm"] = patients["baseline_sum_mm"].to_numpy()
    return state, found


def new_lesions(rows: pd.DataFrame, day: float = np.inf) -> pd.DataFrame:
    """Give patient and day of the rows of new lesions with a size above 0 mm, after day 0 and up to a day.

    Parameters
    ----------
    rows
        ``patient_id, day, diameter_mm, lesion_type``.
    day
        The last that counts.
    """
    seen = rows["lesion_type"].eq("new") & (rows["diameter_mm"] > 0)
    seen &= (rows["day"] > 0) & (rows["day"] <= day)
    return rows.loc[seen, ["patient_id", "day"]]


def _at(assessed: pd.DataFrame, moment: str, new: pd.DataFrame) -> pd.DataFrame:
    """Give the measures at one moment, the columns named after it."""
    place = assessed["patient_id"].map(places_of(assessed)[moment])
    lesions = assessed[assessed["place"] == place]
    by_patient = lesions.groupby("patient_id", sort=True)
    day = by_patient["day"].first()
    first_new = new.groupby("patient_id")["day"].min().reindex(day.index)
    organs = dissociated_organs(assessed)
    at = pd.MultiIndex.from_arrays([day.index, by_patient["place"].first()])
    found = spread_measures(lesions).join(dissociated_measures(lesions, first_new <= day))
    found["dissociated_organs"] = organs.reindex(at).to_numpy()
    n = by_patient.size()
    found = found.where(n >= FEWEST).add_suffix(f"_{moment}")
    return found.assign(**{f"{moment}_day": day, f"{moment}_lesions": n})
