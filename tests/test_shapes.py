"""The whole ledger on cohorts of another shape: every analysis runs or says what it lacks."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lesionhet.analyses import ledger
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.run import run_analyses
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.figures import draw
from lesionhet.plan import load_plan, with_contrasts
from lesionhet.simulate import simulate_trial
from lesionhet.study import build_study

Tables = tuple[pd.DataFrame, pd.DataFrame]
MISSING_PRINTED = re.compile(r"\b(nan|NaN|None|NaT|inf)\b")
"""What Python prints for a missing or infinite value; "none" is a word."""


def _no_kras(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions, patients.drop(columns="kras")


def _one_arm(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions, patients.assign(arm="FOLFOX")


def _two_sites(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    site = np.where(lesions["site"] == "liver", "liver", "lung")
    return lesions.assign(site=site), patients


def _thirty_patients(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    few = patients.sample(30, random_state=3)
    return lesions[lesions["patient_id"].isin(few["patient_id"])], few


def _three_deaths(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions, patients.assign(os_event=(np.arange(len(patients)) < 3).astype(int))


def _no_deaths(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions, patients.assign(os_event=0)


def _no_pfs(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions, patients.drop(columns=["pfs_days", "pfs_event", "progressed"])


def _one_organ(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions.assign(site="liver"), patients


def _foreign_arms(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions, patients.assign(
        arm=np.where(np.arange(len(patients)) % 2, "標準治療", "Bras expérimental")
    )


def _nothing_but_lesions(lesions: pd.DataFrame, patients: pd.DataFrame) -> Tables:
    return lesions.drop(columns=["site", "visit"]), patients[["patient_id"]]


SHAPES: tuple[Callable[[pd.DataFrame, pd.DataFrame], Tables], ...] = (
    _no_kras,
    _one_arm,
    _two_sites,
    _thirty_patients,
    _three_deaths,
    _no_deaths,
    _no_pfs,
    _one_organ,
    _foreign_arms,
    _nothing_but_lesions,
)
DRAWN = (_thirty_patients, _one_organ, _foreign_arms)
"""Drawing takes as long as all the analyses: the fewest, the narrowest and the strangest labels."""


def _run(tables: Tables, contrasts: tuple[str, ...] = ()) -> tuple[AnalysisResult, ...]:
    plan = with_contrasts(load_plan(), contrasts)
    definitions = Definitions(site_min_lesions=10)
    study = build_study(cohort_from_frames(*tables), definitions, plan=plan)
    return run_analyses(ledger(plan), study, engine("python"))


def _check(result: AnalysisResult, *, drawn: bool) -> None:
    texts = [result.reason, *result.shown.remarks, *result.shown.left_out]
    texts += [f"{chart.title} {chart.caption}" for chart in result.shown.charts.values()]
    texts += [
        str(cell)
        for table in result.shown.tables.values()
        for column in table.select_dtypes(object)
        for cell in table[column].dropna()
    ]
    assert not [text for text in texts if MISSING_PRINTED.search(text)], result.id
    assert result.status == "done" or result.reason, result.id
    if result.status == "done":
        assert result.shown.tables, result.id
        assert all(len(table) for table in result.shown.tables.values()), result.id
    for chart in result.shown.charts.values() if drawn else ():
        assert draw(chart).axes, result.id


@pytest.fixture(scope="module")
def tables() -> Tables:
    trial = simulate_trial(n_patients=90, seed=6)
    return trial.lesions, trial.patients


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
def test_every_analysis_runs_or_says_what_it_lacks(
    shape: Callable[[pd.DataFrame, pd.DataFrame], Tables], tables: Tables
) -> None:
    for result in _run(shape(*tables)):
        _check(result, drawn=shape in DRAWN)


def test_arms_of_ones_own_are_compared(tables: Tables) -> None:
    results = {
        r.id: r
        for r in _run(_foreign_arms(*tables), ("Expérimental: Bras expérimental vs 標準治療",))
    }

    assert results["3A"].status == "done"
    assert results["2H"].status == "done"
    assert "4A" not in results
    for result in results.values():
        _check(result, drawn=result.id in ("3A", "3E", "2H"))
