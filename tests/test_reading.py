"""How the data were read: each decision of the reader stands in the page, in a file and in the record."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from report_helpers import Page

from lesionhet.cohort import cohort_from_frames, cohort_from_intake
from lesionhet.intake import Intake, ReadingTable, Source
from lesionhet.pipeline import analyze
from lesionhet.readers import from_frame
from lesionhet.report import write_report

LESIONS = pd.DataFrame(
    {
        "patient_id": "P1",
        "lesion_id": ["T1", "T1", "T2", "T2"],
        "day": [0, 56, 0, 56],
        "diameter_mm": [20.0, 12.0, 30.0, 29.0],
    }
)
READERS = ReadingTable(
    "readers",
    "Readers",
    "Accepted measurements (TRACPTFL is Y) are used.",
    pd.DataFrame(
        {"reader": ["=IMAGE(1)", "<b>R2</b>"], "measurements": [4, 1300], "used": ["yes", "no"]}
    ),
)
SITES = ReadingTable(
    "sites",
    "Sites",
    "Terms that stand in no table stay as they are.",
    pd.DataFrame({"term": [f"TERM {i}" for i in range(30)], "n": range(30)}),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = (Source("tr.xpt", "a" * 64, 5304, {}), Source("tu.xpt", "b" * 64, 75, {}))
    intake = Intake(from_frame(LESIONS, "tr.xpt"), None, sources, (READERS, SITES))
    outcome = analyze(cohort_from_intake(intake), r="off", only=["T1"])
    target = tmp_path_factory.mktemp("reading") / "report"
    return write_report(outcome, target, "lesionhet analyze --sdtm trial").parent


def test_the_page_prints_every_rule_with_its_table(folder: Path) -> None:
    page = Page(folder / "report.html")
    section = page.source[page.source.index('id="reading"') : page.source.index('id="methods"')]

    assert "Accepted measurements (TRACPTFL is Y) are used." in section
    assert "Terms that stand in no table stay as they are." in section
    assert "&lt;b&gt;R2&lt;/b&gt;" in section
    assert "<b>R2" not in section
    assert "1,300" in section
    assert "Sites, 30 rows" in section
    assert '<a href="#reading">How the data were read</a>' in page.source


def test_every_table_is_a_file_that_no_spreadsheet_runs(folder: Path) -> None:
    readers = (folder / "tables" / "reading_readers.csv").read_text(encoding="utf-8")

    assert readers == "reader,measurements,used\n'=IMAGE(1),4,yes\n<b>R2</b>,1300,no\n"
    assert len(pd.read_csv(folder / "tables" / "reading_sites.csv")) == 30


def test_the_record_names_rules_and_every_data_set(folder: Path) -> None:
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))

    assert [(i["file"], i["rows"]) for i in results["inputs"]] == [("tr.xpt", 5304), ("tu.xpt", 75)]
    assert results["reading"][0] == {
        "name": "readers",
        "title": "Readers",
        "rule": "Accepted measurements (TRACPTFL is Y) are used.",
        "rows": 2,
        "table": "tables/reading_readers.csv",
    }


def test_two_plain_tables_have_no_such_section(tmp_path: Path) -> None:
    outcome = analyze(cohort_from_frames(LESIONS), r="off", only=["T1"])
    page = write_report(outcome, tmp_path / "report", "lesionhet analyze lesions.csv")

    assert 'id="reading"' not in page.read_text(encoding="utf-8")
    assert not list((page.parent / "tables").glob("reading_*"))
