"""The distance of any mixed table, by hand and against daisy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionhet import requests
from lesionhet.errors import UsageError
from lesionhet.gower import gower_distance

MIXED = pd.DataFrame(
    {
        "size": [10.0, 20.0, 30.0, np.nan],
        "site": ["liver", "lung", "liver", None],
        "grade": pd.Categorical(
            ["low", "high", "mid", "low"], ["low", "mid", "high"], ordered=True
        ),
        "mutated": [0, 1, 0, 0],
    }
)
KINDS = {"mutated": "asymmetric"}


def _pairs(answer: Any) -> dict[tuple[str, str], float]:
    return {(row.row_1, row.row_2): row.distance for row in answer.to_frame().itertuples()}


def test_a_mixed_table_by_hand(each_engine: Any) -> None:
    found = _pairs(each_engine.answer(requests.gower(MIXED, KINDS)))

    # size / 20, site equal or not, grade / 2, mutated left away where both are 0
    assert found["0", "1"] == pytest.approx((0.5 + 1 + 1 + 1) / 4)
    assert found["0", "2"] == pytest.approx((1 + 0 + 0.5) / 3)
    assert found["1", "2"] == pytest.approx((0.5 + 1 + 0.5 + 1) / 4)
    # the fourth row shares only the grade, and the mutation where one has it
    assert found["0", "3"] == pytest.approx(0 / 1)
    assert found["1", "3"] == pytest.approx((1 + 1) / 2)
    assert found["2", "3"] == pytest.approx(0.5 / 1)


def test_weights_and_fixed_ranges_by_hand(each_engine: Any) -> None:
    table = pd.DataFrame({"nadir": [0.2, 0.7, 3.0], "relapse": [False, True, True]})

    found = _pairs(
        each_engine.answer(
            requests.gower(table, None, {"nadir": 1, "relapse": 3}, {"nadir": (0.0, 1.0)})
        )
    )

    assert found["0", "1"] == pytest.approx((0.5 + 3) / 4)
    assert found["0", "2"] == pytest.approx((0.8 + 3) / 4)  # 3.0 is clipped to 1.0
    assert found["1", "2"] == pytest.approx(0.3 / 4)


def test_a_variable_without_range_counts_as_no_difference(each_engine: Any) -> None:
    table = pd.DataFrame({"a": [5.0, 5.0], "b": [1.0, 3.0]})

    assert _pairs(each_engine.answer(requests.gower(table)))["0", "1"] == pytest.approx(0.5)


def test_ordinal_numbers_count_by_their_place(each_engine: Any) -> None:
    table = pd.DataFrame({"grade": [1, 10, 100]})

    found = _pairs(each_engine.answer(requests.gower(table, {"grade": "ordinal"})))

    assert found == pytest.approx({("0", "1"): 0.5, ("0", "2"): 1.0, ("1", "2"): 0.5})


def test_rows_that_share_no_variable_have_no_distance(each_engine: Any) -> None:
    table = pd.DataFrame({"a": [1.0, np.nan, 2.0], "b": [np.nan, 1.0, 2.0]})

    found = _pairs(each_engine.answer(requests.gower(table)))

    assert np.isnan(found["0", "1"])
    assert found["0", "2"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kinds": {"size": "logarithmic"}}, "permitted: numeric, nominal, ordinal, asymmetric"),
        ({"kinds": {"sise": "numeric"}}, "unknown columns"),
        ({"kinds": {"site": "numeric"}}, "no numbers"),
        ({"kinds": {"size": "asymmetric"}}, "permitted values are 0 and 1"),
        ({"weights": {"weight": 1.0}}, "unknown columns"),
        ({"ranges": {"size": (3.0, 3.0)}}, "low < high"),
    ],
)
def test_what_is_not_permitted_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        gower_distance(MIXED, **arguments)


TABLES = (
    st.integers(2, 8)
    .flatmap(
        lambda n: st.fixed_dictionaries(
            {
                "x": st.lists(st.none() | st.integers(-9, 9), min_size=n, max_size=n),
                "y": st.lists(st.none() | st.sampled_from(["a", "b", "c"]), min_size=n, max_size=n),
                "z": st.lists(st.integers(0, 1), min_size=n, max_size=n),
            }
        )
    )
    .map(lambda d: pd.DataFrame({"x": pd.Series(d["x"], dtype=float), "y": d["y"], "z": d["z"]}))
)


@given(TABLES)
def test_the_distance_is_symmetric_in_0_to_1_and_0_for_twins(table: pd.DataFrame) -> None:
    twice = pd.concat([table, table], ignore_index=True)

    found = gower_distance(twice)

    assert np.array_equal(found, found.T, equal_nan=True)
    known = found[~np.isnan(found)]
    assert known.min() >= 0
    assert known.max() <= 1
    n = len(table)
    assert (found[np.arange(n), np.arange(n) + n] == 0).all()


@given(TABLES, st.randoms(use_true_random=False))
def test_permuting_the_rows_permutes_the_distances(table: pd.DataFrame, random: Any) -> None:
    order = list(range(len(table)))
    random.shuffle(order)

    moved = gower_distance(table.iloc[order].reset_index(drop=True))

    np.testing.assert_allclose(moved, gower_distance(table)[np.ix_(order, order)], atol=1e-15)


@pytest.mark.r
@pytest.mark.parametrize("seed", range(8))
def test_daisy_gives_the_same_on_random_mixed_tables(seed: int) -> None:
    from lesionhet.agreement import agreed, compare
    from lesionhet.engines import engine

    rng = np.random.default_rng(seed)
    n = 25
    table = pd.DataFrame(
        {
            "number": rng.normal(size=n).round(1),
            "constant": 3.0,
            "site": rng.choice(["a", "b", "c"], n).astype(object),
            "stage": pd.Categorical(
                rng.choice(["I", "II", "III"], n), ["I", "II", "III"], ordered=True
            ),
            "event": rng.integers(0, 2, n).astype(float),
        }
    )
    table = table.mask(rng.random(table.shape) < 0.15)
    request = requests.gower(
        table, {"event": "asymmetric"}, {"site": 2.0, "number": 0.5}, {"number": (-1.0, 1.0)}
    )

    compared = compare("gower", engine("python").answer(request), engine("r").answer(request))

    assert len(compared) == n * (n - 1) / 2
    assert agreed(compared)
