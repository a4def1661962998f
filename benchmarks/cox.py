"""Resampled Cox: 500 models of the distance on draws of the demonstration cohort's patients."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.data import demo_study
from benchmarks.measure import Contest
from benchmarks.r_peer import FOLDER, r_timer, write_columns
from lesionhet.covariates import covariates
from lesionhet.statistics.resampling import resampled_cox, subsamples

DRAWS: Final = 500
COVARIATES: Final = ["x1", "x2", "x3"]


def contest(folder: Path) -> Contest:
    """Give the contest; ``folder`` holds the data for R."""
    rows, draws = cohort_rows()
    data = write_columns(rows, folder, "cox")
    drawn = write_columns(draws, folder, "draws")
    whole = with_draws(rows, draws)
    given = (str(FOLDER), str(data), str(drawn))
    return Contest(
        "resampled-cox",
        f"{DRAWS} Cox models on 80% of {len(rows):,} patients each, stratified by arm",
        lambda: _ours(whole),
        {
            "R, coxph in a loop": r_timer("coxph_loop.R", *given),
            "R, survival::coxph.fit": r_timer("coxph_fit.R", *given),
            "lifelines, CoxPHFitter": lambda: _lifelines(rows, draws),
        },
        {"R, coxph in a loop": 40, "R, survival::coxph.fit": 4},
    )


def cohort_rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the rows of ledger 2D and the draws: n x 6 and n x 500 numbers."""
    patients = demo_study().patients
    patients = patients.dropna(subset=["gower", "baseline_sum_mm", "os_days", "os_event", "arm"])
    terms = covariates(patients, patients).set_axis(COVARIATES, axis=1)
    outcome = {
        "time": patients["os_days"],
        "event": patients["os_event"],
        "strata": pd.factorize(patients["arm"], sort=True)[0] + 1.0,
    }
    rows = pd.concat([pd.DataFrame(outcome, index=patients.index), terms], axis=1)
    chosen = subsamples(len(rows), DRAWS, 0.8, seed=1)
    draws = pd.DataFrame(chosen, columns=[f"d{b + 1}" for b in range(DRAWS)])
    return rows.astype(float).reset_index(drop=True), draws


def with_draws(rows: pd.DataFrame, draws: pd.DataFrame) -> pd.DataFrame:
    """Put rows and draws side by side, as an engine gets them."""
    return pd.concat([rows.astype({"strata": int}), draws], axis=1)


def _ours(whole: pd.DataFrame) -> float:
    began = time.perf_counter()
    found = resampled_cox(whole, ties="efron", of_interest=1, significance=0.05)
    took = time.perf_counter() - began
    if found["draws"]["estimate"].isna().any():
        raise AssertionError("a draw was not fitted")
    return took


LIFELINES_DRAWS: Final = 5


def _lifelines(rows: pd.DataFrame, draws: pd.DataFrame) -> float:
    """Fit a few draws by lifelines; give the seconds that all of them would take."""
    from lifelines import CoxPHFitter

    began = time.perf_counter()
    for name in draws.columns[:LIFELINES_DRAWS]:
        CoxPHFitter().fit(rows[draws[name] > 0], "time", "event", strata=["strata"])
    return (time.perf_counter() - began) * DRAWS / LIFELINES_DRAWS
