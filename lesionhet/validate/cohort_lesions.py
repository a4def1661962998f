"""Random measurements of lesions for the battery, and the definitions under which they are read."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.readers import ReadOptions
from lesionhet.study import Study, build_study
from lesionhet.validate.cohort_draft import significant

Rng = np.random.Generator

CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "relapse_reference": ("nadir", "baseline"),
    "relapse_min_increase_mm": (0.0, 5.0),
    "stable_rule": ("after_response", "outside_response"),
    "crossing": ("scan", "linear"),
    "burden": ("complete", "available"),
    "visit_window_days": (7.0, 0.0, 21.0),
    "gower_range": ("patient", "cohort", "fixed"),
    "gower_self": (True, False),
    "single_lesion": ("zero", "missing"),
    "organ_rule": ("sum", "mean", "any", "all"),
    "conf_level": (0.95, 0.8),
}
"""Definitions that vary from cohort to cohort, and their values."""
BOUNDS: Final = {"nadir_ratio": (0.0, 1.0), "last_ratio": (0.2, 2.0)}
SITES: Final = ("liver", "lung", "node", "bone")
PATIENTS: Final = 16
AT_THRESHOLD: Final = 0.15
"""Share of sizes that are exactly at a threshold: 70% of the first, or 120% of the smallest so far."""
MISSED: Final = 0.12
SCREENED: Final = 0.25
"""Share of patients with a scan before the one that is the baseline."""
VANISHED: Final = 0.05


def draw_study(rng: Rng) -> Study:
    """Draw measurements of some patients and read them under definitions drawn as well."""
    definitions = draw_definitions(rng)
    options = ReadOptions(allow_jumps=True)
    cohort = cohort_from_frames(draw_lesions(rng), draw_patients(rng), options)
    return build_study(cohort, definitions)


def draw_definitions(rng: Rng) -> Definitions:
    """Draw one value of every choice."""
    chosen: dict[str, Any] = {
        name: values[int(rng.integers(len(values)))] for name, values in CHOICES.items()
    }
    if chosen["gower_range"] == "fixed":
        chosen["gower_bounds"] = BOUNDS
    if rng.random() < 0.3:
        chosen["gower_weights"] = {"response": 0.0, "last_ratio": 2.5}
    return Definitions(**chosen)


def draw_lesions(rng: Rng) -> pd.DataFrame:
    """Draw a lesions table.

    Visits are missed, lesions vanish, come back, are never measured again or only once, rows stand
    there twice, sites are unknown; the first patient has two lesions that are always measured.
    """
    named = rng.random() < 0.5
    rows: list[dict[str, Any]] = []
    for patient in range(int(rng.integers(1, PATIENTS + 1))):
        days = _visit_days(rng)
        for lesion in range(2 if patient == 0 else int(rng.integers(1, 7))):
            rows += _lesion_rows(rng, patient, lesion, days)
    table = pd.DataFrame(rows)
    if not named:
        table = table.drop(columns="visit")
    twice = table[rng.random(len(table)) < 0.03]
    return pd.concat([table, twice], ignore_index=True)


def draw_patients(rng: Rng) -> pd.DataFrame:
    """Draw survival and arm of every patient; those without measurements are left out by the checks."""
    n = PATIENTS
    return pd.DataFrame(
        {
            "patient_id": [f"P{number:02d}" for number in range(n)],
            "arm": [f"arm {'AB'[int(code)]}" for code in rng.integers(0, 2, n)],
            "os_days": significant(rng.exponential(500, n)).round(),
            "os_event": (rng.random(n) < 0.8).astype(int),
        }
    )


def _visit_days(rng: Rng) -> list[int]:
    first = int(rng.integers(-20, 3))
    steps = rng.integers(20, 90, int(rng.integers(1, 7)))
    days = [first, *(first + np.cumsum(steps)).tolist()]
    if rng.random() < SCREENED:
        days.insert(0, first - int(rng.integers(14, 60)))
    return days


def _lesion_rows(rng: Rng, patient: int, lesion: int, days: list[int]) -> list[dict[str, Any]]:
    steady = patient == 0
    site = SITES[int(rng.integers(len(SITES)))] if steady or rng.random() < 0.95 else None
    kind = "target" if steady or rng.random() < 0.92 else str(rng.choice(["non-target", "new"]))
    size = first = smallest = float(rng.integers(5, 80))
    trend = rng.normal(-0.1, 0.3)
    rows = []
    for visit, day in enumerate(days):
        known = size if steady or rng.random() >= MISSED else None
        delay = 0 if steady else int(rng.integers(0, 4))
        rows.append(
            {
                "patient_id": f"P{patient:02d}",
                "lesion_id": f"L{lesion}",
                "day": day + delay,
                "diameter_mm": known,
                "site": site,
                "visit": f"V{visit}",
                "lesion_type": kind,
            }
        )
        smallest = min(smallest, size)
        # Whole millimetres: ties, and now and then a threshold.
        size = float(round(max(size, 2.0) * np.exp(trend + rng.normal(scale=0.25))))
        if rng.random() < AT_THRESHOLD:
            size = float(f"{0.7 * first if rng.random() < 0.5 else 1.2 * smallest:.6g}")
        if not steady and rng.random() < VANISHED:
            size = 0.0
    return rows
