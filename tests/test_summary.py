from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statistics_helpers import answer, records

from lesionhet import requests
from lesionhet.errors import NotEstimableError

VALUES = [1, 2, 2, 3, 5, 5, 5, 8, 9, 12, 13, 13, 20, 21, 7]


def test_describe_equals_r() -> None:
    # mean(v); sd(v); quantile(v, c(0, .1, .25, .5, .75, .9, 1), type = 7), R 4.2.2
    row = answer(requests.describe(VALUES)).to_frame().iloc[0]
    assert row["group"] == "all"
    expected = [15, 8.4, 6.27694193059009, 1, 2, 4, 7, 12.5, 17.2, 21]
    np.testing.assert_allclose(row.iloc[1:].astype(float), expected, rtol=1e-12)


def test_describe_a_single_value() -> None:
    row = answer(requests.describe([4.5])).to_frame().iloc[0]
    assert np.isnan(row["sd"])
    assert row[["mean", "minimum", "q10", "median", "q90", "maximum"]].eq(4.5).all()


def test_describe_keeps_order_and_counts_what_is_left_out() -> None:
    result = answer(requests.describe([1, 2, None, 4, 5], ["b", "a", "a", None, "c"], ["b", "a"]))
    assert records(result.to_frame(), "group", "n", "mean") == [["b", 1, 1.0], ["a", 1, 2.0]]
    assert result.left_out == {"values missing": 1, "group missing": 1, "group not compared": 1}
    assert result.n == 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_describe_is_ordered(values: list[float]) -> None:
    row = answer(requests.describe(values)).to_frame().iloc[0]
    ordered = row[["minimum", "q10", "q25", "median", "q75", "q90", "maximum"]].astype(float)
    assert (np.diff(ordered) >= -1e-9 * max(map(abs, values))).all()
    # The middle of two values is rounded against their size, not against its own.
    rounding = 4 * np.finfo(float).eps * max(map(abs, values))
    assert row["median"] == pytest.approx(np.median(values), rel=1e-12, abs=max(rounding, 1e-300))


def test_count_lists_every_cell() -> None:
    result = answer(
        requests.count(list("xxz"), ["b", "a", "b"], level_order=["x", "y", "z"], order=["b", "a"])
    )
    assert records(result.to_frame(), "group", "level", "count", "n", "share") == [
        ["b", "x", 1, 2, 0.5],
        ["b", "y", 0, 2, 0.0],
        ["b", "z", 1, 2, 0.5],
        ["a", "x", 1, 1, 1.0],
        ["a", "y", 0, 1, 0.0],
        ["a", "z", 0, 1, 0.0],
    ]
    assert result.to_frame()["count"].dtype == np.int64


@pytest.mark.parametrize(
    ("n", "low", "high", "coverage"),
    # j <- qbinom(.025, n, .5); c(j, n - j + 1, 1 - 2 * pbinom(j - 1, n, .5)), R 4.2.2
    [
        (6, 1, 6, 0.96875),
        (9, 2, 8, 0.9609375),
        (15, 4, 12, 0.96484375),
        (20, 6, 15, 0.958610534667969),
    ],
)
def test_median_interval_equals_r(n: int, low: float, high: float, coverage: float) -> None:
    shuffled = np.random.default_rng(n).permutation(np.arange(1, n + 1))
    row = answer(requests.median_interval(shuffled)).to_frame().iloc[0]
    assert [row["estimate"], row["conf_low"], row["conf_high"]] == [(n + 1) / 2, low, high]
    assert row["coverage"] == pytest.approx(coverage, rel=1e-12)


def test_median_interval_of_a_small_group_is_missing() -> None:
    table = answer(requests.median_interval([1, 2, 3, 4, 5])).to_frame()
    assert table["estimate"].item() == 3
    assert table[["conf_low", "conf_high", "coverage"]].isna().all(axis=None)
    wider = answer(requests.median_interval([1, 2, 3, 4, 5], conf_level=0.90)).to_frame()
    assert records(wider, "conf_low", "conf_high", "coverage") == [[1, 5, 0.9375]]


@given(st.integers(1, 60), st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]))
def test_median_interval_is_the_narrowest_of_its_level(n: int, level: float) -> None:
    row = (
        answer(requests.median_interval(np.arange(1.0, n + 1), conf_level=level)).to_frame().iloc[0]
    )
    if np.isnan(row["conf_low"]):
        # At equality the binomial quantile is 0, so the widest interval is not taken.
        assert 1 - 2 * 0.5**n <= level
        return
    j = int(row["conf_low"])
    assert row["conf_high"] == n + 1 - j
    assert row["coverage"] == pytest.approx(1 - 2 * stats.binom.cdf(j - 1, n, 0.5))
    assert row["coverage"] >= level - 1e-12
    assert 1 - 2 * stats.binom.cdf(j, n, 0.5) < level + 1e-12


def test_no_rows_is_refused() -> None:
    with pytest.raises(NotEstimableError, match="No rows are left"):
        requests.describe([None, float("nan")])
