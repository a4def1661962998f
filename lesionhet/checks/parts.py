"""Where a cell stood before sheets were stacked or a wide table was made long, so that messages name it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.checks.place import Place
from lesionhet.readers.table import RawTable

Part = tuple[npt.NDArray[np.int64], Place]
"""Positions of some rows, and the place that they have in common."""


def parts_of(raw: RawTable, place: Place, *, sizes: bool) -> list[Part]:
    """Part a column by the sheet, and sizes by the column of a wide table, that its cells come from.

    Parameters
    ----------
    raw
        The table, n rows.
    place
        The column in it.
    sizes
        Whether it is the column of sizes.

    Returns
    -------
    Every row once; one part for a table that is as it was read.

    Examples
    --------
    >>> from lesionhet.readers import ReadOptions, from_frame
    >>> from lesionhet.readers.shape.wide import melt
    >>> wide = from_frame(pd.DataFrame({"lesion_id": ["A", "B"], "BL": [1, 2], "W8": [3, 4]}), "t")
    >>> raw = melt(wide, ReadOptions())
    >>> for rows, place in parts_of(raw, Place("t", "diameter_mm", raw.rows), sizes=True):
    ...     print(rows.tolist(), place.column, place.rows.tolist())
    [0, 2] BL [2, 3]
    [1, 3] W8 [2, 3]
    """
    n = len(raw.rows)
    by_column = sizes and raw.size_columns is not None
    if raw.sheets is None and not by_column:
        return [(np.arange(n), place)]
    files = [place.file] * n
    if raw.sheets is not None:
        files = [f"{place.file}, sheet '{sheet}'" for sheet in raw.sheets]
    columns = raw.size_columns if by_column else [place.column] * n
    marks = pd.DataFrame({"file": files, "column": columns})
    return [
        (np.asarray(rows), Place(str(file), str(column), raw.rows[rows]))
        for (file, column), rows in marks.groupby(["file", "column"], sort=False).indices.items()
    ]


def joined(parts: Sequence[tuple[npt.NDArray[np.int64], pd.Series]], index: Any) -> pd.Series:
    """Put the cells of the parts of a column back where they belong.

    Parameters
    ----------
    parts
        Positions and cells of each part.
    index
        Index of the column.

    Examples
    --------
    >>> parts = [(np.array([0, 2]), pd.Series([1.0, 3.0])), (np.array([1]), pd.Series([2.0]))]
    >>> joined(parts, range(3)).tolist()
    [1.0, 2.0, 3.0]
    """
    if len(parts) == 1:
        return parts[0][1]
    together = pd.concat([cells for _, cells in parts])
    order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
    return together.iloc[order].set_axis(index)
