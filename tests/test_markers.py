"""Markers of survival side by side: C, its optimism, likelihood ratios; rank and intraclass correlations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.utils import concordance_index
from measures_helpers import survival_rows
from scipy.stats import spearmanr
from statistics_helpers import answer, leukaemia
from timed_helpers import assert_agree, both

from lesionhet import requests
from lesionhet.analyses.reviewer.measures import ANALYSES
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests.markers import NO_MARKER
from lesionhet.simulate import simulate_trial
from lesionhet.statistics.concordance import ComparablePairs
from lesionhet.statistics.resampling import bootstraps
from lesionhet.study import build_study


def terms(request: Any, table: str = "terms") -> pd.DataFrame:
    return answer(request).to_frame(table).set_index("term")


# Harrell's C


def pair_by_pair(rows: pd.DataFrame) -> list[float]:
    """Count by the definition: concordant pairs, ties in the score for a half, and all."""
    concordant = comparable = 0.0
    for a in rows.itertuples():
        for b in rows.itertuples():
            later = b.time > a.time or (b.time == a.time and not b.event)
            if a.event and later and a.stratum == b.stratum:
                comparable += a.times * b.times
                concordant += a.times * b.times * ((a.score > b.score) + (a.score == b.score) / 2)
    return [concordant, comparable]


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 40))
def test_pairs_are_those_that_can_be_compared(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "time": rng.integers(0, 12, n).astype(float),
            "event": rng.integers(0, 2, n),
            "stratum": rng.integers(0, 3, n),
            "score": rng.integers(0, 5, n) / 2,
            "times": rng.integers(0, 4, n).astype(float),
        }
    )
    columns = (rows[name].to_numpy() for name in ("time", "event", "stratum"))

    found = ComparablePairs(*columns).count(
        rows["score"].to_numpy(), rows[["times"]].to_numpy(dtype=float).T
    )

    assert found.tolist() == [pair_by_pair(rows)]


def test_lifelines_gives_the_same_c_in_many_patients() -> None:
    rng = np.random.default_rng(1)
    time, event, score = (
        rng.integers(1, 400, 900),
        rng.integers(0, 2, 900).astype(float),
        rng.normal(size=900),
    )
    concordant, pairs = ComparablePairs(time.astype(float), event).count(score)[0]
    assert concordant / pairs == pytest.approx(concordance_index(time, -score, event), abs=1e-12)


def test_c_of_the_leukaemia_trial(each_engine: Any) -> None:
    """R's ``concordance(coxph(Surv(time, event) ~ treated))`` of these data is 0.69."""
    rows = leukaemia()
    request = requests.marker_concordance(
        rows["time"], rows["event"], rows[["treated"]], rows[["weekday"]], np.ones((42, 2))
    )
    found = each_engine.answer(request).to_frame().set_index("term")
    own = requests.marker_concordance(
        rows["time"], rows["event"], rows[["weekday"]], rows[["treated"]], np.ones((42, 1))
    )
    # Without the marker that is left, the model is that of treatment alone.
    alone = each_engine.answer(own).to_frame().set_index("term").loc[NO_MARKER]
    assert alone["concordance"] == pytest.approx(0.690, abs=5e-4)
    # A draw of everyone once is the data: no optimism.
    assert found["fitted"].tolist() == [2, 2]
    assert found["optimism"].abs().max() < 1e-12


def test_markers_without_meaning_look_better_than_they_are() -> None:
    rows = survival_rows(5, 60, strata=False)
    rng = np.random.default_rng(2)
    noise = pd.DataFrame(rng.normal(size=(60, 6)), columns=[f"n{i}" for i in range(6)])
    request = requests.marker_concordance(
        rows["time"], rows["event"], noise[["n0"]], noise.drop(columns="n0"), bootstraps(60, 40, 3)
    )
    found = terms(request, "models").iloc[0]
    assert found["optimism"] > 3 * found["optimism_error"] > 0
    assert found["corrected"] == pytest.approx(found["concordance"] - found["optimism"])


def test_a_draw_without_a_fit_says_nothing(each_engine: Any) -> None:
    rows = survival_rows(3, 40, strata=False)
    draws = np.column_stack([np.ones(40), np.arange(40) < 3])
    found = each_engine.answer(
        requests.marker_concordance(
            rows["time"], rows["event"], rows["markers"][["a"]], rows["others"], draws
        )
    ).to_frame()
    assert found["fitted"].tolist() == [1, 1]
    assert found["optimism_error"].isna().all()


# Likelihood ratios


def test_each_model_is_the_cox_model_of_its_marker_per_sd() -> None:
    rows = survival_rows(7)
    request = requests.compare_markers(**rows, reference="b", conf_level=0.9)
    found, markers, others = answer(request), rows["markers"], rows["others"]

    def model(*names: str) -> Any:
        table = pd.concat([markers[list(names)], others], axis=1)
        return answer(
            requests.cox(rows["time"], rows["event"], table, rows["strata"], conf_level=0.9)
        )

    for place, name in enumerate(markers):
        own, likelihood = model(name), model(name).value("log_likelihood", "model")
        sd = markers[name].std()
        row = found.to_frame("terms").iloc[place]
        assert row["term"] == name
        assert row["estimate"] == pytest.approx(own.value("estimate", "terms") * sd, rel=1e-8)
        assert row["conf_low"] == pytest.approx(own.value("conf_low", "terms") ** sd, rel=1e-8)
        assert row["p_value"] == pytest.approx(own.value("p_value", "terms"), rel=1e-6)
        base = found.value("log_likelihood", "model")
        added, beyond, reference = (
            found.to_frame(table).iloc[place] for table in ("added", "beyond", "reference")
        )
        assert added["statistic"] == pytest.approx(2 * (likelihood - base), rel=1e-6, abs=1e-8)
        if name == "b":
            assert np.isnan([beyond["statistic"], reference["p_value"]]).all()
            continue
        pair = model(name, "b").value("log_likelihood", "model")
        of_b = model("b").value("log_likelihood", "model")
        assert beyond["statistic"] == pytest.approx(2 * (pair - of_b), rel=1e-6, abs=1e-8)
        assert reference["statistic"] == pytest.approx(2 * (pair - likelihood), rel=1e-6, abs=1e-8)


def test_two_markers_that_are_one_cannot_be_told_apart(each_engine: Any) -> None:
    rows = survival_rows(2)
    rows["markers"] = rows["markers"].assign(b=2 * rows["markers"]["a"] - 1)
    found = each_engine.answer(requests.compare_markers(**rows))
    assert found.to_frame("beyond")["statistic"].isna().tolist() == [True, True, False]
    ratios = found.to_frame()["hazard_ratio"]
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-8)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"reference": "q"}, UsageError, "reference is 'q'"),
        ({"others": pd.DataFrame(index=range(80))}, UsageError, "1 column"),
        ({"event": np.zeros(80)}, NotEstimableError, "0 event"),
        ({"event": np.full(80, 2)}, UsageError, "other than 0 and 1"),
        ({"markers": pd.DataFrame({"a": np.ones(80)})}, NotEstimableError, "'a' the same"),
        ({"markers": pd.DataFrame(np.eye(80)[:, :2], columns=["a", "a"])}, UsageError, "twice"),
    ],
)
def test_comparisons_that_make_no_sense_are_refused(change: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        requests.compare_markers(**{**survival_rows(1), **change})


@pytest.mark.parametrize("draws", [np.ones((79, 2)), np.ones(80), np.full((80, 1), 0.5)])
def test_draws_that_are_none_are_refused(draws: Any) -> None:
    with pytest.raises(UsageError, match="draws have"):
        requests.marker_concordance(**survival_rows(1), draws=draws)


def test_rows_with_a_missing_value_are_counted() -> None:
    rows = survival_rows(1)
    rows["markers"] = rows["markers"].astype(float)
    rows["markers"].loc[:4, "c"] = np.nan
    request = requests.compare_markers(**rows)
    assert request.left_out == {"c missing": 5}
    assert answer(request).value("n", "model") == 75


# Rank and intraclass correlations


def test_rank_correlations_are_those_of_scipy(each_engine: Any) -> None:
    table = pd.concat([survival_rows(4)[name] for name in ("markers", "others")], axis=1)
    found = each_engine.answer(requests.rank_correlations(table)).to_frame()
    rho = spearmanr(table).statistic
    np.testing.assert_allclose(found["estimate"], rho[np.triu_indices(5, 1)], atol=1e-12)
    assert found.loc[0, ["row_1", "row_2"]].tolist() == ["a", "b"]


def test_ratings_of_shrout_and_fleiss(each_engine: Any) -> None:
    """Shrout & Fleiss (1979) Psychol Bull 86:420, table 2: BMS 11.24, WMS 6.26, ICC(1,1) = 0.17."""
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    request = requests.intraclass(np.ravel(ratings), np.repeat(list("abcdef"), 4))
    found = each_engine.answer(request).to_frame().drop(columns="group").iloc[0].astype(float)
    assert found[["clusters", "n", "mean_size"]].tolist() == [6, 24, 4]
    assert found[["ms_between", "ms_within"]].round(2).tolist() == [11.24, 6.26]
    assert round(found["estimate"], 2) == 0.17
    # The interval of their formulas (psych::ICC prints -0.13 and 0.72).
    assert found[["conf_low", "conf_high"]].round(2).tolist() == [-0.13, 0.72]


def test_clusters_of_other_sizes_and_groups_without_a_pair(each_engine: Any) -> None:
    values, cluster = [1.0, 2, 4, 4, 7, 9, 5, 6], list("aabbbcxy")
    request = requests.intraclass(values, cluster, ["one"] * 6 + ["two"] * 2)
    found = each_engine.answer(request).to_frame().set_index("group")
    one = found.loc["one"]
    # Means 1.5, 5 and 9; within: 0.5 + 6 over 3; n0 = (6 - 14 / 6) / 2; grand mean 4.5.
    assert one["ms_within"] == pytest.approx(6.5 / 3)
    assert one["ms_between"] == pytest.approx((2 * 9 + 3 * 0.25 + 20.25) / 2)
    assert one["mean_size"] == pytest.approx((6 - 14 / 6) / 2)
    assert one["between"] == pytest.approx(
        (one["ms_between"] - one["ms_within"]) / one["mean_size"]
    )
    assert found.loc["two", ["clusters", "n"]].tolist() == [2, 2]
    assert np.isnan(found.loc["two", "estimate"])
    with pytest.raises(NotEstimableError, match="two clusters"):
        each_engine.answer(requests.intraclass([1.0, 1, 2, 2], list("aabb")))


def test_correlations_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="2 column"):
        requests.rank_correlations(pd.DataFrame({"a": [1, 2, 3]}))
    with pytest.raises(NotEstimableError, match="needs 3"):
        requests.rank_correlations(pd.DataFrame({"a": [1, 2, None], "b": [1, 2, 3]}))
    with pytest.raises(NotEstimableError, match="'b' the same"):
        requests.rank_correlations(pd.DataFrame({"a": [1, 2, 3], "b": [2, 2, 2]}))


@pytest.mark.r
@pytest.mark.parametrize("seed", range(3))
def test_r_gives_the_same(seed: int) -> None:
    rows = survival_rows(seed + 20, (30, 80, 300)[seed], strata=seed > 0)
    assert_agree(both(requests.compare_markers(**rows)))
    table = both(requests.marker_concordance(**rows, draws=bootstraps(len(rows["time"]), 4, seed)))
    assert len(table) == 24
    assert_agree(table)


# Analyses


def test_analyses_answer_their_questions() -> None:
    made = simulate_trial(n_patients=240, seed=4)
    study = build_study(
        cohort_from_frames(made.lesions, made.patients), Definitions(site_min_lesions=5)
    )
    found = {a.id: run_analysis(a, study, engine("python")) for a in ANALYSES}

    assert {r.status for r in found.values()} == {"done"}
    shown = {name: result.shown for name, result in found.items()}
    measures = shown["MEASURE-1"].tables["measures"].set_index("measure")
    lowest = measures.loc["Dissociated: organs", "last_scan"]
    assert f"from {lowest} ('Dissociated: organs')" in shown["MEASURE-1"].verdict
    assert set(shown["MEASURE-2"].charts) == {"best", "last"}
    ranking = shown["MEASURE-3"].tables["from_landmark"]
    assert ranking["chi_square_alone"].is_monotonic_decreasing
    best = ranking.iloc[0]
    assert shown["MEASURE-3"].verdict.startswith(f"'{best['measure']}' goes with survival most")
    beside = shown["MEASURE-3"].tables["models_landmark_beside_change"].set_index("measure")
    left = beside.loc[best["measure"], "hazard_ratio"]
    assert f"(95% interval) {best['hazard_ratio']:.2f} (" in shown["MEASURE-3"].verdict
    assert f"beside the change of the sum of diameters {left:.2f} (" in shown["MEASURE-3"].verdict
    clear = (beside["conf_low"] > 1) | (beside["conf_high"] < 1)
    told = shown["MEASURE-3"].verdict.partition("; beside that change ")[2]
    for name in beside.index:
        assert (f"'{name}' " in told) == clear[name]
    # What the last scan cannot change is not asked twice.
    last = set(shown["MEASURE-3"].tables["models_landmark_last"]["measure"])
    assert "Gower distance" in last
    assert not last & {"Entropy of phase patterns", "Inconsistent lesions, share"}
    # The distance has the same hazard ratio as in a landmark model of the same patients.
    models = found["MEASURE-3"].answers
    assert len({models[name].n for name in ("landmark", "landmark_beside_change")}) == 1
    icc = shown["MEASURE-4"].tables["intraclass"].iloc[0]
    assert f"ICC {icc['estimate']:.2f}" in shown["MEASURE-4"].verdict


def test_without_sites_arms_and_survival_the_rest_is_done() -> None:
    made = simulate_trial(n_patients=60, seed=4)
    lesions = made.lesions[made.lesions["lesion_type"] == "target"].drop(columns="site")
    study = build_study(cohort_from_frames(lesions), Definitions())
    found = {a.id: run_analysis(a, study, engine("python")) for a in ANALYSES}

    status = {name: result.status for name, result in found.items()}
    assert status == {**dict.fromkeys(status, "done"), "MEASURE-3": "skipped"}
    assert "Dissociated: organs: no patient has it" in found["MEASURE-1"].reason
    assert "no new lesions" in " ".join(found["MEASURE-1"].shown.remarks)
    assert not found["MEASURE-4"].shown.charts


def test_patients_with_one_lesion_have_nothing_to_compare() -> None:
    days, sizes = [0, 50, 150] * 30, np.tile([30.0, 20.0, 25.0], 30)
    lesions = pd.DataFrame({"patient_id": np.repeat([f"P{i}" for i in range(30)], 3)})
    lesions = lesions.assign(lesion_id="A", day=days, diameter_mm=sizes)
    patients = pd.DataFrame({"patient_id": [f"P{i}" for i in range(30)]})
    patients = patients.assign(os_days=range(200, 230), os_event=1)
    study = build_study(cohort_from_frames(lesions, patients), Definitions())

    found = [run_analysis(a, study, engine("python")) for a in ANALYSES]

    assert [result.status for result in found] == ["skipped"] * 4
    assert "two lesions" in found[0].reason
