"""Simulated trials whose truth is known: who errs how often, and whether a broken method would be noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statistics_helpers import answer

from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.simulate import SimulationParameters, simulate_trial
from lesionhet.simulation.unchecked import unchecked_cohort
from lesionhet.study import build_study
from lesionhet.timed.looks import look
from lesionhet.timed.organs_three_ways import organs_three_ways
from lesionhet.timed.three_ways import three_ways
from lesionhet.timed.ways import NAIVE, organ_ways, way_rows
from lesionhet.validity.__main__ import main, write
from lesionhet.validity.attenuation import attenuation
from lesionhet.validity.page import Found, page, part_of
from lesionhet.validity.rates import COLUMNS, share, simulated_trials
from lesionhet.validity.scenarios import NOTHING_ACTS, SCENARIOS, scenario
from lesionhet.validity.sentences import lesion_sentences, null_sentences, small_group_sentences
from lesionhet.validity.trials import DISTANCE, TRUTH, Trial, trial_rows

BEYOND = scenario("no effect, scans beyond progression")


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    return simulated_trials(2, 5, patients=120, large=(1, 150))


# Scenarios


def test_where_nothing_acts_every_patient_has_the_same_hazard() -> None:
    trial = simulate_trial(200, 1, SCENARIOS[0].parameters)
    acting = trial.truth.filter(like="log_hr")
    assert acting.shape[1] == 11
    assert (acting == 0).all().all()
    known = simulate_trial(200, 1, scenario("known effect").parameters).truth
    np.testing.assert_allclose(known["log_hr"], 2.0 * (known["heterogeneity"] - 0.35), atol=1e-12)


def test_every_effect_on_survival_is_named_where_nothing_acts() -> None:
    effects = {
        name
        for name in vars(SimulationParameters())
        if name.endswith("log_hr") and "new_lesion" not in name
    }
    assert effects <= set(NOTHING_ACTS)
    assert {"backbone_effect", "kras_effect", "covariate_effect"} <= set(NOTHING_ACTS)


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(UsageError, match="'known effect'"):
        scenario("no such world")


def test_scans_beyond_progression_are_as_many_as_wanted() -> None:
    usual, longer = (
        simulate_trial(200, 4, SimulationParameters(**changes)).lesions
        for changes in (
            {"scan_after_progression_rate": 1.0},
            {"scan_after_progression_rate": 1.0, "scans_after_progression": 4},
        )
    )
    counts = [rows.groupby("patient_id")["visit"].nunique() for rows in (usual, longer)]
    more = counts[1] - counts[0]
    assert set(more) == {0, 1, 2, 3}


# The fast paths are those of the package


def test_a_cohort_without_checks_is_the_checked_one() -> None:
    trial = simulate_trial(120, 6)
    checked, fast = (
        cohort_from_frames(trial.lesions, trial.patients),
        unchecked_cohort(trial),
    )
    for table in ("measurements", "lesions", "patients"):
        one, other = (getattr(cohort, table) for cohort in (checked, fast))
        pd.testing.assert_frame_equal(other[one.columns], one, check_dtype=False)
    pd.testing.assert_frame_equal(build_study(fast).patients, build_study(checked).patients)
    by_cohort = Definitions(gower_range="cohort")
    pd.testing.assert_frame_equal(three_ways(fast, by_cohort), three_ways(checked, by_cohort))


@pytest.mark.parametrize("seed", [3, 8])
def test_organ_groups_three_ways_are_the_models_that_the_engines_answer(seed: int) -> None:
    trial = simulate_trial(150, seed)
    cohort = cohort_from_frames(trial.lesions, trial.patients)
    found = organs_three_ways(cohort, Definitions(), "liver", days=(60.0, 120.0))

    for way in organ_ways(look(cohort, Definitions(), (60.0, 120.0)), "os", "liver"):
        same = found["day"] == way.day if way.approach == "landmark" else True
        rows = found[(found["approach"] == way.approach) & same]
        try:
            expected = way_rows(way, answer(way.ask()))
        except NotEstimableError:
            assert (rows["reason"] != "").all()
            continue
        for row, wanted in zip(rows.to_dict("records"), expected, strict=True):
            assert (row["n"], row["events"]) == (wanted["n"], wanted["events"])
            assert row["reason"] == wanted["reason"]
            if not wanted["reason"]:
                for name in ("estimate", "std_error", "conf_low", "p_value"):
                    assert row[name] == pytest.approx(wanted[name], rel=1e-6)


def test_an_approach_that_is_none_is_refused() -> None:
    cohort = unchecked_cohort(simulate_trial(40, 1))
    with pytest.raises(UsageError, match="'late'; permitted: naive"):
        three_ways(cohort, Definitions(), approaches=("late",))


# Rates


def test_rows_are_complete_and_follow_the_seed(few: pd.DataFrame) -> None:
    assert list(few.columns) == list(COLUMNS)
    rows = few.groupby("scenario", sort=False).size().to_dict()
    ways = (5 + 5 + 15, 5 + 15, 5 + 15, 5 + 1, 5)
    assert rows == dict(zip([world.name for world in SCENARIOS], ways, strict=True))
    assert (few["simulations"] == 2).all()
    assert (few["fitted"] <= 2).all()
    assert few["fitted"].max() == 2
    again = simulated_trials(
        2, 5, patients=120, large=(1, 150), scenarios=SCENARIOS[3:4], workers=2
    )
    same = few[few["scenario"] == SCENARIOS[3].name].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, same)
    other = simulated_trials(2, 6, patients=120, large=(1, 150), scenarios=SCENARIOS[3:4])
    assert not np.allclose(other["mean"], same["mean"], equal_nan=True)


def test_rates_are_counted_from_the_trials() -> None:
    def made_up(trial: Trial) -> pd.DataFrame:
        estimate = 0.1 if trial.patients == 7 else (trial.seed % 2) * 0.5 - 0.2
        rejects = estimate > 0.2
        row = {
            "endpoint": "os",
            "question": DISTANCE,
            "approach": NAIVE,
            "day": np.nan,
            "n": 50,
            "events": 30,
            "estimate": estimate,
            "std_error": 0.1,
            "conf_low": np.exp(estimate - 0.25),
            "conf_high": np.exp(estimate + 0.25),
            "p_value": 0.01 if rejects else 0.6,
            "reason": "",
        }
        return pd.DataFrame([row])

    found = simulated_trials(40, 1, scenarios=SCENARIOS[:1], large=(1, 7), analyse=made_up).iloc[0]

    odd = int(found["rejected"])
    assert 5 < odd < 35
    assert found["rate"] == odd / 40
    assert found["mean"] == pytest.approx(-0.2 + 0.5 * odd / 40)
    assert found["limit"] == 0.1
    # 0.3 lies within 0.25 of the limit, -0.2 does not.
    assert found["coverage"] == found["rate"]


def test_a_share_has_its_exact_interval() -> None:
    # binom.test(3, 40) of R 4.2.2
    assert share(pd.Series([True] * 3 + [False] * 37)) == pytest.approx(
        (0.075, 0.0157421799, 0.2038647487), abs=1e-7
    )
    assert np.isnan(share(pd.Series([], dtype=bool))).all()


def _whole_at_landmark(trial: Trial) -> pd.DataFrame:
    """Do what a careless landmark analysis does: look at all scans, count time from day 0."""
    cohort = unchecked_cohort(simulate_trial(trial.patients, trial.seed, trial.scenario.parameters))
    naive = three_ways(cohort, Definitions(), days=(), approaches=(NAIVE, "time-dependent"))
    kinds = {"naive": "careless", "time-dependent": "time-dependent"}
    return naive.assign(approach=naive["approach"].map(kinds), endpoint="os", question=DISTANCE)


def test_a_landmark_that_looks_ahead_is_noticed() -> None:
    found = simulated_trials(
        11, 3, patients=1500, scenarios=[BEYOND], large=(1, 300), analyse=_whole_at_landmark
    ).set_index("approach")

    careless, right = found.loc["careless"], found.loc["time-dependent"]
    assert careless["conf_low"] > 0.2
    assert careless["mean"] > 5 * careless["mean_error"]
    assert right["conf_low"] < 0.05
    assert abs(right["mean"]) < 3 * right["mean_error"]


@pytest.mark.parametrize(
    ("simulations", "seed", "message"),
    [(1, 1, "simulations is 1"), (2.5, 1, r"simulations is 2\.5"), (3, -1, "seed is -1")],
)
def test_numbers_that_make_no_sense_are_refused(simulations: Any, seed: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        simulated_trials(simulations, seed)


def test_the_model_that_knows_the_truth_finds_it() -> None:
    rows = trial_rows(Trial(scenario("known effect"), 2000, 2))
    truth = rows[rows["question"] == TRUTH].iloc[0]
    assert abs(truth["estimate"] - 2.0) < 3 * truth["std_error"]
    assert truth["std_error"] < 0.15


def test_regression_calibration_foretells_the_landmark_model() -> None:
    found = attenuation(7, trials=2, patients=2200).set_index("measured")
    for row in found.itertuples():
        assert row.foretold == pytest.approx(row.landmark, abs=0.05)
        assert 0.3 < row.correlation < 0.8
    measured, exact = found.to_dict("records")
    assert measured["slope"] < 0.85 * exact["slope"]


# The page


def _lesion_rows() -> pd.DataFrame:
    columns = ["test", "icc", "informative", "simulations", "rejected"]
    rows = [
        ("arms: Mann-Whitney, naive", 0.0, False, 100, 5),
        ("arms: Mann-Whitney, naive", 0.5, False, 100, 22),
        ("arms: Datta-Satten", 0.0, False, 100, 4),
        ("arms: Datta-Satten", 0.5, False, 100, 15),
        ("arms: Mann-Whitney, naive", 0.0, True, 100, 60),
        ("arms: Mann-Whitney, naive", 0.5, True, 100, 60),
        ("arms: Datta-Satten", 0.0, True, 100, 5),
        ("arms: Datta-Satten", 0.5, True, 100, 5),
    ]
    table = pd.DataFrame(rows, columns=columns)
    parts = [share(pd.Series([True] * n + [False] * (100 - n))) for n in table["rejected"]]
    table[["rate", "conf_low", "conf_high"]] = parts
    return table


def _found(rates: pd.DataFrame) -> Found:
    seen = pd.DataFrame(
        [
            ("as measured", 0.5, 0.06, 0.12, 0.11, 0.01, 0.13, 0.01),
            ("without measurement error", 0.6, 0.09, 0.18, 0.22, 0.01, 0.16, 0.01),
        ],
        columns=[
            *("measured", "correlation", "slope", "foretold", "landmark", "landmark_error"),
            *("time_dependent", "time_dependent_error"),
        ],
    )
    return Found(rates, seen, _lesion_rows(), "python -m lesionhet.validity", 3.0, 5, 120)


def test_the_page_tells_every_scenario_and_what_missed(few: pd.DataFrame) -> None:
    text = page(_found(few))
    for world in SCENARIOS:
        assert world.text in text
    for row in part_of(few, SCENARIOS[0].name, DISTANCE):
        assert f"{100 * row['rate']:.1f}% ({100 * row['conf_low']:.1f} to" in text
    assert "Measurement error hides 50% of the log hazard ratio" in text
    assert "nan" not in text.replace("distance", "")
    assert "{" not in text


def test_sentences_say_what_the_numbers_say(few: pd.DataFrame) -> None:
    said = lesion_sentences(_lesion_rows())[0]
    assert "in up to 22% (arms: Mann-Whitney, naive, intraclass correlation 0.5)" in said
    assert "in 4.0% to 15.0% (1 of 2 intervals holds 5%)" in said
    assert len(lesion_sentences(_lesion_rows().query("not informative"))) == 1
    told = lesion_sentences(_lesion_rows())[1]
    assert "rejects in 5.0% (1.6 to 11.3) (arms: Datta-Satten" in told
    valid = (few["approach"] != NAIVE) & (few["question"] == DISTANCE)
    broken = few.assign(conf_low=np.where(valid, 0.3, few["conf_low"]))
    assert "0 of 12 intervals hold 5%, 12 lie above and 0 below" in null_sentences(broken)[1]
    assert "Of the 12 above" in null_sentences(broken)[1]
    held = few.assign(conf_low=0.0, conf_high=1.0)
    assert "all 12 intervals hold 5%" in null_sentences(held)[1]


def test_small_groups_off_one_are_named(few: pd.DataFrame) -> None:
    fine = few.assign(mean=0.0, mean_error=0.01, limit=0.0, limit_error=0.01)
    assert small_group_sentences(fine).endswith("0 differ from 1 beyond chance.")
    odd = (fine["question"] == "others only") & (fine["day"] == 56)
    odd &= fine["scenario"] == SCENARIOS[0].name
    off = fine.assign(mean=np.where(odd, 0.1, 0.0), fitted=np.where(odd, 1, 2))
    told = small_group_sentences(off)
    assert "in 1: others only, landmark day 56, no effect: 1.11, 1 dropped." in told


def test_page_and_picture_are_written(few: pd.DataFrame, tmp_path: Path) -> None:
    write(_found(few), tmp_path / "validity.md")
    picture = tmp_path / "images" / "validity-hazard-ratios.png"
    assert picture.read_bytes()[1:4] == b"PNG"
    assert f"(images/{picture.name})" in (tmp_path / "validity.md").read_text(encoding="utf-8")


def test_wrong_usage_ends_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--write", str(tmp_path / "no" / "page.md")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert main(["--simulations", "1"]) == 2
