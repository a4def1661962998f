"""Simulated trials of one design and size, and how many of them reject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.power.calibrate import Large
from lesionhet.power.question import Design
from lesionhet.power.trials import Finding, Trial, run_trial
from lesionhet.validity.rates import share
from lesionhet.workers import Mapper

Told = Callable[[int], None]


@dataclass(frozen=True)
class Settings:
    """How much is simulated: trials a number of patients, level of the test, seed; and by whom."""

    simulations: int
    alpha: float
    seed: int
    crew: Mapper


def cell(trial: Trial, large: Large, settings: Settings, told: Told) -> dict[str, Any]:
    """Simulate trials of one size with the effect and without, and count rejections.

    Parameters
    ----------
    trial
        Question, design, definitions and number of patients.
    large
        The effect, and what large trials show.
    settings
        How much is simulated.
    told
        Told after each trial how many are done.

    Returns
    -------
    dict
        One row of the table of `lesionhet.power.plan`.
    """
    number = (trial.patients, *_of_design(trial.design))
    source = np.random.SeedSequence([settings.seed, *number])
    seeds = [int(one) for one in source.generate_state(2 * settings.simulations)]
    effects = [large.effect] * settings.simulations + [0.0] * settings.simulations
    jobs = [replace(trial, effect=e, seed=s) for e, s in zip(effects, seeds, strict=True)]
    found = settings.crew.run(run_trial, jobs, told)
    with_effect, without = found[: settings.simulations], found[settings.simulations :]
    estimates = pd.Series([one.estimate for one in with_effect])
    return {
        "patients": trial.patients,
        "events": _mean([one.events for one in with_effect]),
        "simulations": settings.simulations,
        "no_answer": int(estimates.isna().sum()),
        **_rejections(
            with_effect, settings.alpha, ("rejected", "power", "power_low", "power_high")
        ),
        "by_formula": by_formula(large, trial.patients, settings.alpha),
        **_rejections(
            without, settings.alpha, ("rejected_null", "type_1", "type_1_low", "type_1_high")
        ),
        "mean_estimate": float(estimates.mean()),
    }


def by_formula(large: Large, patients: float, alpha: float) -> float:
    """Give the power that the standard error of large trials foretells.

    Parameters
    ----------
    large
        Estimate and standard error of a trial of one patient.
    patients
        Of the trial.
    alpha
        Level of the two-sided test.

    Returns
    -------
    float
        Phi(|estimate| sqrt(n) / unit error - z). Of a Cox model this is Schoenfeld's formula: the squared
        error is 1 / (events x variance of the covariate, given the others).

    Source: Schoenfeld (1983) Biometrics 39:499; Hsieh & Lavori (2000) Control Clin Trials 21:552.

    Examples
    --------
    >>> round(by_formula(Large(1.0, 0.1, 0.0, 1.0, 0.8), 785, 0.05), 3)
    0.8
    """
    z = float(stats.norm.isf(alpha / 2))
    return float(stats.norm.cdf(abs(large.reached) * np.sqrt(patients) / large.unit_error - z))


def patients_by_formula(large: Large, power: float, alpha: float) -> float:
    """Give the number of patients that the same formula asks for.

    Examples
    --------
    >>> round(patients_by_formula(Large(1.0, 0.1, 0.0, 1.0, 0.8), 0.8, 0.05))
    785
    """
    z = float(stats.norm.isf(alpha / 2) + stats.norm.ppf(power))
    return float((z * large.unit_error / large.reached) ** 2)


def _rejections(
    found: Sequence[Finding], alpha: float, names: tuple[str, str, str, str]
) -> dict[str, float]:
    """Count; a trial without an answer does not reject."""
    rejects = pd.Series([one.p_value < alpha for one in found])
    return dict(zip(names, (int(rejects.sum()), *share(rejects)), strict=True))


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _of_design(design: Design) -> tuple[int, int, int]:
    """Give whole numbers that tell designs apart, for their random numbers."""
    return round(1e6 * design.mean_lesions), design.scan_interval, design.scans
