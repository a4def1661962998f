"""Files in a real browser: own columns mapped by hand to a report, broken and large ones."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import cdisc_helpers
import pandas as pd
import pytest
from browser_helpers import MOST_MB, UPLOAD, Visitor, small_files, small_tables, visit

from lesionhet.labels import label

pytest_plugins = ["browser_fixtures"]
pytestmark = pytest.mark.browser

LESIONS = {
    "patient_id": "Who",
    "lesion_id": "Spot",
    "day": "When",
    "diameter_mm": "How big",
    "site": "Where",
    "visit": "Round",
}
PATIENTS = {
    "patient_id": "Person",
    "arm": "Given",
    "os_days": "Lived",
    "os_event": "Gone",
    "pfs_days": "Held",
    "pfs_event": "Broke",
}
MEGABYTE = 1_000_000


def make_report(visitor: Visitor, folder: Path, chapter: str) -> Path:
    """Make the report of one chapter, download it, and give the page in it."""
    visitor.go("Report")
    choose_only(visitor, "Chapters", chapter)
    visitor.click(re.compile(r"^summarize Make the report|Make the report"))
    visitor.sees(re.compile(r"^Report of \d+ analyses"))
    visitor.settle()
    with visitor.page.expect_download() as download:
        visitor.click(re.compile("Download the report"))
    packed = folder / "taken-home.zip"
    download.value.save_as(packed)
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder / "lesionhet-report" / "report.html"


def choose_only(visitor: Visitor, label: str, option: str) -> None:
    """Choose one option of a box with several; on a busy machine the clearing can end after the choice."""
    box = visitor.page.get_by_test_id("stMultiSelect").filter(has_text=label).first
    wanted = box.locator("[data-tag]").filter(has_text=option)
    for _ in range(3):
        clear = box.get_by_role("button", name=re.compile("Clear all"))
        if clear.is_visible():
            clear.click()
            visitor.settle()
        visitor.choose(label, option)
        visitor.page.keyboard.press("Escape")
        visitor.settle()
        if wanted.count() == 1 and box.locator("[data-tag]").count() == 1:
            return
    raise AssertionError(f"'{option}' is not what is chosen: {box.inner_text()}")


def open_report(chromium, page: Path) -> Visitor:
    """Open the page of a report as a file; it must not ask the net for anything."""
    found = Visitor(chromium.new_context().new_page(), page.parent.as_uri())
    found.watch()
    found.page.goto(page.as_uri())
    return found


def test_from_the_demo_to_a_report(chromium, server, tmp_path):
    visitor = visit(chromium, server)
    visitor.demo()
    page = make_report(visitor, tmp_path, "Cohort")
    visitor.quiet()
    report = open_report(chromium, page)
    assert "2,802" in report.page.locator("body").inner_text()
    assert report.problems == []
    assert (page.parent / "reproduce.R").is_file()


def test_own_columns_mapped_by_hand_to_a_report(chromium, server, tmp_path):
    lesions, patients = small_tables("OWN", 80, 3)
    files = [tmp_path / "tracks.csv", tmp_path / "people.csv"]
    lesions.rename(columns=LESIONS)[list(LESIONS.values())].to_csv(files[0], index=False)
    patients.rename(columns=PATIENTS)[list(PATIENTS.values())].to_csv(files[1], index=False)

    visitor = visit(chromium, server)
    visitor.upload(*files)
    visitor.choose("Table of measurements", "tracks.csv")
    visitor.choose("Table of patients", "people.csv")
    map_columns(visitor, 0, LESIONS)
    map_columns(visitor, 1, PATIENTS)
    visitor.click("Use these tables")
    visitor.sees("In use: tracks.csv and people.csv")
    visitor.sees("These tables are in use")
    visitor.go("Survival")
    visitor.sees("Log-rank test")
    page = make_report(visitor, tmp_path, "Cohort")
    visitor.quiet()

    report = open_report(chromium, page)
    assert f"{patients['patient_id'].nunique():,} patients" in report.page.inner_text("body")
    assert report.problems == []
    shown = pd.read_csv(page.parent / "tables" / "patients.csv")
    assert set(shown["patient_id"]) <= set(patients["patient_id"])
    assert len(shown)


def map_columns(visitor: Visitor, place: int, wanted: dict[str, str]) -> None:
    """Choose the heading of every column of one table, whatever was guessed."""
    main = visitor.page.get_by_test_id("stMain")
    part = main.get_by_test_id("stExpander").filter(has_text="Which column is which").nth(place)
    for name, own in wanted.items():
        box = part.get_by_role("combobox", name=f"**{label(name)}**")
        if box.input_value() != own:
            visitor.pick(box, own)
        assert box.input_value() == own


def test_a_broken_file_is_refused_with_its_rows(chromium, server, tmp_path):
    lesions, _ = small_tables("P", 20, 3)
    lesions["diameter_mm"] = lesions["diameter_mm"].astype(object)
    lesions.loc[3, "diameter_mm"] = "large"
    lesions.loc[7, "day"] = None
    file = tmp_path / "broken.csv"
    lesions.to_csv(file, index=False)
    visitor = visit(chromium, server)
    visitor.upload(file)
    visitor.click("Use these tables")
    visitor.sees("2 problems found")
    said = visitor.text()
    assert re.search(r"broken\.csv, column 'diameter_mm'.*'large'.*Row 5\b", said), said
    assert re.search(r"broken\.csv, column 'day'.*empty.*Row 9\b", said), said
    assert "In use" not in said
    # What is wrong can be put right on the same page.
    visitor.click("Remove broken.csv")
    visitor.page.get_by_text("problems found").wait_for(state="detached")
    visitor.take(*small_files(tmp_path))
    visitor.quiet()


def test_something_that_is_no_table_is_refused(chromium, server, tmp_path):
    file = tmp_path / "picture.csv"
    file.write_bytes(bytes(range(256)) * 40)
    visitor = visit(chromium, server)
    visitor.page.set_input_files(UPLOAD, str(file))
    visitor.sees(re.compile(r"picture\.csv.*(not|cannot)"))
    visitor.quiet()


def test_a_file_of_50_mb_is_read(chromium, server, tmp_path):
    lesions, patients = small_tables("P", 400, 3)
    lesions["note"] = "n" * (50 * MEGABYTE // len(lesions) + 1)
    file = tmp_path / "large.csv"
    lesions.to_csv(file, index=False)
    assert file.stat().st_size > 50 * MEGABYTE
    visitor = visit(chromium, server)
    visitor.take(file)
    visitor.sees(f"{patients['patient_id'].nunique():,}")
    visitor.quiet()


def test_a_file_above_the_limit_is_refused(chromium, server, tmp_path):
    file = tmp_path / "huge.csv"
    file.write_bytes(b"patient_id\n" * (MOST_MB * 1024 * 1024 // 11 + 100_000))
    visitor = visit(chromium, server)
    visitor.page.set_input_files(UPLOAD, str(file))
    visitor.sees(re.compile(rf"must be {MOST_MB}(\.0)?MB or smaller"))
    assert "In use" not in visitor.text()
    visitor.take(*small_files(tmp_path))
    visitor.quiet()


def test_sdtm_files_to_a_report_that_says_how_they_were_read(chromium, server, tmp_path):
    readers = (
        cdisc_helpers.Reader("INDEPENDENT ASSESSOR", "RADIOLOGIST 1", accepted=True),
        cdisc_helpers.Reader("INVESTIGATOR"),
    )
    files = cdisc_helpers.write(tmp_path, cdisc_helpers.trial(12, readers=readers), "xpt")

    visitor = visit(chromium, server)
    visitor.upload(*files)
    visitor.sees("These are SDTM data sets")
    visitor.click("Use these data sets")
    visitor.sees("How the data were read")
    visitor.sees("These data sets are in use")
    visitor.choose("Whose measurements", "the investigator")
    visitor.click("Use these data sets")
    visitor.sees("These data sets are in use")
    page = make_report(visitor, tmp_path, "RECIST 1.1")
    visitor.quiet()

    report = open_report(chromium, page)
    said = report.page.inner_text("#reading")
    assert report.problems == []
    assert "RADIOLOGIST 1" in said
    readers_table = pd.read_csv(page.parent / "tables" / "reading_readers.csv")
    used = readers_table.set_index("evaluator")["used"]
    assert used.to_dict() == {"INDEPENDENT ASSESSOR": "no", "INVESTIGATOR": "yes"}
