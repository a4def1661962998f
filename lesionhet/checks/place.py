"""Where a rule looks, and what the checks of one table give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import Problem
from lesionhet.readers import Notice

Mask = Any
"""A boolean array or Series, one value a row."""


@dataclass(frozen=True, eq=False)
class Place:
    """One column of one file, to turn masks of rows into problems.

    Parameters
    ----------
    file, column
        As the user knows them.
    rows
        Row number of each row as a spreadsheet counts.
    """

    file: str
    column: str
    rows: npt.NDArray[np.int64]

    def problems(self, mask: Mask, message: str, mend: str) -> list[Problem]:
        """Give the problem of the rows of ``mask``; none where the mask is empty."""
        rows = np.unique(self.rows[np.asarray(mask, dtype=bool)]).tolist()
        return [Problem(self.file, self.column, message, mend, tuple(rows))] if rows else []


@dataclass(frozen=True, eq=False)
class Checked:
    """One table after its checks.

    Parameters
    ----------
    file
        Name of the file.
    frame
        Columns under the program's names; the index is the row number in the file. Cells that broke
        a rule are missing.
    headings
        Name of the program -> heading in the file.
    problems, notices
        What was found.
    made_of
        Heading -> column of the user's file, where a reader of several data sets named it anew.
    """

    file: str
    frame: pd.DataFrame
    headings: Mapping[str, str]
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]
    made_of: Mapping[str, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Say whether the table has all of these columns."""
        return set(names) <= set(self.headings)

    def place(self, name: str, frame: pd.DataFrame | None = None) -> Place:
        """Give the place of a column, for the rows of ``frame`` or of the whole table."""
        rows = (self.frame if frame is None else frame).index.to_numpy(dtype=np.int64)
        return Place(self.file, self.shown(name), rows)

    def where(self, name: str) -> str:
        """Name file and column, for a notice."""
        return f"{self.file}, column '{self.shown(name)}'"

    def shown(self, name: str) -> str:
        """Give the name that a column has in the user's file."""
        heading = self.headings.get(name, name)
        return self.made_of.get(heading, heading)
