"""Lesions whose measures are worked out by hand, and rows for models of markers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.readers import ReadOptions

COLUMNS = ["patient_id", "lesion_id", "day", "diameter_mm", "site", "lesion_type"]
# P: sums 100, 75, 88. Day 50 is the best response, ratios 0.5, 0.8, 1.3; day 100 the last, ratios 0.65,
# 0.95, 1.35. On day 100 A is 30% and 7.5 mm above its nadir, C 35% and 7 mm above its baseline.
# Q: two lesions that do the same; R: a single lesion.
ROWS = [
    *(("P", "A", day, size, "liver", "target") for day, size in ((0, 50), (50, 25), (100, 32.5))),
    *(("P", "B", day, size, "liver", "target") for day, size in ((0, 30), (50, 24), (100, 28.5))),
    *(("P", "C", day, size, "lung", "target") for day, size in ((0, 20), (50, 26), (100, 27))),
    ("P", "N", 90, 8, "bone", "new"),
    *(("Q", "A", day, size, "liver", "target") for day, size in ((0, 20), (60, 10))),
    *(("Q", "B", day, size, "lung", "target") for day, size in ((0, 40), (60, 20))),
    *(("R", "A", day, size, "liver", "target") for day, size in ((0, 20), (60, 30))),
]


def worked(rows: list[tuple[Any, ...]] | None = None) -> Cohort:
    """Give the three patients."""
    frame = pd.DataFrame(ROWS if rows is None else rows, columns=COLUMNS)
    return cohort_from_frames(frame, None, ReadOptions(allow_jumps=True))


def two_lesions(*sizes: tuple[float, float, float, float]) -> Cohort:
    """Give a patient a tuple: baseline and size of A, baseline and size of B, in the liver and the lung."""
    rows = []
    for k, (base_a, a, base_b, b) in enumerate(sizes):
        rows += [
            (f"P{k}", "A", 0, base_a, "liver", "target"),
            (f"P{k}", "A", 50, a, "liver", "target"),
        ]
        rows += [
            (f"P{k}", "B", 0, base_b, "lung", "target"),
            (f"P{k}", "B", 50, b, "lung", "target"),
        ]
    return worked(rows)


def survival_rows(seed: int, n: int = 80, strata: bool = True) -> dict[str, Any]:
    """Give tied times, three markers, two other covariates and perhaps strata."""
    rng = np.random.default_rng(seed)
    markers = pd.DataFrame(
        {"a": rng.normal(size=n), "b": rng.integers(0, 2, n), "c": rng.integers(0, 4, n)}
    )
    others = pd.DataFrame({"x": rng.normal(size=n), "z": rng.integers(0, 3, n)})
    hazard = np.exp(0.5 * markers["a"] + 0.3 * others["x"])
    return {
        "time": np.ceil(rng.exponential(40 / hazard)),
        "event": (rng.random(n) < 0.7).astype(int),
        "markers": markers,
        "others": others,
        "strata": rng.choice(["s", "t"], n) if strata else None,
    }
