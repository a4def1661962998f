"""CDISC Dataset-JSON in its four forms, and what contradicts itself."""

from __future__ import annotations

import datetime
import decimal
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from fuzz_seed_helpers import (
    HEADINGS,
    LABELS,
    frame,
    json_object,
    ndjson,
    old_json_object,
)
from reader_helpers import refused, texts

from lesionhet.cohort import build_cohort
from lesionhet.readers import read_bytes

Change = Callable[[dict[str, Any]], Any]


def packed(found: Any) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode()


def changed(change: Change, found: dict[str, Any] | None = None) -> bytes:
    found = json_object() if found is None else found
    change(found)
    return packed(found)


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("tr.json", packed(json_object())),
        ("tr.json", packed(old_json_object())),
        ("tr.ndjson", ndjson()),
        ("tr.ndjson", b"\xef\xbb\xbf" + ndjson().replace(b"\n", b"\r\n") + b"\n\n"),
        ("tr.dsjc", zlib.compress(ndjson())),
    ],
)
def test_the_forms_of_dataset_json_hold_the_same_table(file: str, data: bytes) -> None:
    read = read_bytes(file, data)
    expected = frame().astype(object).where(frame().notna(), None)
    expected["diameter_mm"] = [decimal.Decimal(str(size)) for size in expected["diameter_mm"]]
    assert read.frame.values.tolist() == expected.values.tolist()
    assert list(read.frame.columns) == list(HEADINGS)
    assert read.rows.tolist() == list(range(2, len(expected) + 2))
    assert read.labels == dict(zip(HEADINGS, LABELS, strict=True))
    assert repr(build_cohort(read)) == "Cohort(3 patients, 9 lesions, 27 measurements)"


def with_column(kind: str, cells: list[Any], **more: Any) -> bytes:
    column = {"itemOID": "IT.X", "name": "X", "label": "", "dataType": kind} | more
    found = {"datasetJSONVersion": "1.1.0", "records": len(cells), "columns": [column]}
    return packed(found | {"rows": [[cell] for cell in cells]})


@pytest.mark.parametrize(
    ("kind", "cells", "expected"),
    [
        ("string", ["a", "", None, "2021-03"], ["a", "2021-03"]),
        ("integer", [1, 2.0, None, -3], [1, 2.0, -3]),
        ("float", [1, 2.5], [1, 2.5]),
        ("double", [1e308], [1e308]),
        ("boolean", [True, False, None], [True, False]),
        (
            "decimal",
            ["1.50", 2, "1,234.5"],
            [decimal.Decimal("1.50"), 2, decimal.Decimal("1234.5")],
        ),
        ("date", ["2021-03-04", "2021-03"], ["2021-03-04", "2021-03"]),
        ("datetime", ["2021-03-04T10:00"], ["2021-03-04T10:00"]),
        ("time", ["10:00"], ["10:00"]),
        ("URI", ["https://example.org"], ["https://example.org"]),
    ],
)
def test_types_of_dataset_json(kind: str, cells: list[Any], expected: list[Any]) -> None:
    assert read_bytes("x.json", with_column(kind, cells)).frame["X"].tolist() == expected


def test_numbers_with_the_format_of_a_date_are_dates() -> None:
    data = with_column("integer", [0, 21915, None, 10**9], displayFormat="E8601DA.")
    read = read_bytes("adsl.json", data)
    assert read.frame["X"].tolist()[:2] == [datetime.date(1960, 1, 1), datetime.date(2020, 1, 1)]
    assert (
        texts(read)[0] == "adsl.json, column 'X': 1 value that no date can have, kept as numbers."
    )


@pytest.mark.parametrize(
    ("kind", "cell", "found", "wanted"),
    [
        ("string", 1, "'1'", "text"),
        ("string", ["a"], "a list", "text"),
        ("string", {"a": 1}, "an object", "text"),
        ("integer", 1.5, "'1.5'", "a whole number"),
        ("integer", True, "true", "a whole number"),
        ("integer", 10**400, "a number beyond what a computer can hold", "a whole number"),
        ("float", "1.5", "'1.5'", "a number"),
        ("decimal", "1,5", "'1,5'", "a number, which may be written as text"),
        ("decimal", "٣", "'٣'", "a number, which may be written as text"),
        ("boolean", "Y", "'Y'", "true or false"),
        ("date", 21915, "'21915'", "text"),
    ],
)
def test_cells_that_are_not_of_their_type(kind: str, cell: Any, found: str, wanted: str) -> None:
    said = refused("x.json", with_column(kind, [None, cell, cell]))
    assert said == (
        f"x.json, column 'X': found {found}; {wanted} is expected (dataType {kind}). 2 rows: 3, 4. "
        "Correct the type or the value."
    )


def _twice(found: dict[str, Any]) -> None:
    found["rows"].append(found["rows"][0])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_twice, "x.json: the file states 27 records and has 28. Copy or export it anew"),
        (
            lambda f: f["rows"][1].pop(),
            "x.json: rows with 4 cells; one cell for each of the 5 columns ",
        ),
        (
            lambda f: f["rows"].__setitem__(0, {"a": 1}),
            "x.json: rows with no list of cells; one cell ",
        ),
        (lambda f: f.update(rows={}), "x.json: 'rows' is no list of rows."),
        (
            lambda f: f.update(records="27"),
            "x.json: 'records' is '27'; a number of rows is expected.",
        ),
        (lambda f: f.update(columns=[]), "x.json: 'columns' is no list of columns."),
        (lambda f: f["columns"][0].pop("name"), "x.json: a column is described without its name."),
        (
            lambda f: f["columns"][0].update(dataType="text"),
            "x.json, column 'patient_id': 'dataType' is 'text'; permitted: string, integer, decimal, ",
        ),
        (
            lambda f: f["columns"][0].update(name="site"),
            "x.json, column 'site': the heading stands 2 times.",
        ),
        (lambda f: f.pop("datasetJSONVersion"), "x.json: the file is JSON, but not Dataset-JSON: "),
        (lambda f: f.pop("rows"), "x.json: the file states 27 records and has 0."),
    ],
)
def test_dataset_json_that_contradicts_itself(change: Change, expected: str) -> None:
    assert refused("x.json", changed(change)).startswith(expected)


def test_dataset_json_of_two_data_sets() -> None:
    def add(found: dict[str, Any]) -> None:
        groups = found["clinicalData"]["itemGroupData"]
        groups["IG.DM"] = groups["IG.TR"]

    said = refused("x.json", changed(add, old_json_object()))
    assert said.startswith("x.json: the file holds 2 data sets: 'IG.DM', 'IG.TR'; one is expected.")


@pytest.mark.parametrize(
    ("file", "data", "expected"),
    [
        (
            "x.json",
            b'{"a": 1',
            "x.json: the JSON is broken at line 1, character 8 (Expecting ',' del",
        ),
        (
            "x.json",
            b'{"a": NaN}',
            "x.json: the file holds NaN; a missing number is written null in JSON.",
        ),
        (
            "x.json",
            b'{"a": -Infinity}',
            "x.json: the file holds -Infinity; a missing number is written",
        ),
        ("x.json", b'{"a": 1, "a": 2}', "x.json: the file holds the key 'a' twice in one object."),
        (
            "x.json",
            b'{"a": %s}' % (b"1" * 5000),
            "x.json: the file holds a number of too many digits.",
        ),
        ("x.json", b'\n{"a": "\xff"}', "x.json: line 2 holds a byte that is not UTF-8 text."),
        (
            "x.json",
            b"[1]",
            "x.json: the file is JSON, but not Dataset-JSON: 'datasetJSONVersion' is not",
        ),
        (
            "x.json",
            b"patient_id,day\nP1,1\n",
            "x.json: the JSON is broken at line 1, character 1 (",
        ),
        ("x.ndjson", b"[1]\n[2]", "x.ndjson: the file is JSON, but not Dataset-JSON"),
        (
            "x.ndjson",
            ndjson() + b"\n[1",
            "x.ndjson: the JSON is broken at line 29, character 3 (Expect",
        ),
        (
            "x.ndjson",
            ndjson() + b"\n\xff",
            "x.ndjson: line 29 holds a byte that is not UTF-8 text.",
        ),
        ("x.ndjson", ndjson()[:-60], "x.ndjson: the JSON is broken at line 27"),
        (
            "x.ndjson",
            packed(json_object()),
            "x.ndjson: line 1 holds rows; each is expected in a line",
        ),
        ("x.dsjc", zlib.compress(ndjson())[:-9], "x.dsjc: the packed Dataset-JSON file was cut"),
        ("x.dsjc", ndjson(), "x.dsjc: the packed Dataset-JSON file is damaged ("),
    ],
)
def test_broken_json(file: str, data: bytes, expected: str) -> None:
    assert refused(file, data).startswith(expected)


def test_a_row_that_is_missing_from_ndjson_is_found() -> None:
    lines = ndjson().split(b"\n")
    said = refused("x.ndjson", b"\n".join(lines[:5] + lines[6:]))
    assert said.startswith("x.ndjson: the file states 27 records and has 26.")
