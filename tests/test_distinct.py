"""What is found once for each text of a column is what looking at each cell finds."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lesionhet.checks import cells
from lesionhet.checks.keys import lesion_codes, same_as_before, sorted_places
from lesionhet.checks.labels import tidy_labels
from lesionhet.checks.lesions import measured_rows
from lesionhet.readers import ReadOptions
from lesionhet.readers.distinct import distinct_texts

ODD = [
    *("12", " 12 ", "1,5", "1.5", "-3", "+.5", "7.", "1e3", "1e999", "0x10", "", " ", "NA", "-9"),
    *("12 mm", "Liver", "LIVER", "liver ", "a  b", "A b", "é", "Infinity", "١٢", "12", None, None),
]
NO_TEXT = datetime.date(2021, 3, 4)
"""A cell that is no text: with it in the column every cell is looked at by itself."""


def column(seed: int) -> pd.Series:
    rng = np.random.default_rng(seed)
    picked = [ODD[i] for i in rng.integers(0, len(ODD), rng.integers(0, 40))]
    return pd.Series(picked, index=np.arange(len(picked)) * 2 + 5, dtype=object, name="size")


@pytest.mark.parametrize(
    "function",
    [
        cells.texts,
        lambda c: cells.blank(c, ("NA", "-9")),
        lambda c: cells.as_numbers(c, ReadOptions()),
        lambda c: cells.as_numbers(c, ReadOptions(decimal=",")),
        lambda c: cells.as_numbers(c, ReadOptions(), flags=True),
    ],
)
@pytest.mark.parametrize("seed", range(12))
def test_a_column_of_texts_is_read_as_its_cells_are(
    function: Callable[[pd.Series], pd.Series], seed: int
) -> None:
    texts = column(seed)
    with_another = pd.concat([texts, pd.Series([NO_TEXT], index=[9999], dtype=object)])
    assert distinct_texts(with_another) is None

    found, expected = function(texts), function(with_another).iloc[:-1]

    assert found.dtype == expected.dtype
    assert found.index.equals(texts.index)
    assert [None if pd.isna(x) else x for x in found] == [
        None if pd.isna(x) else x for x in expected
    ]


def test_equal_cells_that_are_not_the_same_are_not_taken_for_texts() -> None:
    assert distinct_texts(pd.Series([1, 1.0, True], dtype=object)) is None
    assert distinct_texts(pd.Series([["a"], ["a"]], dtype=object)) is None
    assert cells.texts(pd.Series(["1", True, 1.0], dtype=object)).tolist() == ["1", "True", "1"]


def test_texts_are_compared_to_their_last_character() -> None:
    texts = ["a", "a\0b", "a\0c", "a", "\ud800", "\ud801", ""]
    found = distinct_texts(pd.Series(texts, dtype=object))
    assert found is not None
    assert [found.texts[code] for code in found.codes] == texts
    assert found.texts == ["a", "a\0b", "a\0c", "\ud800", "\ud801", ""]


@pytest.mark.parametrize("seed", range(8))
def test_labels_take_the_most_frequent_spelling(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["Liver", "LIVER", "liver", " lung", "Lung", "lymph  node", "Lymph node", None]
    labels = pd.Series([names[i] for i in rng.integers(0, len(names), 30)], dtype=object)
    trimmed = [None if text is None else " ".join(text.split()) for text in labels]

    def chosen(label: str | None) -> str | None:
        if label is None:
            return None
        alike = {t for t in trimmed if t is not None and t.casefold() == label.casefold()}
        return min(alike, key=lambda t: (-trimmed.count(t), t.isupper(), t))

    assert tidy_labels(labels, "site")[0].tolist() == [chosen(label) for label in trimmed]


def lesion_rows(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 60))

    def pick(values: list[object]) -> list[object]:
        return [values[i] for i in rng.integers(0, len(values), n)]

    columns = {
        "patient_id": pd.Series(pick(["P2", "P10", "P1", None]), dtype=object),
        "lesion_id": pd.Series(pick(["L1", "L2", None]), dtype=object),
        "day": np.array(pick([-7.0, 0.0, -0.0, 50.0, np.nan]), dtype=float),
        "diameter_mm": np.array(pick([0.0, 12.5, 30.0, np.nan]), dtype=float),
        "lesion_type": pd.Series(pick(["target", "target", "new"]), dtype=object),
        "visit": pd.Series(pick(["week 8", "baseline", None]), dtype=object),
    }
    rows = pd.DataFrame(columns)
    rows["row"] = np.arange(n)
    return rows if seed % 3 else rows.drop(columns="visit")


@pytest.mark.parametrize("seed", range(20))
def test_measured_rows_are_sorted_and_stand_once(seed: int) -> None:
    rows = lesion_rows(seed)
    kept = rows[rows["lesion_type"].eq("target") & rows["diameter_mm"].notna()]
    kept = kept.dropna(subset=["patient_id", "lesion_id", "day"])
    order = [c for c in ("patient_id", "lesion_id", "day", "diameter_mm", "visit") if c in kept]

    expected = kept.sort_values(order, kind="stable").drop_duplicates(order[:4])

    pd.testing.assert_frame_equal(measured_rows(rows), expected)


@pytest.mark.parametrize("seed", range(10))
def test_codes_and_places_are_those_of_a_loop(seed: int) -> None:
    rows = lesion_rows(seed)
    names = list(zip(rows["patient_id"], rows["lesion_id"], strict=True))
    known = sorted({name for name in names if None not in name})
    codes = lesion_codes(rows)

    assert [known.index(n) if None not in n else -1 for n in names] == [
        -1 if c < 0 else sorted(set(codes[codes >= 0])).index(c) for c in codes
    ]
    keys = [codes, rows["row"].to_numpy() % 3]
    assert sorted_places(keys).tolist() == sorted(
        range(len(rows)), key=lambda i: tuple(key[i] for key in keys)
    )
    assert same_as_before(codes).tolist() == [
        i > 0 and codes[i] == codes[i - 1] for i in range(len(codes))
    ]
