"""The fit: turning the dials until the simulated figures come near the published ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import optimize

from lesionhet.calibration.dials import Floats, from_vector, limits, to_vector
from lesionhet.calibration.measure import measure_fitted, unchecked_study
from lesionhet.calibration.start import START
from lesionhet.calibration.targets import FITTED, RECORDED_AS_MEASURED, Target
from lesionhet.errors import LesionhetError
from lesionhet.simulate import simulate_trial
from lesionhet.simulation.parameters import SimulationParameters

DEFAULT_SEED: Final = 2021
COMMON_SEEDS: Final = (DEFAULT_SEED, 1)
"""Seeds of the trials of the first stage. They never change, so that two sets of parameters are
compared on the same random numbers. The second trial keeps the fit from chasing the chance of the
default cohort."""
FIRST_STAGE: Final = 0.18
"""Share of the evaluations that the first stage may use; it is left out where that is too few."""
DIFFERENCE: Final = 0.5
"""Steps by which a dial is turned to see what it does."""
HOLD: Final = 0.05
"""Pull of each dial towards where it started, per step: what no figure tells apart stays."""
INSIDE: Final = 0.85
"""Share of a band's half-width beyond which a figure costs extra."""
OUTSIDE_COST: Final = 3.0
FIRST_TURN: Final = 0.4
LAST_TURN: Final = 0.02
"""Steps by which the second stage turns a dial, at first and at least."""


class _SpentError(LesionhetError):
    """The evaluations are used up."""


@dataclass
class Search:
    """What has been tried: counts evaluations and keeps the best vector.

    Parameters
    ----------
    start
        Where it began.
    evaluations
        Most trials that may be simulated.
    used
        Trials simulated so far.
    best, best_loss
        The best vector so far, and its loss.
    progress
        Told each improvement.
    """

    start: Floats
    evaluations: int
    used: int = 0
    best: Floats | None = None
    best_loss: float = math.inf
    progress: Callable[[str], None] = field(default=lambda _: None)

    def residuals(self, vector: Floats) -> Floats:
        """Give what the figures, on the mean of the common trials, and the dials of a vector cost."""
        return self._costs([self._values(vector, seed) for seed in COMMON_SEEDS], vector)

    def loss(self, vector: Floats) -> float:
        """Give the loss of the default cohort and of the mean, and remember the best."""
        values = [self._values(vector, seed) for seed in COMMON_SEEDS]
        parts = [costs(values[0]), self._costs(values, vector)]
        loss = float(sum((part**2).sum() for part in parts))
        if loss < self.best_loss:
            self.best, self.best_loss = vector.copy(), loss
            self.progress(f"{self.used} trials, loss {loss:.3f}")
        return loss

    def _costs(self, values: Sequence[Mapping[str, float]], vector: Floats) -> Floats:
        mean = {key: float(np.mean([v.get(key, np.nan) for v in values])) for key in values[0]}
        return np.concatenate([costs(mean), HOLD * (vector - self.start)])

    def _values(self, vector: Floats, seed: int) -> Mapping[str, float]:
        if self.used >= self.evaluations:
            raise _SpentError("The evaluations are used up.")
        self.used += 1
        trial = simulate_trial(seed=seed, parameters=from_vector(vector))
        return measure_fitted(trial, unchecked_study(trial))


def costs(values: Mapping[str, float]) -> Floats:
    """Give the cost of each figure: its miss, and more of it towards the end of its band and beyond.

    Parameters
    ----------
    values
        Key -> simulated value, from `lesionhet.calibration.measure`.

    Returns
    -------
    numpy.ndarray
        One number a target, 0 at the centre; their sum of squares is the loss.

    Examples
    --------
    >>> centres = {target.key: target.centre for target in (*FITTED, RECORDED_AS_MEASURED)}
    >>> costs(centres).any().item()
    False
    """
    return np.array(
        [_cost(t, values.get(t.key, math.nan)) for t in (*FITTED, RECORDED_AS_MEASURED)]
    )


def _cost(target: Target, value: float) -> float:
    if math.isnan(value):
        return OUTSIDE_COST
    if math.isinf(target.high):
        # One-sided: free from the margin on that the centre names.
        short = max(0.0, target.low - value) / target.centre
        return max(0.0, 1.0 - value / target.centre) + OUTSIDE_COST * short
    miss = target.miss(value)
    return miss * 0.5 + math.copysign(OUTSIDE_COST * max(0.0, abs(miss) - INSIDE), miss)


def fit(
    evaluations: int,
    seed: int,
    start: SimulationParameters | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> SimulationParameters:
    """Fit the dials to the published figures.

    Where the evaluations allow it, first least squares (trust region, forward differences, common random
    numbers) on the mean of two trials; then coordinate search on the default cohort and that mean
    together.

    Parameters
    ----------
    evaluations
        Most trials that are simulated, 1 or more; each takes about a second.
    seed
        Of the random order in which the second stage turns the dials.
    start
        Where to begin; None for `START`.
    progress
        Told each improvement.

    Returns
    -------
    SimulationParameters
        The best found.

    Source: simulated method of moments (McFadden 1989); `scipy.optimize.least_squares`.
    """
    first = to_vector(start or START)
    search = Search(first, evaluations, progress=progress)
    try:
        search.loss(first)
        if FIRST_STAGE * evaluations >= len(COMMON_SEEDS) * (len(first) + 2):
            _least_squares(search, round(FIRST_STAGE * evaluations))
        _turn_one_by_one(search, seed)
    except _SpentError:
        pass
    return from_vector(search.best if search.best is not None else first)


def _least_squares(search: Search, evaluations: int) -> None:
    def slopes(vector: Floats) -> Floats:
        high = limits()[1]
        search.loss(vector)
        base = search.residuals(vector)
        columns = []
        for k in range(len(vector)):
            turned = vector.copy()
            turned[k] += DIFFERENCE if vector[k] + DIFFERENCE <= high[k] else -DIFFERENCE
            columns.append((search.residuals(turned) - base) / (turned[k] - vector[k]))
        return np.array(columns).T

    whole = search.evaluations
    search.evaluations = min(whole, evaluations)
    low, high = limits()
    begin = np.clip(search.start, low + 1e-6, high - 1e-6)
    try:
        optimize.least_squares(
            search.residuals, begin, jac=slopes, bounds=(low, high), loss="soft_l1"
        )
    except _SpentError:
        pass
    finally:
        search.evaluations = whole


def _turn_one_by_one(search: Search, seed: int) -> None:
    """Turn dial after dial as long as the loss falls; halve the turn where not."""
    rng = np.random.default_rng(seed)
    low, high = limits()
    search.start = search.best if search.best is not None else search.start
    turn = np.full(len(search.start), FIRST_TURN)
    while turn.max() > LAST_TURN:
        for k in rng.permutation(len(turn)):
            if not _turn(search, k, turn[k], low, high):
                turn[k] /= 2


def _turn(search: Search, k: int, turn: float, low: Floats, high: Floats) -> bool:
    """Try one dial both ways from the best vector, and say whether it became better."""
    before = search.best_loss
    for way in (turn, -turn):
        vector = np.array(search.best)
        vector[k] = np.clip(vector[k] + way, low[k], high[k])
        if search.loss(vector) < before:
            return True
    return False
