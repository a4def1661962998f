"""From the measurements to the hazard ratio, once in Python and once in R, from the same raw rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from twins_helpers import OPTIONS, random_cohort, random_tables

from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.cohort import Cohort, cohort_from_frames, read_cohort
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.followup import REASONS
from lesionhet.organs import organ_groups
from lesionhet.readers import ReadOptions
from lesionhet.requests import Request
from lesionhet.simulate import simulate_trial
from lesionhet.study import build_study

DEEPLESION = Path(__file__).parents[2] / "shared" / "data" / "deeplesion" / "tracks.csv"
RULES = ("sum", "mean", "any", "all")
BURDEN = ["patient", "day", "size_mm"]


def cohort_of(
    *rows: tuple[Any, ...], columns: str = "patient_id lesion_id day diameter_mm"
) -> Cohort:
    return cohort_from_frames(pd.DataFrame(rows, columns=columns.split()))


def both(request: Request[Any]) -> pd.DataFrame:
    """Compare the two languages' answers, or their refusals."""
    answers = []
    for name in ("python", "r"):
        try:
            answers.append(engine(name).answer(request))
        except NotEstimableError as error:
            answers.append(error)
    if any(isinstance(answer, NotEstimableError) for answer in answers):
        assert all(isinstance(answer, NotEstimableError) for answer in answers), answers
        return pd.DataFrame()
    return compare(request.statistic, *answers)


def assert_agree(table: pd.DataFrame) -> None:
    assert table.empty or agreed(table), table[table["verdict"] == "differ"].to_string()


# Random cohorts


@pytest.mark.r
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_patterns_of_random_cohorts_agree(seed: int, number: int) -> None:
    cohort = random_cohort(seed)

    table = both(requests.patterns(cohort, Definitions(**OPTIONS[number])))

    assert len(table) > 300
    assert_agree(table)


@pytest.mark.r
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("burden", ["complete", "available"])
def test_organ_responses_of_random_cohorts_agree(seed: int, rule: str, burden: str) -> None:
    cohort = random_cohort(seed, 60)
    definitions = Definitions(organ_rule=rule, burden=burden)

    table = both(requests.organ_response(cohort, definitions, "liver"))

    assert table.loc[table["column"] == "response_group", "python"].nunique() > 2
    assert_agree(table)
    assert_agree(both(requests.organ_response(cohort, definitions, "liver", "lung")))


@pytest.mark.r
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strata", [None, "arm"])
def test_hazard_ratios_of_random_cohorts_agree(seed: int, strata: str | None) -> None:
    cohort = random_cohort(seed, 60)

    table = both(
        requests.cox_from_measurements(cohort, Definitions(**OPTIONS[seed]), strata=strata)
    )

    assert table["row"].str.startswith(("Distance", "Baseline", "Number")).sum() >= 14
    assert_agree(table)


def test_random_cohorts_have_what_they_should_have() -> None:
    found = [build_study(random_cohort(seed)) for seed in range(8)]
    counts = sum(study.cohort.attrition.set_index("reason")["n"] for study in found)

    assert (counts > 0).all(), counts.to_string()
    assert any(study.lesions["site"].isna().any() for study in found)
    assert any((study.patients["n_lesions"] == 1).any() for study in found)
    assert any(study.patients["nadir_ratio"].isna().any() for study in found)
    for flag in ("response", "stable", "relapse", "mixed", "inconsistent"):
        assert any(study.lesions[flag].eq(1).any() for study in found)
        assert any(study.lesions[flag].eq(0).any() for study in found)


# Large cohorts


@pytest.fixture(scope="module")
def demo() -> Cohort:
    trial = simulate_trial(n_patients=2802, seed=2021)
    return cohort_from_frames(trial.lesions, trial.patients)


@pytest.mark.parametrize("preset", ["paper2021", "unbiased"])
def test_the_answer_is_what_the_study_reports(demo: Cohort, preset: str) -> None:
    definitions = load_definitions(preset)
    study = build_study(demo, definitions)

    found = engine("python").answer(requests.patterns(demo, definitions))

    for table, reported in (("lesions", study.lesions), ("patients", study.patients)):
        answer = found.to_frame(table).rename(columns={"distance": "gower"}).iloc[:, 1:]
        assert_same_numbers(answer, reported[list(answer.columns)])
    assert_same_numbers(found.to_frame("burden")[BURDEN[1:]], study.burden[BURDEN[1:]])
    assert found.to_frame("burden")["patient"].tolist() == study.burden["patient_id"].tolist()
    attrition = demo.attrition.set_index("reason")["n"]
    row = found.to_frame("attrition").iloc[0]
    assert {REASONS[name]: row[name] for name in REASONS} == attrition[
        list(REASONS.values())
    ].to_dict()


def assert_same_numbers(first: pd.DataFrame, second: pd.DataFrame) -> None:
    np.testing.assert_array_equal(first.to_numpy(dtype=float), second.to_numpy(dtype=float))


@pytest.mark.parametrize("other", [None, "lung"])
def test_organ_groups_are_what_the_study_reports(demo: Cohort, other: str | None) -> None:
    groups = organ_groups(build_study(demo), "liver", other)

    found = engine("python").answer(requests.organ_response(demo, Definitions(), "liver", other))

    table = found.to_frame("patients")
    assert table["patient"].tolist() == groups.patients["patient_id"].tolist()
    names = dict(enumerate(groups.order, start=1))
    assert table["response_group"].map(names).tolist() == groups.patients["group"].tolist()
    assert_same_numbers(table[["ratio"]], groups.patients[["ratio"]])
    assert found.to_frame("left_out").sum(axis=1).item() == sum(groups.left_out.values())


def test_the_model_is_that_of_the_patients_table(demo: Cohort) -> None:
    patients = build_study(demo).patients
    known = patients.dropna(subset=["os_days", "os_event", "gower", "arm"])
    terms = pd.DataFrame(
        {
            "Distance, per SD": known["gower"] / known["gower"].std(),
            "Baseline burden, per SD": known["baseline_sum_mm"] / known["baseline_sum_mm"].std(),
            "Number of lesions": known["n_lesions"],
        }
    )
    python = engine("python")
    expected = python.answer(
        requests.cox(known["os_days"], known["os_event"], terms, strata=known["arm"])
    )

    found = python.answer(requests.cox_from_measurements(demo, Definitions(), strata="arm"))

    for table in ("terms", "model"):
        pd.testing.assert_frame_equal(found.to_frame(table), expected.to_frame(table))


@pytest.mark.r
def test_all_lesions_of_the_demo_cohort_agree(demo: Cohort) -> None:
    table = both(requests.patterns(demo, Definitions()))

    assert table.loc[table["table"] == "lesions", "row"].nunique() == len(demo.lesions) == 11_404
    assert_agree(table)


@pytest.mark.r
def test_organs_and_hazard_ratio_of_the_demo_cohort_agree(demo: Cohort) -> None:
    assert_agree(both(requests.organ_response(demo, Definitions(), "liver")))
    table = both(requests.cox_from_measurements(demo, Definitions(), strata="arm"))
    assert len(table) == 28
    assert_agree(table)


@pytest.mark.r
@pytest.mark.skipif(
    not DEEPLESION.exists(), reason="the third-party lesion tracks are not beside the project"
)
@pytest.mark.parametrize("changes", [{}, {"burden": "available", "crossing": "linear"}])
def test_real_lesions_agree(changes: dict[str, Any]) -> None:
    mapping = {"day": "study_index", "diameter_mm": "longest_diameter_mm"}
    cohort = read_cohort(DEEPLESION, options=ReadOptions(mapping=mapping))

    table = both(requests.patterns(cohort, Definitions(**changes)))

    assert table.loc[table["table"] == "lesions", "row"].nunique() == 253
    assert_agree(table)


# By hand


def test_two_visits_that_begin_and_end_together_are_two(each_engine: Any) -> None:
    """Each visit has both lesions once; neither is added to the other."""
    cohort = cohort_of(
        ("P", "A", 0, 20.0, None),
        ("P", "B", 0, 30.0, None),
        ("P", "A", 50, 10.0, "scan 1"),
        ("P", "B", 52, 24.0, "scan 1"),
        ("P", "B", 50, 26.0, "scan 2"),
        ("P", "A", 52, 12.0, "scan 2"),
        columns="patient_id lesion_id day diameter_mm visit",
    )

    found = each_engine.answer(requests.patterns(cohort, Definitions())).to_frame("burden")

    assert found[BURDEN].to_numpy().tolist() == [["P", 0, 50], ["P", 52, 34]]


def test_visits_that_begin_on_one_day_do_not_fill_each_other(each_engine: Any) -> None:
    cohort = cohort_of(
        ("P", "A", 0, 20.0, None),
        ("P", "B", 0, 30.0, None),
        ("P", "A", 50, 10.0, "CT"),
        ("P", "B", 50, 24.0, "MRI"),
        ("P", "A", 90, 10.0, None),
        ("P", "B", 90, 20.0, None),
        columns="patient_id lesion_id day diameter_mm visit",
    )

    found = each_engine.answer(requests.patterns(cohort, Definitions())).to_frame("burden")

    assert found[BURDEN].to_numpy().tolist() == [["P", 0, 50], ["P", 90, 30]]


def test_available_begins_with_the_baseline(each_engine: Any) -> None:
    """Visit "long" holds the first baseline and ends after "short", which holds the second."""
    cohort = cohort_of(
        ("P", "A", 10, 20.0, "long"),
        ("P", "B", 30, 30.0, "long"),
        ("P", "A", 20, 10.0, "short"),
        ("P", "A", 90, 10.0, "end"),
        ("P", "B", 90, 15.0, "end"),
        columns="patient_id lesion_id day diameter_mm visit",
    )
    request = requests.patterns(cohort, Definitions(burden="available"))

    found = each_engine.answer(request).to_frame("burden")

    # both baselines are in "long", so the sum begins on day 30; "short" is over by then
    assert found[BURDEN].to_numpy().tolist() == [["P", 30, 50], ["P", 90, 25]]


def test_attrition_by_hand(each_engine: Any) -> None:
    kinds = "patient_id lesion_id day diameter_mm lesion_type"
    cohort = cohort_of(
        ("P", "A", -30, 22.0, "target"),
        ("P", "A", 0, 20.0, "target"),
        ("P", "A", 0, 20.0, "target"),
        ("P", "A", 50, 10.0, "target"),
        ("P", "A", 90, None, "target"),
        ("P", "zero", 0, 0.0, "target"),
        ("P", "zero", 50, 5.0, "target"),
        ("P", "once", 0, 9.0, "target"),
        ("P", "never", 0, None, "target"),
        ("P", "other", 0, 9.0, "non-target"),
        ("Q", "new", 50, 9.0, "new"),
        ("Q", "once", 50, 9.0, "target"),
        columns=kinds,
    )

    found = each_engine.answer(requests.patterns(cohort, Definitions())).to_frame("attrition")

    assert found.iloc[0].to_dict() == {
        "rows_found": 12,
        "rows_not_assessed": 2,
        "rows_non_target": 1,
        "rows_new": 1,
        "rows_duplicate": 1,
        "rows_before_baseline": 1,
        "rows_not_followed": 4,
        "rows_kept": 2,
        "lesions_found": 7,
        "lesions_non_target": 1,
        "lesions_new": 1,
        "lesions_never_measured": 1,
        "lesions_zero_baseline": 1,
        "lesions_no_later": 2,
        "lesions_followed": 1,
        "patients_measured": 2,
        "patients_followed": 1,
    }


def test_lesions_and_patients_by_hand(each_engine: Any) -> None:
    cohort = cohort_of(
        ("P", "A", -20, 50.0),
        ("P", "A", 50, 30.0),
        ("P", "A", 100, 30.0),
        ("P", "B", 5, 50.0),
        ("P", "B", 50, 65.0),
        ("P", "B", 100, 55.0),
    )

    found = each_engine.answer(requests.patterns(cohort, Definitions()))

    lesions = found.to_frame("lesions").set_index("row")
    assert lesions.index.tolist() == ["P / A", "P / B"]
    assert lesions[["baseline_day", "baseline_mm", "n_scans"]].to_numpy().tolist() == [
        [-20, 50, 2],
        [5, 50, 2],
    ]
    flags = ["response", "stable", "relapse", "mixed"]
    assert lesions[flags].to_numpy().tolist() == [[1, 1, 0, 0], [0, 0, 1, 0]]
    days = ["response_days", "stable_days", "relapse_days"]
    assert lesions[days].to_numpy().tolist() == [[70, 50, 0], [0, 45, 50]]
    patient = found.to_frame("patients").iloc[0]
    # the two were never measured together at baseline: the sum begins on day 50
    assert patient[["n_lesions", "baseline_sum_mm", "nadir_ratio", "n_inconsistent"]].tolist() == [
        2,
        100,
        pytest.approx(85 / 95),
        2,
    ]
    # all five variables apart by as much as they can be; the lesion itself halves the mean
    assert patient["distance"] == pytest.approx(0.5)


def test_organ_groups_by_hand(each_engine: Any) -> None:
    columns = "patient_id lesion_id day diameter_mm site"
    sizes = {"1": (30, 10), "2": (30, 19), "3": (49, 10), "4": (35, 14)}
    rows = [
        (patient, site, day, size, site)
        for patient, (liver, lung) in sizes.items()
        for site, first, last in (("liver", 50, liver), ("lung", 20, lung))
        for day, size in ((0, first), (50, last))
    ]
    rows += [("alone", "L", 0, 10, "liver"), ("alone", "L", 50, 6, "liver")]
    rows += [("lost", "L", 0, 10, "liver"), ("lost", "L", 50, 6, "liver")]
    rows += [("lost", "M", 0, 10, None), ("lost", "M", 50, 6, None)]
    cohort = cohort_of(*rows, columns=columns)

    found = each_engine.answer(requests.organ_response(cohort, Definitions(), "liver"))

    groups = found.to_frame("patients").set_index("patient")["response_group"]
    # patient 4 shrinks by exactly 30% in both, which is no response
    assert groups.to_dict() == {"1": 1, "2": 2, "3": 3, "4": 4, "alone": 1}
    assert found.to_frame("left_out").iloc[0].tolist() == [1, 0, 0]
    two = each_engine.answer(requests.organ_response(cohort, Definitions(), "liver", "lung"))
    assert two.to_frame("patients")["patient"].tolist() == ["1", "2", "3", "4"]


def test_a_sum_that_begins_at_0_is_none(each_engine: Any) -> None:
    """The first assessment with both lesions finds neither."""
    cohort = cohort_of(
        ("P", "A", -9, 20.0, "liver"),
        ("P", "A", 30, 0.0, "liver"),
        ("P", "B", 1, 30.0, "liver"),
        ("P", "B", 30, 0.0, "liver"),
        ("P", "A", 60, 8.0, "liver"),
        ("P", "B", 60, 8.0, "liver"),
        ("Q", "A", 0, 20.0, "liver"),
        ("Q", "A", 30, 10.0, "liver"),
        columns="patient_id lesion_id day diameter_mm site",
    )

    found = each_engine.answer(requests.patterns(cohort, Definitions()))

    assert set(found.to_frame("burden")["patient"]) == {"Q"}
    patients = found.to_frame("patients").set_index("patient")
    assert patients.loc["P", ["response", "nadir_ratio", "n_inconsistent"]].isna().all()
    organ = each_engine.answer(requests.organ_response(cohort, Definitions(), "liver"))
    assert organ.to_frame("left_out").iloc[0].tolist() == [0, 1, 0]


def test_a_site_is_named_by_target_rows(each_engine: Any) -> None:
    """Rows without a size count for it, rows of another type do not."""
    cohort = cohort_of(
        ("P", "A", 0, 20.0, None, "target"),
        ("P", "A", 30, 9.0, None, "target"),
        ("P", "A", 60, None, "liver", "target"),
        ("Q", "A", 0, 20.0, None, "target"),
        ("Q", "A", 30, 9.0, None, "target"),
        ("Q", "A", 60, 8.0, "liver", "non-target"),
        ("Q", "B", 0, 20.0, "liver", "target"),
        ("Q", "B", 30, 9.0, None, "target"),
        columns="patient_id lesion_id day diameter_mm site lesion_type",
    )

    found = each_engine.answer(requests.organ_response(cohort, Definitions(), "liver"))

    assert found.to_frame("patients")["patient"].tolist() == ["P"]
    assert found.to_frame("left_out").iloc[0].tolist() == [1, 0, 0]


def test_groups_by_hand(each_engine: Any) -> None:
    values = [0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, None]

    quarters = each_engine.answer(requests.quantile_groups(values, 0.25, 0.75))
    halves = each_engine.answer(requests.median_groups(values))

    # type 7: the 25% quantile of 7 values is the 2.5th, 0; the 75% the 5.5th, 2.5
    assert quarters.to_frame().iloc[0].tolist() == [0, 2.5, 3, 2, 2, 2]
    assert halves.to_frame().iloc[0].tolist() == [1, 4, 3, 0]
    assert quarters.left_out == halves.left_out == {"values missing": 1}
    for flat in (requests.quantile_groups([1, 1, 1], 0.25, 0.75), requests.median_groups([2, 2])):
        with pytest.raises(NotEstimableError):
            each_engine.answer(flat)
    with pytest.raises(UsageError, match="permitted: 0 < low < high < 1"):
        requests.quantile_groups(values, 0.75, 0.25)


# Questions


def test_only_numbers_travel() -> None:
    lesions, patients = random_tables(1)
    label = 'x\'); system("touch hacked"); #'
    lesions = lesions.assign(patient_id=label + lesions["patient_id"], site=label)
    patients = patients.assign(patient_id=label + patients["patient_id"], arm=label)
    cohort = cohort_from_frames(lesions, patients, ReadOptions(allow_jumps=True))
    asked = [
        requests.patterns(cohort, Definitions()),
        requests.organ_response(cohort, Definitions(), label),
        requests.cox_from_measurements(cohort, Definitions(), strata="arm"),
    ]

    for request in asked:
        assert all(kind.kind in "if" for kind in request.data.dtypes)
        assert len(request.data) == len(lesions)
        assert label not in str(request.options)


def test_every_row_of_the_file_is_there_in_its_order() -> None:
    lesions, patients = random_tables(3)

    rows = cohort_from_frames(lesions, patients, ReadOptions(allow_jumps=True)).rows

    for column in ("patient_id", "lesion_id", "lesion_type"):
        assert rows[column].tolist() == lesions[column].tolist()
    assert_same_numbers(rows[["day", "diameter_mm"]], lesions[["day", "diameter_mm"]])


def test_patients_without_an_outcome_are_counted() -> None:
    cohort = random_cohort(1)
    request = requests.cox_from_measurements(cohort, Definitions(), strata="arm")

    missing = cohort.patients[["os_days", "os_event", "arm"]].isna().sum()

    assert request.left_out == {f"patients without {name}": n for name, n in missing.items() if n}
    assert sum(request.left_out.values()) > 0


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda c: requests.organ_response(c, Definitions(), "knee"), "'knee' is no site"),
        (lambda c: requests.organ_response(c, Definitions(), "liver", "liver"), "two sites"),
        (lambda c: requests.cox_from_measurements(c, Definitions(), "age"), "no column 'age'"),
    ],
)
def test_questions_that_make_no_sense_are_refused(ask: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ask(random_cohort(0))


def test_a_cohort_put_together_by_hand_has_no_rows_to_ask_about() -> None:
    c = random_cohort(0)
    bare = Cohort(c.measurements, c.lesions, c.patients, c.columns, c.attrition, (), ())
    with pytest.raises(UsageError, match="no rows of the lesions table"):
        requests.patterns(bare, Definitions())


FEW = (
    ("a", "L", 0, 10.0),
    ("a", "L", 50, 6.0),
    ("b", "L", 0, 20.0),
    ("b", "L", 50, 6.0),
    ("b", "M", 0, 20.0),
    ("b", "M", 50, 30.0),
    ("c", "L", 0, 9.0),
    ("c", "L", 50, 9.0),
    ("d", "L", 0, 12.0),
    ("d", "L", 50, 9.0),
)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (FEW[:2], r"1 patient\(s\) with all columns"),
        ([row for row in FEW if row[1] == "L"], "same value in every patient"),
        (FEW, r"event\(s\) in 4"),
    ],
)
def test_models_without_an_answer_are_refused(each_engine: Any, rows: Any, message: str) -> None:
    lesions = pd.DataFrame(rows, columns=["patient_id", "lesion_id", "day", "diameter_mm"])
    names = sorted(set(lesions["patient_id"]))
    patients = pd.DataFrame(
        {
            "patient_id": names,
            "os_days": range(1, len(names) + 1),
            "os_event": [1, 1, 0, 0][: len(names)],
        }
    )
    request = requests.cox_from_measurements(cohort_from_frames(lesions, patients), Definitions())

    with pytest.raises(NotEstimableError, match=message):
        each_engine.answer(request)


def test_an_organ_that_was_never_whole_is_refused(each_engine: Any) -> None:
    cohort = cohort_of(
        ("P", "A", 0, 10.0, "liver"),
        ("P", "B", 0, 10.0, "liver"),
        ("P", "A", 50, 6.0, "liver"),
        ("P", "B", 90, 6.0, "liver"),
        columns="patient_id lesion_id day diameter_mm site",
    )
    with pytest.raises(NotEstimableError, match="response is known"):
        each_engine.answer(requests.organ_response(cohort, Definitions(), "liver"))
