"""From typed spreadsheets to a cohort: messages name the sheet, the visit, the row and how to mend it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from spreadsheet_helpers import HEADING, LONG, WIDE, Rows, comma_separated, told, workbook

from lesionhet.cohort import read_cohort
from lesionhet.commands.inputs import add_inputs, read_inputs
from lesionhet.errors import InputError
from lesionhet.readers import ReadOptions

TYPED = ["<5", "5-6", "12 x 8", "12mm", "1.2 cm", "too small to measure", "resolved", "NE", "large"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, so that messages hold plain file names."""
    monkeypatch.chdir(tmp_path)


def _problems(content: bytes, name: str = "t.xlsx", **options: object) -> list[str]:
    Path(name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_cohort(name, options=ReadOptions(**options))  # type: ignore[arg-type]
    return told(caught.value)


def test_what_people_type_in_place_of_a_size() -> None:
    rows = [*LONG, *[["P2", "L1", 7 * number, cell] for number, cell in enumerate(TYPED)]]
    agreed = (
        "Write the size that was agreed (RECIST 1.1: 5 mm where too small to measure), or leave the"
    )
    expected = [
        "found 'NE'; a missing value is an empty cell. Row 12. Leave the cell empty or give --missing NE.",
        "found '<5'; a size is expected, not a limit or an estimate. Row 5. "
        f'{agreed} cell empty (--missing "<5" does so for all).',
        "found '12 x 8'; one diameter is expected. Row 7. Write the longest diameter only (short axis for "
        'lymph nodes), or leave the cell empty (--missing "12 x 8" does so for all).',
        "found '5-6'; one size is expected, not a range. Row 6. Write one size, or leave the cell empty "
        '(--missing "5-6" does so for all).',
        "found '12mm', '1.2 cm'; a number in mm without its unit is expected. 2 rows: 8, 9. Write the number "
        'in mm: 1.2 cm is 12, or leave the cell empty (--missing "1.2 cm,12mm" does so for all).',
        "found 'too small to measure'; a size is expected. Row 10. "
        f'{agreed} cell empty (--missing "too small to measure" does so for all).',
        "found 'resolved'; a size is expected. Row 11. Write 0 where the lesion has disappeared, or leave "
        'the cell empty (--missing "resolved" does so for all).',
        "found 'large'; a number is expected. Row 13. Write the number only or leave the cell empty.",
    ]
    found = _problems(workbook(rows))
    assert found == [f"t.xlsx, column 'diameter_mm': {text}" for text in expected]


def test_problems_of_a_wide_table_name_the_visit() -> None:
    rows = [*WIDE, ["P2", "L1", "12mm", -3, "NE"]]
    assert _problems(workbook(rows)) == [
        "t.xlsx, column 'Baseline': found '12mm'; a number in mm without its unit is expected. Row 4. Write "
        'the number in mm: 1.2 cm is 12, or leave the cell empty (--missing "12mm" does so for all).',
        "t.xlsx, column 'Week 8': found '-3'; 0 or more is expected (diameter in mm). Row 4. Correct the "
        "value or leave the cell empty.",
        "t.xlsx, column 'W16': found 'NE'; a missing value is an empty cell. Row 4. Leave the cell empty or "
        "give --missing NE.",
    ]


def test_problems_of_stacked_sheets_name_the_sheet() -> None:
    sheets = {
        "P1": [HEADING[1:], ["L1", 0, 30], [None, 56, 20]],
        "P2": [HEADING[1:], ["L1", "soon", 9], ["L1", 56, "NE"]],
    }
    assert _problems(workbook(sheets), stack_sheets="patient_id") == [
        "t.xlsx, sheet 'P1', column 'lesion_id': the cell is empty; every row needs a lesion_id. Row 3. Fill "
        'in lesion_id, or give --fill-down "lesion_id" if an empty cell repeats the one above.',
        "t.xlsx, sheet 'P2', column 'day': found 'soon'; days from the start of treatment are expected. Row "
        "2. Write the number only.",
        "t.xlsx, sheet 'P2', column 'diameter_mm': found 'NE'; a missing value is an empty cell. Row 3. "
        "Leave the cell empty or give --missing NE.",
    ]


def test_dates_without_a_start_name_the_option() -> None:
    rows = [HEADING, ["P1", "L1", "2021-03-01", 30]]
    assert _problems(comma_separated(rows), "t.csv") == [
        "t.csv, column 'day': found the date '2021-03-01'; days from the start of treatment are expected. "
        "Row 2. Give days from the start of treatment, or name the column of the start's date with "
        "--start-date."
    ]


def test_a_workbook_of_both_tables_from_the_command_line() -> None:
    lesions: Rows = [
        ["Study 7"],
        ["patient_id", "lesion_id", "Scan date", "diameter_mm"],
        ["P1", "L1", "01/03/2021", "30,5"],
        [None, "L1", "03/05/2021", "20,5"],
    ]
    patients: Rows = [["patient_id", "start", "arm"], ["P1", "2021-03-08", "A"]]
    Path("both.xlsx").write_bytes(workbook({"lesions": lesions, "patients": patients}))
    words = ["both.xlsx", "--fill-down", "patient_id", "--decimal", ","]
    words += ["--start-date", "start", "--date-format", "%d/%m/%Y"]
    parser = argparse.ArgumentParser()
    add_inputs(parser)
    cohort = read_inputs(parser.parse_args(words))
    assert cohort.measurements[["day", "diameter_mm"]].values.tolist() == [
        [-7.0, 30.5],
        [56.0, 20.5],
    ]
    assert cohort.patients.columns.tolist() == ["patient_id", "arm"]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_a_separator_is_found_below_titles(sign: str) -> None:
    content = comma_separated(LONG).replace(b",", sign.encode())
    Path("t.csv").write_bytes(b"Study 7\n\n" + content)
    assert len(read_cohort("t.csv").measurements) == 3
