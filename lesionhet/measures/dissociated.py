"""Dissociated response in its published variants, and discordant categories of lesions."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.groupwise import Integers, ordered_codes, pair_codes, sums
from lesionhet.measures.by_patient import by_patient
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
    ratio, direction = size / base, direction_of(size / base)
    category = categories(ratio, before / base, base)
    patient = by_patient(lesions["patient_id"])
    grown_mm = np.where(ratio > GROWTH * (1 + TOLERANCE), size - base, 0.0)
    enough = patient.total(grown_mm) >= LEAST_MM * (1 - TOLERANCE)
    deep = patient.any(ratio < RESPONSE * (1 - TOLERANCE))
    shrinking, growing = patient.any(direction < 0), patient.any(direction > 0)
    responding, progressing = (patient.any(category == kind) for kind in (RESPONDING, PROGRESSING))
    new = new_by_then.reindex(patient.patients).to_numpy().astype(bool)
    found = {
        "dissociated_change": deep & enough,
        "dissociated_new": shrinking & (growing | new),
        "dissociated_target": responding & progressing,
        "discordant": patient.lowest(category) < patient.highest(category),
    }
    return pd.DataFrame(found, index=patient.patients).astype(float)


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
    places = assessed[["patient_id", "place"]].drop_duplicates()
    if places.empty:
        return pd.Series(dtype=float, index=pd.MultiIndex.from_frame(places))
    patient, place, site = (ordered_codes(assessed[n]) for n in ("patient_id", "place", "site"))
    unknown = np.zeros(patient.max() + 1, dtype=bool)
    unknown[patient[site < 0]] = True
    organ = _organ_sums(assessed, patient, place, site)
    before = organ.groupby("organ")["ratio"].cummin().groupby(organ["organ"]).shift(1)
    before = before.fillna(1.0).clip(upper=1.0)
    values = (part.to_numpy(dtype=float) for part in (organ["ratio"], before, organ["base"]))
    category = categories(*values)
    there = pair_codes(patient, place)
    both = np.ones(there.max() + 1, dtype=bool)
    for kind in (RESPONDING, PROGRESSING):
        seen = np.zeros(len(both), dtype=bool)
        seen[organ["assessment"].to_numpy()[category == kind]] = True
        both &= seen
    first = places.index.to_numpy()
    found = np.where(unknown[patient], np.nan, both[there])[assessed.index.get_indexer(first)]
    return pd.Series(found, index=pd.MultiIndex.from_frame(places))


def _organ_sums(
    assessed: pd.DataFrame, patient: Integers, place: Integers, site: Integers
) -> pd.DataFrame:
    """Give the ratio of each organ's sum at each assessment to that of its baselines, organ by organ."""
    organ, assessment = pair_codes(patient, site), pair_codes(patient, place)
    cell = pair_codes(organ, place)
    codes, cells = pd.factorize(cell, sort=True)
    kept = cell >= 0
    known = cells[cells >= 0]
    codes = codes - (len(cells) - len(known))
    size, base = (
        sums(assessed[name].to_numpy(dtype=float)[kept], codes[kept], len(known))
        for name in ("size_mm", "baseline_mm")
    )
    _, first = np.unique(codes[kept], return_index=True)
    found = {"organ": organ[kept][first], "assessment": assessment[kept][first]}
    return pd.DataFrame({**found, "ratio": size / base, "base": base})
