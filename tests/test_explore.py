"""Own cut-offs, models, arms and draws: the same numbers as the ledger where they ask the same."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.analyses import ledger
from lesionhet.analyses.parts.endpoints import OS, PFS
from lesionhet.analyses.resampling import ask_resampling
from lesionhet.analyses.run import run_analysis, select_analyses
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.explore import contrasts, draws
from lesionhet.explore.columns import category_order, usable_columns
from lesionhet.explore.curves import Cut, groups_of, log_rank_tests, survival_by
from lesionhet.explore.hazard import LEDGER_COVARIATES, Model, cox_of, design
from lesionhet.groups import median_groups
from lesionhet.study import Study, build_study
from tests.app_analyse_helpers import SURVIVAL, small_cohort

PYTHON = engine("python")
LEDGER_MODEL = Model(OS, LEDGER_COVARIATES, "arm")


@pytest.fixture(scope="module")
def study() -> Study:
    return build_study(small_cohort())


def of_ledger(study: Study, name: str):
    (analysis,) = select_analyses(ledger(study.plan), [name])
    return run_analysis(analysis, study, PYTHON)


def same(first, second) -> None:
    assert type(first) is type(second)
    for name in first.SHAPES:
        pd.testing.assert_frame_equal(first.to_frame(name), second.to_frame(name), check_exact=True)


def test_distance_at_the_usual_quantiles_is_2c(study: Study) -> None:
    own = run_analysis(survival_by(Cut("gower", (0.25, 0.75))), study, PYTHON)
    paper = of_ledger(study, "2C")
    for name in ("log_rank", "log_rank_by_arm"):
        same(own.answers[f"os_{name}"], paper.answers[name])
    medians = [r.answers[n].to_frame("medians") for r, n in (
        (own, "os_kaplan_meier_log"), (paper, "kaplan_meier_log"))]  # fmt: skip
    pd.testing.assert_frame_equal(*medians, check_exact=True)


def test_moved_cut_offs_move_the_groups(study: Study) -> None:
    sizes = [groups_of(study, Cut("last_ratio", q)).sizes() for q in ((0.1, 0.9), (0.4, 0.6))]
    assert sizes[0]["low"] < sizes[1]["low"]
    assert all(sum(s.values()) == study.patients["last_ratio"].notna().sum() for s in sizes)


def test_one_cut_at_half_is_the_median_split(study: Study) -> None:
    for column in ("gower", "n_lesions", "baseline_sum_mm"):
        own = groups_of(study, Cut(column, (0.5,)))
        pd.testing.assert_series_equal(
            own.labels, median_groups(study.patients[column]).labels, check_names=False
        )
        assert f"n = {own.sizes()['low']}" in own.remark


@pytest.mark.parametrize(
    "cut",
    [
        Cut("nothing"),
        Cut("os_days", (0.5,)),
        Cut("gower"),
        Cut("gower", (0.7, 0.2)),
        Cut("gower", (1.0,)),
    ],
)
def test_cuts_that_are_not_permitted(study: Study, cut: Cut) -> None:
    with pytest.raises(UsageError):
        groups_of(study, cut)


def test_a_cut_above_every_value_is_refused(study: Study) -> None:
    flat = study.patients.assign(n_inconsistent=[0] * 80 + [1] * 5 + [2] * 5)
    changed = dataclasses.replace(study, patients=flat)
    assert groups_of(changed, Cut("n_inconsistent", (0.5,))).sizes() == {"low": 80, "high": 10}
    with pytest.raises(NotEstimableError, match="no value is above"):
        groups_of(changed, Cut("n_inconsistent", (0.99,)))


def test_categories_are_groups_by_size(study: Study) -> None:
    result = run_analysis(survival_by(Cut("kras")), study, PYTHON)
    counts = study.patients["kras"].value_counts()
    assert counts[list(groups_of(study, Cut("kras")).order)].is_monotonic_decreasing
    assert set(result.shown.charts) == {"os", "pfs"}
    assert [name for name, *_ in log_rank_tests(result.answers, "os")] == [
        "Log-rank",
        "Stratified by arm",
    ]
    assert "os_log_rank_by_arm" not in run_analysis(survival_by(Cut("arm")), study, PYTHON).answers


def test_columns_leave_out_outcomes_and_constants(study: Study) -> None:
    kinds = usable_columns(study)
    assert not {*SURVIVAL, "patient_id"} & set(kinds)
    assert kinds["gower"] == "number"
    assert kinds["response"] == kinds["kras"] == "category"
    assert all(len(set(study.patients[name].dropna())) > 1 for name in kinds)


def test_the_ledgers_covariates_make_2d(study: Study) -> None:
    own = run_analysis(cox_of(LEDGER_MODEL), study, PYTHON)
    same(own.answers["cox"], of_ledger(study, "2D").answers["os_per_sd"])
    raw = run_analysis(cox_of(Model(PFS, LEDGER_COVARIATES, "arm", "raw")), study, PYTHON)
    same(raw.answers["cox"], of_ledger(study, "2D").answers["pfs_raw"])


def test_categories_enter_against_the_largest(study: Study) -> None:
    rows = design(study, Model(OS, ("race", "age")))
    reference, *others = category_order(study.patients["race"])
    assert rows.references == {"Race": reference}
    assert list(rows.terms) == [*(f"Race: {name}" for name in others), "Age, per SD"]
    known = study.patients.dropna(subset=["race", "age", "os_days", "os_event"])
    by_hand = pd.DataFrame({name: (known["race"] == name) * 1.0 for name in others})
    by_hand["age"] = known["age"] / known["age"].std()
    answer = PYTHON.answer(requests.cox(known["os_days"], known["os_event"], by_hand))
    own = run_analysis(cox_of(Model(OS, ("race", "age"))), study, PYTHON)
    numbers = [a.to_frame().drop(columns="term") for a in (own.answers["cox"], answer)]
    pd.testing.assert_frame_equal(*numbers, check_exact=True)
    assert any(f"compared with {reference}" in text for text in own.shown.remarks)


@pytest.mark.parametrize(
    "model",
    [
        Model(OS, ()),
        Model(OS, ("os_days",)),
        Model(OS, ("arm",), "arm"),
        Model(OS, ("gower",), "age"),
    ],
)
def test_models_that_are_not_permitted(study: Study, model: Model) -> None:
    with pytest.raises(UsageError):
        design(study, model)


@pytest.mark.parametrize("kind", ["subsamples", "bootstrap"])
def test_draws_in_chunks_are_those_of_2e(study: Study, kind: str) -> None:
    wanted = draws.Resampling(LEDGER_MODEL, kind, 25, 2021)
    request = draws.ask_draws(study, wanted)
    of_paper = ask_resampling(study, draws=25)[kind].request
    pd.testing.assert_frame_equal(request.data, of_paper.data)
    assert dict(request.options) == dict(of_paper.options)
    bounds = [(0, 10), (10, 20), (20, 25)]
    parts = [PYTHON.answer(draws.chunk(request, *pair)) for pair in bounds]
    question, answer = draws.joined(request, parts)
    same(answer, PYTHON.answer(of_paper))
    assert draws.n_draws(question) == 25
    question, answer = draws.joined(request, parts[:2])
    same(answer, PYTHON.answer(question))
    assert "the first 20 of 25 draws" in draws.sentence(answer, wanted)
    chart = draws.p_values_chart(answer, wanted, "Distance, per SD", 0.01)
    assert "partial" in chart.title
    assert chart.bins["count"].sum() == answer.value("fitted", "summary")


@pytest.mark.r
def test_r_agrees_on_draws_that_were_stopped(study: Study) -> None:
    request = draws.ask_draws(study, draws.Resampling(LEDGER_MODEL, "bootstrap", 12, 7))
    parts = [PYTHON.answer(draws.chunk(request, 0, 5))]
    question, answer = draws.joined(request, parts)
    assert agreed(compare("stopped", answer, engine("r").answer(question)))


def test_the_plans_arms_picked_by_hand_make_the_same_chapter(study: Study) -> None:
    from lesionhet.analyses.chapter_treatment import analyses

    (paper, *_) = study.plan.contrasts
    own = contrasts.own_contrast(paper.treated, paper.control, paper.name, paper.control_name)
    plan = contrasts.with_contrast(study.plan, own)
    found = run_analysis(analyses(plan)[0], study, PYTHON)
    same(found.answers["os_log_rank"], of_ledger(study, "3A").answers["os_log_rank"])


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (([], ["A"]), "either side"),
        ((["A"], ["a"]), "on both sides"),
        ((["A"], ["B"], "Control"), "like the other"),
        ((["A"], ["B"], " "), "need a name"),
    ],
)
def test_sides_that_are_not_permitted(sides, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        contrasts.own_contrast(*sides)


def test_organs_picked_by_hand_make_6a(study: Study) -> None:
    own = run_analysis(contrasts.organ_survival("liver", None), study, PYTHON)
    paper = of_ledger(study, "6A")
    assert own.status == "done"
    assert set(own.answers) == set(paper.answers)
    for name in own.answers:
        same(own.answers[name], paper.answers[name])
