"""How differently the lesions of one patient respond: lesion-level and patient-level Gower distance."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.gower import Floats, Integers, observed_ranges, pair_distances
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

VARIABLE_KINDS: Final = ("nominal",) * len(PHASES) + ("numeric",) * 2
PAIRS_AT_ONCE: Final = 2_000_000
"""Pairs held in memory together; bounds the memory whatever the size of the cohort."""


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
    lesion = _lesion_means(values, start, size, spans, options)
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


def _lesion_means(
    values: Floats, start: Integers, size: Integers, spans: Floats, options: dict[str, Any]
) -> Floats:
    """Give each lesion's mean distance, chunks of whole patients at a time."""
    means = np.empty(len(values))
    pairs_before = np.concatenate(([0], np.cumsum(size.astype(np.int64) ** 2)))
    chunk_of = pairs_before[:-1] // PAIRS_AT_ONCE
    edges = np.flatnonzero(np.diff(chunk_of, prepend=-1, append=chunk_of[-1:] + 1))
    for first, last in itertools.pairwise(edges):
        lesions = slice(start[first], start[last - 1] + size[last - 1])
        means[lesions] = _chunk_means(values[lesions], size[first:last], spans[first:last], options)
    return means


def _chunk_means(values: Floats, size: Integers, spans: Floats, options: dict[str, Any]) -> Floats:
    """Give the mean distances of the lesions of whole patients, all ordered pairs side by side."""
    n = len(values)
    per_lesion = np.repeat(size, size)
    start = np.repeat(np.cumsum(size) - size, size)
    left = np.repeat(np.arange(n), per_lesion)
    within = np.arange(len(left)) - np.repeat(np.cumsum(per_lesion) - per_lesion, per_lesion)
    right = start[left] + within
    if not options["self"]:
        apart = left != right
        left, right = left[apart], right[apart]
    owner = np.repeat(np.arange(len(size)), size)
    distance = pair_distances(
        values, left, right, VARIABLE_KINDS, options["weights"], spans[owner[left]]
    )
    found = ~np.isnan(distance)
    counts = np.bincount(left[found], minlength=n)
    sums = np.bincount(left[found], weights=distance[found], minlength=n)
    means = np.full(n, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    alone = per_lesion == 1
    means[alone] = 0.0 if options["single"] == "zero" else np.nan
    return means
