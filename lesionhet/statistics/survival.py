"""Kaplan-Meier curves, their intervals and medians, as survival::survfit gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.errors import UsageError
from lesionhet.results import KaplanMeier
from lesionhet.statistics.arrays import Floats, by_group
from lesionhet.statistics.distributions import normal_quantile

Columns = dict[str, Floats]

FLAT_TOLERANCE: Final = float(np.sqrt(np.finfo(float).eps))
"""How near 0.5 a curve counts as flat at 0.5; the tolerance of R's survfit."""


def kaplan_meier(
    data: pd.DataFrame, conf_type: str, conf_level: float, times: Sequence[float]
) -> dict[str, pd.DataFrame]:
    """Estimate survival by Kaplan-Meier, group by group.

    Parameters
    ----------
    data
        ``time`` (days, 0 or more), ``event`` (1 event, 0 censored), ``group`` (codes from 1).
        Times are distinct when they are not exactly equal (R: ``timefix = FALSE``).
    conf_type
        ``"log"`` or ``"log-log"``: the scale on which the intervals are symmetric.
    conf_level
        Level of the intervals, in (0, 1).
    times
        Times of the ``at`` table, in days, ascending.

    Returns
    -------
    dict
        ``medians``, ``curve`` and ``at``, see `lesionhet.results.KaplanMeier`. Limits are missing
        where survival is 0, on the log-log scale also where it is 1; before the first time both
        are 1. The standard error is that of the survival (Greenwood), missing where survival is 0.

    Source: Kaplan & Meier (1958); Greenwood (1926). R: ``survival::survfit`` and its ``summary``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [2.0, 4.0, 4.0, 7.0], "event": [1, 1, 0, 1], "group": 1})
    >>> tables = kaplan_meier(rows, conf_type="log", conf_level=0.95, times=[5.0])
    >>> tables["curve"]["survival"].round(12).tolist()
    [0.75, 0.5, 0.0]
    >>> tables["medians"]["median"].item()
    5.5
    """
    if conf_type not in ("log", "log-log"):
        raise UsageError(f"conf_type is {conf_type!r}; permitted: 'log', 'log-log'.")
    asked, z = np.asarray(times, dtype=float), normal_quantile(conf_level)
    parts: dict[str, list[Columns]] = {"medians": [], "curve": [], "at": []}
    groups = zip(by_group(data, "time"), by_group(data, "event"), strict=True)
    for code, (time, event) in enumerate(groups, start=1):
        curve = with_limits(_fit(time, event), conf_type, z)
        for name, columns in tables_of(curve, asked).items():
            parts[name].append({"group": np.full(len(columns["conf_low"]), code), **columns})
    return {name: stacked(name, columns) for name, columns in parts.items()}


def tables_of(curve: Columns, times: Floats) -> dict[str, Columns]:
    """Give the columns of the three tables of one group from its curve."""
    return {"medians": _medians(curve), "curve": curve, "at": _at(curve, times)}


def stacked(name: str, parts: list[Columns]) -> pd.DataFrame:
    """Put the groups' columns of a table of `lesionhet.results.KaplanMeier` below each other."""
    shape = KaplanMeier.SHAPES[name]
    columns = [*shape.keys, *shape.numbers]
    return pd.DataFrame({c: np.concatenate([part[c] for part in parts]) for c in columns})


def _fit(time: Floats, event: Floats) -> Columns:
    """Give numbers, survival and the standard error of its log at each different time."""
    order = np.argsort(time)
    time, event = time[order], event[order]
    first = np.flatnonzero(np.r_[True, time[1:] != time[:-1]])
    n, died = float(len(time)) - first, np.add.reduceat(event, first)
    leave = np.diff(np.r_[first, len(time)])
    # Everyone has left at n == died: the variance of log survival is infinite from there on.
    variance = np.divide(died, n * (n - died), out=np.full(len(n), np.inf), where=n > died)
    return {
        "time": time[first],
        "n_risk": n,
        "n_event": died,
        "n_censor": leave - died,
        "survival": np.cumprod((n - died) / n),
        "log_error": np.sqrt(variance.cumsum()),
    }


def with_limits(curve: Columns, conf_type: str, z: float) -> Columns:
    """Put standard errors and limits, z standard errors away, beside a curve with ``log_error``."""
    survival, error = curve["survival"], curve["log_error"]
    alive = survival > 0
    inner = np.where(alive & ((survival < 1) | (conf_type == "log")), survival, np.nan)
    margin = z * np.where(alive, error, np.nan)
    if conf_type == "log":
        low, high = inner * np.exp(-margin), np.minimum(inner * np.exp(margin), 1.0)
    else:
        margin = margin / np.log(inner)
        low, high = inner ** np.exp(-margin), inner ** np.exp(margin)
    greenwood = np.where(alive, survival, np.nan) * np.where(alive, error, np.nan)
    return {**curve, "std_error": greenwood, "conf_low": low, "conf_high": high}


def _medians(curve: Columns) -> Columns:
    levels = {"median": "survival", "conf_low": "conf_low", "conf_high": "conf_high"}
    row = {"n": curve["n_risk"][0], "events": curve["n_event"].sum()}
    row |= {name: _crosses_half(curve["time"], curve[level]) for name, level in levels.items()}
    return {name: np.array([value]) for name, value in row.items()}


def _crosses_half(time: Floats, level: Floats) -> float:
    """Give the first time at which a curve is at or below one half, as R's survfit prints it.

    Where the curve is flat at one half, the middle between reaching and leaving it.
    """
    below = level < 0.5 + FLAT_TOLERANCE  # False where the level is missing
    if not below.any():
        return float("nan")
    time, level = time[below], level[below]
    leaves = level < level[0]
    if abs(level[0] - 0.5) < FLAT_TOLERANCE and leaves.any():
        return float((time[0] + time[leaves.argmax()]) / 2)
    return float(time[0])


def _at(curve: Columns, times: Floats) -> Columns:
    """Give numbers at risk and survival at any times from a curve; 1 before its first time."""
    known = curve["time"]
    last = np.searchsorted(known, times, side="right")
    at_risk = np.append(curve["n_risk"], 0.0)
    columns = {"time": times, "n_risk": at_risk[np.searchsorted(known, times, side="left")]}
    for name in ("survival", "conf_low", "conf_high"):
        columns[name] = np.append(1.0, curve[name])[last]
    return columns
