"""Small input tables for the tests of readers and cohort."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = "LESIONHET_UPDATE_SNAPSHOTS"

HEADING = "patient_id,lesion_id,day,diameter_mm"
GOOD_ROWS = "P1,L1,-5,30\nP1,L1,50,20\nP2,L1,0,40\nP2,L1,60,44\n"
GOOD = f"{HEADING}\n{GOOD_ROWS}"
GOOD_PATIENTS = (
    "patient_id,arm,os_days,os_event,pfs_days,pfs_event\nP1,A,400,1,90,1\nP2,B,500,0,300,0\n"
)


def lesions(*rows: str, heading: str = HEADING) -> str:
    """Give a lesions table of these rows and of two sound lesions."""
    more = heading.count(",") - HEADING.count(",")
    sound = "".join(row + "," * more + "\n" for row in GOOD_ROWS.split())
    return f"{heading}\n{sound}" + "".join(f"{row}\n" for row in rows)


def workbook(path: Path, rows: list[list[object]], title: str = "lesions") -> None:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)


def compare_snapshot(name: str, text: str) -> None:
    """Compare a text with the stored one; stores it only when the environment says so."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(UPDATE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert path.is_file(), f"No snapshot {path.name}: set {UPDATE}=1 once and read what it stores."
    assert text + "\n" == path.read_text(encoding="utf-8")
