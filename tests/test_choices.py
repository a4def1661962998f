"""Every reading at once: each row is what its definitions give, in both languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from choices_helpers import OF_TWO, cox_readings_of
from statistics_helpers import answer
from timed_helpers import assert_agree, both
from twins_helpers import OPTIONS, random_cohort

from lesionhet import requests
from lesionhet.analyses.hazard import ask_cox
from lesionhet.analyses.reviewer.choices import ANALYSES
from lesionhet.analyses.run import run_analysis
from lesionhet.charts import SpecificationChart
from lesionhet.choices.effects import average_effects, pairs_of_readings
from lesionhet.choices.grid import CHOICES, OF_DISTANCE, OF_PHASES, every_reading
from lesionhet.choices.measure import Measures, distances_apart
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.definitions import PRESETS, Definitions
from lesionhet.engines import engine
from lesionhet.errors import LesionhetError, NotEstimableError, UsageError
from lesionhet.figures import draw
from lesionhet.patterns import response_patterns
from lesionhet.simulate import simulate_trial
from lesionhet.study import build_study

OF_MODELS = (*OF_PHASES, *OF_DISTANCE)
NAMES = tuple(choice.name for choice in CHOICES)


def _some(number: int, names: tuple[str, ...] = NAMES) -> tuple[str, ...]:
    """Give three choices, all of them in turn; for number 0 every choice."""
    return tuple((names * 2)[number % len(names) :][:3]) if number else names


@pytest.fixture(scope="module")
def trial() -> Cohort:
    made = simulate_trial(n_patients=150, seed=6)
    return cohort_from_frames(made.lesions, made.patients)


# The grid


def test_every_combination_is_there_once_and_the_definitions_in_force_among_them() -> None:
    for name, preset in PRESETS.items():
        grid = every_reading(preset)
        assert len(grid.readings) == 2**7
        assert len({tuple(row) for row in grid.codes}) == 2**7
        assert grid.readings[grid.chosen] == preset
        assert grid.published == 0
        assert (grid.chosen == 0) == (name == "paper2021")
        for place, choice in enumerate(grid.choices):
            values = [choice.tried[code - 1] for code in grid.codes[:, place]]
            assert [getattr(reading, choice.name) for reading in grid.readings] == values


def test_the_published_values_come_first() -> None:
    assert all(choice.tried[0] == getattr(Definitions(), choice.name) for choice in CHOICES)


def test_a_value_that_is_neither_of_the_two_is_tried_beside_them() -> None:
    bounds = {"nadir_ratio": (0.0, 1.0), "last_ratio": (0.0, 2.0)}
    own = Definitions(gower_range="fixed", gower_bounds=bounds, relapse_min_increase_mm=3.0)

    grid = every_reading(own)

    assert len(grid.readings) == 2**5 * 3**2
    assert grid.readings[grid.chosen] == own
    assert grid.published is None
    assert grid.words().iloc[grid.chosen][["gower_range", "relapse_min_increase_mm"]].tolist() == [
        "fixed bounds",
        "3 mm or more",
    ]


# Phases and distances


def _by_definitions(cohort: Cohort, reading: Definitions, chosen: Definitions) -> dict[str, Any]:
    """Give one row the long way: the response patterns of a study under these definitions."""
    found, reference = (response_patterns(cohort, d) for d in (reading, chosen))
    flags = ["response", "stable", "relapse"]
    other = (found.lesions[flags] != reference.lesions[flags]).any(axis=1)
    return {
        "lesions": len(found.lesions),
        "with_burden": found.lesions["inconsistent"].notna().sum(),
        "inconsistent": found.lesions["inconsistent"].sum(),
        "changed": other.sum(),
        "lesion_median": found.lesions["gower"].median(),
        "patients": found.patients["gower"].notna().sum(),
        "patient_median": found.patients["gower"].median(),
        "kendall": found.patients["gower"]
        .round(9)
        .corr(reference.patients["gower"].round(9), "kendall"),
    }


@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_each_row_is_what_a_study_under_its_definitions_gives(number: int) -> None:
    cohort, own = random_cohort(number + 50, 14), Definitions(**OPTIONS[number])
    grid = every_reading(own, _some(number))

    table = answer(requests.readings(cohort, grid)).to_frame()

    for place in range(number % 2, len(grid.readings), 3 if number else 29):
        expected = _by_definitions(cohort, grid.readings[place], own)
        row = table.iloc[place][list(expected)]
        np.testing.assert_allclose(
            row.to_numpy(dtype=float), [float(v) for v in expected.values()], atol=2e-12
        )


def test_interpolated_days_change_no_reading() -> None:
    cohort = random_cohort(3)
    tables = [
        answer(
            requests.readings(cohort, every_reading(Definitions(crossing=crossing), OF_PHASES))
        ).to_frame()
        for crossing in ("scan", "linear")
    ]

    pd.testing.assert_frame_equal(*tables)


def test_a_patient_by_hand_under_two_readings() -> None:
    """A shrinks to 0.6, grows to 0.8; B grows to 1.3, then 1.2. From the nadir both relapse."""
    rows = pd.DataFrame(
        {
            "patient_id": "P",
            "lesion_id": ["A", "A", "A", "B", "B", "B"],
            "day": [0, 50, 90] * 2,
            "diameter_mm": [50.0, 30.0, 40.0, 50.0, 65.0, 60.0],
        }
    )
    found = answer(
        requests.readings(
            cohort_from_frames(rows),
            every_reading(Definitions(), ("relapse_reference", "gower_self")),
        )
    )

    # Nadir: A is response, relapse; B relapse: one flag and both ratios part, 3/5, half of it with self.
    # Baseline: A is response, stable; B relapse: three flags and both ratios part.
    assert found.to_frame()["patient_median"].tolist() == pytest.approx([0.3, 0.6, 0.5, 1.0])
    assert found.to_frame()["changed"].tolist() == [0, 0, 1, 1]
    effects = found.to_frame("choices").set_index("choice")
    assert effects["changed"].tolist() == [1, 0]
    assert effects["patient_median"].tolist() == pytest.approx([0.3, 0.4])


def test_effects_are_means_over_pairs_that_differ_in_one_choice() -> None:
    codes = np.array([[a, b] for a in (1, 2) for b in (1, 2, 3)])
    values = pd.DataFrame({"x": [0.0, 1.0, 4.0, 10.0, 12.0, np.nan]})

    found = average_effects(pairs_of_readings(codes), values)

    expected = [[1, 1, 2, 3, 10.5], [2, 1, 2, 2, 1.5], [2, 1, 3, 2, 4.0], [2, 2, 3, 2, 3.0]]
    assert found.to_numpy().tolist() == expected


# Models


@pytest.mark.parametrize("seed", range(4))
def test_pairs_of_readings_are_those_of_a_loop(seed: int) -> None:
    codes = np.random.default_rng(seed).integers(1, 4, (25, 3))

    found = pairs_of_readings(codes)

    expected = [
        (choice + 1, codes[i, choice], codes[j, choice], i, j)
        for choice in range(3)
        for i in range(25)
        for j in range(25)
        if codes[i, choice] < codes[j, choice]
        and (np.delete(codes[i], choice) == np.delete(codes[j], choice)).all()
    ]
    assert list(found.itertuples(index=False, name=None)) == sorted(expected)


def test_the_model_in_force_is_that_of_the_ledger(trial: Cohort) -> None:
    """2D by lifelines and every reading by own Newton steps: the same to 1e-7."""
    for name in ("paper2021", "unbiased"):
        study = build_study(trial, PRESETS[name])
        asked = ask_cox(study)
        grid = every_reading(PRESETS[name], OF_MODELS)
        for endpoint in ("os", "pfs"):
            found = answer(cox_readings_of(trial, grid, endpoint, "arm"))
            columns = ["estimate", "std_error", "hazard_ratio", "conf_low", "conf_high"]
            for table, scale in (("models", "per_sd"), ("per_tenth", "per_0.1")):
                ledger = answer(asked[f"{endpoint}_{scale}"]).to_frame().iloc[0]
                row = found.to_frame(table).iloc[grid.chosen]
                np.testing.assert_allclose(
                    row[columns].to_numpy(dtype=float),
                    ledger[columns].to_numpy(dtype=float),
                    rtol=1e-7,
                )
            sizes = answer(asked[f"{endpoint}_per_sd"]).to_frame("model").iloc[0]
            row = found.to_frame().iloc[grid.chosen]
            assert row[["n", "events"]].tolist() == sizes[["n", "events"]].tolist()


def test_every_distance_follows_from_that_between_different_lesions(trial: Cohort) -> None:
    from lesionhet.choices.answers import distances_of

    grid = every_reading(Definitions(), OF_MODELS)
    apart = distances_apart(Measures(trial), grid.readings)
    for place in range(0, len(grid.readings), 7):
        reading = grid.readings[place]
        patients = response_patterns(trial, reading).patients
        rows = apart.distances.reset_index(drop=True).assign(n_lesions=patients["n_lesions"])
        found = distances_of(
            rows, int(apart.column[place]), reading.gower_self, reading.single_lesion
        )
        np.testing.assert_allclose(found, patients["gower"], atol=2e-12)


def test_a_reading_without_a_model_has_no_estimate_and_the_others_stand() -> None:
    patients = pd.DataFrame(
        {
            "baseline_sum_mm": [10.0, 20.0, 35.0, 30.0, 44.0, 60.0],
            "n_lesions": [1, 1, 1, 2, 2, 3],
            "d1": [np.nan] * 3 + [0.4, 0.4, 0.4],
        }
    )
    grid = every_reading(Definitions(gower_self=False), ("single_lesion",))
    time = [5, 3, 9, 2, 7, 4]

    found = answer(requests.cox_readings(time, [1] * 6, patients, [1, 1], grid)).to_frame()

    # Without the single lesions the distance is the same in all.
    assert found["n"].tolist() == [6, 3]
    assert found["estimate"].notna().tolist() == [True, False]
    none = patients.assign(n_lesions=2, d1=0.4)
    with pytest.raises(NotEstimableError, match="same value"):
        answer(requests.cox_readings(time, [1] * 6, none, [1, 1], grid))


def test_what_cannot_be_asked_is_refused() -> None:
    grid = every_reading(Definitions(), OF_TWO)
    patients = pd.DataFrame({"baseline_sum_mm": [1.0, 2.0], "n_lesions": [2, 2], "d1": [0.1, 0.2]})

    with pytest.raises(UsageError, match="no column 'n_lesions'"):
        requests.cox_readings([1, 2], [1, 1], patients.drop(columns="n_lesions"), [1] * 4, grid)
    for column in ([1] * 3, [1, 1, 1, 2]):
        with pytest.raises(UsageError, match="one each, from 1 to 1"):
            requests.cox_readings([1, 2], [1, 1], patients, column, grid)
    with pytest.raises(NotEstimableError, match="needs 2"):
        requests.cox_readings([1, 2], [1, 0], patients, [1] * 4, grid)


# Beside R


@pytest.mark.r
@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_r_agrees_on_every_reading(number: int) -> None:
    own = Definitions(**OPTIONS[number])
    cohort = random_cohort(number + 30, 45)

    assert_agree(both(requests.readings(cohort, every_reading(own, _some(number)))))
    grid = every_reading(own, _some(number, OF_MODELS))
    assert_agree(both(cox_readings_of(cohort, grid)))


@pytest.mark.r
def test_r_agrees_all_the_way_from_the_measurements_by_daisy(trial: Cohort) -> None:
    """The three presets: distances by cluster::daisy and coxph, beside their rows here."""
    grid = every_reading(Definitions(), OF_MODELS)
    found = answer(cox_readings_of(trial, grid, "os", "arm")).to_frame()
    for preset in PRESETS.values():
        request = requests.cox_from_measurements(trial, preset, strata="arm")
        theirs = engine("r").answer(request).to_frame().iloc[0]
        row = found.iloc[grid.readings.index(preset)]
        np.testing.assert_allclose(
            row[["estimate", "std_error"]].to_numpy(dtype=float),
            theirs[["estimate", "std_error"]].to_numpy(dtype=float),
            rtol=1e-7,
        )


# In the report


def test_the_analysis_shows_every_reading_and_answers_its_question(trial: Cohort) -> None:
    result = run_analysis(ANALYSES[0], build_study(trial), engine("python"))

    tables = result.shown.tables
    assert (len(tables["choices"]), len(tables["readings"])) == (7, 128)
    row = tables["readings"].iloc[0]
    assert (row["mark"], row["changed"]) == ("as published", 0)
    assert row["kendall"] == pytest.approx(1)
    hazard_ratios = tables["readings"]["os_hazard_ratio"]
    assert hazard_ratios.nunique() == 64
    above = int((tables["readings"]["os_conf_low"] > 1).sum() / 2)
    assert f"in {above} of 64 readings" in result.shown.verdict
    assert f"({hazard_ratios[0]:.2f} as read here)" in result.shown.verdict
    assert result.shown.verdict.startswith("A larger naive distance")
    drawn = result.shown.charts["os"].rows["estimate"]
    assert drawn.is_monotonic_increasing
    assert set(result.shown.charts) == {"os", "pfs", "distances"}


def test_without_survival_it_tells_of_phases_and_distances(trial: Cohort) -> None:
    cohort = cohort_from_frames(trial.rows)

    result = run_analysis(ANALYSES[0], build_study(cohort), engine("python"))

    assert result.status == "done"
    assert set(result.shown.charts) == {"distances"}
    assert "os_days, os_event missing" in result.reason
    assert "inconsistent with the total burden" in result.shown.verdict


def _chart(**changes: Any) -> SpecificationChart:
    rows = pd.DataFrame(
        {
            "estimate": [0.8, 1.2, np.nan],
            "conf_low": [0.7, 1.1, np.nan],
            "conf_high": [0.9, 1.3, np.nan],
            "mark": ["", "published", "in force"],
            "rule": ["a", "b", "b"],
        }
    )
    how = {"reference": 1.0, "log_scale": True} | changes
    rows = how.pop("rows", rows)
    return SpecificationChart("T", "", rows, {"rule": ("a", "b")}, {"rule": "Rule"}, "HR", **how)


def test_the_curve_says_what_it_cannot_draw() -> None:
    texts = [item.get_text() for axes in draw(_chart()).axes for item in axes.texts]

    assert {"published", "in force", "interval above 1 (1)", "interval below 1 (1)"} <= set(texts)
    rows = _chart().rows
    with pytest.raises(LesionhetError, match="no row has an estimate"):
        draw(_chart(rows=rows.assign(estimate=np.nan)))
    with pytest.raises(LesionhetError, match="does not name"):
        draw(_chart(rows=rows.assign(rule="c")))
    with pytest.raises(LesionhetError, match="at or below 0"):
        draw(_chart(rows=rows.assign(conf_low=0.0)))
    assert draw(_chart(reference=None, log_scale=False)) is not None
