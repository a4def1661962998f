"""What this package computes itself, beside lifelines, SciPy and scikit-posthocs on the same questions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statistics_helpers import leukaemia, simulated
from validate_helpers import validation

from lesionhet import requests
from lesionhet.agreement import compare
from lesionhet.cli import main
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests import Request
from lesionhet.statistics.libraries.engine import ANSWERED, LibrariesEngine
from lesionhet.validate import words
from lesionhet.validate.case import Case
from lesionhet.validate.cohorts import random_case
from lesionhet.validate.junit import test_cases as cases_of
from lesionhet.validate.libraries import Libraries
from lesionhet.validate.run import run
from lesionhet.validate.screen import to_text


def of_every_kind(seed: int, n: int = 90) -> dict[str, Request[Any]]:
    """Ask every statistic that the libraries have of tied, gappy, censored rows."""
    data = simulated(seed, n)
    rng = np.random.default_rng(seed)
    values = data["value"].where(rng.random(n) > 0.1)
    other = np.round(rng.gamma(2, 1, n))
    time, event, group = data["time"], data["event"], data["group"]
    two = group.where(group != "g3")
    x = data[["x", "z"]]
    return {
        "mann_whitney": requests.mann_whitney(values, two),
        "kruskal_wallis": requests.kruskal_wallis(values, group),
        "dunn": requests.dunn(values, group),
        "kendall": requests.kendall(values, other),
        "kendall apart": requests.kendall(data["x"], -data["x"] + 0.3 * other),
        "median_interval": requests.median_interval(values, group, conf_level=0.9),
        "proportion": requests.proportion((other > 1).astype(int), group, conf_level=0.8),
        "sign_test": requests.sign_test(np.sign(other - 1)),
        "rank_correlations": requests.rank_correlations(x.assign(other=other)),
        "kaplan_meier": requests.kaplan_meier(time, event, group, times=[0, 20, 5000]),
        "kaplan_meier log-log": requests.kaplan_meier(
            time, event, group, conf_type="log-log", conf_level=0.8, times=[20]
        ),
        "log_rank": requests.log_rank(time, event, group),
        "cox": requests.cox(time, event, x, conf_level=0.9),
        "cox in strata": requests.cox(time, event, x, data["stratum"]),
    }


def odd_ones() -> dict[str, Request[Any]]:
    """Ask of one row, one value a group, no event, nothing but events, a late case, all alike but one."""
    one, two = [5.0], [7.0, 7.0, 7.0, 9.0]
    survived = leukaemia()
    late = [*survived["time"], 400.0]
    return {
        "curve of one event": requests.kaplan_meier(one, [1], times=[0, 5, 6]),
        "curve of one censored": requests.kaplan_meier(one, [0], conf_type="log-log"),
        "curve from day 0": requests.kaplan_meier([0.0, 0.0, 3.0], [1, 0, 1], times=[0]),
        "flat at one half": requests.kaplan_meier([1.0, 2.0, 3.0, 9.0], [1, 1, 1, 0]),
        "curve with a late case": requests.kaplan_meier(late, [*survived["event"], 0]),
        "log_rank with a late case": requests.log_rank(
            late, [*survived["event"], 1], [*survived["group"], "6-MP"]
        ),
        "nothing but events": requests.log_rank([1, 2, 3, 4, 5], [1] * 5, list("ababa")),
        "one value a group": requests.mann_whitney([1.0, 2.0], list("ab")),
        "no difference at all": requests.mann_whitney([1.0, 2.0, 1.0, 2.0], list("aabb")),
        "all alike but one": requests.kruskal_wallis(two, list("aabb")),
        "pairs of single values": requests.dunn([1.0, 2.0, 4.0], list("abc")),
        "three pairs": requests.kendall([1, 2, 3], [1, 3, 2]),
        "median of one": requests.median_interval(one),
        "none": requests.proportion([0, 0, 0]),
        "all": requests.proportion([1]),
        "equally often": requests.sign_test([1, -1, 0]),
        "unsorted rows": requests.cox(
            [5, 1, 4, 2, 3], [1, 1, 0, 1, 1], pd.DataFrame({"x": [1, 0, 2, 1, 0]})
        ),
    }


def differences(asked: dict[str, Request[Any]]) -> pd.DataFrame:
    python, libraries = engine("python"), engine("libraries")
    tables = [
        compare(name, python.answer(request), libraries.answer(request))
        for name, request in asked.items()
    ]
    rows = pd.concat(tables, ignore_index=True)
    return rows[rows["verdict"] != "agree"]


@pytest.mark.parametrize("seed", range(2))
def test_every_statistic_of_the_libraries_agrees(seed: int) -> None:
    asked = of_every_kind(seed)
    assert {request.statistic for request in asked.values()} == set(ANSWERED)
    assert differences(asked).empty


def test_odd_rows_agree() -> None:
    assert differences(odd_ones()).empty


def test_random_cohorts_with_every_kind_of_trouble_agree() -> None:
    check, python = Libraries(), engine("python")
    cases = [random_case(number, 11, ["dunn", "kendall", "log_rank"]) for number in range(1, 25)]
    run(cases, python, python, answered=check.ask)
    found = check.opinion()
    assert found.agrees, [found.parted, found.failed]
    assert set(found.quantities["statistic"].str.split(".").str[0]) == {
        "dunn",
        "kendall",
        "log_rank",
    }


def test_other_statistics_are_refused_with_a_list_of_those_there_are() -> None:
    libraries = LibrariesEngine()
    stratified = requests.log_rank([1, 2, 3, 4], [1, 1, 1, 0], list("abab"), strata=list("xxyy"))
    absent: dict[str, Request[Any]] = {
        "no count": requests.count(["a"]),
        "no stratified log_rank": stratified,
    }
    for what, request in absent.items():
        assert not libraries.has(request)
        with pytest.raises(UsageError, match=f"{what}; they have mann_whitney, .* sign_test"):
            libraries.answer(request)


def test_a_p_value_of_0_gives_no_statistic() -> None:
    values = np.arange(4000.0)
    with pytest.raises(NotEstimableError, match="P = 0"):
        engine("libraries").answer(requests.kendall(values, values))
    assert engine("python").answer(requests.kendall(values, values)).value("statistic") > 90


def test_a_fit_that_lifelines_does_not_finish_is_refused() -> None:
    x = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    request = requests.cox([6, 5, 4, 3, 2, 1], [1] * 6, x)
    for name in ("python", "libraries"):
        with pytest.raises(NotEstimableError):
            engine(name).answer(request)


class OffByALittle(LibrariesEngine):
    """Libraries whose P values are a little larger, and whose Dunn test breaks down."""

    def answer(self, request: Request[Any]) -> Any:
        if request.statistic == "dunn":
            raise ZeroDivisionError("no Dunn")
        answer: Any = LibrariesEngine().answer(request)
        tables = dict(answer.tables)
        if "test" in tables:
            tables["test"] = tables["test"].assign(p_value=tables["test"]["p_value"] * (1 + 1e-8))
        return dataclasses.replace(answer, tables=tables)


def test_libraries_that_part_or_break_down_are_told_and_fail_the_validation() -> None:
    asked = of_every_kind(5)
    case = Case(
        "a cohort", "by hand", {name: asked[name] for name in ("kendall", "dunn", "cox")}, {}
    )
    whole, _ = validation(case, engine("python"))
    assert whole.agrees
    for third, agrees in ((Libraries(), True), (Libraries(OffByALittle()), False)):
        for name, request in case.requests.items():
            third.ask(case.name, name, request, engine("python").answer(request))
        found = dataclasses.replace(whole, libraries=third.opinion())
        assert found.agrees is agrees
        bad = [c for c in cases_of(found) if c.outcome in ("failure", "error")]
        assert [c.outcome for c in bad] == ([] if agrees else ["failure", "error"])
    text = to_text(found)
    assert "1 differ (kendall.test.p_value)" in text
    assert "1 question on which they failed" in text
    assert "no Dunn" in text
    assert "do not agree with Python" in words.verdict(found)


@pytest.mark.r
def test_validate_asks_the_libraries_beside_r(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--cohorts", "1", "--only", "rank_correlations", "--libraries"]
    assert main(["validate", *given, "-o", str(tmp_path / "record")]) == 0
    assert "Python and its libraries: " in capsys.readouterr().out
    rows = pd.read_csv(tmp_path / "record" / "agreement.csv")
    third = rows[rows["name"].str.endswith("(libraries)")]
    assert set(third["statistic"]) == {"rank_correlations"}
    record = json.loads((tmp_path / "record" / "validation.json").read_text(encoding="utf-8"))
    assert record["libraries"]["agree"] is True
    assert record["libraries"]["numbers"] == len(third)
    assert "Libraries" in (tmp_path / "record" / "validation.html").read_text(encoding="utf-8")
