"""Types and small helpers that the statistics share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def by_group(data: pd.DataFrame, column: str = "values") -> list[Floats]:
    """Split a column by the codes 1 to k of ``group``; every group has rows.

    Examples
    --------
    >>> by_group(pd.DataFrame({"values": [1.0, 2.0, 3.0], "group": [2, 1, 2]}))
    [array([2.]), array([1., 3.])]
    """
    order = np.argsort(data["group"].to_numpy(), kind="stable")
    sizes = np.bincount(data["group"].to_numpy(dtype=np.int64))[1:]
    return np.split(data[column].to_numpy(dtype=float)[order], np.cumsum(sizes)[:-1])


def group_medians(data: pd.DataFrame) -> pd.DataFrame:
    """Give size and median of each group: the ``groups`` table of the rank tests."""
    parts = by_group(data)
    return pd.DataFrame(
        {
            "group": np.arange(1, len(parts) + 1),
            "n": [len(part) for part in parts],
            "median": [float(np.median(part)) for part in parts],
        }
    )
