"""R's stored answers: Python gives them where no R is, and R still does."""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from lesionhet import requests
from lesionhet.agreement import compare
from lesionhet.engines import engine
from lesionhet.errors import LesionhetError
from lesionhet.results import STATISTIC_OF
from lesionhet.statistics.registry import REGISTRY
from lesionhet.validate.battery import Battery
from lesionhet.validate.case import Case
from lesionhet.validate.golden import (
    ANSWERS,
    DATA_SETS,
    Golden,
    GoldenEngine,
    ask_all,
    read_golden,
    request_digest,
    write_golden,
)
from lesionhet.validate.golden_text import read_gz
from lesionhet.validate.r_data import data_sets
from lesionhet.validate.run import Findings, run
from tests.golden_helpers import FOLDER, stored_data_sets, tolerances_for

MEGABYTES = 3
WHOLE = "LESIONHET_GOLDEN"
"""Environment variable: 1 asks the whole battery again, as `make golden` does; else a share of it."""
SHARE = 5


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden(FOLDER)


@pytest.fixture(scope="module")
def battery(golden: Golden) -> list[Case]:
    with stored_data_sets(golden):
        return list(Battery())


def _parted(findings: Findings) -> str:
    """Give everything that is wrong, in words; empty where nothing is."""
    quantities, refusals = findings.quantities, findings.refusals
    wrong = (
        quantities[quantities["verdict"] == "differ"],
        refusals[refusals["verdict"] == "differ"],
        findings.failures,
    )
    return "\n".join(table.to_string() for table in wrong if len(table))


def _some(battery: list[Case], first: int) -> list[Case]:
    """Give every fifth case, or all; Python and R are asked different ones, each every statistic."""
    if os.environ.get(WHOLE) == "1":
        return battery
    some = battery[first::SHARE]
    missing = set(REGISTRY) - _asked(some)
    for case in battery:
        if missing & _asked([case]):
            some, missing = [*some, case], missing - _asked([case])
    assert missing == set()
    return some


def _asked(cases: list[Case]) -> set[str]:
    return {request.statistic for case in cases for request in case.requests.values()}


# --- Python, without R ------------------------------------------------------------------------


def test_the_rows_are_those_that_r_was_asked_about(golden, battery):
    asked = {(c.name, name): request_digest(r) for c in battery for name, r in c.requests.items()}
    stored = {(a.case, a.question): a.request for a in golden.answers}
    changed = [" / ".join(place) for place in stored if asked.get(place) != stored[place]]
    assert changed == []
    assert set(asked) == set(stored)


def test_python_gives_the_stored_answers(golden, battery):
    findings = run(_some(battery, 0), engine("python"), GoldenEngine(golden))
    assert _parted(findings) == ""
    assert findings.numbers > 20_000


def test_every_number_of_every_statistic_is_stored(golden):
    known = {statistic: result for result, statistic in STATISTIC_OF.items()}
    finite = set()
    for answer in golden.answers:
        for table, columns in answer.tables.items():
            for column, numbers in columns.items():
                if any(isinstance(number, int | float) for number in numbers):
                    finite.add((answer.statistic, table, column))
    needed = {
        (statistic, table, column)
        for statistic in REGISTRY
        for table, shape in known[statistic].SHAPES.items()
        for column in (*shape.keys, *shape.numbers)
    }
    assert needed == finite


def test_refusals_of_r_are_stored(golden):
    refused = {answer.statistic: answer.refused for answer in golden.answers if answer.refused}
    assert {"cox", "log_rank", "median_groups", "quantile_groups", "resampled_cox"} <= set(refused)
    assert all(refused.values())


# --- what is noticed --------------------------------------------------------------------------


def _case_of(battery: list[Case], statistic: str, golden: Golden) -> tuple[Case, int]:
    """Give a case of the one question, and the place of its stored answer."""
    for place, answer in enumerate(golden.answers):
        if answer.statistic == statistic and not answer.refused:
            case = next(case for case in battery if case.name == answer.case)
            one = {answer.question: case.requests[answer.question]}
            return replace(case, requests=one, refused={}), place
    raise AssertionError(statistic)


def _with(golden: Golden, place: int, folder: Path, **changes: object) -> GoldenEngine:
    """Store one answer otherwise, in a folder of its own, and read it from there."""
    answers = list(golden.answers)
    answers[place] = replace(answers[place], **changes)
    write_golden(folder, replace(golden, answers=tuple(answers)))
    return GoldenEngine(read_golden(folder))


@pytest.mark.parametrize(
    ("statistic", "table", "column", "times"),
    [
        ("cox", "terms", "estimate", 1 + 1e-6),
        ("kaplan_meier", "curve", "n_risk", 2),
        ("kendall", "test", "p_value", 1 + 1e-9),
    ],
)
def test_a_changed_number_is_noticed(golden, battery, tmp_path, statistic, table, column, times):
    case, place = _case_of(battery, statistic, golden)
    tables = {name: dict(columns) for name, columns in golden.answers[place].tables.items()}
    first, *others = tables[table][column]
    tables[table][column] = [first * times, *others]
    findings = run([case], engine("python"), _with(golden, place, tmp_path, tables=tables))
    parted = findings.quantities[findings.quantities["verdict"] == "differ"]
    assert f"{statistic}.{table}.{column}" in set(parted["statistic"])
    assert parted["differ"].max() == 1


def test_an_answer_turned_refusal_is_noticed(golden, battery, tmp_path):
    case, place = _case_of(battery, "cox", golden)
    second = _with(golden, place, tmp_path, tables={}, refused="no finite coefficient")
    refusals = run([case], engine("python"), second).refusals
    assert refusals[["statistic", "r", "verdict"]].to_numpy().tolist() == [
        ["cox", "no finite coefficient", "differ"]
    ]


def test_changed_rows_are_told_from_a_changed_answer(golden, battery):
    case, _ = _case_of(battery, "describe", golden)
    (question, request), *_ = case.requests.items()
    data = request.data.assign(values=request.data["values"] + 1e-9)
    moved = replace(case, requests={question: replace(request, data=data)})
    failures = run([moved], engine("python"), GoldenEngine(golden)).failures
    assert failures["engine"].tolist() == ["r"]
    assert "What makes the rows has changed" in failures["reason"].iloc[0]
    assert "make golden" in failures["reason"].iloc[0]


def test_options_and_labels_are_part_of_the_question():
    rows = pd.DataFrame({"dose": [1.0, 0.0, 2.0, 1.0]})
    one = requests.cox([1, 2, 3, 4], [1, 1, 1, 0], rows)
    other = requests.cox([1, 2, 3, 4], [1, 1, 1, 0], rows, conf_level=0.9)
    named = requests.cox([1, 2, 3, 4], [1, 1, 1, 0], rows.rename(columns={"dose": "Dose"}))
    assert len({request_digest(request) for request in (one, other, named)}) == 3


# --- the files --------------------------------------------------------------------------------


def test_the_same_content_is_the_same_bytes(golden, tmp_path):
    write_golden(tmp_path / "one", golden)
    write_golden(tmp_path / "two", read_golden(tmp_path / "one"))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    # Another zlib may pack the same lines otherwise.
    for name in (ANSWERS, DATA_SETS):
        assert read_gz(tmp_path / "two" / name) == read_gz(FOLDER / name)


def test_the_files_are_small_and_say_what_gave_them(golden):
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MEGABYTES * 1e6
    assert f"R version {golden.versions['R']} " in golden.session_info
    for package in ("survival", "cluster", "rstatix"):
        version = re.escape(golden.versions[package]).replace(r"\.", "[.-]")
        assert re.search(f"{package}_{version}", golden.session_info)
    assert set(golden.data_sets.tables) == {data_set.name for data_set in data_sets()}


def test_a_missing_file_is_named_with_the_command_that_writes_it(tmp_path):
    with pytest.raises(LesionhetError, match=r"answers\.jsonl\.gz; 'make golden' writes it"):
        read_golden(tmp_path)


# --- with R -----------------------------------------------------------------------------------


@pytest.mark.r
def test_live_r_has_the_stored_data_sets(golden):
    from r_bridge.data_sets import read_data_sets

    live = read_data_sets(list(golden.data_sets.tables)).tables
    for name, table in golden.data_sets.tables.items():
        pd.testing.assert_frame_equal(
            live[name], table, check_exact=True, check_names=False, obj=name
        )


@pytest.mark.r
def test_live_r_still_gives_the_stored_answers(golden, battery):
    live = engine("r")
    tolerances = tolerances_for(golden.versions, live.versions())
    findings = run(
        _some(battery, 2),
        GoldenEngine(golden),
        live,
        comparison=partial(compare, tolerances=tolerances),
    )
    assert _parted(findings) == ""


@pytest.mark.r
def test_one_command_writes_the_files(tmp_path, monkeypatch, capsys):
    path = Path(__file__).parents[1] / "scripts" / "write_golden.py"
    spec = importlib.util.spec_from_file_location("write_golden", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setattr(script, "Battery", lambda: Battery(2, only=["kendall"], r_data=False))
    assert script.main([]) == 2
    assert script.main([str(tmp_path)]) == 0
    assert "2 questions" in capsys.readouterr().out
    written = read_golden(tmp_path)
    again = ask_all(Battery(2, only=["kendall"], r_data=False), engine("r"))
    assert written.answers == again
