"""`lesionhet validate`: exit codes, what is printed, what is filed."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import math
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from validate_helpers import NASTY, Faulty, break_down, nasty_case, refuse, times, validation

from lesionhet import requests
from lesionhet.agreement import COMPARED, KnownDifference, compare
from lesionhet.cli import main
from lesionhet.commands.validate import say
from lesionhet.engines import engine
from lesionhet.errors import UsageError
from lesionhet.simulate import simulate_trial, write_trial
from lesionhet.tolerances import TOLERANCES, tolerance
from lesionhet.tolerances.changes import changed_tolerances, quantities
from lesionhet.validate import words
from lesionhet.validate.folder import write_validation
from lesionhet.validate.junit import write_junit
from lesionhet.validate.outcome import QUANTITIES, Validation
from lesionhet.validate.screen import WIDTH, to_text

FAULTS = {
    "kendall": times("test", "p_value", 1.001),
    "kruskal_wallis": refuse,
    "dunn": break_down,
    "describe": times("summary", "sd", 1 + 1e-9),
}
FILES = {"agreement.csv", "validation.json", "junit.xml", "validation.html"}

# Attributes of Jenkins' schema junit-10.xsd: element -> required, permitted.
SCHEMA = {
    "testsuites": ((), ("name", "time", "tests", "failures", "errors")),
    "testsuite": (
        ("name", "tests", "failures", "errors"),
        ("time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"),
    ),
    "properties": ((), ()),
    "property": (("name", "value"), ()),
    "testcase": (("name",), ("time", "classname", "group")),
    "failure": ((), ("type", "message")),
    "error": ((), ("type", "message")),
    "skipped": ((), ("type", "message")),
}


@pytest.fixture(scope="module")
def faulty() -> Validation:
    return validation(nasty_case(), Faulty(FAULTS))[0]


def filed(found: Validation, tables: list[Any], target: Path) -> Path:
    def validate(sink: Any) -> Validation:
        for table in tables:
            sink(table)
        return found

    _, page = write_validation(
        validate,
        target,
        command=f"lesionhet validate {NASTY[0]}",
        settings={"Statistics": NASTY[1]},
        tolerances=TOLERANCES,
    )
    return page.parent


# --- tolerances by name


def test_a_tolerance_is_changed_by_every_level_of_name() -> None:
    for name, count in (
        ("cox.terms.estimate", 1),
        ("cox.terms", 7),
        ("cox", 14),
        ("all", len(list(quantities()))),
    ):
        changed = changed_tolerances([f"{name}=3e-3"])
        different = [
            q
            for q in quantities()
            if tolerance(q.statistic, q.table, q.column, changed).relative == 3e-3
        ]
        assert len(different) == count
        assert all(name in q.names for q in different)


def test_floors_change_in_proportion_and_exact_numbers_become_relative() -> None:
    changed = changed_tolerances(["cox.terms.estimate=1e-5", "cox.model.events=0.5"])
    estimate = tolerance("cox", "terms", "estimate", changed)
    assert estimate.floor == pytest.approx(1e-6, rel=1e-12)
    assert estimate.scale == ("std_error",)
    assert tolerance("cox", "model", "events", changed).relative == 0.5
    assert tolerance("cox", "model", "events").relative == 0


def test_the_later_of_two_changes_counts_and_the_table_itself_stays() -> None:
    changed = changed_tolerances(["all=1", "cox=1e-3", "cox.terms.p_value=0"])
    assert tolerance("kendall", "test", "estimate", changed).relative == 1
    assert tolerance("cox", "terms", "estimate", changed).relative == 1e-3
    assert tolerance("cox", "terms", "p_value", changed).relative == 0
    assert tolerance("cox", "terms", "estimate").relative == 1e-7


@pytest.mark.parametrize(
    ("statistic", "fault"),
    [
        ("kendall.test.p_value", times("test", "p_value", 1 + 1e-9)),
        ("kendall.test.estimate", times("test", "estimate", 1 + 1e-9)),
        ("kendall.test", times("test", "statistic", 1 + 1e-9)),
        ("all", times("test", "statistic", 1 + 1e-9)),
    ],
)
def test_loosened_tolerances_heal_and_tight_ones_part(statistic: str, fault: Any) -> None:
    request = requests.kendall([1, 2, 3, 4, 5, 6], [1, 3, 2, 5, 4, 7])
    python = engine("python").answer(request)
    second = fault(python)
    assert "differ" in set(compare("x", python, second)["verdict"])
    loose = changed_tolerances([f"{statistic}=1e-6"])
    assert set(compare("x", python, second, tolerances=loose)["verdict"]) == {"agree"}
    tight = changed_tolerances([f"{statistic}=1e-6", f"{statistic}=0"])
    assert "differ" in set(compare("x", python, second, tolerances=tight)["verdict"])


def test_a_p_value_can_be_tightened_although_its_statistic_may_move() -> None:
    request = requests.kendall([1, 2, 3, 4, 5, 6], [1, 3, 2, 5, 4, 7])
    python = engine("python").answer(request)
    second = times("test", "p_value", 1 + 1e-14)(python)
    assert set(compare("x", python, second)["verdict"]) == {"agree"}
    tight = changed_tolerances(["kendall.test.p_value=0"])
    table = compare("x", python, second, tolerances=tight)
    assert table.loc[table["verdict"] == "differ", "column"].tolist() == ["p_value"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("kendal=1e-9", "near: kendall"),
        ("cox.terms.estimat=1", "cox.terms.estimate"),
        ("zzz=1", "describe"),
        ("cox", "permitted is NAME=VALUE"),
        ("=1", "permitted is NAME=VALUE"),
        ("cox=-1", "0 or more"),
        ("cox=nan", "0 or more"),
        ("cox=inf", "0 or more"),
        ("cox=tight", "0 or more"),
    ],
)
def test_unusable_tolerances_are_refused(given: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        changed_tolerances([given])


# --- what is printed


def test_the_screen_has_every_statistic_and_names_what_is_wrong(faulty: Validation) -> None:
    text = to_text(faulty)
    assert max(map(len, text.splitlines())) <= WIDTH
    for name in faulty.quantities["statistic"]:
        assert name in text
    assert not faulty.agrees
    last = text.splitlines()[-3:]
    assert any("Python and R do not agree." in line for line in last)
    flat = " ".join(text.split())
    assert "describe.summary.sd differs in 6 of 6 numbers" in flat
    assert "kendall.test.p_value differs in 1 of 1 number" in flat
    assert "kruskal_wallis: Python answers. R refuses: no answer for <these> data" in flat
    assert "dunn: R failed: ZeroDivisionError: engine & all" in flat
    assert "1 refused before either language" in flat
    assert all(c.isprintable() or c == "\n" for c in text)


def test_names_that_the_terminal_cannot_show_are_escaped(
    faulty: Validation, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    foreign = faulty.refusals.assign(case="日本")
    say(dataclasses.replace(faulty, refusals=foreign), None)
    sys.stdout.flush()
    assert rb"\u65e5\u672c, kruskal_wallis" in written.getvalue()


def test_a_label_of_ten_thousand_characters_is_cut_and_counted() -> None:
    assert words.one_line(NASTY[-1]).endswith("... (10,000 characters)")


def test_a_known_difference_is_no_failure_and_no_pass(tmp_path: Path) -> None:
    known = (KnownDifference("kendall", "test", "p_value", "because of <that>"),)
    found, tables = validation(nasty_case(), Faulty({"kendall": FAULTS["kendall"]}), known)
    assert found.agrees
    assert "1 differ for a documented reason" in words.verdict(found)
    write_junit(found, tmp_path / "junit.xml")
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    case = root.find(".//testcase[@name='kendall.test.p_value']")
    assert case is not None
    assert "because of <that>" in case[0].get("message", "")
    assert case[0].tag == "skipped"
    page = (filed(found, tables, tmp_path / "record") / "validation.html").read_text("utf-8")
    assert "because of &lt;that&gt;" in page


# --- what is filed


def test_junit_follows_the_schema_whatever_the_labels(faulty: Validation, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    write_junit(faulty, path)
    root = ElementTree.parse(path).getroot()
    for element in root.iter():
        required, permitted = SCHEMA[element.tag]
        assert set(required) <= set(element.attrib) <= {*required, *permitted}
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "")) == len(cases)
        for attribute, tag in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(suite.get(attribute, "")) == sum(
                case.find(tag) is not None for case in cases
            )
    assert int(root.get("tests", "")) == len(root.findall(".//testcase"))
    assert {suite.get("name") for suite in root} >= {"describe", "kendall", "dunn", "analyses"}
    assert root[0].get("timestamp") == "2026-02-03T02:05:06"


def test_junit_failures_name_case_row_and_both_values(faulty: Validation, tmp_path: Path) -> None:
    write_junit(faulty, tmp_path / "junit.xml")
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    names = {case.get("name") for case in root.iter("testcase")}
    assert set(faulty.quantities["statistic"]) <= names
    failed = root.find(".//testcase[@name='describe.summary.sd']/failure")
    assert failed is not None
    row = faulty.quantities.set_index("statistic").loc["describe.summary.sd"]
    assert failed.text is not None
    assert f"Python: {float(row['python'])!r}" in failed.text
    assert f"R: {float(row['r'])!r}" in failed.text
    assert NASTY[0] in failed.text
    error = root.find(".//testsuite[@name='dunn']/testcase/error")
    assert error is not None
    assert "engine & all" in str(error.text)
    refused = root.find(".//testsuite[@name='kruskal_wallis']/testcase/failure")
    assert refused is not None
    assert "no answer for <these> data" in str(refused.text)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_whole_escaped_and_needs_nothing_else(tmp_path: Path) -> None:
    found, tables = validation(nasty_case(), Faulty(FAULTS))
    folder = filed(found, tables, tmp_path / "record")
    text = (folder / "validation.html").read_text("utf-8")
    page = Tags()
    page.feed(text)
    tags = {tag for tag, _ in page.found}
    assert not tags & {"script", "img", "link", "iframe", "a"}
    assert not any("src" in attributes or "href" in attributes for _, attributes in page.found)
    assert "url(" not in text
    said = " ".join(" ".join(page.words).split())
    for part in (
        "Python and R do not agree.",
        NASTY[0],
        "Run by",
        "Known differences",
        "Tolerances in force",
        hashlib.sha256(
            (Path(__file__).parent.parent / "r_bridge/r/cox.R").read_bytes()
        ).hexdigest(),
        *found.versions["python"].values(),
    ):
        assert part in said
    for name in found.quantities["statistic"]:
        assert name.replace(".", ".<wbr>").replace("_", "_<wbr>") in text


def test_the_record_for_programs_has_everything(tmp_path: Path) -> None:
    found, tables = validation(nasty_case(), Faulty(FAULTS))
    folder = filed(found, tables, tmp_path / "record")
    content = json.loads(
        (folder / "validation.json").read_text("utf-8"), parse_constant=pytest.fail
    )
    assert content["agrees"] is False
    assert content["numbers"] == found.numbers == sum(map(len, tables))
    assert [tuple(row) for row in content["quantities"]] == [QUANTITIES] * len(found.quantities)
    for row, expected in zip(
        content["quantities"], found.quantities.to_dict("records"), strict=True
    ):
        value = expected["python"]
        assert row["python"] == (None if math.isnan(value) else value)
    assert content["failures"][0]["reason"] == "ZeroDivisionError: engine & all"
    assert content["inputs"] == [{"file": NASTY[0], "sha256": "0" * 64}]
    assert content["skipped"] == {"2C": f"no {NASTY[3]}"}
    source = {package["package"]: package["files"] for package in content["sources"]}
    here = Path(__file__).parent.parent / "lesionhet" / "gower.py"
    assert source["lesionhet"]["gower.py"] == hashlib.sha256(here.read_bytes()).hexdigest()


def test_every_number_is_in_the_csv_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    labels = [label for label in NASTY if len(label) < 100]
    request = requests.describe([1.0, 2.0] * len(labels), [x for x in labels for _ in "ab"])
    answer = engine("python").answer(request)
    compared = compare("", answer, answer)
    tables = [compared.assign(name=f"={number}") for number in range(700)]
    found, _ = validation(nasty_case(), Faulty({}))
    folder = filed(found, tables, tmp_path / "record")
    table = pd.read_csv(folder / "agreement.csv")
    assert tuple(table.columns) == COMPARED
    assert len(table) == sum(map(len, tables)) > 20_000
    assert table["name"].drop_duplicates().tolist() == [f"'={n}" for n in range(700)]
    assert "'=cmd|' /C calc'!A0" in set(table["row"])
    assert {path.name for path in folder.iterdir()} == FILES


def test_a_foreign_folder_and_a_failed_run_leave_everything_as_it_was(tmp_path: Path) -> None:
    found, tables = validation(nasty_case(), Faulty({}))
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match="no earlier validation record"):
        filed(found, tables, foreign)
    folder = filed(found, tables, tmp_path / "record")
    before = (folder / "validation.json").read_bytes()

    def interrupted(sink: Any) -> Validation:
        sink(tables[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_validation(interrupted, folder, command="", settings={}, tolerances=TOLERANCES)
    assert (folder / "validation.json").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"foreign", "record"}
    assert filed(found, tables, folder) == folder


# --- the command


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--tolerance", "coxx=1"], "no number is called 'coxx'"),
        (["--only", "coxx"], "no statistic is called 'coxx'"),
        (["--seed", "-1"], "permitted: 0 or more"),
        (["--cohorts", "-2"], "permitted: 0 or more"),
        (["--map", "day=DY"], "name LESIONS, --sdtm or --adam"),
        (["--definitions", "unbiased"], "name LESIONS, --sdtm or --adam"),
        (["--allow-jumps"], "--allow-jumps is about a cohort"),
        (["nowhere.csv"], "there is no such file"),
    ],
)
def test_bad_usage_exits_2_before_anything_runs(
    given: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", *given, "-o", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_r_it_exits_3_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    assert main(["validate", "-o", str(tmp_path / "deep" / "out")]) == 3
    assert "apt-get install" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.r
def test_the_battery_agrees_and_is_filed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "record"
    words_ = ["validate", "--cohorts", "2", "--only", "kendall,describe", "-o", str(target)]
    assert main(words_) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.splitlines()[-1] == str(target / "validation.html")
    assert said.out.splitlines()[-2].startswith("Python and R agree on all ")
    assert {path.name for path in target.iterdir()} == FILES
    content = json.loads((target / "validation.json").read_text("utf-8"))
    assert content["agrees"] is True
    assert {row["statistic"].split(".")[0] for row in content["quantities"]} == {
        "kendall",
        "describe",
    }
    assert content["settings"]["Random cohorts"] == "2"
    assert {"R", "survival", "cluster"} <= set(content["versions"]["r"])
    assert content["command"] == "lesionhet " + " ".join(words_)
    assert len(pd.read_csv(target / "agreement.csv")) == content["numbers"] > 500


@pytest.mark.r
def test_a_tolerance_of_nothing_exits_1_and_names_the_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words_ = ["validate", "--cohorts", "1", "--only", "kendall"]
    assert main([*words_, "--tolerance", "kendall.test.p_value=0"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "kendall.test.p_value differs in " in said
    assert "Tolerances changed: kendall.test.p_value=0" in said
    assert "kendall.test.estimate differs" not in said


@pytest.mark.r
def test_a_wrong_tail_in_python_exits_1_and_a_loose_tolerance_heals_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lesionhet.statistics import rank

    right = rank.kendall

    def wrong(data: pd.DataFrame, **options: Any) -> dict[str, pd.DataFrame]:
        tables = right(data, **options)
        tables["test"]["p_value"] /= 2
        return tables

    monkeypatch.setattr(rank, "kendall", wrong)
    words_ = ["validate", "--cohorts", "1", "--only", "kendall"]
    assert main(words_) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "numbers differ (kendall.test.p_value)" in said
    assert main([*words_, "--tolerance", "kendall.test.p_value=0.51"]) == 0


@pytest.mark.r
def test_a_cohort_of_two_files_is_asked_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_trial(simulate_trial(n_patients=60, seed=9), tmp_path)
    files = [tmp_path / name for name in ("lesions.csv", "patients.csv")]
    target = tmp_path / "record"
    code = main(
        ["validate", *map(str, files), "--cohorts", "0", "--only", "kendall,log_rank", "-o",
         str(target), "--set", "site_min_lesions=5", "--definitions", "unbiased"]
    )  # fmt: skip
    assert code == 0
    content = json.loads((target / "validation.json").read_text("utf-8"))
    assert [file["file"] for file in content["inputs"]] == list(map(str, files))
    for file, path in zip(content["inputs"], files, strict=True):
        assert file["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    table = pd.read_csv(target / "agreement.csv")
    own = table[table["name"].str.startswith("the cohort, ")]
    assert {"the cohort, 2A-tau.kendall", "the cohort, 2C.log_rank"} <= set(own["name"])
    assert set(own["statistic"]) == {"kendall", "log_rank"}
    assert len(own) < len(table)
    assert content["settings"]["Definitions"] == "unbiased"
    assert content["settings"]["Definitions changed"] == "site_min_lesions=5"
    assert all(content["skipped"].values())
    assert "Not asked of the cohort:" in capsys.readouterr().out


@pytest.mark.r
def test_only_statistics_that_nobody_is_asked_are_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["validate", "--cohorts", "0", "--only", "heterogeneity", "-o", str(tmp_path / "x")]
    )
    assert code == 2
    assert "not one number was compared" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
