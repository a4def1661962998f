"""Is the distance more than noise: the error, lesions alike but for it, dealt out anew, measured again."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cdisc_helpers import FIRST, SECOND, write
from cdisc_helpers import trial as sdtm_trial
from noise_helpers import alike_trial, small_cohort, with_repeats
from scipy import stats
from statistics_helpers import answer
from timed_helpers import assert_agree, both
from twins_helpers import OPTIONS, random_cohort

import lesionhet.noise.null as null_module
from lesionhet import requests
from lesionhet.analyses.reviewer.noise import ANALYSES
from lesionhet.analyses.reviewer.noise_extent import extent_verdict
from lesionhet.analyses.reviewer.noise_null import (
    NO_SHARE,
    NOT_MORE,
    beside_noise,
    noise_request,
    under_noise,
)
from lesionhet.analyses.run import run_analysis
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.read import read_sdtm
from lesionhet.cohort import Cohort, cohort_from_frames, cohort_from_intake
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.noise import reassembled
from lesionhet.noise.batch import distances_of, layout_of
from lesionhet.noise.course import common_course
from lesionhet.noise.extent import extent
from lesionhet.noise.model import measured, once_more
from lesionhet.noise.null import null_tables
from lesionhet.noise.reassembled import _dealt
from lesionhet.noise.recording import Recording, recording_of
from lesionhet.noise.remeasured import _extrapolated
from lesionhet.noise.repeats import error_in_force, repeated_baselines, repeats
from lesionhet.noise.uniform import Stream, start_values
from lesionhet.outcome import Outcome
from lesionhet.patterns import response_patterns
from lesionhet.pipeline import analyze
from lesionhet.report.caveats import caveats
from lesionhet.simulate import simulate_trial
from lesionhet.study import Study, build_study


@pytest.fixture(scope="module")
def trial() -> Cohort:
    made = simulate_trial(n_patients=300, seed=11)
    return cohort_from_frames(made.lesions, made.patients)


@pytest.fixture(scope="module")
def study(trial: Cohort) -> Study:
    return build_study(trial)


def _shown(cohort: Cohort, definitions: Definitions, name: str = "NOISE-1") -> Any:
    wanted = next(a for a in ANALYSES if a.id == name)
    found = run_analysis(wanted, build_study(cohort, definitions), engine("python"))
    assert found.status == "done", found.reason
    return found.shown


def _options(request: Any) -> dict[str, Any]:
    names = ("weights", "range", "lowest", "highest", "self")
    phases = ("response_threshold", "relapse_threshold", "relapse_reference", "stable_rule")
    return {name: request.options[name] for name in (*names, *phases, "relapse_min_increase_mm")}


# Random numbers, recording and error


def test_the_random_numbers_are_those_of_r() -> None:
    # R 4.2.2: RNGkind("Wichmann-Hill") with .Random.seed[2:4] of 1, 2, 3, then runif(4).
    expected = [
        0.033818773630473781,
        0.777541887559666467,
        0.052735246139090419,
        0.744624074405335179,
    ]
    assert Stream((1, 2, 3)).take(4).tolist() == expected


def test_a_stream_taken_in_pieces_is_the_same_stream() -> None:
    seeds = start_values(5)
    pieces = Stream(seeds)
    whole = Stream(seeds).take(100_000)
    np.testing.assert_array_equal(
        np.r_[pieces.take(3), pieces.take(40_000), pieces.take(59_997)], whole
    )
    assert stats.kstest(whole, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(whole[:-1], whole[1:])[0, 1]) < 0.01


@pytest.mark.parametrize("seeds", [(0, 1, 1), (1, 1), (1, 1, 30323)])
def test_start_values_out_of_bounds_are_refused(seeds: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="three whole numbers"):
        Stream(seeds)
    with pytest.raises(UsageError, match="seed is -1"):
        start_values(-1)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([10.0, 7.0], (1.0, 5.0, 0.0)),
        ([10.5, 7.0, 0.0], (0.5, 5.0, 2.5)),
        ([10.3, 4.0, 0.0], (0.1, 4.0, 2.0)),
        ([10.123, 3.0], (0.0, 3.0, 0.0)),
    ],
)
def test_how_sizes_are_written_down_is_read_from_them(
    sizes: list[float], expected: tuple[float, ...]
) -> None:
    assert recording_of(np.array(sizes)) == Recording(*expected)


def test_the_published_limits_give_the_error_in_use() -> None:
    width = np.log1p(0.254) - np.log1p(-0.221)
    assert round(width / (2 * 1.96 * np.sqrt(2)), 3) == Definitions().measurement_log_sd
    # The limits of agreement of sizes that have this error are those limits again.
    rng = np.random.default_rng(1)
    first, second = np.exp(0.086 * rng.normal(size=(2, 200_000)))
    inside = (first / second < 1.254) & (first / second > 0.779)
    assert inside.mean() == pytest.approx(0.95, abs=0.002)
    # 57% of the differences of two measurements exceed 1 mm.
    of_one = 1 / (stats.norm.ppf(1 - 0.57 / 2) * np.sqrt(2))
    assert round(of_one, 1) == Definitions().measurement_sd_mm


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"measurement_log_sd": -0.1}, "measurement_log_sd is -0.1"),
        (
            {"measurement_log_sd": 0.0, "measurement_sd_mm": 0.0},
            "above 0 where measurement_sd_mm is 0",
        ),
        ({"measurement_sd_mm": -1.0}, "measurement_sd_mm is -1.0; permitted: 0 or more"),
        ({"measurement_error": "none"}, "'given', 'repeated_baselines', 'two_readers'"),
    ],
)
def test_errors_that_make_no_sense_are_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Definitions(**changed)


# Many copies at once


@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_copies_have_the_distances_of_the_ordinary_path(number: int) -> None:
    definitions = Definitions(**OPTIONS[number])
    cohort = random_cohort(number, 40)
    request = requests.noise_null(cohort, definitions, draws=2)
    layout, rng = layout_of(request.data), np.random.default_rng(number)
    size = request.data["size_mm"].to_numpy()
    copies = size * np.exp(0.3 * rng.normal(size=(3, len(size))))

    found = distances_of(copies, layout, _options(request))

    for copy, distances in zip(copies, found, strict=True):
        rows = cohort.measurements.assign(diameter_mm=copy)
        own = rows.loc[rows["is_baseline"], "diameter_mm"].to_numpy()
        changed = Cohort(rows, cohort.lesions.assign(baseline_mm=own), *[None] * 5)  # type: ignore[arg-type]
        patients = response_patterns(changed, definitions).patients
        expected = patients.loc[patients["n_lesions"] > 1, "gower"]
        np.testing.assert_allclose(distances, expected, rtol=0, atol=3e-12)


def test_the_observed_distances_are_those_of_the_study(study: Study) -> None:
    request = requests.noise_null(study.cohort, study.definitions, draws=2)
    layout = layout_of(request.data)
    found = distances_of(request.data["size_mm"].to_numpy()[None, :], layout, _options(request))[0]
    patients = study.patients[study.patients["n_lesions"] > 1]
    np.testing.assert_allclose(found, patients["gower"], rtol=0, atol=3e-12)
    assert answer(request).value("distance", "cohort") == pytest.approx(patients["gower"].mean())


# The common course


def test_the_common_course_is_the_geometric_mean_ratio() -> None:
    rows = pd.DataFrame(
        [
            (1, 1, 0, 40.0),
            (1, 1, 1, 20.0),
            (1, 1, 2, 5.0),
            (1, 2, 0, 10.0),
            (1, 2, 1, 20.0),
            (1, 2, 2, 40.0),
            # Its baseline came with assessment 1: from there on it follows the course.
            (1, 3, 1, 30.0),
            (1, 3, 2, 90.0),
            # Too small in both lesions: 5 mm and, of 0, half of it.
            (2, 4, 0, 10.0),
            (2, 4, 1, 5.0),
            (2, 5, 0, 20.0),
            (2, 5, 1, 0.0),
        ],
        columns=["patient", "lesion", "assessment", "size_mm"],
    )
    course = common_course(rows, Recording(1.0, 5.0, 2.5))
    small = np.sqrt(5 / 10 * 2.5 / 20)
    expected = [40, 40, 160, 10, 10, 40, 30, 120, 10, 10 * small, 20, 20 * small]
    np.testing.assert_allclose(course, expected, rtol=1e-12)


def test_without_error_alike_lesions_have_no_distance_and_others_all_of_theirs() -> None:
    cohort = small_cohort(
        {"alike": [[40, 20, 30], [80, 40, 60]], "apart": [[40, 20, 10], [80, 160, 320]]}
    )
    definitions = Definitions(measurement_log_sd=1e-9, measurement_sd_mm=0.0)
    null = answer(requests.noise_null(cohort, definitions, draws=20))
    found = beside_noise(build_study(cohort, definitions), null.to_frame("patients"))
    found = found.set_index("patient_id")[["distance", "expected_distance", "noise_p", "above"]]

    assert found.loc["alike"].tolist() == [0.0, 0.0, 1.0, 0.0]
    # All five variables differ, and half of the pairs are a lesion with itself. The common course is no
    # change at all, so that rounding to whole mm makes no difference between the lesions.
    assert found.loc["apart"].tolist() == [0.5, 0.0, 1 / 21, 1.0]


def test_one_baseline_is_measured_for_all_ratios_of_a_lesion() -> None:
    # Thirty later scans of one size: their ratios share the error of the baseline, so that between lesions
    # the smallest ratios differ by more than later errors alone could make them.
    cohort = small_cohort({"P": [[1000.0] * 31, [1000.0] * 31]})
    request = requests.noise_null(cohort, Definitions(), draws=2)
    model = once_more(request.data, Recording(*request.options["recording"]), 0.05, 0.0)
    sizes = np.vstack(list(measured(model, Stream(start_values(1)), 1.0, 400)))
    ratios = np.log(sizes[:, 1:31] / sizes[:, :1])
    shared = np.corrcoef(ratios[:, 0], ratios[:, 1])[0, 1]
    assert shared == pytest.approx(0.5, abs=0.12)
    assert ratios.std() == pytest.approx(0.05 * np.sqrt(2), rel=0.05)


def test_cohort_numbers_follow_from_patients_and_draws(study: Study) -> None:
    null = answer(requests.noise_null(study.cohort, study.definitions, draws=40))
    cohort, patients = null.to_frame("cohort").iloc[0], null.to_frame("patients")
    draws = null.to_frame("draws")["mean"]

    assert cohort["n"] == len(patients) == (study.patients["n_lesions"] > 1).sum()
    assert cohort["single"] == (study.patients["n_lesions"] == 1).sum()
    assert cohort["expected_distance"] == pytest.approx(patients["expected_distance"].mean())
    assert cohort["expected_distance"] == pytest.approx(draws.mean())
    assert cohort["excess"] == pytest.approx(cohort["distance"] - cohort["expected_distance"])
    assert cohort["limit"] == pytest.approx(np.quantile(draws, 0.95))
    assert cohort["p_value"] == (1 + (draws >= cohort["distance"]).sum()) / 41
    assert cohort["above"] == beside_noise(study, patients)["above"].sum()
    bins = null.to_frame("histogram")
    assert bins["patients"].sum() == cohort["n"]
    assert bins["expected_patients"].sum() == pytest.approx(cohort["n"])


def test_more_error_gives_more_distance(study: Study) -> None:
    null = answer(requests.noise_null(study.cohort, study.definitions, 20, levels=(0.2, 1.0, 4.0)))
    assert null.to_frame("levels")["expected_distance"].is_monotonic_increasing


# What the analyses say


@pytest.mark.parametrize("error", [{"log_sd": 0.05}, {"sd_mm": 1.0}, {"sd_mm": 2.0}])
@pytest.mark.parametrize("preset", ["paper2021", "unbiased"])
def test_lesions_alike_but_for_one_or_two_mm_are_no_more_than_noise(
    error: dict[str, float], preset: str
) -> None:
    shown = _shown(alike_trial(3, 250, **error), load_definitions(preset))
    assert shown.verdict.startswith(NOT_MORE)


def test_alike_lesions_are_no_more_than_noise_of_their_own_error() -> None:
    cases: tuple[tuple[dict[str, float], dict[str, Any]], ...] = (
        ({"log_sd": 0.12}, {"measurement_log_sd": 0.12, "measurement_sd_mm": 0.0}),
        ({"sd_mm": 2.0}, {"measurement_log_sd": 0.0, "measurement_sd_mm": 2.0}),
    )
    for error, changed in cases:
        shown = _shown(alike_trial(4, 250, **error), Definitions(**changed))
        assert shown.verdict.startswith(NOT_MORE)


@pytest.mark.parametrize("preset", ["paper2021", "unbiased"])
def test_the_demo_is_more_than_noise(trial: Cohort, preset: str) -> None:
    shown = _shown(trial, load_definitions(preset))
    assert shown.verdict.startswith("Yes, by a mean of 0.0")
    table = shown.tables["by_number"].set_index("patients_with")
    assert table.loc["all", "conf_low"] > 0.05
    assert table["n"].iloc[1:].sum() == table.loc["all", "n"]
    assert table["above"].iloc[1:].sum() == table.loc["all", "above"]


def test_patients_of_little_are_flagged(study: Study) -> None:
    shown = _shown(study.cohort, study.definitions)
    patients = shown.tables["noise_patients"].set_index("patient_id")
    two, once = patients["n_lesions"] == 2, patients["n_scans"] == 1

    assert two.any() and once.any()
    assert (patients["caution"].str.contains("two lesions") == two).all()
    assert (patients["caution"].str.contains("one scan") == once).all()
    assert f"{(two & ~once).sum()}" in " ".join(shown.remarks)


def test_the_caveats_count_them(trial: Cohort) -> None:
    outcome = analyze(trial, Definitions(), only=["NOISE-1"], r="off")
    assert isinstance(outcome, Outcome)
    told = {caveat.key: caveat for caveat in caveats(outcome)}
    several = extent(trial, Definitions()).query("n_lesions > 1")

    assert f"{(several['n_scans'] == 1).sum()} of {len(several)}" in told["one-scan"].text
    assert "NOISE-1" in told["noise"].analyses


def test_every_analysis_has_a_verdict_and_a_figure(study: Study) -> None:
    from lesionhet.figures import draw

    for analysis in ANALYSES:
        shown = run_analysis(analysis, study, engine("python")).shown
        assert shown.verdict.endswith(".")
        for chart in shown.charts.values():
            draw(chart)


def test_single_lesions_only_are_skipped_with_the_reason() -> None:
    single = build_study(small_cohort({"P": [[40, 20]], "Q": [[30, 60]]}))
    for analysis in ANALYSES:
        found = run_analysis(analysis, single, engine("python"))
        assert found.status == "skipped"
        assert "two" in found.reason


def test_nothing_of_a_study_is_kept_when_it_is_gone() -> None:
    made = simulate_trial(n_patients=20, seed=3)
    own = build_study(cohort_from_frames(made.lesions, made.patients))
    made = None
    rows = weakref.ref(noise_request(own).data)
    before = _kept_answers()
    under_noise(own)
    assert noise_request(own).data is rows()
    assert _kept_answers() == before + 1
    del own
    gc.collect()
    assert rows() is None
    assert _kept_answers() == before


def test_nothing_of_an_analysis_run_is_kept_when_its_outcome_is_gone() -> None:
    made = simulate_trial(n_patients=40, seed=3)
    cohort = cohort_from_frames(made.lesions, made.patients)
    before = _kept_answers()
    outcome = analyze(cohort, Definitions(), only=["NOISE-1", "NOISE-4"], r="off")
    assert _kept_answers() == before + 1
    del outcome
    gc.collect()
    assert _kept_answers() == before


def _kept_answers() -> int:
    """Count the frames whose answers `null_tables` keeps."""
    free = null_tables.__code__.co_freevars.index("kept")  # type: ignore[attr-defined]
    return len(null_tables.__closure__[free].cell_contents)  # type: ignore[attr-defined]


def test_an_answer_is_computed_once_for_a_study(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = null_module.alike
    monkeypatch.setattr(null_module, "alike", lambda *args: seen.append(1) or real(*args))
    made = simulate_trial(n_patients=20, seed=4)
    own = build_study(cohort_from_frames(made.lesions, made.patients))
    under_noise(own)
    under_noise(own).pop("limit")
    answer(noise_request(own))
    assert "limit" in under_noise(own)
    assert len(seen) == 1


def test_a_verdict_tells_the_excess_over_noise_by_itself() -> None:
    names = ["measure", "tau", "p_value", "excess_tau", "excess_p_value"]
    rows = [
        ("number of lesions", 0.01, 0.36, 0.12, 1e-9),
        ("number of scans", -0.1, 1e-9, 0.1, 1e-9),
    ]
    told = extent_verdict(pd.DataFrame(rows, columns=names))
    assert told == (
        "Yes: the distance does not clearly change with the number of lesions (tau 0.01, P = 0.360), beyond "
        "noise it rises (tau 0.12, P < 0.001); falls with the number of scans "
        "(tau \N{MINUS SIGN}0.10, P < 0.001), beyond noise it rises (tau 0.10, P < 0.001)."
    )


def test_the_mean_under_noise_is_told_as_no_share(trial: Cohort) -> None:
    shown = _shown(trial, Definitions(measurement_log_sd=0.01, measurement_sd_mm=0.0))
    assert "% of it" not in shown.verdict
    assert NO_SHARE in shown.remarks
    assert NO_SHARE not in _shown(trial, Definitions(gower_range="cohort")).remarks


# Measured once more


def test_measuring_again_adds_distance_and_keeps_what_is_too_small(study: Study) -> None:
    request = requests.remeasured(study.cohort, study.definitions, draws=20)
    found = answer(request)
    levels = found.to_frame("levels")
    assert levels["mean"].is_monotonic_increasing
    several = study.patients.query("n_lesions > 1")["gower"]
    assert levels["mean"].iloc[0] == pytest.approx(several.mean())
    assert found.value("estimate", "extrapolated") < levels["mean"].iloc[0]

    model = once_more(request.data, Recording(*request.options["recording"]), 0.086, 0.0)
    sizes = np.vstack(list(measured(model, Stream(start_values(1)), 1.0, 2)))
    recorded = request.data["size_mm"].to_numpy()
    small = recorded <= 5
    assert (sizes[:, small] == recorded[small]).all()
    assert (sizes == np.rint(sizes)).all()
    assert (sizes[:, ~small] >= 5).all()
    assert (sizes[:, ~small] != recorded[~small]).mean() > 0.5


def test_the_extrapolation_is_exact_on_its_own_curve() -> None:
    level = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    for degree, curve in ((1, 0.2 + 0.03 * level), (2, 0.2 + 0.03 * level - 0.004 * level**2)):
        table = pd.DataFrame({"variance": level, "mean": curve})
        found = _extrapolated(table).set_index("degree")["estimate"]
        expected = 0.2 - 0.03 - (0.004 if degree == 2 else 0)
        assert found[degree] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("variances", [(0.5, 2.0, 3.0), (1.0, 2.0), (0.0, 1.0, 2.0)])
def test_variances_that_cannot_be_extrapolated_are_refused(variances: Any, study: Study) -> None:
    with pytest.raises(UsageError, match="with 1"):
        requests.remeasured(study.cohort, study.definitions, variances=variances)
    with pytest.raises(UsageError, match="from 2 on"):
        requests.remeasured(study.cohort, study.definitions, draws=1)


# Dealt out anew


def test_lesions_stay_in_their_class_and_each_is_dealt_once() -> None:
    level = np.array([2, 2, 0, 1, 1, 1, 2, 0, 2])
    dealt = _dealt(level, Stream(start_values(1)), 50)
    assert (level[dealt] == level).all()
    assert (np.sort(dealt, axis=1) == np.arange(9)).all()
    assert (dealt[:, level == 0] == np.flatnonzero(level == 0)).all()
    # All six orders of the three lesions of class 1 come up.
    assert len(np.unique(dealt[:, level == 1], axis=0)) == 6


def test_dealing_out_a_few_at_a_time_changes_nothing(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = extent(study.cohort, study.definitions)["n_scans"]
    request = requests.reassembled(study.lesions, scans, study.definitions, 7)
    whole = reassembled.reassembled_tables(request.data, **request.options)
    monkeypatch.setattr(reassembled, "ROWS_AT_ONCE", 3 * len(request.data))
    parts = reassembled.reassembled_tables(request.data, **request.options)
    for name, table in whole.items():
        pd.testing.assert_frame_equal(parts[name], table)


def test_patients_whose_lesions_are_alike_are_told_from_others(each_engine: Any) -> None:
    series: list[list[float]] = [
        [40, 20, 10],
        [40, 60, 80],
        [40, 38, 41],
        [40, 20, 45],
        [40, 36, 30],
        [40, 41, 60],
    ]
    cohort = small_cohort({f"P{i}": [s, [2.0 * x for x in s]] for i, s in enumerate(series)})
    lone = small_cohort({"Q": [[40, 20, 10], [40, 60, 80], [40, 38, 41]]})
    rows = pd.concat([cohort.measurements, lone.measurements])[
        ["patient_id", "lesion_id", "day", "diameter_mm"]
    ]
    study = build_study(cohort_from_frames(rows))
    scans = extent(study.cohort, study.definitions)["n_scans"]

    found = each_engine.answer(requests.reassembled(study.lesions, scans, study.definitions, 50))

    cohort_row = found.to_frame("cohort").iloc[0]
    assert (cohort_row["n"], cohort_row["not_compared"], cohort_row["distance"]) == (6, 1, 0.0)
    assert cohort_row["expected_distance"] > 0.2
    assert cohort_row["p_value"] == pytest.approx(2 / 51)
    patients = found.to_frame("patients")
    assert (patients["share_at_least"] == 1).all()
    # A lesion meets its twin in one of eleven deals.
    assert patients["share_at_most"].mean() == pytest.approx(1 / 11, abs=0.06)


# The error from the data


def test_the_error_is_found_again_in_repeated_baselines() -> None:
    cohort = with_repeats(1, 60, 0.1)
    shown = _shown(cohort, Definitions(measurement_error="repeated_baselines"))
    errors = shown.tables["measurement_error"].set_index("used")

    assert errors.loc["yes", "source"] == "repeated baselines in the data"
    assert (errors.loc["yes", "measurements"], errors.loc["yes", "df"]) == (360, 240)
    assert errors.loc["yes", "conf_low"] < 0.1 < errors.loc["yes", "conf_high"]
    assert error_in_force(cohort, Definitions(measurement_error="repeated_baselines")).estimated
    assert "estimated" in shown.verdict
    assert _shown(cohort, Definitions()).tables["measurement_error"]["used"].tolist() == [
        "yes",
        "no",
    ]


def test_two_readers_show_an_error() -> None:
    rng = np.random.default_rng(3)
    true = rng.uniform(15, 60, 200)
    first, second = true * np.exp(0.08 * rng.normal(size=(2, 200)))
    pairs = pd.DataFrame({"size_mm": first, "other_mm": second})
    # A reader who sees nothing has no log.
    pairs.loc[0, "other_mm"] = 0.0
    cohort = replace(small_cohort({"P": [[40, 20], [30, 60]]}), reader_pairs=pairs)

    found = repeats(cohort)
    error = answer(
        requests.measurement_error(found["two_readers"]["unit"], found["two_readers"]["size_mm"])
    )

    row = error.to_frame("error").iloc[0]
    assert (row["n"], row["df"]) == (398, 199)
    differences = np.log(first[1:] / second[1:])
    assert row["log_sd"] == pytest.approx(np.sqrt((differences**2).mean() / 2))
    assert row["conf_low"] < 0.08 < row["conf_high"]
    assert (
        error_in_force(cohort, Definitions(measurement_error="two_readers")).log_sd == row["log_sd"]
    )


def test_readers_of_sdtm_come_as_pairs(tmp_path: Path) -> None:
    write(tmp_path, sdtm_trial(patients=1, targets=2, readers=(FIRST, SECOND)))
    intake = read_sdtm(tmp_path, None, CdiscOptions(survival="none"))
    pairs = cohort_from_intake(intake).reader_pairs
    assert len(pairs) == 8
    assert (pairs["other_mm"] - pairs["size_mm"] == 1).all()
    assert pairs["lesion"].unique().tolist() == ["T01", "T02"]


def test_only_baselines_within_four_weeks_are_repeats() -> None:
    rows = pd.DataFrame(
        [("P", "A", -60, 30), ("P", "A", -28, 31), ("P", "A", 0, 33), ("P", "A", 50, 20)],
        columns=["patient_id", "lesion_id", "day", "diameter_mm"],
    )
    assert repeated_baselines(cohort_from_frames(rows))["size_mm"].tolist() == [31, 33]


def test_too_few_repeats_are_not_used(trial: Cohort) -> None:
    with pytest.raises(NotEstimableError, match="0 measurements were repeated"):
        requests.noise_null(trial, Definitions(measurement_error="repeated_baselines"))


def test_repeats_say_what_was_left_out(each_engine: Any) -> None:
    request = requests.measurement_error(list("aabbc"), [20.0, 22.0, 9.0, None, 7.0])
    assert request.left_out == {"size_mm missing": 1, "measured once": 2}
    found = each_engine.answer(request).to_frame("error").iloc[0]
    # By hand: two values have the SD |difference| / sqrt(2).
    assert found["log_sd"] == pytest.approx(np.log(1.1) / np.sqrt(2))
    with pytest.raises(NotEstimableError, match="are equal"):
        each_engine.answer(requests.measurement_error(list("aa"), [20.0, 20.0]))
    with pytest.raises(NotEstimableError, match="more than once"):
        requests.measurement_error(list("ab"), [20.0, 20.0])
    with pytest.raises(UsageError, match="above 0"):
        requests.measurement_error(list("aa"), [20.0, 0.0])


# R


@pytest.mark.r
@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_noise_agrees_draw_by_draw(number: int) -> None:
    definitions = Definitions(**OPTIONS[number], measurement_sd_mm=float(number % 3))
    cohort = random_cohort(number, 60)
    study = build_study(cohort, definitions)
    scans = extent(cohort, definitions)["n_scans"]
    for request in (
        requests.noise_null(cohort, definitions, draws=15, seed=number),
        requests.remeasured(cohort, definitions, draws=15, seed=number),
        requests.reassembled(study.lesions, scans, definitions, draws=15, seed=number),
    ):
        table = both(request)
        assert len(table) > 30
        assert_agree(table)


@pytest.mark.r
@pytest.mark.parametrize("preset", ["paper2021", "unbiased"])
def test_distances_in_base_r_are_those_of_daisy(preset: str) -> None:
    made = simulate_trial(n_patients=40, seed=2)
    cohort, definitions = cohort_from_frames(made.lesions), load_definitions(preset)
    lesions = build_study(cohort, definitions).lesions
    daisy = engine("r").answer(requests.heterogeneity(lesions, definitions)).to_frame("patients")
    own = engine("r").answer(requests.noise_null(cohort, definitions, draws=2, levels=()))
    expected = daisy.loc[daisy["n"] > 1, "distance"].mean()
    assert own.value("distance", "cohort") == pytest.approx(expected, abs=1e-12)
