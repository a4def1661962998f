"""The main model checked: shape, influence, the analyses of the chapter, enough events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from statistics_helpers import answer, simulated
from timed_helpers import assert_agree, both

from lesionhet import requests
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.spline import QUANTILES, restricted_cubic

X = ["x", "z"]


def model(rows: pd.DataFrame, strata: bool = True) -> dict[str, Any]:
    columns = {"time": rows["time"], "event": rows["event"], "covariates": rows[X]}
    return columns | {"strata": rows["stratum"] if strata else None}


# Shape


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), k=st.sampled_from([3, 4, 5]))
def test_a_restricted_cubic_spline_is_smooth_and_straight_outside(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    knots = np.sort(rng.uniform(0, 10, k)) + np.arange(k)
    weights = rng.normal(size=k - 1)
    step = 1e-3

    def at(x: Any) -> Any:
        return restricted_cubic(np.asarray(x, dtype=float), knots) @ weights

    for outside in (knots[0] - 4 + step * np.arange(5), knots[-1] + 1 + step * np.arange(5)):
        np.testing.assert_allclose(np.diff(at(outside), 2), 0, atol=1e-9)
    # Value, slope and bend are the same on both sides of every knot.
    for knot in knots:
        left, right = at(knot - step * np.arange(4)), at(knot + step * np.arange(4))
        assert left[0] == right[0]
        assert abs((left[0] - left[1]) - (right[1] - right[0])) < 1e-4
        assert abs(np.diff(left, 2)[0] - np.diff(right, 2)[0]) < 1e-6


def test_the_basis_of_three_knots_by_hand() -> None:
    """Knots 0, 1, 3 at x = 2: (8 - 1 * 3 / 2 + 0) / 9."""
    found = restricted_cubic(np.array([2.0]), np.array([0.0, 1.0, 3.0]))
    assert found.tolist() == [[2.0, pytest.approx((8 - 1.5) / 9)]]


@pytest.mark.parametrize("knots", [3, 4, 5])
def test_lifelines_gives_the_same_likelihoods_on_the_basis(knots: int) -> None:
    rows = simulated(4, 200)
    found = answer(requests.cox_spline(**model(rows), knots=knots))

    basis = restricted_cubic(rows["x"].to_numpy(), np.quantile(rows["x"], QUANTILES[knots]))
    names = [f"s{i}" for i in range(knots - 1)]
    table = pd.DataFrame(basis, columns=names).assign(
        **{c: rows[c] for c in ("z", "time", "event", "stratum")}
    )
    for columns, name in (
        ([*names, "z"], "log_likelihood"),
        (["s0", "z"], "log_likelihood_linear"),
        (["z"], "log_likelihood_without"),
    ):
        fit = CoxPHFitter().fit(
            table[[*columns, "time", "event", "stratum"]], "time", "event", strata=["stratum"]
        )
        assert found.value(name, "model") == pytest.approx(fit.log_likelihood_, abs=1e-6)
    assert found.value("df") == knots - 2
    assert found.value("df", "overall") == knots - 1


def test_a_bend_is_seen_and_the_curve_follows_it() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-2, 2, 500)
    time = rng.exponential(size=500) * np.exp(-(x**2))
    found = answer(requests.cox_spline(time, np.ones(500), pd.DataFrame({"x": x})))

    assert found.value("p_value") < 1e-10
    curve = found.to_frame("curve")
    truth = curve["value"] ** 2 - np.median(x) ** 2
    assert np.corrcoef(curve["estimate"], truth)[0, 1] > 0.99
    at = curve.iloc[(curve["value"] - np.median(x)).abs().argmin()]
    assert abs(at["estimate"]) < 0.05
    assert at["std_error"] < curve["std_error"].max() / 4


def test_units_change_the_values_of_the_curve_and_nothing_else() -> None:
    rows = simulated(6, 150)
    one = answer(requests.cox_spline(**model(rows)))
    other = answer(requests.cox_spline(**model(rows.assign(x=rows["x"] * 40 + 7))))

    np.testing.assert_allclose(
        other.to_frame("curve")["value"], one.to_frame("curve")["value"] * 40 + 7
    )
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(
            other.to_frame("curve")[column], one.to_frame("curve")[column], rtol=1e-6, atol=1e-9
        )


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"knots": 6}, UsageError, "permitted: 3, 4, 5"),
        ({}, {"of_interest": "y"}, UsageError, "permitted: "),
        ({}, {"of_interest": "z", "knots": 5}, NotEstimableError, "use fewer knots"),
        ({"event": [1] * 5 + [0] * 115}, {"knots": 5}, NotEstimableError, "needs 6"),
        ({"z": 3.0}, {}, NotEstimableError, "'z'"),
    ],
)
def test_a_spline_without_an_answer_is_refused(
    change: Any, options: Any, error: Any, message: str
) -> None:
    rows = simulated(1).assign(**change)
    with pytest.raises(error, match=message):
        answer(requests.cox_spline(**model(rows), **options))


def test_terms_at_fault_have_the_names_that_were_given(each_engine: Any) -> None:
    rows = simulated(1)
    collinear = rows[X].assign(twice=rows["z"] * 2)
    with pytest.raises(NotEstimableError, match=r"covariates?.* 'twice'"):
        each_engine.answer(requests.cox_spline(rows["time"], rows["event"], collinear))


@pytest.mark.r
@pytest.mark.parametrize("knots", [3, 4, 5])
def test_r_gives_the_same_spline(knots: int) -> None:
    rows = simulated(knots, 100 * knots)
    for strata in (True, False):
        assert_agree(both(requests.cox_spline(**model(rows, strata), knots=knots)))
    single = requests.cox_spline(rows["time"], rows["event"], rows[["x"]], knots=knots)
    assert_agree(both(single))


# Influence


def test_without_a_patient_is_the_model_without_the_patient() -> None:
    rows = simulated(3, 90)
    names = [f"P{i}" for i in range(90)]
    found = answer(requests.cox_influence(**model(rows), patient=names, of_interest="z", most=4))

    whole = answer(requests.cox(**model(rows))).to_frame("terms").set_index("term").loc["z"]
    summary = found.to_frame("summary").iloc[0]
    for column in ("estimate", "std_error", "hazard_ratio", "conf_low", "conf_high", "p_value"):
        assert summary[column] == pytest.approx(whole[column], rel=1e-7)
    for row in found.to_frame("patients").itertuples():
        left = rows.drop(index=names.index(row.patient))
        alone = answer(requests.cox(**model(left))).to_frame("terms").set_index("term").loc["z"]
        assert row.estimate == pytest.approx(alone["estimate"], rel=1e-7)
        assert row.p_value == pytest.approx(alone["p_value"], rel=1e-6)
        assert row.dfbetas == pytest.approx(row.dfbeta / whole["std_error"], rel=1e-7)


def test_dfbeta_is_about_what_leaving_out_does() -> None:
    rows = simulated(9, 60)
    found = answer(requests.cox_influence(**model(rows), patient=range(60), most=60))

    table = found.to_frame("patients")
    whole = found.value("estimate", "summary")
    moved = whole - table["estimate"]
    assert np.corrcoef(table["dfbeta"], moved)[0, 1] > 0.98
    assert table["dfbeta"].sum() == pytest.approx(0, abs=1e-10)
    assert table["dfbetas"].abs().is_monotonic_decreasing
    beyond = (table["dfbetas"].abs() > 2 / np.sqrt(60)).sum()
    assert found.value("n_beyond", "summary") == beyond
    assert found.value("largest", "summary") == table["dfbetas"].abs().max()


def test_patients_who_are_alike_come_in_the_order_of_the_rows() -> None:
    rows = pd.concat([simulated(2, 30)] * 2, ignore_index=True)
    names = [f"P{i:02}" for i in range(60)]
    found = answer(requests.cox_influence(**model(rows), patient=names, most=6))

    patients = found.to_frame("patients")["patient"].tolist()
    first = [int(name[1:]) for name in patients]
    assert [b - a for a, b in zip(first[::2], first[1::2], strict=True)] == [30, 30, 30]


def test_patients_of_incomplete_rows_are_left_out() -> None:
    rows = simulated(7, 40)
    rows.loc[:9, "x"] = np.nan
    names = [f"P{i}" for i in range(40)]

    request = requests.cox_influence(**model(rows), patient=names)

    assert request.labels["patient"] == tuple(names[10:])
    assert request.left_out == {"x missing": 10}


@pytest.mark.parametrize(
    ("patient", "options", "message"),
    [
        (list(range(119)), {}, "119 labels"),
        ([1] * 120, {}, "1 different"),
        (list(range(120)), {"most": 0}, "1 or more"),
    ],
)
def test_influence_of_nobody_is_refused(patient: Any, options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        requests.cox_influence(**model(simulated(1)), patient=patient, **options)


@pytest.mark.r
@pytest.mark.parametrize("seed", range(3))
def test_r_gives_the_same_influence(seed: int) -> None:
    rows = simulated(seed, (12, 80, 300)[seed])
    for strata in (True, False):
        assert_agree(both(requests.cox_influence(**model(rows, strata), patient=rows.index)))
