"""Data sets that several tests of the statistics share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet.engines import engine
from lesionhet.requests import Request

# Remission of leukaemia in weeks, 6-mercaptopurine against placebo: Freireich et al. (1963), as
# printed by Kalbfleisch & Prentice (2002), table 1.1, and in most textbooks of survival analysis.
MERCAPTOPURINE = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
MERCAPTOPURINE_EVENT = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def leukaemia() -> pd.DataFrame:
    """Give the 42 rows: time, event, group ("6-MP", "placebo"), a stratum and two covariates."""
    row = np.arange(42)
    columns = {
        "time": np.array(MERCAPTOPURINE + PLACEBO, dtype=float),
        "event": MERCAPTOPURINE_EVENT + [1] * 21,
        "group": np.repeat(["6-MP", "placebo"], 21),
        "stratum": np.array(["s1", "s2", "s3"])[row % 3],
        "treated": np.repeat([1.0, 0.0], 21),
        "weekday": (row + 1) % 5.0,
    }
    return pd.DataFrame(columns)


def simulated(seed: int, n: int = 120, groups: int = 3, censored: float = 0.4) -> pd.DataFrame:
    """Give n rows with tied times, groups "g1" .., strata and two covariates."""
    rng = np.random.default_rng(seed)
    columns = {
        "time": np.ceil(rng.exponential(40, n)),
        "event": (rng.random(n) > censored).astype(int),
        "group": np.char.add("g", (np.arange(n) % groups + 1).astype(str)),
        "stratum": rng.choice(["a", "b"], n),
        "x": rng.normal(size=n),
        "z": rng.integers(0, 4, n).astype(float),
        "value": np.round(rng.gamma(2, 1, n), 1),
    }
    return pd.DataFrame(columns)


def answer(request: Request[Any]) -> Any:
    """Answer a request in Python."""
    return engine("python").answer(request)


def records(table: pd.DataFrame, *columns: str) -> list[list[Any]]:
    """Give chosen columns as a list of rows."""
    return list(table[list(columns)].to_numpy().tolist())
