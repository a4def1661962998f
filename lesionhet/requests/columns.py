"""Columns of a table that a question is about: their names, and whether they say anything."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lesionhet.errors import NotEstimableError, UsageError


def column_names(table: pd.DataFrame, least: int, what: str) -> list[str]:
    """Give the names of columns as text; refuse too few, and two of one name."""
    names = [str(name) for name in table.columns]
    if len(names) < least:
        raise UsageError(f"{what} needs {least} column(s) or more, found {len(names)}.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(
            f"{what} has {', '.join(map(repr, twice))} twice; give columns other names."
        )
    return names


def need_variation(data: pd.DataFrame, shown: Mapping[str, str], what: str) -> None:
    """Refuse columns that are the same in every row."""
    flat = [name for column, name in shown.items() if data[column].nunique() < 2]
    if flat:
        raise NotEstimableError(
            f"{what}: {', '.join(map(repr, flat))} the same in every row; leave it out."
        )
