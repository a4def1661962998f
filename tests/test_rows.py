"""Complete rows and their codes, beside a plain loop over the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.errors import LesionhetError, NotEstimableError, UsageError
from lesionhet.rows import complete_rows, need_spread

LABELS: list[list[Any]] = [
    list("abcx"),
    [None, "a", "b"],
    [np.nan, "a", "b", "a "],
    [1, 2, 3],
    [1, "1", 2, True, 1.0, None],
    [1.5, 2.0, np.nan],
    [pd.NA, "z", "y"],
]
ORDERS: list[list[Any] | None] = [None, ["a", "b"], ["b", "a", "q"], ["1", "2"], [1, 2, 3], []]


def by_loop(
    numbers: dict[str, Any], groups: dict[str, Any], may_be_empty: tuple[str, ...]
) -> tuple[list[list[float]], dict[str, tuple[str, ...]], dict[str, int]]:
    """Go through the rows one by one, column by column."""
    n = len(next(iter((*numbers.values(), *(labels for labels, _ in groups.values())))))
    texts = {
        name: ["all"] * n if labels is None else [None if pd.isna(v) else str(v) for v in labels]
        for name, (labels, _) in groups.items()
    }
    orders = {
        name: tuple(sorted({t for t in texts[name] if t is not None}))
        if order is None
        else tuple(map(str, order))
        for name, (_, order) in groups.items()
    }
    left_out: dict[str, int] = {}
    rows = list(range(n))

    def keep(kept: list[int], reason: str) -> None:
        nonlocal rows
        if len(kept) < len(rows):
            left_out[reason] = len(rows) - len(kept)
        rows = kept

    for name, values in numbers.items():
        if any(np.isinf(float(values[i])) for i in rows):
            raise UsageError(f"{name} has infinite values.")
        keep([i for i in rows if not np.isnan(float(values[i]))], f"{name} missing")
    for name in groups:
        keep([i for i in rows if texts[name][i] is not None], f"{name} missing")
    for name in groups:
        keep([i for i in rows if texts[name][i] in orders[name]], f"{name} not compared")
    if not rows:
        raise NotEstimableError("No rows are left after dropping missing values.")
    for name, order in orders.items():
        empty = [label for label in order if label not in {texts[name][i] for i in rows}]
        if empty and name not in may_be_empty:
            raise NotEstimableError(f"No rows are left in {name} {', '.join(map(repr, empty))}.")
    coded = [
        [float(values[i]) for values in numbers.values()]
        + [1.0 + orders[name].index(str(texts[name][i])) for name in groups]
        for i in rows
    ]
    return coded, orders, left_out


def outcome(function: Any, *given: Any) -> Any:
    try:
        rows, orders, left_out = function(*given)
    except LesionhetError as error:
        return type(error), str(error)
    if isinstance(rows, pd.DataFrame):
        assert [dtype.kind for dtype in rows.dtypes] == ["f"] * len(given[0]) + ["i"] * len(
            given[1]
        )
        rows = rows.to_numpy(dtype=float).tolist()
    return rows, orders, left_out, list(left_out)


@pytest.mark.parametrize("seed", range(150))
def test_complete_rows_are_those_of_a_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    numbers = {
        name: rng.choice([1.0, 2.0, 3.0, np.nan, np.inf if seed % 7 == 0 else 5.0], n)
        for name in ("values", "time")[: rng.integers(0, 3)]
    }
    groups: dict[str, Any] = {}
    for name in ("group", "cluster")[: rng.integers(0 if numbers else 1, 3)]:
        pool = LABELS[rng.integers(len(LABELS))]
        labels = pd.Series([pool[i] for i in rng.integers(0, len(pool), n)], dtype=object)
        groups[name] = (
            list(labels) if rng.random() < 0.8 or not numbers else None,
            ORDERS[rng.integers(len(ORDERS))],
        )
    may_be_empty = ("cluster",) if seed % 2 else ()
    found = outcome(
        lambda *given: complete_rows(*given, may_be_empty=may_be_empty), numbers, groups
    )
    slow = outcome(lambda columns, labels: by_loop(columns, labels, may_be_empty), numbers, groups)
    assert found == slow


def test_every_kind_of_column_is_read_alike() -> None:
    kinds = [
        [1, 0, None],
        np.array([1.0, 0.0, np.nan]),
        pd.Series([1, 0, None], dtype="Float64"),
        ["1", "0", None],
        pd.Series([True, False, None], dtype=object),
    ]
    for values in kinds:
        rows, _, left_out = complete_rows({"x": values}, {})
        assert rows["x"].tolist() == [1.0, 0.0]
        assert left_out == {"x missing": 1}
    labels = [list("bab"), pd.Series(list("bab")), pd.Categorical(list("bab"), ["b", "a", "c"])]
    for given in labels:
        assert complete_rows({}, {"group": (given, None)})[0]["group"].tolist() == [2, 1, 2]


def test_what_cannot_be_rows_is_refused() -> None:
    for numbers, groups, message in (
        ({"x": ["one"]}, {}, "x has values that are no numbers"),
        ({"x": [1.0, 2.0]}, {"group": (["a"], None)}, r"same length, found \[1, 2\]"),
        ({"x": [1.0]}, {"group": (["a"], ["a", "a"])}, "order names a label twice"),
    ):
        with pytest.raises(UsageError, match=message):
            complete_rows(numbers, groups)
    for values in ([], [np.nan]):
        with pytest.raises(NotEstimableError, match="No rows are left"):
            complete_rows({"x": values}, {"group": (None, None)})


def test_values_all_alike_have_no_spread() -> None:
    need_spread(pd.Series([1.0, 1.0, 2.0]), "test")
    with pytest.raises(NotEstimableError, match="all 2 values are equal"):
        need_spread(pd.Series([1.0, 1.0]), "test")
