"""A column of texts as its different texts: what holds for a text is found once, not in each cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True, eq=False)
class DistinctTexts:
    """The different texts of a column.

    Parameters
    ----------
    codes
        n places in ``texts``; -1 where the cell is empty.
    texts
        k texts in the order in which they come first.
    """

    codes: npt.NDArray[np.int64]
    texts: Sequence[str]

    def each(self, function: Callable[[str], Any]) -> npt.NDArray[np.object_]:
        """Give what a function makes of each of the n texts; None where the cell is empty."""
        found = np.empty(len(self.texts) + 1, dtype=object)
        found[:-1] = [function(text) for text in self.texts]
        # The last one, None, is the one at place -1.
        return np.asarray(found[self.codes])


def distinct_texts(cells: pd.Series) -> DistinctTexts | None:
    """Find the different texts of a column.

    Parameters
    ----------
    cells
        n cells of any type.

    Returns
    -------
    DistinctTexts or None
        None where a cell is neither a text nor empty: 1, 1.0 and true are equal and yet not the same.

    Examples
    --------
    >>> found = distinct_texts(pd.Series(["liver", None, "lung", "liver"]))
    >>> found.codes.tolist(), list(found.texts), found.each(str.upper).tolist()
    ([0, -1, 1, 0], ['liver', 'lung'], ['LIVER', None, 'LUNG', 'LIVER'])
    >>> distinct_texts(pd.Series(["1", 1.0], dtype=object)) is None
    True
    """
    # The cell that is no text makes pandas compare texts as Python does: where there are texts alone, it
    # reads each to its end, or to a NUL in it.
    compared = np.concatenate([cells.to_numpy(dtype=object), np.array([None], dtype=object)])
    try:
        codes, different = pd.factorize(compared)
    except TypeError:  # a cell that cannot be compared, such as a list
        return None
    if not all(isinstance(value, str) for value in different):
        return None
    return DistinctTexts(codes[:-1], different.tolist())
