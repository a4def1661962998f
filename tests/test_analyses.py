"""The ledger's analyses on cohorts of every shape: done, or skipped with what they lack."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from lesionhet.agreement import agreed
from lesionhet.analyses import ledger
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.parts.endpoints import ticks
from lesionhet.analyses.run import run_analyses, run_analysis, select_analyses
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import UsageError
from lesionhet.figures import draw
from lesionhet.pipeline import analyze
from lesionhet.plan import load_plan
from lesionhet.simulate import SimulatedTrial, simulate_trial
from lesionhet.study import build_study

ANALYSES = ledger(load_plan())
SMALL_GROUPS = r"\d+ patients? or more|has \d|\d events for \d+ terms"
SMALL = Definitions(site_min_lesions=5)
ALL_IDS = [
    *("T1", "T1b", "T1c", "T1d"),
    *("1A", "1B", "1C", "1D", "S2", "S3"),
    *("2A", "2A-tau", "2B", "2C", "2D", "2E", "2F", "2G", "2H"),
    *("3A", "3B", "3C", "S4", "3D", "3E", "3F"),
    *("4A", "4B", "4C", "S5", "4D", "4E", "4F", "S6"),
    *("K-OS", "S7", "5A", "5B", "5C"),
    *("6A", "6B", "6-G", "S8", "RECIST", "S-T"),
    *("TIME-1", "TIME-2", "TIME-3", "TIME-4"),
    *("CLUSTER-1", "CLUSTER-2", "CLUSTER-3"),
    *("NOISE-1", "NOISE-2", "NOISE-3", "NOISE-4"),
    *("MEASURE-1", "MEASURE-2", "MEASURE-3", "MEASURE-4"),
    *("MODEL-1", "MODEL-2", "MODEL-3", "MODEL-4", "MODEL-5"),
    "CHOICE-1",
    *("ORDER-1", "ORDER-2", "ORDER-3"),
]


@pytest.fixture(scope="module")
def trial() -> SimulatedTrial:
    return simulate_trial(n_patients=240, seed=4)


def _run(
    lesions: pd.DataFrame, patients: pd.DataFrame | None = None, only: tuple[str, ...] | None = None
) -> dict[str, AnalysisResult]:
    study = build_study(cohort_from_frames(lesions, patients), SMALL)
    return {r.id: r for r in run_analyses(select_analyses(ANALYSES, only), study, engine("python"))}


def _no_nan_as_text(results: dict[str, AnalysisResult]) -> None:
    for result in results.values():
        texts = [result.reason, *result.shown.remarks, *result.shown.left_out]
        texts += [chart.caption for chart in result.shown.charts.values()]
        assert not [text for text in texts if "nan" in text.lower().split()], result.id
        for chart in result.shown.charts.values():
            draw(chart)


def test_every_row_of_the_ledger_is_there_in_order() -> None:
    assert [a.id for a in ANALYSES] == ALL_IDS


def test_a_whole_cohort_answers_everything(trial: SimulatedTrial) -> None:
    results = _run(trial.lesions, trial.patients)

    assert {r.id: r.status for r in results.values()} == dict.fromkeys(ALL_IDS, "done")
    # A small trial has small groups: each that is left out is named with its size.
    for result in results.values():
        assert not result.reason or re.search(SMALL_GROUPS, result.reason)
    assert all(r.shown.tables for r in results.values())
    _no_nan_as_text(results)


@pytest.mark.r
def test_r_agrees_on_every_number(trial: SimulatedTrial) -> None:
    outcome = analyze(cohort_from_frames(trial.lesions, trial.patients), SMALL, r="require")

    assert outcome.r_failures == {}
    assert agreed(outcome.agreement)
    asked = {f"{r.id}.{name}" for r in outcome.compared for name in r.requests}
    assert set(outcome.agreement["name"]) == asked


def test_without_site_arm_and_survival_the_rest_is_done(trial: SimulatedTrial) -> None:
    columns = ["patient_id", "lesion_id", "day", "diameter_mm"]
    results = _run(trial.lesions.query("lesion_type == 'target'")[columns])

    skipped = {r.id: r.reason for r in results.values() if r.status == "skipped"}
    assert {i for i, r in results.items() if r.status == "done"} == {
        *("T1", "T1c", "1A", "1B", "1C", "S2", "S3", "2A", "2A-tau", "RECIST"),
        *("MEASURE-1", "MEASURE-2", "MEASURE-4"),
        *("NOISE-1", "NOISE-2", "NOISE-3", "NOISE-4"),
        "CHOICE-1",
    }
    assert skipped["1D"] == "Its column is missing: site."
    assert skipped["2C"] == "Its columns are missing: os_days, os_event."
    assert "arm" in skipped["3C"]
    assert "site" in skipped["6A"]
    assert "kras" in skipped["5A"] or "arm" in skipped["5A"]
    assert "pfs_days and pfs_event missing" in results["1A"].reason
    assert "arm is missing" in results["1C"].reason
    _no_nan_as_text(results)


def test_three_deaths_are_too_few_for_the_model(trial: SimulatedTrial) -> None:
    three = (np.arange(len(trial.patients)) < 3).astype(int)

    result = _run(trial.lesions, trial.patients.assign(os_event=three), ("2D",))["2D"]

    assert (result.status, result.reason) == (
        "skipped",
        "Cox model: 3 event(s) in 240 rows, needs 4.",
    )


def test_one_site_cannot_be_compared(trial: SimulatedTrial) -> None:
    results = _run(trial.lesions.assign(site="liver"), trial.patients, ("1D", "2G"))

    assert results["2G"].status == "skipped"
    assert "two or more are needed" in results["2G"].reason
    assert results["1D"].status == "done"


@pytest.mark.parametrize("n", [2, 8])
def test_small_trials_run_or_say_what_they_lack(n: int) -> None:
    small = simulate_trial(n_patients=n, seed=1)
    results = _run(small.lesions, small.patients)

    for result in results.values():
        assert result.status == "done" or result.reason
    _no_nan_as_text(results)


def test_two_lesions_each_leave_no_correlation_with_their_number(trial: SimulatedTrial) -> None:
    keep = trial.lesions.groupby("patient_id")["lesion_id"].transform(
        lambda ids: ids.isin(sorted(ids.unique())[:2])
    )

    result = _run(trial.lesions[keep], trial.patients, ("2A-tau",))["2A-tau"]

    assert result.status == "skipped"
    assert result.reason == "0 patient(s) have more than two lesions, needs 3."


def test_shares_add_up_and_counts_are_those_of_the_tables(trial: SimulatedTrial) -> None:
    study = build_study(cohort_from_frames(trial.lesions, trial.patients), SMALL)
    asked = select_analyses(ANALYSES, ("1C", "1D"))
    results = {r.id: r for r in run_analyses(asked, study, engine("python"))}

    by_arm = results["1C"].shown.tables["patients"]
    assert by_arm.groupby("group")["share"].sum().to_numpy() == pytest.approx(1)
    overall = by_arm[by_arm["group"] == "all patients"].set_index("level")["count"]
    expected = study.patients["n_inconsistent"].clip(upper=3).value_counts()
    assert overall["0"] == expected[0]
    assert overall["≥3"] == expected[3]
    sites = results["1D"].shown.tables["lesions"]
    assert sites["count"].sum() == study.lesions["inconsistent"].notna().sum()


def test_the_hazard_ratio_per_sd_is_the_raw_one_to_the_power_of_the_sd(
    trial: SimulatedTrial,
) -> None:
    study = build_study(cohort_from_frames(trial.lesions, trial.patients), SMALL)
    answers = run_analysis(select_analyses(ANALYSES, ["2D"])[0], study, engine("python")).answers

    raw, per_sd = (answers[f"os_{s}"].to_frame()["estimate"].iloc[0] for s in ("raw", "per_sd"))

    assert per_sd == pytest.approx(raw * study.patients["gower"].std(), rel=1e-8)


def test_unknown_ids_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"9Z; there are: T1, T1b, T1c"):
        select_analyses(ANALYSES, ["2C", "9Z"])


def test_chosen_patients_are_shown(trial: SimulatedTrial) -> None:
    cohort = cohort_from_frames(trial.lesions, trial.patients)
    chosen = tuple(cohort.patients["patient_id"].iloc[[5, 2]])
    study = build_study(cohort, SMALL, chosen)

    result = run_analysis(select_analyses(ANALYSES, ["1B"])[0], study, engine("python"))

    assert set(result.shown.tables["lesions_shown"]["patient_id"]) == set(chosen)
    assert chosen[0] in result.shown.charts["trajectories"].caption


@pytest.mark.parametrize(
    ("longest", "step"), [(5.0, 1), (100.0, 30), (400.0, 60), (1100.0, 180), (5000.0, 730)]
)
def test_times_at_risk_are_plain_multiples(longest: float, step: float) -> None:
    found = ticks(pd.Series([1.0, longest]))

    assert found[0] == 0
    assert set(np.diff(found)) == {step}
    assert found[-1] <= longest
