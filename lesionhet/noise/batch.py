"""Phases and distances of many copies of a cohort at once, each copy with sizes of its own.

The same rules as `lesionhet.phases` and `lesionhet.heterogeneity`, and equal to them copy by copy; only
what the distance needs. Arrays are copies x lesions, and lesions stand in the order of their number of
scans: those that have a k-th scan are the first ones, so that nothing is computed twice or for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.noise import copies
from lesionhet.patterns import DISTANCE_DECIMALS
from lesionhet.phases import TOLERANCE, Flags, Floats, Integers
from lesionhet.schema import PHASES


@dataclass(frozen=True, eq=False)
class Layout:
    """Where each measurement of a cohort stands.

    Parameters
    ----------
    patient, lesion
        Code of each of n rows; rows of a lesion are together, by day, its baseline first.
    first, place
        First row of each lesion, then n; its place, in the order of the rows.
    order
        Rows by scan number, then by lesion; ``sizes[:, order]`` has the baselines first.
    ends
        Where each scan number ends in that order; the first ends at the number of lesions.
    members
        Number of lesions of a patient -> positions of these patients, and their lesions' places,
        patients x lesions; in the order of the codes.
    patients
        Codes of the patients with two lesions or more, sorted.
    """

    patient: Integers
    lesion: Integers
    first: Integers
    place: Integers
    order: Integers
    ends: Integers
    members: Mapping[int, tuple[Integers, Integers]]
    patients: Integers

    @cached_property
    def of_patients(self) -> tuple[Integers, Integers]:
        """Where each patient's lesions begin, then how many there are; their places."""
        number = np.zeros(len(self.patients), dtype=np.int64)
        for n, (patients, _) in self.members.items():
            number[patients] = n
        begin = np.r_[0, np.cumsum(number)]
        lesion = np.empty(begin[-1], dtype=np.int64)
        for n, (patients, places) in self.members.items():
            lesion[begin[patients][:, None] + np.arange(n)] = places
        return begin, lesion

    @property
    def rows(self) -> int:
        """Number of measurements."""
        return len(self.order)


def layout_of(data: pd.DataFrame) -> Layout:
    """Find the place of each measurement.

    Parameters
    ----------
    data
        ``patient`` and ``lesion`` (codes), one row a measurement; rows of a lesion are together.
    """
    lesion, patient = data["lesion"].to_numpy(), data["patient"].to_numpy()
    start = np.flatnonzero(np.r_[True, lesion[1:] != lesion[:-1]])
    length = np.diff(np.r_[start, len(lesion)])
    by_length = np.argsort(-length, kind="stable")
    place = np.empty(len(start), dtype=np.int64)
    place[by_length] = np.arange(len(start))
    position = np.arange(len(lesion)) - np.repeat(start, length)
    order = np.lexsort((np.repeat(place, length), position))
    members: dict[int, tuple[Integers, Integers]] = {}
    own = pd.DataFrame({"patient": patient[start], "place": place}).sort_values(
        "patient", kind="stable"
    )
    codes, counts = np.unique(own["patient"], return_counts=True)
    several = codes[counts > 1]
    for n in np.unique(counts[counts > 1]):
        of_size = codes[counts == n]
        lesions = own.loc[own["patient"].isin(of_size), "place"].to_numpy().reshape(-1, int(n))
        members[int(n)] = (np.searchsorted(several, of_size), lesions)
    first = np.r_[start, len(lesion)]
    ends = np.cumsum(np.bincount(position))
    return Layout(patient, lesion, first, place, order, ends, members, several)


def patterns(sizes: Floats, layout: Layout, rules: Mapping[str, Any]) -> tuple[Floats, ...]:
    """Compute the five response variables of every lesion of every copy.

    Parameters
    ----------
    sizes
        c copies x n rows, in mm, in the order of the rows; every baseline above 0.
    layout
        Of the rows.
    rules
        ``response_threshold, relapse_threshold, relapse_reference, relapse_min_increase_mm,
        stable_rule`` as in `Definitions`.

    Returns
    -------
    tuple
        Response, stable, relapse (flags), nadir and last ratio, each c x lesions in their places.
    """
    compiled = copies.library()
    if compiled is not None:
        return copies.patterns(compiled, sizes, layout.first, layout.place, rules)
    ordered = sizes[:, layout.order]
    ends = layout.ends
    baseline = ordered[:, : ends[0]]
    smallest = baseline.copy()
    responded, stable, relapsed = (np.zeros(baseline.shape, dtype=bool) for _ in PHASES)
    nadir, last = np.full(baseline.shape, np.inf), np.empty(baseline.shape)
    from_nadir = rules["relapse_reference"] == "nadir"
    after_response = rules["stable_rule"] == "after_response"
    for begin, end in pairwise(ends):
        now, there = ordered[:, begin:end], np.s_[:, : end - begin]
        ratio = now / baseline[there]
        reference = smallest[there] if from_nadir else baseline[there]
        relapses = _relapses(now, reference, rules)
        responds = ratio <= rules["response_threshold"] * (1 + TOLERANCE)
        relapsed[there] |= relapses
        before = ~relapsed[there]
        reaches = before & responds & ~responded[there]
        stable[there] |= before & ~(reaches if after_response else responds)
        responded[there] |= reaches
        np.minimum(smallest[there], now, out=smallest[there])
        np.minimum(nadir[there], ratio, out=nadir[there])
        last[there] = ratio
    return responded, stable, relapsed, nadir, last


def _relapses(now: Floats, reference: Floats, rules: Mapping[str, Any]) -> Flags:
    limit = rules["relapse_threshold"] * reference
    if rules["relapse_min_increase_mm"] > 0:
        np.maximum(limit, reference + rules["relapse_min_increase_mm"], out=limit)
    limit *= 1 - TOLERANCE
    return np.asarray((now >= limit) & (now > reference))


def distances(variables: Sequence[Any], layout: Layout, rules: Mapping[str, Any]) -> Floats:
    """Compute the patient-level distance of every patient with two lesions or more, in every copy.

    The mean over all pairs of lesions needs no pair: of a flag that c of n lesions have, c (n - c)
    unordered pairs differ, and sorted ratios x_1 .. x_n differ by sum of (2 i - n - 1) x_i in all.

    Parameters
    ----------
    variables
        Five arrays as `patterns` gives them.
    layout
        Of the rows.
    rules
        ``weights, range, lowest, highest, self`` as in `lesionhet.requests.patterns.distance_options`.

    Returns
    -------
    numpy.ndarray
        c copies x patients of the layout, rounded to 12 decimals.
    """
    ratios = list(variables[len(PHASES) :])
    spans: list[Any] = [None, None]
    if rules["range"] == "fixed":
        bounds = list(zip(rules["lowest"], rules["highest"], strict=True))
        ratios = [np.clip(x, *bound) for x, bound in zip(ratios, bounds, strict=True)]
        spans = [np.array(high - low) for low, high in bounds]
    elif rules["range"] == "cohort":
        spans = [np.ptp(x, axis=1)[:, None] for x in ratios]
    flags = variables[: len(PHASES)]
    compiled = copies.library()
    if compiled is None:
        found = _by_number(flags, ratios, spans, layout, rules)
    else:
        shape = (len(flags[0]), 1)
        ranges = [np.nan if span is None else span for span in spans]
        per_copy = np.hstack([np.broadcast_to(span, shape) for span in ranges])
        begin, lesion = layout.of_patients
        found = copies.distances(compiled, [*flags, *ratios], begin, lesion, rules, per_copy)
    return np.asarray(found.round(DISTANCE_DECIMALS))


def _by_number(
    flags: Sequence[Any],
    ratios: Sequence[Floats],
    spans: Sequence[Any],
    layout: Layout,
    rules: Mapping[str, Any],
) -> Floats:
    """Compute the distances by NumPy, all patients with one number of lesions together."""
    weights = rules["weights"]
    found = np.empty((len(flags[0]), len(layout.patients)))
    for n, (patients, lesions) in layout.members.items():
        total = np.zeros((len(found), len(patients)))
        for flag, weight in zip(flags, weights[: len(PHASES)], strict=True):
            count = flag[:, lesions].sum(axis=2, dtype=np.int64)
            total += weight * (count * (n - count))
        for x, span, weight in zip(ratios, spans, weights[len(PHASES) :], strict=True):
            total += weight * _apart(np.sort(x[:, lesions], axis=2), span)
        pairs = n * n if rules["self"] else n * (n - 1)
        found[:, patients] = 2 * total / (sum(weights) * pairs)
    return found


def _apart(x: Floats, span: Any) -> Floats:
    """Add up |x_i - x_j| / range over the pairs of each patient; ``x`` is sorted along its last axis."""
    n = x.shape[2]
    between = x @ (2 * np.arange(1, n + 1) - n - 1.0)
    own = x[:, :, -1] - x[:, :, 0] if span is None else np.broadcast_to(span, between.shape)
    apart = np.zeros(between.shape)
    np.divide(between, own, out=apart, where=own > 0)
    return apart


def distances_of(sizes: Floats, layout: Layout, rules: Mapping[str, Any]) -> Floats:
    """Give the patient-level distances of copies of a cohort; see `patterns` and `distances`.

    Examples
    --------
    >>> data = pd.DataFrame({"patient": 1, "lesion": [1, 1, 2, 2]})
    >>> rules = {"response_threshold": 0.7, "relapse_threshold": 1.2, "relapse_reference": "nadir",
    ...          "relapse_min_increase_mm": 0.0, "stable_rule": "after_response", "range": "patient",
    ...          "weights": [1.0] * 5, "self": True}
    >>> sizes = np.array([[50.0, 30.0, 50.0, 65.0], [50.0, 45.0, 50.0, 45.0]])
    >>> distances_of(sizes, layout_of(data), rules).tolist()
    [[0.4], [0.0]]
    """
    return distances(patterns(sizes, layout, rules), layout, rules)
