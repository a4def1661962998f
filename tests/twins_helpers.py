"""Random lesions tables with everything that a trial's measurements can have wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.readers import ReadOptions

SITES = ("liver", "lung", "lymph node", "bone")
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"burden": "available"},
    {"stable_rule": "outside_response", "crossing": "linear"},
    {"relapse_reference": "baseline", "crossing": "linear", "burden": "available"},
    {"relapse_min_increase_mm": 5.0, "visit_window_days": 20.0},
    {"gower_range": "cohort", "gower_self": False, "single_lesion": "missing"},
    {
        "gower_range": "fixed",
        "gower_bounds": {"nadir_ratio": (0.2, 0.9), "last_ratio": (0.0, 1.5)},
        "visit_window_days": 0.0,
    },
    {"gower_weights": {"stable": 0.0, "nadir_ratio": 2.5}, "response_threshold": 0.5},
)


def random_tables(seed: int, n_patients: int = 24) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a lesions and a patients table.

    Scans are missed, lesions vanish and come back, some have several baselines and some a first one after
    day 0; visits are named, not named, or overlap in time; rows are repeated, not assessed, or not of
    target lesions; patients have one lesion or many, with and without a site.
    """
    rng = np.random.default_rng(seed)
    visits = ("none", "named", "some", "overlapping")[seed % 4]
    rows = []
    for patient in range(n_patients):
        days = _scan_days(rng)
        for lesion in range(rng.integers(1, 6)):
            rows += _lesion(rng, f"P{patient}", f"L{lesion}", days, visits)
    lesions = pd.DataFrame(rows).sample(frac=1, random_state=seed)
    lesions.loc[lesions["patient_id"].isin(["P1", "P2"]), "site"] = "liver"
    if visits == "none":
        lesions = lesions.drop(columns="visit")
    known = rng.uniform(size=n_patients) > 0.1
    patients = pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(n_patients)],
            "arm": rng.choice(["a", "b", None], n_patients, p=[0.5, 0.4, 0.1]),
            "os_days": np.where(known, rng.integers(1, 900, n_patients), np.nan),
            "os_event": np.where(known, rng.integers(0, 4, n_patients) > 0, np.nan),
        }
    )
    return lesions.reset_index(drop=True), patients


def random_cohort(seed: int, n_patients: int = 24) -> Cohort:
    """Give a cohort of `random_tables`."""
    return cohort_from_frames(*random_tables(seed, n_patients), ReadOptions(allow_jumps=True))


def _scan_days(rng: np.random.Generator) -> np.ndarray:
    before = -np.sort(rng.integers(0, 60, rng.integers(0, 3)))[::-1]
    after = np.cumsum(rng.integers(3, 60, rng.integers(2, 7)))
    return np.concatenate([before, after]).astype(float)


def _lesion(
    rng: np.random.Generator, patient: str, lesion: str, days: np.ndarray, visits: str
) -> list[dict[str, Any]]:
    shift = rng.choice([0, 0, 0, 1, 2, 9], len(days))
    shift[days <= 0] = 0
    own = np.unique(np.where(rng.uniform(size=len(days)) < 0.4, days + shift, days))
    size = rng.choice([7.0, 10.0, 12.3, 30.0])
    site = rng.choice([*SITES, None], p=[0.4, 0.25, 0.15, 0.15, 0.05])
    rows = []
    kinds = ("target", "non-target", "new")
    kind = rng.choice(kinds, p=[0.86, 0.07, 0.07])
    for day in own:
        size = rng.choice([size, size * 0.7, size * 1.2, size * rng.uniform(0.4, 1.6), 0.0, 8.0])
        size = float(min(size, 200.0))
        row = {
            "patient_id": patient,
            "lesion_id": lesion,
            "day": day,
            "diameter_mm": None if rng.uniform() < 0.15 else size,
            "lesion_type": kind if rng.uniform() < 0.95 else rng.choice(kinds),
            "site": None if rng.uniform() < 0.2 else site,
            "visit": _visit(rng, day, visits),
        }
        rows.append(row)
        if rng.uniform() < 0.08:
            rows.append({**row, "visit": _visit(rng, day, visits)})
    return rows


def _visit(rng: np.random.Generator, day: float, visits: str) -> str | None:
    """Name the visit of a day, by rough time so that lesions of one patient share it."""
    if visits == "overlapping":
        return f"V{int(rng.integers(1, 5))}" if rng.uniform() < 0.8 else None
    if visits == "some" and rng.uniform() < 0.4:
        return None
    return f"V{int((day + 90) // 30)}"
