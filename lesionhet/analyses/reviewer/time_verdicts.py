"""What the analyses of time say, each in one sentence made from its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet.analyses.parts.endpoints import OS
from lesionhet.labels import NOT_REACHED, format_interval, format_number, format_p
from lesionhet.timed.ways import LANDMARK, NAIVE, TIME_DEPENDENT

REFERENCE_DAY: Final = 112.0
"""The landmark whose numbers are told: fixed beforehand, not the most striking one."""
SIGNIFICANT: Final = 0.05
CLOSE: Final = 0.8
"""A log hazard ratio below this share of another is called weaker."""
NEITHER: Final = (
    "Cannot be said here: of overall survival neither a landmark model nor the time-dependent one has an "
    "answer."
)
NO_WINDOW: Final = (
    "Cannot be said here: of overall survival no model within a window has an answer."
)


@dataclass(frozen=True)
class Ratio:
    """A hazard ratio with its interval."""

    value: float
    low: float
    high: float
    log: float
    day: float

    def __str__(self) -> str:
        return format_interval(self.value, self.low, self.high)

    def told(self, level: float, unit: str = "") -> str:
        """Print it with its unit and the level of its interval."""
        value, limits = str(self).split(" ", 1)
        return f"{value}{unit} ({level:.0%} interval {limits[1:]}"

    @property
    def side(self) -> int:
        """Give the side of 1 on which the whole interval lies: 1 above, -1 below, 0 neither."""
        return int(self.low > 1) - int(self.high < 1)

    def over(self, other: Ratio) -> Ratio:
        """Give the ratio of two hazard ratios of one model, with the interval of independent ones.

        Both are compared with the same patients, so they move together: the true interval is narrower.
        """
        log = self.log - other.log
        half = math.hypot(self.half_width, other.half_width)
        return Ratio(math.exp(log), math.exp(log - half), math.exp(log + half), log, self.day)

    @property
    def half_width(self) -> float:
        """Give half the width of the interval on the log scale."""
        return math.log(self.high / self.low) / 2

    def beside(self, other: Ratio) -> str:
        """Say how strong it is beside another one of the same side."""
        mine, theirs = abs(self.log), abs(other.log)
        if mine < CLOSE * theirs:
            return "weaker than"
        return "stronger than" if theirs < CLOSE * mine else "about as strong as"


def distance_verdict(table: pd.DataFrame, level: float) -> str:
    """Say whether the distance still goes with survival where it only knows the past.

    Parameters
    ----------
    table
        Hazard ratios of `lesionhet.analyses.reviewer.time_ways.show_distance`.
    level
        Of the intervals.
    """
    naive, marks, over_time = _ways(table)
    if over_time is None:
        return _from_landmarks(marks, level) if marks else NEITHER
    counted = _landmarks(marks, over_time)
    found = f"hazard ratio {over_time.told(level, ' per 0.1')}"
    if over_time.side == 0:
        if naive is None or naive.side == 0:
            told = f"; naive {naive}" if naive else ""
            return f"Not clearly: the {found}, known so far, includes 1{told}{counted}."
        return (
            f"No longer clearly: naively the risk of death {_moves(naive)} with the distance ({naive}), but "
            f"where only past scans count the {found} includes 1{counted}."
        )
    if naive and naive.side == -over_time.side:
        return (
            f"The answer turns round: naively the risk of death {_moves(naive)} with the distance "
            f"({naive}), but where only past scans count it {_moves(over_time)}, {found}{counted}."
        )
    beside = ""
    if naive:
        beside = (
            f", {over_time.beside(naive)} naively, {naive}" if naive.side else f"; naive {naive}"
        )
    return (
        f"{_head(marks, over_time)}: the risk of death {_moves(over_time)} with the distance known so far, "
        f"{found}{beside}{counted}."
    )


def curves_verdict(tests: dict[float, Any], medians: dict[float, pd.DataFrame]) -> str:
    """Say whether patients with a high distance live shorter from a landmark on.

    Parameters
    ----------
    tests
        Landmark -> log-rank test of overall survival.
    medians
        Landmark -> median survivals of ``low`` and ``high`` there.
    """
    if not tests:
        return "Cannot be said here: overall survival has no landmark with two groups to compare."
    sides = {day: _log_rank_side(test) for day, test in tests.items()}
    day = REFERENCE_DAY if REFERENCE_DAY in tests else min(tests)
    low, high = (_median(medians[day], group) for group in ("low", "high"))
    numbers = (
        f"median from there {high} with high and {low} with low distance, log-rank "
        f"{format_p(tests[day].value('p_value'))}"
    )
    same = sum(side == sides[day] for side in sides.values())
    if sides[day] == 0:
        clear = len(sides) - same
        return (
            f"Not clearly: from day {day:g} on, {numbers}; survival differs clearly from {clear} of "
            f"{_days(len(sides))} on."
        )
    head, word = ("Yes", "shorter") if sides[day] > 0 else ("No, rather longer", "longer")
    return (
        f"{head}: from day {day:g} on, patients with a high distance live {word} ({numbers}); so they do "
        f"from {same} of {_days(len(sides))} on."
    )


def organs_verdict(table: pd.DataFrame, level: float, organ: str, terms: Sequence[str]) -> str:
    """Say whether it matters which organ responds where a response counts from when it is seen.

    Parameters
    ----------
    table
        Hazard ratios of `lesionhet.analyses.reviewer.time_ways.show_organs`.
    level
        Of the intervals.
    organ
        The organ; the other group is the response of the others alone.
    terms
        The two mixed groups: organ alone, others alone.
    """
    ways = [_ways(table, term) for term in terms]
    one, other = (over_time for _, _, over_time in ways)
    if one is None or other is None:
        return (
            "Cannot be said here: the time-dependent model has no hazard ratio for a response of "
            f"{organ} alone or of the others alone."
        )
    before = [found for found, _, _ in ways if found]
    naively = f"; naively {before[0]} and {before[1]}" if len(before) == len(ways) else ""
    told = (
        f"counted from when it is seen, a response of {organ} alone has a hazard ratio of "
        f"death of {one.told(level)}, one of the others alone {other}, against no response{naively}"
    )
    both = one.over(other)
    if both.side:
        better = f"{organ} matters" if both.side < 0 else "the others matter"
        return f"Yes, {better} more: {told}; the ratio of the two is {both}."
    head = "No longer clearly" if naively and before[0].over(before[1]).side else "Not clearly"
    return f"{head}: {told}; the interval of the ratio of the two, {both}, includes 1."


def windows_verdict(table: pd.DataFrame, level: float, terms: dict[str, str]) -> str:
    """Say whether nadir and last ratio still go with survival within fixed windows.

    Parameters
    ----------
    table
        Hazard ratios of `lesionhet.analyses.reviewer.time_ways.show_windows`.
    level
        Of the intervals.
    terms
        Term -> what it is called in the sentence.
    """
    found = {name: _ways(table, term) for term, name in terms.items()}
    days = {mark.day for _, marks, _ in found.values() for mark in marks}
    if not days:
        return NO_WINDOW
    day = REFERENCE_DAY if REFERENCE_DAY in days else min(days)
    told: list[str] = []
    whole, sides, before = [], [], []
    for name, (naive, marks, _) in found.items():
        chosen = next((mark for mark in marks if mark.day == day), None)
        if chosen is None:
            continue
        sides.append(chosen.side)
        before.append(naive.side if naive else 0)
        told.append(
            f"of the {name} {chosen}"
            if told
            else f"of the {name} has a hazard ratio of death of {chosen.told(level)}"
        )
        whole.append(str(naive) if naive else "not known")
    return (
        f"{_window_head(sides, before)}: by the scans up to day {day:g}, 0.1 more {', '.join(told)}; "
        f"over the whole follow-up {' and '.join(whole)}."
    )


def _window_head(sides: list[int], before: list[int]) -> str:
    if all(side > 0 for side in sides):
        return "Yes, the less the burden has shrunk, the higher the risk"
    if all(side < 0 for side in sides):
        return "The other way round, the less the burden has shrunk, the lower the risk"
    if any(sides):
        return "In part"
    return "No longer clearly" if any(before) else "Not clearly"


def _ways(
    table: pd.DataFrame, term: str | None = None
) -> tuple[Ratio | None, list[Ratio], Ratio | None]:
    """Give the hazard ratios of one term for overall survival: naive, at landmarks, time-dependent."""
    rows = table[table["endpoint"] == OS.label]
    rows = rows if term is None else rows[rows["term"] == term]
    if "hazard_ratio" not in rows:
        return None, [], None
    found: dict[str, list[Ratio]] = {NAIVE: [], LANDMARK: [], TIME_DEPENDENT: []}
    for row in rows.dropna(subset=["hazard_ratio", "conf_low", "conf_high"]).itertuples():
        numbers = (row.hazard_ratio, row.conf_low, row.conf_high, row.estimate, row.day)
        found[str(row.approach)].append(Ratio(*map(float, numbers)))
    naive, over_time = (next(iter(found[name]), None) for name in (NAIVE, TIME_DEPENDENT))
    return naive, found[LANDMARK], over_time


def _from_landmarks(marks: list[Ratio], level: float) -> str:
    """Answer from the landmarks alone, where the time-dependent model has no answer."""
    chosen = next((mark for mark in marks if mark.day == REFERENCE_DAY), marks[0])
    told = f"hazard ratio {chosen.told(level, ' per 0.1')}"
    if chosen.side == 0:
        head = f"Not clearly: from day {chosen.day:g} on, the {told} includes 1"
    else:
        head = (
            f"{_head(marks, chosen)}: from day {chosen.day:g} on, the risk of death {_moves(chosen)} with "
            f"the distance known then, {told}"
        )
    return f"{head}{_landmarks(marks, chosen)}. The time-dependent model has no answer."


def _head(marks: list[Ratio], found: Ratio) -> str:
    """Say yes where half of the landmarks or more are on the same side as what is told."""
    same = sum(mark.side == found.side for mark in marks)
    return "Yes" if 2 * same >= len(marks) else "In part"


def _landmarks(marks: list[Ratio], found: Ratio | None) -> str:
    """Say at how many landmarks the interval is on one side of 1."""
    if not marks:
        return "; no landmark has an answer"
    side = found.side if found and found.side else 1
    where = "above" if side > 0 else "below"
    same = sum(mark.side == side for mark in marks)
    return f"; the interval is {where} 1 at {same} of {len(marks)} landmarks"


def _moves(ratio: Ratio) -> str:
    return "rises" if ratio.side > 0 else "falls"


def _log_rank_side(test: Any) -> int:
    """Give 1 where more patients with a high distance died than expected, -1 where fewer, else 0."""
    if not test.value("p_value") < SIGNIFICANT:
        return 0
    high = test.to_frame("groups").set_index("group").loc["high"]
    return 1 if high["observed"] > high["expected"] else -1


def _median(medians: pd.DataFrame, group: str) -> str:
    median = medians.set_index("group")["median"][group]
    return NOT_REACHED if pd.isna(median) else f"{format_number(median, 0)} days"


def _days(number: int) -> str:
    return f"{number} landmark" if number == 1 else f"{number} landmarks"
