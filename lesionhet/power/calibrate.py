"""Which effect in the simulator makes the effect that is asked for, and what large trials show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.power.question import Difference
from lesionhet.power.trials import Finding, Trial, run_trial
from lesionhet.timed.ways import NAIVE
from lesionhet.workers import Mapper

LARGE_TRIALS: Final = 8
LARGE_PATIENTS: Final = 2_500
NEAR: Final = 0.01
"""How near the target is near enough, as a share of it."""
MOST_STEPS: Final = 12
STRONGEST: Final = 20.0
"""Largest log hazard ratio per unit of true heterogeneity that is tried."""
LEAST_SPREAD, MOST_SPREAD = -3.0, 1.5
"""Ends of the log of the factor on the differences between lesions; beyond, sizes are no lesions'."""


def near(reached: float, target: float) -> bool:
    """Say whether what was reached is within 1% of the target.

    Examples
    --------
    >>> near(0.2015, 0.2), near(0.21, 0.2)
    (True, False)
    """
    return abs(reached - target) <= NEAR * abs(target)


@dataclass(frozen=True)
class Large:
    """What the large trials of one effect show.

    Parameters
    ----------
    effect
        In the simulator, see `lesionhet.power.trials.Trial`.
    reached, error
        What the analysis converges to, and its Monte-Carlo error.
    unit_error
        Standard error of the estimate from a trial of one patient: divided by the root of the number
        of patients it is that of a trial.
    events
        Share of the enrolled patients with an event in the analysis.
    """

    effect: float
    reached: float
    error: float
    unit_error: float
    events: float


class Calibration:
    """Large trials of one question and design, on the same random numbers whatever the effect.

    Where there is no effect a landmark or time-dependent estimate and a difference between arms converge
    to 0. What the large trials show there is chance, and is subtracted from what they show with an
    effect: on the same random numbers most of the chance goes with it. The naive estimate does not
    converge to 0, so nothing is subtracted.

    Parameters
    ----------
    trial
        Question, design, definitions and seed.
    crew
        Who simulates.
    progress
        Told what is being done.
    size
        Number and patients of the large trials.

    Raises
    ------
    UsageError
        Fewer than 2 trials.
    """

    def __init__(
        self,
        trial: Trial,
        crew: Mapper,
        progress: Callable[[str], None] = lambda text: None,
        size: tuple[int, int] = (LARGE_TRIALS, LARGE_PATIENTS),
    ) -> None:
        if size[0] < 2 or size[1] < 2:
            raise UsageError(
                f"large is {size!r}; permitted: 2 trials or more of 2 patients or more."
            )
        source = np.random.SeedSequence(trial.seed)
        seeds = [int(one) for one in source.generate_state(size[0])]
        self._trials = [replace(trial, patients=size[1], seed=seed) for seed in seeds]
        self._crew, self._progress = crew, progress
        self._null: list[Finding] | None = None

    def large(self, effect: float) -> Large:
        """Simulate the large trials with an effect.

        Raises
        ------
        NotEstimableError
            They have no answer.
        """
        self._progress(f"large trials with an effect of {effect:.3g}")
        null = self._found(0.0) if self._null is None else self._null
        self._null = null
        found = null if effect == 0 else self._found(effect)
        estimates = np.array([one.estimate for one in found])
        if self._converges_to_zero:
            estimates = estimates - [one.estimate for one in null] if effect else estimates
        error = float(estimates.std(ddof=1) / np.sqrt(len(estimates)))
        size = self._trials[0].patients
        return Large(
            effect,
            float(estimates.mean()),
            error,
            float(np.mean([one.std_error for one in found]) * np.sqrt(size)),
            float(np.mean([one.events for one in found]) / size),
        )

    @property
    def _converges_to_zero(self) -> bool:
        question = self._trials[0].question
        return isinstance(question, Difference) or question.by != NAIVE

    def _found(self, effect: float) -> list[Finding]:
        jobs = [replace(trial, effect=effect) for trial in self._trials]
        found = self._crew.run(run_trial, jobs)
        if any(np.isnan(one.estimate) for one in found):
            raise NotEstimableError(
                "power: the large simulated trials have no estimate: with this design the distance does "
                "not vary, or too few patients are left at the landmark. Plan more lesions or scans, "
                "or another landmark."
            )
        return found

    def reach(self, target: float) -> Large:
        """Find the effect in the simulator with which the analysis converges to a target.

        Parameters
        ----------
        target
            Log hazard ratio, or difference of means.

        Returns
        -------
        Large
            Near the target, see `near`; the last one tried where 12 steps do not get there.

        Raises
        ------
        NotEstimableError
            No effect up to the strongest that is tried reaches it.

        Source: regula falsi with Illinois steps (Dowell & Jarratt 1971).
        """
        strongest = STRONGEST
        if isinstance(self._trials[0].question, Difference):
            strongest = MOST_SPREAD if target > 0 else -LEAST_SPREAD
        low, high = self.large(0.0), self._bracket(target, strongest)
        miss_low, miss_high = low.reached - target, high.reached - target
        best = high
        last = 0
        for _ in range(MOST_STEPS):
            if near(best.reached, target):
                return best
            effect = (low.effect * miss_high - high.effect * miss_low) / (miss_high - miss_low)
            best = self.large(effect)
            miss = best.reached - target
            if miss * miss_high > 0:
                high, miss_high = best, miss
                miss_low = miss_low / 2 if last == 1 else miss_low
                last = 1
            else:
                low, miss_low = best, miss
                miss_high = miss_high / 2 if last == -1 else miss_high
                last = -1
        return best

    def _bracket(self, target: float, strongest: float) -> Large:
        """Give an effect that goes beyond the target."""
        effect = float(np.sign(target)) * strongest / 16
        while True:
            found = self.large(effect)
            if abs(found.reached) >= abs(target) and found.reached * target > 0:
                return found
            if abs(effect) >= strongest:
                raise NotEstimableError(
                    f"power: {self._words(target)} cannot be reached with this design: the strongest "
                    f"effect that is tried gives {self._words(found.reached)}. A distance of few lesions "
                    "and scans shows only part of the truth: ask for a smaller effect, or plan more of "
                    "them."
                )
            effect *= 2

    def _words(self, value: float) -> str:
        question = self._trials[0].question
        if isinstance(question, Difference):
            return f"a difference of {value:.3g}"
        return f"a hazard ratio of {np.exp(value):.3g} per {question.unit}"
