"""Every fault of the input gives one message that names file, column, rows and how to mend it."""

from __future__ import annotations

import datetime
import gzip
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from input_helpers import GOOD, GOOD_PATIENTS, HEADING, compare_snapshot, lesions, workbook

from lesionhet.cohort import cohort_from_frames, read_cohort
from lesionhet.errors import InputError, UsageError
from lesionhet.readers import ReadOptions, parse_mapping

ROWS = [HEADING.split(","), ["P1", "L1", 0, 30.0], ["P1", "L1", 50, 20.0]]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, so that messages hold plain file names."""
    monkeypatch.chdir(tmp_path)


def message(
    lesions_data: str | bytes | None,
    patients_data: str | bytes | None = None,
    options: ReadOptions | None = None,
    file: str = "lesions.csv",
) -> str:
    for name, data in ((file, lesions_data), ("patients.csv", patients_data)):
        if data is not None:
            Path(name).write_bytes(data.encode() if isinstance(data, str) else data)
    with pytest.raises(InputError) as caught:
        read_cohort(file, "patients.csv" if patients_data is not None else None, options)
    return str(caught.value)


def _bytes_of(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "parquet":
        pd.DataFrame(ROWS[1:], columns=ROWS[0]).to_parquet(buffer)
    elif kind == "xlsx":
        pd.DataFrame(ROWS[1:], columns=ROWS[0]).to_excel(buffer, index=False)
    elif kind == "zip":
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("lesions.csv", GOOD)
    else:
        return {
            "gzip": gzip.compress(GOOD.encode()),
            "pdf": b"%PDF-1.7\n%more",
            "html": b"\n<!DOCTYPE html><html><body>Sign in</body></html>",
            "xls": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100),
            "xpt": b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!",
        }[kind]
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "zip", "gzip", "pdf", "html", "xls", "xpt"])
def test_file_is_not_what_its_name_says(kind: str) -> None:
    compare_snapshot(f"bad_input/csv_is_{kind}", message(_bytes_of(kind)))


@pytest.mark.parametrize("file", ["lesions.xlsx", "lesions.parquet"])
def test_text_behind_a_binary_name(file: str) -> None:
    compare_snapshot(f"bad_input/text_behind_{file[8:]}", message(GOOD, file=file))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty", b""),
        ("only_line_breaks", b"\n\r\n"),
        ("heading_only", HEADING),
        ("utf16", GOOD.encode("utf-16")),
        ("utf16_without_mark", GOOD.encode("utf-16-le")),
        ("latin1", lesions("P3,Läsion,0,10").encode("latin-1")),
        ("nul_byte", lesions("P3,L\0,0,10")),
        ("broken_quotes", lesions('P3,"L1,0,10')),
        ("ragged", lesions("P3,L1,0,12,5", "P3,L1,40,10", "P3,L2,0,12,5")),
        ("headings_twice", "patient_id,day,day,diameter_mm,lesion_id,lesion_id\nP1,1,2,3,4,5\n"),
    ],
)
def test_unreadable_text(name: str, data: str | bytes) -> None:
    compare_snapshot(f"bad_input/{name}", message(data))


def test_file_that_is_not_there_or_has_another_ending() -> None:
    compare_snapshot("bad_input/no_such_file", message(None, file="lesoins.csv"))
    compare_snapshot("bad_input/other_ending", message(GOOD, file="lesions.docx"))


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_damaged_file(kind: str) -> None:
    whole = _bytes_of(kind)
    text = message(whole[: len(whole) // 2], file=f"lesions.{kind}")
    # The reason in brackets is the library's and changes with its version.
    words = f"the {'Excel workbook' if kind == 'xlsx' else 'Parquet file'} cannot be read ("
    assert text.startswith(f"1 problem found:\n  - lesions.{kind}: {words}")


def test_workbook_sheets_and_formulas() -> None:
    workbook(Path("lesions.xlsx"), ROWS)
    text = message(None, file="lesions.xlsx", options=ReadOptions(sheet="Sheet9"))
    compare_snapshot("bad_input/unknown_sheet", text)
    workbook(Path("lesions.xlsx"), [*ROWS, ["P2", "L1", 0, "=D2*2"]])
    compare_snapshot("bad_input/formula_without_result", message(None, file="lesions.xlsx"))


@pytest.mark.parametrize(
    ("name", "data", "patients", "mapping"),
    [
        ("column_missing", GOOD.replace("diameter_mm", "Longest diameter"), None, {}),
        ("columns_missing_nothing_near", "x,y\n1,2\n", None, {}),
        ("headings_ambiguous", GOOD.replace("lesion_id,day", "Day,DAY"), None, {}),
        ("map_to_no_column", GOOD, GOOD_PATIENTS, {"day": "studyday", "arm": "ARMCD"}),
        ("map_without_patients", GOOD, None, {"arm": "TRT"}),
        ("map_patient_id_in_neither", GOOD, GOOD_PATIENTS, {"patient_id": "subject"}),
    ],
)
def test_columns(name: str, data: str, patients: str | None, mapping: dict[str, str]) -> None:
    text = message(data, patients, ReadOptions(mapping=mapping))
    compare_snapshot(f"bad_input/{name}", text)


@pytest.mark.parametrize(
    ("name", "rows", "options"),
    [
        ("diameter_text", ("P3,L1,0,big", "P3,L1,40,12 mm"), {}),
        ("diameter_negative", ("P3,L1,0,-3",), {}),
        ("diameter_infinite", ("P3,L1,0,inf", "P3,L1,40,1e999"), {}),
        ("diameter_decimal_comma", ('P3,L1,0,"12,5"',), {}),
        ("diameter_decimal_point", ("P3,L1,0,12.5",), {"decimal": ","}),
        ("diameter_missing_words", ("P3,L1,0,NA", "P3,L1,40,ND", "P3,L1,80,."), {}),
        ("diameter_date", ("P3,L1,0,12-May-14",), {}),
        ("day_iso_date", ("P3,L1,2014-01-02,10", "P3,L1,2014-03-02T10:00,10"), {}),
        ("day_slash_date", ("P3,L1,02/01/2014,10",), {}),
        ("day_partial_date", ("P3,L1,2014-01,10",), {}),
        ("day_infinite", ("P3,L1,-Infinity,10",), {}),
        ("day_missing_word", ("P3,L1,NA,10",), {}),
        ("day_declared_missing", ("P3,L1,NA,10",), {"missing": ("NA",)}),
        ("day_text", ("P3,L1,week 6,10",), {}),
        ("required_cells_empty", (",L1,0,10", "P3, ,0,10", "P3,L1,,10"), {}),
        ("same_day_two_sizes", ("P3,L1,0,10", "P3,L1,40,9", "P3,L1,40,8.5"), {}),
        ("slip_up", ("P3,L1,0,25", "P3,L1,40,250"), {}),
        ("slip_undone", ("P3,L1,0,25", "P3,L1,40,2.4", "P3,L1,80,22"), {}),
        ("slip_after_steady", ("P3,L1,0,25", "P3,L1,40,24", "P3,L1,80,2.2"), {}),
        ("many_rows", tuple(f"P3,L{i},0,x" for i in range(8)), {}),
    ],
)
def test_lesion_cells_and_rules(name: str, rows: tuple[str, ...], options: dict[str, str]) -> None:
    compare_snapshot(f"bad_input/{name}", message(lesions(*rows), options=ReadOptions(**options)))


def test_dates_that_excel_stores_as_dates() -> None:
    date = datetime.datetime(2014, 1, 2)
    faulty = [["P1", "L2", date, 10], ["P1", date, 3, 10], ["P1", "L3", 3, date]]
    workbook(Path("lesions.xlsx"), [*ROWS, *faulty])
    compare_snapshot("bad_input/excel_dates", message(None, file="lesions.xlsx"))


@pytest.mark.parametrize(
    ("name", "column", "rows"),
    [
        ("lesion_type_unknown", "lesion_type", ("P3,L1,0,10,TARGT", "P3,L1,40,9,Non Target")),
        ("two_sites", "site", ("P3,L1,0,10,Liver", "P3,L1,40,9,LIVER", "P3,L1,80,8,Lung")),
    ],
)
def test_lesion_labels(name: str, column: str, rows: tuple[str, ...]) -> None:
    text = message(lesions(*rows, heading=f"{HEADING},{column}"))
    compare_snapshot(f"bad_input/{name}", text)


@pytest.mark.parametrize(
    ("name", "patients"),
    [
        ("patient_twice", "patient_id,arm\nP1,A\nP2,B\nP1,B\n"),
        ("patient_id_empty", "patient_id,arm\nP1,A\nP2,B\n,C\n"),
        ("patient_unknown", "patient_id,arm\nP1,A\nP7,B\n"),
        ("patient_unknown_case", "patient_id,arm\nP1,A\np2,B\n"),
        ("patient_unknown_zeros", "patient_id,arm\nP1,A\nP02,B\n"),
        ("patient_unknown_space", "patient_id,arm\nP1,A\nP2 ,B\n"),
        ("flag_text", "patient_id,os_days,os_event\nP1,400,yes\nP2,500,TRUE\n"),
        ("flag_number", "patient_id,os_days,os_event\nP1,400,2\nP2,500,1\n"),
        ("flag_missing_word", "patient_id,os_days,os_event\nP1,400,NA\nP2,500,1\n"),
        ("survival_before_day_0", "patient_id,os_days,os_event\nP1,-4,1\nP2,500,1\n"),
        ("survival_text", "patient_id,os_days,os_event\nP1,2014-05-06,1\nP2,13 months,1\n"),
        (
            "pfs_after_os",
            "patient_id,os_days,os_event,pfs_days,pfs_event\nP1,400,1,401,1\nP2,500,1,9,1\n",
        ),
        ("time_without_flag", "patient_id,os_days,os_event\nP1,400,\nP2,,1\n"),
        ("time_column_alone", "patient_id,os_days,pfs_event\nP1,400,1\nP2,3,1\n"),
        (
            "progressed_without_event",
            "patient_id,pfs_days,pfs_event,progressed\nP1,400,0,1\nP2,3,1,1\n",
        ),
    ],
)
def test_patients(name: str, patients: str) -> None:
    compare_snapshot(f"bad_input/{name}", message(GOOD, patients))


def test_nothing_to_follow() -> None:
    rows = "P1,L1,0,\nP1,L2,0,0\nP1,L2,40,3\nP2,L1,0,10\nP2,L2,0,10\n"
    compare_snapshot("bad_input/nothing_followed", message(f"{HEADING}\n{rows}"))


def test_all_faults_of_both_files_come_together() -> None:
    rows = ("P3,L1,0,NA", "P3,L1,x,9", "P1,L2,0,10", "P1,L2,0,11", "P2,L2,0,20", "P2,L2,9,200")
    patients = "patient_id,os_days,os_event\nP1,-1,1\nP2,500,maybe\nP2,500,1\np3,1,1\n"
    compare_snapshot("bad_input/both_files", message(lesions(*rows), patients))


def test_an_unreadable_file_does_not_hide_the_faults_of_the_other() -> None:
    text = message(lesions("P3,L1,0,NA"), b"%PDF-1.7")
    compare_snapshot("bad_input/one_unreadable", text)


def test_frames_are_named_lesions_and_patients() -> None:
    frame = pd.DataFrame(ROWS[1:], columns=ROWS[0])
    frame["diameter_mm"] = [30.0, -1.0]
    with pytest.raises(InputError) as caught:
        cohort_from_frames(frame, pd.DataFrame({"patient_id": ["P1", "P1"]}))
    compare_snapshot("bad_input/frames", str(caught.value))


def test_problems_carry_rows_and_counts_for_programs() -> None:
    Path("lesions.csv").write_text(lesions(*(f"P3,L{i},0,x" for i in range(8))))
    with pytest.raises(InputError) as caught:
        read_cohort("lesions.csv")
    (problem,) = caught.value.problems
    assert problem.column == "diameter_mm"
    assert problem.rows == tuple(range(6, 14))
    assert problem.count == 8


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"mapping": {"dya": "x"}},
            "--map names 'dya'; permitted: patient_id, lesion_id, day, diameter_mm, site, visit, "
            "lesion_type, arm, trial, os_days, os_event, pfs_days, pfs_event, progressed, kras.",
        ),
        ({"decimal": ";"}, "decimal is ';'; permitted: '.', ','."),
        (
            {"separator": ",", "decimal": ","},
            "separator is ','; permitted: one character that is neither a quote, a line break nor the "
            "decimal sign ','.",
        ),
        (
            {"encoding": "utf-9"},
            "encoding is 'utf-9'; permitted: an encoding that Python knows, such as 'utf-8', "
            "'latin-1', 'cp1252', 'utf-16'.",
        ),
        ({"missing": "NA"}, "missing is 'NA'; permitted: a tuple of texts."),
    ],
)
def test_options_that_are_not_permitted(values: dict[str, object], expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        ReadOptions(**values)  # type: ignore[arg-type]
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (["day"], "--map day: permitted is NAME=COLUMN, such as day=study_day."),
        (["day=a", "day=b"], "--map day is given twice: 'a' and 'b'."),
    ],
)
def test_map_texts_that_are_not_permitted(pairs: list[str], expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping(pairs)
    assert str(caught.value) == expected


def test_a_faulty_cell_is_reported_once() -> None:
    text = message(lesions("P3,L1,0,-3", "P3,L1,0,4", "P3,L1,40,x"))
    assert text.splitlines()[0] == "2 problems found:"
    assert "one size a day" not in text


def test_a_frame_without_columns() -> None:
    with pytest.raises(InputError) as caught:
        cohort_from_frames(pd.DataFrame())
    assert str(caught.value) == (
        "1 problem found:\n  - lesions: there is a heading but no row below it. Give a file with at "
        "least one row."
    )
