"""The state of a session, its choices, and what all pages share."""

from __future__ import annotations

import gc
import io
from functools import partial

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lesionhet import charts
from lesionhet.definitions import PRESETS, Definitions, load_definitions
from lesionhet.definitions_text import changes, choices, to_toml
from lesionhet.errors import UsageError
from lesionhet.labels import label
from lesionhet.study import build_study
from streamlit_app import takeaway
from streamlit_app.choices import Choices, as_address, as_toml, from_address, from_toml
from streamlit_app.interactive import packed, panels
from streamlit_app.interactive_style import CONTRAST, DARK_PAPER, LIGHT_PAPER, Look, contrast
from streamlit_app.memo import Memo
from streamlit_app.text import escape
from tests.app_helpers import APP, open_app, open_page, shown, small_cohort, small_data

PAGES = (
    *("data", "patients", "lesions", "heterogeneity", "survival", "organs", "reviewer"),
    "report",
)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_twice(name):
    at = open_page(name, demo=True)
    for _ in range(2):
        assert not at.exception
        assert not at.error, [error.value for error in at.error]
        assert at.title
        at.run()


@pytest.mark.r
def test_the_page_python_and_r_twice():
    at = open_page("agreement", demo=True)
    for _ in range(2):
        assert not at.exception
        assert not at.error, [error.value for error in at.error]
        at.run()


BARE = """
import streamlit as st
from streamlit_app import layout, sidebar, state
sidebar.show()
layout.page("Bare", "Patients.", lambda study: st.dataframe(study.patients))
"""


def open_bare(data):
    """Open a page that shows the patients and nothing else, whatever the other pages become."""
    at = AppTest.from_string(BARE, default_timeout=60)
    at.session_state["data"] = data
    return open_choices(at)


def open_choices(at):
    """Open every box of choices in the sidebar."""
    for group in {choice.group for choice in choices()}:
        at.session_state[f"choices_{group}"] = True
    return at.run()


def test_closed_choices_are_not_drawn_and_hold():
    at = open_page("report")
    first = choices()[0]
    box = f"choices_{first.group}"

    def drawn():
        kinds = (at.selectbox, at.toggle, at.number_input)
        return {w.key for kind in kinds for w in kind if (w.key or "").startswith("definition_")}

    assert not drawn()
    at.session_state[box] = True
    at.run()
    assert f"definition_{first.name}" in drawn()
    at.session_state["choices"] = Choices().change("crossing", "linear")
    at.session_state[box] = False
    at.run()
    assert not drawn()
    assert at.session_state["choices"] == Choices("paper2021", {"crossing": "linear"})
    assert "1 changed" in shown(at)


def test_a_changed_definition_changes_the_numbers_is_marked_and_goes_back():
    at = open_bare(small_data())
    before = at.dataframe[0].value["gower"].tolist()
    at.selectbox(key="definition_gower_range").set_value("cohort").run()
    assert at.dataframe[0].value["gower"].tolist() != before
    assert "1 changed" in shown(at)
    assert at.query_params == {"preset": "paper2021", "gower_range": "cohort"}
    at.button(key="back_to_preset").click().run()
    assert at.dataframe[0].value["gower"].tolist() == before
    assert "changed" not in shown(at)


def test_every_definition_has_a_box_and_a_sentence():
    at = open_choices(open_app())
    keys = {w.key for kind in (at.selectbox, at.toggle, at.number_input) for w in kind}
    captions = " ".join(caption.value for caption in at.caption)
    for choice in choices():
        assert choice.effect.endswith(".")
        if choice.name == "gower_bounds":
            continue
        assert choice.effect in captions
        assert any(key and key.startswith(f"definition_{choice.name}") for key in keys), choice.name
        assert label(choice.name)


def test_bounds_are_asked_for_when_the_range_is_fixed():
    at = open_bare(small_data())
    at.selectbox(key="definition_gower_range").set_value("fixed").run()
    assert "gower_bounds must name" in at.error[0].value.replace("\\", "")
    at.button(key="use_bounds").click().run()
    assert not at.error
    assert at.session_state["choices"].definitions().gower_bounds["nadir_ratio"] == [0.0, 2.0]


def test_the_address_of_a_colleague_gives_the_same_choices():
    fresh = AppTest.from_file(str(APP), default_timeout=60)
    fresh.query_params["preset"] = "unbiased"
    fresh.query_params["crossing"] = "linear"
    fresh.run()
    assert fresh.session_state["choices"] == Choices("unbiased", {"crossing": "linear"})
    assert fresh.selectbox(key="preset_choice").value == "unbiased"


def test_a_wrong_address_is_said_and_not_taken():
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.query_params["crossing"] = "<b>spline</b>"
    at.run()
    assert "The choices in the address were not taken" in at.error[0].value
    assert "<b>" not in at.error[0].value
    assert at.session_state["choices"] == Choices()


@pytest.mark.parametrize(
    "chosen",
    [
        Choices(),
        Choices("unbiased"),
        Choices("recist11", {"crossing": "linear", "gower_self": False, "conf_level": 0.9}),
        Choices("paper2021", {"gower_weights": {"relapse": 2.0}}),
        Choices(
            "paper2021",
            {
                "gower_range": "fixed",
                "gower_bounds": {"nadir_ratio": [0.0, 2.0], "last_ratio": [0.0, 3.0]},
            },
        ),
    ],
)
def test_choices_survive_the_address_and_the_file(chosen, tmp_path):
    assert (from_address(as_address(chosen)) or Choices()) == chosen
    assert from_toml(as_toml(chosen), "x.toml") == chosen
    path = tmp_path / "definitions.toml"
    path.write_text(as_toml(chosen), encoding="utf-8")
    assert load_definitions(str(path)) == chosen.definitions()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("preset = [", "not a readable TOML"),
        ('preset = "mine"', "permitted"),
        ('crossing = "spline"', "permitted"),
        ("speed = 3", "Unknown definition"),
    ],
)
def test_a_file_that_is_no_choice_is_refused(text, words):
    with pytest.raises(UsageError, match=words):
        from_toml(text, "mine.toml")


def test_only_what_differs_is_written():
    assert changes("unbiased", PRESETS["unbiased"]) == {}
    assert to_toml("paper2021", Definitions(gower_self=False)) == (
        'preset = "paper2021"\ngower_self = false'
    )


def test_a_session_never_sees_another_ones_data():
    first, second = open_bare(small_data(30, seed=1)), open_bare(small_data(40, seed=2))
    ids = [set(at.dataframe[0].value["patient_id"]) for at in (first, second)]
    assert (len(ids[0]), len(ids[1])) == (30, 40)
    third = open_page("report")
    assert "There are no data yet" in third.info[0].value
    first.run()
    assert set(first.dataframe[0].value["patient_id"]) == ids[0]


def test_results_are_computed_once_a_choice():
    at = open_page("patients", demo=True)
    memo = at.session_state["results"]
    key = next(iter(memo._kept))
    before = memo.get(key, lambda: None)
    at.run()
    assert at.session_state["results"].get(key, lambda: None) is before


def test_the_memory_of_a_session_is_bounded():
    memo = Memo(2)
    for name in "abcde":
        memo.get(name, partial(str, name))
    assert [name for name in "abcde" if name in memo] == ["d", "e"]
    with pytest.raises(ZeroDivisionError):
        memo.get("f", lambda: 1 / 0)
    assert "f" not in memo


def test_tables_go_home_safe_for_a_spreadsheet():
    table = pd.DataFrame({"=site": ["@x", None], "n": [1.0, 2.5]})
    assert takeaway.csv_bytes(table) == b"'=site,n\n'@x,1\n,2.5\n"


@pytest.mark.parametrize(
    ("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")]
)
def test_figures_go_home(kind, start):
    rows = {"panel": "OS", "label": ["$x$"], "estimate": [1.2], "conf_low": [1.1]}
    chart = charts.ForestChart(
        "t", "", pd.DataFrame({**rows, "conf_high": [1.3], "p_value": [0.1]})
    )
    study = build_study(small_cohort(20))
    assert takeaway.picture(chart, study, kind).startswith(start)
    assert takeaway.picture(chart, study, kind) == takeaway.picture(chart, study, kind)


def test_escape_leaves_no_markup():
    assert escape("a\nb") == "a b"
    for sign in "*_`$<>[]()~#|\\!&{}":
        assert escape(sign) == f"\\{sign}"
    assert ":smile:" not in escape(":smile:").replace("\\", "")


@pytest.mark.parametrize("dark", [True, False])
def test_colours_can_be_seen_on_both_pages(dark):
    from lesionhet.figures import style

    paper = DARK_PAPER if dark else LIGHT_PAPER
    for palette in ("group", "site", "arm", "phase"):
        for color in style._BASE[palette]:
            assert contrast(Look(dark).readable(color), paper) >= CONTRAST


def test_curves_are_drawn_from_the_steps_alone_and_every_censored_time_is_marked():
    curve = pd.DataFrame(
        {
            "group": ["a"] * 5 + ["b"] * 3,
            "time": [0.0, 10.0, 20.0, 30.0, 40.0, 5.0, 15.0, 25.0],
            "survival": [1.0, 0.9, 0.9, 0.8, 0.8, 1.0, 0.5, 0.5],
            "conf_low": [1.0, 0.7, 0.7, np.nan, np.nan, 1.0, 0.2, 0.2],
            "conf_high": [1.0, 1.0, 1.0, np.nan, np.nan, 1.0, 0.9, 0.9],
            "n_censor": [0, 0, 2, 0, 1, 1, 0, 1],
        }
    )
    medians = pd.DataFrame({"group": ["a", "b"], "n": [9, 4], "median": [np.nan, 15.0]})
    chart = charts.SurvivalChart("t", "c", curve, pd.DataFrame(), medians, ("a", "b"), "Survival")
    (drawn,) = panels(chart).values()
    spec = packed(drawn)

    def times(layer):
        rows = spec["datasets"][layer["data"]["name"]].to_pylist()
        return [(row["group"], row["time"]) for row in rows]

    band, line, ticks = spec["layer"]
    steps = [
        ("a", 0.0),
        ("a", 10.0),
        ("a", 30.0),
        ("a", 40.0),
        ("b", 0.0),
        ("b", 15.0),
        ("b", 25.0),
    ]
    assert times(line) == times(band) == steps
    assert times(ticks) == [("a", 20.0), ("a", 40.0), ("b", 5.0), ("b", 25.0)]


def test_libraries_are_out_of_the_search_for_garbage():
    open_app()
    assert gc.get_freeze_count() > 50_000


def test_every_interactive_chart_holds_the_numbers_of_its_chart():
    study = build_study(small_cohort())
    from lesionhet.analyses import ledger
    from lesionhet.analyses.run import run_analyses, select_analyses
    from lesionhet.engines import engine
    from lesionhet.figures import with_study_colors

    chosen = select_analyses(
        ledger(study.plan), ["1A", "1B", "1C", "2A", "2A-tau", "2B", "2C", "2D"]
    )
    found = set()
    for result in run_analyses(chosen, study, engine("python")):
        for chart in result.shown.charts.values():
            for drawn in panels(with_study_colors(chart, study), dark=True).values():
                spec = drawn.to_dict()
                assert spec["datasets"], type(chart)
                found.add(type(chart))
            if isinstance(chart, charts.SurvivalChart):
                text = io.StringIO(str(spec["datasets"])).read()
                assert str(chart.curve["survival"].iloc[5]) in text
    assert len(found) >= 6
