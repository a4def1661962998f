"""Parquet, text, what a file is by its first bytes, and data sets of others."""

from __future__ import annotations

import datetime
import decimal
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzz_seed_helpers import (
    json_object,
    sas7bdat,
    xport,
)
from reader_helpers import refused

from lesionhet.readers import ReadOptions, read_bytes

SHARED = Path(__file__).parents[2] / "shared" / "data"


# Parquet.


def parquet(**columns: Any) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def test_parquet_keeps_its_types() -> None:
    moment = datetime.datetime(9999, 12, 31)
    data = parquet(
        text=["a", "", None],
        category=pa.array(["x", None, "x"]).dictionary_encode(),
        whole=pa.array([2**60, None, 1]),
        exact=pa.array([decimal.Decimal("1.50"), None, None]),
        when=pa.array([moment, None, None], pa.timestamp("us")),
        day=pa.array([datetime.date(2021, 3, 4), None, None]),
        number=[1.5, None, float("nan")],
        known=[True, None, False],
        empty=pa.nulls(3),
    )
    read = read_bytes("x.parquet", data)
    assert read.frame.iloc[0].tolist() == [
        *("a", "x", 2**60, decimal.Decimal("1.50"), moment, datetime.date(2021, 3, 4)),
        *(1.5, True, None),
    ]
    assert read.frame.iloc[1].tolist() == [None, "x", 1, None, None, None, None, False, None]
    assert read.rows.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ([[1], [2]], "lists or records (list<element: int64>)"),
        ([{"a": 1}], "lists or records (struct<a: int64>)"),
        ([b"P1"], "bytes"),
        (pa.array([b"0" * 16], pa.uuid()), "values of a type of its own (arrow.uuid)"),
    ],
)
def test_columns_of_parquet_that_are_no_cells(cells: Any, what: str) -> None:
    said = refused("x.parquet", parquet(day=[1] * len(cells), odd=cells))
    assert said == (
        f"x.parquet, column 'odd': the column holds {what}. Write it as a column of text, numbers or "
        "dates, or leave it out."
    )


def test_parquet_with_text_that_is_not_utf8() -> None:
    data = parquet(a=["abcdefgh"] * 3).replace(b"abcdefgh", b"abc\xff\xfegh!")
    assert "the Parquet file cannot be read (" in refused("x.parquet", data)


# Text.


def test_a_byte_that_is_no_text_is_named_by_its_line_wherever_it_stands() -> None:
    lines = ["a,b"] + [f"{at},é" for at in range(300_000)]
    good = "\n".join(lines).encode()
    at = good.index(b"\n250000,")
    said = refused("t.csv", good[:at] + b"\xe9" + good[at:])
    assert said.startswith("t.csv: line 250001 holds a byte that is not utf-8 text.")


@pytest.mark.parametrize("encoding", ["hex", "rot13", "zlib"])
def test_an_encoding_that_is_no_encoding_of_text(encoding: str) -> None:
    said = refused("t.csv", b"a,b\n1,2\n", ReadOptions(encoding=encoding))
    assert said.startswith(f"t.csv: {encoding} is not an encoding of text.")


# What a file is.


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (xport(5), "a SAS transport file. Rename it to end in .xpt."),
        (xport(8), "a SAS transport file. Rename it to end in .xpt."),
        (sas7bdat(), "a SAS data set. Rename it to end in .sas7bdat."),
        (
            json.dumps(json_object()).encode(),
            "a Dataset-JSON file. Rename it to end in .json, or in .ndjson where ",
        ),
        (
            b"**COMPRESSED** **COMPRESSED**",
            "a SAS CPORT file, which only SAS can read. Export it from ",
        ),
        (b"$FL2@(#) SPSS DATA FILE", "an SPSS file. Export the table itself as CSV or XLSX."),
        (b"<stata_dta><header>", "a Stata file. Export the table itself as CSV or XLSX."),
    ],
)
def test_a_format_behind_the_name_of_another(data: bytes, what: str) -> None:
    said = refused("lesions.csv", data)
    assert said.startswith(f"lesions.csv: the name ends in .csv, but the file is {what}")


@pytest.mark.parametrize("file", ["a.xpt", "a.sas7bdat", "a.parquet", "a.xlsx"])
def test_text_behind_the_name_of_a_binary_format(file: str) -> None:
    said = refused(file, b"patient_id,day\nP1,1\n")
    assert f"the name ends in {Path(file).suffix}, but the file is a text file." in said


def test_a_spreadsheet_of_opendocument() -> None:
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    said = refused("t.xlsx", content.getvalue())
    assert "the file is an OpenDocument spreadsheet. Save it as .xlsx or CSV." in said


# Data of others, where they stand beside the project.


@pytest.mark.skipif(not SHARED.exists(), reason="the third-party data are not beside the project")
@pytest.mark.parametrize(
    ("path", "rows"),
    [
        *(("sdtm_recist/dm.xpt", 306), ("sdtm_recist/tu.xpt", 75), ("sdtm_recist/tr.xpt", 546)),
        *(("sdtm_recist/rs.xpt", 66), ("adam/adsl.xpt", 306), ("adam/adtte.xpt", 512)),
        *(("sdtm_three_readers/tr.csv", 55_995), ("sdtm_three_readers/dm.csv", None)),
    ],
)
def test_third_party_data_sets_are_read_whole(path: str, rows: int | None) -> None:
    read = read_bytes(path, (SHARED / path).read_bytes())
    assert len(read.frame) == (rows or len(read.frame)) > 0
    assert "USUBJID" in read.frame.columns
