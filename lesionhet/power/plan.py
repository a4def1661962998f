"""Power by simulation: how many patients, lesions and scans a trial needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.definitions import Definitions, load_definitions
from lesionhet.power.calibrate import LARGE_PATIENTS, LARGE_TRIALS, Calibration, Large
from lesionhet.power.cells import Settings, cell, patients_by_formula
from lesionhet.power.checks import FEWEST_PATIENTS, check_number, check_numbers, question_of
from lesionhet.power.curve import fit_curve
from lesionhet.power.question import Design, HazardRatio, Question
from lesionhet.power.trials import Trial
from lesionhet.workers import Crew, Mapper

PATIENTS: Final = (100, 200, 400)
SIMULATIONS: Final = 400
SEED: Final = 2021
AROUND: Final = (0.5, 0.75, 1.0, 1.35, 1.8)
"""Numbers of patients that are simulated to find one, as multiples of what the formula says."""
DESIGN: Final = ["lesions", "scan_interval", "scans"]
Lesions = float | tuple[float, ...] | None


@dataclass(frozen=True, eq=False)
class PowerPlan:
    """What the simulations say.

    Parameters
    ----------
    question
        What is to be seen.
    designs
        Each way to run the trial, the number of patients aside.
    calibration
        A row a design: ``lesions`` (mean), ``scan_interval`` (days), ``scans`` (at most; 0 until
        progression), ``effect`` put into the simulator, ``reached`` (hazard ratio or difference that
        large trials show with it), ``reached_low``, ``reached_high`` (95%, Monte-Carlo).
    table
        A row a design and number of patients: these, ``events`` (mean in the analysis), ``simulations``,
        ``no_answer`` (trials without an estimate; they count as not rejecting), ``rejected``, ``power``
        with its exact 95% interval, ``by_formula`` (Schoenfeld), ``rejected_null``, ``type_1`` (share of
        the trials without effect that reject) with its interval, ``mean_estimate`` (hazard ratio, the
        exponential of the mean log; or difference).
    found
        With ``find``: a row a design, ``power`` asked for, ``patients`` needed with ``patients_low`` and
        ``patients_high`` (95%), and ``by_formula``; else no row.
    alpha, seed, definitions
        Level of the tests, seed, rules of phases and distance.
    """

    question: Question
    designs: tuple[Design, ...]
    calibration: pd.DataFrame
    table: pd.DataFrame
    found: pd.DataFrame
    alpha: float
    seed: int
    definitions: Definitions


def plan(
    *,
    hazard_ratio: float | None = None,
    difference: float | None = None,
    patients: Sequence[int] | None = None,
    lesions: Sequence[Lesions] = (None,),
    scan_interval: Sequence[int] = (56,),
    scans: Sequence[int] = (0,),
    by: str | None = None,
    landmark: float = 112.0,
    scale: str = "per_0.1",
    endpoint: str = "os",
    find: float | None = None,
    alpha: float = 0.05,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
    workers: int = 1,
    crew: Mapper | None = None,
    definitions: Definitions | str = "paper2021",
    large: tuple[int, int] | None = None,
    progress: Callable[[str], None] = lambda text: None,
    **conditions: float,
) -> PowerPlan:
    """Simulate trials and give their power to see an association or a difference of the distance.

    Parameters
    ----------
    hazard_ratio
        Of the distance, to be seen by a Cox model with baseline burden and number of lesions; or
    difference
        of the mean distance, experimental arm less control, to be seen by Mann-Whitney. One of the two.
    patients
        Numbers of patients; default 100, 200 and 400, with ``find`` some around what a formula says.
    lesions
        Mean numbers of lesions a patient, or tuples of shares of patients with 1, 2, .. lesions; None:
        as published (mean 4.07).
    scan_interval, scans
        Days between scans; scheduled scans at most, 0 until progression. Each combination of lesions,
        interval and scans is a design. The effect is set so that the first design shows what is asked
        for; the others have the same effect, and what they show of it is told.
    by
        ``"time-dependent"`` (default), ``"landmark"`` or ``"naive"``; of a difference ``"whole follow-up"``
        (default) or ``"landmark"``.
    landmark
        Its day.
    scale
        Unit of the hazard ratio: ``"per_0.1"`` or ``"per_sd"``.
    endpoint
        ``"os"`` or ``"pfs"``.
    find
        A power: the fewest patients that have it are found as well.
    alpha
        Level of the two-sided test.
    simulations
        Trials a design and number of patients, 10 or more; and as many without an effect.
    seed
        0 or more. The same seed gives the same numbers, however many workers there are.
    workers
        Processes.
    crew
        Who simulates in their place, such as `lesionhet.scale.cluster.Cluster`.
    definitions
        Rules of phases and distance, or the name of a preset.
    large
        Number (2 or more) and patients of the large trials that show what the estimate converges to;
        None: 8 of 2,500.
    progress
        Told what is being done.
    **conditions
        ``follow_up``, ``accrual``, ``median_os``, ``measurement_sd`` of `lesionhet.power.Design`.

    Returns
    -------
    PowerPlan
        Tables with Monte-Carlo intervals.

    Raises
    ------
    UsageError
        A value is not permitted.
    NotEstimableError
        The effect cannot be reached with the first design, or no number of patients up to 20,000 has
        the power.

    Source: docs/power.md.

    Examples
    --------
    >>> found = plan(hazard_ratio=1.4, patients=[80], simulations=20, seed=1, large=(2, 500))
    >>> found.table[["patients", "simulations"]].values.tolist()
    [[80, 20]]
    """
    question = question_of(hazard_ratio, difference, by, landmark, scale, endpoint)
    combinations = list(product(lesions, scan_interval, scans))
    designs = tuple(Design(one, days, most, **conditions) for one, days, most in combinations)
    check_numbers(patients, find, alpha, simulations, seed)
    if isinstance(definitions, str):
        definitions = load_definitions(definitions)
    first = Trial(question, designs[0], definitions, 0, 0.0, seed)
    rows: list[dict[str, Any]] = []
    found = []
    with Crew(workers) if crew is None else nullcontext(crew) as crew:
        settings = Settings(simulations, alpha, seed, crew)
        size = large or (LARGE_TRIALS, LARGE_PATIENTS)
        larges = _calibrated(first, designs, lambda one: Calibration(one, crew, progress, size))
        for design, shown in zip(designs, larges, strict=True):
            simulated = _Simulated(replace(first, design=design), shown, settings, progress)
            cells, needed = simulated.cells(patients, find)
            rows += [{**_names(design), **one} for one in cells]
            found += [{**_names(design), **needed}] if needed else []
    return PowerPlan(
        question,
        designs,
        _calibration_table(designs, larges, question),
        _printed(pd.DataFrame(rows), question),
        pd.DataFrame(found),
        alpha,
        seed,
        definitions,
    )


class _Simulated:
    """Simulations of one design; tells how far they are."""

    def __init__(
        self, trial: Trial, large: Large, settings: Settings, progress: Callable[[str], None]
    ) -> None:
        self._trial, self._large, self._settings = trial, large, settings
        self._progress = progress

    def cells(
        self, patients: Sequence[int] | None, find: float | None
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Give a row a number of patients and, where a power is to be found, what it needs."""
        sizes = list(map(int, patients or ())) or (
            list(PATIENTS) if find is None else self.around(find)
        )
        cells = [self.cell(size) for size in sizes]
        if find is None:
            return cells, {}
        needed = _needed(cells, self._large, find, self._settings.alpha)
        if needed["patients"] not in sizes:
            cells.append(self.cell(needed["patients"]))
        return sorted(cells, key=lambda one: int(one["patients"])), needed

    def around(self, power: float) -> list[int]:
        """Give numbers of patients around what the formula says."""
        guess = patients_by_formula(self._large, power, self._settings.alpha)
        check_number(guess, power)
        return sorted({max(FEWEST_PATIENTS, round(guess * share)) for share in AROUND})

    def cell(self, patients: int) -> dict[str, Any]:
        """Simulate trials of so many patients."""
        of = 2 * self._settings.simulations
        design = self._trial.design
        head = f"{patients} patients, {design.mean_lesions:.3g} lesions each"

        def told(done: int) -> None:
            self._progress(f"{head}: {done} of {of} trials")

        return cell(replace(self._trial, patients=patients), self._large, self._settings, told)


def _names(design: Design) -> dict[str, float]:
    """Give what tells designs apart."""
    return dict(zip(DESIGN, (design.mean_lesions, design.scan_interval, design.scans), strict=True))


def _calibrated(
    first: Trial, designs: Sequence[Design], calibration: Callable[[Trial], Calibration]
) -> list[Large]:
    """Find the effect for the first design, and what the others show of it."""
    reached = calibration(first).reach(first.question.target)
    others = [
        calibration(replace(first, design=design)).large(reached.effect) for design in designs[1:]
    ]
    return [reached, *others]


def _needed(
    cells: list[dict[str, Any]], large: Large, power: float, alpha: float
) -> dict[str, Any]:
    """Give the fewest patients with a power from the curve through the simulated ones."""
    table = pd.DataFrame(cells)
    curve = fit_curve(table["patients"], table["rejected"], table["simulations"])
    n, low, high = curve.patients(power)
    check_number(n, power)
    return {
        "power": power,
        "patients": max(n, FEWEST_PATIENTS),
        "patients_low": low,
        "patients_high": high,
        "by_formula": int(np.ceil(patients_by_formula(large, power, alpha))),
    }


def _calibration_table(
    designs: Sequence[Design], larges: Sequence[Large], question: Question
) -> pd.DataFrame:
    rows = []
    for design, large in zip(designs, larges, strict=True):
        ends = [large.reached + side * 1.96 * large.error for side in (0, -1, 1)]
        shown = [float(np.exp(end)) if isinstance(question, HazardRatio) else end for end in ends]
        names = (design.mean_lesions, design.scan_interval, design.scans, large.effect, *shown)
        columns = [*DESIGN, "effect", "reached", "reached_low", "reached_high"]
        rows.append(dict(zip(columns, names, strict=True)))
    return pd.DataFrame(rows)


def _printed(table: pd.DataFrame, question: Question) -> pd.DataFrame:
    if isinstance(question, HazardRatio):
        table["mean_estimate"] = np.exp(table["mean_estimate"])
    return table
