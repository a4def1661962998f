"""Restricted mean survival time: by hand, by an identity, beside lifelines and beside R."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from statistics_helpers import answer, leukaemia, simulated
from test_zph import ovarian
from timed_helpers import assert_agree, both

from lesionhet import requests
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.statistics.rmst import area

ARM = list("11121122121222111122211222")
"""Arms of the 26 patients of `ovarian`."""


def test_by_hand() -> None:
    """Deaths at 1, 2 and 4, censored at 3: S is 3/4 from 1, 1/2 from 2, 0 from 4."""
    mean = Fraction(1) + Fraction(3, 4) + Fraction(1, 2) * 2
    # Areas after the deaths at 1 and 2 up to 4: 7/4 and 1; the last death adds nothing.
    variance = Fraction(7, 4) ** 2 * Fraction(1, 4 * 3) + Fraction(1) ** 2 * Fraction(1, 3 * 2)

    found, error = area(np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 0, 1]), 4.0)

    assert found == pytest.approx(float(mean), abs=1e-14)
    assert error == pytest.approx(float(variance) ** 0.5, rel=1e-14)


def test_up_to_a_day_between_two_events() -> None:
    found, error = area(np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 0, 1]), 1.5)

    assert found == pytest.approx(1 + 0.5 * 0.75)
    assert error == pytest.approx((0.375**2 / 12) ** 0.5)
    assert area(np.array([5.0, 6.0]), np.array([1.0, 1.0]), 4.0) == (4.0, 0.0)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 60), share=st.floats(0.05, 1.0))
def test_without_censoring_it_is_the_mean_of_the_times_cut_at_tau(
    seed: int, n: int, share: float
) -> None:
    time = np.ceil(np.random.default_rng(seed).exponential(20, n))
    tau = share * float(time.max())

    found, error = area(time, np.ones(n), tau)

    cut = np.minimum(time, tau)
    assert found == pytest.approx(cut.mean(), rel=1e-12)
    assert error == pytest.approx(cut.std() / np.sqrt(n), rel=1e-9, abs=1e-12)


def test_lifelines_gives_the_same_mean() -> None:
    rows = leukaemia()
    found = answer(
        requests.restricted_mean(rows["time"], rows["event"], rows["group"], tau=20)
    ).to_frame("groups")

    for row in found.itertuples():
        part = rows[rows["group"] == row.group]
        curve = KaplanMeierFitter().fit(part["time"], part["event"])
        assert row.mean == pytest.approx(restricted_mean_survival_time(curve, t=20), rel=1e-6)


def test_the_arms_of_r_s_ovarian_data() -> None:
    """R 4.2.2, survival 3.5-3: print(survfit(Surv(futime, fustat) ~ rx, ovarian), rmean = 1000)."""
    rows = ovarian()
    found = answer(requests.restricted_mean(rows["time"], rows["event"], ARM, tau=1000))

    numbers = found.to_frame("groups")[["n", "events", "mean", "std_error"]].round(4)
    assert numbers.to_numpy().tolist() == [
        [13, 7, 603.9385, 105.8579],
        [13, 5, 760.547, 81.9476],
    ]


def test_differences_and_ratios_follow_from_the_means() -> None:
    rows = simulated(3, 200)
    found = answer(requests.restricted_mean(rows["time"], rows["event"], rows["group"]))
    groups = found.to_frame("groups").set_index("group")
    pairs = found.to_frame("pairs")

    assert pairs[["group_1", "group_2"]].to_numpy().tolist() == [
        ["g1", "g2"],
        ["g1", "g3"],
        ["g2", "g3"],
    ]
    for pair in pairs.itertuples():
        one, two = groups.loc[pair.group_1], groups.loc[pair.group_2]
        assert pair.difference == pytest.approx(two["mean"] - one["mean"])
        assert pair.std_error**2 == pytest.approx(one["std_error"] ** 2 + two["std_error"] ** 2)
        assert pair.ratio == pytest.approx(two["mean"] / one["mean"])
        assert pair.ratio_low * pair.ratio_high == pytest.approx(pair.ratio**2)
        assert (pair.p_value < 0.05) == (pair.conf_low > 0 or pair.conf_high < 0)


def test_tau_is_the_smallest_of_the_largest_times_unless_given() -> None:
    time, event, group = [1, 5, 9, 2, 7], [1, 1, 0, 1, 0], list("aaabb")

    request = requests.restricted_mean(time, event, group)

    assert request.options["tau"] == 7.0
    assert requests.restricted_mean(time, event, group, tau=6).options["tau"] == 6.0
    one = answer(requests.restricted_mean(time, event))
    assert one.to_frame("groups")["group"].tolist() == ["all"]
    assert one.to_frame("pairs").empty


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tau": 8}, NotEstimableError, "group 'b' is known up to day 7"),
        ({"tau": 0}, UsageError, "days above 0"),
        ({"tau": -1.0}, UsageError, "days above 0"),
        ({"order": ["a", "c"]}, NotEstimableError, "No rows are left in group 'c'"),
    ],
)
def test_what_has_no_answer_is_refused(options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        requests.restricted_mean([1, 5, 9, 2, 7], [1, 1, 0, 1, 0], list("aaabb"), **options)


def test_a_group_that_is_lost_on_day_0_is_refused() -> None:
    with pytest.raises(NotEstimableError, match="beyond day 0"):
        requests.restricted_mean([0, 0, 4], [1, 0, 1], list("aab"))


def test_missing_rows_are_counted() -> None:
    request = requests.restricted_mean([1, None, 3], [1, 1, 1], ["a", "a", None])
    assert request.left_out == {"time missing": 1, "group missing": 1}


@pytest.mark.r
@pytest.mark.parametrize("seed", range(3))
def test_r_gives_the_same(seed: int) -> None:
    rows = simulated(seed, (20, 90, 300)[seed])
    for tau in (None, 7.0, 0.5):
        table = both(
            requests.restricted_mean(
                rows["time"], rows["event"], rows["group"], tau=tau, conf_level=0.9
            )
        )
        assert len(table) == 48
        assert_agree(table)


@pytest.mark.r
def test_r_gives_the_same_where_all_die_and_where_none_does() -> None:
    time = pd.Series([1.0, 2, 2, 5, 6, 6])
    for event in ([1] * 6, [0] * 6):
        assert_agree(both(requests.restricted_mean(time, event, list("aaabbb"))))
