"""Dissociated response in its published variants, and discordant categories of lesions."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.measures.spread import direction_of
from lesionhet.phases import TOLERANCE
from lesionhet.statistics.arrays import Floats

RESPONSE: Final = 0.7
GROWTH: Final = 1.2
LEAST_MM: Final = 5.0
RESPONDING, STABLE, PROGRESSING = 1.0, 2.0, 3.0


def categories(ratio: Floats, before: Floats, baseline_mm: Floats) -> Floats:
    """Give the category of each lesion, or sum of lesions, by the thresholds of RECIST 1.1.

    Parameters
    ----------
    ratio
        n sizes / baseline.
    before
        n smallest earlier sizes / baseline; the baseline itself counts, so at most 1.
    baseline_mm
        n baselines in mm.

    Returns
    -------
    numpy.ndarray
        The first that holds: 3 progressing (20% and 5 mm or more above the smallest size before), 1
        responding (30% or more below the baseline), 2 stable. Thresholds are inclusive, with a relative
        slack of 1e-9.

    Examples
    --------
    >>> categories(np.array([0.7, 0.6, 1.0]), np.array([1.0, 0.4, 1.0]), np.array([50.0, 50.0, 50.0]))
    array([1., 3., 2.])
    """
    grown_mm = (ratio - before) * baseline_mm
    progressing = (ratio >= GROWTH * before * (1 - TOLERANCE)) & (
        grown_mm >= LEAST_MM * (1 - TOLERANCE)
    )
    responding = ratio <= RESPONSE * (1 + TOLERANCE)
    return np.select([progressing, responding], [PROGRESSING, RESPONDING], STABLE)


def dissociated_measures(lesions: pd.DataFrame, new_by_then: pd.Series) -> pd.DataFrame:
    """Give the variants that look at single lesions, of each patient at one assessment.

    Parameters
    ----------
    lesions
        A row a lesion: ``patient_id, baseline_mm, size_mm, before_mm`` as in
        `lesionhet.measures.assessed.assessed_lesions`.
    new_by_then
        By patient: whether a new lesion was seen up to the assessment.

    Returns
    -------
    pandas.DataFrame
        Indexed by patient, sorted: ``dissociated_change, dissociated_new, dissociated_target, discordant``
        (1, 0). See `lesionhet.measures.catalogue.MEASURES` for definitions and sources.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "P", "baseline_mm": [20.0, 20.0], "size_mm": [10.0, 26.0],
    ...                      "before_mm": [20.0, 20.0]})
    >>> dissociated_measures(rows, pd.Series({"P": False})).values.tolist()
    [[1.0, 1.0, 1.0, 1.0]]
    """
    size, base, before = (
        lesions[name].to_numpy(dtype=float) for name in ("size_mm", "baseline_mm", "before_mm")
    )
    ratio, direction = size / base, direction_of(lesions["size_mm"] / lesions["baseline_mm"])
    grown = ratio > GROWTH * (1 + TOLERANCE)
    category = categories(ratio, before / base, base)
    rows = pd.DataFrame(
        {
            "patient_id": lesions["patient_id"],
            "deep": ratio < RESPONSE * (1 - TOLERANCE),
            "grown_mm": np.where(grown, size - base, 0.0),
            "shrinking": direction < 0,
            "growing": direction > 0,
            "responding": category == RESPONDING,
            "progressing": category == PROGRESSING,
            "category": category,
        }
    )
    by_patient = rows.groupby("patient_id", sort=True)
    seen = by_patient[["deep", "shrinking", "growing", "responding", "progressing"]].any()
    enough = by_patient["grown_mm"].sum() >= LEAST_MM * (1 - TOLERANCE)
    new = new_by_then.reindex(seen.index)
    found = {
        "dissociated_change": seen["deep"] & enough,
        "dissociated_new": seen["shrinking"] & (seen["growing"] | new.astype(bool)),
        "dissociated_target": seen["responding"] & seen["progressing"],
        "discordant": by_patient["category"].min() < by_patient["category"].max(),
    }
    return pd.DataFrame(found).astype(float)


def dissociated_organs(assessed: pd.DataFrame) -> pd.Series:
    """Say at each assessment of a patient whether one organ responds while another progresses.

    Parameters
    ----------
    assessed
        As `lesionhet.measures.assessed.assessed_lesions` gives it.

    Returns
    -------
    pandas.Series
        Indexed by ``patient_id, place``: 1, 0 (so too with a single organ), or missing where a lesion of
        the patient has no site. An organ's ratio is the sum of its lesions measured there over the
        sum of their baselines; the smallest before, and the baseline, are what progression counts from.

    Source: Sato et al. (2021), as tabulated in PMC9083034.
    """
    key = ["patient_id", "place"]
    unknown = (
        assessed.assign(unknown=assessed["site"].isna()).groupby("patient_id")["unknown"].any()
    )
    organ = assessed.groupby(["patient_id", "site", "place"], as_index=False).agg(
        size=("size_mm", "sum"), base=("baseline_mm", "sum")
    )
    organ["ratio"] = organ["size"] / organ["base"]
    of_organ = [organ["patient_id"], organ["site"]]
    before = organ.groupby(of_organ)["ratio"].cummin().groupby(of_organ).shift(1)
    base = organ["base"].to_numpy(dtype=float)
    ratio = organ["ratio"].to_numpy(dtype=float)
    category = categories(ratio, before.fillna(1.0).clip(upper=1.0).to_numpy(dtype=float), base)
    organ["responding"], organ["progressing"] = category == RESPONDING, category == PROGRESSING
    both = organ.groupby(key)[["responding", "progressing"]].any().all(axis=1).astype(float)
    places = pd.MultiIndex.from_frame(assessed[key].drop_duplicates())
    of_patient = places.get_level_values("patient_id").map(unknown).to_numpy(dtype=bool)
    return both.reindex(places).where(~of_patient)
