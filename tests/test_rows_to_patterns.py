"""Followed lesions, assessments and sums of odd tables against loops that read like their definitions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet import Definitions, requests
from lesionhet.burden import assessments, total_burden
from lesionhet.coded import coded
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.errors import LesionhetError, NotEstimableError
from lesionhet.followup import REASONS, Followed, follow
from lesionhet.groups import inconsistent
from lesionhet.patterns import lesion_series, patient_distances, response_patterns
from lesionhet.phases import phase_variables, phases_so_far, response_phases
from lesionhet.readers import ReadOptions
from lesionhet.schema import RESPONSE_VARIABLES
from lesionhet.statistics.counting import climb, climb_again
from lesionhet.validate.cohort_lesions import draw_definitions, draw_lesions, draw_patients

SEEDS = range(7)


def _rows(seed: int) -> pd.DataFrame:
    """Give rows as the checks leave them: of all types, some missing, some twice, in any order."""
    rng = np.random.default_rng([17, seed])
    rows = draw_lesions(rng).astype({"day": float, "diameter_mm": float})
    if "visit" in rows:
        rows["visit"] = rows["visit"].where(rng.random(len(rows)) < 0.8, None)
    rows["site"] = rows["site"].astype(object).where(rng.random(len(rows)) < 0.7, None)
    return rows.sample(frac=1, random_state=seed).reset_index(drop=True) if seed % 3 else rows


def _followed_by_loop(rows: pd.DataFrame) -> tuple[dict[Any, Any], dict[str, int]]:
    """Give each followed lesion's baseline and later measurements, and why others are not followed."""
    series: dict[Any, set[tuple[float, float]]] = defaultdict(set)
    kinds: dict[Any, set[str]] = defaultdict(set)
    for row in rows.itertuples():
        key = (row.patient_id, row.lesion_id)
        kinds[key].add(row.lesion_type)
        if row.lesion_type == "target" and not np.isnan(row.diameter_mm):
            series[key].add((row.day, row.diameter_mm))
    followed, why = {}, dict.fromkeys(REASONS, 0)
    for key, found in sorted(series.items()):
        scans = sorted(found)
        before = [scan for scan in scans if scan[0] <= 0]
        later = scans[max(len(before), 1) :]
        baseline = scans[max(len(before), 1) - 1]
        if baseline[1] == 0:
            why["lesions_zero_baseline"] += 1
        elif not later:
            why["lesions_no_later"] += 1
        else:
            followed[key] = (baseline, later, not before)
            why["lesions_followed"] += 1
            why["rows_kept"] += 1 + len(later)
        why["rows_before_baseline"] += max(len(before) - 1, 0)
    why["lesions_found"] = len(kinds)
    why["lesions_never_measured"] = sum("target" in k for k in kinds.values()) - len(series)
    why["lesions_non_target"] = sum("target" not in k and "non-target" in k for k in kinds.values())
    why["lesions_new"] = sum(k == {"new"} for k in kinds.values())
    return followed, why


@pytest.mark.parametrize("seed", SEEDS)
def test_followed_lesions_are_those_of_a_loop(seed: int) -> None:
    rows = _rows(seed)

    found = follow(rows)

    expected, why = _followed_by_loop(rows)
    lesions = found.lesions
    assert list(zip(lesions["patient_id"], lesions["lesion_id"], strict=True)) == list(expected)
    for row, (baseline, later, late) in zip(lesions.itertuples(), expected.values(), strict=True):
        assert (row.baseline_day, row.baseline_mm, row.n_scans) == (*baseline, len(later))
        assert row.baseline_after_start == late
    measured = [
        (*key, *scan, scan == baseline)
        for key, (baseline, later, _) in expected.items()
        for scan in (baseline, *later)
    ]
    names = ["patient_id", "lesion_id", "day", "diameter_mm", "is_baseline"]
    assert list(found.measurements[names].itertuples(index=False, name=None)) == measured
    counts = dict(zip(REASONS, found.attrition["n"], strict=True))
    assert {name: counts[name] for name, n in why.items() if n} == {
        k: n for k, n in why.items() if n
    }
    assert (
        counts["rows_found"]
        == len(rows)
        == sum(n for name, n in counts.items() if name.startswith("rows_") and name != "rows_found")
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_site_is_the_first_known_one_in_the_order_of_the_rows(seed: int) -> None:
    rows = _rows(seed)

    found = follow(rows).lesions

    target = rows[rows["lesion_type"] == "target"]
    for row in found.itertuples():
        own = target[
            (target["patient_id"] == row.patient_id) & (target["lesion_id"] == row.lesion_id)
        ]
        known = own["site"].dropna().tolist()
        assert row.site == (known[0] if known else None)


def test_of_exact_duplicates_the_first_visit_by_name_stands() -> None:
    rows = pd.DataFrame(
        {
            "patient_id": "P",
            "lesion_id": "A",
            "day": [50.0, 50.0, 0.0, 50.0],
            "diameter_mm": [9.0, 9.0, 20.0, 9.0],
            "lesion_type": "target",
            "visit": ["V2", None, "V0", "V1"],
        }
    )

    found = follow(rows)

    assert found.measurements["visit"].tolist() == ["V0", "V1"]
    assert found.attrition.set_index("reason")["n"]["exact duplicates"] == 2


def test_no_rows_are_no_lesions() -> None:
    found = follow(_rows(0).iloc[:0])

    assert found.lesions.empty and found.measurements.empty and not found.measured_patients
    assert (found.attrition["n"] == 0).all()


def _numbers_by_loop(rows: pd.DataFrame, window: float) -> list[int]:
    """Number the assessments patient by patient, measurement by measurement."""
    number: dict[int, int] = {}
    for _, patient in rows.groupby("patient_id"):
        keys: dict[int, Any] = {}
        met: dict[Any, int] = defaultdict(int)
        unnamed: list[tuple[float, int, str]] = []
        for row in patient.itertuples():
            if row.is_baseline and row.day <= 0:
                number[row.Index] = 0
            elif row.visit is None:
                unnamed.append((row.day, row.Index, row.lesion_id))
            else:
                keys[row.Index] = (row.visit, met[row.visit, row.lesion_id])
                met[row.visit, row.lesion_id] += 1
        begin: dict[Any, float] = {}
        for index, key in keys.items():
            begin[key] = min(begin.get(key, np.inf), rows.loc[index, "day"])
        while unnamed:
            unnamed.sort()
            first, seen, end = unnamed[0][0], set(), np.inf
            for day, _, lesion in unnamed:
                if lesion in seen:
                    end = day
                    break
                seen.add(lesion)
            taken = [one for one in unnamed if one[0] <= first + window and one[0] < end]
            for one in taken:
                keys[one[1]] = (first,)
            begin[first,] = first
            unnamed = [one for one in unnamed if one not in taken]
        order = sorted(begin, key=lambda k: (begin[k], len(k) == 1, k))
        number |= {index: 1 + order.index(key) for index, key in keys.items()}
    return [number[index] for index in rows.index]


@pytest.mark.parametrize("window", [0.0, 7.0, 60.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_assessments_are_those_of_a_loop(seed: int, window: float) -> None:
    found = follow(_rows(seed))

    assert assessments(found, window).tolist() == _numbers_by_loop(found.measurements, window)


def _burden_by_loop(found: Followed, window: float, rule: str) -> list[tuple[str, float, float]]:
    rows = found.measurements.assign(number=_numbers_by_loop(found.measurements, window))
    expected = []
    for patient, own in rows.groupby("patient_id"):
        size = own[own["is_baseline"]].set_index("lesion_id")["diameter_mm"]
        sums = []
        if rule == "available":
            begun = own[own["is_baseline"]]
            first = begun[begun["number"] == begun["number"].min()]["day"].max()
            sums.append((first, size.sum()))
            own = own[~own["is_baseline"]]
        for _, group in sorted(own.groupby("number"), key=lambda g: (g[1]["day"].max(), g[0])):
            day, now = group["day"].max(), group["diameter_mm"].sum()
            if rule == "complete" and set(group["lesion_id"]) == set(size.index):
                sums.append((day, now))
            if rule == "available" and day > first:
                sums.append((day, now / size[group["lesion_id"]].sum() * size.sum()))
        kept = [one for i, one in enumerate(sums) if one[0] not in [d for d, _ in sums[:i]]]
        if len(kept) > 1 and kept[0][1] > 0:
            expected += [(patient, *one) for one in kept]
    return expected


@pytest.mark.parametrize("rule", ["complete", "available"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_total_burden_is_that_of_a_loop(seed: int, rule: Any) -> None:
    found = follow(_rows(seed))

    burden = total_burden(found, Definitions(burden=rule))

    expected = _burden_by_loop(found, 7.0, rule)
    assert list(zip(burden["patient_id"], burden["day"], strict=True)) == [e[:2] for e in expected]
    np.testing.assert_allclose(burden["size_mm"], [e[2] for e in expected], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_patterns_do_not_depend_on_the_order_of_the_measurements(seed: int) -> None:
    found = follow(_rows(seed))
    order = np.random.default_rng(seed).permutation(len(found.measurements))
    mixed = Followed(
        found.measurements.iloc[order].reset_index(drop=True),
        found.lesions,
        found.attrition,
        found.measured_patients,
    )

    assert coded(mixed).lesion.tolist() == coded(found).lesion[order].tolist()
    assert coded(mixed).baseline.tolist() == found.lesions["baseline_mm"].tolist()
    pd.testing.assert_frame_equal(
        total_burden(mixed, Definitions()), total_burden(found, Definitions())
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_phases_so_far_are_those_of_the_scans_up_to_each(seed: int) -> None:
    definitions = draw_definitions(np.random.default_rng([3, seed]))
    series = lesion_series(follow(_rows(seed)))
    place = series.groupby("unit").cumcount()

    found = phases_so_far(series, definitions)

    assert found[place == 0].isna().all(axis=None)
    for row in np.flatnonzero(place > 0)[::3]:
        scans = series.iloc[row - place[row] : row + 1].assign(unit=0)
        alone = response_phases(scans, definitions)[list(RESPONSE_VARIABLES)]
        assert found.iloc[row].tolist() == alone.astype(float).iloc[0].tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_variables_and_distances_alone_are_those_of_the_whole_patterns(seed: int) -> None:
    definitions = draw_definitions(np.random.default_rng([4, seed]))
    followed = follow(_rows(seed))

    whole = response_patterns(followed, definitions)

    alone = phase_variables(lesion_series(followed), definitions)
    pd.testing.assert_frame_equal(alone, whole.lesions[list(RESPONSE_VARIABLES)].astype(float))
    distances = patient_distances(followed, definitions)
    pd.testing.assert_frame_equal(distances, whole.patients[list(distances.columns)])


def test_a_measurement_of_no_lesion_is_refused() -> None:
    found = follow(_rows(1))
    less = Followed(
        found.measurements, found.lesions.iloc[1:], found.attrition, found.measured_patients
    )

    with pytest.raises(LesionhetError, match="no such lesion"):
        coded(less)


def test_ids_that_are_numbers_give_the_same_patterns_as_texts() -> None:
    rows = _rows(4)
    numbered = rows.assign(
        patient_id=rows["patient_id"].str[1:].astype(int),
        lesion_id=rows["lesion_id"].str[1:].astype(int),
    )

    texts, numbers = (response_patterns(follow(r), Definitions()) for r in (rows, numbered))

    ids = ["patient_id", "lesion_id", "site"]
    left, right = (found.lesions.drop(columns=ids) for found in (texts, numbers))
    pd.testing.assert_frame_equal(left, right)
    left, right = (found.patients.drop(columns="patient_id") for found in (texts, numbers))
    pd.testing.assert_frame_equal(left, right)


def test_a_patient_without_a_total_burden_has_no_inconsistent_lesion() -> None:
    flags = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    totals = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [np.nan, np.nan, np.nan]])

    np.testing.assert_array_equal(inconsistent(flags, totals), [0.0, 1.0, np.nan])


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    rng = np.random.default_rng(5)
    return cohort_from_frames(draw_lesions(rng), draw_patients(rng), ReadOptions(allow_jumps=True))


def test_requests_of_one_cohort_do_not_write_into_each_other(cohort: Cohort) -> None:
    before = requests.patterns(cohort, Definitions())
    kept = before.data.copy()
    requests.cox_from_measurements(cohort, Definitions(), strata="arm")
    requests.landmark_organ_response(cohort, Definitions(), before.labels["site"][0], 60.0)
    requests.progression_order(cohort, Definitions())

    after = requests.patterns(cohort, Definitions())

    pd.testing.assert_frame_equal(after.data, kept)
    assert after.labels == before.labels and "strata" not in after.labels


@pytest.mark.parametrize("late", [False, True])
def test_a_model_of_rows_that_are_sorted_already_is_the_model_of_the_rows(late: bool) -> None:
    rng = np.random.default_rng(8)
    rows = pd.DataFrame(
        {
            "time": rng.integers(5, 40, 90).astype(float),
            "event": (rng.random(90) < 0.7).astype(float),
            "strata": rng.integers(1, 4, 90),
            "x1": rng.random(90),
            "x2": rng.integers(0, 5, 90).astype(float),
        }
    )
    if late:
        rows["start"] = rows["time"] - rng.integers(1, 5, 90)
    other = rng.random((90, 3))
    names = ["y1", "y2", "y3"]

    again, peak = climb_again(climb(rows, ["x1", "x2"])[0], other)

    model, expected = climb(rows.assign(**dict(zip(names, other.T, strict=True))), names)
    assert peak.coefficients.tolist() == expected.coefficients.tolist()
    assert again.back.tolist() == model.back.tolist()
    once, nowhere = np.ones(90), np.zeros(3)
    for one, two in zip(
        again.derivatives(once, nowhere), model.derivatives(once, nowhere), strict=True
    ):
        np.testing.assert_array_equal(one, two)
    with pytest.raises(NotEstimableError, match="'x1': the same value"):
        climb_again(model, np.ones((90, 1)))
    with pytest.raises(NotEstimableError, match="collinear"):
        climb_again(model, other[:, [0, 1, 0]])
