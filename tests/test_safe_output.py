"""Nothing that is written acts on whoever opens it, and nothing is written outside its folder."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import defusedxml.ElementTree
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safe_output_helpers import (
    CONTROL,
    FORMULA,
    HOSTILE,
    MARK,
    Elements,
    bad_names,
    csv_rows,
    dangers,
    files_of,
    hostile_cohort,
)

from lesionhet.analyses import ledger
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.errors import InputError, UsageError
from lesionhet.export.folder import write_conversion
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.plan import load_plan
from lesionhet.readers.choosing.template import template_csv, template_workbook
from lesionhet.report import write_report
from lesionhet.report.tables import write_csv
from lesionhet.study import build_study
from lesionhet.validate.junit import _permitted

ASKED = ("T1", "1B", "1D", "2C", "2D", "3A", "3D", "5A", "6A")


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    cohort, plan = hostile_cohort(controls=True)
    known = {analysis.id for analysis in ledger(plan)}
    only = [name for name in ASKED if name in known]
    return analyze(cohort, Definitions(site_min_lesions=5), r="off", plan=plan, only=only)


@pytest.fixture(scope="module")
def report(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        write_report(outcome, place / "report", f"lesionhet analyze {HOSTILE[7]}")
    assert [path.name for path in place.iterdir()] == ["report"]
    yield place / "report"


# ------------------------------------------------------------------------------------ report


def test_the_hostile_cohort_is_analysed(outcome: Outcome) -> None:
    done = [result.id for result in outcome.results if result.status == "done"]
    assert len(done) >= 5
    labels = set(outcome.study.lesions["patient_id"])
    assert any(label.startswith("a\r=") for label in labels)


def test_names_of_files_are_plain(report: Path) -> None:
    names = files_of(report)
    assert bad_names(names) == []
    assert len(names) > 20


def test_no_cell_of_a_csv_is_a_formula(report: Path) -> None:
    checked = 0
    for name in files_of(report):
        if not name.endswith(".csv"):
            continue
        data = (report / name).read_bytes()
        rows = csv_rows(data)
        width = len(rows[0])
        assert {len(row) for row in rows} == {width}, name
        for cell in (cell for row in rows for cell in row):
            assert not cell.startswith(FORMULA) or is_number(cell), (name, cell)
            checked += MARK in cell
    assert checked > 100


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    # float() also takes the digits of other scripts and blanks around a number.
    return cell.isascii() and cell == cell.strip()


def test_labels_of_a_csv_come_back_behind_their_apostrophe(report: Path, outcome: Outcome) -> None:
    rows = csv_rows((report / "tables" / "patients.csv").read_bytes())[1:]
    found = [row[0] for row in rows]
    expected = [
        f"'{name}" if name.startswith(FORMULA) else name
        for name in outcome.study.patients["patient_id"]
    ]
    assert found == expected


def test_nothing_of_a_label_acts_in_the_page(report: Path) -> None:
    text = (report / "report.html").read_text(encoding="utf-8")
    assert dangers(text, scripts=1) == []
    assert "Content-Security-Policy" in text
    shown = " ".join(Elements(text).text)
    assert f"<img src=x onerror={MARK}()>" in shown


def test_nothing_of_a_label_acts_in_a_figure(report: Path) -> None:
    pictures = [name for name in files_of(report) if name.endswith(".svg")]
    assert len(pictures) > 3
    for name in pictures:
        root = defusedxml.ElementTree.parse(report / name, forbid_dtd=False).getroot()
        for element in root.iter():
            assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "image", "a")
            assert not any(key.lower().startswith("on") for key in element.attrib)


def test_results_are_json_with_the_labels_as_texts(report: Path) -> None:
    content = json.loads((report / "results.json").read_text(encoding="utf-8"))
    assert content["analyses"]


def test_no_label_is_in_the_code_of_the_r_script(report: Path) -> None:
    lines = (report / "reproduce.R").read_text(encoding="utf-8").split("\n")
    code = [line for line in lines if not line.startswith("#")]
    # Names of files are made of the letters and digits of an organ.
    named = [line for line in code if MARK in line]
    assert all(re.fullmatch(r"""[ \w<\-(".,=)]*""", line) for line in named), named
    assert not any(label in line for label in HOSTILE if label != "CON" for line in code)


def test_the_parcel_unpacks_into_one_folder(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = pytest.importorskip("streamlit_app.parcel")
    few = dataclasses.replace(outcome, results=outcome.results[:2])
    monkeypatch.chdir(tmp_path)

    content = parcel.zipped(few, lambda text: None)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        assert bad_names([info.filename for info in infos]) == []
        assert {info.filename.split("/")[0] for info in infos} == {parcel.FOLDER}
        # Plain files only: no links, nothing that runs.
        assert {info.external_attr >> 16 for info in infos} == {0o644}
        assert len(infos) > 10
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------ csv


@pytest.mark.parametrize("start", FORMULA)
def test_each_beginning_of_a_formula_is_guarded(start: str) -> None:
    text = io.StringIO()
    write_csv(pd.DataFrame({f"{start}h": [f"{start}1", None]}), text)
    rows = csv_rows(text.getvalue().encode())
    assert rows == [[f"'{start}h"], [f"'{start}1"], [""]]


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.sampled_from([*HOSTILE, *CONTROL, "\r", "\n", "\r\n", '"', ",", "'", ""]),
)


@given(st.lists(CELLS, min_size=1, max_size=6), CELLS)
def test_any_text_stays_in_its_cell(cells: list[str], heading: str) -> None:
    text = io.StringIO()
    write_csv(pd.DataFrame({heading: cells, "n": range(len(cells))}), text)

    rows = csv_rows(text.getvalue().encode())
    expected = [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in [heading, *cells]]
    assert [row[0] for row in rows] == expected
    assert [row[1] for row in rows] == ["n", *map(str, range(len(cells)))]


def test_templates_hold_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_workbook()))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}
    for table in ("lesions", "patients"):
        for row in csv_rows(template_csv(table)):
            assert all(not cell.startswith(FORMULA) or is_number(cell) for cell in row)


# ------------------------------------------------------------------------------------ convert


def test_a_conversion_of_hostile_labels_is_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, plan = hostile_cohort(controls=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    done = write_conversion(
        build_study(cohort, plan=plan), tmp_path / "out", study_id=HOSTILE[7], version=8
    )

    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "out"]
    assert list((tmp_path / "here").iterdir()) == []
    assert files_of(tmp_path / "out") == sorted(done.files)
    assert bad_names(list(done.files)) == []
    page = (done.folder / "define.html").read_text(encoding="utf-8")
    assert dangers(page, scripts=0) == []
    defined = defusedxml.ElementTree.parse(done.folder / "define.xml", forbid_dtd=True).getroot()
    assert not any(MARK in element.tag for element in defined.iter())
    assert any(HOSTILE[7] in (element.text or "") for element in defined.iter())
    for name in ("lesions.csv", "patients.csv"):
        rows = csv_rows((done.folder / name).read_bytes())
        assert {len(row) for row in rows} == {len(rows[0])}
        cells = [cell for row in rows for cell in row]
        assert all(not cell.startswith(FORMULA) or is_number(cell) for cell in cells)
        assert any(cell.startswith("'=") for cell in cells)
    frame, about = pyreadstat.read_xport(str(done.folder / "adsl.xpt"))
    assert set(frame["USUBJID"]) == set(cohort.patients["patient_id"])
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{0,7}", column) for column in frame.columns)
    assert HOSTILE[7] in about.column_labels


def test_control_characters_are_refused_by_the_transport_format(tmp_path: Path) -> None:
    cohort, plan = hostile_cohort(controls=True)
    with pytest.raises(InputError, match="characters that are no printable text"):
        write_conversion(build_study(cohort, plan=plan), tmp_path / "out", version=8)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------ other


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_fits_the_xml_of_a_validation(text: str) -> None:
    element = defusedxml.ElementTree.fromstring(f"<a>{escaped(_permitted(text))}</a>")
    assert element is not None


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


PLAN = """
organs = ["liver", "lung"]
[[contrasts]]
key = {key}
name = "T"
treated = ["A"]
control_name = "C"
control = ["B"]
supplement = {supplement}
"""


@pytest.mark.parametrize(
    ("key", "supplement"),
    [
        ("../../../../escaped", "S3"),
        ("3", "../../../../escaped"),
        ("a/b", "S3"),
        ("a\\b", "S3"),
        ("C:x", "S3"),
        ("x" * 300, "S3"),
        ("3\0", "S3"),
        ("", "S3"),
        (".hidden", "S3"),
    ],
)
def test_a_plan_cannot_name_files_outside_the_report(
    key: str, supplement: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.toml"
    text = PLAN.format(key=json.dumps(key), supplement=json.dumps(supplement))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="letters, digits"):
        load_plan(str(path))


def test_analyses_of_a_plan_have_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.format(key='"1"', supplement='"S1"'), encoding="utf-8")
    # Contrast 1 would make analyses 1A to 1F, which the ledger has already.
    with pytest.raises(UsageError, match="1A"):
        ledger(load_plan(str(path)))


def test_a_target_that_looks_like_code_is_a_folder(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"patient_id": "P", "lesion_id": ["A", "A"], "day": [0, 9], "diameter_mm": [9.0, 8.0]}
    )
    study = build_study(cohort_from_frames(rows))
    done = write_conversion(study, tmp_path / "$(touch x); <b>")
    assert done.folder == tmp_path.resolve() / "$(touch x); <b>"
    assert [path.name for path in tmp_path.iterdir()] == ["$(touch x); <b>"]
