"""Every measure of every patient, from followed lesions: one row a patient."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.measures.assessed import assessed_lesions, places_of
from lesionhet.measures.by_patient import by_patient
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
    of_patient = lesions.groupby("patient_id", sort=True)["inconsistent"]
    history = diversity_measures(lesions).assign(
        n_lesions=of_patient.size(), inconsistent_share=of_patient.mean()
    )
    several = history["n_lesions"] >= FEWEST
    whole = [name for name in COLUMNS if name in history]
    history[whole] = history[whole].where(several)
    assessed = assessed_lesions(followed, definitions)
    places, organs = places_of(assessed), dissociated_organs(assessed)
    moments = [_at(assessed, moment, places[moment], organs, new) for moment in MOMENTS]
    found = pd.concat([history, *(part.reindex(history.index) for part in moments)], axis=1)
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


def _at(
    assessed: pd.DataFrame, moment: str, places: pd.Series, organs: pd.Series, new: pd.DataFrame
) -> pd.DataFrame:
    """Give the measures at one moment, the columns named after it.

    ``places``: by patient, which assessment that is; ``organs``: of `dissociated_organs`.
    """
    place = places.reindex(assessed["patient_id"]).to_numpy()
    lesions = assessed[assessed["place"].to_numpy() == place]
    patient = by_patient(lesions["patient_id"])
    first = lesions.iloc[patient.order[patient.start]].set_index("patient_id")
    first_new = new.groupby("patient_id")["day"].min().reindex(patient.patients)
    at = pd.MultiIndex.from_arrays([patient.patients, first["place"]])
    found = spread_measures(lesions).join(dissociated_measures(lesions, first_new <= first["day"]))
    found["dissociated_organs"] = organs.reindex(at).to_numpy()
    n = pd.Series(patient.size, index=patient.patients)
    found = found.where(n >= FEWEST).add_suffix(f"_{moment}")
    return found.assign(**{f"{moment}_day": first["day"], f"{moment}_lesions": n})
