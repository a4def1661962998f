"""Rows as both engines get them: complete, counted, with groups as whole-number codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.errors import NotEstimableError, UsageError

SIGNIFICANT_DIGITS = 12
ALL = "all"
"""Label of the one group where none was given."""


def complete_rows(
    numbers: Mapping[str, Any],
    groups: Mapping[str, tuple[Any | None, Sequence[str] | None]],
    *,
    shown: Mapping[str, str] | None = None,
    may_be_empty: tuple[str, ...] = (),
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]], dict[str, int]]:
    """Put columns side by side, drop and count incomplete rows, turn labels into codes.

    Parameters
    ----------
    numbers
        Name -> n numbers.
    groups
        Name -> (n labels, or None for one group; labels in the order wanted, or None for sorted).
        A group named ``"strata"`` that is None is left away.
    shown
        Name -> what messages call the column.
    may_be_empty
        Groups that may have labels without rows.

    Returns
    -------
    tuple
        Rows (numbers as float, groups as codes from 1), labels by group, reason -> rows dropped.

    Raises
    ------
    NotEstimableError
        No row is left, or a group has none.
    UsageError
        Lengths differ, or a number is infinite.
    """
    frame = pd.DataFrame(_columns(numbers, groups))
    orders = {
        name: tuple(map(str, order))
        if order is not None
        else tuple(sorted(frame[name].dropna().unique()))
        for name, (_, order) in groups.items()
        if name in frame
    }
    left_out: dict[str, int] = {}
    for name in frame.columns:
        label = (shown or {}).get(name, name)
        if name in numbers and np.isinf(frame[name].to_numpy(dtype=float)).any():
            raise UsageError(f"{label} has infinite values.")
        frame = _keep(frame, frame[name].notna(), f"{label} missing", left_out)
    for name, order in orders.items():
        frame = _keep(frame, frame[name].isin(order), f"{name} not compared", left_out)
    if frame.empty:
        raise NotEstimableError("No rows are left after dropping missing values.")
    for name, order in orders.items():
        frame[name] = pd.Categorical(frame[name], categories=list(order)).codes.astype("int64") + 1
        present = set(frame[name])
        empty = [label for code, label in enumerate(order, start=1) if code not in present]
        if empty and name not in (*may_be_empty, "strata"):
            raise NotEstimableError(f"No rows are left in {name} {', '.join(map(repr, empty))}.")
    return frame.reset_index(drop=True), orders, left_out


def _columns(
    numbers: Mapping[str, Any], groups: Mapping[str, tuple[Any | None, Sequence[str] | None]]
) -> dict[str, pd.Series]:
    columns = {name: _numbers(name, values) for name, values in numbers.items()}
    for name, (labels, _) in groups.items():
        if labels is not None:
            series = pd.Series(np.asarray(labels, dtype=object))
            columns[name] = series.where(series.isna(), series.astype(str))
    sizes = {len(column) for column in columns.values()}
    if len(sizes) != 1:
        raise UsageError(f"Columns need the same length, found {sorted(sizes)} rows.")
    for name, (labels, _) in groups.items():
        if labels is None and name != "strata":
            columns[name] = pd.Series([ALL] * sizes.copy().pop(), dtype=object)
    return columns


def _numbers(name: str, values: Any) -> pd.Series:
    try:
        return pd.Series(np.asarray(pd.to_numeric(pd.Series(values)), dtype=float))
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} has values that are no numbers: {error}.") from error


def _keep(frame: pd.DataFrame, keep: Any, reason: str, left_out: dict[str, int]) -> pd.DataFrame:
    dropped = int((~keep).sum())
    if dropped:
        left_out[reason] = dropped
    return frame[keep]


def with_ties(values: pd.Series) -> pd.Series:
    """Round to 12 significant digits, so that values equal but for rounding tie in every rank.

    R's own rank tests count ties among 15 printed digits but rank all 17: without this a value apart by
    its last bit would be tied in one place and not in another.
    """
    numbers = values.to_numpy(dtype=float)
    size = np.abs(numbers)
    exponent = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    scale = 10.0 ** np.clip(SIGNIFICANT_DIGITS - 1 - exponent, -300, 300)
    return pd.Series(np.round(numbers * scale) / scale, index=values.index, name=values.name)


def need_groups(labels: Sequence[str], least: int, most: int | None = None) -> None:
    """Refuse a comparison of too few or too many groups."""
    if len(labels) < least or (most is not None and len(labels) > most):
        wanted = f"{least}" if most == least else f"{least} or more"
        raise NotEstimableError(f"{wanted} groups are needed, found {len(labels)}: {list(labels)}.")


def need_spread(values: pd.Series, what: str) -> None:
    """Refuse values that are all equal."""
    if values.nunique() < 2:
        raise NotEstimableError(f"{what}: all {len(values)} values are equal.")


def need_events(data: pd.DataFrame, least: int, what: str) -> None:
    """Refuse survival rows with fewer events than ``least``."""
    events = int(data["event"].sum())
    if events < least:
        raise NotEstimableError(f"{what}: {events} event(s) in {len(data)} rows, needs {least}.")


def check_level(conf_level: float) -> float:
    """Refuse a confidence level that is none."""
    if not 0 < conf_level < 1:
        raise UsageError(f"conf_level is {conf_level!r}; permitted: above 0 and below 1.")
    return float(conf_level)


def check_survival(data: pd.DataFrame) -> None:
    """Refuse events other than 0 and 1 and negative times."""
    if not data["event"].isin((0, 1)).all():
        raise UsageError("event has values other than 0 and 1.")
    if (data["time"] < 0).any():
        raise UsageError(f"time has {int((data['time'] < 0).sum())} negative value(s).")
