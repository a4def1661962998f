"""What every result of a statistic has: its tables, their shapes, and what its codes stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from lesionhet.errors import LesionhetError

LABEL_OF_COLUMN: Mapping[str, str] = {
    "group": "group",
    "group_1": "group",
    "group_2": "group",
    "level": "level",
    "term": "term",
    "patient": "patient",
    "organ": "organ",
    "row": "row",
    "row_1": "row",
    "row_2": "row",
}
"""Column of a result table -> which labels its whole-number codes (from 1) stand for."""


@dataclass(frozen=True)
class Shape:
    """Columns of one result table: what names a row, and the numbers in it."""

    keys: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Result:
    """Base of every result.

    Parameters
    ----------
    engine
        ``"python"`` or ``"r"``.
    method
        What was computed, in the words of the engine's function.
    options
        Every option that was set, by name.
    n
        Rows used.
    left_out
        Reason -> number of rows that were left out before the computation.
    warnings
        What the engine had to say.
    tables
        Table name -> tidy table; names and columns are those of ``SHAPES``.

    Raises
    ------
    LesionhetError
        A table is missing or has other columns than its shape: a fault of an engine, not of the data.
    """

    engine: str
    method: str
    options: Mapping[str, Any]
    n: int
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]

    SHAPES: ClassVar[Mapping[str, Shape]] = {}
    STATISTIC: ClassVar[str] = ""
    """Name of the statistic whose answer it is."""

    def __post_init__(self) -> None:
        for name, shape in self.SHAPES.items():
            expected = [*shape.keys, *shape.numbers]
            found = list(self.tables[name].columns) if name in self.tables else None
            if found != expected:
                raise LesionhetError(
                    f"{type(self).__name__} from {self.engine}: table '{name}' has columns {found}, "
                    f"expected {expected}."
                )

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """Give one table as a fresh data frame; the first of ``SHAPES`` when none is named."""
        return self.tables[table or next(iter(self.SHAPES))].copy()

    def value(self, column: str, table: str = "test") -> float:
        """Give the one number of a one-row table, such as ``value("p_value")``."""
        return float(self.tables[table][column].iloc[0])

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format="{:.4g}".format))
