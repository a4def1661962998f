"""How differently the lesions of one patient respond: lesion-level and patient-level Gower distance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.gower import NUMBERS, observed_ranges
from lesionhet.groupwise import Floats, Integers, starts
from lesionhet.mean_gower import group_means
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

VARIABLE_KINDS: Final = ("nominal",) * len(PHASES) + ("numeric",) * 2
DISTANCE_DECIMALS: Final = 12
"""Distances that are equal by the formula differ in the last bits by the order of summation. Rounded
here, they tie at cut-offs and in ranks on every machine."""


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
    values = data[list(RESPONSE_VARIABLES)].to_numpy(dtype=float)
    row = data["row"].to_numpy()
    found = group_distances(values, data["patient"].to_numpy(dtype=np.int64), **options)
    by_row = np.argsort(row, kind="stable")
    lesions = {"row": row[by_row], "distance": found.lesions[by_row]}
    patients = {"patient": found.codes, "n": found.size, "distance": found.patients}
    return {"lesions": pd.DataFrame(lesions), "patients": pd.DataFrame(patients)}


@dataclass(frozen=True, eq=False)
class GroupDistances:
    """Distances of n lesions and of their p patients.

    Parameters
    ----------
    lesions
        n, in the order given.
    codes, size, patients
        Of each patient, by rising code: the code, the number of lesions, the mean of their distances.
    """

    lesions: Floats
    codes: Integers
    size: Integers
    patients: Floats


def group_distances(values: Floats, patient: Integers, **options: Any) -> GroupDistances:
    """Compute the lesion-level and patient-level distance of arrays.

    Parameters
    ----------
    values
        n x 5, NaN where missing.
    patient
        n codes, in any order.
    options
        As in `heterogeneity_tables`.

    Examples
    --------
    >>> values = np.array([[1, 0, 0, 0.6, 0.6], [0, 0, 1, 1.3, 1.3]], dtype=float)
    >>> rules = {"weights": [1.0] * 5, "range": "patient", "self": True, "single": "zero"}
    >>> group_distances(values, np.array([7, 7]), **rules).patients.tolist()
    [0.4]
    """
    order = np.argsort(patient, kind="stable")
    values, patient = values[order], patient[order]
    start = starts(patient)
    size = np.diff(np.append(start, len(patient)))
    spans = _spans(values, start, size, options)
    kinds, weights, itself = VARIABLE_KINDS, options["weights"], options["self"]
    lesion = group_means(values, size, kinds, weights, spans, itself=itself)
    lesion[start[size == 1]] = 0.0 if options["single"] == "zero" else np.nan
    of_patient = np.repeat(np.arange(len(size)), size)
    found = ~np.isnan(lesion)
    counts = np.bincount(of_patient, weights=found, minlength=len(size))
    sums = np.bincount(of_patient, weights=np.where(found, lesion, 0.0), minlength=len(size))
    level = np.divide(sums, counts, out=np.full(len(size), np.nan), where=counts > 0)
    given = np.empty_like(lesion)
    given[order] = lesion
    return GroupDistances(given, patient[start], size, level)


def response_distances(
    phases: pd.DataFrame, patient: Integers, options: Mapping[str, Any]
) -> tuple[Floats, Floats]:
    """Give the distances of response patterns, rounded so that equal ones tie on every machine.

    Parameters
    ----------
    phases
        n rows with the five variables, none missing.
    patient
        n codes of patients.
    options
        Of `lesionhet.requests.patterns.distance_options`; ratios beyond fixed bounds count as the bound.

    Returns
    -------
    tuple
        Of the n lesions, and of the patients by rising code.
    """
    found = group_distances(bounded(phases, options), patient, **options)
    return found.lesions.round(DISTANCE_DECIMALS), found.patients.round(DISTANCE_DECIMALS)


def bounded(phases: pd.DataFrame, options: Mapping[str, Any]) -> Floats:
    """Give the five variables as an array; under a fixed range ratios beyond the bounds as the bound.

    Parameters are those of `response_distances`.
    """
    values: Floats = phases[list(RESPONSE_VARIABLES)].to_numpy(dtype=float)
    if options["range"] != "fixed":
        return values
    ratios = np.clip(values[:, len(PHASES) :], options["lowest"], options["highest"])
    return np.hstack([values[:, : len(PHASES)], ratios])


def _spans(values: Floats, start: Integers, size: Integers, options: dict[str, Any]) -> Floats:
    """Give the range of each variable for each patient, p x 5; of flags, where none is used, 0."""
    spans = np.zeros((len(size), values.shape[1]))
    for v, kind in enumerate(VARIABLE_KINDS):
        if kind not in NUMBERS:
            continue
        column = np.ascontiguousarray(values[:, v])
        if options["range"] == "patient":
            # fmax and fmin pass over what is missing; where all is, so is the range.
            span = np.fmax.reduceat(column, start) - np.fmin.reduceat(column, start)
            spans[:, v] = np.where(np.isnan(span), 0.0, span)
        elif options["range"] == "cohort":
            spans[:, v] = observed_ranges(column[:, None])
        else:
            spans[:, v] = options["highest"][v - len(PHASES)] - options["lowest"][v - len(PHASES)]
    return spans
