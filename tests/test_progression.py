"""Survival after progression, by hand and in R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.agreement import agreed, compare
from lesionhet.analyses import progression
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.progression import progressed_patients
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import cohort_from_frames
from lesionhet.engines import engine
from lesionhet.figures import draw
from lesionhet.simulate import simulate_trial
from lesionhet.study import Study, build_study


def study_of(rows: list[tuple[Any, ...]]) -> Study:
    """Build a study from (os_days, os_event, pfs_days, pfs_event, progressed, last size of lesion 2)."""
    names = [f"P{i}" for i in range(len(rows))]
    columns = ["os_days", "os_event", "pfs_days", "pfs_event", "progressed"]
    patients = pd.DataFrame([row[:5] for row in rows], columns=columns)
    patients.insert(0, "patient_id", names)
    lesions = [
        (name, lesion, day, size)
        for name, row in zip(names, rows, strict=True)
        for lesion, sizes in (("a", (10, 5)), ("b", (10, row[5])))
        for day, size in zip((0, 50), sizes, strict=True)
    ]
    table = pd.DataFrame(lesions, columns=["patient_id", "lesion_id", "day", "diameter_mm"])
    return build_study(cohort_from_frames(table, patients))


def run(study: Study) -> AnalysisResult:
    return run_analysis(progression.ANALYSES[0], study, engine("python"))


BY_HAND = [
    (300, 1, 100, 1, 1, 5),  # 200 days, distance 0
    (350, 1, 100, 1, 1, 5),  # 250 days, distance 0
    (180, 1, 80, 1, 1, 20),  # 100 days, the two lesions part
    (200, 0, 80, 1, 1, 20),  # 120 days, censored
    (150, 1, 150, 1, 0, 5),  # died
    (400, 0, 400, 0, 0, 5),  # no PFS event
    (90, 1, None, None, None, 5),  # PFS unknown
]


def test_days_from_progression_by_hand() -> None:
    found = progressed_patients(study_of(BY_HAND))

    assert found.patients["patient_id"].tolist() == ["P0", "P1", "P2", "P3"]
    assert found.patients["pps_days"].tolist() == [200, 250, 100, 120]
    assert found.patients["pps_event"].tolist() == [1, 1, 1, 0]
    assert found.counts.to_numpy().tolist() == [
        ["analysed", 4],
        ["PFS censored or unknown", 2],
        ["PFS event was a death", 1],
    ]


def test_groups_and_medians_by_hand() -> None:
    result = run(study_of(BY_HAND))

    assert result.status == "done"
    medians = result.answers["kaplan_meier_log"].to_frame().set_index("group")
    # Low: deaths at 200 and 250, flat at one half in between; high: death at 100, then half survive.
    assert medians["n"].to_dict() == {"low": 2, "high": 2}
    assert medians["median"].to_dict() == {"low": 225, "high": 100}
    groups = result.answers["log_rank"].to_frame("groups").set_index("group")
    # At day 100 four are at risk, two of them high; later only low patients are.
    assert groups["expected"].to_dict() == {"low": 2.5, "high": 0.5}
    assert "1 further value is tied at the median" not in result.shown.remarks[0]
    assert "4 of 7 patients are analysed" in result.shown.remarks[1]
    assert "PFS event was a death (1)" in result.shown.remarks[1]


def test_ties_at_the_median_are_said() -> None:
    rows = [(300 + i, 1, 100, 1, 1, 5) for i in range(4)]
    rows += [(200 + i, 1, 100, 1, 1, 20) for i in range(3)]
    remark = run(study_of(rows)).shown.remarks[0]

    assert "low n = 4, high n = 3" in remark
    assert "3 further values are tied at the median" in remark


def test_equal_distances_and_single_patients_are_refused() -> None:
    same = run(study_of([(300 + i, 1, 100, 1, 1, 5) for i in range(4)]))
    assert same.status == "skipped"
    assert "median 0: no groups to compare" in same.reason

    one = [(300 + i, 1, 100, 1, 1, 5) for i in range(3)] + [(250, 1, 100, 1, 1, 20)]
    single = run(study_of(one))
    assert single.status == "skipped"
    assert "'high' has 1" in single.reason


def test_nobody_who_progressed_is_refused() -> None:
    result = run(study_of([(300, 1, 300, 1, 0, 5), (400, 1, 400, 1, 0, 20)]))

    assert result.status == "skipped"
    assert "No patient has a survival after progression: PFS event was a death (2)" in result.reason


def test_without_deaths_the_curves_stay_and_the_test_says_why() -> None:
    rows = [(300 + i, 0, 100, 1, 1, size) for i, size in enumerate([5, 5, 20, 20])]
    result = run(study_of(rows))

    assert result.status == "done"
    assert "log rank left out: log-rank test: 0 event(s) in 4 rows" in result.reason
    assert list(result.requests) == ["groups", "kaplan_meier_log", "kaplan_meier_log_log"]
    assert "No test" in result.shown.charts["pps_by_distance"].caption


def test_a_missing_column_is_named() -> None:
    trial = simulate_trial(n_patients=30, seed=1)
    patients = trial.patients.drop(columns="progressed")
    result = run(build_study(cohort_from_frames(trial.lesions, patients)))

    assert result.reason == "Its column is missing: progressed."


def test_every_patient_is_counted_once() -> None:
    trial = simulate_trial(n_patients=300, seed=2)
    study = build_study(cohort_from_frames(trial.lesions, trial.patients))
    found = progressed_patients(study)

    assert found.counts["n"].sum() == len(study.patients)
    rows = study.patients[(study.patients["pfs_event"] == 1) & (study.patients["progressed"] == 1)]
    assert len(found.patients) == len(rows)
    np.testing.assert_allclose(found.patients["pps_days"], rows["os_days"] - rows["pfs_days"])


@pytest.mark.r
def test_r_agrees_on_every_number() -> None:
    trial = simulate_trial(n_patients=300, seed=11)
    result = run(build_study(cohort_from_frames(trial.lesions, trial.patients)))

    assert set(result.requests) == {
        "groups",
        "kaplan_meier_log",
        "kaplan_meier_log_log",
        "log_rank",
    }
    for name, request in result.requests.items():
        table = compare(name, result.answers[name], engine("r").answer(request))
        assert agreed(table), table[table["verdict"] == "differ"].to_string()
    for chart in result.shown.charts.values():
        assert draw(chart).get_figwidth() > 0
