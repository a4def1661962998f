"""Small cohorts whose groups, medians and counts can be seen, for the treatment and marker chapters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from lesionhet.agreement import agreed, compare
from lesionhet.analyses.base import Analysis, AnalysisResult
from lesionhet.analyses.run import run_analyses
from lesionhet.charts import PairChart
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.figures import draw
from lesionhet.plan import Plan
from lesionhet.simulate import SimulatedTrial
from lesionhet.study import Study, build_study

Lesions = Sequence[tuple[str, Sequence[float]]]
"""Site and sizes in percent of the baseline, at days 56, 112, ..; the baseline is 100 mm at day 0."""


def cohort_tables(
    patients: Iterable[tuple[dict[str, Any], Lesions]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the two raw tables of patients that are told one by one."""
    rows, people = [], []
    for number, (columns, lesions) in enumerate(patients, start=1):
        who = f"P{number}"
        people.append({"patient_id": who, **columns})
        for place, (site, sizes) in enumerate(lesions, start=1):
            for visit, size in enumerate([100, *sizes]):
                rows.append([who, f"L{place}", 56 * visit, size, site])
    names = ["patient_id", "lesion_id", "day", "diameter_mm", "site"]
    return pd.DataFrame(rows, columns=names), pd.DataFrame(people)


def study_of(
    lesions: pd.DataFrame, patients: pd.DataFrame | None, plan: Plan, **definitions: Any
) -> Study:
    """Build a study; sites are pooled below five lesions unless told otherwise."""
    rules = Definitions(**({"site_min_lesions": 5} | definitions))
    return build_study(cohort_from_frames(lesions, patients), rules, plan=plan)


def run(analyses: Sequence[Analysis], study: Study) -> dict[str, AnalysisResult]:
    """Run analyses in Python, by id."""
    return {r.id: r for r in run_analyses(analyses, study, engine("python"))}


def check_printed(results: dict[str, AnalysisResult]) -> None:
    """Refuse a skip without reason, a NaN in a text, and a chart that cannot be drawn."""
    for result in results.values():
        assert result.status == "done" or result.reason
        texts = [result.reason, *result.shown.remarks, *result.shown.left_out]
        texts += [chart.caption for chart in result.shown.charts.values()]
        for table in result.shown.tables.values():
            cells = table.select_dtypes("object").to_numpy().ravel()
            texts += [str(cell) for cell in cells]
        words = {word.strip("(),.;–%") for text in texts for word in text.lower().split()}
        assert not words & {"nan", "none", "inf"}, result.id
        for chart in result.shown.charts.values():
            if not isinstance(chart, PairChart):
                draw(chart)


def check_against_r(analyses: Sequence[Analysis], trial: SimulatedTrial, plan: Plan) -> None:
    """Ask R every request of every analysis, and compare number by number."""
    results = run(analyses, study_of(trial.lesions, trial.patients, plan))
    second = engine("r")
    for result in results.values():
        assert result.status == "done", f"{result.id}: {result.reason}"
        assert result.requests, result.id
        for name, request in result.requests.items():
            table = compare(name, result.answers[name], second.answer(request))
            assert len(table)
            assert agreed(table), f"{result.id}.{name}"
