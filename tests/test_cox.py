from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from statistics_helpers import answer, leukaemia, simulated

from lesionhet import requests
from lesionhet.agreement import compare
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError
from lesionhet.validate.cohorts import random_case

LEUKAEMIA = leukaemia()


def fit(covariates: pd.DataFrame, strata: pd.Series | None = None):  # type: ignore[no-untyped-def]
    return answer(requests.cox(LEUKAEMIA["time"], LEUKAEMIA["event"], covariates, strata))


# Goldens by survival 3.5-3 in R 4.2.2, coxph(ties = "efron",
#   control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50, timefix = FALSE))


def test_leukaemia_trial_equals_r() -> None:
    # coxph(Surv(time, event) ~ treated); -1.572 with Efron's ties in the textbooks
    result = fit(LEUKAEMIA[["treated"]])
    term = result.to_frame().iloc[0]
    assert term["term"] == "treated"
    assert term["estimate"] == pytest.approx(-1.57212514882907, rel=1e-10)
    assert term["std_error"] == pytest.approx(0.412396717709455, rel=1e-10)
    assert term["hazard_ratio"] == pytest.approx(0.207603524841537, rel=1e-10)
    assert term["conf_low"] == pytest.approx(0.0925128372620035, rel=1e-10)
    assert term["conf_high"] == pytest.approx(0.465872897234473, rel=1e-10)
    assert term["p_value"] == pytest.approx(0.000137753761986765, rel=1e-9)
    model = result.to_frame("model").iloc[0]
    assert model[["n", "events", "df"]].tolist() == [42, 30, 1]
    assert model["log_likelihood_null"] == pytest.approx(-93.1842699968477, rel=1e-12)
    assert model["log_likelihood"] == pytest.approx(-85.0084245773716, rel=1e-12)
    assert model["statistic"] == pytest.approx(16.3516908389522, rel=1e-10)
    assert model["p_value"] == pytest.approx(5.26092053288684e-05, rel=1e-9)


def test_two_covariates_equal_r() -> None:
    terms = fit(LEUKAEMIA[["treated", "weekday"]]).to_frame()
    np.testing.assert_allclose(terms["estimate"], [-1.5666803292884786, -0.0603892709500135], 1e-9)
    np.testing.assert_allclose(terms["std_error"], [0.412481675150882, 0.139144579086442], 1e-9)


def test_strata_equal_r() -> None:
    result = fit(LEUKAEMIA[["treated", "weekday"]], LEUKAEMIA["stratum"])
    terms = result.to_frame()
    np.testing.assert_allclose(terms["estimate"], [-1.5063247838554896, -0.0323949949598622], 1e-9)
    np.testing.assert_allclose(terms["std_error"], [0.422627102956100, 0.142881513917216], 1e-9)
    model = result.to_frame("model").iloc[0]
    assert model["log_likelihood_null"] == pytest.approx(-61.5678632638086, rel=1e-12)
    assert model["p_value"] == pytest.approx(5.91250931777959e-04, rel=1e-9)
    assert "stratified" in result.method
    assert result.warnings == ()


@pytest.mark.parametrize("strata", [None, "stratum"])
def test_lifelines_gives_the_same(strata: str | None) -> None:
    data = simulated(11, n=200)
    found = answer(
        requests.cox(
            data["time"], data["event"], data[["x", "z"]], data[strata] if strata else None
        )
    )

    columns = ["time", "event", "x", "z", *([strata] if strata else [])]
    fit = CoxPHFitter().fit(
        data[columns],
        "time",
        "event",
        strata=strata,
        fit_options={"step_size": 1.0, "precision": 1e-22, "r_precision": 0.0, "max_steps": 60},
    )
    terms = found.to_frame().set_index("term")
    np.testing.assert_allclose(terms["estimate"], fit.params_, rtol=1e-9)
    np.testing.assert_allclose(terms["std_error"], fit.standard_errors_, rtol=1e-9)
    assert found.value("log_likelihood", "model") == pytest.approx(fit.log_likelihood_, rel=1e-12)


def efron_score(beta: float, time: np.ndarray, event: np.ndarray, x: np.ndarray) -> float:
    """Give the derivative of Efron's log partial likelihood, written out event time by event time."""
    score = 0.0
    weight = np.exp(beta * x)
    for t in np.unique(time[event == 1]):
        risk, dies = time >= t, (time == t) & (event == 1)
        d = dies.sum()
        for j in range(d):
            share = risk.astype(float) - j / d * dies
            score -= (share * weight * x).sum() / (share * weight).sum()
        score += x[dies].sum()
    return score


@pytest.mark.parametrize("seed", range(4))
def test_the_estimate_is_the_root_of_the_score(seed: int) -> None:
    data = simulated(seed, n=80)
    result = answer(requests.cox(data["time"], data["event"], data[["x"]]))
    beta = result.to_frame()["estimate"].item()
    information = 1 / result.to_frame()["std_error"].item() ** 2
    score = efron_score(beta, *(data[c].to_numpy() for c in ("time", "event", "x")))
    assert abs(score) < 1e-9 * information


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 30), st.sampled_from([1e-6, 0.01, 1e3, 1e8]), st.floats(-1e4, 1e4))
def test_units_change_the_coefficient_and_nothing_else(
    seed: int, factor: float, shift: float
) -> None:
    data = simulated(seed, n=60)
    plain = answer(requests.cox(data["time"], data["event"], data[["x", "z"]]))
    moved = data[["x", "z"]].assign(x=(data["x"] + shift) * factor)
    other = answer(requests.cox(data["time"], data["event"], moved)).to_frame()
    expected = plain.to_frame()
    np.testing.assert_allclose(other["estimate"] * [factor, 1], expected["estimate"], rtol=1e-6)
    np.testing.assert_allclose(other["std_error"] * [factor, 1], expected["std_error"], rtol=1e-6)
    np.testing.assert_allclose(other["p_value"], expected["p_value"], rtol=1e-5)


def test_a_stratum_without_events_changes_nothing() -> None:
    data = simulated(1, n=60)
    extra = data.head(10).assign(event=0, stratum="c")
    both = pd.concat([data, extra], ignore_index=True)
    plain, more = (
        answer(requests.cox(d["time"], d["event"], d[["x", "z"]], d["stratum"])).to_frame()
        for d in (data, both)
    )
    np.testing.assert_allclose(plain["estimate"], more["estimate"], rtol=1e-9)


def test_conf_level_widens_the_interval() -> None:
    data = simulated(2)
    narrow, wide = (
        answer(requests.cox(data["time"], data["event"], data[["x"]], conf_level=level)).to_frame()
        for level in (0.8, 0.99)
    )
    assert wide["conf_low"].item() < narrow["conf_low"].item() < narrow["hazard_ratio"].item()
    assert wide["estimate"].item() == narrow["estimate"].item()


def test_collinear_covariates_are_refused_by_name() -> None:
    data = LEUKAEMIA.assign(twice=2 * LEUKAEMIA["treated"] + LEUKAEMIA["weekday"], other=range(42))
    covariates = data[["treated", "other", "weekday", "twice"]]
    with pytest.raises(NotEstimableError, match="'treated', 'weekday', 'twice': collinear"):
        fit(covariates)


def test_a_covariate_that_is_constant_within_strata_is_refused() -> None:
    arm = (LEUKAEMIA["stratum"] == "s1").astype(float)
    with pytest.raises(NotEstimableError, match="'arm': no variation among the rows at risk"):
        fit(pd.DataFrame({"arm": arm, "treated": LEUKAEMIA["treated"]}), LEUKAEMIA["stratum"])


def test_a_covariate_that_only_varies_before_the_first_event_is_refused() -> None:
    time, event = [1, 2, 3, 4, 5, 6], [0, 0, 1, 1, 1, 0]
    with pytest.raises(NotEstimableError, match="'x': no variation"):
        answer(requests.cox(time, event, pd.DataFrame({"x": [1.0, 0, 0, 0, 0, 0]})))


@pytest.mark.parametrize("size", [12, 60, 400])
def test_a_group_without_events_is_refused(size: int) -> None:
    event = np.r_[np.ones(size // 2), np.zeros(size // 2)]
    x = pd.DataFrame({"exposed": event})
    request = requests.cox(np.arange(size) % 7 + 1.0, event, x)
    with pytest.raises(NotEstimableError, match="'exposed': all events have the same value"):
        answer(request)


def test_one_rare_category_without_events_is_refused() -> None:
    data = simulated(5, n=300)
    rare = np.zeros(300)
    rare[:3] = 1
    event = data["event"].where(rare == 0, 0)
    with pytest.raises(NotEstimableError, match="'rare': all events have the same value"):
        answer(requests.cox(data["time"], event, pd.DataFrame({"rare": rare, "x": data["x"]})))


def test_complete_order_is_refused() -> None:
    time = np.arange(1.0, 21.0)
    with pytest.raises(NotEstimableError, match="does not converge"):
        answer(requests.cox(time, np.ones(20), pd.DataFrame({"x": -time})))


def test_strong_effects_are_not_refused() -> None:
    rng = np.random.default_rng(11)
    x = rng.normal(size=400)
    time = np.ceil(1000 * rng.exponential(np.exp(-3 * x)))
    estimate = answer(requests.cox(time, np.ones(400), pd.DataFrame({"x": x}))).to_frame()
    assert estimate["estimate"].item() == pytest.approx(3, abs=0.4)


def test_nearly_collinear_covariates_are_answered() -> None:
    data = simulated(7)
    nearly = data["x"] + 1e-4 * np.sin(np.arange(len(data)))
    terms = answer(
        requests.cox(data["time"], data["event"], pd.DataFrame({"x": data["x"], "y": nearly}))
    ).to_frame()
    assert (terms["std_error"] > 100).all()
    assert np.isfinite(terms["estimate"]).all()


def test_too_few_events_and_constant_covariates_are_refused() -> None:
    with pytest.raises(NotEstimableError, match="1 event"):
        requests.cox([1, 2, 3], [1, 0, 0], pd.DataFrame({"x": [1.0, 2, 3]}))
    with pytest.raises(NotEstimableError, match="'x' has the same value"):
        requests.cox([1, 2, 3], [1, 1, 1], pd.DataFrame({"x": [1.0, 1, 1]}))


def test_missing_covariates_are_left_out_and_counted() -> None:
    x = LEUKAEMIA[["treated", "weekday"]].copy()
    x.loc[[3, 8], "weekday"] = np.nan
    result = fit(x)
    assert result.left_out == {"weekday missing": 2}
    assert result.to_frame("model")["n"].item() == result.n == 40


@pytest.mark.r
def test_a_far_finite_maximum_is_reached_as_r_reaches_it() -> None:
    # Nine patients, eight events, two strata: full Newton steps overshoot here.
    request = random_case(138, 2021).requests["cox_from_measurements"]

    ours, theirs = engine("python").answer(request), engine("r").answer(request)

    assert ours.to_frame("terms")["estimate"].iloc[0] == pytest.approx(34.548417, rel=1e-7)
    assert set(compare("cox", ours, theirs)["verdict"]) == {"agree"}
