"""Pages Patients, Lesions and Heterogeneity: what is asked for is shown, and what is missing is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from app_helpers import go, open_app, open_page, shown, small_cohort, small_data
from streamlit.testing.v1 import AppTest

from lesionhet import requests
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.definitions import PRESETS, Definitions
from lesionhet.engines import engine
from lesionhet.explore.by_column import distance_by, table_1_by
from lesionhet.explore.column_groups import column_groups, grouping_columns
from lesionhet.explore.one_patient import (
    distance_square,
    lesion_table,
    pair_distances,
    patient_chart,
    patient_points,
    patients_in_order,
)
from lesionhet.simulate import simulate_trial
from lesionhet.study import Study, build_study
from streamlit_app import interactive_patient
from streamlit_app.interactive_groups import MOST_MARKS, boxes, heat_map, waterfall
from streamlit_app.interactive_style import Look
from streamlit_app.state import Data

PAGES = ("patients", "lesions", "heterogeneity")
PARTS = {
    "patients": ("Table 1", "Lesions per patient", "Arms and organs"),
    "lesions": ("One patient", "Discordance", "As in the paper"),
    "heterogeneity": ("Compare groups", "Distribution", "Long and short survivors"),
}
DEFINITIONS = {
    **PRESETS,
    "available": Definitions(burden="available", crossing="linear", stable_rule="outside_response"),
    "fixed": Definitions(
        gower_range="fixed",
        gower_bounds={"nadir_ratio": (0.2, 1.0), "last_ratio": (0.3, 1.2)},
        gower_weights={"stable": 2.0, "last_ratio": 0.5},
    ),
}


@pytest.fixture(scope="module")
def study() -> Study:
    return build_study(small_cohort())


def _frames(patients: int = 40) -> tuple[pd.DataFrame, pd.DataFrame]:
    trial = simulate_trial(patients, seed=5)
    return trial.lesions, trial.patients


def _data(lesions: pd.DataFrame, patients: pd.DataFrame | None) -> Data:
    cohort = cohort_from_frames(lesions, patients)
    return Data(cohort, cohort.sources[0].sha256, "Changed trial", synthetic=True)


def _without_arms() -> Data:
    lesions, patients = _frames()
    return _data(lesions, patients.drop(columns="arm"))


def _without_sites() -> Data:
    lesions, patients = _frames()
    return _data(lesions.drop(columns="site"), patients)


def _without_patients() -> Data:
    return _data(_frames()[0], None)


def _one_patient() -> Data:
    lesions, patients = _frames()
    several = lesions.groupby("patient_id")["lesion_id"].nunique()
    chosen = several[several > 2].index[0]
    rows = lesions[lesions["patient_id"] == chosen]
    return _data(rows, patients[patients["patient_id"] == chosen])


def _one_lesion() -> Data:
    rows = pd.DataFrame(
        {"patient_id": "P", "lesion_id": "A", "day": [0, 60], "diameter_mm": [20.0, 10.0]}
    )
    return _data(rows, None)


COHORTS = {
    "no arms": (_without_arms, {"patients": "column arm is missing"}),
    "no sites": (
        _without_sites,
        {"heterogeneity": "column site is missing", "patients": "column site is missing"},
    ),
    "no patients table": (
        _without_patients,
        {"patients": "There is no patients table", "heterogeneity": "column arm is missing"},
    ),
    "one patient": (
        _one_patient,
        {"patients": "all patients have the same value", "heterogeneity": "same value"},
    ),
    "one lesion": (
        _one_lesion,
        {"lesions": "distances need two or more", "heterogeneity": "no column that makes two"},
    ),
}


def _fine(at: AppTest) -> AppTest:
    assert not at.exception, [element.value for element in at.exception]
    assert not at.error, [element.value for element in at.error]
    return at


@pytest.mark.parametrize("name", PAGES)
def test_each_part_of_each_page_runs_twice(name: str) -> None:
    at = _fine(open_page(name, demo=True))
    first = shown(at)
    assert shown(_fine(at.run())) == first
    for part in PARTS[name][1:]:
        at.session_state[f"{name}_part"] = part
        text = shown(_fine(at.run()))
        assert text != first
        assert shown(_fine(at.run())) == text


@pytest.mark.parametrize("name", PAGES)
def test_pages_without_data_say_so_twice(name: str) -> None:
    at = open_page(name)
    for _ in range(2):
        assert "There are no data yet" in shown(_fine(at.run()))


@pytest.mark.parametrize("kind", COHORTS)
@pytest.mark.parametrize("name", PAGES)
def test_pages_say_what_a_cohort_lacks(name: str, kind: str) -> None:
    make, told = COHORTS[kind]
    at = open_page(name, data=make())
    texts = []
    for part in PARTS[name]:
        at.session_state[f"{name}_part"] = part
        texts.append(shown(_fine(at.run())).replace("\\", ""))
        assert shown(_fine(at.run())).replace("\\", "") == texts[-1]
    assert told.get(name, "") in "\n".join(texts)


def test_table_1_follows_the_column() -> None:
    at = open_page("patients", demo=True)
    assert "Patients by treatment arm" in shown(at)
    at.selectbox(key="patients_by").set_value("age").run()
    assert "Patients by age" in shown(_fine(at))
    assert "cut at its quartiles" in shown(at)
    head = list(at.dataframe[0].value.columns)
    assert head[:2] == ["characteristic", "value"]
    assert len(head) == 3 + 4
    at.selectbox(key="patients_by").set_value("").run()
    assert list(_fine(at).dataframe[0].value.columns)[2] == "overall (n = 120)"


def test_the_chosen_patient_stays_and_steps() -> None:
    at = open_page("lesions", demo=True)
    ids = patients_in_order(build_study(small_cohort()))
    at.selectbox(key="lesions_patient").set_value(ids[3]).run()
    at.button(key="lesions_next").click().run()
    assert at.session_state["lesions_patient"] == ids[4]
    at.button(key="lesions_previous").click().run()
    at.button(key="lesions_previous").click().run()
    assert f"Lesions of patient {ids[2]}" in shown(_fine(at))
    go(at, "patients")
    go(at, "lesions")
    assert at.session_state["lesions_patient"] == ids[2]
    at.selectbox(key="lesions_order").set_value("distance").run()
    assert at.session_state["lesions_patient"] == ids[2]


def test_first_and_last_patient_have_no_neighbour() -> None:
    at = open_page("lesions", demo=True)
    ids = patients_in_order(build_study(small_cohort()))
    at.selectbox(key="lesions_patient").set_value(ids[0]).run()
    assert at.button(key="lesions_previous").disabled
    at.selectbox(key="lesions_patient").set_value(ids[-1]).run()
    assert at.button(key="lesions_next").disabled


def test_a_patient_of_other_data_is_not_kept() -> None:
    at = open_page("lesions", demo=True)
    other = _one_patient()
    at.session_state["data"] = other
    at.run()
    assert at.session_state["lesions_patient"] == other.cohort.patients["patient_id"].iloc[0]


def test_changed_definitions_change_the_table_of_lesions() -> None:
    from streamlit_app.choices import Choices

    at = open_page("lesions", demo=True)
    before = at.dataframe[0].value["gower"].to_numpy()
    at.session_state["choices"] = Choices("unbiased")
    after = _fine(at.run()).dataframe[0].value["gower"].to_numpy()
    assert len(before) == len(after)
    assert not np.allclose(before.astype(float), after.astype(float), equal_nan=True)


def test_names_from_data_are_never_markup() -> None:
    lesions, patients = _frames()
    evil = "<b>x</b> [a](http://b) $y$ :red[z]"
    first = lesions["patient_id"].iloc[0]
    lesions = lesions.replace({"patient_id": {first: evil}, "site": {"liver": evil}})
    patients = patients.replace({"patient_id": {first: evil}}).assign(arm=evil + "1")
    patients.loc[::2, "arm"] = evil + "2"
    at = open_page("lesions", data=_data(lesions, patients))
    at.selectbox(key="lesions_patient").set_value(evil).run()
    text = shown(_fine(at))
    assert "\\<b\\>x" in text
    assert "<b>x" not in text.replace("\\<b\\>", "")
    for name in ("patients", "heterogeneity"):
        go(at, name)
        assert "<b>x" not in shown(_fine(at))


def test_distance_by_column_tests_and_tells_small_groups() -> None:
    at = open_page("heterogeneity", demo=True)
    assert "Distance by site" in shown(at)
    at.selectbox(key="heterogeneity_by").set_value("sex").run()
    assert "Mann" in shown(_fine(at))
    at.radio(key="heterogeneity_level").set_value("lesion").run()
    assert "taken as independent" in shown(_fine(at))
    at.selectbox(key="heterogeneity_by").set_value("age").run()
    assert "Kruskal" in shown(_fine(at))
    at.selectbox(key="heterogeneity_by").set_value("race").run()
    assert "its numbers say little" in shown(_fine(at))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_heat_map_and_lesion_level_distance_agree(name: str) -> None:
    study = build_study(small_cohort(60), DEFINITIONS[name])
    python = engine("python")
    several = study.patients.loc[study.patients["n_lesions"] > 1, "patient_id"]
    for patient in several:
        square = distance_square(study, python.answer(pair_distances(study, patient)))
        means = square.groupby("row")["value"].mean()
        lesions = study.lesions[study.lesions["patient_id"] == patient].set_index("lesion_id")
        np.testing.assert_allclose(means.loc[lesions.index], lesions["gower"], atol=1e-11)


@pytest.mark.r
def test_r_gives_the_same_pairs_and_groups(study: Study) -> None:
    from lesionhet.agreement import agreed, compare

    patient = patients_in_order(study, "lesions")[0]
    asked: list[requests.Request[Any]] = [pair_distances(study, patient)]
    for analysis in (table_1_by("age"), distance_by("age"), distance_by("site")):
        asked += list(run_analysis(analysis, study, engine("python")).requests.values())
    assert len(asked) > 20
    for request in asked:
        python, r = engine("python").answer(request), engine("r").answer(request)
        assert agreed(compare(request.statistic, python, r))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_phases_of_scans_are_those_of_the_series(name: str) -> None:
    study = build_study(small_cohort(60), DEFINITIONS[name])
    for patient in study.patients["patient_id"]:
        points = patient_points(study, patient)
        table = lesion_table(study, patient)
        after = points[points.groupby("series").cumcount() > 0]
        has_total = points["series"].eq("total").any()
        rows = table if has_total else table.iloc[1:]
        for row, (_, scans) in zip(
            rows.itertuples(), after.groupby("series", sort=False), strict=True
        ):
            found = set(scans["phase"])
            assert ("response" in found) == (row.response == "yes")
            assert ("relapse" in found) == (row.relapse == "yes")
            lowest = scans["ratio"].min()
            assert lowest == pytest.approx(row.nadir_ratio)


def test_points_have_the_sizes_of_the_input() -> None:
    cohort = small_cohort(60)
    study = build_study(cohort)
    patient = study.patients["patient_id"].iloc[7]
    points = patient_points(study, patient)
    own = cohort.measurements[cohort.measurements["patient_id"] == patient]
    shown_sizes = points.loc[points["series"] != "total", "size_mm"]
    np.testing.assert_allclose(np.sort(shown_sizes), np.sort(own["diameter_mm"]))


@pytest.mark.parametrize("column", ["age", "n_lesions", "gower", "arm", "ldh_high", "bsa"])
def test_every_patient_with_a_value_is_in_one_group(study: Study, column: str) -> None:
    groups = column_groups(study, column)
    known = study.patients[column].notna()
    assert (groups.labels.notna() == known).all()
    assert set(groups.labels.dropna()) == set(groups.order)


def test_quartiles_are_cut_where_they_say() -> None:
    lesions, patients = _frames(60)
    values = np.repeat([10.0, 20.0, 30.0, 40.0, 50.0], 12)
    study = build_study(cohort_from_frames(lesions, patients.assign(score=values)))
    groups = column_groups(study, "score")
    by_value = dict(zip(study.patients["score"], groups.labels, strict=True))
    assert by_value[20.0] == "≤ 20"
    assert by_value[30.0] == "> 20 to 30"
    assert by_value[50.0] == "> 40"
    assert groups.ranked


def test_tied_numbers_make_fewer_groups_and_say_so() -> None:
    lesions, patients = _frames(60)
    values = [0.0] * 40 + list(range(1, 21))
    study = build_study(cohort_from_frames(lesions, patients.assign(score=values)))
    groups = column_groups(study, "score")
    assert len(groups.order) < 4
    assert any("Tied values" in text for text in groups.remarks)


def test_columns_that_make_no_groups_are_told() -> None:
    lesions, patients = _frames(40)
    patients = patients.assign(center=[f"c{i}" for i in range(len(patients))], cohort_name="x")
    columns, texts = grouping_columns(build_study(cohort_from_frames(lesions, patients)))
    assert not {"center", "cohort_name"} & set(columns)
    assert any("Center" in text for text in texts)
    assert any("Cohort name" in text for text in texts)


def test_table_1_by_a_column_counts_every_patient(study: Study) -> None:
    result = run_analysis(table_1_by("kras"), study, engine("python"))
    table = result.shown.tables["table_1"]
    sizes = study.patients["kras"].value_counts()
    for name, n in sizes.items():
        column = f"{name} (n = {n:,})"
        of_sex = table.loc[table["characteristic"] == "sex", column]
        assert sum(int(cell.split(" ")[0]) for cell in of_sex) == n
    assert "kras" not in set(table["characteristic"])
    assert "arm" in set(table["characteristic"])


def test_groups_may_have_the_names_of_the_tables_columns() -> None:
    lesions, patients = _frames(40)
    names = ["overall", "value", "characteristic", "all"]
    patients = patients.assign(arm=[names[i % 4] for i in range(len(patients))])
    study = build_study(cohort_from_frames(lesions, patients))
    table = run_analysis(table_1_by("arm"), study, engine("python")).shown.tables["table_1"]
    assert len(table.columns) == 2 + 1 + 4
    of_sex = table[table["characteristic"] == "sex"].iloc[:, 2:]
    counts = of_sex.map(lambda cell: int(cell.split(" ")[0])).sum()
    assert counts.iloc[0] == counts.iloc[1:].sum() == len(study.patients)


@pytest.mark.parametrize("dark", [False, True])
def test_interactive_charts_of_a_patient_are_valid(study: Study, dark: bool) -> None:
    look = Look(dark)
    python = engine("python")
    for patient in patients_in_order(study, "lesions")[:2] + patients_in_order(study)[:2]:
        chart = patient_chart(study, patient)
        points = patient_points(study, patient, chart)
        for draw in (interactive_patient.sizes, interactive_patient.lanes):
            assert draw(points, chart, look).to_dict()["layer"]
        lesions = study.lesions[study.lesions["patient_id"] == patient]
        if len(lesions) > 1:
            square = distance_square(study, python.answer(pair_distances(study, patient)))
            names = list(lesions["lesion_id"])
            assert heat_map(square, names, "Gower distance", dark=dark).to_dict()["layer"]


def test_the_waterfall_is_thinned_in_sight_and_keeps_the_marked() -> None:
    from lesionhet.charts import WaterfallChart

    n = 2 * MOST_MARKS + 1
    bars = pd.DataFrame(
        {"patient_id": [f"P{i}" for i in range(n)], "change": np.linspace(50, -90, n)}
    )
    chart = WaterfallChart("t", "c", bars, "y", {-30.0: "response", 20.0: "growth"}, "P4")
    spec = waterfall(chart, Look()).to_dict()
    rows = max(spec["datasets"].values(), key=len)
    assert len(rows) <= MOST_MARKS + 1
    assert "one of 3 drawn" in str(spec)
    assert [row["place"] for row in rows if row["kind"] == "chosen"] == [5]
    over = interactive_patient.mark(chart, "P4", Look()).to_dict()
    assert "patient P4" in str(over)


def test_points_of_boxes_are_thinned_in_sight() -> None:
    from lesionhet.charts import BoxChart

    values = np.random.default_rng(3).normal(size=3 * MOST_MARKS)
    answer = engine("python").answer(requests.describe(values))
    far = pd.DataFrame({"group": "all", "value": values})
    chart = BoxChart("t", "c", answer.to_frame(), far, ("all",), "y")
    spec = boxes(chart, Look()).to_dict()
    assert len(max(spec["datasets"].values(), key=len)) == MOST_MARKS
    assert "one of 3" in str(spec["title"])


def test_pages_pass_from_one_to_the_next_with_demo_data() -> None:
    at = open_app(small_data())
    for _ in range(2):
        for name in PAGES:
            _fine(go(at, name))


def _cohort_with_a_lone_site() -> Cohort:
    lesions, patients = _frames(40)
    first = lesions["patient_id"].iloc[0]
    lone = lesions["patient_id"].eq(first) & lesions["lesion_id"].eq(lesions["lesion_id"].iloc[0])
    return cohort_from_frames(lesions.assign(site=lesions["site"].mask(lone, "spleen")), patients)


def test_a_site_of_one_patient_is_named_and_left_out() -> None:
    study = build_study(_cohort_with_a_lone_site(), Definitions(site_min_lesions=0))
    result = run_analysis(distance_by("site"), study, engine("python"))
    assert result.status == "done"
    assert any("'spleen' is not compared: 1 patient" in text for text in result.shown.left_out)
