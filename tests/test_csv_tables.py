"""Tables as CSV, beside a writer that goes cell by cell."""

from __future__ import annotations

import datetime
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.report.tables import FORMULA_STARTS, write_csv

TABLES: dict[str, pd.DataFrame] = {
    "texts again and again": pd.DataFrame({"organ": ["liver", "=1", None, "liver", "a,b", '"']}),
    "what is missing": pd.DataFrame({"x": [None, np.nan, pd.NA, "", "nan", "None"], "y": 1}),
    "one column": pd.DataFrame({"x": [None, "", "a"]}),
    "nothing but missing": pd.DataFrame({"x": [None, None], "y": [np.nan, np.nan]}, dtype=object),
    "one key, many texts": pd.DataFrame({"x": pd.Series([1, 1.0, True, "1", None], dtype=object)}),
    "alike up to a NUL": pd.DataFrame({"x": ["a\0b", "a\0c", "a\0b", "a"]}),
    "a carriage return": pd.DataFrame({"x": ["a\rb", None, "c"], "n": [1.0, np.nan, 0.5]}),
    "a return among others": pd.DataFrame({"x": ["a\r", 2, None], "n": [1, 2, 3]}),
    "a return in a heading": pd.DataFrame({"x\r": ["a", "b"]}),
    "line feeds": pd.DataFrame({"x\n": ["a\nb", "\n", "c"]}),
    "numbers": pd.DataFrame(
        {"x": [-0.0, 0.1 + 0.2, np.inf, -np.inf, np.nan, 2.0**53, 2.0**53 - 1, -1e300, 5e-324]}
    ),
    "whole numbers": pd.DataFrame({"n": [3, -1, 0], "flag": [True, False, True]}),
    "missing flags": pd.DataFrame({"flag": pd.array([True, None], dtype="boolean")}),
    "missing counts": pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}),
    "categories": pd.DataFrame({"x": pd.Categorical(["b", None, "b", "-a"])}),
    "dates": pd.DataFrame({"x": [datetime.date(2021, 3, 1), None]}),
    "a heading twice": pd.DataFrame([["a", 1.5], ["b", 2.0]], columns=["x", "x"]),
    "headings that are no texts": pd.DataFrame({0: ["a"], 1.5: [2]}),
    "no rows": pd.DataFrame({"x": pd.Series([], dtype=object), "n": pd.Series([], dtype=float)}),
    "no columns": pd.DataFrame(index=range(2)),
    "another index": pd.DataFrame({"x": ["a", None], "n": [1.0, 2.5]}, index=[7, 7]),
}


def cell_of(value: Any, *, number: bool) -> str:
    if pd.isna(value):
        return ""
    if number:
        whole = float(value).is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else repr(float(value))
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def by_cell(table: pd.DataFrame) -> str:
    """Write each cell alone, and quote what needs it."""
    numbers = [pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]
    rows = [[cell_of(str(name), number=False) for name in table.columns]]
    for i in range(len(table)):
        row = [table.iloc[i, j] for j in range(table.shape[1])]
        rows.append([cell_of(value, number=kind) for value, kind in zip(row, numbers, strict=True)])
    everywhere = any("\r" in cell for row in rows for cell in row)
    lines = []
    for row in rows:
        alone = len(row) == 1 and not row[0]
        quoted = [
            '"' + cell.replace('"', '""') + '"'
            if everywhere or alone or any(sign in cell for sign in ',"\n')
            else cell
            for cell in row
        ]
        lines.append(",".join(quoted) + "\n")
    return "".join(lines)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_written_as_cell_by_cell(name: str) -> None:
    text = io.StringIO()
    write_csv(TABLES[name], text)
    assert text.getvalue() == by_cell(TABLES[name])


def test_days_of_a_column_of_dates_have_no_time() -> None:
    text = io.StringIO()
    write_csv(pd.DataFrame({"day": pd.to_datetime(["2021-03-01", None, "2021-03-02"])}), text)
    assert text.getvalue() == 'day\n2021-03-01\n""\n2021-03-02\n'
