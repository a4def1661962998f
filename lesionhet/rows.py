"""Rows as both engines get them: complete, counted, with groups as whole-number codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import NotEstimableError, UsageError

SIGNIFICANT_DIGITS = 12
ALL = "all"
"""Label of the one group where none was given."""
MAY_LACK_ROWS = "strata"
"""The group whose labels may all be without rows, and which is left away where it is None."""

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Kept = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Labels:
    """Labels as codes from 0 by ``order``; -1 where missing, -2 where not among those compared."""

    codes: Codes
    order: tuple[str, ...]


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
        Name -> (n labels, or None for one group; labels in the order wanted, each once, or None for
        sorted). A group named ``"strata"`` that is None is left away.
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
        Lengths differ, a number is infinite, or an order names a label twice.

    Examples
    --------
    >>> rows, labels, left_out = complete_rows(
    ...     {"values": [1.0, None, 3.0, 4.0]}, {"group": (["b", "a", "a", "c"], ["a", "b"])}
    ... )
    >>> rows.to_numpy().tolist(), labels, left_out
    ([[1.0, 2.0], [3.0, 1.0]], {'group': ('a', 'b')}, {'values missing': 1, 'group not compared': 1})
    """
    measured = {name: _numbers(name, values) for name, values in numbers.items()}
    labelled = _labelled(measured, groups)
    kept, left_out = _complete(measured, labelled, shown or {})
    if not kept.any():
        raise NotEstimableError("No rows are left after dropping missing values.")
    columns: dict[str, npt.NDArray[Any]] = {name: column[kept] for name, column in measured.items()}
    for name, found in labelled.items():
        columns[name] = found.codes[kept] + 1
        if name not in (*may_be_empty, MAY_LACK_ROWS):
            _need_rows(name, columns[name], found.order)
    orders = {name: labelled[name].order for name in groups if name in labelled}
    return pd.DataFrame(columns), orders, left_out


def _numbers(name: str, values: Any) -> Floats:
    plain = isinstance(values, np.ndarray | pd.Series) and values.ndim == 1
    if plain and isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiub":
        return np.asarray(values, dtype=float)
    try:
        return np.asarray(pd.to_numeric(pd.Series(values)), dtype=float)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} has values that are no numbers: {error}.") from error


def _labelled(
    measured: Mapping[str, Floats],
    groups: Mapping[str, tuple[Any | None, Sequence[str] | None]],
) -> dict[str, _Labels]:
    """Code the groups: first those given, then those that are one group of all rows."""
    coded = {
        name: _by_order(*_coded(labels), order)
        for name, (labels, order) in groups.items()
        if labels is not None
    }
    sizes = {len(c) for c in measured.values()} | {len(c.codes) for c in coded.values()}
    if len(sizes) != 1:
        raise UsageError(f"Columns need the same length, found {sorted(sizes)} rows.")
    everyone = np.zeros(sizes.pop(), dtype=np.int64)
    for name, (labels, order) in groups.items():
        if labels is None and name != MAY_LACK_ROWS:
            coded[name] = _by_order(everyone, [ALL] if len(everyone) else [], order)
    return coded


def _coded(labels: Any) -> tuple[Codes, list[str]]:
    """Give each label's place among the different texts, -1 where it is missing, and the texts."""
    given = np.asarray(labels, dtype=object)
    codes, different = pd.factorize(given)
    # 1, 1.0 and True are one key but three texts, so only texts can be told apart before they are made.
    if not set(map(type, different)) <= {str}:
        texts = pd.Series(given)
        codes, different = pd.factorize(texts.where(texts.isna(), texts.astype(str)).to_numpy())
    return np.asarray(codes, dtype=np.int64), list(map(str, different))


def _by_order(codes: Codes, texts: list[str], order: Sequence[str] | None) -> _Labels:
    """Give codes by the order wanted instead of that of appearance."""
    wanted = tuple(sorted(texts)) if order is None else tuple(map(str, order))
    place = dict(zip(wanted, range(len(wanted)), strict=True))
    if len(place) < len(wanted):
        raise UsageError(f"order names a label twice: {list(wanted)}.")
    # The last entry answers for -1, a missing label.
    places = np.array([*map(place.get, texts, repeat(-2)), -1], dtype=np.int64)
    return _Labels(places[codes], wanted)


def _complete(
    measured: Mapping[str, Floats], labelled: Mapping[str, _Labels], shown: Mapping[str, str]
) -> tuple[Kept, dict[str, int]]:
    """Say which rows have everything, and count the others by the first thing that they lack."""
    first = next(iter((*measured.values(), *(found.codes for found in labelled.values()))))
    kept = np.ones(len(first), dtype=bool)
    left_out: dict[str, int] = {}

    def leave_out(lacking: Kept, reason: str) -> None:
        lost = int(np.count_nonzero(kept & lacking))
        if lost:
            left_out[reason] = lost
            kept[lacking] = False

    for name, column in measured.items():
        label = shown.get(name, name)
        if (kept & np.isinf(column)).any():
            raise UsageError(f"{label} has infinite values.")
        leave_out(np.isnan(column), f"{label} missing")
    for name, found in labelled.items():
        leave_out(found.codes == -1, f"{shown.get(name, name)} missing")
    for name, found in labelled.items():
        leave_out(found.codes == -2, f"{name} not compared")
    return kept, left_out


def _need_rows(name: str, codes: Codes, order: tuple[str, ...]) -> None:
    rows = np.bincount(codes, minlength=len(order) + 1)[1:]
    empty = [label for label, n in zip(order, rows, strict=True) if n == 0]
    if empty:
        raise NotEstimableError(f"No rows are left in {name} {', '.join(map(repr, empty))}.")


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
    numbers = values.to_numpy()
    if (numbers == numbers[:1]).all():
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
    event, negative = data["event"].to_numpy(), data["time"].to_numpy() < 0
    if not ((event == 0) | (event == 1)).all():
        raise UsageError("event has values other than 0 and 1.")
    if negative.any():
        raise UsageError(f"time has {np.count_nonzero(negative)} negative value(s).")
