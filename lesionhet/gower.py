"""The Gower distance itself, for any table of mixed columns with missing values.

Source: Gower (1971), Biometrics 27:857-871; R: ``cluster::daisy(metric = "gower")``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import UsageError

KINDS: Final = ("numeric", "nominal", "ordinal", "asymmetric")
NUMBERS: Final = ("numeric", "ordinal")
"""Kinds whose differences have a size."""
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def gower_distance(
    table: pd.DataFrame,
    kinds: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Floats:
    """Compute the Gower distance of every pair of rows.

    G_ij = sum_v w_v delta_ijv d_ijv / sum_v w_v delta_ijv, where delta is 0 where either value is
    missing (asymmetric: or both are 0), d is |x_i - x_j| / range for numeric and ordinal columns
    (0 where the range is 0) and 0 or 1 for the others.

    Parameters
    ----------
    table
        n rows of any columns.
    kinds, weights, ranges
        As in `lesionhet.requests.gower`.

    Returns
    -------
    numpy.ndarray
        n x n distances in [0, 1]; missing where no variable is shared, 0 on the diagonal.

    Raises
    ------
    UsageError
        As in `lesionhet.requests.gower`.

    Examples
    --------
    >>> table = pd.DataFrame({"nadir": [0.5, 1.0], "relapse": [True, True]})
    >>> gower_distance(table).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    data, options, _ = prepare(table, kinds or {}, weights or {}, ranges or {})
    n = len(data)
    pairs = gower_tables(data, **options)["pairs"]
    square = np.zeros((n, n))
    first, second = pairs["row_1"].to_numpy() - 1, pairs["row_2"].to_numpy() - 1
    square[first, second] = square[second, first] = pairs["distance"]
    return square


def prepare(
    table: pd.DataFrame,
    kinds: Mapping[str, str],
    weights: Mapping[str, float],
    ranges: Mapping[str, tuple[float, float]],
) -> tuple[pd.DataFrame, dict[str, Any], dict[str, tuple[str, ...]]]:
    """Turn a mixed table and its settings into the rows, options and labels of a request."""
    for what, given in (("weights", weights), ("ranges", ranges)):
        if unknown := sorted(set(given) - set(map(str, table.columns))):
            raise UsageError(f"{what} names unknown columns {unknown}.")
    data, used = encode(table, kinds, ranges)
    names = [str(c) for c in table.columns]
    bounds = [ranges.get(name, (np.nan, np.nan)) for name in names]
    options = {
        "kinds": used,
        "weights": [float(weights.get(name, 1.0)) for name in names],
        "lowest": [float(low) for low, _ in bounds],
        "highest": [float(high) for _, high in bounds],
    }
    return data, options, {"row": tuple(map(str, table.index))}


def encode(
    table: pd.DataFrame, kinds: Mapping[str, str], ranges: Mapping[str, tuple[float, float]]
) -> tuple[pd.DataFrame, list[str]]:
    """Turn a mixed table into numbers ``v1, v2 ..`` and the kind of each column.

    Categories become codes, missing values NaN; columns with a range given are clipped to it, so that
    no distance passes 1.
    """
    names = [str(name) for name in table.columns]
    if len(set(names)) < len(names) or not names:
        raise UsageError(f"The table needs columns with distinct names, found {names}.")
    if unknown := sorted(set(kinds) - set(names)):
        raise UsageError(f"kinds names unknown columns {unknown}; the table has {names}.")
    data, used = pd.DataFrame(index=range(len(table))), []
    for position, name in enumerate(names, start=1):
        column = table.iloc[:, position - 1].reset_index(drop=True)
        kind = kinds.get(name) or _kind_of(column)
        values = _numbers(name, column, kind)
        if name in ranges:
            low, high = ranges[name]
            if kind != "numeric" or not low < high:
                raise UsageError(f"ranges['{name}'] is {(low, high)}: low < high of a number.")
            values = np.clip(values, low, high)
        data[f"v{position}"] = values
        used.append(kind)
    return data, used


def gower_tables(
    data: pd.DataFrame,
    kinds: Sequence[str],
    weights: Sequence[float],
    lowest: Sequence[float],
    highest: Sequence[float],
) -> dict[str, pd.DataFrame]:
    """Answer a ``gower`` request: the distance of every pair of rows, row_1 < row_2."""
    values = data.to_numpy(dtype=float)
    spans = observed_ranges(values)
    fixed = np.isfinite(lowest) & np.isfinite(highest)
    spans = np.where(fixed, np.asarray(highest) - np.asarray(lowest), spans)
    first, second = np.triu_indices(len(values), k=1)
    distance = pair_distances(values, first, second, kinds, weights, spans)
    return {"pairs": pd.DataFrame({"row_1": first + 1, "row_2": second + 1, "distance": distance})}


def pair_distances(
    values: Floats,
    first: Integers,
    second: Integers,
    kinds: Sequence[str],
    weights: Sequence[float],
    spans: Floats,
) -> Floats:
    """Compute the distance of given pairs of rows.

    Parameters
    ----------
    values
        n x v numbers, NaN where missing.
    first, second
        m row numbers from 0.
    kinds, weights
        v kinds and v weights.
    spans
        Range of each column, v numbers, or of each column and pair, m x v.

    Returns
    -------
    numpy.ndarray
        m distances; NaN where the weights that count sum to 0.
    """
    total, weight_sum = np.zeros(len(first)), np.zeros(len(first))
    spans = np.broadcast_to(spans, (len(first), values.shape[1]))
    for v, (kind, weight) in enumerate(zip(kinds, weights, strict=True)):
        left, right = values[first, v], values[second, v]
        counts = ~(np.isnan(left) | np.isnan(right))
        if kind in NUMBERS:
            span = spans[:, v]
            usable = counts & (span > 0)
            apart = np.divide(np.abs(left - right), span, out=np.zeros(len(first)), where=usable)
        else:
            apart = np.where(counts & (left != right), 1.0, 0.0)
            if kind == "asymmetric":
                counts &= (left != 0) | (right != 0)
        total += weight * apart * counts
        weight_sum += weight * counts
    distance = np.full(len(first), np.nan)
    np.divide(total, weight_sum, out=distance, where=weight_sum > 0)
    return distance


def observed_ranges(values: Floats) -> Floats:
    """Give the range of each column of an n x v array, ignoring missing values; 0 where all are."""
    highest = np.where(np.isnan(values), -np.inf, values).max(axis=0, initial=-np.inf)
    lowest = np.where(np.isnan(values), np.inf, values).min(axis=0, initial=np.inf)
    return np.where(np.isfinite(highest), highest - np.where(np.isfinite(lowest), lowest, 0), 0.0)


def _kind_of(column: pd.Series) -> str:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "ordinal" if column.cat.ordered else "nominal"
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return "nominal"
    return "numeric"


def _numbers(name: str, column: pd.Series, kind: str) -> Any:
    if kind not in KINDS:
        raise UsageError(f"kinds['{name}'] is {kind!r}; permitted: {', '.join(KINDS)}.")
    if kind == "nominal" or (kind == "ordinal" and isinstance(column.dtype, pd.CategoricalDtype)):
        codes = (
            column.cat.codes.to_numpy()
            if isinstance(column.dtype, pd.CategoricalDtype)
            else pd.factorize(column, sort=False)[0]
        )
        return np.where(codes < 0, np.nan, codes + 1.0)
    try:
        values = pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"Column '{name}' is {kind} but has values that are no numbers."
        ) from error
    if np.isinf(values).any():
        raise UsageError(f"Column '{name}' has infinite values.")
    if kind == "asymmetric" and not np.isin(values[~np.isnan(values)], (0, 1)).all():
        raise UsageError(f"Column '{name}' is asymmetric: permitted values are 0 and 1.")
    return _positions(values) if kind == "ordinal" else values


def _positions(values: Floats) -> Floats:
    """Replace numbers by their place among the distinct numbers, from 1."""
    known = ~np.isnan(values)
    positions = np.full(len(values), np.nan)
    positions[known] = np.unique(values[known], return_inverse=True)[1] + 1.0
    return positions
