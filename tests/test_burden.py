"""The total burden of named patients, added up by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from lesionhet.burden import assessments, total_burden
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.definitions import Definitions

AVAILABLE = Definitions(burden="available")


def _cohort(*rows: tuple[object, ...], visits: bool = False) -> Cohort:
    columns = ["patient_id", "lesion_id", "day", "diameter_mm", *(["visit"] if visits else [])]
    return cohort_from_frames(pd.DataFrame(rows, columns=columns))


def _sums(cohort: Cohort, definitions: Definitions | None = None) -> list[tuple[float, float]]:
    found = total_burden(cohort, definitions or Definitions())
    return list(zip(found["day"], found["size_mm"], strict=True))


MISSED = (
    ("P", "A", 0, 20.0),
    ("P", "B", 0, 30.0),
    ("P", "A", 56, 10.0),
    ("P", "A", 112, 12.0),
    ("P", "B", 112, 36.0),
)


def test_two_lesions_measured_together_are_added_up() -> None:
    cohort = _cohort(
        ("P", "A", 0, 20.0), ("P", "B", 0, 30.0), ("P", "A", 56, 15.0), ("P", "B", 56, 20.0)
    )

    assert _sums(cohort) == [(0, 50), (56, 35)]


def test_an_assessment_that_misses_a_lesion_is_skipped() -> None:
    assert _sums(_cohort(*MISSED)) == [(0, 50), (112, 48)]


def test_available_compares_with_the_baseline_of_the_lesions_present() -> None:
    # day 56: lesion A alone, 10 of 20, so half of 50
    assert _sums(_cohort(*MISSED), AVAILABLE) == [(0, 50), (56, 25), (112, 48)]


def test_baselines_of_different_days_before_treatment_are_one_assessment() -> None:
    cohort = _cohort(
        ("P", "A", -20, 20.0), ("P", "B", -2, 30.0), ("P", "A", 56, 15.0), ("P", "B", 56, 20.0)
    )

    assert _sums(cohort) == [(-2, 50), (56, 35)]


def test_days_within_the_window_of_the_first_are_one_assessment() -> None:
    cohort = _cohort(
        ("P", "A", 0, 20.0), ("P", "B", 0, 30.0), ("P", "A", 50, 15.0), ("P", "B", 57, 20.0)
    )

    assert _sums(cohort) == [(0, 50), (57, 35)]
    assert _sums(cohort, Definitions(visit_window_days=6)) == []


def test_a_second_measurement_of_a_lesion_begins_another_assessment() -> None:
    # study numbers in place of days: every number is within 7 of the others
    rows = [("P", lesion, day, 10.0 * day) for day in (1, 2, 3) for lesion in "AB"]

    assert _sums(_cohort(*rows)) == [(1, 20), (2, 40), (3, 60)]


def test_a_visit_gathers_what_days_would_part() -> None:
    cohort = _cohort(
        ("P", "A", 0, 20.0, "base"),
        ("P", "B", 0, 30.0, "base"),
        ("P", "A", 50, 15.0, "week 8"),
        ("P", "B", 70, 20.0, "week 8"),
        visits=True,
    )

    assert _sums(cohort) == [(0, 50), (70, 35)]


def test_visits_part_what_days_would_gather() -> None:
    cohort = _cohort(
        ("P", "A", 0, 20.0, "base"),
        ("P", "B", 0, 30.0, "base"),
        ("P", "A", 50, 15.0, "first"),
        ("P", "B", 52, 20.0, "second"),
        visits=True,
    )

    assert _sums(cohort) == []


def test_a_lesion_first_seen_later_moves_the_baseline_of_the_sum() -> None:
    cohort = _cohort(
        ("P", "A", 0, 20.0),
        ("P", "A", 56, 20.0),
        ("P", "A", 112, 20.0),
        ("P", "B", 56, 10.0),
        ("P", "B", 112, 30.0),
    )

    assert _sums(cohort) == [(56, 30), (112, 50)]


def test_without_a_later_whole_assessment_there_is_no_burden() -> None:
    cohort = _cohort(
        ("P", "A", 0, 20.0), ("P", "B", 0, 30.0), ("P", "A", 56, 15.0), ("P", "B", 112, 20.0)
    )

    assert _sums(cohort) == []
    assert _sums(cohort, AVAILABLE) == [(0, 50), (56, 37.5), (112, pytest.approx(100 / 3))]


def test_lesions_left_out_do_not_count() -> None:
    cohort = _cohort(
        ("P", "A", 0, 20.0),
        ("P", "A", 56, 15.0),
        ("P", "never again", 0, 99.0),
    )

    assert _sums(cohort) == [(0, 20), (56, 15)]


def test_patients_are_kept_apart() -> None:
    rows = [(p, "A", d, s) for p, s in (("P", 10.0), ("Q", 20.0)) for d in (0, 56)]

    found = total_burden(_cohort(*rows), Definitions())

    assert found.to_numpy().tolist() == [["P", 0, 10], ["P", 56, 10], ["Q", 0, 20], ["Q", 56, 20]]


def test_assessments_are_numbered_in_time_within_each_patient() -> None:
    cohort = _cohort(*MISSED)

    assert assessments(cohort, 7.0).tolist() == [0, 1, 2, 0, 2]
