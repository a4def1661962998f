"""Table 1 and the distance by any column of the patients: what a reader asks beyond the ledger."""

from __future__ import annotations

import re
from functools import partial
from typing import Final, Literal

import pandas as pd

from lesionhet.analyses.base import Analysis, Answers, Asked, Requests, Shown
from lesionhet.analyses.chapter_cohort import CHAPTER as COHORT
from lesionhet.analyses.chapter_heterogeneity import CHAPTER as HETEROGENEITY
from lesionhet.analyses.parts.comparison import (
    compare_groups,
    enough_patients,
    group_table,
    of_lesions,
    outliers,
)
from lesionhet.analyses.parts.lesion_comparisons import (
    CLUSTERED,
    INDEPENDENT,
    SIGNIFICANT,
    TESTS,
    ask_clustered,
    with_clustered,
)
from lesionhet.analyses.parts.table_1 import (
    ask_characteristics,
    characteristics,
    characteristics_table,
)
from lesionhet.charts import BoxChart, Palette
from lesionhet.errors import NotEstimableError
from lesionhet.explore.column_groups import ColumnGroups, column_groups, small_groups
from lesionhet.labels import format_p, label
from lesionhet.study import Study

Level = Literal["patient", "lesion"]
SITE: Final = "site"
DISTANCE: Final = "distance"
SAME_AS: Final = {"n_lesions": "number of lesions"}
"""Column -> row of Table 1 that would only repeat the groups."""


def table_1_by(column: str) -> Analysis:
    """Give the analysis "Table 1 by a column".

    Parameters
    ----------
    column
        One of `lesionhet.explore.column_groups.grouping_columns`.

    Examples
    --------
    >>> table_1_by("kras").title
    'Patients by KRAS status'
    """
    return Analysis(
        f"T1-{_slug(column)}",
        f"Patients by {in_words(column)}",
        "Who was treated, and how do the groups differ?",
        (),
        partial(_ask_table, column),
        partial(_show_table, column),
        COHORT,
    )


def distance_by(column: str, level: Level = "patient") -> Analysis:
    """Give the analysis "distance by a column".

    Parameters
    ----------
    column
        One of `lesionhet.explore.column_groups.grouping_columns`, or ``"site"``.
    level
        ``"patient"``: one distance a patient. ``"lesion"``: one a lesion, in the group of its patient;
        a site has this level only.

    Returns
    -------
    Analysis
        Two groups: Mann-Whitney. More: Kruskal-Wallis, Dunn with Bonferroni. Groups with one patient
        are left out and named, as are those with fewer than ten.

    Examples
    --------
    >>> distance_by("arm").id, distance_by("site").title
    ('D-patient-arm', 'Distance by site')
    """
    level = "lesion" if column == SITE else level
    return Analysis(
        f"D-{level}-{_slug(column)}",
        f"Distance by {in_words(column)}",
        "Where are the lesions of one patient most unlike each other?",
        (SITE,) if column == SITE else (),
        partial(_ask_distance, column, level),
        partial(_show_distance, column, level),
        HETEROGENEITY,
    )


def in_words(column: str) -> str:
    """Give the printed label of a column as it stands within a sentence.

    Examples
    --------
    >>> in_words("arm"), in_words("kras")
    ('treatment arm', 'KRAS status')
    """
    text = label(column)
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _slug(column: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", column).strip("-").lower() or "column"


def _rows_and_groups(study: Study, column: str) -> tuple[dict[str, pd.Series], ColumnGroups]:
    groups = column_groups(study, column)
    columns = characteristics(study, without=(column.removesuffix("_given"),))
    return {name: c for name, c in columns.items() if name != SAME_AS.get(column)}, groups


def _ask_table(column: str, study: Study) -> Requests:
    columns, groups = _rows_and_groups(study, column)
    return ask_characteristics(columns, (groups.labels, groups.order))


def _show_table(column: str, study: Study, answers: Answers) -> Shown:
    columns, groups = _rows_and_groups(study, column)
    counts = groups.labels.value_counts()
    sizes = {name: int(counts[name]) for name in groups.order}
    table = characteristics_table(columns, len(study.patients), sizes, answers)
    few = small_groups(groups.labels, study.patients["patient_id"], groups.order)
    return Shown({"table_1": table}, {}, (*groups.remarks, *few))


def _site_groups(study: Study) -> ColumnGroups:
    labels = study.lesions["site_group"]
    known = set(labels[study.lesions["gower"].notna()].dropna())
    order = tuple(site for site in study.sites if site in known)
    remarks: tuple[str, ...] = ()
    if missing := int(labels.isna().sum()):
        remarks = (f"{missing:,} lesions have no site and are in no group.",)
    return ColumnGroups(SITE, labels, order, False, remarks)


def _compared(
    study: Study, column: str, level: Level
) -> tuple[pd.DataFrame, ColumnGroups, tuple[str, ...]]:
    """Give the rows compared with their group, the groups, and what is left out."""
    groups = _site_groups(study) if column == SITE else column_groups(study, column)
    rows = study.patients if level == "patient" else study.lesions
    group = groups.labels
    if level == "lesion" and column != SITE:
        by_patient = groups.labels.set_axis(study.patients["patient_id"])
        group = of_lesions(study, by_patient)
    rows = rows[["patient_id", "gower"]].assign(group=group)
    known = rows["gower"].notna()
    order, texts = enough_patients(rows["group"][known], rows["patient_id"][known], groups.order)
    if len(order) < 2:
        found = ", ".join(map(repr, order)) or "none"
        raise NotEstimableError(
            f"By {label(column)}: two groups or more are needed, found {found}."
        )
    kept = ColumnGroups(column, rows["group"], order, groups.ranked, groups.remarks)
    return rows, kept, texts


def _ask_distance(column: str, level: Level, study: Study) -> Asked:
    rows, groups, _ = _compared(study, column, level)
    given = (DISTANCE, rows["gower"], rows["group"], rows["patient_id"], groups.order)
    return compare_groups(*given) | (ask_clustered(*given) if level == "lesion" else {})


def _show_distance(column: str, level: Level, study: Study, answers: Answers) -> Shown:
    rows, groups, left_out = _compared(study, column, level)
    answer = answers[f"{DISTANCE}_spread"]
    spread = answer.to_frame()
    tables = {"groups": group_table(answer, measure=f"Distance ({level})"), "spread": spread}
    for test in (*TESTS, "dunn"):
        if found := answers.get(f"{DISTANCE}_{test}"):
            table = found.to_frame()
            clustered = answers.get(f"{DISTANCE}_{CLUSTERED}")
            tables[test] = with_clustered(table, clustered) if level == "lesion" else table
    pairs = _significant(groups, answers)
    chart = BoxChart(
        f"Distance by {in_words(column)}",
        f"{level.capitalize()}-level distance, {answer.n:,} {level}s. {_tested(answers)}".strip(),
        spread,
        outliers(rows["gower"], rows["group"], spread),
        groups.order,
        f"Gower distance ({level})",
        label(column),
        palette=_palette(groups),
        pairs=pairs,
    )
    few = small_groups(rows["group"][rows["gower"].notna()], rows["patient_id"], groups.order)
    remarks = (*groups.remarks, *few, *([INDEPENDENT] if level == "lesion" else []))
    return Shown(tables, {"distance": chart}, remarks, left_out)


def _palette(groups: ColumnGroups) -> Palette:
    if groups.column == SITE:
        return "site"
    if groups.column == "arm":
        return "arm"
    return "count" if groups.ranked else "group"


def _significant(groups: ColumnGroups, answers: Answers) -> pd.DataFrame:
    columns = ["group_1", "group_2", "p_value"]
    pairs = pd.DataFrame(columns=columns)
    if dunn := answers.get(f"{DISTANCE}_dunn"):
        table = dunn.to_frame().drop(columns="p_value")
        pairs = table.rename(columns={"p_adjusted": "p_value"})[columns]
    elif test := answers.get(f"{DISTANCE}_mann_whitney"):
        pairs = pd.DataFrame([[*groups.order, test.value("p_value")]], columns=columns)
    return pairs[pairs["p_value"].astype(float) < SIGNIFICANT]


def _tested(answers: Answers) -> str:
    texts = [
        f"{printed} {format_p(answer.value('p_value'))}"
        for test, printed in TESTS.items()
        if (answer := answers.get(f"{DISTANCE}_{test}"))
    ]
    if clustered := answers.get(f"{DISTANCE}_{CLUSTERED}"):
        texts.append(f"clustered {format_p(clustered.value('p_value'))}")
    if dunn := answers.get(f"{DISTANCE}_dunn"):
        p = dunn.to_frame()["p_adjusted"]
        differ = int((p < SIGNIFICANT).sum())
        texts.append(f"{differ} of {len(p)} pairs differ (Dunn, Bonferroni, P < {SIGNIFICANT})")
    return "; ".join(texts) + "." if texts else ""
