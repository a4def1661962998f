"""The chapter of objections: its table, and what the analyses of time say in one sentence."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from report_helpers import Page

from lesionhet import requests
from lesionhet.analyses.base import AnalysisResult, Shown
from lesionhet.analyses.reviewer import ANALYSES
from lesionhet.analyses.reviewer.critiques import CRITIQUES, by_critique, critique_key, says
from lesionhet.analyses.reviewer.time import CHAPTER
from lesionhet.analyses.reviewer.time_verdicts import (
    Ratio,
    curves_verdict,
    distance_verdict,
    organs_verdict,
    windows_verdict,
)
from lesionhet.cohort import cohort_from_frames
from lesionhet.engines import engine
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.report import write_report
from lesionhet.report.asked import asked
from lesionhet.simulate import simulate_trial

ABOVE, BELOW, ACROSS = (1.3, 1.1, 1.5), (0.7, 0.5, 0.9), (1.05, 0.9, 1.2)
WIDE = (0.95, 0.6, 1.5)
Ratio3 = tuple[float, float, float]
Pair = tuple[Ratio3 | None, Ratio3 | None]
DAYS = (56.0, 112.0, 168.0)


def ratios(
    naive: Ratio3 | None = None,
    landmarks: tuple[Ratio3, ...] = (),
    over_time: Ratio3 | None = None,
    term: str = "Distance, per 0.1",
    endpoint: str = "Overall survival",
) -> pd.DataFrame:
    """Give the table of hazard ratios that the analyses of time show."""
    ways = [("naive", math.nan, naive), ("time-dependent", math.nan, over_time)]
    ways += [("landmark", day, ratio) for day, ratio in zip(DAYS, landmarks, strict=False)]
    rows = [
        (endpoint, approach, day, term, *ratio, math.log(ratio[0]))
        for approach, day, ratio in ways
        if ratio
    ]
    names = ["endpoint", "approach", "day", "term"]
    return pd.DataFrame(rows, columns=[*names, "hazard_ratio", "conf_low", "conf_high", "estimate"])


# The distance


@pytest.mark.parametrize(
    ("naive", "landmarks", "over_time", "head", "parts"),
    [
        (
            ABOVE,
            (ABOVE,) * 3,
            ABOVE,
            "Yes: the risk of death rises",
            ("about as strong as", "3 of 3"),
        ),
        ((2.0, 1.5, 2.7), (ABOVE,) * 3, ABOVE, "Yes: ", ("weaker than naively, 2.00",)),
        ((1.1, 1.01, 1.2), (ABOVE,) * 3, ABOVE, "Yes: ", ("stronger than naively, 1.10",)),
        (ABOVE, (ACROSS, ACROSS, ABOVE), ABOVE, "In part: ", ("above 1 at 1 of 3",)),
        (ACROSS, (ABOVE, ABOVE, ACROSS), ABOVE, "Yes: ", ("; naive 1.05 (0.90–1.20)", "2 of 3")),
        (
            ABOVE,
            (ACROSS,) * 3,
            ACROSS,
            "No longer clearly: naively",
            ("1.30 (1.10–1.50)", "0 of 3"),
        ),
        (ACROSS, (ACROSS,) * 3, ACROSS, "Not clearly: ", ("naive 1.05", "0 of 3")),
        (ABOVE, (BELOW,) * 3, BELOW, "The answer turns round: ", ("it falls", "below 1 at 3 of 3")),
        (BELOW, (BELOW,) * 3, BELOW, "Yes: the risk of death falls", ("below 1 at 3 of 3",)),
        (None, (), ABOVE, "Yes: ", ("no landmark has an answer",)),
        (ABOVE, (ABOVE, ACROSS), None, "Not clearly: from day 112 on", ("above 1 at 1 of 2",)),
        (ABOVE, (ABOVE,), None, "Yes: from day 56 on", ("model has no answer.",)),
        (ABOVE, (), None, "Cannot be said here", ("overall survival",)),
    ],
)
def test_what_is_said_of_the_distance(naive, landmarks, over_time, head, parts) -> None:  # type: ignore[no-untyped-def]
    found = distance_verdict(ratios(naive, landmarks, over_time), 0.9)

    assert found.startswith(head)
    assert all(part in found for part in parts), found
    assert found.endswith(".")
    assert "90% interval" in found or head.startswith("Cannot")


def test_only_overall_survival_counts() -> None:
    table = ratios(ABOVE, (ABOVE,) * 3, ABOVE, endpoint="Progression-free survival")
    assert distance_verdict(table, 0.95).startswith("Cannot be said here")


# Curves from landmarks


def log_rank(worse: int, seed_times: tuple[int, int] = (40, 90)):  # type: ignore[no-untyped-def]
    """Test two groups of 30; ``worse`` 1: high dies earlier, -1: later, 0: no difference."""
    early, late = seed_times
    high, low = {1: (early, late), -1: (late, early), 0: (early, early)}[worse]
    times = [high + i for i in range(30)] + [low + i for i in range(30)]
    groups = pd.Series(["high"] * 30 + ["low"] * 30)
    request = requests.log_rank(pd.Series(times), pd.Series([1] * 60), groups, ("low", "high"))
    return engine("python").answer(request)


MEDIANS = pd.DataFrame({"group": ["low", "high"], "median": [600.0, math.nan]})


@pytest.mark.parametrize(
    ("sides", "head", "part"),
    [
        ((1, 1, 1), "Yes: from day 112 on", "so they do from 3 of 3 landmarks on"),
        ((0, 1, -1), "Yes: from day 112 on", "1 of 3 landmarks"),
        ((1, 0, 0), "Not clearly: from day 112 on", "differs clearly from 1 of 3 landmarks on"),
        ((0, -1, 0), "No, rather longer: from day 112", "live longer"),
        ((1,), "Yes: from day 56 on", "1 of 1 landmark on"),
    ],
)
def test_what_is_said_of_the_curves(sides: tuple[int, ...], head: str, part: str) -> None:
    tests = dict(zip(DAYS, map(log_rank, sides), strict=False))

    found = curves_verdict(tests, dict.fromkeys(tests, MEDIANS))

    assert found.startswith(head)
    assert part in found
    assert "not reached days" not in found
    assert "600 days with low" in found
    assert curves_verdict({}, {}).startswith("Cannot be said here")


# Organs and windows


@pytest.mark.parametrize(
    ("naive", "over_time", "head"),
    [
        ((BELOW, ABOVE), (BELOW, ABOVE), "Yes, liver matters more: "),
        ((BELOW, ABOVE), (ABOVE, BELOW), "Yes, the others matter more: "),
        ((BELOW, ABOVE), (BELOW, WIDE), "No longer clearly: "),
        ((BELOW, BELOW), (BELOW, BELOW), "Not clearly: "),
        ((None, None), (BELOW, BELOW), "Not clearly: "),
        ((BELOW, ABOVE), (None, ABOVE), "Cannot be said here"),
    ],
)
def test_what_is_said_of_the_organs(naive: Pair, over_time: Pair, head: str) -> None:
    terms = ("liver only", "others only")
    parts = [
        ratios(n, (), t, term=term) for n, t, term in zip(naive, over_time, terms, strict=True)
    ]

    found = organs_verdict(pd.concat(parts), 0.95, "liver", terms)

    assert found.startswith(head), found
    assert ("naively" in found) == (naive[0] is not None and "Cannot" not in head)


def test_the_ratio_of_two_groups_by_hand() -> None:
    first, second = Ratio(0.5, 0.4, 0.625, math.log(0.5), 0), Ratio(1.0, 0.8, 1.25, 0.0, 0)

    found = first.over(second)

    # Both intervals are a factor of 1.25 to either side: together sqrt(2) times that on the log scale.
    factor = 1.25 ** math.sqrt(2)
    assert (found.low, found.high) == pytest.approx((0.5 / factor, 0.5 * factor))
    assert (found.value, found.side) == (pytest.approx(0.5), -1)


@pytest.mark.parametrize(
    ("nadir", "last", "head"),
    [
        (ABOVE, ABOVE, "Yes, the less the burden has shrunk, the higher the risk: "),
        (BELOW, BELOW, "The other way round"),
        (ABOVE, ACROSS, "In part: "),
        (ACROSS, ACROSS, "No longer clearly: "),
        (None, ABOVE, "Yes"),
        (None, None, "Cannot be said here"),
    ],
)
def test_what_is_said_of_the_windows(nadir: Ratio3 | None, last: Ratio3 | None, head: str) -> None:
    names = {"Nadir ratio, per 0.1": "nadir ratio", "Last ratio, per 0.1": "last ratio"}
    parts = [
        ratios(ABOVE, (ratio,) * 3 if ratio else (), term=term)
        for ratio, term in zip((nadir, last), names, strict=True)
    ]

    found = windows_verdict(pd.concat(parts), 0.95, names)

    assert found.startswith(head)
    if nadir and last:
        assert "by the scans up to day 112, 0.1 more of the nadir ratio" in found
        assert "over the whole follow-up 1.30 (1.10–1.50) and 1.30" in found


# The chapter


def test_every_analysis_of_the_chapter_answers_an_objection() -> None:
    ids = [analysis.id for analysis in ANALYSES]
    together = [a.id for _, members in by_critique(ANALYSES) for a in members]

    assert together == ids
    assert {analysis.chapter for analysis in ANALYSES} == {CHAPTER}
    assert all(critique.critique.endswith(".") for critique in CRITIQUES.values())
    with pytest.raises(KeyError, match="2C answers no objection"):
        critique_key("2C")


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    trial = simulate_trial(n_patients=90, seed=4)
    lesions = trial.lesions.drop(columns="site")
    cohort = cohort_from_frames(lesions, trial.patients)
    return analyze(cohort, r="off", only=["T1", "TIME-1", "TIME-3"])


def test_the_report_begins_the_chapter_with_its_answers(outcome: Outcome, tmp_path: Path) -> None:
    page = Page(write_report(outcome, tmp_path / "report", "lesionhet"))
    content = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    told = {found["id"]: found["verdict"] for found in content["analyses"]}
    start = page.text.index("The critique What was done What it says here")
    table = page.text[start : page.text.index("Where the remedies come from")].replace(
        "\u00a0", " "
    )

    assert told["TIME-1"]
    assert told["T1"] == ""
    assert told["TIME-1"] in table
    assert 'href="#analysis-TIME-1"' in page.source
    assert "Not done. Its column is missing: site." in table
    assert 'href="#analysis-TIME-3"' not in page.source
    assert 'href="#p-values"' in page.source[page.source.index('class="asked"') :]
    assert table.index(CRITIQUES["TIME"].critique) < table.index(told["TIME-1"])
    (point,) = [text for text in page.text.split("Keep in mind")[:1] if told["TIME-1"][:40] in text]
    assert "Does the distance still say something" in point.replace("\u00a0", " ")


def test_other_chapters_have_no_such_table(outcome: Outcome) -> None:
    assert asked("Cohort", outcome) == ()
    time, tests = asked(CHAPTER, outcome)
    assert [row.address for row in time.rows] == ["analysis-TIME-1", ""]
    assert outcome.p_values is not None
    table = outcome.p_values.shown.tables["p_values"]
    small = int((table["p_value"] < 0.05).sum())
    assert tests.rows[0].says.startswith(f"Of {len(table)} P values {small} are below 0.05; ")
    assert tests.rows[0].address == "p-values"


def test_hostile_text_of_an_answer_is_text(outcome: Outcome, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    head = ("TIME-1", "Title", "Question?", CHAPTER)
    said = AnalysisResult(*head, "done", shown=Shown({}, verdict=f"Yes: {evil}."))
    lost = AnalysisResult("TIME-2", "Title", "Question?", CHAPTER, "skipped", evil)
    made = Outcome(**{**vars(outcome), "results": (said, lost)})

    page = Page(write_report(made, tmp_path / "report", "lesionhet"))

    assert says(said) in page.text
    assert says(lost) in page.text
    assert evil not in page.source
