"""CSV, TSV, XLSX, Parquet and data frames give the same raw tables, and nothing is coerced."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from input_helpers import GOOD, HEADING, workbook

from lesionhet.errors import InputError
from lesionhet.readers import (
    RawTable,
    ReadOptions,
    from_frame,
    from_frames,
    parse_mapping,
    read_bytes,
    read_table,
)

CELLS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), min_size=1
)


def csv_table(data: str | bytes, file: str = "t.csv", **options: object) -> RawTable:
    content = data.encode() if isinstance(data, str) else data
    return read_bytes(file, content, ReadOptions(**options))  # type: ignore[arg-type]


def notes(table: RawTable) -> list[str]:
    return [notice.text for notice in table.notices]


def test_csv_cells_stay_text() -> None:
    table = csv_table("id,code,n,date\n000004,NA,1e3,2014-01-02\nTrue,nan,-inf,\n")
    assert table.frame.values.tolist() == [
        ["000004", "NA", "1e3", "2014-01-02"],
        ["True", "nan", "-inf", None],
    ]
    assert all(pd.api.types.is_object_dtype(kind) for kind in table.frame.dtypes)
    assert table.notices == ()


def test_source_facts(tmp_path: Path) -> None:
    path = tmp_path / "lesions.csv"
    path.write_text(GOOD)
    table = read_table(path)
    assert table.file == str(path)
    assert table.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert table.rows.tolist() == [2, 3, 4, 5]


def test_rows_count_as_in_a_spreadsheet() -> None:
    table = csv_table('a,b\n1,"two\nlines"\n\n3,x\n,\n5,y\n,\n\n')
    assert table.rows.tolist() == [2, 4, 6]
    assert table.frame["b"].tolist() == ["two\nlines", "x", "y"]
    assert notes(table) == ["t.csv: 2 empty rows passed over."]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark(end: str, mark: str) -> None:
    table = csv_table(mark + "a,b" + end + "1,2" + end)
    assert table.frame.to_dict("list") == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8"])
def test_declared_encoding(encoding: str) -> None:
    table = csv_table("a\nLäsion\n".encode(encoding), encoding=encoding)
    assert table.frame["a"].tolist() == ["Läsion"]


@pytest.mark.parametrize(
    ("file", "sign", "options", "note"),
    [
        ("t.tsv", "\t", {}, []),
        ("t.csv", ",", {}, []),
        (
            "t.csv",
            ";",
            {},
            ["t.csv: the heading has no commas; cells are taken as parted by semicolons."],
        ),
        (
            "t.csv",
            "\t",
            {},
            ["t.csv: the heading has no commas; cells are taken as parted by tabs."],
        ),
        ("t.csv", "|", {"separator": "|"}, []),
        ("t.csv", "\t", {"separator": "tab"}, []),
        (
            "t.txt",
            ",",
            {},
            ["t.txt: the heading has no tabs; cells are taken as parted by commas."],
        ),
    ],
)
def test_separators(file: str, sign: str, options: dict[str, str], note: list[str]) -> None:
    table = csv_table(f"a{sign}b\n1{sign}2\n", file, **options)
    assert table.frame.to_dict("list") == {"a": ["1"], "b": ["2"]}
    assert notes(table) == note


def test_short_rows_and_nameless_columns_are_said() -> None:
    table = csv_table(",a,b\n1,x\n2,y,z\n")
    assert table.frame.to_dict("list") == {"a": ["x", "y"], "b": [None, "z"]}
    assert notes(table) == [
        "t.csv: 1 row with fewer cells than the heading; the cells not there count as empty.",
        "t.csv: 1 column without a heading ignored.",
    ]


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_any_text_comes_through_csv_unchanged(cells: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(cells, columns=["a", "b"])
    table = csv_table(frame.to_csv(index=False))
    assert table.frame.values.tolist() == frame.values.tolist()


def test_xlsx_and_parquet_keep_types(tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx", [["id", "x", "f"], [508.0, 1.5, True], ["000004", None, False]])
    table = read_table(tmp_path / "t.xlsx")
    assert table.frame.values.tolist() == [[508, 1.5, True], ["000004", None, False]]
    frame = pd.DataFrame(
        {"id": pd.array([2**60 + 1, None], dtype="Int64"), "day": [1.0, None], "f": [True, False]}
    )
    frame.to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.frame.values.tolist() == [[2**60 + 1, 1.0, True], [None, None, False]]


def test_parquet_index_becomes_columns() -> None:
    frame = pd.DataFrame({"patient_id": ["P1", "P2"], "arm": ["A", "B"]})
    for indexed in (frame.set_index("patient_id"), frame.set_axis([7, 3])):
        buffer = io.BytesIO()
        indexed.to_parquet(buffer)
        table = read_bytes("t.parquet", buffer.getvalue())
        assert sorted(table.frame.columns) == ["arm", "patient_id"]


def test_xlsx_sheets(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"a": [1]}).to_excel(writer, sheet_name="first", index=False)
        pd.DataFrame({"a": [2]}).to_excel(writer, sheet_name="second", index=False)
    table = read_table(path)
    assert table.frame["a"].tolist() == [1]
    (note,) = notes(table)
    assert note.endswith(
        "t.xlsx: sheet 'first' is read; not read: 'second'. They have the same headings: --stack-sheets "
        "patient_id (or visit) reads them all. --sheet chooses another."
    )
    assert read_table(path, ReadOptions(sheet="second")).frame["a"].tolist() == [2]


def test_xlsx_empty_rows_keep_their_numbers(tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx", [["a", "b"], [1, 2], [None, None], [3, None], [None, None]])
    assert read_table(tmp_path / "t.xlsx").rows.tolist() == [2, 4]


def test_the_same_table_from_every_format(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(GOOD))
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    tables = [read_table(tmp_path / f"t.{end}") for end in ("csv", "tsv", "xlsx", "parquet")]
    for table in [*tables, from_frame(frame, "t")]:
        pd.testing.assert_frame_equal(
            table.frame.astype(frame.dtypes.to_dict()), frame, check_dtype=True
        )


def test_frames() -> None:
    frame = pd.DataFrame({"patient_id": ["P1", "P2"], "arm": ["A", None]})
    before = frame.copy()
    lesions, patients = from_frames(frame.set_index("patient_id"), frame)
    assert patients is not None
    assert lesions.frame.columns.tolist() == ["patient_id", "arm"]
    assert notes(lesions) == ["lesions: the index 'patient_id' is read as columns."]
    assert patients.frame["arm"].tolist() == ["A", None]
    assert lesions.sha256 == patients.sha256
    assert from_frames(frame)[1] is None
    pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(InputError, match="patients, column 'arm': the heading stands 2 times"):
        from_frame(frame[["arm", "arm"]], "patients")


def test_mapping_texts() -> None:
    assert parse_mapping(["day=a=b", " site = Organ "]) == {"day": "a=b", "site": "Organ"}
    assert parse_mapping(["day=a", "day=a"]) == {"day": "a"}
    assert HEADING.split(",") == csv_table(GOOD).frame.columns.tolist()
