"""Mean Gower distances without the pairs: by sorting and counting, in O(n log n).

A row's distances to others add up variable by variable: a number's by its place among the sorted values and
their running sums, a category's by how many rows share it. What a pair's distance is divided by depends
only on which variables the two rows have, so rows are taken together by what they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import UsageError
from lesionhet.gower import NUMBERS, Floats, Integers, encode, observed_ranges
from lesionhet.small_groups import LARGEST, library, small_group_means

BITS: Final = 63
"""Columns from which on a whole number has no bit for each."""
ROWS_AT_ONCE: Final = 200_000
"""Rows of whole groups that running sums go through together: bounds their rounding and the memory."""


def mean_gower(
    table: pd.DataFrame,
    kinds: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    *,
    group: Sequence[object] | None = None,
    itself: bool = False,
) -> Floats:
    """Give each row's mean Gower distance to the rows of its group.

    Parameters
    ----------
    table
        n rows of any columns.
    kinds, weights, ranges
        As in `lesionhet.requests.gower`; ``"asymmetric"`` is not permitted.
    group
        n labels; default: all rows are one group. Ranges are those of the whole table.
    itself
        Whether the row itself, at distance 0, is among the rows of its group.

    Returns
    -------
    numpy.ndarray
        n means over the rows with which it shares a variable that counts; NaN where there is none.

    Raises
    ------
    UsageError
        As in `lesionhet.requests.gower`, an asymmetric column, or labels of another length.

    Source: Gower (1971); the sums of absolute differences by order statistics.

    Examples
    --------
    >>> rows = pd.DataFrame({"nadir": [0.5, 1.0, 0.75], "relapse": [True, True, False]})
    >>> mean_gower(rows).tolist()
    [0.625, 0.625, 0.75]
    """
    data, used = encode(table, kinds or {}, ranges or {})
    if "asymmetric" in used:
        raise UsageError("mean_gower takes no asymmetric columns; use gower_distance.")
    labels = np.zeros(len(table)) if group is None else np.asarray(group)
    if len(labels) != len(table):
        raise UsageError(f"group has {len(labels)} labels for {len(table)} rows.")
    codes = pd.factorize(labels)[0]
    if (codes < 0).any():
        rows = ", ".join(map(str, np.flatnonzero(codes < 0)[:5]))
        raise UsageError(
            f"group has no label in {int((codes < 0).sum())} rows (places from 0: {rows}); give each row "
            "one, or leave these rows out."
        )
    order = np.argsort(codes, kind="stable")
    size = np.bincount(codes)
    values = data.to_numpy(dtype=float)
    spans = observed_ranges(values)
    names = [str(name) for name in table.columns]
    for place, name in enumerate(names):
        if name in (ranges or {}):
            spans[place] = np.subtract(*(ranges or {})[name][::-1])
    each = np.broadcast_to(spans, (len(size), len(names)))
    given = [float((weights or {}).get(name, 1.0)) for name in names]
    means = np.empty(len(values))
    means[order] = group_means(values[order], size, used, given, each, itself=itself)
    return means


def group_means(
    values: Floats,
    size: Integers,
    kinds: Sequence[str],
    weights: Sequence[float],
    spans: Floats,
    *,
    itself: bool,
) -> Floats:
    """Give each row's mean distance to the rows of its group, groups one after the other.

    Parameters
    ----------
    values
        n x v numbers or codes, NaN where missing, sorted by group.
    size
        g sizes of the groups.
    kinds, weights
        v kinds (numeric, ordinal, nominal) and v weights.
    spans
        g x v ranges by which differences are divided; 0: no difference counts.
    itself
        Whether the row itself is among the rows of its group.

    Returns
    -------
    numpy.ndarray
        n means; NaN where the row shares nothing that counts with any row.
    """
    found = library()
    if found is None:
        return _by_sorting(values, size, kinds, weights, spans, itself)
    means = small_group_means(found, values, size, kinds, weights, spans, itself=itself)
    if (large := size > LARGEST).any():
        rows = np.repeat(large, size)
        given = (values[rows], size[large], kinds, weights, spans[large])
        means[rows] = _by_sorting(*given, itself)
    return means


def _by_sorting(
    values: Floats,
    size: Integers,
    kinds: Sequence[str],
    weights: Sequence[float],
    spans: Floats,
    itself: bool,
) -> Floats:
    """Give what `group_means` does, of groups of any size."""
    means = np.empty(len(values))
    start = 0
    for first, last in _chunks(size):
        sizes = size[first:last]
        rows = slice(start, start + int(sizes.sum()))
        owner = np.repeat(np.arange(len(sizes)), sizes)
        scaled = _scaled(values[rows], owner, spans[first:last], kinds)
        means[rows] = _chunk_means(scaled, owner, kinds, weights, itself)
        start = rows.stop
    return means


def _chunks(size: Integers) -> Iterator[tuple[int, int]]:
    """Give ranges of groups with about as many rows as are taken at once."""
    before = np.cumsum(size) - size
    edges = np.flatnonzero(np.diff(before // ROWS_AT_ONCE, prepend=-1)).tolist()
    yield from pairwise([*edges, len(size)])


def _scaled(values: Floats, owner: Integers, spans: Floats, kinds: Sequence[str]) -> Floats:
    """Divide numbers by their range and take their group's mean away, which keeps running sums small."""
    found = values.copy()
    for v, kind in enumerate(kinds):
        if kind not in NUMBERS:
            continue
        span = spans[owner, v]
        known = ~np.isnan(values[:, v])
        column = np.where(known, values[:, v], 0.0)
        count = np.maximum(np.bincount(owner, weights=known), 1.0)
        middle = np.bincount(owner, weights=column) / count
        apart = np.divide(
            column - middle[owner], span, out=np.zeros(len(column)), where=known & (span > 0)
        )
        found[:, v] = np.where(known, apart, np.nan)
    return found


def _chunk_means(
    values: Floats, owner: Integers, kinds: Sequence[str], weights: Sequence[float], itself: bool
) -> Floats:
    known = ~np.isnan(values)
    pattern = _patterns(known)
    total, count = np.zeros(len(values)), np.zeros(len(values))
    weight = np.asarray(weights, dtype=float)
    there = [(int(code), known[pattern == code][0]) for code in np.unique(pattern)]
    for mine, have in there:
        for theirs, others in there:
            shared = np.flatnonzero(have & others & (weight > 0)).tolist()
            if not shared:
                continue
            rows = np.flatnonzero((pattern == mine) | (pattern == theirs))
            asked, among = pattern[rows] == mine, pattern[rows] == theirs
            met = np.bincount(owner[rows], weights=among)[owner[rows]]
            sums = np.zeros(len(rows))
            for v in shared:
                part = _apart if kinds[v] in NUMBERS else _unlike
                sums += weight[v] * part(values[rows, v], owner[rows], among)
            total[rows] += np.where(asked, sums / weight[shared].sum(), 0.0)
            count[rows] += np.where(asked, met, 0.0)
            if mine == theirs and not itself:
                count[rows] -= 1.0
    means: Floats = np.full(len(values), np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means


def _patterns(known: npt.NDArray[np.bool_]) -> Integers:
    """Give rows with the same columns missing the same number."""
    if known.shape[1] < BITS:
        return known @ (1 << np.arange(known.shape[1]))
    return np.unique(known, axis=0, return_inverse=True)[1]


def _apart(values: Floats, owner: Integers, among: npt.NDArray[np.bool_]) -> Floats:
    """Add up the absolute differences of each row to those rows of its group that are ``among``."""
    order = np.lexsort((values, owner))
    value, group = values[order], owner[order]
    counted, weighed = among[order].astype(float), np.where(among[order], value, 0.0)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    rows = np.diff(np.append(first, len(group)))
    below, below_sum = np.cumsum(counted) - counted, np.cumsum(weighed) - weighed
    below -= np.repeat(below[first], rows)
    below_sum -= np.repeat(below_sum[first], rows)
    all_of, all_sum = (np.repeat(np.add.reduceat(part, first), rows) for part in (counted, weighed))
    found = np.empty(len(values))
    # Those before in the order are no larger, the others no smaller; the row itself adds 0.
    found[order] = value * (2 * below - all_of) - 2 * below_sum + all_sum
    return np.maximum(found, 0.0)


def _unlike(values: Floats, owner: Integers, among: npt.NDArray[np.bool_]) -> Floats:
    """Count those rows of each row's group that are ``among`` and of another category."""
    code = pd.factorize(values, use_na_sentinel=False)[0]
    cell = owner * (int(code.max()) + 1) + code
    alike = np.bincount(cell, weights=among)[cell]
    everyone = np.bincount(owner, weights=among)[owner]
    return np.asarray(everyone - alike)
