"""Response phases: when a series of sizes responds, is stable, and relapses.

The same rules serve a lesion and a patient's total burden. Every formula is in docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.definitions import Definitions
from lesionhet.errors import LesionhetError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

TOLERANCE: Final = 1e-9
"""Relative slack of every threshold: 0.7 x 3.0 is not 2.1 in binary, and a threshold is inclusive."""
NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class _Series:
    """Sizes of all units end to end, with what every rule needs."""

    day: Floats
    size: Floats
    owner: Integers
    start: Integers
    position: Integers

    @property
    def after(self) -> Flags:
        return self.position > 0

    @property
    def last(self) -> Integers:
        return np.append(self.start[1:], len(self.day)) - 1

    def first(self, scans: Flags) -> Integers:
        """Position in its unit of the first scan that is marked, NEVER where none is."""
        return np.minimum.reduceat(np.where(scans, self.position, NEVER), self.start)

    def any(self, scans: Flags) -> Flags:
        return np.logical_or.reduceat(scans, self.start)

    def smallest_before(self) -> Floats:
        """Smallest size of the unit at earlier scans; at its first scan the size itself."""
        so_far = pd.Series(self.size).groupby(self.owner).cummin().to_numpy()
        return np.where(self.after, np.roll(so_far, 1), self.size)


def response_phases(series: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Compute the response phases of every series of sizes.

    Parameters
    ----------
    series
        One row a scan: ``unit`` (0 to u - 1, ascending, every unit at least twice), ``day`` (ascending
        within the unit), ``size_mm``. The first row of a unit is its baseline, size > 0.
    definitions
        ``response_threshold``, ``relapse_threshold``, ``relapse_reference``,
        ``relapse_min_increase_mm``, ``stable_rule``, ``crossing``.

    Returns
    -------
    pandas.DataFrame
        u rows: flags ``response``, ``stable``, ``relapse``, ``mixed``; durations in days
        ``response_days``, ``stable_days``, ``relapse_days`` (they add up to ``followed_days``);
        ``time_to_response``, ``time_to_relapse``, ``duration_of_response`` with ``.._observed`` (False:
        censored; duration is missing without response); ``nadir_ratio``, ``last_ratio``;
        ``baseline_day``, ``response_day``, ``relapse_day`` (missing where not reached), ``last_day``.

    Raises
    ------
    LesionhetError
        The rows are not in the form above.

    Source: paper, "Lesion response dynamics"; RECIST 1.1 (Eisenhauer 2009) for the nadir reference.

    Examples
    --------
    >>> scans = pd.DataFrame({"unit": 0, "day": [0, 56, 112, 168], "size_mm": [100, 65, 80, 90]})
    >>> phases = response_phases(scans, Definitions())
    >>> phases[["response_days", "stable_days", "relapse_days"]].to_numpy().tolist()
    [[56.0, 56.0, 56.0]]
    """
    s = _checked(series)
    baseline = s.size[s.start]
    ratio = s.size / baseline[s.owner]
    reference = (
        s.smallest_before() if definitions.relapse_reference == "nadir" else baseline[s.owner]
    )
    limit = np.maximum(
        definitions.relapse_threshold * reference,
        reference + definitions.relapse_min_increase_mm,
    )
    # Above the reference, so that staying at 0 after a nadir of 0 is no relapse.
    relapses = s.after & (s.size >= limit * (1 - TOLERANCE)) & (s.size > reference)
    responds = s.after & (ratio <= definitions.response_threshold * (1 + TOLERANCE))
    relapse_at = s.first(relapses)
    response_at = s.first(responds & (s.position < relapse_at[s.owner]))
    days = _days(s, response_at, relapse_at, baseline, limit, definitions)
    flags = {
        "response": response_at < NEVER,
        "stable": _stable(s, responds, response_at, relapse_at, definitions),
        "relapse": relapse_at < NEVER,
        "mixed": _mixed(s, responds, relapse_at, definitions),
    }
    ratios = {
        "nadir_ratio": np.minimum.reduceat(np.where(s.after, ratio, np.inf), s.start),
        "last_ratio": ratio[s.last],
    }
    return pd.DataFrame({**flags, **_durations(days, flags), **ratios, **days})


def _checked(series: pd.DataFrame) -> _Series:
    owner = series["unit"].to_numpy(dtype=np.int64)
    begins = np.diff(owner, prepend=-1) != 0
    start = np.flatnonzero(begins)
    day = series["day"].to_numpy(dtype=float)
    size = series["size_mm"].to_numpy(dtype=float)
    found = _Series(day, size, owner, start, np.arange(len(owner)) - start[np.cumsum(begins) - 1])
    in_form = (
        len(owner) > 0
        and np.array_equal(owner[start], np.arange(len(start)))
        and bool((np.diff(np.append(start, len(owner))) >= 2).all())
        and bool((size[start] > 0).all())
        and bool(np.isfinite(size).all() and (size >= 0).all() and np.isfinite(day).all())
        and bool((np.diff(day)[np.diff(owner) == 0] > 0).all())
    )
    if not in_form:
        raise LesionhetError(
            "Series for phases need units 0, 1, 2 .. in order with 2 or more scans each, ascending "
            "days, sizes of 0 or more and a baseline above 0."
        )
    return found


def _stable(
    s: _Series,
    responds: Flags,
    response_at: Integers,
    relapse_at: Integers,
    definitions: Definitions,
) -> Flags:
    before_relapse = s.after & (s.position < relapse_at[s.owner])
    if definitions.stable_rule == "after_response":
        return s.any(before_relapse & (s.position != response_at[s.owner]))
    return s.any(before_relapse & ~responds)


def _mixed(s: _Series, responds: Flags, relapse_at: Integers, definitions: Definitions) -> Flags:
    """Find response again after relapse: a responding ratio that is also a response from the peak."""
    relapsed = s.position >= relapse_at[s.owner]
    peak = pd.Series(np.where(relapsed, s.size, 0.0)).groupby(s.owner).cummax().to_numpy()
    again = s.size <= definitions.response_threshold * peak * (1 + TOLERANCE)
    return s.any(relapsed & responds & again)


def _days(
    s: _Series,
    response_at: Integers,
    relapse_at: Integers,
    baseline: Floats,
    limit: Floats,
    definitions: Definitions,
) -> dict[str, Floats]:
    response_size = definitions.response_threshold * baseline
    return {
        "baseline_day": s.day[s.start],
        "response_day": _crossing(s, response_at, response_size[s.owner], definitions.crossing),
        "relapse_day": _crossing(s, relapse_at, limit, definitions.crossing),
        "last_day": s.day[s.last],
    }


def _crossing(s: _Series, at: Integers, level: Floats, rule: str) -> Floats:
    """Give the day on which each unit reaches the level, missing where it never does."""
    day = np.full(len(s.start), np.nan)
    reached = at < NEVER
    scan = s.start[reached] + at[reached]
    day[reached] = s.day[scan]
    if rule == "linear":
        before = scan - 1
        share = (level[scan] - s.size[before]) / (s.size[scan] - s.size[before])
        step = s.day[scan] - s.day[before]
        day[reached] = s.day[before] + np.clip(share, 0.0, 1.0) * step
    return day


def _durations(days: dict[str, Floats], flags: dict[str, Flags]) -> dict[str, Any]:
    begin, end = days["baseline_day"], days["last_day"]
    response = np.where(flags["response"], days["response_day"], begin)
    relapse = np.where(flags["relapse"], days["relapse_day"], end)
    return {
        "response_days": response - begin,
        "stable_days": relapse - response,
        "relapse_days": end - relapse,
        "followed_days": end - begin,
        "time_to_response": np.where(flags["response"], response, relapse) - begin,
        "time_to_response_observed": flags["response"],
        "time_to_relapse": relapse - begin,
        "time_to_relapse_observed": flags["relapse"],
        "duration_of_response": np.where(flags["response"], relapse - response, np.nan),
        "duration_of_response_observed": flags["response"] & flags["relapse"],
    }


def phase_tables(data: pd.DataFrame, **options: Any) -> dict[str, pd.DataFrame]:
    """Answer a ``phases`` request: ``row`` (unit, from 1), ``day``, ``size_mm``."""
    series = data.rename(columns={"row": "unit"}).assign(unit=data["row"] - 1)
    found = response_phases(series, Definitions(**options))
    found.insert(0, "row", np.arange(1, len(found) + 1))
    columns = ["response", "stable", "relapse", "mixed"]
    found[columns] = found[columns].astype(int)
    ratios = ["nadir_ratio", "last_ratio"]
    durations = ["response_days", "stable_days", "relapse_days"]
    return {"units": found[["row", *columns, *durations, *ratios]]}
