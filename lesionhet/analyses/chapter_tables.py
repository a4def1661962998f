"""Counts by arm for the chapter "Cohort", and the chapter "Supplementary tables"."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Shown, Tried
from lesionhet.analyses.chapter_cohort import CHAPTER as COHORT
from lesionhet.analyses.contrast_lesions import absent_organs
from lesionhet.analyses.parts.comparison import (
    contrast_groups,
    group_table,
    main_organs,
    marker_groups,
    of_lesions,
    tried,
)
from lesionhet.analyses.parts.endpoints import OS, PFS
from lesionhet.analyses.parts.measures import DISTANCE, DURATIONS, RATIOS, Measure
from lesionhet.analyses.patient_distance import absent_arms
from lesionhet.errors import NotEstimableError
from lesionhet.once import once_per_object
from lesionhet.plan import Contrast, Plan
from lesionhet.study import Study

CHAPTER: Final = "Supplementary tables"
KNOWN, UNKNOWN = "known", "missing"
OTHER: Final = "other sites"
MEASURES: Final = (*RATIOS, *DURATIONS, DISTANCE)


def ask_arms(study: Study) -> Asked:
    """Ask how many patients each arm has, and for how many OS and PFS are known."""
    if not study.arms:
        raise NotEstimableError("No patient has an arm.")
    arm = study.patients["arm"]
    asked: dict[str, Any] = {"patients": requests.count(arm, level_order=study.arms)}
    for endpoint in (OS, PFS):
        if study.has(endpoint.time, endpoint.event):
            known = study.patients[[endpoint.time, endpoint.event]].notna().all(axis=1)
            labels = known.map({True: KNOWN, False: UNKNOWN})
            levels = (KNOWN, UNKNOWN)
            asked[endpoint.name] = requests.count(labels, arm, levels, study.arms)
    return asked


def show_arms(study: Study, answers: Answers) -> Shown:
    """Show one row an arm."""
    patients = answers["patients"].to_frame()
    table = pd.DataFrame({"arm": patients["level"], "patients": patients["count"]})
    tables, left_out = {}, []
    for endpoint in (OS, PFS):
        if missing := study.missing([endpoint.time, endpoint.event]):
            left_out.append(f"{endpoint.label} left out: {', '.join(missing)} missing.")
            continue
        rows = answers[endpoint.name].to_frame()
        tables[endpoint.name] = rows
        known = rows[rows["level"] == KNOWN].set_index("group")["count"]
        table[f"with {endpoint.name.upper()}"] = table["arm"].map(known)
    without = int(study.patients["arm"].isna().sum())
    noun = "patient has" if without == 1 else "patients have"
    remarks = (f"{without:,} {noun} no arm.",) if without else ()
    return Shown({"arms": table, **tables}, {}, remarks, tuple(left_out))


def _contrasts(study: Study) -> tuple[Contrast, ...]:
    """Give every contrast of the plan, that of all targeted arms last, each pair of sides once."""
    plan = study.plan
    found = {
        (frozenset(c.treated), frozenset(c.control)): c
        for c in (*plan.contrasts[::-1], plan.targeted)[::-1]
        if c is not None
    }
    return tuple(found.values())[::-1]


def ask_organ_counts(study: Study) -> Asked:
    """Ask how many lesions of each side of each contrast are in the main organs."""
    organs = main_organs(study)
    site = study.lesions["site"]
    level = site.where(site.isna() | site.isin(organs), OTHER)
    asked = {}
    for number, contrast in enumerate(_contrasts(study), start=1):
        asked[f"lesions_{number}"] = _tried_sides(study, contrast, level, (*organs, OTHER))
    return asked


def _tried_sides(
    study: Study, contrast: Contrast, level: pd.Series, levels: tuple[str, ...]
) -> Tried:
    try:
        by_patient, order = contrast_groups(study, contrast)
    except NotEstimableError as error:
        return Tried(None, f"{contrast.name}: {error}")
    return tried(requests.count, level, of_lesions(study, by_patient), levels, order)


def show_organ_counts(study: Study, answers: Answers) -> Shown:
    """Show one row an organ and side."""
    rows, arms = [], []
    for number, contrast in enumerate(_contrasts(study), start=1):
        if answer := answers.get(f"lesions_{number}"):
            table = answer.to_frame().rename(columns={"level": "organ"})
            rows.append(table.assign(contrast=contrast.name)[["contrast", *table.columns]])
            arms += [contrast.treated, contrast.control]
    table = pd.concat(rows, ignore_index=True)
    without = int(study.lesions["site"].isna().sum())
    remarks = [*absent_arms(study, *arms), *absent_organs(study)]
    if without:
        remarks.append(f"{without:,} lesions have no site and are left out.")
    return Shown({"lesions": table}, {}, tuple(remarks))


Grouping = tuple[str, "pd.Series[Any]", tuple[str, ...]]


def _crossed(study: Study, group: pd.Series, order: tuple[str, ...], what: str) -> Grouping:
    """Cross the main organs with a grouping of lesions."""
    organs = main_organs(study)
    site = study.lesions["site"]
    both = (site + ", " + group.astype(object)).where(site.isin(organs) & group.notna())
    return what, both, tuple(f"{organ}, {name}" for organ in organs for name in order)


@once_per_object
def _groupings(study: Study) -> tuple[tuple[Grouping, ...], tuple[str, ...]]:
    """Give every grouping of lesions that the cohort permits, and the reasons of the others."""
    makers: list[tuple[str, Any]] = [("site", lambda: _by_site(study))]
    for contrast in _contrasts(study):
        makers.append((contrast.name, lambda c=contrast: _by_contrast(study, c)))
        makers.append(
            (
                f"organ and {contrast.name}",
                lambda c=contrast: _crossed(study, *_by_contrast(study, c)[1:], f"organ, {c.name}"),
            )
        )
    if study.plan.marker is not None:
        makers.append((f"organ and {study.plan.marker.name}", lambda: _by_marker(study)))
    found, texts = [], []
    for what, make in makers:
        try:
            found.append(make())
        except NotEstimableError as error:
            texts.append(f"By {what} left out: {error}")
    return tuple(found), tuple(texts)


def _by_site(study: Study) -> Grouping:
    if not study.has("site"):
        raise NotEstimableError("Its column is missing: site.")
    return "site", study.lesions["site_group"], study.sites


def _by_contrast(study: Study, contrast: Contrast) -> Grouping:
    if not study.has("arm"):
        raise NotEstimableError("Its column is missing: arm.")
    by_patient, order = contrast_groups(study, contrast)
    return contrast.name, of_lesions(study, by_patient), order


def _by_marker(study: Study) -> Grouping:
    marker = study.plan.marker
    if marker is None:
        raise NotEstimableError("The plan has no marker.")
    by_patient, order = marker_groups(study, marker)
    return _crossed(study, of_lesions(study, by_patient), order, f"organ, {marker.name}")


def _with_lesions(study: Study, column: str, grouping: Grouping) -> tuple[str, ...]:
    _, group, order = grouping
    known = study.lesions[column].notna().to_numpy()
    present = set(pd.unique(np.asarray(group, dtype=object)[known]))
    return tuple(name for name in order if name in present)


@once_per_object
def _each(study: Study) -> tuple[tuple[Grouping, Measure, tuple[str, ...]], ...]:
    """Give every grouping with every measure, and the groups that have lesions with a value."""
    groupings, _ = _groupings(study)
    return tuple((g, m, _with_lesions(study, m.column, g)) for g in groupings for m in MEASURES)


def ask_tables(study: Study) -> Asked:
    """Ask for the spread of every measure in every group of lesions.

    Raises
    ------
    NotEstimableError
        The cohort has no grouping at all.
    """
    groupings, texts = _groupings(study)
    if not groupings:
        raise NotEstimableError(" ".join(texts))
    asked = {}
    for (what, group, _), measure, present in _each(study):
        values = study.lesions[measure.column]
        asked[f"{measure.column}, {what}"] = tried(requests.describe, values, group, present)
    return asked


def show_tables(study: Study, answers: Answers) -> Shown:
    """Show n, mean (SD) and median (IQR) of every group, and the same as numbers."""
    _, given = _groupings(study)
    texts, printed, numbers = list(given), [], []
    for (what, _, order), measure, present in _each(study):
        if (answer := answers.get(f"{measure.column}, {what}")) is None:
            continue
        heads = {"measure": measure.label, "groups": what}
        printed.append(group_table(answer, **heads))
        numbers.append(pd.DataFrame({**heads, **answer.tables["summary"]}))
        texts += [f"{what}: no lesions in '{name}'." for name in order if name not in present]
    tables = {
        "groups": pd.concat(printed, ignore_index=True),
        "spread": pd.concat(numbers, ignore_index=True),
    }
    remark = "Each lesion counts once, as published: a patient with ten lesions counts ten times."
    return Shown(tables, {}, (remark,), tuple(dict.fromkeys(texts)))


def cohort_analyses(plan: Plan) -> tuple[Analysis, ...]:
    """Give the counts by arm and organ that belong to the chapter "Cohort".

    Parameters
    ----------
    plan
        Without contrasts the lesions by organ and side are absent.
    """
    arms = Analysis(
        "T1b",
        "Patients by arm",
        "How many patients does each arm have, and for how many is survival known?",
        ("arm",),
        ask_arms,
        show_arms,
        COHORT,
    )
    if not plan.contrasts and plan.targeted is None:
        return (arms,)
    return (
        arms,
        Analysis(
            "T1d",
            "Lesions in the main organs",
            "How many lesions of each group are in the main organs?",
            ("arm", "site"),
            ask_organ_counts,
            show_organ_counts,
            COHORT,
        ),
    )


def analyses(plan: Plan) -> tuple[Analysis, ...]:
    """Give the supplementary tables, the last chapter.

    Examples
    --------
    >>> from lesionhet.plan import load_plan
    >>> [analysis.id for analysis in analyses(load_plan())]
    ['S-T']
    """
    return (
        Analysis(
            "S-T",
            "Tables of every group",
            "What are mean, SD, median and IQR of each measure in each group of lesions?",
            (),
            ask_tables,
            show_tables,
            CHAPTER,
        ),
    )
