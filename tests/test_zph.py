"""Proportional hazards: the score test by hand, by a published example, and beside R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statistics_helpers import answer, leukaemia, simulated
from timed_helpers import assert_agree, both

from lesionhet import requests
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.zph import natural_spline, transformed

TRANSFORMS = ("km", "rank", "identity", "log")
X = ["x", "z"]

# Edmunson et al. (1979), as in R's survival::ovarian: days, death, age, ECOG performance status.
OVARIAN = """
59 1 72.3315 1  115 1 74.4932 1  156 1 66.4658 2  421 0 53.3644 1  431 1 50.3397 1  448 0 56.4301 2
464 1 56.9370 2  475 1 59.8548 2  477 0 64.1753 1  563 1 55.1781 2  638 1 56.7562 2  744 0 50.1096 1
769 0 59.6301 2  770 0 57.0521 1  803 0 39.2712 1  855 0 43.1233 2  1040 0 38.8932 2
1106 0 44.6000 1  1129 0 53.9068 1  1206 0 44.2055 1  1227 0 59.5890 2  268 1 74.5041 2
329 1 43.1370 1  353 1 63.2192 2  365 1 64.4247 1  377 0 58.3096 1
"""


def ovarian() -> pd.DataFrame:
    numbers = np.array(OVARIAN.split(), dtype=float).reshape(-1, 4)
    return pd.DataFrame(numbers, columns=["time", "event", "age", "ecog"])


def by_hand(rows: pd.DataFrame, names: list[str], g: Any) -> tuple[Any, float]:
    """Give the test of each term and of all, death by death, at coefficients found elsewhere."""
    fit = answer(requests.cox(rows["time"], rows["event"], rows[names], rows.get("stratum")))
    beta = fit.to_frame("terms")["estimate"].to_numpy()
    x, w = rows[names].to_numpy(dtype=float), np.exp(rows[names].to_numpy(dtype=float) @ beta)
    time, event = rows["time"].to_numpy(), rows["event"].to_numpy()
    stratum = rows["stratum"].to_numpy() if "stratum" in rows else np.zeros(len(rows))
    p = len(names)
    u, i11, i12, i22 = np.zeros(p), np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p))
    deaths = [(t, s) for t, s in dict.fromkeys(zip(time, stratum, strict=True))]
    middle = np.mean(g[event == 1])
    for t, s in deaths:
        dying = np.flatnonzero((time == t) & (stratum == s) & (event == 1))
        risk = (time >= t) & (stratum == s)
        for k in range(len(dying)):
            weight = np.where(risk, w, 0.0)
            weight[dying] *= 1 - k / len(dying)
            mean = weight @ x / weight.sum()
            v = (x - mean).T @ ((x - mean) * weight[:, None]) / weight.sum()
            at = g[dying[0]] - middle
            u += at * (x[dying[k]] - mean)
            i11, i12, i22 = i11 + v, i12 + at * v, i22 + at**2 * v
    left = i22 - i12 @ np.linalg.solve(i11, i12)
    return u**2 / np.diag(left), float(u @ np.linalg.solve(left, u))


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("strata", [False, True])
def test_death_by_death_gives_the_same(transform: Any, strata: bool) -> None:
    rows = simulated(2, 60)
    rows = rows if strata else rows.drop(columns="stratum")
    g = transformed(rows.rename(columns={"stratum": "strata"}), transform)

    each, overall = by_hand(rows, X, g)
    found = answer(
        requests.cox_zph(
            rows["time"], rows["event"], rows[X], rows.get("stratum"), transform=transform
        )
    )

    np.testing.assert_allclose(found.to_frame("terms")["statistic"], each, rtol=1e-8)
    assert found.value("statistic") == pytest.approx(overall, rel=1e-8)
    assert found.value("df") == 2


def test_the_example_of_the_manual_of_survival() -> None:
    """Example of help(cox.zph): age 0.698, P 0.40; ecog.ps 2.371, P 0.12; GLOBAL 3.633, P 0.16."""
    rows = ovarian()

    found = answer(requests.cox_zph(rows["time"], rows["event"], rows[["age", "ecog"]]))

    terms = found.to_frame("terms")
    assert terms["statistic"].round(3).tolist() == [0.698, 2.371]
    assert terms["p_value"].round(2).tolist() == [0.40, 0.12]
    assert round(found.value("statistic"), 3) == 3.633
    assert round(found.value("p_value"), 2) == 0.16


def test_the_kaplan_meier_scale_is_the_share_lost_just_before() -> None:
    rows = leukaemia()
    curve = answer(requests.kaplan_meier(rows["time"], rows["event"])).to_frame("curve")

    g = transformed(rows, "km")

    for time, value in zip(rows["time"], g, strict=True):
        before = curve.loc[curve["time"] < time, "survival"]
        assert value == pytest.approx(1 - before.iloc[-1] if len(before) else 0.0, abs=1e-12)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), factor=st.floats(1e-3, 1e3), shift=st.floats(-50, 50))
def test_units_and_origin_of_a_covariate_change_nothing(
    seed: int, factor: float, shift: float
) -> None:
    rows = simulated(seed, 50)
    moved = rows[X].assign(x=rows["x"] * factor + shift)

    one, other = (
        answer(requests.cox_zph(rows["time"], rows["event"], x, transform="rank"))
        for x in (rows[X], moved)
    )

    for table in ("terms", "test"):
        columns = ["statistic", "p_value"]
        np.testing.assert_allclose(
            one.to_frame(table)[columns], other.to_frame(table)[columns], rtol=1e-6, atol=1e-9
        )


def test_a_turning_effect_is_seen_and_a_steady_one_is_not_beyond_the_level() -> None:
    rng = np.random.default_rng(8)
    x = rng.integers(0, 2, 400).astype(float)
    # Hazard 2 with x = 1 until time 0.5 and 0.3 after it; 1 with x = 0.
    e = rng.exponential(size=400)
    turning = np.where(x == 0, e, np.where(e < 1, e / 2, 0.5 + (e - 1) / 0.3))
    assert (
        answer(requests.cox_zph(turning, np.ones(400), pd.DataFrame({"x": x}))).value("p_value")
        < 1e-6
    )

    small = 0
    for _ in range(120):
        x = rng.normal(size=60)
        steady = rng.exponential(size=60) * np.exp(-0.7 * x)
        request = requests.cox_zph(steady, np.ones(60), pd.DataFrame({"x": x}))
        small += answer(request).value("p_value") < 0.05
    assert stats.binomtest(small, 120, 0.05).pvalue > 0.001


def test_scaled_residuals_average_to_the_coefficient() -> None:
    rows = simulated(5)
    model = (rows["time"], rows["event"], rows[X], rows["stratum"])
    beta = answer(requests.cox(*model)).to_frame("terms").set_index("term")["estimate"]

    for name in X:
        found = answer(requests.schoenfeld_curve(*model, of_interest=name))
        residuals = found.to_frame("residuals")
        assert residuals["residual"].mean() == pytest.approx(beta[name], rel=1e-9)
        assert len(residuals) == rows["event"].sum()
        curve = found.to_frame("curve")
        assert len(curve) == 41
        assert curve["time"].is_monotonic_increasing
        assert (curve["conf_low"] < curve["conf_high"]).all()


def test_a_natural_spline_gives_back_a_straight_line() -> None:
    x = np.random.default_rng(1).uniform(0, 9, 50)
    at = np.linspace(x.min(), x.max(), 7)
    for df in (2, 3, 5):
        basis, there = natural_spline(x, at, df)
        weights = np.linalg.lstsq(basis, 2 - 3 * x, rcond=None)[0]
        np.testing.assert_allclose(there @ weights, 2 - 3 * at, atol=1e-10)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({"time": 0}, {"transform": "log"}, NotEstimableError, "event at time 0"),
        ({"time": 5, "event": 1}, {}, NotEstimableError, "too few different event times"),
        ({"event": 0}, {}, NotEstimableError, "0 event"),
        ({}, {"transform": "cube"}, UsageError, "permitted: km, rank, identity, log"),
    ],
)
def test_what_has_no_answer_is_refused(change: Any, options: Any, error: Any, message: str) -> None:
    rows = simulated(1, 40).assign(**change)
    with pytest.raises(error, match=message):
        answer(requests.cox_zph(rows["time"], rows["event"], rows[X], **options))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"df": 1}, UsageError, "2 to 10"),
        ({"of_interest": "q"}, UsageError, "permitted: "),
        ({"df": 10}, NotEstimableError, "event time"),
    ],
)
def test_a_curve_that_cannot_be_drawn_is_refused(options: Any, error: Any, message: str) -> None:
    rows = simulated(1, 40).assign(time=lambda r: r["time"] % 6)
    with pytest.raises(error, match=message):
        answer(requests.schoenfeld_curve(rows["time"], rows["event"], rows[X], **options))


# Beside R


@pytest.mark.r
@pytest.mark.parametrize("seed", range(3))
def test_r_gives_the_same_test(seed: int) -> None:
    rows = simulated(seed, (30, 120, 400)[seed])
    for strata in (None, rows["stratum"]):
        for transform in TRANSFORMS:
            table = both(
                requests.cox_zph(rows["time"], rows["event"], rows[X], strata, transform=transform)
            )
            assert_agree(table)
            assert table["relative"].max() < 1e-8


@pytest.mark.r
@pytest.mark.parametrize("df", [2, 3, 4, 7])
def test_r_gives_the_same_curve(df: int) -> None:
    rows = simulated(df, 150)
    table = both(
        requests.schoenfeld_curve(
            rows["time"], rows["event"], rows[X], rows["stratum"], of_interest="z", df=df
        )
    )
    assert len(table) > 250
    assert_agree(table)


@pytest.mark.r
def test_r_refuses_the_same() -> None:
    rows = simulated(1, 40)
    for request in (
        requests.cox_zph(np.full(40, 5.0), np.ones(40), rows[X]),
        requests.schoenfeld_curve(rows["time"] % 4, rows["event"], rows[X]),
        requests.cox_zph(rows["time"], rows["event"], rows[X].assign(z=rows["x"] * 2)),
    ):
        assert both(request).empty
