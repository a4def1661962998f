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
from lesionhet.analyses.reviewer.cluster_models import Sites, _mixed_verdict
from lesionhet.analyses.reviewer.model_rows import NAIVE, main_models
from lesionhet.analyses.reviewer.model_verdicts import (
    influence_verdict,
    mean_verdict,
    proportional_verdict,
    shape_verdict,
    trial_verdict,
)
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


# Words


class Told:
    """An answer with the tables that a sentence is made from."""

    def __init__(self, options: dict[str, Any] | None = None, **tables: pd.DataFrame) -> None:
        self.options, self._tables = options or {}, tables

    def to_frame(self, name: str) -> pd.DataFrame:
        return self._tables[name]

    def value(self, name: str) -> float:
        return float(self._tables["test"][name].iloc[0])


def means(difference: float, low: float, high: float, p_value: float, error: float = 9.0) -> Told:
    pairs = {"difference": difference, "conf_low": low, "conf_high": high, "p_value": p_value}
    groups = {"group": ["low", "high"], "mean": [700.0, 700.0 + difference], "std_error": error}
    tables = {"pairs": pd.DataFrame([pairs]), "groups": pd.DataFrame(groups)}
    return Told({"tau": 1000.0}, **tables)


ENDS = ("highest", "lowest quartile")


def test_means_are_told_from_the_landmark_first() -> None:
    found = mean_verdict(
        "Overall survival", means(-200, -250, -150, 0.001), means(-90, -120, -60, 0.02), 112, ENDS
    )
    assert found == (
        "From day 112 on, by the distance known then, above against below the median: 90 (60–120) days "
        "fewer (610 against 700 days on average over the next 1,000 days of overall survival, P = 0.020); "
        "naively, from day 0, highest against lowest quartile: 200 (150–250) days fewer (500 against 700 "
        "days on average up to day 1,000 of overall survival, P = 0.001)."
    )


def test_an_interval_that_holds_0_keeps_its_sign() -> None:
    unclear = mean_verdict("Overall survival", means(-90, -190, 10, 0.03), None, 112, ENDS)
    assert "no clear difference, -90 (-190 to 10) days" in unclear.replace("−", "-")

    found = Sites("liver", ("lung",), pd.DataFrame(), ())
    row = {"measure": "Nadir ratio", "term": "lung", "estimate": -0.2, "p_value": 0.03}
    rows = pd.DataFrame([{**row, "conf_low": -0.41, "conf_high": 0.01}])
    models = pd.DataFrame([{"measure": "Nadir ratio", "intraclass_correlation": 0.5}])
    said = _mixed_verdict(found, rows, models).replace("−", "-")
    assert "lower by 0.20 (-0.01 to 0.41) of the baseline size" in said


@pytest.mark.parametrize(("p_value", "error"), [(np.nan, 9.0), (0.01, 0.0)])
def test_means_without_an_error_are_not_compared(p_value: float, error: float) -> None:
    none = means(-90, -120, -60, p_value, error)
    assert mean_verdict("Overall survival", none, none, 112, ENDS).startswith("Cannot be said here")
    half = mean_verdict("Overall survival", none, means(-90, -120, -60, 0.01), 112, ENDS)
    assert half.startswith("From day 112 on")
    assert "lowest quartile: cannot be said here" in half


def test_proportional_hazards_are_told_for_each_endpoint(study: Study) -> None:
    models, _ = main_models(study)

    def said(**p_values: tuple[float, float]) -> str:
        scales = {
            words: {
                name: Told(terms=pd.DataFrame({"p_value": [both[place]]}))
                for name, both in p_values.items()
            }
            for place, words in enumerate(("share with an event so far", "log of time"))
        }
        return proportional_verdict(models, scales, {})

    assert said(os=(0.3, 0.4), pfs=(0.01, 0.2)) == (
        "No sign that it changes for overall survival on any of the 2 scales of time (smallest P = 0.300, "
        "share with an event so far); it changes for progression-free survival (P = 0.010 by share with "
        "an event so far), so that the one hazard ratio of 2D is an average."
    )
    assert said(os=(0.128, 0.01)) == (
        "Not for sure for overall survival: P = 0.128 by share with an event so far, but P = 0.010 by "
        "log of time."
    )
    assert said(os=(np.nan, np.nan)).startswith("Cannot be said here")


@pytest.mark.parametrize(
    ("limits", "stratified", "head", "strata"),
    [
        ((1.1, 1.3), True, "No: ", "with strata of trial and arm"),
        (
            (0.9, 1.5),
            False,
            "There is no clear result that could hang on one trial: ",
            "trial 1.20",
        ),
    ],
)
def test_what_hangs_on_one_trial(
    limits: tuple[float, float], stratified: bool, head: str, strata: str
) -> None:
    row = {"hazard_ratio": 1.2, "conf_low": limits[0], "conf_high": limits[1]}
    kinds = ("all", "trial and arm", "without", "without")
    table = pd.DataFrame([{"kind": kind, **row} for kind in kinds])
    found = trial_verdict(table, "Overall survival", stratified=stratified)
    assert found.startswith(head)
    assert strata in found
    assert "of the naive distance" in found
    assert ("and arm" in found) == stratified


def test_a_result_that_is_not_clear_hangs_on_nobody(study: Study) -> None:
    model = main_models(study)[0]["os"]

    def said(low: float, p_value: float) -> str:
        whole = {"hazard_ratio": 1.1, "conf_low": low, "conf_high": 1.3, "p_value": p_value}
        summary = pd.DataFrame([{**whole, "n": 90, "largest": 0.2}])
        return influence_verdict({"os": (model, Told(summary=summary, patients=summary))})

    assert said(1.01, 0.04).startswith("No: ")
    assert said(0.9, 0.3).startswith("There is no clear result that could hang on one patient: ")


def test_no_straight_line_is_proved(study: Study) -> None:
    model = main_models(study)[0]["os"]
    curve = pd.DataFrame({"value": [0.0, 1.0], "hazard_ratio": [0.9, 1.4]})
    found = Told(curve=curve, test=pd.DataFrame({"p_value": [0.4]}))
    assert shape_verdict({"os": (model, found)}).startswith("No clear sign that it bends (")


def test_the_naive_distance_and_single_lesions_are_told(
    study: Study, results: dict[str, AnalysisResult]
) -> None:
    for name in ("MODEL-1", "MODEL-2", "MODEL-3", "MODEL-5"):
        assert NAIVE in results[name].shown.remarks
    patients = study.patients
    low = patients["gower"] <= patients["gower"].quantile(study.definitions.low_quantile)
    single = int((patients.loc[low, "n_lesions"] == 1).sum())
    assert single > 0
    text = (
        f"{single} of the {int(low.sum())} patients with low distance (group of 2C) have a single"
    )
    for name in ("MODEL-2", "MODEL-4"):
        assert any(remark.startswith(text) for remark in results[name].shown.remarks)


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
