"""Ours and its peers on the same data, round by round in one run: medians, ratios and their spread."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Timer = Callable[[], float]
"""Does the work once and gives the seconds that it took."""


class NotHereError(Exception):
    """A peer that this machine does not have; the message says what is missing."""


@dataclass(frozen=True)
class Contest:
    """Something that is done in several ways.

    Parameters
    ----------
    name
        For ``--only``.
    what
        What is done, with its size.
    ours
        Our way.
    peers
        Name -> another way to the same answer.
    promised
        Peer -> how many times faster ours has to be.
    limit
        Seconds that ours may take; None where only the ratios count.
    """

    name: str
    what: str
    ours: Timer
    peers: Mapping[str, Timer] = field(default_factory=dict)
    promised: Mapping[str, float] = field(default_factory=dict)
    limit: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What a contest took, in seconds a round; ``missing``: peer -> why it did not run."""

    contest: Contest
    seconds: Mapping[str, Sequence[float]]
    missing: Mapping[str, str]

    def ratio(self, peer: str) -> tuple[float, float, float]:
        """Give how many times longer a peer took: median over the rounds, smallest and largest."""
        ours, theirs = self.seconds["lesionhet"], self.seconds[peer]
        each = [b / a for a, b in zip(ours, theirs, strict=True)]
        return statistics.median(each), min(each), max(each)

    def to_json(self) -> dict[str, Any]:
        """Give everything that was measured."""
        return {
            "name": self.contest.name,
            "what": self.contest.what,
            "seconds": {name: list(found) for name, found in self.seconds.items()},
            "ratios": {name: self.ratio(name) for name in self.seconds if name != "lesionhet"},
            "promised": dict(self.contest.promised),
            "limit": self.contest.limit,
            "missing": dict(self.missing),
        }

    def lines(self) -> list[str]:
        """Give it as a person reads it."""
        found = [f"{self.contest.name}: {self.contest.what}"]
        for name, seconds in self.seconds.items():
            middle = statistics.median(seconds)
            text = f"  {name:<34} {seconds_text(middle):>10}"
            found.append(
                text + (self._beside(name) if name != "lesionhet" else self._within(middle))
            )
        found += [f"  {name:<34} not here: {why}" for name, why in self.missing.items()]
        return found

    def _beside(self, peer: str) -> str:
        middle, low, high = self.ratio(peer)
        text = f"   {middle:,.1f} times ours ({low:,.1f} to {high:,.1f})"
        wanted = self.contest.promised.get(peer)
        return text if wanted is None else f"{text}; promised {wanted:g}: {_met(middle >= wanted)}"

    def _within(self, middle: float) -> str:
        limit = self.contest.limit
        if limit is None:
            return ""
        return f"   promised under {seconds_text(limit)}: {_met(middle < limit)}"


def run(contest: Contest, rounds: int) -> Outcome:
    """Let ours and every peer do the work in turn, ``rounds`` times after one round that is not counted."""
    ways = {"lesionhet": contest.ours, **contest.peers}
    seconds: dict[str, list[float]] = {}
    missing: dict[str, str] = {}
    for name, way in ways.items():
        try:
            way()
        except NotHereError as error:
            missing[name] = str(error)
            continue
        seconds[name] = []
    for _ in range(rounds):
        for name, found in seconds.items():
            found.append(ways[name]())
    return Outcome(contest, seconds, missing)


def _met(yes: bool) -> str:
    return "met" if yes else "NOT MET"


def seconds_text(value: float) -> str:
    """Give seconds as a person reads them."""
    if value < 1:
        return f"{1000 * value:,.1f} ms"
    return f"{value:,.2f} s"
