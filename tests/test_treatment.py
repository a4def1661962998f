"""Treated against control: groups, medians and counts that can be seen, refusals, and R's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.analyses import chapter_tables, chapter_treatment
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.parts.comparison import enough_patients
from lesionhet.analyses.parts.lesion_comparisons import INDEPENDENT
from lesionhet.errors import NotEstimableError
from lesionhet.groups import median_groups
from lesionhet.plan import Contrast, Plan, load_plan
from lesionhet.simulate import SimulatedTrial, simulate_trial
from tests.treatment_helpers import (
    Lesions,
    check_against_r,
    check_printed,
    cohort_tables,
    run,
    study_of,
)

CONTRAST = Contrast("3", "Neu", ("A",), "Alt", ("B", "C"), "S4")
PLAN = Plan(("Leber", "Lunge"), (CONTRAST,), replace(CONTRAST, key="2"), None)
PRESET = load_plan()

Person = tuple[dict[str, Any], Lesions]


def _analyses(plan: Plan) -> Any:
    return (
        *chapter_tables.cohort_analyses(plan),
        *chapter_treatment.targeted_distance(plan),
        *chapter_treatment.analyses(plan),
        *chapter_tables.analyses(plan),
    )


def _person(arm: str, lesions: Lesions, os_days: float = 500, **more: Any) -> Person:
    return {"arm": arm, "os_days": os_days, "os_event": 1, **more}, lesions


def _people() -> list[Person]:
    """Four patients under A, two under B, two under C; each with a liver and a lung lesion."""
    return [
        _person("A", [("Leber", (50, 40)), ("Lunge", (90, 90))], 700),
        _person("A", [("Leber", (60, 50)), ("Lunge", (80, 100))], 800),
        _person("A", [("Leber", (70, 60)), ("Lunge", (65, 60))], 900),
        _person("A", [("Leber", (55, 45)), ("Lunge", (95, 120))], 1000),
        *_controls(),
    ]


def _controls() -> list[Person]:
    return [
        _person("B", [("Leber", (90, 85)), ("Lunge", (95, 95))], 100),
        _person("B", [("Leber", (100, 95)), ("Lunge", (85, 85))], 200),
        _person("C", [("Leber", (110, 130, 130)), ("Lunge", (90, 120, 120))], 300),
        _person("C", [("Leber", (70, 70)), ("Lunge", (75, 90))], 400),
    ]


def _results(people: list[Person], plan: Plan = PLAN, **rules: Any) -> dict[str, AnalysisResult]:
    return run(_analyses(plan), study_of(*cohort_tables(people), plan, **rules))


@pytest.fixture(scope="module")
def trial() -> SimulatedTrial:
    return simulate_trial(n_patients=300, seed=2021)


@pytest.fixture(scope="module")
def seven() -> dict[str, AnalysisResult]:
    return _results(_people())


def test_each_contrast_has_its_chapter_and_ids() -> None:
    found = {a.id: a.chapter for a in _analyses(PRESET)}

    assert list(found) == [
        *("T1b", "T1d", "2H"),
        *("3A", "3B", "3C", "S4", "3D", "3E", "3F"),
        *("4A", "4B", "4C", "S5", "4D", "4E", "4F"),
        *("S6", "S-T"),
    ]
    assert found["S4"] == "Treatment: Bevacizumab + chemotherapy"
    assert found["4F"] == "Treatment: Panitumumab + chemotherapy"
    assert [a.id for a in _analyses(Plan())] == ["T1b", "S-T"]


def test_a_foreign_plan_answers_everything(seven: dict[str, AnalysisResult]) -> None:
    reasons = {r.id: r.reason for r in seven.values() if r.id not in ("3A", "T1b")}
    # Lesions whose distance is 0 in all patients but one have no clustered P, and that is told.
    for name in ("3D", "3E"):
        assert reasons.pop(name).endswith("groups with more patients.")
    assert reasons == dict.fromkeys(["T1d", "2H", "3B", "3C", "S4", "3F", "S6", "S-T"], "")
    assert {r.status for r in seven.values() if r.id not in ("3A", "T1b")} == {"done"}
    check_printed(seven)


def test_median_split_puts_ties_low_and_counts_them() -> None:
    groups = median_groups(pd.Series([0.0, 0.3, 0.3, 0.3, 0.9, np.nan]))

    assert groups.labels.tolist()[:5] == ["low", "low", "low", "low", "high"]
    assert pd.isna(groups.labels[5])
    assert (groups.cut, groups.ties) == (0.3, 2)
    assert groups.remark("X") == (
        "X: low at or below the median 0.3, high above it (low n = 4, high n = 1). "
        "2 further values are tied at the median."
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([np.nan], "no values to split"),
        ([0.0, 0.2, 0.2], "All 3 values are at or below their median 0.2"),
    ],
)
def test_median_split_without_two_groups_is_refused(values: list[float], message: str) -> None:
    with pytest.raises(NotEstimableError, match=message):
        median_groups(pd.Series(values))


def test_small_groups_are_left_out_unless_nothing_remains() -> None:
    labels = pd.Series(["a", "a", "b", "c", "c", None])
    patient = pd.Series(["1", "2", "3", "4", "5", "6"])

    assert enough_patients(labels, patient, ("a", "b", "c", "d")) == (
        ("a", "c"),
        (
            "'b' is not compared: 1 patient, 2 or more are needed.",
            "'d' is not compared: 0 patients, 2 or more are needed.",
        ),
    )
    assert enough_patients(labels, patient, ("a", "b")) == (("a", "b"), ())
    assert enough_patients(labels, patient, ("a", "b", "c"), must=("b",)) == (("a", "b", "c"), ())


def test_two_lesions_of_one_patient_are_not_two_patients() -> None:
    labels = pd.Series(["a", "a", "b", "b", "c", "c"])
    patient = pd.Series(["1", "1", "2", "3", "4", "5"])

    assert enough_patients(labels, patient, ("a", "b", "c"))[0] == ("b", "c")


def test_arms_are_counted_with_what_is_known_of_them() -> None:
    people = [
        _person("A", [("Leber", (50,))], pfs_days=10, pfs_event=1),
        _person("A", [("Leber", (50,))], pfs_days=None, pfs_event=None),
        _person("A", [("Leber", (50,))], pfs_days=30, pfs_event=0),
        _person("B", [("Leber", (50,))], pfs_days=None, pfs_event=None),
    ]
    table = _results(people)["T1b"].shown.tables["arms"]

    assert table.to_numpy().tolist() == [["A", 3, 3, 2], ["B", 1, 1, 0]]
    assert list(table.columns) == ["arm", "patients", "with OS", "with PFS"]


def test_lesions_are_counted_by_organ_and_side() -> None:
    people = [*_people(), _person("A", [("Haut", (100,)), ("Leber", (90,))])]
    table = _results(people)["T1d"].shown.tables["lesions"]

    counts = table.set_index(["group", "organ"])["count"]
    assert counts["Neu", "Leber"] == 5
    assert counts["Neu", "Lunge"] == 4
    assert counts["Neu", "other sites"] == 1
    assert counts["Alt", "Leber"] == 4
    assert counts["Alt", "other sites"] == 0


def test_survival_shows_each_control_arm_and_says_that_pfs_is_missing(
    seven: dict[str, AnalysisResult],
) -> None:
    result = seven["3A"]
    medians = result.shown.tables["os_kaplan_meier_log"].set_index("group")

    assert medians["n"].to_dict() == {"Neu": 4, "B": 2, "C": 2}
    assert medians["median"].to_dict() == {"Neu": 850, "B": 150, "C": 350}
    assert "Neu n = 4, B n = 2, C n = 2" in result.shown.charts["os"].caption
    assert result.shown.left_out == (
        "Progression-free survival left out: pfs_days, pfs_event missing.",
    )
    assert list(result.requests) == [
        "os_kaplan_meier_log",
        "os_kaplan_meier_log_log",
        "os_log_rank",
    ]


def test_a_control_arm_of_one_patient_is_left_out_and_named() -> None:
    people = _people()[:-1]
    result = _results(people)["3A"]

    assert result.shown.tables["os_kaplan_meier_log"]["group"].tolist() == ["Neu", "B"]
    assert (
        "Overall survival: 'C' is not compared: 1 patient, 2 or more are needed." in result.reason
    )


def test_without_two_treated_patients_nothing_is_compared() -> None:
    results = _results(_people()[3:])

    for id_ in ("2H", "3A", "3C", "S4", "S6"):
        assert results[id_].status == "skipped"
        assert "2 patients or more to be compared: 'Neu' has 1" in results[id_].reason or (
            id_ == "S6" and "'treated' has 1" in results[id_].reason
        )
    assert results["3B"].status == "skipped"
    assert results["3F"].status == "skipped"
    assert "'Leber' is left out" in results["3F"].reason
    assert "'Neu' has 1" in results["3F"].reason
    assert results["T1d"].status == "done"
    check_printed(results)


def test_survival_by_distance_splits_the_treated_arms_alone() -> None:
    people = [
        _person("A", [("Leber", (50, 40)), ("Lunge", (50, 40))], 900),
        _person("A", [("Leber", (60, 60)), ("Lunge", (60, 60))], 800),
        _person("A", [("Leber", (50, 50)), ("Lunge", (100, 130))], 300),
        _person("A", [("Leber", (50, 50)), ("Lunge", (110, 140))], 200),
        *_controls(),
    ]
    result = _results(people)["3B"]

    medians = result.shown.tables["os_kaplan_meier_log"].set_index("group")
    assert medians["n"].to_dict() == {"low": 2, "high": 2}
    assert medians["median"].to_dict() == {"low": 850, "high": 250}
    assert result.shown.tables["distance"]["n"].tolist() == [4]
    assert "(low n = 2, high n = 2)" in result.shown.remarks[0]


def test_equal_distances_cannot_be_split() -> None:
    same = [_person("A", [("Leber", (50,))], 100 * k) for k in range(1, 5)]

    result = _results([*same, *_controls()])["3B"]

    assert result.status == "skipped"
    assert "All 4 values are at or below their median 0" in result.reason


def test_distance_of_both_sides_has_medians_sizes_and_test(
    seven: dict[str, AnalysisResult],
) -> None:
    result = seven["3C"]
    spread = result.shown.tables["spread"].set_index("group")

    # Two lesions each: a tenth for each of the five variables that differs. Neu: 3, 4, 0 and 4 do.
    assert spread.loc["Neu", "median"] == pytest.approx(0.35)
    assert spread.loc["Neu", "mean"] == pytest.approx(0.275)
    assert spread["n"].to_dict() == {"Neu": 4, "Alt": 4}
    assert result.shown.tables["groups"].columns.tolist() == [
        *("measure", "group", "n", "mean_sd", "median_iqr")
    ]
    caption = result.shown.charts["distance_by_treatment"].caption
    assert "Neu n = 4, Alt n = 4. Mann-Whitney P" in caption
    assert seven["2H"].answers.keys() == result.answers.keys()


def test_lesions_of_both_sides_have_the_medians_that_were_put_in(
    seven: dict[str, AnalysisResult],
) -> None:
    result = seven["S4"]
    spread = result.shown.tables["spread"].set_index(["measure", "group"])

    assert spread["n"].to_dict()["Nadir ratio", "Neu"] == 8
    # Neu: 0.4 0.45 0.5 0.6 0.6 0.8 0.9 0.95; Alt: 0.7 0.75 0.85 0.85 0.9 0.95 0.95 1.1.
    assert spread.loc[("Nadir ratio", "Neu"), "median"] == pytest.approx(0.6)
    assert spread.loc[("Nadir ratio", "Alt"), "median"] == pytest.approx(0.875)
    assert spread.loc[("Last ratio", "Alt"), "median"] == pytest.approx(0.925)
    # Five of eight treated lesions and one of the others reach response, all at day 56.
    assert spread.loc[("Response duration", "Neu"), "median"] == 56
    assert spread.loc[("Response duration", "Neu"), "mean"] == 35
    assert spread.loc[("Response duration", "Alt"), "mean"] == 7
    assert spread.loc[("Response duration", "Alt"), "median"] == 0
    assert result.shown.remarks == (INDEPENDENT,)
    assert result.shown.tables["tests"]["test"].eq("Mann-Whitney").all()
    assert "Neu n = 8, Alt n = 8" in result.shown.charts["nadir_ratio"].caption


def test_durations_are_drawn_plus_one_and_tabled_as_they_are(
    seven: dict[str, AnalysisResult],
) -> None:
    result = seven["S4"]
    chart: Any = result.shown.charts["response_days"]
    boxes = chart.boxes.set_index("group")
    spread = result.shown.tables["spread"].query("measure == 'Response duration'")

    assert chart.log_scale
    assert boxes["median"].to_numpy() == pytest.approx(spread["median"].to_numpy() + 1)
    assert boxes["q90"].to_numpy() == pytest.approx(spread["q90"].to_numpy() + 1)
    assert boxes["n"].tolist() == [8, 8]
    assert (boxes["q10"] >= 1).all()


def test_one_refused_measure_does_not_cost_the_others(seven: dict[str, AnalysisResult]) -> None:
    people = [_person(arm, [("Leber", (90 + k, 95))]) for k, arm in enumerate("AAABBB")]
    result = _results(people)["S4"]

    assert result.status == "done"
    assert "response days mann whitney left out" in result.reason
    assert "all 6 values are equal" in result.reason
    tests = result.shown.tables["tests"]["measure"].tolist()
    assert "Nadir ratio" in tests
    assert "Response duration" not in tests


def test_sites_of_treated_lesions_leave_a_single_patient_out() -> None:
    people = [*_people(), _person("A", [("Haut", (70,)), ("Haut", (80,)), ("Leber", (90,))])]
    result = _results(people, site_min_lesions=0)["3D"]

    table = result.shown.tables["groups"]
    assert table["group"].unique().tolist() == ["Leber", "Lunge"]
    assert table["n"].tolist() == [5, 4, 5, 4]
    assert result.shown.left_out == ("'Haut' is not compared: 1 patient, 2 or more are needed.",)
    chart: Any = result.shown.charts["nadir_ratio"]
    assert chart.lines == {0.7: "response 0.7", 1.2: "growth 1.2"}
    median = result.shown.tables["distance_all_sites"]["median"].iloc[0]
    distance: Any = result.shown.charts["gower"]
    assert list(distance.lines) == [median]
    assert result.shown.tables["distance_all_sites"]["n"].tolist() == [11]


def test_three_sites_are_compared_by_kruskal_wallis_and_dunn() -> None:
    people = [
        *_people(),
        _person("A", [("Haut", (70,)), ("Leber", (90,))]),
        _person("A", [("Haut", (75,)), ("Leber", (85,))]),
    ]
    result = _results(people, site_min_lesions=0)["3D"]

    assert result.shown.tables["tests"]["test"].tolist() == ["Kruskal-Wallis"] * 2
    assert len(result.shown.tables["pairs"]) == 6
    assert "of 3 pairs differ (Dunn, Bonferroni, P < 0.05)" in (
        result.shown.charts["nadir_ratio"].caption
    )


def test_organs_stand_side_by_side_in_each_group(seven: dict[str, AnalysisResult]) -> None:
    result = seven["3E"]
    chart: Any = result.shown.charts["nadir_ratio"]

    assert chart.order == ("Leber, treated", "Lunge, treated", "Leber, control", "Lunge, control")
    boxes = chart.boxes.set_index("group")
    assert boxes["n"].tolist() == [4, 4, 4, 4]
    assert boxes["median"].to_numpy() == pytest.approx([0.475, 0.85, 0.9, 0.875])
    assert result.shown.remarks[0] == "Treated: Neu; control: Alt."
    assert set(result.shown.charts) == {"nadir_ratio", "last_ratio", "response_days", "gower"}


def test_an_organ_may_be_too_rare_on_one_side_alone() -> None:
    people = [
        _person("A", [("Leber", (50,))]),
        _person("A", [("Leber", (60,)), ("Lunge", (70,))]),
        *_controls(),
    ]
    result = _results(people)["3E"]

    assert result.status == "done"
    assert "nadir ratio, treated left out: Each group needs 2 patients or more" in result.reason
    assert "'Lunge' has 1" in result.reason
    assert result.shown.tables["groups"]["within"].unique().tolist() == ["control"]


def test_distance_of_each_organ_is_compared_between_the_sides(
    seven: dict[str, AnalysisResult],
) -> None:
    result = seven["S6"]
    chart: Any = result.shown.charts["gower"]

    assert chart.order == ("Leber, treated", "Leber, control", "Lunge, treated", "Lunge, control")
    tests = result.shown.tables["tests"]
    assert tests["within"].tolist() == ["Leber", "Lunge"]
    assert tests["n"].tolist() == [8, 8]
    assert "Leber: treated n = 4, control n = 4; Mann-Whitney P" in chart.caption


def test_means_by_organ_are_those_of_the_lesions(seven: dict[str, AnalysisResult]) -> None:
    result = seven["3F"]
    chart: Any = result.shown.charts["ratios"]
    points = chart.points.set_index(["panel", "label"])

    assert (chart.x_label, chart.y_label) == ("Alt", "Neu")
    assert points.loc[("Nadir ratio", "Leber"), "y_mean"] == pytest.approx(0.4875)
    assert points.loc[("Nadir ratio", "Leber"), "y_sd"] == pytest.approx(0.085391, abs=1e-6)
    assert points.loc[("Nadir ratio", "Leber"), "x_mean"] == pytest.approx(0.9)
    assert points.loc[("Last ratio", "Lunge"), "x_mean"] == pytest.approx(0.975)
    assert result.shown.charts["durations"].panels == (  # type: ignore[attr-defined]
        *("Response duration", "Stable duration", "Relapse duration"),
    )
    means = result.shown.tables["means"]
    assert len(means) == 5 * 2 * 2
    row = means.query("measure == 'Nadir ratio' and organ == 'Leber' and group == 'Neu'")
    assert row["n"].tolist() == [4]
    assert row["mean"].to_numpy() == pytest.approx([0.4875])
    assert "Leber n = 4 and 4; Lunge n = 4 and 4" in chart.caption


def test_tables_print_a_dash_for_the_sd_of_one_lesion_and_name_empty_groups() -> None:
    people = [
        _person("A", [("Leber", (50,))]),
        _person("A", [("Leber", (60,)), ("Lunge", (70,))]),
        _person("B", [("Leber", (80,))]),
        _person("B", [("Leber", (90,))]),
    ]
    result = _results(people, site_min_lesions=0)["S-T"]

    table = result.shown.tables["groups"].set_index(["measure", "groups", "group"])
    assert table.loc[("Nadir ratio", "site", "Lunge"), "mean_sd"] == "0.700 (–)"
    assert table.loc[("Nadir ratio", "site", "Leber"), "n"] == 4
    assert table.loc[("Nadir ratio", "Neu", "Alt"), "median_iqr"] == "0.850 (0.825–0.875)"
    assert table.loc[("Nadir ratio", "organ, Neu", "Leber, Neu"), "mean_sd"] == "0.550 (0.071)"
    assert "organ, Neu: no lesions in 'Lunge, Alt'." in result.shown.left_out
    assert ("Nadir ratio", "organ, Neu", "Lunge, Alt") not in table.index


def test_absent_arms_and_organs_are_named(seven: dict[str, AnalysisResult]) -> None:
    wider = Plan(("Leber", "Lunge", "Milz"), (replace(CONTRAST, treated=("A", "A2")),), None, None)
    results = _results(_people(), wider)

    for id_ in ("3A", "3B", "3C", "S4", "3D", "3E", "3F", "T1d"):
        assert "The cohort has no patients of: A2." in results[id_].shown.remarks, id_
    assert "The cohort has no lesions in: Milz." in results["3E"].shown.remarks
    assert "The cohort has no patients of: A2." not in seven["3A"].shown.remarks


def test_a_cohort_with_other_arms_is_skipped_with_those_it_has(trial: SimulatedTrial) -> None:
    study = study_of(trial.lesions, trial.patients, PLAN)
    results = run(_analyses(PLAN), study)

    for id_ in ("2H", "3A", "3B", "3C", "S4", "3D"):
        assert results[id_].status == "skipped"
        assert "No arm of this cohort is called 'A'; there are: 'FOLFOX'" in results[id_].reason
    assert results["T1b"].status == "done"
    assert results["S-T"].status == "done"
    assert "By Neu left out: No arm of this cohort" in results["S-T"].reason
    check_printed(results)


def _drop_arm(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions, patients.drop(columns="arm")


def _drop_site(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions.drop(columns="site"), patients


def _one_organ(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions.assign(site="liver"), patients


def _one_arm(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions, patients.assign(arm="FOLFOX")


def _no_survival(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions, patients[["patient_id", "arm"]]


def _no_deaths(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions, patients.assign(os_event=0)


def _no_patients(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions, None


def _empty_arms(lesions: pd.DataFrame, patients: pd.DataFrame) -> Any:
    return lesions, patients.assign(arm=None)


ORGANS = {"T1d", "3E", "3F", "4E", "4F", "S6"}
EACH = {f"{k}{c}" for k in "34" for c in "ABCDEF"} | {"S4", "S5", "S6", "2H", "T1d"}


@pytest.mark.parametrize(
    ("change", "skipped"),
    [
        (_drop_arm, EACH | {"T1b"}),
        (_drop_site, ORGANS | {"3D", "4D"}),
        (_one_organ, ORGANS | {"3D", "4D"}),
        (_one_arm, EACH),
        (_no_survival, {"3A", "3B", "4A", "4B"}),
        (_no_deaths, set()),
        (_no_patients, EACH | {"T1b"}),
        (_empty_arms, EACH | {"T1b"}),
    ],
)
def test_cohorts_of_another_shape_run_or_say_what_they_lack(
    change: Callable[..., Any], skipped: set[str], trial: SimulatedTrial
) -> None:
    lesions, patients = change(trial.lesions, trial.patients)
    results = run(_analyses(PRESET), study_of(lesions, patients, PRESET))

    assert {r.id for r in results.values() if r.status == "skipped"} == skipped
    check_printed(results)


@pytest.mark.parametrize("n", [2, 8, 40])
def test_small_trials_run_or_say_what_they_lack(n: int) -> None:
    small = simulate_trial(n_patients=n, seed=1)

    check_printed(run(_analyses(PRESET), study_of(small.lesions, small.patients, PRESET)))


def test_distances_may_be_missing_for_single_lesions(trial: SimulatedTrial) -> None:
    study = study_of(trial.lesions, trial.patients, PRESET, single_lesion="missing")
    results = run(_analyses(PRESET), study)

    with_distance = study.patients.loc[study.patients["arm"].isin(CONTROL), "gower"].notna().sum()
    assert results["3C"].shown.tables["medians"]["n"].tolist()[1] == with_distance
    check_printed(results)


CONTROL = PRESET.contrasts[0].control


@pytest.mark.r
def test_r_agrees_on_every_number(trial: SimulatedTrial) -> None:
    check_against_r(_analyses(PRESET), trial, PRESET)
