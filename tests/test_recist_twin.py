"""RECIST 1.1 in Python and in R from the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from recist_helpers import random_data

from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.cohort import cohort_from_frames
from lesionhet.engines import engine
from lesionhet.recist.data import RecistData
from lesionhet.recist.of_cohort import recist_data
from lesionhet.recist.rules import CR, NE, NON, PD, PR, SD, RecistRules
from lesionhet.requests import Request
from lesionhet.simulate import simulate_trial

RULES = (
    RecistRules(),
    RecistRules(confirmation_days=20, stable_days=90, not_evaluable_between=0),
    RecistRules(0.5, 1.1, 0.0, 12.0, 60, 0, 3, 20.0),
)


def both(request: Request[Any]) -> pd.DataFrame:
    answers = [engine(name).answer(request) for name in ("python", "r")]
    return compare(request.statistic, *answers)


def assert_agree(table: pd.DataFrame) -> None:
    assert agreed(table), table[table["verdict"] == "differ"].to_string()


@pytest.mark.r
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("rules", RULES)
def test_random_patients_agree(seed: int, rules: RecistRules) -> None:
    table = both(requests.recist(random_data(seed), rules))

    assert len(table) > 1000
    assert_agree(table)


def test_random_patients_have_what_they_should_have() -> None:
    found = [
        engine("python").answer(requests.recist(random_data(seed), rules))
        for seed in range(12)
        for rules in RULES
    ]
    visits = pd.concat([result.to_frame("visits") for result in found])
    best = pd.concat([result.to_frame("best") for result in found])
    every = {CR, PR, SD, PD, NE}

    assert set(visits["target"]) == every | {0}
    assert set(visits["nontarget"]) == {0, CR, NON, PD, NE}
    assert set(visits["overall"]) == set(best["best"]) == every | {NON}
    assert set(best["best_confirmed"]) == every | {NON}
    assert set(visits["new"]) == {0, 1, 2}
    counts = sum(result.to_frame("left_out") for result in found)
    assert (counts > 0).all(axis=None), counts.to_string()


@pytest.mark.r
def test_the_demo_cohort_agrees() -> None:
    trial = simulate_trial(n_patients=600, seed=2021)
    cohort = cohort_from_frames(trial.lesions, trial.patients)

    table = both(requests.recist(recist_data(cohort)))

    assert table.loc[table["table"] == "best", "row"].nunique() == 600
    assert_agree(table)


@pytest.mark.r
def test_baselines_alone_agree() -> None:
    rows = pd.DataFrame(
        {
            "patient_id": ["P", "Q"],
            "lesion_id": "A",
            "day": [0.0, -3.0],
            "visit": None,
            "diameter_mm": [20.0, None],
            "node": None,
        }
    )

    table = both(requests.recist(RecistData(rows)))

    assert table.loc[table["column"] == "best", "python"].tolist() == [NE, NE]
    assert table.loc[table["column"] == "patients_without_baseline", "python"].tolist() == [1]
    assert_agree(table)


@pytest.mark.r
@pytest.mark.parametrize("conf_level", [0.5, 0.9, 0.95, 0.999])
def test_shares_with_exact_intervals_agree(conf_level: float) -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(list("abcde"), [1, 2, 9, 60, 3000])
    share = {"a": 1, "b": 0, "c": 1, "d": 0.2, "e": 0.01}
    success = rng.uniform(size=len(group)) < [share[name] for name in group]

    table = both(requests.proportion(success.astype(int), group, conf_level=conf_level))

    assert len(table) == 25
    assert_agree(table)


def test_exact_limits_of_the_published_example(each_engine: Any) -> None:
    """Clopper and Pearson's interval of 7 in 20 at 95%: 0.1539 to 0.5922."""
    answer = each_engine.answer(requests.proportion([1] * 7 + [0] * 13))

    limits = answer.to_frame()[["estimate", "conf_low", "conf_high"]]
    assert limits.round(4).to_numpy().tolist() == [[0.35, 0.1539, 0.5922]]
