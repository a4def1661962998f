"""The page What a reviewer would ask: its answers, each part twice, and what is missing."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lesionhet.analyses.reviewer import ANALYSES
from lesionhet.analyses.reviewer.critiques import CRITIQUES, by_critique, critique_key
from lesionhet.charts import ForestChart
from streamlit_app import state, steps
from streamlit_app.interactive import packed, panels
from tests.app_analyse_helpers import SURVIVAL, app_with, open_twice, quiet, run_twice, texts
from tests.figures_helpers import forest

PAGE = "reviewer"
NOT_YET = "Not asked yet."
PART = "reviewer_part"
FEW = ("TIME-1", "TIME-2")
"""Analyses that stand for all where all would take long."""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the chapter have two analyses."""
    chosen = tuple(a for a in ANALYSES if a.id in FEW)
    monkeypatch.setattr(state, "analyses", lambda: chosen)
    monkeypatch.setattr("lesionhet.analyses.ledger", lambda plan: chosen)


def said(at: AppTest) -> str:
    """Give everything that the page says, as it is read."""
    return texts(at).replace("\u2060", "")


def ids(at: AppTest) -> set[str]:
    """Give the analyses whose numbers the page Python and R would compare."""
    kept = [known for memo in at.session_state["asked"]._kept.values() for known in memo]
    return {name.partition(".")[0] for name in kept}


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    at = open_twice(app_with(), PAGE)

    assert at.title[0].value == "What a reviewer would ask"
    assert said(at).count(NOT_YET) == len(ANALYSES)
    for critique, _ in by_critique(ANALYSES):
        assert critique.name in said(at)
    assert "asked" not in at.session_state
    assert at.segmented_control(key=PART).options[1:] == [
        critique.name for critique, _ in by_critique(ANALYSES)
    ]


def test_all_answers_at_once(few: None) -> None:
    at = open_twice(app_with(), PAGE)
    at.button(key="reviewer_all").click().run()
    quiet(at)

    assert NOT_YET not in said(at)
    assert ids(at) == set(FEW)
    assert "per 0.1 (95% interval" in said(at)
    assert not [b for b in at.button if b.key == "reviewer_all"]
    at = run_twice(at, open_reviewer_answers=True)
    table = at.dataframe[0].value
    assert list(table["analysis"]) == list(FEW)
    assert all(answer in said(at) for answer in table["answer"])


def test_a_stop_keeps_what_was_answered(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_twice(app_with(), PAGE)
    whole = steps.work

    def stopped_by_reader(work, todo, do, **options) -> None:  # type: ignore[no-untyped-def]
        whole(work, todo[:1], do, **options)

    monkeypatch.setattr(steps, "work", stopped_by_reader)
    at.button(key="reviewer_all").click().run()
    quiet(at)
    assert said(at).count(NOT_YET) == 1
    assert ids(at) == {"TIME-1"}
    assert "1 of 2" in at.button(key="reviewer_all").label


def test_a_part_is_computed_when_it_is_opened(few: None) -> None:
    at = open_twice(app_with(), PAGE)
    at.button(key="reviewer_open_Time").click().run()
    quiet(at)

    assert at.segmented_control(key=PART).value == "Time"
    assert len(at.subheader) == len(FEW)
    assert CRITIQUES["TIME"].remedy in said(at)
    shown = said(at)
    at = run_twice(at, reviewer_methods_Time=True)
    assert "coxph {survival}" in said(at)
    assert CRITIQUES["TIME"].reference in said(at)
    at = run_twice(at, reviewer_part="All answers")
    assert NOT_YET not in said(at)
    (first, *_) = [line for line in said(at).splitlines() if "per 0.1 (95% interval" in line]
    assert first in shown


@pytest.mark.parametrize("without", [SURVIVAL, ("site",), ("arm",)])
def test_what_lacks_its_columns_says_so(without: tuple[str, ...]) -> None:
    at = open_twice(app_with(without), PAGE)
    lacking = [a for a in ANALYSES if set(a.needs) & set(without)]

    assert said(at).count("Not done.") == len(lacking)
    assert said(at).count(NOT_YET) == len(ANALYSES) - len(lacking)
    if lacking:
        name = CRITIQUES[critique_key(lacking[0].id)].name
        if all(set(a.needs) & set(without) for a in ANALYSES if critique_key(a.id) == "TIME"):
            at = run_twice(at, reviewer_part=name)
            assert "missing: os_days, os_event" in said(at)


def test_another_page_and_back_keeps_the_part() -> None:
    at = run_twice(open_twice(app_with(SURVIVAL), PAGE), reviewer_part="Time")
    at = open_twice(open_twice(at, "data"), PAGE)
    assert at.segmented_control(key=PART).value == "Time"


def test_the_page_survival_leads_here() -> None:
    at = open_twice(app_with(SURVIVAL[2:]), "survival")
    (link,) = [found.proto for found in at.get("page_link")]
    assert link.label.endswith("What a reviewer would ask")
    assert link.page.endswith(PAGE)


def test_without_data_the_page_says_where_they_come_from() -> None:
    at = app_with()
    del at.session_state["data"]
    open_twice(at, PAGE)
    assert "There are no data yet" in said(at)


# The forest plot that most parts show


def test_rows_of_one_name_in_two_panels_are_two_rows() -> None:
    chart = forest(("Naive", "Landmark"), ("Overall survival", "Progression-free survival"))
    assert isinstance(chart, ForestChart)

    (drawn,) = panels(chart).values()
    spec = packed(drawn)

    (domain,) = {tuple(layer["encoding"]["y"]["scale"]["domain"]) for layer in spec["layer"][:2]}
    assert len(domain) == 6
    assert [name.strip("\u2060\u2063") for name in domain] == [
        *("Overall survival", "Naive", "Landmark"),
        *("Progression-free survival", "Naive", "Landmark"),
    ]
    rows = max((table for table in spec["datasets"].values()), key=len).to_pylist()
    assert {row["place"] for row in rows} < set(domain)
    ticks = spec["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert 1.0 in ticks
