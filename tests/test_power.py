"""Planning by simulation: designs, calibration, power curves, the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import lesionhet
from lesionhet import figures
from lesionhet.cli import main
from lesionhet.commands.power import lesions_of
from lesionhet.definitions import Definitions
from lesionhet.errors import LesionhetError, NotEstimableError, UsageError
from lesionhet.power import Design, Difference, HazardRatio, PowerPlan, plan
from lesionhet.power.calibrate import Calibration, Large
from lesionhet.power.cells import by_formula, patients_by_formula
from lesionhet.power.curve import fit_curve
from lesionhet.power.question import lesion_shares
from lesionhet.power.trials import Trial, run_trial
from lesionhet.power.words import to_chart, to_text
from lesionhet.power.write import write_plan
from lesionhet.simulate import SimulationParameters, simulate_trial
from lesionhet.simulation.unchecked import unchecked_cohort
from lesionhet.timed.over_time import distances_over_time
from lesionhet.timed.ways import LANDMARK, NAIVE, TIME_DEPENDENT
from lesionhet.workers import Crew

SMALL = (2, 400)


@pytest.fixture(scope="module")
def found() -> PowerPlan:
    return plan(
        hazard_ratio=1.45,
        find=0.5,
        patients=[40, 130],
        simulations=20,
        seed=3,
        large=SMALL,
    )


# Designs


@pytest.mark.parametrize("mean", [1, 1.5, 3, 4.07, 12, 20])
def test_lesion_numbers_have_the_mean_asked_for(mean: float) -> None:
    shares = np.array(lesion_shares(mean))
    assert shares.sum() == pytest.approx(1)
    assert shares @ np.arange(1, 21) == pytest.approx(mean, rel=1e-9)
    made = simulate_trial(600, 1, Design(lesions=mean).parameters()).truth
    assert made.groupby("patient_id").size().mean() == pytest.approx(mean, rel=0.05)


def test_shares_of_lesion_numbers_are_those_of_the_trial() -> None:
    design = Design(lesions=(1.0, 0.0, 3.0))
    counts = simulate_trial(400, 2, design.parameters()).truth.groupby("patient_id").size()
    assert design.mean_lesions == 2.5
    assert set(counts) == {1, 3}
    # The shares hold in each arm group, to one patient.
    assert abs((counts == 3).sum() - 300) <= 4


def test_organs_keep_their_shares_of_the_lesions() -> None:
    usual, many = (
        simulate_trial(800, 3, SimulationParameters(lesion_numbers=shares)).truth["site"]
        for shares in ((), (0.0,) * 7 + (1.0,))
    )
    for site in ("liver", "lymph node", "lung"):
        assert (many == site).mean() == pytest.approx((usual == site).mean(), abs=0.03)


def test_a_schedule_ends_and_pfs_with_it() -> None:
    trial = simulate_trial(300, 5, SimulationParameters(most_scans=2))
    targets = trial.lesions[trial.lesions["lesion_type"] == "target"]
    assert targets.groupby("patient_id")["visit"].nunique().max() == 3
    patients = trial.patients.dropna(subset="pfs_days")
    last = targets.groupby("patient_id")["day"].max().reindex(patients["patient_id"]).to_numpy()
    censored = (patients["pfs_event"] == 0).to_numpy()
    assert censored.mean() > 0.4
    assert (patients["pfs_days"].to_numpy()[censored] == last[censored]).mean() > 0.95
    # Who dies after the schedule is over has no PFS event at death.
    late = (patients["os_event"] == 1) & (patients["os_days"] > 300) & censored
    assert late.sum() > 50


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lesion_numbers": (0.0, 0.0)}, "one above 0"),
        ({"lesion_numbers": (1.0,) * 21}, "at most 20"),
        ({"lesion_numbers": (1.0, -1.0)}, "finite, 0 or more"),
        ({"most_scans": 1.5}, "whole, 0 or more"),
        ({"scans_after_progression": 0}, "whole, >= 1"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SimulationParameters(**changes)


# Curves


def test_the_probit_curve_is_that_of_r() -> None:
    curve = fit_curve([100, 225, 400], [17, 46, 79], [100, 100, 100])
    # glm(cbind(c(17, 46, 79), 100 - c(17, 46, 79)) ~ sqrt(c(100, 225, 400)), binomial("probit")), R 4.2.2
    assert curve.intercept == pytest.approx(-2.72701686, rel=1e-7)
    assert curve.slope == pytest.approx(0.17616799, rel=1e-7)
    r = [[0.1029626404, -0.00637297635], [-0.00637297635, 0.00042014458]]
    np.testing.assert_allclose(curve.covariance, r, rtol=1e-5)
    n, low, high = curve.patients(0.8)
    assert curve.power(n) >= 0.8 > curve.power(n - 1)
    assert low < n < high


@pytest.mark.parametrize(
    ("patients", "rejected", "message"),
    [
        ([100, 100], [5, 6], "one number of patients only"),
        ([100, 200], [0, 0], "none of the simulated trials"),
        ([100, 200], [10, 10], "all of the simulated trials"),
        ([100, 200], [0, 10], "jump from none to all"),
        ([100, 200], [6, 5], "does not rise"),
    ],
)
def test_curves_that_lead_nowhere_are_refused(
    patients: list[int], rejected: list[int], message: str
) -> None:
    with pytest.raises(NotEstimableError, match=message):
        fit_curve(patients, rejected, [10, 10])


def test_formulas_undo_each_other() -> None:
    large = Large(1.0, -0.2, 0.0, 1.3, 0.8)
    assert by_formula(large, patients_by_formula(large, 0.9, 0.01), 0.01) == pytest.approx(0.9)


# Against formulas that know nothing of the simulation


def test_the_landmark_analysis_has_the_power_of_schoenfelds_formula() -> None:
    question, design, n = HazardRatio(1.2, by=LANDMARK), Design(), 450
    trial = Trial(question, design, Definitions(), n, 0.0, 11)
    reached = Calibration(trial, Crew(), size=(2, 1200)).reach(question.target)
    made = simulate_trial(6000, 5, design.parameters(heterogeneity_log_hr=reached.effect))
    events, variance = _information(made, question.landmark)

    d = events / 6000 * n
    from_schoenfeld = Large(1.0, reached.reached, 0.0, np.sqrt(n / (d * variance)), 0.0)

    assert from_schoenfeld.unit_error == pytest.approx(reached.unit_error, rel=0.06)
    simulated = [
        run_trial(Trial(question, design, Definitions(), n, reached.effect, 900 + seed)).p_value
        for seed in range(30)
    ]
    power = by_formula(from_schoenfeld, n, 0.05)
    assert 0.5 < power < 0.9
    error = np.sqrt(power * (1 - power) / 30)
    assert np.mean(np.array(simulated) < 0.05) == pytest.approx(power, abs=3 * error)


def _information(made: Any, day: float) -> tuple[int, float]:
    """Give events after a landmark and the variance of the distance per 0.1, given the other covariates."""
    cohort = unchecked_cohort(made)
    states = distances_over_time(cohort, Definitions())
    last = states[states["day"] <= day].drop_duplicates("patient_id", keep="last")
    rows = last.merge(cohort.patients[["patient_id", "os_days", "os_event"]], on="patient_id")
    rows = rows[rows["os_days"] > day]
    others = np.column_stack([np.ones(len(rows)), rows["baseline_sum_mm"], rows["n_lesions"]])
    x = rows["gower"].to_numpy() / 0.1
    rest = x - others @ np.linalg.lstsq(others, x, rcond=None)[0]
    return int(rows["os_event"].sum()), float(rest.var())


# Calibration


@pytest.mark.parametrize(
    "question",
    [
        HazardRatio(0.75),
        HazardRatio(1.3, "per_sd", LANDMARK),
        Difference(-0.01, LANDMARK),
    ],
)
def test_the_effect_reaches_what_is_asked_for(question: Any) -> None:
    trial = Trial(question, Design(), Definitions(), 0, 0.0, 2)
    calibration = Calibration(trial, Crew(), size=SMALL)
    reached = calibration.reach(question.target)
    assert reached.reached == pytest.approx(question.target, rel=0.0101)
    assert reached.effect * question.target > 0
    assert calibration.large(reached.effect).reached == reached.reached


def test_fewer_lesions_show_less_of_the_same_truth() -> None:
    published, two = (
        Calibration(
            Trial(HazardRatio(1.3), Design(lesions=lesions), Definitions(), 0, 0.0, 2),
            Crew(),
            size=(2, 1000),
        ).large(3.0)
        for lesions in (None, 2.0)
    )
    assert 0 < two.reached < published.reached


def test_an_effect_that_no_design_shows_is_refused() -> None:
    trial = Trial(HazardRatio(9.0), Design(lesions=2.0), Definitions(), 0, 0.0, 2)
    with pytest.raises(
        NotEstimableError, match=r"hazard ratio of 9 per 0.1 of the distance cannot"
    ):
        Calibration(trial, Crew(), size=SMALL).reach(trial.question.target)
    single = Trial(HazardRatio(1.2), Design(lesions=1), Definitions(), 0, 0.0, 2)
    with pytest.raises(NotEstimableError, match="does not vary"):
        Calibration(single, Crew(), size=SMALL).reach(0.2)


def test_an_effect_that_was_not_reached_is_told(found: PowerPlan) -> None:
    assert "still more than 1% off" not in to_text(found)
    off = replace(found, calibration=found.calibration.assign(reached=1.5))
    assert "still more than 1% off" in " ".join(to_text(off).split())


# Plans


def test_a_plan_is_whole(found: PowerPlan) -> None:
    table = found.table
    assert len(table) in (2, 3)
    assert (table["simulations"] == 20).all()
    for name in ("power", "type_1"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert (table["rejected"] / 20 == table["power"]).all()
    assert table["rejected_null"].sum() < 0.15 * 20 * len(table)
    assert table["power"].corr(table["by_formula"]) > 0.6
    for row in found.found.itertuples():
        own = table[table["lesions"] == row.lesions]
        assert row.patients in own["patients"].tolist()
        assert row.patients_low <= row.patients <= row.patients_high
    assert found.calibration["reached"].item() == pytest.approx(1.45, rel=0.01)


def test_the_words_and_the_chart_tell_the_plan(found: PowerPlan, tmp_path: Path) -> None:
    text = to_text(found)
    row = found.found.iloc[0]
    assert f"{row['patients']:,.0f} patients for a power of 50%" in " ".join(text.split())
    assert "a hazard ratio per 0.1 of the distance of 1.45" in " ".join(text.split())
    few = found.table.assign(lesions=2.0)
    both = replace(found, table=pd.concat([found.table, few], ignore_index=True))
    chart = to_chart(both)
    assert chart.order == (
        "4.07 lesions a patient, scans every 56 days",
        "2 lesions a patient, scans every 56 days",
    )
    for _ in range(2):
        # The second replaces the first.
        page = write_plan(both, tmp_path / "plan", "lesionhet power")
        assert page.read_text(encoding="utf-8").startswith(text[:100])
    with Image.open(page.with_name("power.png")) as image:
        assert image.width == pytest.approx(125 / 25.4 * 300, abs=2)


def test_a_chart_without_its_columns_is_refused(found: PowerPlan) -> None:
    chart = to_chart(found)
    broken = type(chart)(**{**vars(chart), "points": chart.points.drop(columns="power")})
    with pytest.raises(LesionhetError, match="lacks column"):
        figures.draw(broken)


def test_a_plan_follows_its_seed_however_many_workers() -> None:
    asked: dict[str, Any] = {"hazard_ratio": 1.3, "patients": [60], "simulations": 10}
    asked |= {"large": (2, 120), "by": LANDMARK}
    one, two = (plan(**asked, seed=4, workers=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.table, two.table)
    trial = Trial(Difference(0.05), Design(), Definitions(), 40, 0.5, 1)
    first, again, other = (run_trial(replace(trial, seed=seed)) for seed in (1, 1, 2))
    assert first == replace(again, events=first.events)
    assert first.estimate != other.estimate


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "one of them"),
        ({"hazard_ratio": 1.2, "difference": 0.1}, "one of them"),
        ({"hazard_ratio": 1.0}, "but not 1"),
        ({"hazard_ratio": 40}, r"permitted: 0\.1 to 10"),
        ({"difference": 0}, "but not 0"),
        ({"difference": 0.1, "by": "naive"}, "'whole follow-up' or 'landmark'"),
        ({"hazard_ratio": 1.2, "by": "later"}, "time-dependent, landmark, naive"),
        ({"hazard_ratio": 1.2, "patients": []}, "patients is empty"),
        ({"hazard_ratio": 1.2, "patients": [5]}, "from 10 to 20,000"),
        ({"hazard_ratio": 1.2, "find": 0.01}, "above alpha"),
        ({"hazard_ratio": 1.2, "alpha": 0.7}, "below 0.5"),
        ({"hazard_ratio": 1.2, "simulations": 5}, "from 10"),
        ({"hazard_ratio": 1.2, "seed": -1}, "from 0"),
        ({"hazard_ratio": 1.2, "lesions": [40]}, "a mean from 1 to 20"),
        ({"hazard_ratio": 1.2, "scan_interval": [7]}, "scan_interval_days is 7"),
        ({"hazard_ratio": 1.2, "follow_up": 9000.0}, "up to 7300"),
        ({"hazard_ratio": 1.2, "median_os": 0.0}, "median_os_days is 0"),
        ({"hazard_ratio": 1.2, "landmark": 0.0}, "landmark is 0"),
        ({"hazard_ratio": 1.2, "large": (1, 50)}, "2 trials or more"),
        ({"hazard_ratio": 1.2, "definitions": "no such"}, "no such"),
    ],
)
def test_plans_that_make_no_sense_are_refused(asked: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(**asked)


def test_a_number_beyond_what_is_simulated_is_refused() -> None:
    with pytest.raises(NotEstimableError, match="more than 20,000 are not simulated"):
        plan(hazard_ratio=1.01, find=0.9, simulations=20, large=(2, 60))


def test_a_difference_is_told_in_words(found: PowerPlan) -> None:
    question = Difference(0.05, LANDMARK)
    table = found.table.assign(events=np.nan)
    text = " ".join(to_text(replace(found, question=question, table=table)).split())
    assert "A difference of +0.05 in the mean distance (of the scans up to day 112)" in text
    assert "everything by which the lesions of one patient differ" in text


def test_the_package_has_it() -> None:
    assert lesionhet.power.plan is plan


# The command


@pytest.fixture
def small_large(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    module = sys.modules["lesionhet.power.plan"]
    monkeypatch.setattr(module, "LARGE_TRIALS", SMALL[0])
    monkeypatch.setattr(module, "LARGE_PATIENTS", SMALL[1])


ASKED = ["power", "--hazard-ratio", "1.3", "--patients", "60", "--simulations", "10"]


@pytest.mark.usefixtures("small_large")
def test_the_command_writes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "power"
    words = [*ASKED, "--by", "naive", "--lesions", "1=1,3=1", "-o", str(folder)]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert "warning: The naive analysis" in printed.err
    assert printed.out.splitlines()[-1] == str(folder / "power.txt")
    names = {"power.txt", "power.csv", "power.json", "power.svg", "power.png", "power.pdf"}
    assert {path.name for path in folder.iterdir()} == names
    record = json.loads((folder / "power.json").read_text(encoding="utf-8"))
    assert record["question"]["by"] == NAIVE
    assert record["designs"][0]["lesions"] == [1.0, 0.0, 1.0]
    assert record["command"] == " ".join(["lesionhet", *words])
    table = pd.read_csv(folder / "power.csv")
    assert table["patients"].tolist() == [60] == [row["patients"] for row in record["table"]]


def test_a_folder_of_others_is_left_alone(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main([*ASKED, "-o", str(tmp_path)]) == 2
    assert "holds no earlier power calculation" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_wrong_usage_ends_with_two(capsys: Any) -> None:
    assert main(["power", "--hazard-ratio", "1.2", "--lesions", "few"]) == 2
    assert "--lesions few: permitted are a mean" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["power"])
    assert ended.value.code == 2


def test_lesion_shares_are_read() -> None:
    assert lesions_of("published") is None
    assert lesions_of("2=5") == (0.0, 5.0)
    for text in ("1=2,1=3", "0=1", "a=b", "1="):
        with pytest.raises(UsageError, match="permitted are a mean"):
            lesions_of(text)


def test_defaults_of_the_command_are_those_of_the_function() -> None:
    assert HazardRatio(1.2).by == TIME_DEPENDENT
    assert Design().parameters().measurement_sd == SimulationParameters().measurement_sd
