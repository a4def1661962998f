"""Numbers, tables and R's data sets as JSON and back; the same values give the same bytes."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

LOWEST, HIGHEST = "-Inf", "Inf"
NULLABLE: Final = ("Int64", "boolean")
"""Types of columns of whole numbers and flags, where a value is missing."""
_INFINITE: Final = {LOWEST: -math.inf, HIGHEST: math.inf}


def numbers_to_json(column: pd.Series) -> list[Any]:
    """Give the numbers of a column for JSON: missing as None, whole numbers without a point.

    Examples
    --------
    >>> numbers_to_json(pd.Series([0.1, 3.0, np.nan, -np.inf]))
    [0.1, 3, None, '-Inf']
    """
    return [_to_json(number) for number in column.to_numpy(dtype=float, na_value=np.nan).tolist()]


def numbers_from_json(found: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Give the numbers of a column as floats, NaN where missing.

    Examples
    --------
    >>> numbers_from_json([0.1, 3, None, '-Inf']).tolist()
    [0.1, 3.0, nan, -inf]
    """
    given = [math.nan if value is None else _INFINITE.get(value, value) for value in found]
    return np.array(given, dtype=float)


def table_to_json(table: pd.DataFrame) -> dict[str, Any]:
    """Give a data set of R for JSON, with the type of every column.

    Parameters
    ----------
    table
        As `r_bridge.data_sets.read_data_sets` gives it.
    """
    columns = {str(name): _column_to_json(column) for name, column in table.items()}
    return {"row_names": [str(name) for name in table.index], "columns": columns}


def table_from_json(found: Mapping[str, Any]) -> pd.DataFrame:
    """Give the data set again, as it was.

    Examples
    --------
    >>> table = pd.DataFrame({"dose": pd.array([1, None], dtype="Int64"), "size": [0.5, np.nan],
    ...                       "smoker": pd.array([None, True], dtype="boolean"),
    ...                       "grade": pd.Categorical(["b", None], ["b", "a"], ordered=True)},
    ...                      index=["first", "second"])
    >>> pd.testing.assert_frame_equal(table_from_json(table_to_json(table)), table)
    """
    index = pd.Index(found["row_names"], dtype=object)
    columns = {name: _column_from_json(column) for name, column in found["columns"].items()}
    return pd.DataFrame(
        {name: pd.Series(values, index=index) for name, values in columns.items()}, index=index
    )


def write_gz(path: Path, lines: list[Any]) -> None:
    """Write one line of JSON each; no date, so that the same content is the same file."""
    text = "".join(
        json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
        for line in lines
    )
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def read_gz(path: Path) -> list[Any]:
    """Read what `write_gz` wrote."""
    text = gzip.decompress(path.read_bytes()).decode()
    return [json.loads(line) for line in text.split("\n") if line]


def _to_json(number: float) -> Any:
    if math.isnan(number):
        return None
    if math.isinf(number):
        return HIGHEST if number > 0 else LOWEST
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _column_to_json(column: pd.Series) -> dict[str, Any]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in column.cat.categories]
        kind = {"type": "category", "levels": levels, "ordered": bool(column.cat.ordered)}
        return {**kind, "values": column.cat.codes.tolist()}
    kind = {"type": str(column.dtype)}
    if column.dtype == object:
        return {**kind, "values": [None if pd.isna(text) else str(text) for text in column]}
    return {**kind, "values": numbers_to_json(column)}


def _column_from_json(found: Mapping[str, Any]) -> Any:
    kind, values = found["type"], found["values"]
    if kind == "category":
        return pd.Categorical.from_codes(values, found["levels"], ordered=found["ordered"])
    if kind == "object":
        return np.array(values, dtype=object)
    if kind in NULLABLE:
        return pd.array(values, dtype="Float64").astype(kind)
    return numbers_from_json(values).astype(kind)
