"""Codes, sums and running extremes of groups of rows against loops over the groups."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.followup import follow
from lesionhet.groupwise import (
    highest,
    lowest,
    occurrences,
    ordered_codes,
    pair_codes,
    places,
    running,
    starts,
    sums,
)

SEEDS = range(6)


def _runs(seed: int) -> tuple[Any, Any]:
    """Give sorted codes with gaps between them, runs of 1 to 40 rows, and values with ties."""
    rng = np.random.default_rng(seed)
    code = np.repeat(np.cumsum(rng.integers(1, 4, 30)), rng.integers(1, 2 + 8 * seed, 30))
    return code, rng.integers(0, 9, len(code)) / 10


@pytest.mark.parametrize("values", [["b", None, "a", "b"], [2.5, np.nan, -1.0, 2.5]])
def test_codes_follow_the_order_of_the_values(values: list[Any]) -> None:
    assert ordered_codes(pd.Series(values)).tolist() == [1, -1, 0, 1]


def test_numbers_are_their_own_codes_unless_one_is_negative_or_missing() -> None:
    assert ordered_codes(pd.Series([7, 3, 7])).tolist() == [7, 3, 7]
    assert ordered_codes(pd.Series([-7, 3, -7])).tolist() == [0, 1, 0]
    assert ordered_codes(pd.Series([7, pd.NA, 3], dtype="Int64")).tolist() == [1, -1, 0]


def test_categories_are_coded_in_their_order() -> None:
    values = pd.Series(pd.Categorical(["b", None, "a"], categories=["b", "a"]))

    assert ordered_codes(values).tolist() == [0, -1, 1]


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_are_coded_in_their_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(-1, 5, 60), rng.integers(-1, 7, 60)

    found = pair_codes(one, other)

    known = (one >= 0) & (other >= 0)
    assert (found[~known] == -1).all()
    pairs = list(zip(one[known], other[known], strict=True))
    place = {pair: i for i, pair in enumerate(sorted(set(pairs)))}
    assert pd.factorize(found[known], sort=True)[0].tolist() == [place[pair] for pair in pairs]


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_are_those_of_a_loop(seed: int) -> None:
    code, values = _runs(seed)
    groups: dict[int, list[float]] = {}
    place, least, most = [], [], []
    for one, value in zip(code.tolist(), values.tolist(), strict=True):
        group = groups.setdefault(one, [])
        place.append(len(group))
        group.append(value)
        least.append(min(group))
        most.append(max(group))

    assert starts(code).tolist() == [code.tolist().index(one) for one in groups]
    assert places(starts(code), len(code)).tolist() == place
    assert running(np.minimum, values, np.array(place)).tolist() == least
    assert running(np.maximum, values, np.array(place)).tolist() == most
    order = np.random.default_rng(seed).permutation(len(code))
    n = int(code.max()) + 2
    found = [f(values[order], code[order], n) for f in (sums, lowest, highest)]
    for one in range(n):
        group = groups.get(one, [])
        assert found[0][one] == pytest.approx(math.fsum(group), rel=1e-14)
        assert found[1][one] == min(group, default=math.inf)
        assert found[2][one] == max(group, default=-math.inf)


def test_rounding_errors_do_not_add_up() -> None:
    found = sums(np.full(20_000, 0.1), np.repeat([1, 0], 10_000), 2)

    assert found.tolist() == [1000.0, 1000.0]


def test_occurrences_count_what_came_before() -> None:
    code = np.random.default_rng(1).integers(0, 4, 50)

    assert occurrences(code).tolist() == [code[:i].tolist().count(code[i]) for i in range(50)]


def test_nothing_has_no_groups() -> None:
    nothing = np.array([], dtype=np.int64)

    assert starts(nothing).tolist() == places(nothing, 0).tolist() == []
    assert (
        occurrences(nothing).tolist() == running(np.minimum, np.array([]), nothing).tolist() == []
    )
    assert sums(np.array([]), nothing, 2).tolist() == [0.0, 0.0]


def test_pairs_of_large_codes_are_told_apart() -> None:
    one = np.array([2**40, 1, 2**40, -1, 2**61])
    other = np.array([2**40, 2**62 - 1, 1, 5, -1])
    codes = pair_codes(one, other)
    assert codes[3] == codes[4] == -1
    assert codes[1] < codes[2] < codes[0]
    assert codes.min() == -1


def test_lesions_with_large_whole_numbers_as_names_are_followed_apart() -> None:
    rows = pd.DataFrame(
        {
            "patient_id": [1, 1, 5, 5],
            "lesion_id": 2**62 - 1,
            "day": [0, 50, 0, 50],
            "diameter_mm": [20.0, 10.0, 30.0, 20.0],
            "lesion_type": "target",
        }
    )
    assert follow(rows).lesions["baseline_mm"].tolist() == [20.0, 30.0]
