"""Chapter "Organ response and survival": who lives longer, by which organ responds."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet.analyses.base import Analysis, Answers, Asked, Shown, Tried
from lesionhet.analyses.organ_survival import (
    Population,
    ask_organ_survival,
    populations,
    response_rule,
    show_organ_survival,
    sizes_text,
)
from lesionhet.analyses.parts.comparison import compare_groups, group_table, main_organs, outliers
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from lesionhet.charts import BoxChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_p
from lesionhet.organs import organ_groups
from lesionhet.study import Study

CHAPTER: Final = "Organ response and survival"
BOTH: Final = (OS, PFS)
ONLY_OS: Final = (OS,)


def first_organ(study: Study) -> tuple[Population, ...]:
    """Give the patients with lesions in the plan's first organ."""
    return populations(main_organs(study)[:1], [None])


def two_organs(study: Study) -> tuple[Population, ...]:
    """Give the patients with lesions in the first organ and exactly one other main organ."""
    first, *others = main_organs(study)
    return populations([first] * len(others), others)


def other_organs(study: Study) -> tuple[Population, ...]:
    """Give the patients with lesions in each other main organ."""
    others = main_organs(study)[1:]
    return populations(others, [None] * len(others))


def ask_first_organ(study: Study) -> Asked:
    """Ask for OS and PFS by response of the first organ and of the others."""
    return ask_organ_survival(study, first_organ(study), BOTH)


def show_first_organ(study: Study, answers: Answers) -> Shown:
    """Show OS and PFS by response of the first organ and of the others."""
    return show_organ_survival(study, first_organ(study), BOTH, answers)


def ask_two_organs(study: Study) -> Asked:
    """Ask for OS of patients with lesions in exactly two organs."""
    return ask_organ_survival(study, two_organs(study), ONLY_OS)


def show_two_organs(study: Study, answers: Answers) -> Shown:
    """Show OS of patients with lesions in exactly two organs."""
    return show_organ_survival(study, two_organs(study), ONLY_OS, answers)


def ask_other_organs(study: Study) -> Asked:
    """Ask for OS and PFS with each other main organ in the first one's place."""
    return ask_organ_survival(study, other_organs(study), BOTH)


def show_other_organs(study: Study, answers: Answers) -> Shown:
    """Show OS and PFS with each other main organ in the first one's place."""
    return show_organ_survival(study, other_organs(study), BOTH, answers)


def _distance_populations(study: Study) -> tuple[Population, ...]:
    return (*first_organ(study), *two_organs(study))


def ask_distance(study: Study) -> Asked:
    """Ask how the distance differs between the groups of 6A and of 6B."""
    asked: dict[str, Any] = {}
    for population in _distance_populations(study):
        try:
            groups = organ_groups(study, population.organ, population.other)
        except NotEstimableError as error:
            asked[population.key] = Tried(None, str(error))
            continue
        patients = study.patients
        asked |= compare_groups(
            population.key,
            patients["gower"],
            groups.of(study),
            patients["patient_id"],
            groups.order,
        )
    return asked


def show_distance(study: Study, answers: Answers) -> Shown:
    """Show the distance by group as box plots, with every pair."""
    charts: dict[str, Any] = {}
    spread, tests, pairs = [], [], []
    remarks = [response_rule(study)]
    for population in _distance_populations(study):
        found = answers.get(f"{population.key}_spread")
        if found is None:
            continue
        groups = organ_groups(study, population.organ, population.other)
        remarks.append(sizes_text(groups, population))
        named = {"patients": population.title}
        spread.append(group_table(found, **named))
        test = answers.get(f"{population.key}_kruskal_wallis")
        if test is not None:
            tests.append(test.to_frame("test").assign(**named))
        dunn = answers.get(f"{population.key}_dunn")
        if dunn is not None:
            pairs.append(dunn.to_frame().assign(**named))
        p_text = f"Kruskal-Wallis {format_p(test.value('p_value'))}" if test else "No test"
        charts[population.key] = _boxes(study, population, found.to_frame(), p_text)
    single = int((study.patients["n_lesions"] == 1).sum())
    if single and study.definitions.single_lesion == "zero":
        remarks.append(
            f"{single:,} patients of the cohort have a single lesion and distance 0; they can only be in "
            "the first or the last group."
        )
    tables = {
        name: _first("patients", pd.concat(parts, ignore_index=True))
        for name, parts in (("distance", spread), ("kruskal_wallis", tests), ("dunn", pairs))
        if parts
    }
    return Shown(tables, charts, tuple(remarks))


def _boxes(study: Study, population: Population, rows: pd.DataFrame, p_text: str) -> BoxChart:
    groups = organ_groups(study, population.organ, population.other)
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in rows.itertuples())
    return BoxChart(
        f"Distance by organ response, {population.title}",
        f"Patient-level distance: {sizes}. {p_text}.",
        rows,
        outliers(study.patients["gower"], groups.of(study), rows),
        tuple(rows["group"]),
        "Gower distance (patient)",
    )


def _first(column: str, table: pd.DataFrame) -> pd.DataFrame:
    return table[[column, *table.columns.drop(column)]]


def _needs(*endpoints: Endpoint) -> tuple[str, ...]:
    return ("site", *(column for e in endpoints for column in (e.time, e.event)))


ANALYSES: Final = (
    Analysis(
        "6A",
        "Survival by response of the first organ",
        "Does it matter for survival which organ responds?",
        _needs(OS),
        ask_first_organ,
        show_first_organ,
        CHAPTER,
    ),
    Analysis(
        "6B",
        "Survival by organ response in two organs only",
        "Does it matter where there are lesions in two organs only?",
        _needs(OS),
        ask_two_organs,
        show_two_organs,
        CHAPTER,
    ),
    Analysis(
        "6-G",
        "Distance by organ response",
        "Are lesions less alike where only one organ responds?",
        _needs(),
        ask_distance,
        show_distance,
        CHAPTER,
    ),
    Analysis(
        "S8",
        "Survival by response of the other main organs",
        "Does it matter for survival when only another main organ responds?",
        _needs(OS),
        ask_other_organs,
        show_other_organs,
        CHAPTER,
    ),
)
