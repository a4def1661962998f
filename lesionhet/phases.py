"""Response phases: when a series of sizes responds, is stable, and relapses.

The same rules serve a lesion and a patient's total burden. Every formula is in docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.definitions import Definitions
from lesionhet.errors import LesionhetError
from lesionhet.groupwise import Flags as Flags
from lesionhet.groupwise import Floats as Floats
from lesionhet.groupwise import Integers as Integers
from lesionhet.groupwise import places, running, starts

TOLERANCE: Final = 1e-9
"""Relative slack of every threshold: 0.7 x 3.0 is not 2.1 in binary, and a threshold is inclusive."""
RATIOS: Final = ("nadir_ratio", "last_ratio")
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
        so_far = running(np.minimum, self.size, self.position)
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
    reached = _reached(series, definitions)
    days = _days(reached, definitions)
    found = _variables(reached, definitions)
    ratios = {name: found.pop(name) for name in RATIOS}
    flags = {**found, "mixed": _mixed(reached, definitions)}
    return pd.DataFrame({**flags, **_durations(days, flags), **ratios, **days})


def phase_variables(series: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Compute the five variables of the distance only: three flags and two ratios, as numbers.

    Parameters, errors and values are those of `response_phases`.

    Examples
    --------
    >>> scans = pd.DataFrame({"unit": 0, "day": [0, 56, 112], "size_mm": [100, 65, 80]})
    >>> phase_variables(scans, Definitions()).to_numpy().tolist()
    [[1.0, 0.0, 1.0, 0.65, 0.8]]
    """
    found = _variables(_reached(series, definitions), definitions)
    return pd.DataFrame({name: values.astype(float) for name, values in found.items()})


def phases_so_far(series: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Compute the five variables of the distance as they stand at every scan, from the scans up to it.

    Parameters
    ----------
    series, definitions
        As in `response_phases`.

    Returns
    -------
    pandas.DataFrame
        A row a scan: what `phase_variables` gives of the unit's scans up to this one; missing at a
        baseline, which has no phases yet.

    Raises
    ------
    LesionhetError
        As `response_phases`.

    Examples
    --------
    >>> scans = pd.DataFrame({"unit": 0, "day": [0, 56, 112], "size_mm": [100, 65, 80]})
    >>> phases_so_far(scans, Definitions()).to_numpy()[1:].tolist()
    [[1.0, 0.0, 0.0, 0.65, 0.65], [1.0, 0.0, 1.0, 0.65, 0.8]]
    """
    reached = _reached(series, definitions)
    s = reached.series
    stable = _stable_scans(reached, definitions).astype(float)
    # Whether a scan responds or relapses depends on earlier ones only; so does which one is the first.
    found = {
        "response": s.position >= reached.response_at[s.owner],
        "stable": running(np.maximum, stable, s.position),
        "relapse": s.position >= reached.relapse_at[s.owner],
        "nadir_ratio": running(np.minimum, np.where(s.after, reached.ratio, np.inf), s.position),
        "last_ratio": reached.ratio,
    }
    return pd.DataFrame({name: np.where(s.after, v, np.nan) for name, v in found.items()})


@dataclass(frozen=True, eq=False)
class _Reached:
    """What every scan shows, and where each unit first responds and first relapses.

    ``limit`` is the size from which on a scan relapses, ``responds`` whether it is small enough; positions
    are NEVER where nothing is reached.
    """

    series: _Series
    baseline: Floats
    ratio: Floats
    limit: Floats
    responds: Flags
    response_at: Integers
    relapse_at: Integers


def _reached(series: pd.DataFrame, definitions: Definitions) -> _Reached:
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
    return _Reached(s, baseline, ratio, limit, responds, response_at, relapse_at)


def _variables(reached: _Reached, definitions: Definitions) -> dict[str, Any]:
    s = reached.series
    return {
        "response": reached.response_at < NEVER,
        "stable": s.any(_stable_scans(reached, definitions)),
        "relapse": reached.relapse_at < NEVER,
        "nadir_ratio": np.minimum.reduceat(np.where(s.after, reached.ratio, np.inf), s.start),
        "last_ratio": reached.ratio[s.last],
    }


def _checked(series: pd.DataFrame) -> _Series:
    owner = series["unit"].to_numpy(dtype=np.int64)
    start = starts(owner)
    day = series["day"].to_numpy(dtype=float)
    size = series["size_mm"].to_numpy(dtype=float)
    found = _Series(day, size, owner, start, places(start, len(owner)))
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


def _stable_scans(reached: _Reached, definitions: Definitions) -> Flags:
    """Say which scans are stable: before relapse, and by the rule not the response."""
    s = reached.series
    before_relapse = s.after & (s.position < reached.relapse_at[s.owner])
    if definitions.stable_rule == "after_response":
        return np.asarray(before_relapse & (s.position != reached.response_at[s.owner]))
    return np.asarray(before_relapse & ~reached.responds)


def _mixed(reached: _Reached, definitions: Definitions) -> Flags:
    """Find response again after relapse: a responding ratio that is also a response from the peak."""
    s = reached.series
    relapsed = s.position >= reached.relapse_at[s.owner]
    peak = running(np.maximum, np.where(relapsed, s.size, 0.0), s.position)
    again = s.size <= definitions.response_threshold * peak * (1 + TOLERANCE)
    return s.any(relapsed & reached.responds & again)


def _days(reached: _Reached, definitions: Definitions) -> dict[str, Floats]:
    s, rule = reached.series, definitions.crossing
    response_size = definitions.response_threshold * reached.baseline
    return {
        "baseline_day": s.day[s.start],
        "response_day": _crossing(s, reached.response_at, response_size[s.owner], rule),
        "relapse_day": _crossing(s, reached.relapse_at, reached.limit, rule),
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
