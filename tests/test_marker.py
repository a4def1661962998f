"""A marker's two states: groups and medians that can be seen, refusals, and R's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.chapter_marker import analyses
from lesionhet.plan import Marker, Plan, load_plan
from lesionhet.simulate import SimulatedTrial, simulate_trial
from tests.treatment_helpers import (
    Lesions,
    check_against_r,
    check_printed,
    cohort_tables,
    run,
    study_of,
)

MARKER = Marker("BRAF", "braf", "V600E", "wild", "Drug", ("A",), ("B",))
PLAN = Plan(("Leber", "Lunge"), (), None, MARKER)
PRESET = load_plan()

Person = tuple[dict[str, Any], Lesions]


def _person(arm: str, state: str, liver: float, lung: float, os_days: float = 500) -> Person:
    columns = {"arm": arm, "braf": state, "os_days": os_days, "os_event": 1}
    return columns, [("Leber", (liver,)), ("Lunge", (lung,))]


def _people() -> list[Person]:
    return [
        _person("A", "WILD", 40, 80, 900),
        _person("A", "WILD", 50, 75, 800),
        _person("A", "WILD", 60, 70, 700),
        _person("A", "v600e", 80, 80, 300),
        _person("A", "v600e", 100, 110, 200),
        _person("B", "WILD", 90, 95, 400),
        _person("B", "WILD", 80, 85, 500),
        _person("B", "v600e", 70, 120, 350),
        _person("B", "v600e", 90, 60, 450),
        _person("B", "not done", 90, 60, 450),
    ]


def _results(people: list[Person], plan: Plan = PLAN) -> dict[str, AnalysisResult]:
    return run(analyses(plan), study_of(*cohort_tables(people), plan))


@pytest.fixture(scope="module")
def ten() -> dict[str, AnalysisResult]:
    return _results(_people())


@pytest.fixture(scope="module")
def trial() -> SimulatedTrial:
    return simulate_trial(n_patients=300, seed=2021)


def test_the_chapter_is_named_after_the_marker() -> None:
    assert [a.id for a in analyses(PLAN)] == ["K-OS", "S7", "5A", "5B", "5C"]
    assert {a.chapter for a in analyses(PLAN)} == {"BRAF"}
    assert "BRAF" in analyses(PLAN)[0].title
    assert not any("KRAS" in a.title + a.question for a in analyses(PLAN))
    assert analyses(replace(PLAN, marker=None)) == ()


def test_a_foreign_marker_answers_everything(ten: dict[str, AnalysisResult]) -> None:
    assert {r.status for r in ten.values()} == {"done"}
    check_printed(ten)


def test_survival_by_state_prints_both_sizes_and_the_unknown(
    ten: dict[str, AnalysisResult],
) -> None:
    result = ten["K-OS"]
    medians = result.shown.tables["os_kaplan_meier_log"].set_index("group")

    assert medians["n"].to_dict() == {"wild": 5, "V600E": 4}
    assert medians["median"].to_dict() == {"wild": 700, "V600E": 325}
    assert "wild n = 5, V600E n = 4" in result.shown.charts["os"].caption
    assert result.shown.remarks == ("1 patient has no known state of BRAF and is left out.",)
    assert "pfs_days, pfs_event missing" in result.reason


def test_states_are_compared_within_each_organ(ten: dict[str, AnalysisResult]) -> None:
    result = ten["S7"]
    chart: Any = result.shown.charts["nadir_ratio"]

    assert chart.order == ("Leber, wild", "Leber, V600E", "Lunge, wild", "Lunge, V600E")
    boxes = chart.boxes.set_index("group")
    assert boxes["n"].tolist() == [5, 4, 5, 4]
    # Liver, wild: 0.4 0.5 0.6 0.8 0.9; V600E: 0.7 0.8 0.9 1.0.
    assert boxes["median"].to_numpy() == pytest.approx([0.6, 0.85, 0.8, 0.95])
    assert set(result.shown.charts) == {"nadir_ratio", "last_ratio", "response_days"}


def test_organs_within_states_are_those_of_the_arms_asked_for(
    ten: dict[str, AnalysisResult],
) -> None:
    with_drug: Any = ten["5A"].shown.charts["nadir_ratio"]
    without: Any = ten["5B"].shown.charts["nadir_ratio"]

    assert with_drug.order == ("Leber, wild", "Lunge, wild", "Leber, V600E", "Lunge, V600E")
    assert with_drug.boxes["n"].tolist() == [3, 3, 2, 2]
    assert with_drug.boxes["median"].to_numpy() == pytest.approx([0.5, 0.75, 0.9, 0.95])
    assert without.boxes["n"].tolist() == [2, 2, 2, 2]
    tests = ten["5A"].shown.tables["tests"]
    nadir = tests[tests["measure"] == "Nadir ratio"]["within"].tolist()
    assert nadir == ["wild", "V600E", "Leber", "Lunge"]
    assert ten["5A"].shown.remarks[0] == "Arms: A."


def test_the_ratio_of_medians_is_said_in_words(ten: dict[str, AnalysisResult]) -> None:
    remarks = ten["5A"].shown.remarks

    assert "wild, median nadir ratio: Lunge 50% above Leber (0.50)." in remarks
    assert "V600E, median nadir ratio: Lunge 6% above Leber (0.90)." in remarks
    # Liver 0.7 and 0.9, lung 1.2 and 0.6 without the drug.
    assert "V600E, median nadir ratio: Lunge 12% above Leber (0.80)." in ten["5B"].shown.remarks


def test_a_median_of_zero_has_no_ratio() -> None:
    people = [_person("A", "wild", 0, 50), _person("A", "wild", 0, 60), *_people()[3:5]]
    remarks = _results(people)["5A"].shown.remarks

    assert any("wild, median nadir ratio: that of Leber is 0" in text for text in remarks)


def test_means_put_the_positive_against_the_negative(ten: dict[str, AnalysisResult]) -> None:
    chart: Any = ten["5C"].shown.charts["ratios"]
    points = chart.points.set_index(["panel", "label"])

    assert (chart.x_label, chart.y_label) == ("wild", "V600E")
    assert points.loc[("Nadir ratio", "Leber"), "x_mean"] == pytest.approx(0.5)
    assert points.loc[("Nadir ratio", "Leber"), "x_sd"] == pytest.approx(0.1)
    assert points.loc[("Nadir ratio", "Leber"), "y_mean"] == pytest.approx(0.9)
    assert points.loc[("Last ratio", "Lunge"), "y_mean"] == pytest.approx(0.95)
    assert chart.panels == ("Nadir ratio", "Last ratio")


def test_one_positive_patient_is_not_compared() -> None:
    people = [*_people()[:4], *_people()[5:7]]
    results = _results(people)

    for id_ in ("K-OS", "S7"):
        assert results[id_].status == "skipped"
        assert "2 patients or more to be compared: 'V600E' has 1" in results[id_].reason
    assert results["5A"].status == "done"
    assert "nadir ratio, V600E left out" in results["5A"].reason
    assert results["5A"].shown.tables["tests"]["within"].unique().tolist() == ["wild"]
    assert results["5C"].status == "skipped"
    assert "'V600E' has 1" in results["5C"].reason
    check_printed(results)


def test_a_missing_marker_column_is_named() -> None:
    lesions, patients = cohort_tables(_people())
    results = run(analyses(PLAN), study_of(lesions, patients.drop(columns="braf"), PLAN))

    assert {r.reason for r in results.values()} == {"Its column is missing: braf."}


def test_values_of_another_spelling_are_listed() -> None:
    plan = replace(PLAN, marker=replace(MARKER, positive="mutated"))
    results = _results(_people(), plan)

    assert {r.status for r in results.values()} == {"skipped"}
    for result in results.values():
        assert "No value of braf of this cohort is called 'mutated'" in result.reason
        assert "'WILD'" in result.reason


def _drop(*columns: str) -> Callable[..., Any]:
    def change(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
        return lesions.drop(columns=list(columns), errors="ignore"), patients.drop(
            columns=list(columns), errors="ignore"
        )

    return change


def _one_arm(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions, patients.assign(arm="only")


def _one_organ(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions.assign(site="liver"), patients


@pytest.mark.parametrize(
    ("change", "skipped"),
    [
        (_drop("arm"), {"5A", "5B", "5C"}),
        (_drop("site"), {"S7", "5A", "5B", "5C"}),
        (_drop("os_days", "os_event"), {"K-OS"}),
        (_drop("pfs_days", "pfs_event", "progressed"), set()),
        (_one_arm, {"5A", "5B", "5C"}),
        (_one_organ, {"S7", "5A", "5B", "5C"}),
    ],
)
def test_cohorts_of_another_shape_run_or_say_what_they_lack(
    change: Callable[..., Any], skipped: set[str], trial: SimulatedTrial
) -> None:
    lesions, patients = change(trial.lesions, trial.patients)
    results = run(analyses(PRESET), study_of(lesions, patients, PRESET))

    assert {r.id for r in results.values() if r.status == "skipped"} == skipped
    check_printed(results)


@pytest.mark.parametrize("n", [2, 8, 40])
def test_small_trials_run_or_say_what_they_lack(n: int) -> None:
    small = simulate_trial(n_patients=n, seed=1)

    check_printed(run(analyses(PRESET), study_of(small.lesions, small.patients, PRESET)))


@pytest.mark.r
def test_r_agrees_on_every_number(trial: SimulatedTrial) -> None:
    check_against_r(analyses(PRESET), trial, PRESET)
