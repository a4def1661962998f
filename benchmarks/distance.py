"""Distances: each patient's lesions, and all lesions of a large cohort together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.data import demo_study
from benchmarks.measure import Contest, NotHereError
from benchmarks.r_peer import FOLDER, r_timer, write_columns
from lesionhet.heterogeneity import heterogeneity_tables
from lesionhet.mean_gower import mean_gower
from lesionhet.requests import heterogeneity
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

LESIONS: Final = 1_000_000
NOMINAL: Final = dict.fromkeys(PHASES, "nominal")
MATRIX_LESIONS: Final = 4_000


def by_patient(folder: Path) -> Contest:
    """Give the contest of the lesion-level distances; ``folder`` holds the data for R."""
    study = demo_study()
    request = heterogeneity(study.lesions, study.definitions)
    table = request.data[["patient", *RESPONSE_VARIABLES]]
    data = write_columns(table, folder, "lesions")

    def ours() -> float:
        began = time.perf_counter()
        heterogeneity_tables(request.data, **request.options)
        return time.perf_counter() - began

    return Contest(
        "distance-by-patient",
        f"mean distance of each of {len(table):,} lesions to those of its patient",
        ours,
        {
            "R, daisy for each patient": r_timer("daisy_by_patient.R", str(FOLDER), str(data)),
            "Python, gower for each patient": lambda: _package(table),
        },
        {"R, daisy for each patient": 500},
    )


def _package(table: pd.DataFrame) -> float:
    try:
        from gower import gower_matrix
    except ImportError as error:
        raise NotHereError("the package gower is not installed") from error
    categorical = [name in PHASES for name in RESPONSE_VARIABLES]
    began = time.perf_counter()
    for _, own in table.groupby("patient"):
        gower_matrix(own[list(RESPONSE_VARIABLES)].astype(float), cat_features=categorical).mean(0)
    return time.perf_counter() - began


def whole_cohort(_: Path) -> Contest:
    """Give the contest of the mean distance over a cohort that no matrix of pairs can hold."""
    rng = np.random.default_rng(7)
    flags = {name: rng.integers(0, 2, LESIONS).astype(float) for name in PHASES}
    ratios = {name: rng.lognormal(-0.3, 0.4, LESIONS) for name in RESPONSE_VARIABLES[len(PHASES) :]}
    table = pd.DataFrame({**flags, **ratios})

    def ours() -> float:
        began = time.perf_counter()
        mean_gower(table, NOMINAL)
        return time.perf_counter() - began

    def matrix() -> float:
        """Compute the pairs of a part; give the seconds that all pairs would take."""
        from lesionhet.gower import gower_distance

        began = time.perf_counter()
        gower_distance(table.iloc[:MATRIX_LESIONS], NOMINAL)
        return (time.perf_counter() - began) * (LESIONS / MATRIX_LESIONS) ** 2

    return Contest(
        "distance-whole-cohort",
        f"mean distance of each of {LESIONS:,} lesions to all others",
        ours,
        {f"all pairs, from {MATRIX_LESIONS:,} lesions": matrix},
    )
