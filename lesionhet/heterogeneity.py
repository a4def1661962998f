"""How differently the lesions of one patient respond: lesion-level and patient-level Gower distance."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.gower import Floats, Integers, observed_ranges
from lesionhet.mean_gower import group_means
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

VARIABLE_KINDS: Final = ("nominal",) * len(PHASES) + ("numeric",) * 2


def heterogeneity_tables(data: pd.DataFrame, **options: Any) -> dict[str, pd.DataFrame]:
    """Answer a ``heterogeneity`` request.

    Lesion level: the mean of G_ij over the lesions j of the same patient, the lesion itself included
    or not. Patient level: the mean of the lesion level.

    Parameters
    ----------
    data
        ``row`` (1 to n), ``patient`` (codes from 1, in any order) and the five variables.
    options
        ``weights`` (5), ``range`` (patient, cohort, fixed), ``lowest`` and ``highest`` (2 each, used
        when fixed), ``self`` (flag), ``single`` (zero, missing).

    Returns
    -------
    dict
        ``lesions``: row, distance. ``patients``: patient, n (lesions), distance.
    """
    order = np.argsort(data["patient"].to_numpy(), kind="stable")
    values = data[list(RESPONSE_VARIABLES)].to_numpy(dtype=float)[order]
    patient = data["patient"].to_numpy(dtype=np.int64)[order]
    codes, start, size = np.unique(patient, return_index=True, return_counts=True)
    spans = _spans(values, start, size, options)
    kinds, weights, itself = VARIABLE_KINDS, options["weights"], options["self"]
    lesion = group_means(values, size, kinds, weights, spans, itself=itself)
    lesion[np.repeat(size == 1, size)] = 0.0 if options["single"] == "zero" else np.nan
    of_patient = np.repeat(np.arange(len(codes)), size)
    found = ~np.isnan(lesion)
    counts = np.bincount(of_patient[found], minlength=len(codes))
    sums = np.bincount(of_patient[found], weights=lesion[found], minlength=len(codes))
    level = np.divide(sums, counts, out=np.full(len(codes), np.nan), where=counts > 0)
    rows = pd.DataFrame({"row": data["row"].to_numpy()[order], "distance": lesion})
    return {
        "lesions": rows.sort_values("row", ignore_index=True),
        "patients": pd.DataFrame({"patient": codes, "n": size, "distance": level}),
    }


def _spans(values: Floats, start: Integers, size: Integers, options: dict[str, Any]) -> Floats:
    """Give the range of each variable for each patient, p x 5."""
    if options["range"] == "patient":
        low = np.minimum.reduceat(np.where(np.isnan(values), np.inf, values), start, axis=0)
        high = np.maximum.reduceat(np.where(np.isnan(values), -np.inf, values), start, axis=0)
        known = np.isfinite(low)
        return np.where(known, np.where(known, high, 0) - np.where(known, low, 0), 0.0)
    spans = observed_ranges(values)
    if options["range"] == "fixed":
        spans[len(PHASES) :] = np.subtract(options["highest"], options["lowest"])
    return np.broadcast_to(spans, (len(size), values.shape[1]))
