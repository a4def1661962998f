"""The analyses of the chapter that check the main model, and whether it has enough events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statistics_helpers import answer, simulated

from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.chapter_heterogeneity import ANALYSES as CHAPTER_2
from lesionhet.analyses.reviewer.models import ANALYSES
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import cohort_from_frames
from lesionhet.engines import engine
from lesionhet.errors import UsageError
from lesionhet.outcome import Outcome
from lesionhet.plan import load_plan
from lesionhet.report.caveats import caveats
from lesionhet.simulate import SimulatedTrial, simulate_trial
from lesionhet.study import Study, build_study

# The analyses


@pytest.fixture(scope="module")
def trial() -> SimulatedTrial:
    return simulate_trial(n_patients=260, seed=4)


@pytest.fixture(scope="module")
def study(trial: SimulatedTrial) -> Study:
    return build_study(cohort_from_frames(trial.lesions, trial.patients))


@pytest.fixture(scope="module")
def results(study: Study) -> dict[str, AnalysisResult]:
    return {a.id: run_analysis(a, study, engine("python")) for a in ANALYSES}


def test_every_analysis_is_done_and_says_what_it_found(
    results: dict[str, AnalysisResult],
) -> None:
    assert list(results) == [f"MODEL-{i}" for i in range(1, 6)]
    for result in results.values():
        assert result.status == "done", result.reason
        assert result.shown.tables
        assert result.shown.charts
        said = result.shown.verdict
        assert said.endswith(".")
        assert any(sign.isdigit() for sign in said)
        assert "nan" not in said.lower().split()


def test_the_model_is_that_of_2d(study: Study, results: dict[str, AnalysisResult]) -> None:
    (of_2d,) = (a for a in CHAPTER_2 if a.id == "2D")
    cox = run_analysis(of_2d, study, engine("python")).answers["os_per_sd"].to_frame().iloc[0]

    whole = results["MODEL-3"].answers["os"].to_frame("summary").iloc[0]
    every = results["MODEL-5"].answers["os_all"].to_frame().iloc[0]
    for column in ("estimate", "std_error", "p_value"):
        assert whole[column] == pytest.approx(cox[column], rel=1e-7)
        assert every[column] == pytest.approx(cox[column], rel=1e-7)


def test_a_trial_that_is_left_out_has_no_patient_in_the_model(
    study: Study, results: dict[str, AnalysisResult]
) -> None:
    table = results["MODEL-5"].shown.tables["hazard_ratios"]
    table = table[table["endpoint"] == "Overall survival"].set_index("model")["n"]
    total = table["All trials, strata: arm"]
    for trial, n in study.patients["trial"].value_counts().items():
        assert table[f"Without {trial}"] == total - n
        assert table.get(f"{trial} alone", n) == n


def test_mean_survival_is_compared_on_the_same_day_in_all_arms(
    results: dict[str, AnalysisResult],
) -> None:
    table = results["MODEL-4"].shown.tables["differences"]
    for _, rows in table.groupby("endpoint"):
        arms = rows[~rows["who"].str.contains("All patients|From day")]
        assert len(arms) >= 3
        assert len(set(arms["tau"])) == 1
        assert np.sign(rows["difference"]).equals(np.sign(np.log(rows["ratio"])))


@pytest.mark.r
def test_r_agrees_on_every_number_of_the_chapter(results: dict[str, AnalysisResult]) -> None:
    r = engine("r")
    tables = [
        compare(f"{result.id}.{name}", result.answers[name], r.answer(request))
        for result in results.values()
        for name, request in result.requests.items()
    ]
    table = pd.concat(tables)
    assert len(table) > 2000
    assert agreed(table), table[table["verdict"] == "differ"].to_string()


# Enough events


def test_too_few_events_a_term_are_refused_with_the_numbers(study: Study) -> None:
    strict = replace(study, plan=replace(study.plan, events_per_term=500.0))
    done = {a.id: run_analysis(a, strict, engine("python")) for a in ANALYSES}

    for name in ("MODEL-1", "MODEL-2", "MODEL-3", "MODEL-5"):
        assert done[name].status == "skipped"
        assert "events for 3 terms" in done[name].reason
        assert "events_per_term asks for 500" in done[name].reason
    assert done["MODEL-4"].status == "done"  # a mean has no terms


def test_the_floor_stands_in_the_plan(tmp_path: Any) -> None:
    assert load_plan().events_per_term == 5.0
    file = tmp_path / "plan.toml"
    file.write_text("events_per_term = 12.5\n", encoding="utf-8")
    assert load_plan(str(file)).events_per_term == 12.5
    for wrong in ("0.5", '"many"', "true"):
        file.write_text(f"events_per_term = {wrong}\n", encoding="utf-8")
        with pytest.raises(UsageError, match="a number of 1 or more is expected"):
            load_plan(str(file))


def _outcome(study: Study, *results: AnalysisResult) -> Outcome:
    return Outcome(study, results, pd.DataFrame(), "off", "", {}, {}, {}, "paper2021")


def test_models_with_few_events_a_term_are_named_in_a_caveat(study: Study) -> None:
    rows = simulated(5, 40)
    few = rows.assign(event=[1] * 12 + [0] * 28)

    def made(name: str, of: pd.DataFrame) -> AnalysisResult:
        request = requests.cox(of["time"], of["event"], of[["x", "z"]])
        parts = ({"os": request}, {"os": answer(request)})
        return AnalysisResult(name, "", "", "", "done", "", *parts)

    found = {c.key: c for c in caveats(_outcome(study, made("2D", few), made("K-OS", rows)))}

    assert found["few-events"].analyses == ("2D",)
    assert "6.0" in found["few-events"].text
    enough = caveats(_outcome(study, made("2D", rows)))
    assert "few-events" not in {caveat.key for caveat in enough}


def test_one_trial_or_none_is_told(trial: SimulatedTrial) -> None:
    (last,) = (a for a in ANALYSES if a.id == "MODEL-5")
    for patients, reason in (
        (trial.patients.drop(columns="trial"), "column is missing: trial"),
        (trial.patients.assign(trial="T"), "Two trials or more are needed, found 1"),
    ):
        study = build_study(cohort_from_frames(trial.lesions, patients))
        result = run_analysis(last, study, engine("python"))
        assert result.status == "skipped"
        assert reason in result.reason


def test_without_arms_and_progression_the_rest_is_done(trial: SimulatedTrial) -> None:
    patients = trial.patients.drop(columns=["arm", "pfs_days", "pfs_event"])
    study = build_study(cohort_from_frames(trial.lesions, patients))
    for analysis in ANALYSES:
        result = run_analysis(analysis, study, engine("python"))
        assert result.status == "done", result.reason
        assert not any(name.startswith("pfs") for name in result.answers)
        if analysis.id != "MODEL-4":
            assert "Progression-free survival left out: pfs_days" in result.reason
