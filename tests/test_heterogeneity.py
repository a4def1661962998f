"""Distances of named patients, each worked out by hand, in both languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionhet import heterogeneity, mean_gower, requests
from lesionhet.definitions import Definitions
from lesionhet.schema import RESPONSE_VARIABLES

PAPER = Definitions()
UNBIASED = Definitions(gower_range="cohort", gower_self=False, single_lesion="missing")
WITHOUT_SELF = Definitions(gower_self=False)
NAN = float("nan")

# response, stable, relapse, nadir ratio, last ratio
RESPONDER = (1, 1, 0, 0.5, 0.5)
ALMOST = (1, 1, 0, 0.6, 0.7)
RELAPSED = (0, 1, 1, 1.0, 1.5)
OPPOSITE_A = (1, 0, 0, 0.4, 0.4)
OPPOSITE_B = (0, 1, 1, 1.1, 1.6)
THREE = [RESPONDER, ALMOST, RELAPSED]

PATIENTS: dict[str, tuple[list[tuple[float, ...]], Definitions, list[float], float]] = {
    "twins": ([RESPONDER, RESPONDER], PAPER, [0, 0], 0),
    "two lesions unlike in everything": ([OPPOSITE_A, OPPOSITE_B], PAPER, [0.5, 0.5], 0.5),
    "the same without self": ([OPPOSITE_A, OPPOSITE_B], WITHOUT_SELF, [1, 1], 1),
    "two lesions, equal flags": ([RESPONDER, ALMOST], PAPER, [0.2, 0.2], 0.2),
    "two lesions, only the last ratio differs": (
        [(1, 1, 0, 0.5, 0.5), (1, 1, 0, 0.5, 0.9)],
        PAPER,
        [0.1, 0.1],
        0.1,
    ),
    "one lesion is 0": ([RESPONDER], PAPER, [0], 0),
    "one lesion is missing on request": ([RESPONDER], UNBIASED, [NAN], NAN),
    # ranges 0.5 and 1.0: pairs 0.4 / 5, 4 / 5 and 3.6 / 5
    "three lesions": (THREE, PAPER, [0.88 / 3, 0.8 / 3, 1.52 / 3], 3.2 / 9),
    "three lesions without self": (THREE, WITHOUT_SELF, [0.44, 0.4, 0.76], 1.6 / 3),
    "two pairs of twins": (
        [OPPOSITE_A, OPPOSITE_A, OPPOSITE_B, OPPOSITE_B],
        PAPER,
        [0.5] * 4,
        0.5,
    ),
    "two pairs of twins without self": (
        [OPPOSITE_A, OPPOSITE_A, OPPOSITE_B, OPPOSITE_B],
        WITHOUT_SELF,
        [2 / 3] * 4,
        2 / 3,
    ),
    "a missing ratio counts for nothing": (
        [(1, 1, 0, 0.5, NAN), (1, 1, 0, 1.0, 1.0)],
        PAPER,
        [0.125, 0.125],
        0.125,
    ),
    "a variable without range counts as equal": (
        [(1, 1, 0, 0.5, 0.5), (0, 1, 0, 0.5, 0.5)],
        PAPER,
        [0.1, 0.1],
        0.1,
    ),
    "weights": (
        [(1, 1, 0, 0.5, 0.5), (1, 1, 1, 0.5, 0.5)],
        Definitions(gower_weights={"relapse": 3.0}),
        [1.5 / 7, 1.5 / 7],
        1.5 / 7,
    ),
    # 1.5 and 2.5 are clipped to 1 and 2: 0.5 / 1 and 1.5 / 2
    "fixed bounds": (
        [(1, 1, 0, 0.5, 0.5), (1, 1, 0, 1.5, 2.5)],
        Definitions(
            gower_range="fixed", gower_bounds={"nadir_ratio": (0, 1), "last_ratio": (0, 2)}
        ),
        [0.125, 0.125],
        0.125,
    ),
}


def _lesions(**patients: list[tuple[float, ...]]) -> pd.DataFrame:
    rows = [
        (name, f"L{number}", *lesion)
        for name, lesions in patients.items()
        for number, lesion in enumerate(lesions, start=1)
    ]
    return pd.DataFrame(rows, columns=["patient_id", "lesion_id", *RESPONSE_VARIABLES])


@pytest.mark.parametrize("name", PATIENTS)
def test_a_named_patient_has_the_distance_worked_out_by_hand(name: str, each_engine: Any) -> None:
    lesions, definitions, by_lesion, by_patient = PATIENTS[name]

    answer = each_engine.answer(requests.heterogeneity(_lesions(p=lesions), definitions))

    found = answer.to_frame("lesions")["distance"].to_numpy(dtype=float)
    np.testing.assert_allclose(found, by_lesion, rtol=1e-12, atol=1e-15)
    patient = answer.to_frame("patients")["distance"].to_numpy(dtype=float)
    np.testing.assert_allclose(patient, [by_patient], rtol=1e-12, atol=1e-15)


def test_a_cohort_range_is_that_of_all_lesions(each_engine: Any) -> None:
    lesions = _lesions(
        a=[(1, 1, 0, 0.4, 0.5), (1, 1, 0, 0.6, 0.5)],
        b=[(1, 1, 0, 0.0, 0.0)],
        c=[(0, 1, 1, 1.0, 2.0)],
    )

    answer = each_engine.answer(requests.heterogeneity(lesions, UNBIASED))

    # nadir range 1.0, last range 2.0: 0.2 / 5 within a, the others have a single lesion
    found = answer.to_frame("patients").set_index("patient")["distance"]
    assert found["a"] == pytest.approx(0.04)
    assert found[["b", "c"]].isna().all()


def test_patients_are_kept_apart_and_labels_come_back(each_engine: Any) -> None:
    lesions = _lesions(z=THREE, a=[RESPONDER], m=[OPPOSITE_A, OPPOSITE_B])
    shuffled = lesions.sample(frac=1, random_state=3)

    answer = each_engine.answer(requests.heterogeneity(shuffled, PAPER))

    patients = answer.to_frame("patients").set_index("patient")
    assert patients["distance"].to_dict() == pytest.approx({"a": 0, "m": 0.5, "z": 3.2 / 9})
    assert patients["n"].to_dict() == {"a": 1, "m": 2, "z": 3}
    rows = answer.to_frame("lesions").set_index("row")["distance"]
    assert rows["z / L3"] == pytest.approx(1.52 / 3)
    assert list(rows.index) == list(shuffled["patient_id"] + " / " + shuffled["lesion_id"])


def test_lesions_without_any_variable_are_left_out_and_counted() -> None:
    request = requests.heterogeneity(_lesions(p=[RESPONDER, (NAN,) * 5]), PAPER)

    assert request.left_out == {"all five variables missing": 1}
    assert len(request.data) == 1


RATIO = st.integers(0, 30).map(lambda k: k / 10)
LESION = st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1), RATIO, RATIO)
COHORTS = st.dictionaries(
    st.sampled_from("abcdef"), st.lists(LESION, min_size=1, max_size=6), min_size=1
)
RULES = st.sampled_from([PAPER, UNBIASED, WITHOUT_SELF])


@given(COHORTS, RULES)
def test_distances_lie_between_0_and_1(
    cohort: dict[str, list[tuple[float, ...]]], rules: Definitions
) -> None:
    request = requests.heterogeneity(_lesions(**cohort), rules)

    tables = heterogeneity.heterogeneity_tables(request.data, **request.options)

    for table in tables.values():
        known = table["distance"].dropna()
        assert known.between(0, 1).all()


@given(COHORTS, RULES, st.randoms(use_true_random=False))
def test_permuting_the_lesions_changes_no_distance(
    cohort: dict[str, list[tuple[float, ...]]], rules: Definitions, random: Any
) -> None:
    lesions = _lesions(**cohort)
    order = list(range(len(lesions)))
    random.shuffle(order)
    first, second = (
        requests.heterogeneity(table, rules) for table in (lesions, lesions.iloc[order])
    )

    before = heterogeneity.heterogeneity_tables(first.data, **first.options)
    after = heterogeneity.heterogeneity_tables(second.data, **second.options)

    np.testing.assert_allclose(
        after["lesions"]["distance"], before["lesions"]["distance"].iloc[order], atol=1e-12
    )
    np.testing.assert_allclose(
        after["patients"]["distance"], before["patients"]["distance"], atol=1e-12
    )


@given(st.lists(LESION, min_size=1, max_size=8))
def test_lesion_means_are_those_of_the_pair_matrix(lesions: list[tuple[float, ...]]) -> None:
    from lesionhet.gower import gower_distance

    table = _lesions(p=lesions)
    flags = dict.fromkeys(RESPONSE_VARIABLES[:3], "nominal")
    request = requests.heterogeneity(table, PAPER)

    found = heterogeneity.heterogeneity_tables(request.data, **request.options)["lesions"]

    square = gower_distance(table[list(RESPONSE_VARIABLES)], flags)
    np.testing.assert_allclose(found["distance"], square.mean(axis=1), atol=1e-14)


def test_chunks_of_patients_give_what_one_pass_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    owner = np.sort(rng.integers(0, 60, size=400))
    table = pd.DataFrame(rng.random((400, 5)).round(1), columns=list(RESPONSE_VARIABLES))
    table[list(RESPONSE_VARIABLES[:3])] = rng.integers(0, 2, (400, 3))
    table = table.mask(rng.random(table.shape) < 0.1)
    table.insert(0, "patient_id", owner.astype(str))
    table.insert(1, "lesion_id", np.arange(400).astype(str))
    request = requests.heterogeneity(table, WITHOUT_SELF)
    whole = heterogeneity.heterogeneity_tables(request.data, **request.options)

    monkeypatch.setattr(mean_gower, "ROWS_AT_ONCE", 30)
    chunks = heterogeneity.heterogeneity_tables(request.data, **request.options)

    for name in whole:
        pd.testing.assert_frame_equal(whole[name], chunks[name], rtol=0, atol=1e-14)


@pytest.mark.r
@pytest.mark.parametrize(
    "rules", [PAPER, UNBIASED, WITHOUT_SELF], ids=["paper", "unbiased", "others"]
)
def test_daisy_gives_the_same_on_a_random_cohort(rules: Definitions) -> None:
    from lesionhet.agreement import agreed, compare
    from lesionhet.engines import engine

    rng = np.random.default_rng(11)
    owner = np.sort(rng.integers(0, 80, size=300))
    table = pd.DataFrame(rng.random((300, 5)).round(2), columns=list(RESPONSE_VARIABLES))
    table[list(RESPONSE_VARIABLES[:3])] = rng.integers(0, 2, (300, 3))
    table = table.mask(rng.random(table.shape) < 0.1)
    table.insert(0, "patient_id", owner.astype(str))
    table.insert(1, "lesion_id", np.arange(300).astype(str))
    request = requests.heterogeneity(table, rules)

    compared = compare("2A", engine("python").answer(request), engine("r").answer(request))

    assert agreed(compared)
