"""Start-stop rows and trials that the tests of time share."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.agreement import agreed, compare
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError
from lesionhet.requests import Request


def start_stop_rows(seed: int, n: int = 150, tied: bool = True) -> pd.DataFrame:
    """Give rows of patients who enter late, change their covariates, and die or are censored."""
    rng = np.random.default_rng(seed)
    rows = []
    for patient in range(n):
        entry, end = rng.integers(0, 25), rng.exponential(60)
        end = entry + (np.ceil(end) if tied else end + 1e-3)
        cuts = np.unique(rng.integers(entry + 1, entry + 80, rng.integers(0, 4)))
        times = [float(entry), *(float(cut) for cut in cuts if cut < end), float(end)]
        dies, x, z = rng.random() < 0.7, rng.normal(), float(rng.integers(0, 3))
        for start, stop in pairwise(times):
            event = int(dies and stop == end)
            rows.append((start, stop, event, x, z, f"p{patient}", "ab"[patient % 2]))
            x, z = x + rng.normal(), z + float(rng.integers(0, 2))
    columns = ["start", "stop", "event", "x", "z", "patient", "stratum"]
    return pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=seed, ignore_index=True)


def no_effect(seed: int, n: int = 500) -> Cohort:
    """Give a trial in which sizes have nothing to do with survival: each scan is drawn anew.

    Two liver lesions a patient, scans every 50 days until death or day 600, each size a coin flip between
    no change and a response; survival is exponential.
    """
    rng = np.random.default_rng(seed)
    rows, patients = [], []
    for patient in range(n):
        death = float(np.ceil(rng.exponential(250)))
        days = [0.0, *np.arange(50.0, min(death, 600.0), 50.0)]
        for lesion in ("A", "B"):
            sizes = [30.0, *rng.choice([30.0, 15.0], len(days) - 1, p=[0.8, 0.2])]
            rows += [
                (f"P{patient}", lesion, *pair, "liver") for pair in zip(days, sizes, strict=True)
            ]
        patients.append((f"P{patient}", min(death, 900.0), int(death <= 900)))
    lesions = pd.DataFrame(rows, columns=["patient_id", "lesion_id", "day", "diameter_mm", "site"])
    table = pd.DataFrame(patients, columns=["patient_id", "os_days", "os_event"])
    return cohort_from_frames(lesions, table)


def both(request: Request[Any]) -> pd.DataFrame:
    """Compare the two languages' answers; empty where both refuse."""
    answers: list[Any] = []
    for name in ("python", "r"):
        try:
            answers.append(engine(name).answer(request))
        except NotEstimableError as error:
            answers.append(error)
    refused = [isinstance(found, NotEstimableError) for found in answers]
    assert all(refused) or not any(refused), answers
    return pd.DataFrame() if all(refused) else compare(request.statistic, *answers)


def assert_agree(table: pd.DataFrame) -> None:
    """Fail where a number differs, with the numbers."""
    assert table.empty or agreed(table), table[table["verdict"] == "differ"].to_string()
