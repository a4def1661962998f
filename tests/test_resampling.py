"""The Cox model on drawn rows: draws, fits against replicated rows, and what has no fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statistics_helpers import answer, simulated

from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.analyses import resampling
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import cohort_from_frames
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.figures import draw
from lesionhet.simulate import simulate_trial
from lesionhet.statistics.resampling import bootstraps, subsamples
from lesionhet.study import build_study

DRAW_COLUMNS = ["n", "events", "estimate", "std_error", "p_value"]


def request_of(
    data: pd.DataFrame, draws: Any, *, stratified: bool = False, **options: Any
) -> requests.Request[Any]:
    strata = data["stratum"] if stratified else None
    return requests.resampled_cox(
        data["time"], data["event"], data[["x", "z"]], draws, strata, **options
    )


# Draws


def test_a_subsample_has_its_share_once_each() -> None:
    found = subsamples(25, 200, 0.8, seed=3)

    assert found.shape == (25, 200)
    assert set(np.unique(found)) == {0, 1}
    assert set(found.sum(axis=0)) == {20}
    assert len(np.unique(found, axis=1).T) > 190
    # Every row is drawn about 160 times of 200; six standard deviations are 34.
    assert np.abs(found.sum(axis=1) - 160).max() < 34


def test_a_bootstrap_has_as_many_rows_with_repeats() -> None:
    found = bootstraps(50, 300, seed=3)

    assert found.shape == (50, 300)
    assert set(found.sum(axis=0)) == {50}
    assert found.max() >= 3
    assert np.abs(found.sum(axis=1) - 300).max() < 6 * np.sqrt(300)


@pytest.mark.parametrize(
    "make", [lambda s: subsamples(20, 5, 0.8, s), lambda s: bootstraps(20, 5, s)]
)
def test_the_seed_decides(make: Any) -> None:
    assert (make(4) == make(4)).all()
    assert (make(4) != make(5)).any()


def test_half_a_row_is_rounded_upwards() -> None:
    assert subsamples(5, 1, 0.5, seed=0).sum() == 3
    assert subsamples(5, 1, 1.0, seed=0).sum() == 5


def test_draws_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="share is 0"):
        subsamples(5, 1, 0, seed=0)
    with pytest.raises(UsageError, match="draws is 0"):
        bootstraps(5, 0, seed=0)


# Fits


def replicated(data: pd.DataFrame, times: Any, *, stratified: bool) -> list[float]:
    """Give the fit of one draw by the Cox model on rows repeated as often as they were drawn."""
    rows = data.loc[np.repeat(data.index, times)].reset_index(drop=True)
    strata = rows["stratum"] if stratified else None
    found = answer(requests.cox(rows["time"], rows["event"], rows[["x", "z"]], strata)).to_frame()
    numbers = found.loc[0, ["estimate", "std_error", "p_value"]].tolist()
    return [len(rows), rows["event"].sum(), *numbers]


@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_each_draw_is_the_model_of_replicated_rows(seed: int, stratified: bool) -> None:
    data = simulated(seed, n=90)
    assert data["time"].duplicated().any()
    draws = np.column_stack([subsamples(90, 6, 0.8, seed), bootstraps(90, 6, seed)])
    assert draws.max() >= 3

    found = answer(request_of(data, draws, stratified=stratified)).to_frame()

    expected = [replicated(data, draws[:, b], stratified=stratified) for b in range(12)]
    np.testing.assert_allclose(found[DRAW_COLUMNS].to_numpy(dtype=float), expected, rtol=1e-7)


def test_all_rows_once_is_the_model_itself() -> None:
    data = simulated(5)
    found = answer(request_of(data, np.ones((120, 1), dtype=int))).to_frame()
    whole = answer(requests.cox(data["time"], data["event"], data[["x", "z"]])).to_frame()

    columns = ["estimate", "std_error", "p_value"]
    np.testing.assert_allclose(
        found.loc[0, columns].astype(float), whole.loc[0, columns].astype(float), rtol=1e-9
    )


def test_covariates_on_wild_scales_and_strong_effects() -> None:
    data = simulated(6, n=200)
    rng = np.random.default_rng(6)
    wild = pd.DataFrame({"x": 1e7 + 1e5 * data["x"], "z": 1e-6 * data["z"]})
    time = np.ceil(100 * rng.exponential(np.exp(-2.5 * data["x"])))
    data = data.assign(time=time, x=wild["x"], z=wild["z"])
    draws = bootstraps(200, 4, seed=1)

    found = answer(request_of(data, draws, stratified=True)).to_frame()

    expected = [replicated(data, draws[:, b], stratified=True) for b in range(4)]
    np.testing.assert_allclose(found[DRAW_COLUMNS].to_numpy(dtype=float), expected, rtol=1e-6)


def test_the_covariate_of_interest_is_the_one_named() -> None:
    data, draws = simulated(7), bootstraps(120, 3, seed=1)
    found = answer(request_of(data, draws, of_interest="z")).to_frame()
    swapped = requests.resampled_cox(data["time"], data["event"], data[["z", "x"]], draws)

    expected = answer(swapped).to_frame()
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-9)


def test_the_summary_is_that_of_the_draws() -> None:
    data = simulated(8)
    result = answer(request_of(data, bootstraps(120, 40, seed=2), significance=0.4))
    draws, row = result.to_frame(), result.to_frame("summary").iloc[0]

    assert (row["draws"], row["fitted"]) == (40, 40)
    assert row["share_significant"] == (draws["p_value"] < 0.4).mean()
    assert 0 < row["share_significant"] < 1
    for name, column in (("estimate", "estimate"), ("p", "p_value")):
        expected = np.quantile(draws[column], [0.5, 0.025, 0.975])
        assert row[[f"{name}_median", f"{name}_low", f"{name}_high"]].tolist() == expected.tolist()


def awkward() -> tuple[pd.DataFrame, np.ndarray]:
    """Give rows and draws, of which the first has a fit and the others have none.

    Second: too few events. Third: z is the same in every drawn row. Fourth: z tells events and
    censored rows apart. Fifth: nobody. Sixth: z follows from x.
    """
    data = simulated(9, n=80)
    data["z"] = (np.arange(80) % 4 == 0).astype(float)
    third = (data["z"] == 0).to_numpy()
    fourth = (data["event"] == data["z"]).to_numpy()
    events = np.flatnonzero(data["event"])
    second = (data["event"] == 0).to_numpy()
    second[events[:2]] = True
    data.loc[data.index[:12], "x"] = data["z"][:12] * 2.0 + 1.0
    sixth = np.arange(80) < 12
    draws = [np.full(80, True), second, third, fourth, np.full(80, False), sixth]
    return data, np.column_stack(draws).astype(int)


def test_draws_without_a_fit_are_missing_and_counted(each_engine: Any) -> None:
    data, draws = awkward()
    result = each_engine.answer(request_of(data, draws))
    table = result.to_frame()

    assert table["estimate"].notna().tolist() == [True, False, False, False, False, False]
    assert table["p_value"].notna().tolist() == [True, False, False, False, False, False]
    assert table["n"].tolist() == draws.sum(axis=0).tolist()
    assert result.to_frame("summary")[["draws", "fitted"]].values.tolist() == [[6, 1]]
    assert result.warnings == ()


def test_without_any_fit_the_summary_is_missing(each_engine: Any) -> None:
    data, draws = awkward()
    row = each_engine.answer(request_of(data, draws[:, 1:3])).to_frame("summary").iloc[0]

    assert (row["draws"], row["fitted"]) == (2, 0)
    assert row.drop(["draws", "fitted"]).isna().all()


def test_rows_without_a_fit_in_all_are_refused(each_engine: Any) -> None:
    data = simulated(3)
    data["z"] = 2 * data["x"] + 1
    with pytest.raises(NotEstimableError, match="Cox model"):
        each_engine.answer(request_of(data, bootstraps(120, 2, seed=1)))


def test_incomplete_rows_are_left_out_with_their_draws() -> None:
    data, draws = simulated(4), bootstraps(120, 3, seed=1)
    gaps = data.astype({"time": float, "x": float, "stratum": object})
    gaps.loc[3, "time"], gaps.loc[8, "x"], gaps.loc[20, "stratum"] = np.nan, np.nan, None
    kept = data.index.difference([3, 8, 20])

    request = request_of(gaps, draws, stratified=True)
    complete = request_of(data.loc[kept], draws[kept], stratified=True)

    assert request.left_out == {"time missing": 1, "x missing": 1, "strata missing": 1}
    pd.testing.assert_frame_equal(request.data, complete.data)


@pytest.mark.parametrize(
    ("draws", "options", "said"),
    [
        (np.ones(120), {}, r"shape \(120,\)"),
        (np.ones((119, 2)), {}, "120 x B"),
        (np.ones((120, 0)), {}, "B >= 1"),
        (np.full((120, 1), 0.5), {}, "no whole numbers"),
        (np.full((120, 1), -1), {}, "0 or more"),
        (np.full((120, 1), np.nan), {}, "no whole numbers"),
        (np.ones((120, 1)), {"of_interest": "age"}, "'age'; permitted"),
        (np.ones((120, 1)), {"significance": 1.5}, "1.5"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    draws: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        request_of(simulated(1), draws, **options)


@pytest.mark.r
@pytest.mark.parametrize("stratified", [False, True])
def test_r_agrees_on_tied_stratified_and_awkward_draws(stratified: bool) -> None:
    data = simulated(2, n=100)
    draws = np.column_stack([subsamples(100, 10, 0.8, seed=1), bootstraps(100, 10, seed=1)])
    requested = [request_of(data, draws, stratified=stratified), request_of(*awkward())]
    for request in requested:
        table = compare("draws", answer(request), engine("r").answer(request))
        assert agreed(table), table[table["verdict"] == "differ"].to_string()


# Analysis 2E


@pytest.fixture(scope="module")
def result() -> AnalysisResult:
    trial = simulate_trial(n_patients=300, seed=11)
    study = build_study(cohort_from_frames(trial.lesions, trial.patients))
    return run_analysis(resampling.analyses(draws=25)[0], study, engine("python"))


def test_both_designs_are_answered(result: AnalysisResult) -> None:
    assert result.status == "done"
    assert list(result.requests) == ["whole", "subsamples", "bootstrap"]
    draws = result.shown.tables["draws"]
    sizes = draws.groupby("design", sort=False)["n"].unique().map(list)
    n = result.answers["whole"].n
    assert sizes.to_dict() == {
        "80% of the patients": [int(np.floor(0.8 * n + 0.5))],
        "Bootstrap of the patients": [n],
    }
    assert draws.groupby("design").size().tolist() == [25, 25]
    assert any("seed 2021" in remark for remark in result.shown.remarks)


def test_the_histogram_holds_every_draw_and_the_line(result: AnalysisResult) -> None:
    chart: Any = result.shown.charts["p_values"]

    assert chart.bins.groupby("panel")["count"].sum().tolist() == [25, 25]
    lines = chart.marks.loc[chart.marks["label"] == "P = 0.05", "value"]
    assert lines.tolist() == [np.log10(0.05)] * 2
    assert draw(chart).get_figwidth() > 0


def test_the_whole_model_is_that_of_2d(result: AnalysisResult) -> None:
    from lesionhet.analyses.hazard import ask_cox

    trial = simulate_trial(n_patients=300, seed=11)
    study = build_study(cohort_from_frames(trial.lesions, trial.patients))
    expected = answer(ask_cox(study)["os_per_sd"])
    pd.testing.assert_frame_equal(result.answers["whole"].to_frame(), expected.to_frame())


def test_without_deaths_or_columns_it_is_skipped() -> None:
    trial = simulate_trial(n_patients=40, seed=1)
    cohorts = {
        "event": trial.patients.assign(os_event=0),
        "missing": trial.patients.drop(columns=["os_days", "os_event"]),
    }
    for said, patients in cohorts.items():
        study = build_study(cohort_from_frames(trial.lesions, patients))
        found = run_analysis(resampling.analyses(draws=3)[0], study, engine("python"))
        assert found.status == "skipped"
        assert said in found.reason


def test_without_arms_it_is_not_stratified() -> None:
    trial = simulate_trial(n_patients=80, seed=1)
    patients = trial.patients.drop(columns="arm")
    study = build_study(cohort_from_frames(trial.lesions, patients))
    found = run_analysis(resampling.analyses(draws=3)[0], study, engine("python"))

    assert found.status == "done"
    assert "strata" not in found.requests["bootstrap"].data
    assert "not stratified (no column arm)" in found.shown.charts["p_values"].caption


@pytest.mark.r
def test_r_agrees_on_every_number_of_2e(result: AnalysisResult) -> None:
    for name, request in result.requests.items():
        table = compare(name, result.answers[name], engine("r").answer(request))
        assert agreed(table), table[table["verdict"] == "differ"].to_string()
