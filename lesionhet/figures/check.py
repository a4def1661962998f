"""What a chart must bring before it is drawn; a fault is named with its chart and table."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from lesionhet.charts import Chart
from lesionhet.errors import LesionhetError


def name_of(chart: Chart) -> str:
    """Give the kind and title of a chart as messages print them."""
    return f"{type(chart).__name__} '{chart.title}'"


def table(
    chart: Chart, name: str, columns: tuple[str, ...], may_be_empty: bool = False
) -> pd.DataFrame:
    """Give one table of a chart with a fresh index.

    Parameters
    ----------
    chart
        The chart.
    name
        Field of the chart that holds the table.
    columns
        Columns that it must have.
    may_be_empty
        Whether a table without rows can be drawn.

    Raises
    ------
    LesionhetError
        A column is missing, a number is infinite where none can be drawn, or there are no rows.
    """
    frame: pd.DataFrame = getattr(chart, name)
    if missing := [column for column in columns if column not in frame.columns]:
        raise LesionhetError(
            f"{name_of(chart)}: table '{name}' lacks column(s) {missing}; it needs {list(columns)}."
        )
    if frame.empty and not may_be_empty:
        raise LesionhetError(
            f"{name_of(chart)}: table '{name}' has no rows, so there is nothing to draw."
        )
    return frame.reset_index(drop=True)


def finite(chart: Chart, name: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Refuse infinite numbers, which have no place on an axis; missing ones are permitted.

    Raises
    ------
    LesionhetError
        A column of the table has an infinite number.
    """
    for column in columns:
        count = int(np.isinf(frame[column].to_numpy(dtype=float)).sum())
        if count:
            raise LesionhetError(
                f"{name_of(chart)}: column '{column}' of table '{name}' has {count} infinite value(s);"
                " finite or missing numbers are needed."
            )


def order(chart: Chart, what: str, wanted: tuple[str, ...], found: Collection[object]) -> None:
    """Refuse an empty or repeated order, and categories that it does not name.

    Raises
    ------
    LesionhetError
        The order is empty, repeats a category, or lacks one that the table has.
    """
    if not wanted:
        raise LesionhetError(f"{name_of(chart)}: '{what}' is empty, so there is nothing to draw.")
    if len(set(wanted)) < len(wanted):
        raise LesionhetError(f"{name_of(chart)}: '{what}' names a category twice: {list(wanted)}.")
    if unknown := sorted({str(item) for item in found} - set(wanted)):
        raise LesionhetError(
            f"{name_of(chart)}: the table has {unknown}, which '{what}' does not name: {list(wanted)}."
        )


def positive(chart: Chart, name: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Refuse numbers at or below 0, which have no place on a log axis; missing ones are permitted.

    Raises
    ------
    LesionhetError
        A column of the table has a number at or below 0.
    """
    for column in columns:
        count = int((frame[column].to_numpy(dtype=float) <= 0).sum())
        if count:
            raise LesionhetError(
                f"{name_of(chart)}: column '{column}' of table '{name}' has {count} value(s) at or"
                " below 0; a log axis needs values above 0."
            )


def some(chart: Chart, name: str, what: str, rows: pd.DataFrame) -> None:
    """Refuse a part of a table that has no rows.

    Raises
    ------
    LesionhetError
        There are no rows.
    """
    if rows.empty:
        raise LesionhetError(f"{name_of(chart)}: table '{name}' has no rows for {what}.")


def unique(chart: Chart, name: str, frame: pd.DataFrame, keys: tuple[str, ...]) -> None:
    """Refuse a table that has two rows for the same thing.

    Raises
    ------
    LesionhetError
        Rows have the same keys.
    """
    again = frame[frame.duplicated(list(keys))]
    if not again.empty:
        raise LesionhetError(
            f"{name_of(chart)}: table '{name}' has two rows for {list(again[list(keys)].iloc[0])}; one"
            f" for each {', '.join(keys)} is needed."
        )
