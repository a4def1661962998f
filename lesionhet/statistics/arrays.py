"""Types and small helpers that the statistics share."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

TERM: Final = re.compile(r"x\d+")

MOST_SHORT_CODES: Final = int(np.iinfo(np.uint16).max)
"""NumPy sorts whole numbers of 16 bits by their digits, which is many times faster."""


def term_columns(data: pd.DataFrame) -> list[str]:
    """Give the columns of covariates: x1, x2 ... in this order, wherever they stand.

    Examples
    --------
    >>> term_columns(pd.DataFrame(columns=["time", "x2", "x1", "xy"]))
    ['x1', 'x2']
    """
    terms = sum(TERM.fullmatch(name) is not None for name in data.columns)
    return [f"x{i}" for i in range(1, terms + 1)]


def code_order(codes: Integers) -> Integers:
    """Give the places of rows by their codes (0 or more), rows of one code as they stand.

    Examples
    --------
    >>> code_order(np.array([2, 1, 2, 1])).tolist()
    [1, 3, 0, 2]
    """
    short = len(codes) > 0 and codes.max() <= MOST_SHORT_CODES
    return np.argsort(codes.astype(np.uint16) if short else codes, kind="stable")


def by_group(data: pd.DataFrame, column: str = "values") -> list[Floats]:
    """Split a column by the codes 1 to k of ``group``; every group has rows.

    Examples
    --------
    >>> by_group(pd.DataFrame({"values": [1.0, 2.0, 3.0], "group": [2, 1, 2]}))
    [array([2.]), array([1., 3.])]
    """
    group = data["group"].to_numpy(dtype=np.int64)
    values = data[column].to_numpy(dtype=float)[code_order(group)]
    ends = np.cumsum(np.bincount(group)[1:]).tolist()
    return [values[first:last] for first, last in zip([0, *ends], ends, strict=False)]


def group_medians(data: pd.DataFrame) -> pd.DataFrame:
    """Give size and median of each group: the ``groups`` table of the rank tests.

    Examples
    --------
    >>> group_medians(pd.DataFrame({"values": [1.0, 2.0, 4.0], "group": [2, 1, 2]})).values.tolist()
    [[1.0, 1.0, 2.0], [2.0, 2.0, 2.5]]
    """
    parts = [np.sort(part) for part in by_group(data)]
    return pd.DataFrame(
        {
            "group": np.arange(1, len(parts) + 1),
            "n": [len(part) for part in parts],
            "median": [median_of_sorted(part) for part in parts],
        }
    )


def median_of_sorted(values: Floats) -> float:
    """Give the median of one or more ascending values.

    Examples
    --------
    >>> median_of_sorted(np.array([1.0, 2.0, 4.0, 8.0]))
    3.0
    """
    n = len(values)
    return float((values[(n - 1) // 2] + values[n // 2]) / 2)
