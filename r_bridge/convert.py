"""Tables to R vectors and back, column by column, with the type of each column explicit.

This half needs no R; `r_bridge.worker` turns the vectors into R's own.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.errors import UsageError
from r_bridge.wire import ARRAY_CODES, NA_INTEGER, NA_REAL_BITS, Frame, Kind, Vector

_KIND_OF_INFERRED: Mapping[str, Kind] = {
    "boolean": "logical",
    "integer": "integer",
    "floating": "double",
    "mixed-integer-float": "double",
    "string": "character",
    "empty": "character",
}
"""What pandas finds in an object column -> R's type; a column without any value counts as text."""


def to_vectors(table: pd.DataFrame) -> dict[str, Vector]:
    """Turn a table into R vectors.

    Parameters
    ----------
    table
        Columns of numbers, flags or text, n rows. Missing values (NaN, None, ``pandas.NA``) become
        R's NA of the column's type.

    Returns
    -------
    dict
        Column name -> vector of length n.

    Raises
    ------
    UsageError
        A column is of another type, mixes types, or holds what R cannot: a whole number beyond
        32 bits, or a text with a NUL character or half of a surrogate pair.

    Examples
    --------
    >>> to_vectors(pd.DataFrame({"size": [1.5, None]}))["size"].kind
    'double'
    """
    return {str(name): to_vector(column, str(name)) for name, column in table.items()}


def to_vector(values: Any, name: str) -> Vector:
    """Turn one column, list or single value into an R vector; ``name`` is for messages.

    Examples
    --------
    >>> to_vector([True, None], "flag").values
    array('i', [1, -2147483648])
    """
    if isinstance(values, str | bool | int | float):
        values = [values]
    column = values if isinstance(values, pd.Series) else _as_column(values)
    kind = _kind(column, name)
    missing = column.isna().to_numpy(dtype=bool)
    if kind == "character":
        return Vector(kind, _texts(column, missing, name))
    if kind == "double":
        numbers = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        bits = np.where(missing, np.uint64(NA_REAL_BITS), numbers.view(np.uint64))
        return Vector(kind, array("d", bits.tobytes()))
    return Vector(kind, array("i", _whole_numbers(column, missing, name).tobytes()))


def to_frame(frame: Frame) -> pd.DataFrame:
    """Turn R vectors of one length into a table.

    Returns
    -------
    pandas.DataFrame
        Doubles as float64 (NA and NaN are NaN), integers as int64 and logicals as bool, each as the
        nullable type where a value is missing; texts as object with None where missing.

    Examples
    --------
    >>> to_frame({"n": Vector("integer", array("i", [3, -2147483648]))})["n"].tolist()
    [3, <NA>]
    """
    return pd.DataFrame({name: _column(vector) for name, vector in frame.items()})


def _as_column(values: Any) -> pd.Series:
    values = list(values)
    return pd.Series(values, dtype="float64" if not values else None)


def _kind(column: pd.Series, name: str) -> Kind:
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    types = pd.api.types
    if types.is_bool_dtype(column):
        return "logical"
    if types.is_integer_dtype(column):
        return "integer"
    if types.is_float_dtype(column):
        return "double"
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred not in _KIND_OF_INFERRED:
        raise UsageError(
            f"Column '{name}' holds {inferred} values; R takes numbers, flags or text. "
            "Convert the column to one of these."
        )
    return _KIND_OF_INFERRED[inferred]


def _texts(column: pd.Series, missing: Any, name: str) -> list[str | None]:
    texts = [
        None if lost else str(text)
        for text, lost in zip(column.astype(object), missing, strict=True)
    ]
    broken = [row for row, text in enumerate(texts, start=1) if text is not None and "\0" in text]
    if broken:
        raise UsageError(
            f"Column '{name}' has {len(broken)} text(s) with a NUL character (first in data row "
            f"{broken[0]}), which R cannot hold. Remove it."
        )
    halves = [row for row, text in enumerate(texts, start=1) if text and not _is_unicode(text)]
    if halves:
        raise UsageError(
            f"Column '{name}' has {len(halves)} text(s) that are not Unicode: half of a surrogate pair "
            f"(first in data row {halves[0]}). Read the file again in its own encoding."
        )
    return texts


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole_numbers(column: pd.Series, missing: Any, name: str) -> Any:
    numbers = column.astype("Int64").to_numpy(dtype=np.int64, na_value=0)
    large = np.flatnonzero(np.abs(numbers) > -(NA_INTEGER + 1))
    if len(large):
        raise UsageError(
            f"Column '{name}' has {len(large)} whole number(s) beyond R's 32 bits (first in data row "
            f"{large[0] + 1}). Give the column as floating-point numbers."
        )
    return np.where(missing, NA_INTEGER, numbers).astype(np.int32)


def _column(vector: Vector) -> pd.Series:
    if vector.kind == "character":
        return pd.Series(list(vector.values), dtype=object)
    numbers = np.array(vector.values, dtype=ARRAY_CODES[vector.kind])
    if vector.kind == "double":
        # R's NA is a signalling NaN: arithmetic with it would set off warnings in NumPy.
        return pd.Series(np.where(np.isnan(numbers), np.nan, numbers))
    missing = numbers == NA_INTEGER
    whole, nullable = ("int64", "Int64") if vector.kind == "integer" else ("bool", "boolean")
    column = pd.Series(np.where(missing, 0, numbers).astype(whole))
    return column.astype(nullable).mask(missing) if missing.any() else column
