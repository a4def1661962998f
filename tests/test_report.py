"""The report's folder: whole, safe to open, the same each time, never half written."""

from __future__ import annotations

import base64
import csv
import dataclasses
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_helpers import (
    FORMULA_COLUMN,
    FORMULA_ID,
    SCRIPT_SITE,
    Page,
    awkward_cohort,
    contents,
    plain_cohort,
)

from lesionhet.agreement import numbers
from lesionhet.analyses.base import AnalysisResult, Shown
from lesionhet.charts import ForestChart
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.errors import UsageError
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.report import check_target, write_report
from lesionhet.report.beside import besides
from lesionhet.report.cells import printed
from lesionhet.report.methods import MEANINGS, STATISTICS, definition_rows
from lesionhet.report.results_json import LONG_ROWS
from lesionhet.report.tables import FORMULA_STARTS, LESION_COLUMNS, PATIENT_COLUMNS, write_csv
from lesionhet.statistics.registry import REGISTRY

COMMAND = "lesionhet analyze lesions.csv -o report"


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return analyze(awkward_cohort(), r="off", synthetic=True)


@pytest.fixture(scope="module")
def folder(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(outcome, tmp_path_factory.mktemp("run") / "report", COMMAND).parent


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page(folder / "report.html")


@pytest.fixture(scope="module")
def small() -> Outcome:
    return analyze(plain_cohort(), r="off", only=["T1", "1D", "2A-tau", "2C"])


def strict_json(path: Path) -> dict:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


# The folder


def test_folder_has_the_promised_files(outcome: Outcome, folder: Path) -> None:
    names = set(contents(folder))
    assert {
        "report.html",
        "results.json",
        "agreement.csv",
        "attrition.csv",
        "reproduce.R",
        "tables/lesions.csv",
        "tables/patients.csv",
    } <= names
    done = [r for r in outcome.results if r.status == "done"]
    assert done
    for result in done:
        assert {f"tables/{result.id}_{name}.csv" for name in result.shown.tables} <= names
        for chart in result.shown.charts:
            endings = ("svg", "png", "pdf")
            assert {f"figures/{result.id}_{chart}.{end}" for end in endings} <= names
    assert any(name.startswith("reproduce_data/") for name in names)


def test_first_columns_are_the_promised_ones(outcome: Outcome, folder: Path) -> None:
    lesions = pd.read_csv(folder / "tables" / "lesions.csv")
    patients = pd.read_csv(folder / "tables" / "patients.csv")
    assert tuple(lesions.columns[: len(LESION_COLUMNS)]) == LESION_COLUMNS
    assert tuple(patients.columns[: len(PATIENT_COLUMNS)]) == PATIENT_COLUMNS
    assert "n_inconsistent" in patients
    assert f"'{FORMULA_COLUMN}" in patients
    assert len(lesions) == len(outcome.study.lesions)
    assert len(patients) == len(outcome.study.patients)


def test_numbers_of_the_tables_read_back_as_the_same_floats(outcome: Outcome, folder: Path) -> None:
    lesions = pd.read_csv(folder / "tables" / "lesions.csv", float_precision="round_trip")
    for name in (*LESION_COLUMNS[3:], "baseline_mm"):
        expected = outcome.study.lesions[name].astype(float)
        np.testing.assert_array_equal(lesions[name].astype(float), expected, err_msg=name)


def test_site_column_is_there_and_empty_when_the_input_has_none(
    small: Outcome, tmp_path: Path
) -> None:
    page = write_report(small, tmp_path / "report", COMMAND)
    lesions = pd.read_csv(page.parent / "tables" / "lesions.csv")
    assert list(lesions.columns).index("site") == 2
    assert lesions["site"].isna().all()
    skipped = {a["id"]: a for a in strict_json(page.parent / "results.json")["analyses"]}
    assert skipped["1D"]["status"] == "skipped"
    assert "site" in skipped["1D"]["reason"]
    assert skipped["1D"]["tables"] == skipped["1D"]["figures"] == []
    assert skipped["1D"]["reason"] in Page(page).text
    assert skipped["2C"]["reason"] in Page(page).text


def test_csv_cells(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "text": ["-5 mm", "a,b", None, "\tx", "日本"],
            "number": [1.0, 0.1 + 0.2, np.nan, -3.0, 1e300],
            "flag": [True, False, True, False, True],
            "whole": pd.array([1, None, 3, 4, 5], dtype="Int64"),
        }
    )
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").split("\n") == [
        "text,number,flag,whole",
        "'-5 mm,1,1,1",
        '"a,b",0.30000000000000004,0,',
        ",,1,3",
        "'\tx,-3,0,4",
        "日本,1e+300,1,5",
        "",
    ]


def test_no_cell_of_any_table_is_a_formula(folder: Path) -> None:
    formulas = []
    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                formulas += [cell for cell in row if cell.startswith(FORMULA_STARTS)]
    not_numbers = [cell for cell in formulas if not re.fullmatch(r"-[0-9.]+(e[-+]?[0-9]+)?", cell)]
    assert not_numbers == []
    lesions = pd.read_csv(folder / "tables" / "lesions.csv")
    assert f"'{FORMULA_ID}" in set(lesions["patient_id"])


# Never half written


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, OSError])
def test_failure_leaves_the_earlier_report_and_no_litter(
    small: Outcome, tmp_path: Path, kind: type[BaseException]
) -> None:
    target = tmp_path / "report"
    write_report(small, target, COMMAND)
    before = contents(target)

    def fail_at_the_end(text: str) -> None:
        if text == "report.html":
            raise kind("in the middle")

    with pytest.raises(UsageError if kind is OSError else kind, match="in the middle"):
        write_report(small, target, "another command", fail_at_the_end)
    assert contents(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_failure_of_a_first_report_leaves_nothing(small: Outcome, tmp_path: Path) -> None:
    def fail(text: str) -> None:
        raise RuntimeError(text)

    with pytest.raises(RuntimeError):
        write_report(small, tmp_path / "new" / "deep" / "report", COMMAND, fail)
    assert list(tmp_path.iterdir()) == []


def test_until_it_is_whole_the_earlier_report_stands(small: Outcome, tmp_path: Path) -> None:
    target = tmp_path / "report"
    write_report(small, target, "first")
    seen = []

    def look(text: str) -> None:
        seen.append("first" in (target / "report.html").read_text(encoding="utf-8"))

    write_report(small, target, "second", look)
    assert seen
    assert all(seen)
    assert strict_json(target / "results.json")["command"] == "second"


def test_an_earlier_report_is_replaced_as_a_whole(small: Outcome, tmp_path: Path) -> None:
    target = tmp_path / "report"
    write_report(small, target, COMMAND)
    (target / "tables" / "stale.csv").write_text("old")
    write_report(small, target, COMMAND)
    assert "tables/stale.csv" not in contents(target)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_an_empty_folder_is_taken(small: Outcome, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert write_report(small, tmp_path / "empty", COMMAND).is_file()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("thesis.docx", "years of work"),
        ("results.json", '{"generator": "another program"}'),
        ("results.json", "[]"),
        ("results.json", "{"),
    ],
)
def test_a_foreign_folder_is_refused_and_left(
    small: Outcome, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match="not empty and holds no earlier report"):
        write_report(small, tmp_path, COMMAND)
    assert contents(tmp_path) == {name: text.encode()}


def test_a_file_and_the_current_folder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        check_target(tmp_path / "file")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UsageError, match="current folder"):
        check_target(Path())


def test_a_place_that_cannot_be_written_is_named(small: Outcome, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="could not be written"):
        write_report(small, tmp_path / "file" / "report", COMMAND)


def test_the_same_input_gives_the_same_bytes_dates_aside(small: Outcome, tmp_path: Path) -> None:
    def without_date(content: bytes, created: str) -> tuple[list[bytes], int]:
        lines = content.split(b"\n")
        kept = [line for line in lines if created.encode() not in line]
        return kept, len(lines) - len(kept)

    found = []
    for name in ("one", "two"):
        files = contents(write_report(small, tmp_path / name, COMMAND).parent)
        created = json.loads(files["results.json"])["created"]
        found.append({path: without_date(files[path], created) for path in files})
    assert found[0] == found[1]
    dates = {path: count for path, (_, count) in found[0].items() if count}
    assert dates == {"report.html": 1, "results.json": 1}


# The page


def test_text_from_data_is_escaped(page: Page) -> None:
    assert page.count("script") == 1
    assert "alert(" not in page.code["script"]
    assert not [name for _, found in page.tags for name in found if name.startswith("on")]
    assert not [found for tag, found in page.tags if tag == "img" and found["src"] == "x"]
    assert SCRIPT_SITE in page.text
    assert "<img src=x onerror=alert(2)>" in page.text


def test_page_needs_nothing_from_outside(page: Page, folder: Path) -> None:
    ids = set(page.attributes("id"))
    for address in page.attributes("src"):
        assert address.startswith(("data:image/svg+xml;base64,", "data:image/png;base64,"))
    for address in page.attributes("href"):
        if address.startswith("#"):
            assert address[1:] in ids
        else:
            assert (folder / address).is_file(), address
    assert not re.search(r"url\(|@import|https?:", page.code["style"] + page.code["script"])
    assert not re.search(r"https?://", page.source)
    assert len(ids) == len(page.attributes("id"))


def test_only_the_page_s_own_script_may_run(page: Page) -> None:
    policy = next(
        found["content"] for tag, found in page.tags if tag == "meta" and "http-equiv" in found
    )
    digest = base64.b64encode(hashlib.sha256(page.code["script"].encode()).digest()).decode()
    assert policy is not None
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_figures_have_an_alternative_text(page: Page, outcome: Outcome) -> None:
    titles = [c.title for r in outcome.results for c in r.shown.charts.values()]
    assert [found["alt"] for tag, found in page.tags if tag == "img"] == titles


def test_no_number_is_printed_as_nan_none_or_inf(page: Page) -> None:
    assert re.findall(r"\b(?:nan|NaN|None|inf|NaT)\b", page.text) == []


def test_page_names_the_main_numbers(page: Page, outcome: Outcome) -> None:
    counts = outcome.study.patients["n_inconsistent"].dropna()
    assert f"{(counts > 0).sum():,} of {len(counts):,} patients" in page.text
    assert f"Patients {len(outcome.study.patients):,}" in page.text
    assert f"Followed lesions {len(outcome.study.lesions):,}" in page.text
    assert f"Median distance {outcome.study.patients['gower'].median():.2f}" in page.text
    assert "Synthetic cohort" in page.text
    assert COMMAND in page.text
    for source in outcome.study.cohort.sources:
        assert source.sha256 in page.text
    for result in outcome.results:
        for remark in (*result.shown.remarks, *result.shown.left_out):
            assert " ".join(remark.split()) in page.text


def test_long_tables_are_cut_with_the_path_of_the_whole(page: Page, outcome: Outcome) -> None:
    result = next(r for r in outcome.results if r.id == "1A")
    rows = len(result.shown.tables["waterfall"])
    assert rows > 50
    assert f"First 50 of {rows} rows. All rows: tables/1A_waterfall.csv" in page.text


def test_a_real_cohort_is_not_called_synthetic(small: Outcome, tmp_path: Path) -> None:
    assert "Synthetic" not in Page(write_report(small, tmp_path / "r", COMMAND)).text


def test_a_chart_without_data_is_named_and_costs_nothing_else(
    small: Outcome, tmp_path: Path
) -> None:
    rows = pd.DataFrame(columns=["panel", "label", "estimate", "conf_low", "conf_high", "p_value"])
    shown = Shown({"one": pd.DataFrame({"n": [1]})}, {"empty": ForestChart("Nothing", "", rows)})
    result = AnalysisResult("X1", "An analysis", "Why?", "Chapter", "done", shown=shown)
    outcome = dataclasses.replace(small, results=(result,))
    page = write_report(outcome, tmp_path / "report", COMMAND)
    found = strict_json(page.parent / "results.json")["analyses"][0]
    assert found["figures"] == []
    assert found["left_out"][0].startswith("Figure 'empty' left out: ")
    assert found["left_out"][0] in Page(page).text
    assert (page.parent / "tables" / "X1_one.csv").read_text() == "n\n1\n"


# Python beside R


def test_without_r_the_page_says_so_and_has_everything_else(
    page: Page, folder: Path, outcome: Outcome
) -> None:
    assert "R was not used: it was not asked for." in page.text
    content = strict_json(folder / "results.json")
    assert content["r"] == {"state": "off", "reason": "", "agrees": None, "failures": {}}
    rows = [n for r in content["numbers"] for t in r["tables"] for n in t["numbers"] or ()]
    assert rows
    assert {row["r"] for row in rows} == {None}
    assert {row["verdict"] for row in rows} == {"not compared"}
    assert (folder / "agreement.csv").read_text().startswith("name,statistic,table,row,column,")
    assert content["numbers"][0]["name"] == f"T1.{next(iter(outcome.results[0].requests))}"


def test_why_r_is_unusable_is_told(small: Outcome, tmp_path: Path) -> None:
    reason = "R is not installed. Install it with: apt-get install r-base-core"
    outcome = dataclasses.replace(small, r_state="unusable", r_reason=reason)
    page = write_report(outcome, tmp_path / "report", COMMAND)
    assert "R was not used: it is not usable here. " + reason in Page(page).text
    assert strict_json(page.parent / "results.json")["r"]["reason"] == reason


def test_results_json_has_every_number(folder: Path, outcome: Outcome) -> None:
    content = strict_json(folder / "results.json")
    requests = {entry["name"]: entry for entry in content["numbers"]}
    for result in outcome.results:
        for beside in besides(outcome, result):
            entry = requests[beside.name]
            assert entry["method"] == beside.result.method
            assert entry["n"] == beside.result.n
            for table in entry["tables"]:
                _check_table(table, beside.result)
    assert content["definitions"] == outcome.study.definitions.to_dict()
    assert [a["id"] for a in content["analyses"]] == [r.id for r in outcome.results]
    assert [a["chapter"] for a in content["analyses"]] == [r.chapter for r in outcome.results]
    assert all(a["chapter"] for a in content["analyses"])
    for analysis in content["analyses"]:
        for path in (*analysis["tables"], *analysis["figures"]):
            assert (folder / path).is_file()
        files = [chart[end] for chart in analysis["charts"] for end in ("svg", "png", "pdf")]
        assert files == analysis["figures"]
    captions = [c["caption"] for a in content["analyses"] for c in a["charts"]]
    assert captions == [c.caption for r in outcome.results for c in r.shown.charts.values()]


def _check_table(table: dict, result) -> None:
    frame, shape = result.tables[table["table"]], result.SHAPES[table["table"]]
    assert table["count"] == len(frame) * len(shape.numbers)
    if len(frame) > LONG_ROWS:
        assert table["numbers"] is None
        assert table["see"]
        return
    expected = frame[list(shape.numbers)].astype(float).to_numpy().ravel()
    found = [np.nan if n["python"] is None else n["python"] for n in table["numbers"]]
    np.testing.assert_array_equal(found, expected)


def _with_agreement(outcome: Outcome, **changes: object) -> Outcome:
    """Every number compared with itself, the first one changed."""
    tables = [b.table for r in outcome.results for b in besides(outcome, r)]
    table = pd.concat(tables, ignore_index=True)
    table = table.assign(r=table["python"], difference=0.0, relative=0.0, tolerance=1e-12)
    table["verdict"] = "agree"
    for column, value in changes.items():
        table.loc[0, column] = value
    return dataclasses.replace(outcome, agreement=table, r_state="used")


@pytest.mark.parametrize(
    ("changes", "sentence", "level"),
    [
        ({}, "R agrees on all {n} numbers; no difference at all.", "good"),
        (
            {"relative": 3e-13},
            "R agrees on all {n} numbers; largest relative difference 3e-13.",
            "good",
        ),
        (
            {"relative": 0.5, "verdict": "differ"},
            "R differs on 1 of {n} numbers; largest relative difference 0.5.",
            "bad",
        ),
        (
            {"relative": 0.1, "verdict": "known"},
            "R agrees on {fewer} of {n} numbers; 1 part for a known reason; "
            "largest relative difference 0.1.",
            "note",
        ),
    ],
)
def test_verdict_of_r(
    small: Outcome, tmp_path: Path, changes: dict[str, object], sentence: str, level: str
) -> None:
    outcome = _with_agreement(small, **changes)
    n = len(outcome.agreement)
    page = Page(write_report(outcome, tmp_path / "report", COMMAND))
    assert sentence.format(n=f"{n:,}", fewer=f"{n - 1:,}") in page.text
    assert f"verdict {level}" in page.attributes("class")
    rows = pd.read_csv(tmp_path / "report" / "agreement.csv")
    assert len(rows) == n


def test_a_request_that_r_did_not_answer_is_named(small: Outcome, tmp_path: Path) -> None:
    name = f"T1.{next(iter(small.results[0].requests))}"
    whole = _with_agreement(small)
    rest = whole.agreement[whole.agreement["name"] != name].reset_index(drop=True)
    outcome = dataclasses.replace(whole, agreement=rest, r_failures={name: "time limit"})
    page = Page(write_report(outcome, tmp_path / "report", COMMAND))
    assert f"R gave no answer to 1 request: {name}." in page.text
    assert "R gave no answer: time limit" in page.text
    assert "verdict bad" in page.attributes("class")


@pytest.mark.r
def test_with_r_both_columns_are_there_and_agree(tmp_path: Path) -> None:
    outcome = analyze(awkward_cohort(), r="require", only=["1A", "2A-tau"])
    page = write_report(outcome, tmp_path / "report", COMMAND)
    content = strict_json(page.parent / "results.json")
    assert content["r"]["agrees"] is True
    entry = next(e for e in content["numbers"] if e["name"] == "2A-tau.kendall")
    for number in entry["tables"][0]["numbers"]:
        assert number["r"] == pytest.approx(number["python"], rel=1e-9)
        assert number["verdict"] == "agree"
    assert "r" in content["versions"]
    text = Page(page).text
    assert f"R agrees on all {len(outcome.agreement):,} numbers" in text
    spread = next(e for e in content["numbers"] if e["name"] == "2A-tau.spread")
    answer = next(r for r in outcome.results if r.id == "2A-tau").answers["spread"]
    found = [(n["row"], n["column"]) for n in spread["tables"][0]["numbers"]]
    assert found == list(numbers(answer)[["row", "column"]].itertuples(index=False, name=None))


# Methods and printed numbers


def test_methods_follow_the_definitions(tmp_path: Path) -> None:
    texts = {}
    for name, definitions in {
        "paper2021": Definitions(),
        "unbiased": load_definitions("unbiased", {"crossing": "linear", "response_threshold": 0.5}),
        "recist11": load_definitions("recist11", {"burden": "available"}),
    }.items():
        outcome = analyze(plain_cohort(), definitions, preset=name, r="off", only=["T1"])
        texts[name] = Page(write_report(outcome, tmp_path / name, COMMAND)).text
    assert "≤ 0.7 before any relapse" in texts["paper2021"]
    assert "itself included" in texts["paper2021"]
    assert "includes the lesion itself at distance 0" in texts["paper2021"]
    assert "over the lesions of the patient" in texts["paper2021"]
    assert "With two lesions each ratio term is therefore 0 or 1" in texts["paper2021"]
    assert "fill the low group" in texts["paper2021"]
    assert "≤ 0.5 before any relapse" in texts["unbiased"]
    assert "itself excluded" in texts["unbiased"]
    assert "over all lesions of the cohort" in texts["unbiased"]
    assert "interpolated linearly" in texts["unbiased"]
    assert "0 or 1" not in texts["unbiased"]
    assert "and at least 5 mm above it" in texts["recist11"]
    assert "relative to the baseline sum of the same lesions" in texts["recist11"]
    # Nothing was asked about survival, so nothing is said of it.
    assert not any("The distance knows the future" in text for text in texts.values())
    assert texts["paper2021"].count("(changed)") == 0
    assert texts["unbiased"].count("(changed)") == 5
    assert texts["recist11"].count("(changed)") == 2


def test_every_definition_and_statistic_has_words() -> None:
    assert set(MEANINGS) == {field.name for field in dataclasses.fields(Definitions)}
    assert set(STATISTICS) == set(REGISTRY)
    assert [row.name for row in definition_rows(Definitions())] == list(MEANINGS)


def test_printed_numbers() -> None:
    table = pd.DataFrame(
        {
            "group": ["a", None],
            "n": [12345, 7],
            "events": [3, 0],
            "median": [630.5, np.nan],
            "conf_low": [600.0, 580.25],
            "conf_high": [np.nan, 700.0],
            "p_value": [0.04996, 1e-20],
            "share": [0.5, 0.0004],
            "expected": [0.01234, 0.02],
        }
    )
    shown = printed(table)
    assert [[cell.text for cell in row] for row in shown.rows] == [
        ["a", "12,345", "3", "630.5", "600.0", "not reached", "0.04996", "50.0%", "0.0123"],
        ["–", "7", "0", "not reached", "580.2", "700.0", "<0.001", "<0.1%", "0.0200"],
    ]
    assert [cell.order for cell in shown.rows[1]][1:4] == ["7.0", "0.0", ""]
    assert shown.headings[6] == "P"
    assert shown.numeric == (False,) + (True,) * 8
