"""The pages survival, organs, agreement and report: each twice in a row, with all data and with some."""

from __future__ import annotations

import io
import json
import os
import signal
import tempfile
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesionhet.engines import engine
from lesionhet.errors import RUnavailableError
from streamlit_app import own, steps
from tests.app_analyse_helpers import SURVIVAL, app_with, open_twice, quiet, run_twice, texts

PAGES = ("survival", "organs", "agreement", "report")
NO_R = "R is not usable: R not found. To add it here: apt-get install r-base-core."


@pytest.fixture
def no_r(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide R as a computer without it does."""
    monkeypatch.delenv("R_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")


@pytest.fixture
def no_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let long work rest until it is asked for, as after a click on Stop."""
    monkeypatch.setattr(steps, "going", lambda name, default=False: False)


# Survival


def test_curves_follow_the_cut_offs() -> None:
    at = open_twice(app_with(), "survival")
    assert "25" in texts(at) or at.slider(key="survival_cuts").value == (25, 75)
    before = texts(at)
    at.slider(key="survival_cuts").set_range(10, 60).run()
    quiet(at)
    assert texts(at) != before
    at.selectbox(key="survival_column").set_value("kras").run()
    quiet(at)
    assert "Groups by KRAS status" in texts(at)
    run_twice(at, survival_column="gower", survival_groups="low, high", survival_cut=30)
    assert "low at or below" in texts(at)


def test_choices_last_while_other_pages_are_open() -> None:
    at = open_twice(app_with(), "survival")
    at.slider(key="survival_cuts").set_range(20, 80).run()
    at = open_twice(at, "organs")
    at = open_twice(at, "survival")
    assert at.slider(key="survival_cuts").value == (20, 80)


def test_equal_cut_offs_make_two_groups() -> None:
    at = open_twice(app_with(), "survival")
    at.slider(key="survival_cuts").set_range(50, 50).run()
    quiet(at)
    assert "Both cut-offs are the same" in texts(at)


def test_a_model_of_ones_own_and_its_draws() -> None:
    at = run_twice(open_twice(app_with(), "survival"), survival_part="Cox model")
    at.multiselect(key="survival_covariates").set_value(["age", "race"]).run()
    quiet(at)
    assert "Race is compared with" in texts(at)
    at.number_input(key="survival_n_draws").set_value(30).run()
    at.button(key="survival_draw").click().run()
    quiet(at)
    assert "30 draws" in texts(at)
    assert "Partial" not in texts(at)
    assert not [b for b in at.button if b.key == "survival_draw"]
    at.multiselect(key="survival_covariates").set_value([]).run()
    quiet(at)
    assert "Pick one covariate" in texts(at)


def test_stopped_draws_are_kept_and_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    at = run_twice(open_twice(app_with(), "survival"), survival_part="Cox model")
    at.number_input(key="survival_n_draws").set_value(60).run()
    whole = _draws(at)
    at.number_input(key="survival_seed").set_value(5).run()
    # A click on Stop reaches the work where it next says something: after the first chunk here.
    said = steps.work

    def stopped_by_reader(work, todo, do, **options) -> None:  # type: ignore[no-untyped-def]
        said(work, todo[:1], do, **options)

    monkeypatch.setattr(steps, "work", stopped_by_reader)
    at.button(key="survival_draw").click().run()
    quiet(at)
    assert "Partial: what is shown are the first 25 of 60 draws." in texts(at)
    monkeypatch.setattr(steps, "work", said)
    at.button(key="survival_draw").click().run()
    quiet(at)
    assert "Partial" not in texts(at)
    assert "60 draws" in texts(at)
    at.number_input(key="survival_seed").set_value(2021).run()
    quiet(at)
    assert _drawn(at).to_frame("draws").equals(whole.to_frame("draws"))


def _draws(at: AppTest):
    at.button(key="survival_draw").click().run()
    quiet(at)
    return _drawn(at)


def _drawn(at: AppTest):
    (question,) = [q for q in _questions(at).values() if "resampled-os" in q.name]
    return question.answer


def _questions(at: AppTest):
    (known,) = at.session_state["asked"]._kept.values()
    return known


def test_the_papers_analyses_stand_beside_ones_own() -> None:
    at = run_twice(open_twice(app_with(), "survival"), survival_part="As in the paper")
    assert [h.value.replace("\\", "") for h in at.subheader][:2] == [
        "Distance of long and short survivors",
        "Survival by distance",
    ]


# Organs and treatment


def test_every_part_of_organs_and_treatment() -> None:
    at = open_twice(app_with(), "organs")
    for part in ("Organ response", "Marker", "Treatment"):
        run_twice(at, organs_part=part)
    run_twice(at, organs_analysis="all of them")
    assert len(at.subheader) == 7


def test_arms_of_ones_own_reach_the_report() -> None:
    at = open_twice(app_with(), "organs")
    at.selectbox(key="organs_comparison").set_value("arms of my choice").run()
    assert "Pick one arm or more" in texts(at)
    first, second, *_ = at.multiselect(key="organs_treated").options
    at.multiselect(key="organs_treated").set_value([first]).run()
    assert first not in at.multiselect(key="organs_control").options
    at.multiselect(key="organs_control").set_value([second]).run()
    quiet(at)
    assert "Survival with Treatment" in [h.value for h in at.subheader]
    at.text_input(key="organs_name").set_value("Control").run()
    assert "like the other" in at.error[0].value
    at.text_input(key="organs_name").set_value("New").run()
    at.button(key="organs_take").click().run()
    quiet(at)
    (contrast,) = at.session_state["plan"].contrasts
    assert (contrast.name, contrast.treated, contrast.control) == ("New", (first,), (second,))
    at = open_twice(at, "report")
    assert "Treatment: New" in at.multiselect(key="report_chapters").options
    at = open_twice(at, "organs")
    at.button(key="organs_back").click().run()
    quiet(at)
    assert len(at.session_state["plan"].contrasts) == 2


def test_one_organ_against_another() -> None:
    at = run_twice(open_twice(app_with(), "organs"), organs_part="Organ response")
    at.selectbox(key="organs_other").set_value("lung").run()
    quiet(at)
    assert any("liver and lung" in h.value for h in at.subheader)


# Python and R


@pytest.mark.r
def test_numbers_of_the_pages_beside_those_of_r() -> None:
    at = open_twice(app_with(), "survival")
    at = open_twice(at, "agreement")
    assert "Python and R agree on all" in texts(at)
    assert "R is running, process" in texts(at)
    names = {q.name for q in _questions(at).values()}
    assert all(name.startswith(f"{own.PREFIX}survival-by-gower.") for name in names)
    at.multiselect(key="agreement_statistic").set_value(["log_rank"]).run()
    quiet(at)
    shown = at.dataframe[0].value
    assert set(shown["statistic"]) == {"log_rank"}
    at.multiselect(key="agreement_verdict").set_value(["differ"]).run()
    assert "No question matches" in texts(at)


@pytest.mark.r
def test_r_killed_between_two_runs_is_replaced_and_told() -> None:
    at = open_twice(app_with(), "survival")
    at = open_twice(at, "agreement")
    killed = _r_process()
    os.kill(killed, signal.SIGKILL)
    _until_gone()
    at.run()
    quiet(at)
    assert f"R's process {killed} has ended" in texts(at)
    at.button(key="agreement_again").click().run()
    quiet(at)
    assert f"R's process {killed} had ended; process {_r_process()} took over." in texts(at)
    assert "Python and R agree on all" in texts(at)
    at.button(key="agreement_restart").click().run()
    quiet(at)
    assert "took over" not in texts(at)


def _r_process() -> int:
    from r_bridge.session import shared_session

    found = shared_session().pid
    assert found is not None
    return found


def _until_gone() -> None:
    from r_bridge.session import shared_session

    process = shared_session()._process
    assert process is not None
    while process.usable:
        pass


@pytest.mark.r
def test_a_number_that_differs_is_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    at = open_twice(app_with(), "survival")
    known = _questions(at)
    name, question = next((n, q) for n, q in known.items() if n.endswith("os_log_rank"))
    wrong = question.answer.to_frame()
    wrong["p_value"] *= 1.001
    tables = {**question.answer.tables, "test": wrong}
    known[name] = replace(question, answer=replace(question.answer, tables=tables))
    at.switch_page("pages/agreement.py").run()
    assert not at.exception
    assert "1 of" in at.error[0].value
    assert "numbers differ" in at.error[0].value


@pytest.mark.r
def test_chapters_are_asked_without_a_walk_through_the_pages() -> None:
    at = open_twice(app_with(), "agreement")
    assert "No page has asked" in texts(at)
    first = at.multiselect(key="agreement_chapters").options[0]
    at.multiselect(key="agreement_chapters").set_value([first]).run()
    at.button(key="agreement_ask").click().run()
    quiet(at)
    assert "Python and R agree on all" in texts(at)


def test_a_stopped_check_says_what_is_left(no_long_work: None) -> None:
    at = open_twice(app_with(), "survival")
    at = open_twice(at, "agreement")
    count = len(_questions(at))
    assert at.button(key="agreement_go").label == f"Go on: {count} of {count} questions are left"
    assert f"{count} not compared" in texts(at)


@pytest.mark.usefixtures("no_r")
def test_without_r_the_pages_say_how_to_get_it_and_work() -> None:
    with pytest.raises(RUnavailableError):
        engine("r")
    at = open_twice(app_with(), "survival")
    at = open_twice(at, "agreement")
    assert "There is no R to compare with" in texts(at)
    assert any("apt-get install" in code.value or "install" in code.value for code in at.code)
    assert "not compared" in texts(at)
    at.button(key="agreement_look").click().run()
    quiet(at)
    at = open_twice(at, "report")
    assert at.toggle(key="report_r").disabled
    _make_report(at)
    assert "without R" in texts(at)


# Report


def _make_report(at: AppTest, chapters: int = 1) -> dict[str, bytes]:
    options = at.multiselect(key="report_chapters").options
    at.multiselect(key="report_chapters").set_value(options[:chapters]).run()
    at.button(key="report_make").click().run()
    quiet(at)
    archive = zipfile.ZipFile(io.BytesIO(at.session_state["report_parcel"].content))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.r
def test_the_zip_holds_a_whole_report_with_r(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    at = open_twice(app_with(), "report")
    files = _make_report(at)
    assert {
        f"lesionhet-report/{n}" for n in ("report.html", "reproduce.R", "agreement.csv")
    } <= set(files)
    results = json.loads(files["lesionhet-report/results.json"])
    assert results["command"] == "lesionhet app"
    assert results["r"]["state"] == "used"
    assert results["r"]["agrees"] is True
    assert "R agrees on all" in texts(at)
    assert list(tmp_path.iterdir()) == []
    label = at.get("download_button")[0].proto.label
    assert "MB" in label


def test_the_report_follows_chapters_and_choices() -> None:
    at = open_twice(app_with(), "report")
    at.toggle(key="report_r").set_value(False).run()
    files = _make_report(at, chapters=2)
    results = json.loads(files["lesionhet-report/results.json"])
    ids = [analysis["id"] for analysis in results["analyses"]]
    assert ids
    assert results["r"]["state"] == "off"
    at.multiselect(key="report_left_out").set_value([ids[0]]).run()
    at.button(key="report_make").click().run()
    quiet(at)
    again = zipfile.ZipFile(io.BytesIO(at.session_state["report_parcel"].content))
    left = json.loads(again.read("lesionhet-report/results.json"))
    assert [analysis["id"] for analysis in left["analyses"]] == ids[1:]
    at.multiselect(key="report_chapters").set_value([]).run()
    quiet(at)
    assert at.button(key="report_make").disabled


# Data that lack something


@pytest.mark.parametrize(
    "without", [SURVIVAL, ("arm",), ("site",), ("pfs_days", "pfs_event", "progressed"), ("kras",)]
)
def test_pages_with_columns_missing(without: tuple[str, ...], no_long_work: None) -> None:
    at = app_with(without)
    for page in PAGES:
        at = open_twice(at, page)
    at = open_twice(at, "organs")
    for part in ("Organ response", "Marker", "Treatment"):
        run_twice(at, organs_part=part)
    at = open_twice(at, "survival")
    if without == SURVIVAL:
        assert "no survival times" in texts(at)
    else:
        for part in ("Curves", "Cox model", "As in the paper"):
            run_twice(at, survival_part=part)


@pytest.mark.parametrize("page", PAGES)
def test_pages_without_data_say_where_data_come_from(page: str) -> None:
    at = app_with()
    del at.session_state["data"]
    open_twice(at, page)
    assert "There are no data yet" in texts(at)
