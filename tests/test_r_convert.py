"""Tables to R and back: every type, every kind of missing value, texts that look like code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lesionhet.errors import UsageError
from r_bridge.convert import to_frame, to_vector, to_vectors
from r_bridge.session import RSession
from r_bridge.wire import NA_INTEGER

ECHO = """
echo <- function(data) {
  seen <- data.frame(
    class = vapply(data, function(x) class(x)[1], ""),
    n_na = vapply(data, function(x) sum(is.na(x)), 1L),
    n_nan = vapply(data, function(x) if (is.double(x)) sum(is.nan(x)) else 0L, 1L))
  list(data = data, seen = seen)
}
"""
TEXTS = [
    'x\'); system("touch hacked"); #',
    "",
    "結腸癌",
    "NA",
    "a\\b\n\"c'",
    "\t=1+1",
    "é" * 10_000,
]


@pytest.fixture(scope="module")
def session():
    from r_bridge import sources

    found = RSession({"_call.R": sources()["_call.R"], "echo.R": ECHO})
    yield found
    found.close()


@pytest.mark.r
def test_every_type_and_its_na_survive_both_ways(session):
    table = pd.DataFrame(
        {
            "size": [1.5, np.nan, -0.0, 1e-300],
            "n": pd.array([3, None, -7, 2**31 - 1], dtype="Int64"),
            "flag": pd.array([True, None, False, True], dtype="boolean"),
            "text": ["a", None, "", "NA"],
        }
    )
    reply = session.call("echo", table)
    assert reply.tables["seen"]["class"].tolist() == ["numeric", "integer", "logical", "character"]
    assert reply.tables["seen"]["n_na"].tolist() == [1, 1, 1, 1]
    pd.testing.assert_frame_equal(reply.tables["data"], table)


@pytest.mark.r
def test_columns_of_missing_values_only_and_of_no_rows(session):
    table = pd.DataFrame({"size": [np.nan, np.nan], "text": pd.Series([None, None], dtype=object)})
    reply = session.call("echo", table)
    assert reply.tables["seen"]["n_na"].tolist() == [2, 2]
    pd.testing.assert_frame_equal(reply.tables["data"], table)
    empty = table.iloc[:0]
    pd.testing.assert_frame_equal(session.call("echo", empty).tables["data"], empty)


@pytest.mark.r
def test_nan_none_and_pandas_na_all_become_na_not_nan(session):
    table = pd.DataFrame(
        {
            "nan": [1.0, np.nan],
            "none": pd.Series([1.0, None], dtype=object),
            "na": pd.array([1.0, None], dtype="Float64"),
        }
    )
    seen = session.call("echo", table).tables["seen"]
    assert seen["n_na"].tolist() == [1, 1, 1]
    assert seen["n_nan"].tolist() == [0, 0, 0]


@pytest.mark.r
def test_texts_arrive_as_they_are_and_nothing_is_evaluated(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"text": TEXTS, TEXTS[0]: range(len(TEXTS))})
    pd.testing.assert_frame_equal(session.call("echo", table).tables["data"], table)
    assert list(Path(tmp_path).iterdir()) == []


@pytest.mark.r
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(allow_nan=False),
            st.none() | st.integers(NA_INTEGER + 1, 2**31 - 1),
            st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        ),
        min_size=1,
    )
)
def test_any_values_survive_both_ways(session, rows):
    sizes, counts, texts = (list(values) for values in zip(*rows, strict=True))
    table = pd.DataFrame(
        {
            "size": pd.Series(sizes, dtype="float64"),
            "n": pd.array(counts, dtype="Int64"),
            "text": pd.Series(texts, dtype=object),
        }
    )
    back = session.call("echo", table).tables["data"]
    assert back["size"].to_numpy().tobytes() == table["size"].to_numpy().tobytes() or (
        back["size"].equals(table["size"])
    )
    assert back["n"].astype("Int64").equals(table["n"])
    assert back["text"].tolist() == texts


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.0, None], "double"),
        ([1, 2], "integer"),
        ([True, False], "logical"),
        (["a", None], "character"),
        (pd.Series(["low", "high", None], dtype="category"), "character"),
        (pd.Series([True, None], dtype=object), "logical"),
        ([], "double"),
        ("log", "character"),
        (0.95, "double"),
        (True, "logical"),
        (3, "integer"),
    ],
)
def test_each_type_has_one_r_type(values, kind):
    vector = to_vector(values, "x")
    assert vector.kind == kind


def test_the_way_back_without_r_gives_the_same_table():
    table = pd.DataFrame(
        {"n": [1, 2], "size": [0.5, np.nan], "flag": [True, False], "t": ["a", None]}
    )
    pd.testing.assert_frame_equal(to_frame(to_vectors(table)), table)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [1, 2**31],
            r"Column 'x' has 1 whole number\(s\) beyond R's 32 bits \(first in data row 2\)",
        ),
        ([-(2**31)], "beyond R's 32 bits"),
        (["a", "b\0"], r"NUL character \(first in data row 2\)"),
        ([1, "a"], "Column 'x' holds mixed"),
        (pd.to_datetime(["2020-01-01"]), "Column 'x' holds datetime"),
    ],
)
def test_what_r_cannot_hold_is_refused_with_its_column(values, message):
    with pytest.raises(UsageError, match=message):
        to_vector(values, "x")
