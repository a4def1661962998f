"""Trials and cohorts that the tests of measurement noise share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.simulate import simulate_trial
from lesionhet.simulation.fitted import BETWEEN_PATIENT_SD, GROWTH_MEDIAN
from lesionhet.simulation.parameters import SimulationParameters

NONE = (0.0, 0.0, 0.0)


def alike_trial(seed: int, n: int, log_sd: float = 0.0, sd_mm: float = 0.0) -> Cohort:
    """Simulate a trial whose lesions respond alike within each patient, but for measurement error.

    Nothing differs between the lesions of a patient, nor between organs; large lesions do not vanish in
    the simulator, so nobody responds that far here. An error in mm is added to sizes without error,
    which are then written down as the simulator does: whole mm, 5 mm below it, 0 below 3 mm.
    """
    same: dict[str, Any] = {
        "between_lesion_sd": NONE,
        "between_organ_sd": NONE,
        "heterogeneity_spread": 0.0,
        "site_effect": 0.0,
        "agent_organ_share": (1.0, 1.0, 1.0),
        "growth_median": (*GROWTH_MEDIAN[:2], 0.5),
        "between_patient_sd": (*BETWEEN_PATIENT_SD[:2], 0.3),
    }
    if not sd_mm:
        trial = simulate_trial(n, seed, SimulationParameters(**same, measurement_sd=log_sd))
        return cohort_from_frames(trial.lesions, trial.patients)
    exact: dict[str, Any] = {
        "rounding_mm": 0.0,
        "smallest_measurable_mm": 0.0,
        "vanished_below_mm": 0.0,
    }
    trial = simulate_trial(n, seed, SimulationParameters(**same, **exact, measurement_sd=0.0))
    rng = np.random.default_rng(seed)
    lesions = trial.lesions.copy()
    size = lesions["diameter_mm"].to_numpy(dtype=float) + rng.normal(0, sd_mm, len(lesions))
    written = np.where(size < 5, 5.0, np.rint(size))
    gone = (size < 3) & (lesions["day"].to_numpy() > 0)
    known = lesions["diameter_mm"].notna().to_numpy()
    lesions["diameter_mm"] = np.where(known, np.where(gone, 0.0, written), np.nan)
    return cohort_from_frames(lesions, trial.patients)


def small_cohort(sizes: dict[str, list[list[float]]]) -> Cohort:
    """Give patients with lesions measured every 50 days: patient -> lesion -> sizes, NaN not assessed."""
    rows = [
        (patient, f"L{number}", 50.0 * scan, size)
        for patient, lesions in sizes.items()
        for number, series in enumerate(lesions)
        for scan, size in enumerate(series)
    ]
    return cohort_from_frames(
        pd.DataFrame(rows, columns=["patient_id", "lesion_id", "day", "diameter_mm"])
    )


def with_repeats(seed: int, n: int, log_sd: float) -> Cohort:
    """Give lesions that do not change, measured three times at baseline with a known error."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"P{patient}", f"L{lesion}", day, 40.0 * np.exp(log_sd * rng.normal()))
        for patient in range(n)
        for lesion in range(2)
        for day in (-20.0, -10.0, 0.0, 50.0)
    ]
    return cohort_from_frames(
        pd.DataFrame(rows, columns=["patient_id", "lesion_id", "day", "diameter_mm"])
    )
