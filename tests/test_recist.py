"""RECIST 1.1 by hand: every row of its tables, its thresholds, and the clarifications of its authors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recist_helpers import Case, data_of, random_data, words

from lesionhet import requests
from lesionhet.cohort import cohort_from_frames
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.recist.data import RecistData
from lesionhet.recist.of_cohort import has_nodes, recist_data
from lesionhet.recist.rules import (
    CERTAIN,
    CR,
    EQUIVOCAL,
    NE,
    NO_NEW,
    NON,
    NONE,
    OVERALL,
    PD,
    PR,
    RESPONSES,
    RULE_OF,
    SD,
    RecistRules,
)

_ = None
WEEKS = (0, 56, 112, 168, 224, 280)
CASES = (
    # Target lesions, section 4.3.1: thresholds are inclusive.
    Case("exactly 30% is partial", "PR", "PR", "SD", {"A": [50, 35]}),
    Case("a hair above 70% is stable", "SD", "SD", "SD", {"A": [50, 35.1]}),
    Case("0.7 x 3 is 2.1, in binary too", "PR", "PR", "SD", {"A": [3, 2.1]}),
    Case("0.1 + 0.2 is 0.3 of a sum", "PR", "PR", "SD", {"A": [0.6, 0.1], "B": [0.4, 0.6]}),
    Case("exactly 20% and 10 mm is progression", "PD", "PD", "PD", {"A": [50, 60]}),
    Case("19.8% is stable", "SD", "SD", "SD", {"A": [50, 59.9]}),
    Case("20% of a small sum lacks 5 mm", "SD", "SD", "SD", {"A": [20, 24]}),
    Case("25% and exactly 5 mm is progression", "PD", "PD", "PD", {"A": [20, 25]}),
    Case("4.9 mm is stable", "SD", "SD", "SD", {"A": [20, 24.9]}),
    Case("5 mm lack 20% of a large sum", "SD", "SD", "SD", {"A": [100, 105]}),
    Case("from the nadir, not the baseline", "PR PD", "PR", "SD", {"A": [100, 50, 60]}),
    Case("below 20% from the nadir stays partial", "PR PR", "PR", "PR", {"A": [165, 63, 65]}),
    Case("the baseline can be the nadir", "SD PD", "SD", "SD", {"A": [30, 33, 36]}),
    Case("slow growth counts from the nadir", "SD SD PD", "SD", "SD", {"A": [50, 44, 49, 53]}),
    Case("sums, not lesions", "SD", "SD", "SD", {"A": [50, 20], "B": [50, 55]}),
    # Complete response and what comes after.
    Case("all gone", "CR", "CR", "SD", {"A": [30, 0], "B": [20, 0]}),
    Case("one left is no complete response", "PR", "PR", "SD", {"A": [30, 0], "B": [20, 1]}),
    Case("any size after a sum of 0", "CR PD", "CR", "SD", {"A": [30, 0, 2]}),
    Case("one lesion back, others left", "PR PR", "PR", "PR", {"A": [50, 0, 3], "B": [50, 30, 30]}),
    Case("one lesion back and 20%", "PR PD", "PR", "SD", {"A": [50, 0, 9], "B": [50, 30, 30]}),
    # Lymph nodes, section 4.3.2 and the clarification "Abnormal lymph node".
    Case("a node of 9 mm is gone", "CR", "CR", "SD", nodes={"N": [20, 9]}),
    Case("a node of 10 mm is there", "PR", "PR", "SD", nodes={"N": [20, 10]}),
    Case("9.99 mm is below 10", "CR", "CR", "SD", nodes={"N": [20, 9.99]}),
    Case("a node adds to the sum", "PR", "PR", "SD", {"A": [30, 0]}, {"N": [20, 12]}),
    Case("complete response, sum 8", "CR CR", "CR", "CR", {"A": [30, 0, 0]}, {"N": [20, 8, 8]}),
    Case(
        "a normal node grows within the normal range",
        "CR CR",
        "CR",
        "CR",
        nodes={"N": [20, 3, 9]},
    ),
    Case(
        "a node of 10 mm again after complete response",
        "CR PD",
        "CR",
        "SD",
        nodes={"N": [20, 8, 10]},
        target="CR PR",
    ),
    Case("a node at 9 mm with other disease", "PR", "PR", "SD", {"A": [50, 20]}, {"N": [20, 9]}),
    # Not assessed, section 4.4.2.
    Case("a lesion not assessed", "NE", "NE", "NE", {"A": [50, 20], "B": [20, _]}),
    Case(
        "the guideline's example: 50 mm in three, 80 mm in two",
        "PD",
        "PD",
        "PD",
        {"A": [20, 40], "B": [15, 40], "C": [15, _]},
    ),
    Case("nothing assessed", "NE", "NE", "NE", {"A": [50, _]}),
    Case(
        "an assessment with a gap is no nadir",
        "NE SD",
        "SD",
        "SD",
        {"A": [50, 10, 50], "B": [20, _, 20]},
    ),
    Case("no assessment after baseline", "", "NE", "NE", {"A": [50]}),
    # Table 1: target, non-target, new.
    Case("CR and CR", "CR", "CR", "SD", {"A": [50, 0]}, others={"X": "PA"}),
    Case("CR and non-CR/non-PD", "PR", "PR", "SD", {"A": [50, 0]}, others={"X": "PP"}),
    Case("CR and not evaluated", "PR", "PR", "SD", {"A": [50, 0]}, others={"X": "P-"}),
    Case(
        "PR and not all evaluated",
        "PR",
        "PR",
        "SD",
        {"A": [50, 20]},
        others={"X": "PP", "Y": "P-"},
        nontarget="NE",
    ),
    Case("PR and non-target CR", "PR", "PR", "SD", {"A": [50, 20]}, others={"X": "PA"}),
    Case("SD and non-PD", "SD", "SD", "SD", {"A": [50, 50]}, others={"X": "PP"}),
    Case("NE and non-PD", "NE", "NE", "NE", {"A": [50, _]}, others={"X": "PA"}),
    Case("PD and non-target CR", "PD", "PD", "PD", {"A": [50, 70]}, others={"X": "PA"}),
    Case("PR and unequivocal progression", "PD", "PD", "PD", {"A": [50, 9]}, others={"X": "PG"}),
    Case(
        "progression of one of two, the other not seen",
        "PD",
        "PD",
        "PD",
        {"A": [50, 50]},
        others={"X": "PG", "Y": "P-"},
        nontarget="PD",
    ),
    Case("CR and a new lesion", "PD", "PD", "PD", {"A": [50, 0]}, new={1: True}),
    Case("NE and a new lesion", "PD", "PD", "PD", {"A": [50, _]}, new={1: True}),
    Case("an equivocal lesion is none yet", "PR", "PR", "SD", {"A": [50, 9]}, new={1: False}),
    Case(
        "a non-target lesion is back after complete response",
        "CR PD",
        "CR",
        "SD",
        {"A": [50, 0, 0]},
        others={"X": "PAP"},
        nontarget="CR NON-CR/NON-PD",
    ),
    # Table 2: non-target disease only.
    Case("others CR", "CR CR", "CR", "CR", others={"X": "PAA", "Y": "PAA"}),
    Case(
        "others left",
        "NON-CR/NON-PD",
        "NON-CR/NON-PD",
        "NON-CR/NON-PD",
        others={"X": "PA", "Y": "PP"},
    ),
    Case("others not all evaluated", "NE", "NE", "NE", others={"X": "PA", "Y": "P-"}),
    Case("others in progression", "PD", "PD", "PD", others={"X": "PG"}),
    Case("others CR, a new lesion", "PD", "PD", "PD", others={"X": "PA"}, new={1: True}),
    Case(
        "an unconfirmed CR without targets, lost from sight",
        "CR NE",
        "CR",
        "NON-CR/NON-PD",
        others={"X": "PA-"},
    ),
)
"""What a reader of the guideline writes down for each."""

RECORDS = (
    # Table 3 and section 4.4.3: days and overall responses -> best, with confirmation.
    ("CR CR", (56, 84), "CR", "CR"),
    ("CR CR", (56, 83), "CR", "SD"),
    ("CR PD", (56, 112), "CR", "SD"),
    ("CR PD", (20, 112), "CR", "PD"),
    ("CR NE", (56, 112), "CR", "SD"),
    ("CR NE", (20, 112), "CR", "NE"),
    ("PR CR", (56, 112), "CR", "PR"),
    ("PR PR", (56, 112), "PR", "PR"),
    ("PR SD", (56, 112), "PR", "SD"),
    ("PR PD", (56, 112), "PR", "SD"),
    ("PR PD", (20, 112), "PR", "PD"),
    ("PR NE", (56, 112), "PR", "SD"),
    ("PR NE", (20, 112), "PR", "NE"),
    ("NE NE", (56, 112), "NE", "NE"),
    ("SD PR PD", (56, 112, 168), "PR", "SD"),
    ("SD PD", (20, 56), "PD", "PD"),
    ("SD", (20,), "NE", "NE"),
    ("SD", (41,), "NE", "NE"),
    ("SD", (42,), "SD", "SD"),
    ("SD SD", (20, 56), "SD", "SD"),
    ("PR NE PR", (56, 112, 168), "PR", "PR"),
    ("PR NE NE PR", (56, 112, 168, 224), "PR", "SD"),
    ("PR SD PR", (56, 112, 168), "PR", "SD"),
    ("PR SD PR PR", (56, 112, 168, 224), "PR", "PR"),
    ("PR PR PR", (56, 70, 84), "PR", "PR"),
    ("PR CR PD", (56, 84, 112), "CR", "PR"),
    ("CR NE CR", (56, 112, 168), "CR", "CR"),
    ("PR PD PR PR", (56, 112, 168, 224), "PR", "SD"),
    ("PD CR CR", (56, 112, 168), "PD", "PD"),
    ("NE PD", (56, 112), "PD", "PD"),
)
SIZES = {"CR": 0.0, "PR": 65.0, "SD": 75.0, "PD": 200.0, "NE": None}


def asked(case: Case, engine_: Any) -> Any:
    return engine_.answer(requests.recist(data_of(case)))


def test_there_are_enough_cases() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 50
    assert len(set(RECORDS)) == len(RECORDS) >= 30


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_by_hand(case: Case, each_engine: Any) -> None:
    found = asked(case, each_engine)

    visits, best = found.to_frame("visits"), found.to_frame("best").iloc[0]
    assert words(visits["overall"]) == case.overall
    assert words([best["best"], best["best_confirmed"]]) == f"{case.best} {case.confirmed}"
    for column in ("target", "nontarget"):
        if expected := getattr(case, column):
            assert words(visits[column]) == expected


@pytest.mark.parametrize(("responses", "days", "best", "confirmed"), RECORDS)
def test_best_responses_by_hand(
    responses: str, days: tuple[float, ...], best: str, confirmed: str, each_engine: Any
) -> None:
    """One lesion of 100 mm whose sizes give these responses."""
    sizes = [100.0, *(SIZES[word] for word in responses.split())]
    case = Case("", responses, best, confirmed, {"A": sizes}, days=(0, *days))

    found = asked(case, each_engine)

    row = found.to_frame("best").iloc[0]
    assert words(found.to_frame("visits")["overall"]) == responses
    assert words([row["best"], row["best_confirmed"]]) == f"{best} {confirmed}"


def test_numbers_of_one_patient(each_engine: Any) -> None:
    case = Case(
        "", "", "", "", {"A": [40, 30, 10, _], "B": [20, 15, 0, 10]}, {"N": [20, 15, 8, 12]}
    )

    found = asked(case, each_engine)

    visits = found.to_frame("visits")
    columns = ["day", "sum_mm", "nadir_mm"]
    assert visits[columns].to_numpy().tolist() == [[56, 60, 80], [112, 18, 60], [168, 22, 18]]
    changes = visits[["change_baseline", "change_nadir"]].round(6).to_numpy().tolist()
    assert changes[:2] == [[-25, -25], [-77.5, -70]]
    assert np.isnan(changes[2]).all()
    best = found.to_frame("best").iloc[0]
    names = ["targets", "baseline_day", "baseline_sum_mm", "assessments"]
    assert best[names].tolist() == [3, 0, 80, 3]
    assert best["best_change"] == pytest.approx(-77.5)
    assert np.isnan(best["progression_day"])


def test_the_best_change_ends_with_progression(each_engine: Any) -> None:
    case = Case("", "", "", "", {"A": [50, 40, 45, 10]}, new={2: True})

    best = asked(case, each_engine).to_frame("best").iloc[0]

    assert best["best_change"] == pytest.approx(-20)
    assert best["progression_day"] == 112


def rows_of(*rows: tuple[Any, ...]) -> RecistData:
    columns = ["patient_id", "lesion_id", "day", "visit", "diameter_mm"]
    return RecistData(pd.DataFrame(rows, columns=columns).assign(node=None))


def test_the_last_size_before_treatment_is_the_baseline(each_engine: Any) -> None:
    data = rows_of(
        ("P", "A", -40, _, 20.0),
        ("P", "A", -3, _, 30.0),
        ("P", "B", -40, _, 10.0),
        ("P", "A", 50, _, 28),
    )

    found = each_engine.answer(requests.recist(data))

    best = found.to_frame("best").iloc[0]
    assert best[["targets", "baseline_day", "baseline_sum_mm"]].tolist() == [2, -3, 40]
    assert words(found.to_frame("visits")["overall"]) == "NE"


def test_without_a_scan_before_treatment_the_first_is_the_baseline(each_engine: Any) -> None:
    data = rows_of(("P", "A", 5, _, 20.0), ("P", "A", 50, _, 10.0), ("P", "B", 50, _, 10.0))

    found = each_engine.answer(requests.recist(data))

    best = found.to_frame("best").iloc[0]
    assert best[["targets", "baseline_day", "baseline_sum_mm", "best"]].tolist() == [1, 5, 20, PR]
    assert found.to_frame("left_out")["targets_without_baseline"].tolist() == [1]


def test_visits_group_and_a_later_size_replaces_not_done(each_engine: Any) -> None:
    data = rows_of(
        ("P", "A", 0, "base", 20.0),
        ("P", "B", 0, "base", 20.0),
        ("P", "A", 50, "week 8", None),
        ("P", "B", 50, "week 8", 10.0),
        ("P", "A", 61, "week 8", 10.0),
        ("P", "A", 62, "unscheduled", 12.0),
    )

    visits = each_engine.answer(requests.recist(data)).to_frame("visits")

    assert visits[["day", "sum_mm"]].to_numpy().tolist() == [[61, 20], [62, 12]]
    assert words(visits["overall"]) == "PR NE"


def test_what_is_left_out_is_counted(each_engine: Any) -> None:
    data = rows_of(
        ("P", "zero", 0, _, 0.0),
        ("P", "A", 0, _, 20.0),
        ("P", "A", 50, _, 20.0),
        ("P", "zero", 50, _, 9.0),
        ("P", "late", 50, _, 9.0),
        ("Q", "A", 50, _, None),
    )
    others = pd.DataFrame(
        {"patient_id": "P", "lesion_id": "X", "day": [50], "visit": None, "state": ["present"]}
    )
    new = pd.DataFrame(
        {"patient_id": "P", "lesion_id": "W", "day": [0], "visit": None, "certain": [True]}
    )

    found = each_engine.answer(requests.recist(RecistData(data.targets, others, new)))

    assert found.to_frame("left_out").iloc[0].to_dict() == {
        "targets_without_baseline": 2,
        "targets_zero_baseline": 1,
        "nontargets_after_baseline": 1,
        "new_at_baseline": 1,
        "patients_without_baseline": 1,
    }
    assert found.to_frame("best")["best"].tolist() == [SD, NE]


# The tables as data


def test_every_combination_has_a_rule() -> None:
    for target in (NONE, CR, PR, SD, PD, NE):
        for nontarget in (NONE, CR, NON, PD, NE):
            assert (RULE_OF[target, nontarget] >= 0).all()
    assert {rule.name for rule in OVERALL} == {
        OVERALL[place].name for place in np.unique(RULE_OF[RULE_OF >= 0])
    }


@pytest.mark.parametrize(
    ("target", "nontarget", "new", "overall"),
    [
        # Table 1
        (CR, CR, NO_NEW, CR),
        (CR, NON, NO_NEW, PR),
        (CR, NE, NO_NEW, PR),
        *((PR, other, NO_NEW, PR) for other in (CR, NON, NE)),
        *((SD, other, NO_NEW, SD) for other in (CR, NON, NE)),
        *((NE, other, NO_NEW, NE) for other in (CR, NON)),
        *((PD, other, NO_NEW, PD) for other in (CR, NON, NE, PD)),
        *((target, PD, NO_NEW, PD) for target in (CR, PR, SD, NE)),
        *((target, other, CERTAIN, PD) for target in (CR, PR, SD, NE) for other in (CR, NON, NE)),
        # Table 2
        (NONE, CR, NO_NEW, CR),
        (NONE, NON, NO_NEW, NON),
        (NONE, NE, NO_NEW, NE),
        (NONE, PD, NO_NEW, PD),
        (NONE, CR, CERTAIN, PD),
        # Section 4.3.5
        (CR, CR, EQUIVOCAL, CR),
    ],
)
def test_tables_1_and_2(target: int, nontarget: int, new: int, overall: int) -> None:
    assert OVERALL[RULE_OF[target, nontarget, new]].response == overall


# What holds for any patient


def answers(data: RecistData) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = engine("python").answer(requests.recist(data))
    return found.to_frame("visits"), found.to_frame("best")


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_order_of_the_rows_changes_nothing(seed: int, order: int) -> None:
    data = random_data(seed, 12)
    shuffled = RecistData(
        *(t.sample(frac=1, random_state=order) for t in (data.targets, data.nontargets, data.new))
    )

    for first, second in zip(answers(data), answers(shuffled), strict=True):
        pd.testing.assert_frame_equal(first, second, rtol=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.floats(0, 60), st.booleans())
def test_a_later_assessment_changes_no_earlier_one(seed: int, size: float, new: bool) -> None:
    data = random_data(seed, 12)
    last = max(table["day"].max() for table in (data.targets, data.nontargets, data.new))
    lesions = data.targets[["patient_id", "lesion_id", "node"]].drop_duplicates(
        ["patient_id", "lesion_id"]
    )
    more = lesions.assign(day=last + 30, visit="later", diameter_mm=size)
    unseen = lesions.assign(day=last + 30, visit="later", certain=True, lesion_id="new")
    both = [data.new, unseen.drop(columns="node")] if new else [data.new]
    added = replace(
        data,
        targets=pd.concat([data.targets, more]),
        new=pd.concat([table for table in both if len(table)] or both),
    )

    before, _best = answers(data)
    after, _best = answers(added)

    keys = ["patient", "assessment"]
    kept = after.merge(before[keys], on=keys)[before.columns]
    pd.testing.assert_frame_equal(kept, before, rtol=1e-12)
    assert len(after) > len(before)


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_confirmation_never_makes_a_response_better(seed: int) -> None:
    visits, best = answers(random_data(seed, 25))

    assert (best["best_confirmed"] >= best["best"]).all()
    whole = visits.dropna(subset=["change_nadir"])
    assert (whole["change_nadir"] >= whole["change_baseline"] - 1e-9).all()
    assert best["best"].isin(range(1, len(RESPONSES) + 1)).all()


# From the lesions table


def cohort_of(*rows: tuple[Any, ...]) -> Any:
    columns = ["patient_id", "lesion_id", "day", "diameter_mm", "lesion_type"]
    return cohort_from_frames(pd.DataFrame(rows, columns=columns))


def test_a_lesions_table_gives_targets_others_and_new_lesions() -> None:
    cohort = cohort_of(
        ("P", "A", 0, 50.0, "target"),
        ("P", "A", 50, 0.0, "target"),
        ("P", "X", 0, 9.0, "non-target"),
        ("P", "X", 50, 0.0, "non-target"),
        ("P", "X", 90, None, "non-target"),
        ("P", "W", 90, 8.0, "new"),
        ("P", "V", 90, None, "new"),
    )

    data = recist_data(cohort)
    visits, _best = answers(data)

    assert data.nontargets["state"].tolist() == ["present", "absent", None]
    assert data.new["lesion_id"].tolist() == ["W"]
    assert not has_nodes(data)
    assert words(visits["overall"]) == "CR PD"
    assert recist_data(replace(cohort, recist=data)) is data


def test_a_cohort_without_rows_is_refused() -> None:
    cohort = cohort_of(("P", "A", 0, 50.0, "target"), ("P", "A", 50, 9.0, "target"))
    with pytest.raises(UsageError, match="no rows of the lesions table"):
        recist_data(replace(cohort, rows=pd.DataFrame()))


# What is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"progression_threshold": 1.0}, "progression_threshold is 1.0; permitted: above 1."),
        ({"stable_days": -1}, "stable_days is -1; permitted: 0 or more."),
        ({"confirmation_days": float("nan")}, "confirmation_days is nan; permitted: 0 or more."),
    ],
)
def test_rules_that_are_none_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        RecistRules(**change)
    assert str(caught.value) == message


def test_unknown_states_and_sizes_below_0_are_refused() -> None:
    data = data_of(Case("", "", "", "", {"A": [5, 5]}, others={"X": "PP"}))
    bigger = replace(data, nontargets=data.nontargets.assign(state=["present", "bigger"]))
    with pytest.raises(UsageError, match="state has 'bigger'; permitted: 'present', 'absent'"):
        requests.recist(bigger)
    with pytest.raises(UsageError, match="sizes below 0 or infinite"):
        requests.recist(replace(data, targets=data.targets.assign(diameter_mm=-1)))


def test_rows_without_a_day_are_counted_and_none_left_is_refused() -> None:
    data = data_of(Case("", "", "", "", {"A": [5, 5, 5]}))
    gap = replace(data, targets=data.targets.assign(day=[0, 56, np.nan]))
    assert requests.recist(gap).left_out == {"day missing": 1}
    with pytest.raises(NotEstimableError, match="no row has a lesion and a day"):
        requests.recist(replace(data, targets=data.targets.assign(day=np.nan)))


def test_a_flag_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="other than 0 and 1"):
        requests.proportion([0, 1, 2])
