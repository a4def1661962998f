"""States at a day and over time, landmark models, start-stop models: nothing knows of later scans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statistics_helpers import answer
from timed_helpers import assert_agree, both, no_effect
from twins_helpers import OPTIONS, random_cohort, random_tables

from lesionhet import requests
from lesionhet.analyses.reviewer.time import ANALYSES
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.organs import organ_groups
from lesionhet.readers import ReadOptions
from lesionhet.simulate import simulate_trial
from lesionhet.study import build_study
from lesionhet.timed.looks import look
from lesionhet.timed.over_time import distances_over_time, organ_responses_over_time, start_stop
from lesionhet.timed.state import organ_groups_at, state_at
from lesionhet.timed.three_ways import three_ways
from lesionhet.timed.ways import distance_ways, organ_ways

RULES = ("sum", "mean", "any", "all")
LATER = ReadOptions(allow_jumps=True)
ONE_RANGE = [o for o in OPTIONS if o.get("gower_range") != "cohort"]


@pytest.fixture(scope="module")
def trial() -> Cohort:
    made = simulate_trial(n_patients=150, seed=3)
    return cohort_from_frames(made.lesions, made.patients)


# States at a day


@settings(max_examples=12)
@given(seed=st.integers(0, 40), day=st.integers(20, 150), extra=st.integers(0, 10_000))
def test_what_comes_later_does_not_change_a_state(seed: int, day: int, extra: int) -> None:
    lesions, patients = random_tables(seed, 5)
    rng = np.random.default_rng(extra)
    later = lesions.sample(frac=0.5, random_state=extra)
    later = later.drop_duplicates(["patient_id", "lesion_id"]).assign(
        day=lambda rows: day + rng.uniform(0.5, 300, len(rows)),
        diameter_mm=lambda rows: rng.choice([0.0, 3.0, 90.0], len(rows)),
    )
    until = lesions[lesions["day"] <= day]
    cohorts = (lesions, pd.concat([until, later], ignore_index=True))
    definitions = Definitions(**OPTIONS[seed % len(OPTIONS)])
    try:
        first, second = (
            state_at(cohort_from_frames(rows, patients, LATER), definitions, day)
            for rows in cohorts
        )
    except NotEstimableError:
        return

    for table in ("lesions", "patients", "burden"):
        one, other = (getattr(state, table) for state in (first, second))
        pd.testing.assert_frame_equal(
            one.drop(columns="site", errors="ignore"), other.drop(columns="site", errors="ignore")
        )


@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_the_state_after_the_last_scan_is_the_study(number: int) -> None:
    cohort, definitions = random_cohort(number), Definitions(**OPTIONS[number])
    study = build_study(cohort, definitions)

    state = state_at(cohort, definitions, float("inf"))

    for table in ("lesions", "patients"):
        found = getattr(state, table)
        same = study.lesions if table == "lesions" else study.patients
        numbers = found.select_dtypes("number").columns
        np.testing.assert_array_equal(found[numbers], same[numbers])
    for rule in RULES:
        by_rule = Definitions(**OPTIONS[number], organ_rule=rule)
        groups = organ_groups(build_study(cohort, by_rule), "liver")
        pd.testing.assert_frame_equal(
            organ_groups_at(state, by_rule, "liver").patients, groups.patients
        )


@pytest.mark.parametrize("number", range(len(ONE_RANGE)))
def test_states_over_time_are_those_of_each_day(number: int) -> None:
    definitions = Definitions(**ONE_RANGE[number], organ_rule=RULES[number % 4])
    cohort = random_cohort(number + 20, 12)

    distances = distances_over_time(cohort, definitions)
    organs = organ_responses_over_time(cohort, definitions, "liver")

    for day in np.unique(distances["day"])[::5]:
        state = state_at(cohort, definitions, day)
        last = distances[distances["day"] <= day].drop_duplicates("patient_id", keep="last")
        of_day = state.patients[["patient_id", "n_lesions", "baseline_sum_mm", "gower"]]
        pd.testing.assert_frame_equal(
            last.drop(columns="day").reset_index(drop=True), of_day, check_dtype=False
        )
        known = organs[organs["day"] <= day].drop_duplicates("patient_id", keep="last")
        known = known.dropna(subset="response_group").set_index("patient_id")["response_group"]
        groups = organ_groups_at(state, definitions, "liver")
        names = dict(enumerate(groups.order, start=1))
        assert (
            known.map(names).to_dict() == groups.patients.set_index("patient_id")["group"].to_dict()
        )


def test_a_day_before_treatment_and_one_before_any_scan_are_refused() -> None:
    cohort = random_cohort(0)
    with pytest.raises(UsageError, match="0 or more"):
        state_at(cohort, Definitions(), -1)
    with pytest.raises(NotEstimableError, match="up to day 0"):
        state_at(cohort, Definitions(), 0)


# Landmarks


def test_a_landmark_counts_everyone_once(each_engine: Any) -> None:
    time = [30, 56, 20, 90, 80, 70, 95, None, 60, 99, 75]
    event = [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1]
    x = [1.0, 2.0, 0.0, 3.0, None, 1.0, 0.0, 1.0, 2.0, 1.0, 0.0]
    z = [0.1, 0.2, 0.0, 0.3, None, None, 0.1, 0.4, 0.0, 0.9, 0.3]
    table = pd.DataFrame({"x": x, "z": z})

    found = each_engine.answer(requests.landmark_cox(time, event, table, 56))

    counts = found.to_frame("patients").iloc[0].to_dict()
    assert counts == {
        "found": 11,
        "no_outcome": 1,
        "event_before": 2,
        "censored_before": 1,
        "no_scan": 1,
        "incomplete": 1,
        "in_model": 5,
    }
    kept = [3, 6, 8, 9, 10]
    by_hand = each_engine.answer(
        requests.cox(np.array(time, float)[kept] - 56, np.array(event)[kept], table.iloc[kept])
    )
    for name in ("terms", "model"):
        one, other = found.to_frame(name), by_hand.to_frame(name)
        columns = one.select_dtypes("number").columns
        np.testing.assert_allclose(one[columns], other[columns], rtol=1e-9)


def test_an_sd_is_that_of_the_patients_in_the_model() -> None:
    rng = np.random.default_rng(4)
    time, event, x = rng.exponential(100, 80), rng.integers(0, 2, 80), rng.normal(size=80)
    table = pd.DataFrame({"x": x})
    raw, scaled = (
        answer(requests.landmark_cox(time, event, table, 40, per_sd=names)).value(
            "estimate", "terms"
        )
        for names in ((), ("x",))
    )
    assert scaled == pytest.approx(raw * np.std(x[time > 40], ddof=1), rel=1e-12)


@pytest.mark.r
@pytest.mark.parametrize("seed", range(3))
def test_landmark_models_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 150
    table = pd.DataFrame({"x": rng.normal(size=n), "z": rng.integers(0, 3, n).astype(float)})
    table[rng.random((n, 1)).repeat(2, 1) < 0.1] = np.nan
    table.loc[rng.random(n) < 0.05, "x"] = np.nan
    time = pd.Series(np.ceil(rng.exponential(80, n))).where(rng.random(n) > 0.05)
    strata = pd.Series(rng.choice(["a", "b"], n)).where(rng.random(n) > 0.03) if seed else None

    table = both(
        requests.landmark_cox(time, rng.integers(0, 2, n), table, 20, strata, per_sd=("x",))
    )

    assert len(table) == 28
    assert_agree(table)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda t: requests.landmark_cox([9], [1], t, 3, per_sd=("q",)),
            UsageError,
            "per_sd has 'q'",
        ),
        (lambda t: requests.landmark_cox([9], [1], t, -3), UsageError, "0 or more"),
        (lambda t: requests.landmark_cox([9, 9], [1, 1], t, 3), UsageError, "2 rows"),
        (lambda t: requests.landmark_cox([9], [1], t[[]], 3), UsageError, "one covariate"),
        (lambda t: requests.landmark_cox([9], [1], t, 3), NotEstimableError, "needs 2"),
        (
            lambda t: requests.landmark_cox([9, 8], [1, 1], pd.concat([t, t]), 3),
            NotEstimableError,
            "'x' has the same value",
        ),
    ],
)
def test_landmarks_that_make_no_sense_are_refused(ask: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        ask(pd.DataFrame({"x": [1.0]}))


# Start-stop rows


def test_a_scan_on_the_day_of_the_event_comes_too_late() -> None:
    states = pd.DataFrame(
        {
            "patient_id": [1, 1, 2, 3, 3],
            "day": [50, 100, 60, 40, 80],
            "gower": [0.1, 0.2, 0.3, 0.4, np.nan],
        }
    )
    outcome = pd.DataFrame(
        {"time": [100.0, 60.0, 200.0, 9.0], "event": [1.0, 1.0, 1.0, 1.0]}, index=[1, 2, 3, 4]
    )

    found = start_stop(states, outcome, "gower")

    columns = ["patient_id", "start", "stop", "event", "gower"]
    assert found.rows[columns].to_numpy().tolist() == [[1, 50, 100, 1, 0.1], [3, 40, 80, 0, 0.4]]
    assert found.counts.iloc[0].to_dict() == {
        "followed": 3,
        "no_outcome": 0,
        "ended_first": 1,
        "died_first": 1,
        "in_model": 2,
    }


@pytest.mark.r
@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_models_of_the_distance_over_time_agree(number: int) -> None:
    definitions, strata = Definitions(**OPTIONS[number]), "arm" if number % 2 else None
    scale = ("per_0.1", "per_sd", "raw")[number % 3]

    table = both(
        requests.cox_over_time(random_cohort(number, 60), definitions, strata=strata, scale=scale)
    )

    assert len(table) >= 29
    assert_agree(table)


@pytest.mark.r
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("burden", ["complete", "available"])
def test_organ_responses_at_a_day_and_over_time_agree(rule: str, burden: str) -> None:
    cohort = random_cohort((1, 3, 7, 1)[RULES.index(rule)], 60)
    definitions = Definitions(organ_rule=rule, burden=burden)

    over_time = both(requests.organ_cox_over_time(cohort, definitions, "liver", strata=None))
    at_day = both(requests.landmark_organ_response(cohort, definitions, "liver", 60))

    assert len(over_time) >= 21
    assert set(at_day.loc[at_day["column"] == "response_group", "python"]) > {4}
    for table in (over_time, at_day):
        assert_agree(table)


@pytest.mark.r
@pytest.mark.parametrize("seed", range(4))
def test_patterns_at_a_day_agree(seed: int) -> None:
    table = both(requests.landmark_patterns(random_cohort(seed), Definitions(**OPTIONS[seed]), 60))

    assert len(table) > 50
    assert_agree(table)


def test_questions_without_an_answer_are_refused(each_engine: Any) -> None:
    cohort = random_cohort(1)
    few = cohort_from_frames(
        pd.DataFrame(
            [("P", "A", 0, 30.0, "liver"), ("P", "A", 50, 20.0, "liver")],
            columns=["patient_id", "lesion_id", "day", "diameter_mm", "site"],
        ),
        pd.DataFrame({"patient_id": ["P"], "os_days": [90.0], "os_event": [1]}),
    )
    for ask in (
        lambda: requests.cox_over_time(few, Definitions()),
        lambda: requests.organ_cox_over_time(few, Definitions(), "liver"),
        lambda: requests.landmark_patterns(cohort, Definitions(), 0),
        lambda: requests.landmark_organ_response(cohort, Definitions(), "liver", 0),
    ):
        with pytest.raises(NotEstimableError):
            each_engine.answer(ask())


def test_labels_stay_at_home() -> None:
    lesions, patients = random_tables(2, 40)
    label = '"); system("x") #'
    lesions["site"] = lesions["site"].replace("liver", label)
    patients["arm"] = patients["arm"].replace("a", label)
    cohort = cohort_from_frames(lesions, patients, LATER)

    for request in (
        requests.cox_over_time(cohort, Definitions(), strata="arm"),
        requests.organ_cox_over_time(cohort, Definitions(), label, strata="arm"),
        requests.landmark_organ_response(cohort, Definitions(), label, 60),
        requests.landmark_cox(
            patients["os_days"], patients["os_event"], patients[["os_days"]], 30, patients["arm"]
        ),
    ):
        assert all(kind.kind in "if" for kind in request.data.dtypes)
        assert label not in str(request.options)


def test_an_unknown_scale_and_endpoint_are_refused(trial: Cohort) -> None:
    with pytest.raises(UsageError, match=r"per_0\.1, raw"):
        requests.cox_over_time(trial, Definitions(), scale="per_mm")
    with pytest.raises(UsageError, match="os, pfs"):
        three_ways(trial, Definitions(), "dfs")
    bare = cohort_from_frames(random_tables(0)[0], None, LATER)
    with pytest.raises(UsageError, match="no column 'os_days', 'os_event'"):
        three_ways(bare, Definitions())


# Three ways


@pytest.mark.parametrize("preset", ["paper2021", "unbiased"])
@pytest.mark.parametrize("endpoint", ["os", "pfs"])
@pytest.mark.parametrize("scale", ["per_0.1", "per_sd"])
def test_three_ways_are_the_models_that_the_engines_answer(
    trial: Cohort, preset: str, endpoint: str, scale: str
) -> None:
    definitions = load_definitions(preset)
    ways = distance_ways(look(trial, definitions, (60, 120)), endpoint, scale)

    found = three_ways(trial, definitions, endpoint, (60, 120), scale=scale)

    assert (found["reason"] == "").all()
    for way, row in zip(ways, found.itertuples(), strict=True):
        terms = answer(way.ask()).to_frame("terms").iloc[0]
        error = terms.get("robust_error", terms["std_error"])
        expected = (terms["estimate"], error, terms["conf_low"], terms["p_value"])
        assert (row.estimate, row.std_error, row.conf_low, row.p_value) == pytest.approx(
            expected, rel=1e-6
        )


def test_where_there_is_no_answer_the_reason_stands_there() -> None:
    cohort = no_effect(1, 6)

    found = three_ways(cohort, Definitions(), days=(5.0, 100.0))

    assert found["estimate"].isna().all()
    assert (found["reason"] != "").all()


def test_naive_groups_find_an_effect_that_is_not_there() -> None:
    cohort = no_effect(8)
    ways = organ_ways(look(cohort, Definitions(), (100.0, 200.0)), "os", "liver")

    found = {way.name: answer(way.ask()).to_frame("terms").iloc[0] for way in ways}

    naive = found.pop("naive")
    assert naive["hazard_ratio"] < 0.6
    assert naive["p_value"] < 1e-6
    assert set(found) == {"landmark_100", "landmark_200", "time-dependent"}
    for terms in found.values():
        assert terms["conf_low"] < 1 < terms["conf_high"]


# Analyses


def test_every_analysis_of_the_chapter_is_done(trial: Cohort) -> None:
    study, python = build_study(trial), engine("python")

    found = {a.id: run_analysis(a, study, python) for a in ANALYSES}

    assert {name: result.status for name, result in found.items()} == dict.fromkeys(found, "done")
    ratios = found["TIME-1"].shown.tables["hazard_ratios"]
    assert ratios.groupby("endpoint", sort=False).size().tolist() == [5, 5]
    assert len(found["TIME-1"].shown.charts["forest"].rows) == 10
    same = three_ways(trial, study.definitions)
    np.testing.assert_allclose(ratios["hazard_ratio"][:5], same["hazard_ratio"], rtol=1e-8)
    counts = found["TIME-1"].shown.tables["landmark_patients"]
    assert (counts.drop(columns=["endpoint", "day", "found"]).sum(axis=1) == counts["found"]).all()
    assert {"os_56", "os_112", "os_168"} == set(found["TIME-2"].shown.charts)
    assert set(found["TIME-4"].shown.tables["hazard_ratios"]["term"]) == {
        "Nadir ratio, per 0.1",
        "Last ratio, per 0.1",
    }


def test_without_pfs_and_sites_the_rest_is_done(trial: Cohort) -> None:
    made = simulate_trial(n_patients=60, seed=4)
    cohort = cohort_from_frames(
        made.lesions.drop(columns="site"), made.patients.drop(columns=["pfs_days", "pfs_event"])
    )
    study, python = build_study(cohort), engine("python")

    found = {a.id: run_analysis(a, study, python) for a in ANALYSES}

    assert [found[name].status for name in ("TIME-1", "TIME-3")] == ["done", "skipped"]
    assert "PFS left out: pfs_days, pfs_event missing." in found["TIME-1"].reason
    assert set(found["TIME-1"].shown.tables["hazard_ratios"]["endpoint"]) == {"Overall survival"}
