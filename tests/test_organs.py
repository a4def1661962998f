"""Which organ responds: by hand, by a slow loop, and what the analyses make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.agreement import agreed, compare
from lesionhet.analyses import chapter_organs, extremes
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.organ_survival import populations
from lesionhet.analyses.run import run_analyses
from lesionhet.burden import assessments
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError
from lesionhet.figures import draw
from lesionhet.organ_ratios import responds
from lesionhet.organs import organ_groups
from lesionhet.plan import load_plan
from lesionhet.simulate import simulate_trial
from lesionhet.study import Study, build_study

DAYS = (0.0, 50.0, 100.0, 150.0)
ALL, LIVER, OTHERS, NONE = (
    "all >30%",
    "liver >30%, others ≤30%",
    "liver ≤30%, others >30%",
    "all ≤30%",
)
Lesions = dict[str, list[tuple[str, tuple[float | None, ...]]]]


def study_of(lesions: Lesions, patients: pd.DataFrame | None = None, **changes: Any) -> Study:
    """Build a study from patient -> lesions as (site, sizes at days 0, 50, 100 ..; None not measured)."""
    rows = [
        {
            "patient_id": patient,
            "lesion_id": f"L{number}",
            "site": site or None,
            "day": day,
            "diameter_mm": size,
        }
        for patient, found in lesions.items()
        for number, (site, sizes) in enumerate(found, start=1)
        for day, size in zip(DAYS, sizes, strict=False)
    ]
    table = pd.DataFrame(rows)
    return build_study(cohort_from_frames(table, patients), Definitions(**changes))


def groups_of(study: Study, organ: str = "liver", other: str | None = None) -> dict[str, str]:
    table = organ_groups(study, organ, other).patients
    return dict(zip(table["patient_id"], table["group"], strict=True))


FOUR: Lesions = {
    "both": [("liver", (50.0, 30.0)), ("lung", (20.0, 10.0))],
    "liver": [("liver", (50.0, 30.0)), ("lung", (20.0, 19.0))],
    "lung": [("liver", (50.0, 49.0)), ("lung", (20.0, 10.0))],
    "none": [("liver", (50.0, 49.0)), ("lung", (20.0, 19.0))],
    "liver only, responds": [("liver", (50.0, 30.0))],
    "liver only, grows": [("liver", (50.0, 60.0))],
    "lung only": [("lung", (50.0, 10.0))],
}


def test_each_of_the_four_groups() -> None:
    assert groups_of(study_of(FOUR)) == {
        "both": ALL,
        "liver": LIVER,
        "lung": OTHERS,
        "none": NONE,
        "liver only, responds": ALL,
        "liver only, grows": NONE,
    }


def test_names_follow_the_threshold_and_the_organ() -> None:
    groups = organ_groups(study_of(FOUR, response_threshold=0.5), "lung")

    assert groups.order[1:3] == ("lung >50%, others ≤50%", "lung ≤50%, others >50%")
    assert groups.mixed == groups.order[1:3]
    assert groups.sizes() == {"all >50%": 1, **dict.fromkeys(groups.order[1:3], 0), "all ≤50%": 4}


def test_all_other_organs_are_pooled() -> None:
    # Lung 40 -> 20, bone 10 -> 10: 50 -> 30 together, 40%.
    rest = [("lung", (40.0, 20.0)), ("bone", (10.0, 10.0))]
    assert groups_of(study_of({"p": [("liver", (10.0, 10.0)), *rest]})) == {"p": OTHERS}


@pytest.mark.parametrize("baseline", [3.0, 7.0, 10.0, 23.0, 41.0, 110.0])
@pytest.mark.parametrize("rule", ["sum", "mean", "any", "all"])
def test_exactly_30_percent_is_no_response(baseline: float, rule: str) -> None:
    exactly = baseline * 7 / 10
    lesions: Lesions = {
        "exactly": [("liver", (baseline, exactly)), ("liver", (2 * baseline, 2 * exactly))],
        "more": [("liver", (baseline, exactly - 0.001)), ("liver", (baseline, exactly - 0.001))],
    }
    assert groups_of(study_of(lesions, organ_rule=rule)) == {"exactly": NONE, "more": ALL}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("sum", {"one small": NONE, "one large": ALL, "every": ALL}),
        ("mean", {"one small": ALL, "one large": ALL, "every": ALL}),
        ("any", {"one small": ALL, "one large": ALL, "every": ALL}),
        ("all", {"one small": NONE, "one large": NONE, "every": ALL}),
    ],
)
def test_rules(rule: str, expected: dict[str, str]) -> None:
    lesions: Lesions = {
        # sum 96 / 110, mean of 0.1 and 0.95
        "one small": [("liver", (10.0, 1.0)), ("liver", (100.0, 95.0))],
        # sum 60 / 110, mean of 0.5 and 1
        "one large": [("liver", (10.0, 10.0)), ("liver", (100.0, 20.0))],
        "every": [("liver", (10.0, 6.0)), ("liver", (100.0, 60.0))],
    }
    assert groups_of(study_of(lesions, organ_rule=rule)) == expected


def test_any_and_mean_differ() -> None:
    lesions: Lesions = {"p": [("liver", (10.0, 5.0)), ("liver", (10.0, 11.0))]}  # mean ratio 0.8
    assert groups_of(study_of(lesions, organ_rule="mean")) == {"p": NONE}
    assert groups_of(study_of(lesions, organ_rule="any")) == {"p": ALL}


def test_the_sum_is_that_of_one_assessment_not_of_the_best_sizes() -> None:
    lesions: Lesions = {"p": [("liver", (10.0, 4.0, 10.0)), ("liver", (10.0, 10.0, 4.0))]}
    groups = organ_groups(study_of(lesions), "liver")

    assert groups.patients["ratio"].tolist() == [0.7]
    assert groups.patients["group"].tolist() == [NONE]
    assert groups_of(study_of(lesions, organ_rule="mean")) == {"p": ALL}


def test_an_organ_needs_its_own_lesions_only() -> None:
    # At day 50 the liver is whole and the lung was not measured; at day 100 the other way round.
    lesions: Lesions = {
        "p": [("liver", (10.0, 5.0, None, 9.0)), ("lung", (10.0, None, 10.0, 10.0))],
    }
    study = study_of(lesions)

    assert study.patients["nadir_ratio"].tolist() == [0.95]
    assert groups_of(study) == {"p": LIVER}


def test_an_organ_that_was_never_whole_is_left_out_and_counted() -> None:
    lesions: Lesions = {
        "liver apart": [("liver", (10.0, 5.0, None)), ("liver", (10.0, None, 5.0))],
        "others apart": [
            ("liver", (10.0, 5.0, 5.0)),
            ("lung", (10.0, 5.0, None)),
            ("bone", (10.0, None, 5.0)),
        ],
        "whole": [("liver", (10.0, 5.0))],
    }
    groups = organ_groups(study_of(lesions), "liver")

    assert groups.patients["patient_id"].tolist() == ["whole"]
    assert groups.left_out == {
        "liver never measured as a whole at baseline and after it": 1,
        "the other organs never measured as a whole at baseline and after it": 1,
    }
    assert set(groups_of(study_of(lesions, burden="available")).values()) == {ALL}
    assert set(groups_of(study_of(lesions, organ_rule="mean")).values()) == {ALL}


def test_a_lesion_without_a_site_leaves_its_patient_out() -> None:
    lesions: Lesions = {
        "unknown": [("liver", (10.0, 5.0)), ("", (10.0, 5.0))],
        "known": [("liver", (10.0, 5.0))],
    }
    groups = organ_groups(study_of(lesions), "liver")

    assert groups.patients["patient_id"].tolist() == ["known"]
    assert groups.left_out == {"a lesion without a site": 1}


def test_exactly_two_organs() -> None:
    lesions: Lesions = {
        **FOUR,
        "three": [*FOUR["both"], ("bone", (10.0, 5.0))],
        "liver and bone": [("liver", (10.0, 5.0)), ("bone", (10.0, 5.0))],
    }
    found = groups_of(study_of(lesions), "liver", "lung")

    assert found == {
        "both": ALL,
        "liver": "liver >30%, lung ≤30%",
        "lung": "liver ≤30%, lung >30%",
        "none": NONE,
    }


def test_nobody_with_the_organ_is_refused() -> None:
    with pytest.raises(NotEstimableError, match="lesions in brain whose response is known"):
        organ_groups(study_of(FOUR), "brain")
    with pytest.raises(NotEstimableError, match="liver and bone only"):
        organ_groups(study_of(FOUR), "liver", "bone")


def slow_ratio(study: Study, patient: str, sites: set[str]) -> float:
    """Give the smallest ratio of summed diameters of a patient's lesions in some sites."""
    rows = study.cohort.measurements.assign(assessment=assessments(study.cohort, 7.0))
    own = study.lesions[
        (study.lesions["patient_id"] == patient) & study.lesions["site"].isin(sites)
    ]
    rows = rows[(rows["patient_id"] == patient) & rows["lesion_id"].isin(own["lesion_id"])]
    sums = [
        part["diameter_mm"].sum()
        for _, part in rows.groupby("assessment")
        if set(part["lesion_id"]) == set(own["lesion_id"])
    ]
    return min(sums[1:]) / sums[0] if len(sums) > 1 else np.nan


def test_ratios_are_those_of_a_slow_loop() -> None:
    trial = simulate_trial(n_patients=120, seed=7)
    study = build_study(cohort_from_frames(trial.lesions, trial.patients))
    found = organ_groups(study, "liver").patients.set_index("patient_id")
    sites = set(study.lesions["site"]) - {"liver"}

    assert len(found) > 60
    for patient, row in found.iterrows():
        assert row["ratio"] == pytest.approx(slow_ratio(study, patient, {"liver"}), rel=1e-12)
        others = slow_ratio(study, patient, sites)
        assert row["others_ratio"] == pytest.approx(others, rel=1e-12, nan_ok=True)


def test_an_organ_alone_has_the_ratio_of_the_total_burden() -> None:
    trial = simulate_trial(n_patients=200, seed=3)
    for burden in ("complete", "available"):
        study = build_study(cohort_from_frames(trial.lesions), Definitions(burden=burden))
        one = study.lesions.groupby("patient_id")["site"].nunique().eq(1)
        total = study.patients.set_index("patient_id")["nadir_ratio"]
        compared = 0
        for organ in study.lesions["site"].unique():
            found = organ_groups(study, organ).patients.set_index("patient_id")["ratio"]
            alone = found[one.reindex(found.index)]
            compared += len(alone)
            np.testing.assert_allclose(alone, total.reindex(alone.index), rtol=1e-12)
        assert compared == (total.notna() & one.reindex(total.index)).sum() > 50


def test_a_missing_ratio_does_not_respond() -> None:
    assert responds(np.array([np.nan, 0.7, 0.69]), Definitions()).tolist() == [False, False, True]


def test_keys_differ_and_fit_a_file_name() -> None:
    found = populations(["a/b", "a b", "標的", "??"], [None, None, None, None])
    assert [p.key for p in found] == ["a_b", "a_b_2", "標的", "_4"]


# The analyses


def run(study: Study) -> dict[str, AnalysisResult]:
    analyses = (*chapter_organs.ANALYSES, *extremes.ANALYSES)
    return {r.id: r for r in run_analyses(analyses, study, engine("python"))}


@pytest.fixture(scope="module")
def study() -> Study:
    trial = simulate_trial(n_patients=900, seed=5)
    return build_study(cohort_from_frames(trial.lesions, trial.patients))


@pytest.fixture(scope="module")
def results(study: Study) -> dict[str, AnalysisResult]:
    return run(study)


def test_everything_is_answered_and_drawn(results: dict[str, AnalysisResult]) -> None:
    assert {r.id: r.status for r in results.values()} == dict.fromkeys(
        ["6A", "6B", "6-G", "S8", "S3"], "done"
    )
    for result in results.values():
        assert result.shown.charts
        for chart in result.shown.charts.values():
            assert draw(chart).get_figwidth() > 0


def test_group_sizes_are_printed_and_add_up(
    study: Study, results: dict[str, AnalysisResult]
) -> None:
    counts = results["6A"].shown.tables["counts"]
    with_liver = study.lesions.loc[study.lesions["site"] == "liver", "patient_id"].nunique()
    groups = organ_groups(study, "liver")

    assert counts["count"].sum() + sum(groups.left_out.values()) == with_liver
    for name, n in groups.sizes().items():
        assert any(f"{name} n = {n:,}" in remark for remark in results["6A"].shown.remarks)


def test_the_log_rank_of_the_mixed_groups_has_those_two_only(
    study: Study, results: dict[str, AnalysisResult]
) -> None:
    answers = results["6A"].answers
    mixed = organ_groups(study, "liver").mixed

    assert tuple(answers["liver_os_log_rank_mixed"].to_frame("groups")["group"]) == mixed
    assert len(answers["liver_os_log_rank"].to_frame("groups")) == 4
    tests = results["6A"].shown.tables["log_rank"]
    assert tests.groupby("endpoint")["df"].apply(list).tolist() == [[3, 1], [3, 1]]


def test_every_other_main_organ_takes_the_first_ones_place(
    results: dict[str, AnalysisResult],
) -> None:
    assert set(results["S8"].shown.tables["counts"]["patients"]) == {
        "patients with lung lesions",
        "patients with lymph node lesions",
    }
    assert set(results["6B"].shown.tables["counts"]["patients"]) == {
        "patients with liver and lung lesions only",
        "patients with liver and lymph node lesions only",
    }


def test_guarantee_time_bias_is_said(results: dict[str, AnalysisResult]) -> None:
    for name in ("6A", "6B", "S8"):
        assert any("guarantee-time bias" in remark for remark in results[name].shown.remarks)


def test_a_single_patient_is_not_compared_and_the_rest_goes_on() -> None:
    twice = {f"{name} {i}": found for name, found in FOUR.items() for i in range(3)}
    del twice["lung 1"], twice["lung 2"]
    names = list(twice)
    patients = pd.DataFrame(
        {
            "patient_id": names,
            "os_days": 300 + 10.0 * np.arange(len(names)),
            "os_event": 1,
        }
    )
    result = run(study_of(twice, patients))["6A"]

    assert result.status == "done"
    assert "liver os log rank left out" in result.reason
    assert f"'{OTHERS}' has 1" in result.reason
    assert "Progression-free survival left out: pfs_days, pfs_event missing." in result.reason
    chart: Any = result.shown.charts["liver_os"]
    assert chart.order == (ALL, LIVER, NONE)
    assert chart.colors[NONE] == 3
    counts = result.shown.tables["counts"].set_index("level")["count"]
    assert counts.to_dict() == {ALL: 6, LIVER: 3, OTHERS: 1, NONE: 6}
    assert "log_rank" not in result.shown.tables


def test_a_cohort_without_the_main_organs_is_skipped_with_what_there_is(study: Study) -> None:
    foreign = replace(study, plan=replace(load_plan(), organs=("brain", "liver")))
    skipped = run(foreign)

    for name in ("6A", "6B", "6-G", "S8"):
        assert skipped[name].status == "skipped"
        assert "'liver'" in skipped[name].reason
    assert skipped["S3"].status == "done"


def test_high_and_low_distance_follow_the_rule(
    study: Study, results: dict[str, AnalysisResult]
) -> None:
    high, low = (extremes.extreme_patients(study)[side] for side in ("high", "low"))
    gower = study.patients.set_index("patient_id")["gower"]
    scans = study.burden.groupby("patient_id").size()
    pool = study.patients.set_index("patient_id")
    pool = pool[pool["n_lesions"].between(3, 6) & (scans.reindex(pool.index) >= 5)]

    assert len(high) == len(low) == 2
    assert set(high) | set(low) <= set(pool.index)
    assert gower[list(high)].min() >= pool["gower"].drop(list(high)).max()
    assert gower[list(low)].max() <= pool["gower"].drop(list(low)).min()
    shown = results["S3"].shown.tables["lesions_shown"]
    assert set(shown.loc[shown["distance_group"] == "high", "patient_id"]) == set(high)


def test_extremes_without_such_patients_are_refused() -> None:
    result = run(study_of(FOUR))["S3"]

    assert result.status == "skipped"
    assert "3 to 6 lesions" in result.reason


@pytest.mark.r
def test_r_agrees_on_every_number() -> None:
    trial = simulate_trial(n_patients=300, seed=11)
    study = build_study(cohort_from_frames(trial.lesions, trial.patients))
    second = engine("r")
    compared = 0
    for result in run(study).values():
        for name, request in result.requests.items():
            table = compare(name, result.answers[name], second.answer(request))
            assert agreed(table), table[table["verdict"] == "differ"].to_string()
            compared += len(table)
    assert compared > 500
