"""Spreadsheets that a person typed: where the table stands, which sheets, what is merged or hidden."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from spreadsheet_helpers import (
    HEADING,
    LONG,
    Rows,
    both,
    read,
    said,
    told,
    workbook,
)

from lesionhet.errors import InputError, LesionhetError, UsageError
from lesionhet.readers import ReadOptions
from lesionhet.readers.choosing.survey import DateChoice, can_stack, survey
from lesionhet.readers.options import parse_days, parse_units
from lesionhet.readers.shape.arrange import arrange
from lesionhet.readers.shape.layout import table_of
from lesionhet.readers.shape.pair import read_pair
from lesionhet.readers.shape.spans import Merged

BODY = [list(row) for row in LONG[1:]]
ABOVE: Rows = [["Study ABC-1"], [], ["Site 4", "printed today"], *LONG]


@pytest.mark.parametrize("file", ["t.xlsx", "t.csv"])
def test_the_heading_below_titles_is_found_and_said(file: str) -> None:
    table = read(ABOVE, file)
    assert table.frame.columns.tolist() == HEADING
    assert table.rows.tolist() == [5, 6, 7]
    assert said(table) == [
        f"{file}: the heading is row 4; not read above it: 'Study ABC-1', 'Site 4', 'printed today'. "
        "--heading-row chooses another row."
    ]


@pytest.mark.parametrize("file", ["t.xlsx", "t.csv"])
def test_empty_rows_above_the_heading(file: str) -> None:
    table = read([[], [], *LONG], file)
    assert table.rows.tolist() == [4, 5, 6]
    assert said(table) == [
        f"{file}: the heading is row 3; the rows above are empty. --heading-row chooses another row."
    ]


def test_a_block_of_pairs_above_is_not_the_heading() -> None:
    block = [["Site:", "four"], ["Investigator:", "somebody"], ["Arm", "A"]]
    table = read([*block, *LONG])
    assert table.frame.columns.tolist() == HEADING
    assert table.rows.tolist() == [5, 6, 7]


def test_a_heading_that_nobody_knows_is_the_first_full_row() -> None:
    table = read([["Studie"], ["Patientin", "Herd", "Tag", "Wert"], ["P1", "target", "scan", "x"]])
    assert table.frame.columns.tolist() == ["Patientin", "Herd", "Tag", "Wert"]
    assert table.rows.tolist() == [3]


def test_the_heading_can_be_chosen() -> None:
    rows = [["a", "b", "c", "d"], *LONG]
    assert read(rows, heading_row=1).frame.columns.tolist() == ["a", "b", "c", "d"]
    table = read(rows, heading_row=2)
    assert table.frame.columns.tolist() == HEADING
    assert said(table) == ["t.xlsx: the heading is row 2; not read above it: 'a', 'b', 'c', 'd'."]
    with pytest.raises(InputError) as caught:
        read(rows, heading_row=9)
    assert told(caught.value) == [
        "t.xlsx: row 9 is empty; the column names are expected there, as chosen. Give the number of the "
        "row of the column names with --heading-row."
    ]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["", "Study 7", "printed 3 May"]), max_size=6), st.booleans())
def test_whatever_stands_above_the_table_is_the_same(titles: list[str], as_csv: bool) -> None:
    table = read([*[[title] for title in titles], *LONG], "t.csv" if as_csv else "t.xlsx")
    start = len(titles) + 2
    assert table.rows.tolist() == [start, start + 1, start + 2]
    plain = read(LONG, table.file)
    assert table.frame.equals(plain.frame)


@pytest.mark.parametrize("file", ["t.xlsx", "t.csv"])
def test_footers_are_named_and_not_read(file: str) -> None:
    below = [[], ["Total", None, None, 60], ["Source: site 4"], ["* measured on another scanner"]]
    table = read([*LONG, *below], file)
    assert table.rows.tolist() == [2, 3, 4]
    assert said(table) == [
        f"{file}: 3 rows below the table are not read: row 6 'Total', row 7 'Source: site 4', row 8 "
        "'* measured on another scanner'."
    ]


def test_a_last_row_of_one_cell_that_may_be_a_patient_is_read() -> None:
    table = read([["patient_id", "arm", "kras"], ["P1", "A", "WT"], ["P2", None, None]])
    assert table.frame["patient_id"].tolist() == ["P1", "P2"]
    assert said(table) == []


def test_rows_of_sums_are_passed_over_wherever_they_stand() -> None:
    rows = [*LONG, ["P1", "Sum of diameters", 0, 30], ["P2", "L1", 0, 9], ["P2", " total ", 0, 9]]
    table, _ = both(rows)
    assert table.rows.tolist() == [2, 3, 4, 6]
    assert said(table) == [
        "lesions, column 'lesion_id': 2 rows of sums, not of lesions, passed over: 'Sum of diameters', "
        "'total' (rows 5, 7)."
    ]


def _merge(*areas: str) -> Any:
    def change(book: openpyxl.Workbook) -> None:
        for area in areas:
            book.active.merge_cells(area)

    return change


PAIRS: Rows = [
    ["Patient", "Lesion", "Baseline", None, "Week 8", None],
    [None, None, "Date", "Size", "Date", "Size"],
    ["P1", "L1", "2021-03-01", 30, "2021-05-01", 20],
]
PAIR_NAMES = ["Patient", "Lesion", "Baseline Date", "Baseline Size", "Week 8 Date", "Week 8 Size"]


def test_two_rows_of_heading() -> None:
    for content in (
        workbook(PAIRS, _merge("A1:A2", "B1:B2", "C1:D1", "E1:F1")),
        workbook(PAIRS, _merge("C1:D1", "E1:F1")),
        workbook(PAIRS),
    ):
        table = read(content)
        assert table.frame.columns.tolist() == PAIR_NAMES
        assert table.rows.tolist() == [3]
        assert said(table) == [
            "t.xlsx: rows 1 and 2 are read as one heading, such as 'Baseline Date', 'Baseline Size' and "
            "2 more."
        ]
    assert read(PAIRS, "t.csv").frame.columns.tolist() == PAIR_NAMES


def test_two_rows_of_heading_with_names_in_the_lower_one() -> None:
    rows = [
        ["Study 9"],
        [None, None, *PAIRS[0][2:]],
        ["Patient", "Lesion", *PAIRS[1][2:]],
        PAIRS[2],
    ]
    assert read(rows).frame.columns.tolist() == PAIR_NAMES
    assert read(rows).rows.tolist() == [4]


@pytest.mark.parametrize("file", ["t.xlsx", "t.csv"])
def test_weeks_over_their_numbers(file: str) -> None:
    rows = [
        ["patient_id", "lesion_id", "Week", None, None],
        [None, None, 0, 8, 16],
        ["P", "L", 3, 4, 5],
    ]
    assert read(rows, file).frame.columns.tolist()[2:] == ["Week 0", "Week 8", "Week 16"]


def test_a_first_row_of_data_is_no_second_heading() -> None:
    rows = [["patient_id", "Week", None], ["P1", "NE", "NE"], ["P2", 3, 4]]
    table = read([[*row, "x"] for row in rows])
    assert table.rows.tolist() == [2, 3]


def test_merged_cells_fill_their_own_rows_only() -> None:
    rows = [
        HEADING,
        ["P1", "L1", 0, 30],
        [None, "L1", 56, 20],
        [None, "L2", 0, 9],
        ["P2", "L1", 0, 8],
    ]
    table = read(workbook(rows, _merge("A2:A3")))
    assert table.frame["patient_id"].tolist() == ["P1", "P1", None, "P2"]
    assert said(table) == ["t.xlsx, column 'patient_id': 1 merged cell filled down into 1 row."]
    across = read(workbook([*rows, ["P3", "gone", None, None]], _merge("B6:D6", "A2:A4")))
    assert across.frame["patient_id"].tolist() == ["P1", "P1", "P1", "P2", "P3"]
    assert across.frame.iloc[-1].tolist() == ["P3", "gone", None, None]
    assert said(across)[-1] == (
        "t.xlsx: cells merged over several columns, whose value counts in the first cell only: 'B6:D6'."
    )


def test_fill_down_is_never_guessed_and_told_when_chosen() -> None:
    rows = [
        HEADING,
        ["P1", "L1", 0, 30],
        [None, "L1", 56, 20],
        [" ", "L2", 0, 9],
        ["P2", "L1", 0, 8],
    ]
    assert both(rows)[0].frame["patient_id"].tolist() == ["P1", None, " ", "P2"]
    table, _ = both(rows, fill_down=("Patient ID",))
    assert table.frame["patient_id"].tolist() == ["P1", "P1", "P1", "P2"]
    assert said(table) == [
        "lesions, column 'patient_id': 2 empty cells repeat the cell above, as chosen."
    ]
    with pytest.raises(InputError) as caught:
        both(rows, fill_down=("subject",))
    assert told(caught.value) == [
        "lesions: --fill-down subject: there is no such column; found: 'patient_id', 'lesion_id', 'day', "
        "'diameter_mm'. Give one of these with --fill-down."
    ]


def test_what_is_hidden_is_read_and_said() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["D"].hidden = True

    table = read(workbook(LONG, hide))
    assert len(table.frame) == 3
    assert said(table) == [
        "t.xlsx: 1 hidden row is read like the others.",
        "t.xlsx: 1 hidden column is read like the others.",
    ]

    def filtered(book: openpyxl.Workbook) -> None:
        book.active.auto_filter.ref = "A1:D4"
        for row in (2, 4):
            book.active.row_dimensions[row].hidden = True

    assert said(read(workbook(LONG, filtered))) == [
        "t.xlsx: 2 hidden rows (a filter is set on A1:D4) are read like the others."
    ]


def test_hidden_sheets_are_not_chosen_but_can_be() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["old"].sheet_state = "hidden"
        book.active = 1

    content = workbook({"old": [HEADING, ["P9", "L", 0, 1]], "new": LONG, "empty": []}, hide)
    table = read(content)
    assert table.frame["patient_id"].tolist() == ["P1"] * 3
    assert said(table) == [
        "t.xlsx: sheet 'new' is read; not read: 'old', 'empty'. --sheet chooses another."
    ]
    chosen = read(content, sheet="old")
    assert chosen.frame["patient_id"].tolist() == ["P9"]
    assert said(chosen) == ["t.xlsx: the sheet 'old' is hidden; it is read."]


def test_the_first_filled_sheet_is_read_and_the_one_called_lesions_before_it() -> None:
    cover: Rows = [["Cover"], ["by somebody"]]
    assert read({"a": [], "b": LONG}).frame.shape == (3, 4)
    assert read({"cover": cover, "Lesions": LONG}).frame.shape == (3, 4)


def test_both_tables_in_one_workbook(tmp_path: Path) -> None:
    patients: Rows = [["Patients of study 7"], ["patient_id", "arm"], ["P1", "A"]]
    path = tmp_path / "both.xlsx"
    path.write_bytes(workbook({"Lesions": LONG, "Patients": patients, "notes": [["x"]]}))
    for other in (None, path):
        pair = read_pair(path, other, ReadOptions())
        assert pair.lesions is not None and pair.patients is not None
        assert pair.problems == ()
        assert pair.patients.frame.values.tolist() == [["P1", "A"]]
        assert said(pair.lesions) == [
            f"{path}: sheet 'Lesions' is read as the lesions, sheet 'Patients' as the patients; not read: "
            "'notes'."
        ]
    path.write_bytes(workbook({"sizes": LONG, "people": patients}))
    pair = read_pair(path, None, ReadOptions(patients_sheet="people", patients_heading_row=2))
    assert pair.lesions is not None and pair.patients is not None
    assert len(pair.lesions.frame) == 3
    pair = read_pair(path, None, ReadOptions(patients_sheet="nobody"))
    assert [str(problem) for problem in pair.problems] == [
        f"{path}: there is no sheet 'nobody' of the patients; found: 'sizes', 'people'. Give one of these "
        "names with --patients-sheet."
    ]
    path.write_bytes(workbook({"a": LONG, "b": LONG, "people": patients}))
    pair = read_pair(path, None, ReadOptions(patients_sheet="people"))
    assert [str(problem) for problem in pair.problems] == [
        f"{path}: the sheet of the lesions is not clear; found: 'a', 'b'. Give one of these names with "
        "--sheet."
    ]


def test_two_files_keep_their_own_sheets_and_problems(tmp_path: Path) -> None:
    lesions, patients = tmp_path / "l.xlsx", tmp_path / "p.csv"
    lesions.write_bytes(workbook(LONG))
    patients.write_bytes(b"%PDF-1.7")
    pair = read_pair(lesions, patients, ReadOptions())
    assert pair.lesions is not None
    assert pair.patients is None
    assert [problem.file for problem in pair.problems] == [str(patients)]
    pair = read_pair(tmp_path / "none.xlsx", None, ReadOptions())
    assert [str(problem) for problem in pair.problems] == [
        f"{tmp_path / 'none.xlsx'}: there is no such file. Check the name and the folder."
    ]


SHEETS = {
    "P1": [["made by site 4"], HEADING[1:], ["L1", 0, 30], ["L1", 56, 20]],
    "P2": [["made by site 4"], ["Day", "lesion id", "diameter_mm"], [0, "L1", 9]],
    "empty": [],
}


def test_a_sheet_a_patient() -> None:
    table = read(SHEETS, stack_sheets="patient_id")
    assert table.frame.columns.tolist() == HEADING
    assert table.frame.values.tolist() == [
        ["P1", "L1", 0, 30],
        ["P1", "L1", 56, 20],
        ["P2", "L1", 0, 9],
    ]
    assert table.rows.tolist() == [3, 4, 3]
    assert said(table) == [
        "t.xlsx: 2 sheets read as one table: 'P1', 'P2'. The name of a sheet is its patient_id. Empty and "
        "left out: 'empty'. Row numbers in messages are those of each sheet.",
        "t.xlsx, sheets 'P1', 'P2': the heading is row 2; not read above it: 'made by site 4'. "
        "--heading-row chooses another row.",
    ]


def test_a_sheet_a_patient_beside_the_table_of_patients(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(
        workbook({**SHEETS, "Patients": [["patient_id", "arm"], ["P1", "A"], ["P2", "B"]]})
    )
    pair = read_pair(path, None, ReadOptions(stack_sheets="patient_id"))
    assert pair.problems == ()
    assert pair.lesions is not None and pair.patients is not None
    assert pair.lesions.frame["patient_id"].tolist() == ["P1", "P1", "P2"]
    assert pair.patients.frame["arm"].tolist() == ["A", "B"]


def test_a_sheet_a_visit_gives_the_days() -> None:
    heading = ["patient_id", "lesion_id", "diameter_mm"]
    sheets = {"Baseline": [heading, ["P1", "L1", 30]], "Week 8": [heading, ["P1", "L1", 20]]}
    table, _ = both(read(sheets, stack_sheets="visit"))
    assert table.frame[["visit", "day"]].values.tolist() == [["Baseline", 0.0], ["Week 8", 56.0]]
    assert said(table)[-1] == (
        "t.xlsx, column 'visit': the days are those that the visits name: 'Baseline' is day 0, 'Week 8' is "
        "day 56. --visit-day changes one."
    )
    sheets["Scan 3"] = [heading, ["P1", "L1", 10]]
    with pytest.raises(InputError) as caught:
        both(read(sheets, stack_sheets="visit"))
    assert told(caught.value) == [
        "t.xlsx, column 'visit': there are no days, and these visits do not name one: 'Scan 3'. Row 2. "
        'Give the day of each, such as --visit-day "Scan 3=42".'
    ]
    table, _ = both(read(sheets, stack_sheets="visit"), visit_days={"scan 3": 100})
    assert table.frame["day"].tolist() == [0.0, 56.0, 100.0]


def test_sheets_that_cannot_be_stacked() -> None:
    other = {**SHEETS, "P3": [["lesion_id", "day", "size"], ["L1", 0, 4]]}
    with pytest.raises(InputError) as caught:
        read(other, stack_sheets="patient_id")
    assert told(caught.value) == [
        "t.xlsx, sheet 'P3': the headings are not those of the first sheet: it lacks 'diameter_mm' and has "
        "'size' besides. Rename the headings alike, or leave the sheet out with --skip-sheet."
    ]
    assert len(read(other, stack_sheets="patient_id", skip_sheets=("P3",)).frame) == 3
    with pytest.raises(InputError) as caught:
        read({"a": LONG, "b": LONG}, stack_sheets="patient_id")
    assert told(caught.value) == [
        "t.xlsx: the sheets have a column 'patient_id' already, so that their names cannot be the "
        "patient_id. Give --stack-sheets rows."
    ]
    assert len(read({"a": LONG, "b": LONG}, stack_sheets="rows").frame) == 6
    with pytest.raises(InputError) as caught:
        read(SHEETS, stack_sheets="rows", skip_sheets=("P7",))
    assert told(caught.value) == [
        "t.xlsx: there is no sheet 'P7' to skip; found: 'P1', 'P2', 'empty'. Give one of these names with "
        "--skip-sheet."
    ]


def test_errors_of_excel_are_named_and_can_be_declared_missing() -> None:
    rows = [*LONG, ["P2", "L1", 0, "#DIV/0!"], ["#REF!", "L1", 9, "#N/A"]]
    with pytest.raises(InputError) as caught:
        read(rows)
    assert told(caught.value) == [
        "t.xlsx, column 'patient_id': found '#REF!', which Excel shows where a formula has no result. Row "
        '6. Correct the formula, empty the cell, or give --missing "#REF!".',
        "t.xlsx, column 'diameter_mm': found '#DIV/0!', '#N/A', which Excel shows where a formula has no "
        'result. 2 rows: 5, 6. Correct the formula, empty the cell, or give --missing "#DIV/0!,#N/A".',
    ]
    assert len(read(rows, missing=("#REF!", "#N/A", "#DIV/0!")).frame) == 5


def _rewritten(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Give a workbook with a change in the XML of one of its files."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry, data.replace(old, new) if entry.filename == name else data)
    return result.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_stored_results_of_formulas_are_read() -> None:
    content = workbook([*LONG, ["P2", "L1", 0, "=2*4"]])
    with pytest.raises(InputError, match=r"whose result is not stored\. Row 5\."):
        read(content)
    value = _rewritten(content, SHEET, b"<f>2*4</f><v />", b"<f>2*4</f><v>8</v>")
    assert value != content
    assert read(value).frame["diameter_mm"].tolist() == [30, 20, 10, 8]
    empty = _rewritten(
        content, SHEET, b'<c r="D5"><f>2*4</f><v />', b'<c r="D5" t="str"><f>2*4</f><v></v>'
    )
    assert empty != content
    assert read(empty).frame["diameter_mm"].tolist() == [30, 20, 10, None]


def test_strict_workbooks_are_refused_with_advice() -> None:
    content = workbook(LONG)
    usual = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strict = _rewritten(
        content, "xl/workbook.xml", usual, b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    assert strict != content
    with pytest.raises(InputError) as caught:
        read(strict)
    assert told(caught.value) == [
        "t.xlsx: the workbook is of the kind 'Strict Open XML'; an ordinary one is expected. Save it as "
        "'Excel Workbook (.xlsx)'."
    ]


def test_workbooks_with_macros_are_read_without_them() -> None:
    assert read(workbook(LONG), "t.xlsm").frame.shape == (3, 4)


def test_xml_with_entities_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><worksheet'
    content = _rewritten(workbook(LONG), SHEET, b"<worksheet", bomb)
    with pytest.raises(InputError, match="the Excel workbook cannot be read"):
        read(content)


DATED = ["patient_id", "lesion_id", "scan_date", "diameter_mm"]
DAY = datetime.datetime


@pytest.mark.parametrize(
    ("first", "second", "options"),
    [
        (DAY(2021, 3, 1), DAY(2021, 5, 3), {}),
        (datetime.date(2021, 3, 1), datetime.date(2021, 5, 3), {}),
        ("2021-03-01", "2021-05-03T10:30", {}),
        ("1 Mar 2021", "03MAY2021", {}),
        ("1-March-2021", "3-may-2021", {}),
        ("01/03/2021", "3/5/2021", {"date_format": "%d/%m/%Y"}),
        ("03/01/2021", "05/03/2021 00:00", {"date_format": "%m/%d/%Y"}),
        ("1.3.2021", "3.5.2021", {"date_format": "%d.%m.%Y"}),
        (44256, 44319, {}),
        ("44256", 44319.0, {}),
    ],
)
def test_days_from_dates(first: Any, second: Any, options: dict[str, str]) -> None:
    rows = [DATED, ["P1", "L1", first, 30], ["P1", "L1", second, 20]]
    patients: Rows = [["patient_id", "start"], ["P1", "2021-03-08"]]
    table, described = both(rows, patients, start_date="start", **options)
    assert table.frame["day"].tolist() == [-7, 56]
    assert (
        said(table)[0] == "lesions: day is 'scan_date' less 'start' (patients), in days: -7 to 56."
    )
    assert described is not None
    assert described.frame.columns.tolist() == ["patient_id"]
    numbers = isinstance(second, int | float)
    assert any("read as dates of a spreadsheet" in text for text in said(table)) == numbers


def test_a_mapped_column_of_dates_keeps_its_heading() -> None:
    rows = [["patient_id", "begun", "SCANDATE"], ["P1", "2021-03-08", "2021-03-01"]]
    table, _ = both(rows, start_date="BEGUN", mapping={"day": "SCANDATE"})
    assert table.frame["SCANDATE"].tolist() == [-7]
    assert said(table)[0] == "lesions: day is 'SCANDATE' less 'begun', in days: -7 to -7."


def test_dates_that_a_workbook_counts_from_1904() -> None:
    rows = [DATED, ["P1", "L1", 44256 - 1462, 30], ["P1", "L1", 44319 - 1462, 20]]

    def old(book: openpyxl.Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    table, _ = both(
        read(workbook(rows, old)),
        [["patient_id", "start"], ["P1", "2021-03-08"]],
        start_date="start",
    )
    assert table.frame["day"].tolist() == [-7, 56]
    assert said(table)[1] == (
        "t.xlsx, column 'scan_date': 2 numbers read as dates of a spreadsheet that counts from 1904 (42794 "
        "is 2021-03-01)."
    )


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["03/04/2021", "05/06/2021"],
            "found the date '03/04/2021', '05/06/2021'; which number is the day and which the month is not "
            "guessed. 2 rows: 2, 3. Give --date-format %d/%m/%Y or --date-format %m/%d/%Y.",
        ),
        (
            ["03.04.2021", "25.04.2021"],
            "found the date '03.04.2021', '25.04.2021'; which number is the day and which the month is not "
            "guessed. 2 rows: 2, 3. Give --date-format %d.%m.%Y, which fits all of them.",
        ),
        (
            ["2021-01-01", "3/4/21"],
            "found the date '3/4/21'; a year of four digits is expected. Row 3. Write dates as 2021-03-04.",
        ),
        (
            ["2021-01-01", "2021-02"],
            "found the date '2021-02'; a whole date is expected. Row 3. Write dates as 2021-03-04, or leave "
            "the row out.",
        ),
        (
            ["2021-02-30", "2021-01-01"],
            "found the date '2021-02-30'; the calendar has no such day. Row 2. Correct the date.",
        ),
        ([57, "2021-01-01"], "found '57'; a date is expected. Row 2. Write dates as 2021-03-04."),
        (
            ["soon", "2021-01-01"],
            "found 'soon'; a date is expected. Row 2. Write dates as 2021-03-04, or say with --date-format "
            "how they are written, such as %d/%m/%Y.",
        ),
    ],
)
def test_dates_that_are_not_read(cells: list[Any], message: str) -> None:
    rows = [[*DATED, "start"], *[["P1", "L1", cell, 30, "2021-01-01"] for cell in cells]]
    with pytest.raises(InputError) as caught:
        both(rows, start_date="start")
    assert told(caught.value) == [f"lesions, column 'scan_date': {message}"]


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        (
            [["P1", "2021-01-01"], ["P2", None]],
            "patients, column 'start': the start of treatment is empty for 1 patient with measurements: "
            "'P2'. Row 3. Fill in the date, or leave the patients out of both tables.",
        ),
        (
            [["P1", "2021-01-01"], ["P1", "2021-01-02"], ["P2", "2021-01-01"]],
            "patients, column 'start': a patient has one start of treatment; more than one for 'P1'. 2 "
            "rows: 2, 3. Correct the dates.",
        ),
    ],
)
def test_starts_that_are_not_clear(starts: Rows, message: str) -> None:
    rows = [DATED, ["P1", "L1", "2021-02-01", 30], ["P2", "L1", "2021-02-01", 30]]
    with pytest.raises(InputError) as caught:
        both(rows, [["patient_id", "start"], *starts], start_date="start")
    assert told(caught.value) == [message]


def test_columns_of_dates_that_are_not_clear() -> None:
    rows = [DATED, ["P1", "L1", "2021-02-01", 30]]
    starts: Rows = [["patient_id", "start"], ["P1", "2021-01-01"]]
    for own, other, options, message in (
        (
            rows,
            starts,
            {"start_date": "begin"},
            "lesions and patients: --start-date begin: there is no",
        ),
        (
            [[*DATED, "start"], [*rows[1], "x"]],
            starts,
            {"start_date": "start"},
            "both tables have a",
        ),
        (
            [["patient_id", "x"], ["P1", 3]],
            starts,
            {"start_date": "start"},
            "Name it with --map day",
        ),
    ):
        with pytest.raises(InputError, match=message):
            both(own, other, **options)


def test_what_is_unlikely_about_days_is_said() -> None:
    rows = [
        [*DATED, "start"],
        ["P1", "L1", "2021-02-01", 30, "2021-03-01"],
        ["P2", "L1", "2051-02-01", 3, "2021-03-01"],
    ]
    table, _ = both(rows, start_date="start")
    assert said(table)[1:] == [
        "lesions: 1 patient with every scan before the start of treatment: 'P1'.",
        "lesions: 1 scan more than 20 years from the start of treatment (row 3); check the years.",
    ]


@settings(deadline=None)
@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 1, 1)), st.integers(-900, 900))
def test_every_way_to_write_a_date_gives_the_same_day(start: datetime.date, day: int) -> None:
    scan = start + datetime.timedelta(days=day)
    serial = (scan - datetime.date(1899, 12, 30)).days
    ways = [
        (scan.isoformat(), None),
        (DAY(scan.year, scan.month, scan.day), None),
        (scan.strftime("%d %b %Y"), None),
        (scan.strftime("%d/%m/%Y"), "%d/%m/%Y"),
        (serial, None),
    ]
    for cell, date_format in ways:
        rows = [[*DATED, "start"], ["P1", "L1", cell, 30, start.isoformat()]]
        table, _ = both(rows, start_date="start", date_format=date_format)
        assert table.frame["day"].tolist() == [day]


def test_units_are_converted_as_chosen() -> None:
    rows = [
        ["patient_id", "lesion_id", "Week", "size (cm)"],
        ["P1", "L1", 8, "1.2"],
        ["P1", "L1", 9, "NE"],
    ]
    options = {"mapping": {"day": "Week", "diameter_mm": "size (cm)"}}
    with pytest.raises(InputError) as caught:
        both(rows, **options)
    assert told(caught.value) == [
        "lesions, column 'size (cm)': the heading says cm; diameter_mm is in mm. Give --unit "
        "diameter_mm=cm, or --unit diameter_mm=mm if the values are so.",
        "lesions, column 'Week': the heading says weeks; day is in days. Give --unit day=weeks, or --unit "
        "day=days if the values are so.",
    ]
    table, _ = both(rows, units={"day": "weeks", "diameter_mm": "cm"}, **options)
    assert table.frame.values.tolist() == [["P1", "L1", 56.0, 12.0], ["P1", "L1", 63.0, "NE"]]
    assert said(table) == [
        "lesions, column 'Week': 2 values converted from weeks to days, as chosen.",
        "lesions, column 'size (cm)': 1 value converted from cm to mm, as chosen.",
    ]
    kept, _ = both(rows, units={"day": "days", "diameter_mm": "mm"}, **options)
    assert kept.frame.values.tolist() == rows[1:]
    with pytest.raises(InputError, match="--unit os_days=weeks: there is no column os_days"):
        both(rows, units={"day": "weeks", "diameter_mm": "cm", "os_days": "weeks"}, **options)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"heading_row": 0}, "heading_row is 0; permitted: 1 or more."),
        ({"stack_sheets": "arm"}, "stack_sheets is 'arm'; permitted: patient_id, visit, rows."),
        ({"skip_sheets": ("a",)}, "skip_sheets is for stack_sheets only."),
        (
            {"units": {"arm": "mm"}},
            "units names 'arm'; permitted: diameter_mm, day, os_days, pfs_days.",
        ),
        (
            {"units": {"day": "mm"}},
            "The unit of day is 'mm'; permitted: days, weeks, months, years.",
        ),
        ({"wide": False, "visit_days": {"a": 1.0}}, "visit_days is for wide tables only."),
        (
            {"date_format": "%d/%m/%y"},
            "date_format is '%d/%m/%y'; permitted: %d (day), %m (month; %b and %B where it is a word) and "
            "%Y (year of four digits), each once, such as %d/%m/%Y.",
        ),
        (
            {"stack_sheets": "rows", "sheet": "a"},
            "sheet and stack_sheets: give one of them; skip_sheets leaves sheets out.",
        ),
    ],
)
def test_options_that_are_not_permitted(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        ReadOptions(**values)
    assert str(caught.value) == message


def test_texts_of_options() -> None:
    assert parse_days(["a=b=3", "x=-1.5"]) == {"a=b": 3.0, "x": -1.5}
    for wrong in (["a"], ["=3"], ["a=x"], ["a=1", "a=2"]):
        with pytest.raises(UsageError, match="--visit-day"):
            parse_days(wrong)
    for wrong in (["day"], ["=cm"], ["day=weeks", "day=days"]):
        with pytest.raises(UsageError, match="--unit"):
            parse_units(wrong)


def test_a_survey_says_what_was_understood_and_what_can_be_chosen() -> None:
    rows: Rows = [
        ["Study 7"],
        ["Patient", "Lesion", "Seen", "Baseline", "Scan 2"],
        ["P1", "L1", "25/04/2021", 30, 20],
        [None, "L2", "03/04/2021", 9, 8],
    ]
    content = workbook({"a": rows, "b": rows, "c": []})
    found = survey("t.xlsx", content, ReadOptions())
    assert [one.sheet for one in found] == ["a", "b"]
    assert can_stack(found)
    assert not can_stack(found[:1])
    first = found[0]
    assert first.as_read is not None
    assert first.table is None
    assert "'Scan 2'" in str(first.error)
    assert said(first.as_read)[0].startswith(
        "t.xlsx: the heading is row 2; not read above it: 'Study 7'"
    )
    assert first.sparse == ("Patient",)
    assert first.dates == (DateChoice("Seen", ("%d/%m/%Y",)),)
    assert first.visits == (("Baseline", 0.0), ("Scan 2", None))
    options = ReadOptions(fill_down=("Patient",), visit_days={"Scan 2": 42.0}, stack_sheets="rows")
    (whole,) = survey("t.xlsx", content, options)
    assert whole.table is not None
    assert whole.table.frame["Patient"].tolist() == ["P1"] * 8
    assert whole.table.frame["day"].tolist() == [0.0, 42.0] * 4
    (broken,) = survey("t.csv", b"a,b\n1,2,3\n", ReadOptions())
    assert broken.table is None
    assert "more cells than the heading" in str(broken.error)


def test_rows_that_are_all_shorter_than_the_heading() -> None:
    table = table_of("t", "", [["a", "b", "c"], ["x"], ["y"]], ReadOptions())
    assert table.frame.values.tolist() == [["x", None, None], ["y", None, None]]


CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            *("", " ", "patient_id", "lesion_id", "day", "visit", "scan_date", "start", "Lesion 1"),
            *(
                "Lesion 2",
                "Baseline",
                "Week 8",
                "Scan 2",
                "date 1",
                "size 1",
                "Date",
                "Size",
                "Week",
            ),
            *(
                "P1",
                "L1",
                "NE",
                "Total",
                "Source: x",
                "12mm",
                "2021-03-01",
                "03/04/2021",
                44256,
                True,
            ),
            *(DAY(2021, 3, 1), datetime.date(2021, 3, 2), datetime.time(3), float("nan"), 2.5, 0),
        ]
    ),
)
AREAS = st.builds(
    lambda top, left, down, right: Merged(top, left, top + down, left + right),
    *(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2), st.integers(0, 2)),
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(CELLS, max_size=6), min_size=1, max_size=8),
    st.lists(AREAS, max_size=3),
    st.sampled_from([None, "start"]),
    st.sampled_from([None, True, False]),
)
def test_any_grid_gives_a_table_or_one_of_our_errors(
    grid: list[list[Any]], merged: list[Merged], start: str | None, wide: bool | None
) -> None:
    options = ReadOptions(start_date=start, wide=wide)
    for ids in (False, True):
        rows = [["patient_id", "lesion_id", "start", "Baseline", "W8"], *grid] if ids else grid
        try:
            raw = table_of("t", "", rows, options, (), merged)
            assert set(raw.rows) <= set(range(1, len(rows) + 1))
            table, _ = arrange(raw, None, options)
        except LesionhetError as error:
            assert str(error)
            continue
        assert len(table.frame) == len(table.rows)
        assert set(table.rows) <= set(raw.rows)
        assert all(cell is None or cell == cell for cell in table.frame.to_numpy().ravel())
