"""Workbooks as people type them, and ones that no person made."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from input_helpers import HEADING

from .case import files

COLUMNS = HEADING.split(",")
ROWS: list[list[Any]] = [["P1", "L1", 0, 30], ["P1", "L1", 50, 20], ["P2", "L1", 0, 40]]
ROWS.append(["P2", "L1", 60, 44])


def book(folder: Path, *rows: list[Any], name: str = "lesions.xlsx", sheet: str = "lesions") -> Any:
    """Save a workbook of these rows and give it, to be changed and saved again."""
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    made.save(folder / name)
    return made


def repacked(folder: Path, change: Any) -> None:
    """Write lesions.xlsx with the bytes of each part changed by ``change(name, bytes)``."""
    book(folder, COLUMNS, *ROWS)
    path = folder / "lesions.xlsx"
    content = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, change(item.filename, old.read(item)))
    path.write_bytes(content.getvalue())


@files("the heading stands in row 5, below a title", "lesions.xlsx")
def heading_in_row_5(folder: Path) -> None:
    book(folder, ["Trial XY, lesions"], ["by Dr. A"], [], [], COLUMNS, *ROWS)


@files("merged cells in the column of patients", "lesions.xlsx")
def merged_cells(folder: Path) -> None:
    made = book(folder, COLUMNS, *ROWS)
    made.active.merge_cells("A2:A3")
    made.save(folder / "lesions.xlsx")


@files("merged cells over two patients' rows", "lesions.xlsx")
def merged_over_patients(folder: Path) -> None:
    made = book(folder, COLUMNS, *ROWS)
    made.active.merge_cells("A2:A5")
    made.save(folder / "lesions.xlsx")


@files("the patient stands in the first of its rows only", "lesions.xlsx")
def patient_once(folder: Path) -> None:
    book(folder, COLUMNS, *([None if i % 2 else p, *r] for i, (p, *r) in enumerate(ROWS)))


@files("a row of sums at the bottom", "lesions.xlsx")
def sum_row(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, ["Total", None, None, 134])


@files("a row of sums at the bottom that bears no name", "lesions.xlsx")
def nameless_sum_row(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, [None, None, None, 134])


@files("days as dates in text, 03/04/2021", "lesions.xlsx")
def dates_as_text(folder: Path) -> None:
    book(folder, COLUMNS, ["P1", "L1", "03/04/2021", 30], ["P1", "L1", "05/06/2021", 20])


@files("03/04/2021 beside 25/04/2021, counted from a start", "lesions.xlsx --start-date start")
def dates_as_text_with_start(folder: Path) -> None:
    rows = [["P1", "L1", d, 30, "01/04/2021"] for d in ("03/04/2021", "25/04/2021")]
    book(folder, [*COLUMNS, "start"], *rows)


@files("columns of visits that name no day", "lesions.xlsx")
def visits_without_days(folder: Path) -> None:
    heading = ["patient_id", "lesion_id", "Baseline", "Scan 2", "Scan 3"]
    book(folder, heading, ["P1", "L1", 30, 20, 10], ["P1", "L2", 40, 41, 44])


@files("two columns of visits on one day", "lesions.xlsx")
def two_baselines(folder: Path) -> None:
    heading = ["patient_id", "lesion_id", "Screening", "Baseline", "Week 8"]
    book(folder, heading, ["P1", "L1", 30, 31, 10], ["P1", "L2", 40, 41, 44])


@files("units in the cells", "lesions.xlsx")
def units_in_cells(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, ["P3", "L1", 0, "12 mm"], ["P3", "L1", 40, "1.1cm"])


@files("cm in the heading", "lesions.xlsx --map 'diameter_mm=Size (cm)'")
def centimetres_in_heading(folder: Path) -> None:
    book(folder, [*COLUMNS[:3], "Size (cm)"], *([*r[:3], r[3] / 10] for r in ROWS))


@files("errors of Excel in cells", "lesions.xlsx")
def error_cells(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, ["P3", "L1", 0, "#DIV/0!"], ["#REF!", "L1", 40, 9])


@files("formulas whose results were never stored", "lesions.xlsx")
def formulas(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, ["P3", "L1", 0, "=D2*2"], ["P3", "L1", "=C3+1", 9])


@files("sizes that Excel turned into dates", "lesions.xlsx")
def sizes_as_dates(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, ["P3", "L1", 0, datetime.datetime(2021, 5, 12)])


@files("two tables side by side in one sheet", "lesions.xlsx")
def two_tables(folder: Path) -> None:
    beside = [["patient_id", "arm"], ["P1", "A"], ["P2", "B"], [None, None], [None, None]]
    rows = [[*left, None, *right] for left, right in zip([COLUMNS, *ROWS], beside, strict=True)]
    book(folder, *rows)


@files("two tables one below the other in one sheet", "lesions.xlsx")
def tables_stacked(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, [], ["patient_id", "arm"], ["P1", "A"], ["P2", "B"])


@files("hidden rows", "lesions.xlsx")
def hidden_rows(folder: Path) -> None:
    made = book(folder, COLUMNS, *ROWS)
    made.active.row_dimensions[3].hidden = True
    made.save(folder / "lesions.xlsx")


@files("sheets whose names differ by a space", "lesions.xlsx --sheet lesions")
def sheets_that_differ_by_a_space(folder: Path) -> None:
    made = book(folder, COLUMNS, *ROWS, sheet="lesions ")
    made.create_sheet("Lesions").append(["notes"])
    made.save(folder / "lesions.xlsx")


@files("numbers stored as text, one with a letter O", "lesions.xlsx")
def numbers_as_text(folder: Path) -> None:
    book(folder, COLUMNS, *([*r[:3], str(r[3])] for r in ROWS), ["P3", "L1", 0, "1O"])


@files("TRUE in a column of sizes", "lesions.xlsx")
def flags_as_sizes(folder: Path) -> None:
    book(folder, COLUMNS, *ROWS, ["P3", "L1", 0, True])


@files("a workbook with a password", "lesions.xlsx")
def encrypted(folder: Path) -> None:
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500)
    name = "EncryptedPackage".encode("utf-16-le")
    (folder / "lesions.xlsx").write_bytes(head + name + bytes(500))


@files("a zip bomb that states its size", "lesions.xlsx")
def zip_bomb(folder: Path) -> None:
    filler = b"<!--" + b" " * 20_000_000 + b"-->"
    repacked(folder, lambda name, data: data + filler if name.endswith("sheet1.xml") else data)


@files("a zip bomb that states another size", "lesions.xlsx")
def zip_bomb_that_lies(folder: Path) -> None:
    zip_bomb(folder)
    path = folder / "lesions.xlsx"
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (5000).to_bytes(4, "little")))


_ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


def _with_doctype(folder: Path, doctype: bytes) -> None:
    def change(name: str, data: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return data
        return doctype + re.sub(rb"^<\?xml[^>]*\?>", b"", data)

    repacked(folder, change)


@files("an external entity in the XML of a workbook", "lesions.xlsx")
def external_entity(folder: Path) -> None:
    _with_doctype(folder, _ENTITY)


@files("a billion laughs in the XML of a workbook", "lesions.xlsx")
def billion_laughs(folder: Path) -> None:
    _with_doctype(folder, _LAUGHS)


@files("a cell in column 2,000,000", "lesions.xlsx")
def two_million_columns(folder: Path) -> None:
    cell = b'<c r="DJMKZ1"><v>1</v></c></row>'

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b"</row>", cell, 1) if name.endswith("sheet1.xml") else data

    repacked(folder, change)


@files("a cell in row 90,000 and nothing between", "lesions.xlsx")
def cell_far_below(folder: Path) -> None:
    made = book(folder, COLUMNS, *ROWS)
    made.active.cell(90_000, 4, 12)
    made.save(folder / "lesions.xlsx")


@files("a workbook of pictures only", "lesions.xlsx")
def no_cells(folder: Path) -> None:
    book(folder)
