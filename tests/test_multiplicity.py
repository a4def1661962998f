"""P values adjusted: published example, by hand, beside R, and every P value of a report."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statistics_helpers import answer
from timed_helpers import assert_agree, both

from lesionhet import requests
from lesionhet.analyses.every_p import every_p
from lesionhet.analyses.reviewer.time import CHAPTER
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.report.asked import asked
from lesionhet.report.folder import write_report
from lesionhet.simulate import simulate_trial

# Benjamini & Hochberg (1995), section 4.1: rt-PA against APSAC after myocardial infarction.
PUBLISHED = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=25)


def adjusted(p_value: list[float]) -> pd.DataFrame:
    return answer(requests.adjust_p(p_value)).to_frame("adjusted")


def test_the_published_example() -> None:
    """Four are found at a false discovery rate of 0.05, three with a familywise error of 0.05."""
    found = adjusted(PUBLISHED)

    assert (found["benjamini_hochberg"] <= 0.05).sum() == 4
    assert (found["holm"] <= 0.05).sum() == 3


def test_by_hand() -> None:
    found = adjusted([0.03, 0.01, 0.04, 0.5])

    np.testing.assert_allclose(found["holm"], [0.09, 0.04, 0.09, 0.5])
    np.testing.assert_allclose(found["benjamini_hochberg"], [0.16 / 3, 0.04, 0.16 / 3, 0.5])


@settings(max_examples=60)
@given(p_value=SHARES, seed=st.integers(0, 99))
def test_what_holds_for_any_p_values(p_value: list[float], seed: int) -> None:
    found = adjusted(p_value)
    turn = np.random.default_rng(seed).permutation(len(p_value))
    turned = adjusted([p_value[i] for i in turn])

    raw, holm, bh = (found[c].to_numpy() for c in ("p_value", "holm", "benjamini_hochberg"))
    assert (raw <= bh + 1e-15).all()
    assert (bh <= holm + 1e-15).all()
    assert (holm <= np.minimum(raw * len(raw), 1) + 1e-15).all()
    order = np.argsort(raw, kind="stable")
    assert (np.diff(holm[order]) >= 0).all()
    np.testing.assert_array_equal(turned["holm"], holm[turn])
    np.testing.assert_array_equal(turned["benjamini_hochberg"], bh[turn])


def test_families_are_adjusted_apart() -> None:
    p_value, family = [0.01, 0.02, 0.03, 0.04, 0.05], list("zazaa")

    found = answer(requests.adjust_p(p_value, family, list("vwxyz")))

    alone = {name: adjusted([p for p, f in zip(p_value, family, strict=True) if f == name])
             for name in "za"}  # fmt: skip
    table = found.to_frame("adjusted").assign(family=family)
    for name in "za":
        own = table[table["family"] == name]
        assert own["holm"].tolist() == alone[name]["holm"].tolist()
    assert table["row"].tolist() == list("vwxyz")
    families = found.to_frame("families")
    assert families["group"].tolist() == ["z", "a"]
    assert families[["n", "n_raw", "n_holm"]].to_numpy().tolist() == [[2, 2, 2], [3, 2, 0]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0.1, 1.2],), UsageError, "outside 0 to 1"),
        (([0.1, 0.2], None, ["a"]), UsageError, "2 P values and 1 names"),
        (([None, None],), NotEstimableError, "No rows are left"),
        (([0.1, 0.2], ["a"]), UsageError, "same length"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        requests.adjust_p(*arguments)


def test_missing_p_values_are_counted_and_the_names_stay_right() -> None:
    request = requests.adjust_p([0.1, None, 0.3], ["f", "f", "f"], ["one", "two", "three"])

    assert request.left_out == {"p_value missing": 1}
    assert answer(request).to_frame("adjusted")["row"].tolist() == ["one", "three"]


@pytest.mark.r
def test_r_gives_the_same() -> None:
    rng = np.random.default_rng(3)
    p_value = np.round(rng.uniform(size=80) ** 4, 3)
    table = both(requests.adjust_p(p_value, rng.choice(list("abc"), 80)))
    assert len(table) == 3 * 80 + 3 * 5
    assert_agree(table)


# Every P value of a report


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    made = simulate_trial(n_patients=120, seed=6)
    return cohort_from_frames(made.lesions, made.patients)


@pytest.fixture(scope="module")
def outcome(cohort: Cohort) -> Outcome:
    return analyze(cohort, r="off", only=["2C", "2D", "2E", "TIME-1", "3C"])


def without_figures(outcome: Outcome) -> Outcome:
    """Give a run whose report is written in a moment."""
    bare = tuple(replace(r, shown=replace(r.shown, charts={})) for r in outcome.results)
    return replace(outcome, results=bare)


def test_a_model_in_other_units_counts_once(outcome: Outcome) -> None:
    table, repeats = every_p(outcome.results)

    of_2d = table[table["analysis"] == "2D"]
    answers = next(r for r in outcome.results if r.id == "2D").answers
    given = sum(len(a.tables["terms"]) + 1 for a in answers.values())
    assert len(of_2d) == 2 * (3 + 1)
    assert repeats >= given - len(of_2d) > 0
    assert of_2d["request"].str.endswith("per_sd").all()


def test_repeats_of_one_question_are_families_of_their_own(outcome: Outcome) -> None:
    assert outcome.p_values is not None
    table = outcome.p_values.shown.tables["p_values"]
    family = table.groupby("analysis")["family"].unique().map(list)

    assert family["2C"] == family["2D"] == ["Heterogeneity and survival"]
    assert "Heterogeneity and survival: draws of 2E" in family["2E"]
    assert family["TIME-1"] == ["What a reviewer would ask: time"]
    assert family["3C"] not in (family["2C"], family["TIME-1"])


def test_draws_of_one_model_are_no_tests(outcome: Outcome) -> None:
    assert outcome.p_values is not None
    table = outcome.p_values.shown.tables["p_values"]
    tests = table[~table["family"].str.endswith("draws of 2E")]
    small = int((tests["p_value"] < 0.05).sum())
    draws = len(table) - len(tests)

    says = asked(CHAPTER, outcome)[-1].rows[0].says

    assert draws > 0
    assert says.startswith(f"Of {len(tests)} P values {small} are below 0.05; ")
    assert says.endswith(f"; {draws:,} draws of one model are not counted here.")


def test_every_p_value_is_there_as_it_stands_in_its_analysis(outcome: Outcome) -> None:
    assert outcome.p_values is not None
    table = outcome.p_values.shown.tables["p_values"].set_index(["analysis", "request", "of"])
    answers = {r.id: r.answers for r in outcome.results}

    assert (
        table.loc[("2C", "log_rank", ""), "p_value"] == answers["2C"]["log_rank"].value("p_value")
    ).all()
    terms = answers["TIME-1"]["os_time_dependent"].to_frame("terms")
    for row in terms.itertuples():
        assert table.loc[("TIME-1", "os_time_dependent", row.term), "p_value"].item() == row.p_value
    families = outcome.p_values.shown.tables["families"]
    assert families["n"].sum() == len(table)


def test_a_run_without_a_p_value_has_no_such_table(cohort: Cohort, tmp_path: Path) -> None:
    outcome = without_figures(analyze(cohort, r="off", only=["1A"]))

    page = write_report(outcome, tmp_path / "report", "lesionhet").read_text(encoding="utf-8")

    assert outcome.p_values is None
    assert "p-values" not in page
    assert not (tmp_path / "report/tables/p_values.csv").exists()


def test_the_report_has_the_table_the_section_and_the_script(
    outcome: Outcome, tmp_path: Path
) -> None:
    folder = tmp_path / "report"
    page = write_report(without_figures(outcome), folder, "lesionhet").read_text(encoding="utf-8")

    table = pd.read_csv(folder / "tables/p_values.csv")
    assert outcome.p_values is not None
    assert len(table) == len(outcome.p_values.shown.tables["p_values"])
    assert {"Log-rank", "Mann-Whitney", "Cox model"} <= set(table["test"])
    assert (table["holm"] >= table["p_value"]).all()
    section = page[page.index('<section id="p-values">') :]
    section = section[: section.index("</section>")]
    draws = int((table["family"] == "Heterogeneity and survival: draws of 2E").sum())
    assert draws > 0
    assert f"All {len(table):,} P values ({draws:,} of them draws of one model)" in section
    assert "Heterogeneity and survival: draws of 2E" in section
    assert "Every P value" in page[page.index('id="caveats"') : page.index('id="notices"')]
    record = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert record["p_values"]["count"] == len(table)
    assert record["p_values"]["draws"] == draws
    assert record["numbers"][-1]["name"] == "P.adjusted"
    script = (folder / "reproduce.R").read_text(encoding="utf-8")
    assert re.search(r'check\("P\.adjusted", adjust_p\(rows, level = 0\.05\)\)', script)


@pytest.mark.r
def test_both_languages_adjust_the_p_values_of_a_report(cohort: Cohort) -> None:
    outcome = analyze(cohort, r="require", only=["2C"])

    rows = outcome.agreement[outcome.agreement["name"] == "P.adjusted"]
    assert len(rows) == 3 * len(outcome.p_values.shown.tables["p_values"]) + 5
    assert (rows["verdict"] == "agree").all()
