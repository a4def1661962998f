"""Kaplan-Meier curves, their intervals and medians, as survival::survfit gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.errors import UsageError
from lesionhet.results import KaplanMeier
from lesionhet.statistics.arrays import Floats, by_group

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
    asked = np.asarray(times, dtype=float)
    parts: dict[str, list[pd.DataFrame]] = {"medians": [], "curve": [], "at": []}
    groups = zip(by_group(data, "time"), by_group(data, "event"), strict=True)
    for code, (time, event) in enumerate(groups, start=1):
        curve = _with_limits(_fit(time, event), conf_type, conf_level)
        found = {"medians": _medians(curve), "curve": curve, "at": _at(curve, asked)}
        for name, table in found.items():
            parts[name].append(table.assign(group=code))
    return {
        name: pd.concat(tables, ignore_index=True)[_columns(name)] for name, tables in parts.items()
    }


def _columns(name: str) -> list[str]:
    shape = KaplanMeier.SHAPES[name]
    return [*shape.keys, *shape.numbers]


def _fit(time: Floats, event: Floats) -> pd.DataFrame:
    from lifelines import KaplanMeierFitter

    fitter = KaplanMeierFitter().fit(time, event)
    counts = fitter.event_table
    n, d = counts["at_risk"].to_numpy(dtype=float), counts["observed"].to_numpy(dtype=float)
    survival = fitter.survival_function_.iloc[:, 0].to_numpy(dtype=float)
    # Everyone has left at n == d: the variance of log survival is infinite from there on.
    variance = np.divide(d, n * (n - d), out=np.full(len(n), np.inf), where=n > d).cumsum()
    columns = {
        "time": counts.index.to_numpy(dtype=float),
        "n_risk": n,
        "n_event": d,
        "n_censor": counts["censored"].to_numpy(dtype=float),
        "survival": survival,
        "log_error": np.sqrt(variance),
    }
    curve = pd.DataFrame(columns)
    # lifelines opens every curve at time 0, survfit only where someone leaves then.
    return curve[(curve["n_event"] + curve["n_censor"]) > 0].reset_index(drop=True)


def _with_limits(curve: pd.DataFrame, conf_type: str, conf_level: float) -> pd.DataFrame:
    survival, error = curve["survival"].to_numpy(), curve["log_error"].to_numpy()
    z = float(stats.norm.ppf(1 - (1 - conf_level) / 2))
    alive = survival > 0
    inner = np.where(alive & ((survival < 1) | (conf_type == "log")), survival, np.nan)
    margin = z * np.where(alive, error, np.nan)
    if conf_type == "log":
        low, high = inner * np.exp(-margin), np.minimum(inner * np.exp(margin), 1.0)
    else:
        margin = margin / np.log(inner)
        low, high = inner ** np.exp(-margin), inner ** np.exp(margin)
    greenwood = np.where(alive, survival, np.nan) * np.where(alive, error, np.nan)
    return curve.assign(std_error=greenwood, conf_low=low, conf_high=high)


def _medians(curve: pd.DataFrame) -> pd.DataFrame:
    time = curve["time"].to_numpy()
    row = {
        "n": float(curve["n_risk"].iloc[0]),
        "events": float(curve["n_event"].sum()),
        "median": _crosses_half(time, curve["survival"].to_numpy()),
        "conf_low": _crosses_half(time, curve["conf_low"].to_numpy()),
        "conf_high": _crosses_half(time, curve["conf_high"].to_numpy()),
    }
    return pd.DataFrame([row])


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


def _at(curve: pd.DataFrame, times: Floats) -> pd.DataFrame:
    known = curve["time"].to_numpy()
    last = np.searchsorted(known, times, side="right")
    at_risk = np.append(curve["n_risk"].to_numpy(), 0.0)
    columns = {"time": times, "n_risk": at_risk[np.searchsorted(known, times, side="left")]}
    for name in ("survival", "conf_low", "conf_high"):
        columns[name] = np.append(1.0, curve[name].to_numpy())[last]
    return pd.DataFrame(columns)
