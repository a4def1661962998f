"""Mean distances by sorting and, in small groups, by compiled pairs, against the matrix of all pairs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionhet import compiled_parts, small_groups
from lesionhet import mean_gower as module
from lesionhet.errors import UsageError
from lesionhet.gower import gower_distance, pair_distances
from lesionhet.mean_gower import mean_gower

KINDS = {"flag": "nominal", "site": "nominal", "ratio": "numeric", "rank": "ordinal"}
CELL = st.fixed_dictionaries(
    {
        "flag": st.sampled_from([0.0, 1.0, None]),
        "site": st.sampled_from(["liver", "lung", "bone", None]),
        "ratio": st.sampled_from([0.0, 0.5, 0.7, 1.0, 1e3, None]),
        "rank": st.sampled_from([1.0, 2.0, 5.0, None]),
        "group": st.integers(0, 2),
    }
)


@pytest.fixture(params=["compiled", "numpy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Compute small groups by the compiled part, and without it."""
    if request.param == "numpy":
        monkeypatch.setattr(module, "library", lambda: None)
    elif module.library() is None:
        if os.environ.get("LESIONHET_REQUIRE_R") == "1":
            pytest.fail("gower_pairs.c was not compiled; a whole test run needs it.")
        pytest.skip("gower_pairs.c was not compiled")
    return str(request.param)


def matrix_means(table: pd.DataFrame, group: pd.Series, itself: bool, **options: Any) -> Any:
    """Give the means from the matrix of all pairs of the whole table."""
    square = gower_distance(table, KINDS, **options)
    among = group.to_numpy()[:, None] == group.to_numpy()
    if not itself:
        np.fill_diagonal(among, False)
    else:
        # A row shares with itself what it has at all.
        nothing = table.isna().to_numpy().all(axis=1)
        square[nothing, nothing] = np.nan
    found = np.where(among, square, np.nan)
    counts = (~np.isnan(found)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.nansum(found, axis=1) / np.where(counts > 0, counts, np.nan)


def table_of(rows: list[dict[str, object]]) -> tuple[pd.DataFrame, pd.Series]:
    table = pd.DataFrame(rows)
    for name in ("flag", "ratio", "rank"):
        table[name] = table[name].astype(float)
    return table.drop(columns="group"), table["group"]


@given(st.lists(CELL, min_size=1, max_size=14), st.booleans())
def test_any_table_gives_the_means_of_its_pair_matrix(
    rows: list[dict[str, object]], itself: bool
) -> None:
    table, group = table_of(rows)

    expected = matrix_means(table, group, itself)

    found = mean_gower(table, KINDS, group=group, itself=itself)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "library", lambda: None)
        sorted_out = mean_gower(table, KINDS, group=group, itself=itself)
    np.testing.assert_allclose(sorted_out, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("itself", [False, True])
def test_large_groups_among_small_ones_and_a_range_for_each_group(way: str, itself: bool) -> None:
    rng = np.random.default_rng(5)
    size = np.array([1, 70, 3, small_groups.LARGEST, 1, small_groups.LARGEST + 1, 2])
    values = np.column_stack([rng.integers(0, 2, size.sum()), rng.random((size.sum(), 2)).round(1)])
    values[rng.random(values.shape) < 0.3] = np.nan
    values[70:76] = np.nan
    spans = rng.random((len(size), 3))
    spans[[1, 6]] = 0.0
    kinds, weights = ["nominal", "numeric", "ordinal"], [0.5, 1.0, 2.0]

    found = module.group_means(values, size, kinds, weights, spans, itself=itself)

    owner = np.repeat(np.arange(len(size)), size)
    for one, mean in enumerate(found):
        own = np.flatnonzero(owner == owner[one])
        own = own if itself else own[own != one]
        span = spans[owner[one]]
        apart = pair_distances(values, np.full(len(own), one), own, kinds, weights, span)
        known = apart[~np.isnan(apart)]
        assert np.isnan(mean) == (len(known) == 0)
        if len(known):
            assert mean == pytest.approx(known.mean(), abs=1e-13)


def test_no_rows_have_no_means(way: str) -> None:
    nothing = np.empty((0, 2))
    found = module.group_means(
        nothing, np.empty(0, dtype=np.int64), ["nominal", "numeric"], [1, 1], nothing, itself=True
    )
    assert found.shape == (0,)


def test_the_compiled_part_can_be_switched_off_and_must_be_of_this_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert compiled_parts.load(tmp_path / "gower_pairs.so", small_groups.VERSION) is None
    (tmp_path / "gower_pairs.so").write_bytes(b"no library")
    assert compiled_parts.load(tmp_path / "gower_pairs.so", small_groups.VERSION) is None
    assert compiled_parts.load(small_groups.LIBRARY, small_groups.VERSION + 1) is None
    monkeypatch.setenv(compiled_parts.SWITCH, "0")
    assert compiled_parts.load(small_groups.LIBRARY, small_groups.VERSION) is None


@pytest.mark.parametrize("itself", [False, True])
def test_weights_ranges_and_chunks(way: str, itself: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 40)
    rng = np.random.default_rng(2)
    n = 300
    table = pd.DataFrame(
        {
            "flag": rng.integers(0, 2, n).astype(float),
            "site": rng.choice(["liver", "lung", "bone"], n),
            "ratio": rng.lognormal(size=n).round(1),
            "rank": rng.integers(1, 6, n).astype(float),
        }
    )
    table = table.mask(rng.random(table.shape) < 0.15)
    group = pd.Series(rng.integers(0, 25, n))
    options: dict[str, Any] = {
        "weights": {"flag": 2.0, "site": 0.0, "rank": 0.5},
        "ranges": {"ratio": (0.5, 3.0)},
    }

    found = mean_gower(table, KINDS, group=group, itself=itself, **options)

    # A column of weight 0 shares nothing that counts.
    table["site"] = "the same"
    square = matrix_means(table, group, itself, **options)
    none = table[["flag", "ratio", "rank"]].isna().all(axis=1).to_numpy()
    np.testing.assert_allclose(found[~none], square[~none], rtol=0, atol=1e-13)
    assert np.isnan(found[none]).all()


def test_far_from_zero_and_nearly_equal_values_keep_their_digits() -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"ratio": 1e6 + rng.random(500) * 1e-3})
    square = gower_distance(table)
    np.fill_diagonal(square, np.nan)

    np.testing.assert_allclose(mean_gower(table), np.nanmean(square, axis=1), rtol=1e-10)


def test_a_range_of_zero_counts_as_no_difference() -> None:
    table = pd.DataFrame({"ratio": [1.0, 1.0, 1.0], "flag": [0.0, 1.0, 1.0]})

    assert mean_gower(table, {"flag": "nominal"}).tolist() == [0.5, 0.25, 0.25]


def test_a_row_alone_has_no_mean_unless_it_counts_itself() -> None:
    table = pd.DataFrame({"ratio": [1.0, 2.0, 3.0]})
    assert np.isnan(mean_gower(table, group=["a", "b", "b"])[0])
    assert mean_gower(table, group=["a", "b", "b"], itself=True).tolist() == [0.0, 0.25, 0.25]


def test_what_cannot_be_asked_is_said() -> None:
    table = pd.DataFrame({"flag": [0.0, 1.0]})
    with pytest.raises(UsageError, match="asymmetric"):
        mean_gower(table, {"flag": "asymmetric"})
    with pytest.raises(UsageError, match="3 labels for 2 rows"):
        mean_gower(table, group=[1, 2, 3])


def test_more_columns_than_bits_of_a_number() -> None:
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.random((80, 66))).set_axis([f"c{k}" for k in range(66)], axis=1)
    for row, column in ((3, 64), (4, 65), (5, 0), (6, 64)):
        table.iloc[row, column] = np.nan
    expected = gower_distance(table).mean(axis=1)
    np.testing.assert_allclose(mean_gower(table, itself=True), expected, rtol=1e-12)


def test_rows_without_a_group_are_refused() -> None:
    table = pd.DataFrame({"ratio": [0.1, 0.2, 0.3]})
    with pytest.raises(UsageError, match=r"no label in 1 rows \(places from 0: 1\)"):
        mean_gower(table, group=["a", None, "a"])
