"""Cox models of start-stop rows: by hand, beside lifelines, and beside R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, CoxTimeVaryingFitter
from scipy.optimize import brentq
from statistics_helpers import answer, leukaemia
from timed_helpers import assert_agree, both, start_stop_rows

from lesionhet import requests
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests import Request
from lesionhet.statistics.newton import EfronModel

COVARIATES = ["x", "z"]


def counting(rows: pd.DataFrame, names: list[str] = COVARIATES, **options: Any) -> Request[Any]:
    return requests.cox_counting(
        rows["start"], rows["stop"], rows["event"], rows[names], rows["patient"], **options
    )


def stratified(rows: pd.DataFrame) -> Request[Any]:
    return counting(rows, strata=rows["stratum"])


def terms(request: Request[Any]) -> pd.DataFrame:
    return answer(request).to_frame("terms").set_index("term")


# By hand


def test_who_enters_late_is_not_at_risk_before() -> None:
    """Deaths at 1 (of A, C, D, E), 2 (A, C, D), 5 (A, B, D) and 6 (B, D): B enters at 3."""
    rows = pd.DataFrame(
        {
            "patient": list("ABCDE"),
            "start": [0, 3, 0, 0, 0],
            "stop": [5, 7, 2, 6, 1],
            "event": [1, 0, 1, 1, 1],
            "x": [1, 0, 1, 0, 0],
        }
    )

    def score(b: float) -> float:
        u = np.exp(b)
        return float(2 - 2 * u / (2 * u + 2) - 2 * u / (2 * u + 1) - u / (u + 2))

    by_hand = brentq(score, -5, 5, xtol=1e-13)

    assert terms(counting(rows, ["x"]))["estimate"].item() == pytest.approx(by_hand, abs=1e-10)


def test_a_row_at_risk_from_the_beginning_is_an_ordinary_one() -> None:
    rows = leukaemia()
    covariates = rows[["treated", "weekday"]]
    whole = answer(requests.cox(rows["time"], rows["event"], covariates, rows["stratum"]))

    found = answer(
        requests.cox_counting(
            np.zeros(42), rows["time"], rows["event"], covariates, range(42), rows["stratum"]
        )
    )

    for column in ("estimate", "std_error", "hazard_ratio"):
        np.testing.assert_allclose(found.to_frame()[column], whole.to_frame()[column], rtol=1e-9)
    for column in ("log_likelihood", "log_likelihood_null", "statistic"):
        assert found.value(column, "model") == pytest.approx(
            whole.value(column, "model"), rel=1e-11
        )


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), share=st.floats(0.01, 0.99))
def test_cutting_rows_in_two_changes_nothing(seed: int, share: float) -> None:
    rows = start_stop_rows(seed, 40)
    cut = rows["start"] + share * (rows["stop"] - rows["start"])
    halves = [rows.assign(stop=cut, event=0), rows.assign(start=cut)]
    try:
        whole = terms(stratified(rows))
    except NotEstimableError:
        return

    found = terms(stratified(pd.concat(halves, ignore_index=True)))

    np.testing.assert_allclose(found, whole, rtol=1e-7, atol=1e-9)


def test_a_shift_of_time_changes_nothing() -> None:
    rows = start_stop_rows(3)
    later = rows.assign(start=rows["start"] + 1000, stop=rows["stop"] + 1000)

    np.testing.assert_allclose(terms(stratified(later)), terms(stratified(rows)), rtol=1e-10)


def test_parts_of_the_score_add_up_to_it() -> None:
    rows = start_stop_rows(5).rename(columns={"stop": "time", "stratum": "strata"})
    model, once = EfronModel(rows, COVARIATES), np.ones(len(rows))
    at, step = np.array([0.3, -0.2]), 1e-6

    found = model.score_residuals(once, at).sum(axis=0)

    for place in range(2):
        moved = np.eye(2)[place] * step
        up, down = (model.log_likelihood(once, at + sign * moved) for sign in (1, -1))
        assert found[place] == pytest.approx((up - down) / (2 * step), rel=1e-6)


# Beside lifelines


@pytest.mark.parametrize("strata", [None, "stratum"])
def test_lifelines_gives_the_same_model(strata: str | None) -> None:
    rows = start_stop_rows(7)
    columns = rows.drop(columns=[] if strata else ["stratum"])
    fit = CoxTimeVaryingFitter().fit(
        columns, "event", "start", "stop", id_col="patient", strata=strata and [strata]
    )

    found = terms(counting(rows, strata=None if strata is None else rows[strata]))

    np.testing.assert_allclose(found["estimate"], fit.params_[COVARIATES], rtol=1e-4)
    np.testing.assert_allclose(found["std_error"], fit.standard_errors_[COVARIATES], rtol=1e-4)


def test_lifelines_gives_the_same_robust_error_without_ties() -> None:
    rows = start_stop_rows(11, tied=False).drop_duplicates("patient").assign(start=0.0)
    fit = CoxPHFitter().fit(rows[["stop", "event", *COVARIATES]], "stop", "event", robust=True)

    found = terms(counting(rows))

    np.testing.assert_allclose(found["robust_error"], fit.standard_errors_, rtol=1e-5)


# Beside R


@pytest.mark.r
@pytest.mark.parametrize("seed", range(6))
def test_r_gives_the_same_model(seed: int) -> None:
    rows = start_stop_rows(seed, n=(20, 60, 300)[seed % 3], tied=seed != 4)

    for request in (counting(rows), stratified(rows)):
        table = both(request)
        assert len(table) >= 24
        assert_agree(table)


@pytest.mark.r
def test_r_gives_the_same_model_of_several_events_a_patient() -> None:
    rows = start_stop_rows(2)
    rng = np.random.default_rng(1)

    assert_agree(both(counting(rows.assign(event=rng.integers(0, 2, len(rows))))))


# Refused


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda r: r.assign(stop=r["start"]), UsageError, "do not start before they stop"),
        (lambda r: r.assign(event=2), UsageError, "other than 0 and 1"),
        (lambda r: pd.concat([r, r]), UsageError, "begin before the row before"),
        (lambda r: r.assign(event=0), NotEstimableError, "0 event"),
        (lambda r: r.iloc[:0], NotEstimableError, "No rows are left"),
        (
            lambda r: (
                r.sort_values("start")
                .assign(patient="p", start=range(len(r)))
                .assign(stop=lambda q: q["start"] + 1)
            ),
            NotEstimableError,
            r"1 patient\(s\)",
        ),
    ],
)
def test_rows_that_make_no_sense_are_refused(change: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        counting(change(start_stop_rows(1, 20)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.assign(x=1.0), "Cox model"),
        (lambda r: r.assign(x=2 * r["z"] - 1), "Cox model"),
        (lambda r: r.assign(x=r["event"].astype(float)), "no finite coefficient"),
    ],
)
def test_models_without_an_answer_are_refused(each_engine: Any, change: Any, message: str) -> None:
    with pytest.raises(NotEstimableError, match=message):
        each_engine.answer(counting(change(start_stop_rows(4, 60))))


def test_rows_with_a_missing_value_are_counted() -> None:
    rows = start_stop_rows(6)
    rows.loc[:4, "x"] = np.nan

    request = stratified(rows)

    assert request.left_out == {"x missing": 5}
    assert answer(request).value("n", "model") == len(rows) - 5
