"""What the report says in words: true for every cohort, silent on what was not done."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from figures_helpers import forest, survival
from PIL import Image
from report_helpers import Page, plain_cohort

from lesionhet import requests
from lesionhet.analyses.base import AnalysisResult, Shown
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.engines import engine
from lesionhet.figures import draw, save
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.readers import Notice
from lesionhet.report import write_report
from lesionhet.report.beside import besides
from lesionhet.report.caveats import STUDY_NUMBER, caveats
from lesionhet.report.embed import embed, lean
from lesionhet.report.p_values import p_value_lines
from lesionhet.report.section import Picture
from lesionhet.report.story import story
from lesionhet.simulate import SimulatedTrial, simulate_trial

BASE = ["T1", "1C", "1D", "2A", "2C", "2D", "2G"]
SMALL = Definitions(site_min_lesions=5)


@pytest.fixture(scope="module")
def trial() -> SimulatedTrial:
    return simulate_trial(n_patients=240, seed=4)


@pytest.fixture(scope="module")
def whole(trial: SimulatedTrial) -> Outcome:
    return analyze(cohort_from_frames(trial.lesions, trial.patients), SMALL, r="off", only=BASE)


@pytest.fixture(scope="module")
def one_arm(trial: SimulatedTrial) -> Outcome:
    patients = trial.patients.drop(columns=["pfs_days", "pfs_event", "progressed"])
    cohort = cohort_from_frames(trial.lesions, patients.assign(arm="only"))
    return analyze(cohort, SMALL, r="off", only=BASE, synthetic=True)


@pytest.fixture(scope="module")
def bare() -> Outcome:
    return analyze(plain_cohort(), r="off", only=BASE)


def words(outcome: Outcome) -> dict[str, str]:
    return {point.about: point.text for point in story(outcome)}


# The summary


def test_summary_of_a_whole_trial_says_the_numbers_of_its_tables(whole: Outcome) -> None:
    study, said = whole.study, words(whole)
    counts = study.patients["n_inconsistent"].dropna()
    some = int((counts > 0).sum())
    assert f"240 patients with {len(study.lesions):,} followed lesions" in said["Cohort"]
    assert f"{study.lesions['site'].nunique()} sites, in 6 arms." in said["Cohort"]
    assert f"({some} of {len(counts)})" in said["Discordance"]
    share = study.lesions.groupby("site_group")["inconsistent"].mean()
    assert f"from {share.min():.0%} ({share.idxmin()}) to {share.max():.0%}" in said["Discordance"]
    assert f"is {study.patients['gower'].median():.2f} (quartiles" in said["Heterogeneity"]
    medians = study.lesions.groupby("site_group")["gower"].median()
    assert f"to {medians.max():.2f} ({medians.idxmax()})" in said["Heterogeneity"]
    found = next(r for r in whole.results if r.id == "2C").answers
    rows = found["kaplan_meier_log"].to_frame("medians")
    for row in rows.itertuples():
        assert f"{row.median:.0f}" in said["Survival"]
        assert f"(n = {row.n})" in said["Survival"]
    cox = next(r for r in whole.results if r.id == "2D").answers
    for name, event in (("os_per_sd", "for death"), ("pfs_per_sd", "for progression or death")):
        first = cox[name].to_frame().iloc[0]
        text = f"{first['hazard_ratio']:.2f} (95% interval {first['conf_low']:.2f}–"
        assert text in said["Hazard"]
        assert event in said["Hazard"]
    assert "beside baseline burden and number of lesions" in said["Hazard"]


def test_summary_without_pfs_and_with_one_arm_leaves_both_away(one_arm: Outcome) -> None:
    said = words(one_arm)
    assert said["Cohort"].endswith("in 1 arm.")
    assert "for death" in said["Hazard"]
    assert "progression" not in said["Hazard"]
    assert set(said) == {"Cohort", "Discordance", "Heterogeneity", "Survival", "Hazard"}


def test_summary_without_survival_sites_and_arms(bare: Outcome) -> None:
    said = words(bare)
    assert set(said) == {"Cohort", "Discordance", "Heterogeneity"}
    assert said["Cohort"] == ("4 patients with 8 followed lesions (median 2 a patient, 1 to 3).")
    assert "site" not in " ".join(said.values())


def _survival(outcome: Outcome, times: dict[str, list[float]], name: str = "2C") -> Outcome:
    """Give a run whose only survival analysis compares these groups; everybody dies."""
    group = [label for label, days in times.items() for _ in days]
    time = [day for days in times.values() for day in days]
    event = [1] * len(time)
    order = tuple(times)
    python = engine("python")
    asked = {
        "kaplan_meier_log": requests.kaplan_meier(time, event, group, order, conf_type="log"),
        "log_rank": requests.log_rank(time, event, group, order),
    }
    answers = {key: python.answer(request) for key, request in asked.items()}
    shown = Shown({"one": pd.DataFrame({"n": [1]})}, {"forest": forest()})
    result = AnalysisResult(name, "T", "Q?", "Chapter", "done", "", asked, answers, shown)
    return dataclasses.replace(outcome, results=(result,))


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (range(500, 540), range(100, 140), "Patients with heterogeneous lesions lived shorter"),
        (range(100, 140), range(500, 540), "Patients with heterogeneous lesions lived longer"),
        (range(100, 140), range(101, 141), "Survival does not clearly differ by distance"),
    ],
)
def test_direction_of_survival_follows_the_curves(
    bare: Outcome, low: range, high: range, sentence: str
) -> None:
    outcome = _survival(bare, {"low": list(low), "high": list(high)})
    text = words(outcome)["Survival"]
    assert text.startswith(
        f"{sentence}: median overall survival {np.median(low):.0f} days with low"
    )
    assert f"{np.median(high):.0f} with high distance (n = 40)" in text


def test_treatment_and_organs_are_told_when_they_were_done(whole: Outcome) -> None:
    only = ["T1"]
    plan = whole.study.plan
    contrast = plan.contrasts[0]
    head = f"{contrast.key}A"
    groups = {contrast.name: [5.0, 6, 7, 9], contrast.control_name: [1.0, 2, 3, 4]}
    first = _survival(whole, groups, head).results[0]
    named = {f"os_{name}": value for name, value in first.answers.items()}
    asked = {f"os_{name}": value for name, value in first.requests.items()}
    arms = dataclasses.replace(first, answers=named, requests=asked)
    organs = dataclasses.replace(
        first,
        id="6A",
        answers={f"liver_{name}": value for name, value in named.items()},
        requests={f"liver_{name}": value for name, value in asked.items()},
    )
    said = words(dataclasses.replace(whole, results=(arms, organs)))
    expected = f"6 days with {contrast.name} (n = 4) and 2 with {contrast.control_name} (n = 4)"
    assert f"Median overall survival is {expected}; log-rank P = " in said[contrast.name]
    listed = f"{contrast.name} 6 (n = 4); {contrast.control_name} 2 (n = 4). Log-rank P = "
    assert listed in said["Organ response"]
    assert not {contrast.name, "Organ response"} & set(
        words(dataclasses.replace(whole, results=tuple(r for r in whole.results if r.id in only)))
    )


def test_no_sentence_has_a_missing_number(whole: Outcome, one_arm: Outcome, bare: Outcome) -> None:
    for outcome in (whole, one_arm, bare):
        texts = [*words(outcome).values(), *(caveat.text for caveat in caveats(outcome))]
        assert not [text for text in texts if re.search(r"\bnan\b|None|not available", text)]


# Caveats


def keys(outcome: Outcome) -> list[str]:
    return [caveat.key for caveat in caveats(outcome)]


def test_only_caveats_that_apply_are_named(whole: Outcome, one_arm: Outcome, bare: Outcome) -> None:
    assert "synthetic" not in keys(whole)
    assert keys(one_arm)[0] == "synthetic"
    assert "guarantee-time" in keys(whole)
    assert not {"guarantee-time", "independence", "no-strata", "day"} & set(keys(bare))
    touched = {caveat.key: caveat.analyses for caveat in caveats(whole)}
    assert touched["guarantee-time"] == ("2C", "2D")
    assert touched["independence"] == ("2G",)


def test_shares_of_caveats_are_those_of_the_cohort(bare: Outcome) -> None:
    said = {caveat.key: caveat.text for caveat in caveats(bare)}
    assert "a single lesion (1 of 4, 25%) have distance 0" in said["single-lesion"]
    assert "(patients: 2 of 4, 50%)" in said["two-lesions"]
    unbiased = analyze(plain_cohort(), load_definitions("unbiased", {}), r="off", only=["T1"])
    other = {caveat.key: caveat.text for caveat in caveats(unbiased)}
    assert not {"two-lesions", "itself"} & set(other)
    assert "have no distance" in other["single-lesion"]
    assert "cohort-range" in other


def test_late_baselines_come_first_when_they_are_many(bare: Outcome) -> None:
    notices = (Notice("warning", f"day {STUDY_NUMBER}"),)

    def with_late(late: list[bool]) -> Outcome:
        own = bare.study.cohort
        names = [f"L{k}" for k in range(len(late))]
        first = own.lesions.iloc[:1]
        lesions = first.loc[first.index.repeat(len(late))]
        lesions = lesions.assign(lesion_id=names, baseline_after_start=late)
        its = own.measurements.merge(first[["patient_id", "lesion_id"]])
        rows = pd.concat([its.assign(lesion_id=name) for name in names], ignore_index=True)
        cohort = dataclasses.replace(own, lesions=lesions, measurements=rows, notices=notices)
        study = dataclasses.replace(bare.study, cohort=cohort)
        return dataclasses.replace(bare, study=study, synthetic=True)

    many = caveats(with_late([True] * 8))
    assert [caveat.key for caveat in many][:3] == ["synthetic", "day", "baseline"]
    assert "(8 of 8, 100%)" in many[2].text
    few = {caveat.key: caveat for caveat in caveats(with_late([True] + [False] * 39))}
    assert not few["baseline"].heavy
    assert list(few).index("baseline") > list(few).index("two-lesions")
    assert "baseline" not in keys(with_late([False] * 8))


def test_no_strata_is_said_where_the_models_have_none(trial: SimulatedTrial) -> None:
    patients = trial.patients.drop(columns="arm")
    cohort = cohort_from_frames(trial.lesions, patients)
    assert "no-strata" in keys(analyze(cohort, SMALL, r="off", only=["2D"]))


# Tests in both languages


def test_each_test_has_one_line_with_sizes_and_r(whole: Outcome) -> None:
    result = next(r for r in whole.results if r.id == "2C")
    both = list(besides(whole, result))
    alone = p_value_lines(both, r_used=False)
    assert [line.text.partition(",")[0] for line in alone] == ["Log-rank", "By arm: Log-rank"]
    assert {line.r for line in alone} == {"R not used"}
    assert alone[0].text.endswith(": P < 0.001") or ": P = " in alone[0].text
    answered = [
        dataclasses.replace(b, compared=b.table.assign(r=b.table["python"], verdict="agree"))
        for b in both
    ]
    line = p_value_lines(answered, r_used=True)[0]
    assert line.r == f"R: {line.text.rpartition(': ')[2]}"
    assert line.verdict == "agree"
    silent = [dataclasses.replace(b, failure="time limit") for b in both]
    assert p_value_lines(silent, r_used=True)[0].r == "R gave no answer"


def test_two_groups_are_named_with_their_sizes_and_models_with_their_ratio(whole: Outcome) -> None:
    asked = {"nadir_mann_whitney": requests.mann_whitney([1, 2, 3, 4, 5, 9], list("aabbbb"))}
    answers = {name: engine("python").answer(request) for name, request in asked.items()}
    result = AnalysisResult("X", "T", "Q?", "C", "done", "", asked, answers)
    (line,) = p_value_lines(list(besides(whole, result)), r_used=False)
    p = answers["nadir_mann_whitney"].value("p_value")
    assert line.text == f"Nadir: Mann-Whitney, a (n = 2) against b (n = 4): P = {p:.3f}"
    cox = next(r for r in whole.results if r.id == "2D")
    first = p_value_lines(list(besides(whole, cox)), r_used=False)[0]
    ratio = cox.answers["os_per_sd"].to_frame()["hazard_ratio"].iloc[0]
    assert f"Distance, per SD, hazard ratio {ratio:.2f} (" in first.text
    sites = next(r for r in whole.results if r.id == "2G")
    dunn = p_value_lines(list(besides(whole, sites)), r_used=False)[1]
    pairs = sites.answers["dunn"].to_frame()["p_adjusted"]
    assert f"{(pairs < 0.05).sum()} of {len(pairs)} pairs" in dunn.text


# The page


def test_contents_and_sections_are_by_chapter(whole: Outcome, tmp_path: Path) -> None:
    moved = tuple(
        dataclasses.replace(r, chapter="Cohort") if r.id == "2G" else r for r in whole.results
    )
    outcome = dataclasses.replace(whole, results=moved)
    page = Page(write_report(outcome, tmp_path / "report", "lesionhet analyze"))
    ids = [i for i in page.attributes("id") if i.startswith(("chapter-", "analysis-"))]
    assert ids == [
        *("chapter-1", "analysis-T1", "analysis-2G", "chapter-2", "analysis-1C", "analysis-1D"),
        *("chapter-3", "analysis-2A", "analysis-2C", "analysis-2D"),
    ]
    links = [i[1:] for i in page.attributes("href") if i.startswith("#")]
    start = links.index("chapter-1")
    assert links[start : start + len(ids)] == ids
    for text in words(outcome).values():
        assert text in page.text
    for caveat in caveats(outcome):
        assert caveat.text in page.text
    assert all(caveat.text in page.text.partition("Contents")[0] for caveat in caveats(outcome)[:3])
    assert caveats(outcome)[3].text not in page.text.partition("Contents")[0]


def test_long_tables_are_folded(whole: Outcome, tmp_path: Path) -> None:
    tables = {"short": pd.DataFrame({"n": range(12)}), "long": pd.DataFrame({"n": range(13)})}
    result = AnalysisResult("X1", "An analysis", "Why?", "", "done", shown=Shown(tables))
    outcome = dataclasses.replace(whole, results=(result,))
    page = Page(write_report(outcome, tmp_path / "report", "lesionhet analyze"))
    assert page.count("details") == 1
    assert "Long, 13 rows" in page.text


def _picture(folder: Path, name: str, svg: int, pixels: int) -> Picture:
    """An SVG of so many bytes and a PNG of so many random pixels, one byte each in 256 colours."""
    (folder / f"{name}.svg").write_bytes(b'<svg width="100pt"' + b" " * (svg - 18))
    noise = np.random.default_rng(0).integers(0, 256, (1, pixels, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / f"{name}.png")
    return Picture(forest(), f"{name}.svg", f"{name}.png", f"{name}.pdf")


def test_heavy_drawings_are_embedded_as_png_where_that_is_smaller(tmp_path: Path) -> None:
    sizes = {
        "light": (10_000, 20_000),
        "dense": (90_000, 6_000),
        "dense_both": (90_000, 95_000),
        "middle": (40_000, 8_000),
    }
    pictures = [_picture(tmp_path, name, *pair) for name, pair in sizes.items()]

    def as_png(most_of_one: int, most_of_all: int) -> set[str]:
        found = embed(pictures, tmp_path, None, most_of_one, most_of_all)
        assert {e.width for e in found.values()} == {170}
        return {path for path, e in found.items() if e.address.startswith("data:image/png")}

    assert as_png(100_000, 1_000_000) == set()
    assert as_png(50_000, 1_000_000) == {"dense.svg"}
    assert as_png(100_000, 160_000) == {"dense.svg"}
    assert as_png(100_000, 120_000) == {"dense.svg", "middle.svg"}


def test_a_lean_drawing_is_the_same_to_the_eye(tmp_path: Path) -> None:
    path = save(draw(survival()), tmp_path, "x")[0]
    before, after = path.read_bytes(), lean(path.read_bytes())
    assert len(after) < 0.9 * len(before)

    def numbers(svg: bytes) -> list[float]:
        paths = b" ".join(re.findall(rb' d="([^"]*)"', svg))
        return [float(number) for number in re.findall(rb"-?\d+(?:\.\d+)?", paths)]

    np.testing.assert_allclose(numbers(after), numbers(before), atol=0.00501)
    # Glyphs are placed and scaled by transforms, which keep every decimal.
    transforms = re.compile(rb'transform="[^"]*"')
    assert transforms.findall(after) == transforms.findall(before)
    ElementTree.fromstring(after)
