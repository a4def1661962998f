"""Patients grouped by any column: categories as they are, numbers by their quartiles."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.analyses.parts.table_1 import (
    MOST_LEVELS,
    OUTCOMES,
    given_columns,
    is_flag,
    lesion_count_group,
)
from lesionhet.errors import NotEstimableError
from lesionhet.groups import quantile_groups
from lesionhet.labels import label
from lesionhet.study import Study

OWN_COLUMNS: Final = ("n_lesions", "baseline_sum_mm", "gower")
"""Columns of a study that the input need not have, and that can make groups."""
FEW_NUMBERS: Final = 4
"""A number with no more distinct values is taken as a category."""
FEW_PATIENTS: Final = 10
"""Groups with fewer patients are named: their numbers say little."""


@dataclass(frozen=True, eq=False)
class ColumnGroups:
    """Patients grouped by one column.

    Parameters
    ----------
    column
        Column of ``study.patients``.
    labels
        Group of each patient, on their index; missing where the column is.
    order
        Groups in the order shown.
    ranked
        Whether the groups have an order of size.
    remarks
        How the groups came about, and who is in none.
    """

    column: str
    labels: pd.Series
    order: tuple[str, ...]
    ranked: bool
    remarks: tuple[str, ...]


def grouping_columns(study: Study) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the columns by which patients can be grouped.

    Parameters
    ----------
    study
        Whose patients.

    Returns
    -------
    tuple
        Columns of ``study.patients``: the arm first, those of the input, then `OWN_COLUMNS`, outcomes
        last; and one sentence for each column of the input that makes no groups.
    """
    given = given_columns(study)
    first = ["arm"] if "arm" in given.values() else []
    columns = [*first, *(c for c in given.values() if c not in first), *OWN_COLUMNS]
    found, texts = [], []
    for column in columns:
        if reason := _no_groups(study.patients[column]):
            texts.append(f"{label(column)}: {reason}")
        else:
            found.append(column)
    return tuple(sorted(found, key=lambda column: column in OUTCOMES)), tuple(texts)


def _no_groups(values: pd.Series) -> str:
    distinct = int(values.nunique())
    if distinct == 0:
        return "no patient has a value."
    if distinct == 1:
        return "all patients have the same value."
    if distinct > MOST_LEVELS and not pd.api.types.is_numeric_dtype(values):
        return f"{distinct:,} different texts, more than {MOST_LEVELS} are no groups."
    return ""


def column_groups(study: Study, column: str) -> ColumnGroups:
    """Group patients by a column.

    Parameters
    ----------
    study
        Whose patients.
    column
        One of `grouping_columns`. Texts, flags and numbers of up to 4 values are groups as they are;
        other numbers are cut at their quartiles, the number of lesions as in the paper (1, 2, ≥3), the
        distance at the quantiles of the definitions.

    Raises
    ------
    NotEstimableError
        The column makes no groups; the message says why.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> from lesionhet.study import build_study
    >>> rows = pd.DataFrame({"patient_id": ["A", "A", "B", "B"], "lesion_id": "L",
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> who = pd.DataFrame({"patient_id": ["A", "B"], "sex": ["f", "m"]})
    >>> column_groups(build_study(cohort_from_frames(rows, who)), "sex").order
    ('f', 'm')
    """
    if column not in study.patients:
        raise NotEstimableError(f"Its column is missing: {column}.")
    values = study.patients[column]
    if reason := _no_groups(values):
        raise NotEstimableError(f"By {label(column)}: {reason}")
    labels, order, ranked, remarks = _labelled(study, column, values)
    if column in OUTCOMES:
        times = ", and times count whether censored or not" if column.endswith("_days") else ""
        remarks += (
            f"{label(column)} is an outcome, known only after treatment{times}: read this as "
            "description.",
        )
    if missing := int(labels.isna().sum()):
        noun = "patient" if missing == 1 else "patients"
        remarks += (f"{missing:,} {noun} without a value of {label(column)}: in no group.",)
    return ColumnGroups(column, labels, order, ranked, remarks)


Labelled = tuple[pd.Series, tuple[str, ...], bool, tuple[str, ...]]


def _labelled(study: Study, column: str, values: pd.Series) -> Labelled:
    if column == "n_lesions":
        labels = lesion_count_group(values)
        present = set(labels)
        return labels, tuple(name for name in ("1", "2", "≥3") if name in present), True, ()
    if column == "gower":
        d = study.definitions
        groups = quantile_groups(values, d.low_quantile, d.high_quantile)
        remark = groups.remark("Groups by patient-level distance")
        return groups.labels, groups.order, False, (remark,)
    if not pd.api.types.is_numeric_dtype(values):
        order = study.arms if column == "arm" else tuple(sorted(values.dropna().unique()))
        return values, order, False, ()
    if is_flag(values):
        return values.map({0: "no", 1: "yes"}), ("no", "yes"), False, ()
    if values.nunique() <= FEW_NUMBERS:
        texts = {value: _printed([value])[0] for value in sorted(values.dropna().unique())}
        return values.map(texts), tuple(texts.values()), True, ()
    return _by_quartiles(column, values)


def _by_quartiles(column: str, values: pd.Series) -> Labelled:
    """Cut at the quartiles of type 7; a value at a cut-off belongs below it."""
    known = values.dropna().to_numpy(dtype=float)
    cuts = np.unique(np.quantile(known, [0.25, 0.5, 0.75]))
    place = pd.Series(np.searchsorted(cuts, values.to_numpy(dtype=float)), index=values.index)
    texts = _printed(cuts)
    names = [
        f"≤ {texts[0]}",
        *(f"> {low} to {high}" for low, high in itertools.pairwise(texts)),
        f"> {texts[-1]}",
    ]
    labels = place.map(dict(enumerate(names))).where(values.notna(), None)
    present = set(labels.dropna())
    order = tuple(name for name in names if name in present)
    remark = f"{label(column)}: cut at its quartiles {', '.join(texts)}; a value at a cut-off is below it."
    if len(order) < len(names) or len(cuts) < 3:
        remark += f" Tied values make {len(order)} groups of the four."
    if len(order) < 2:
        raise NotEstimableError(f"{remark} There is nothing to compare.")
    return labels, order, True, (remark,)


def _printed(numbers: Any) -> list[str]:
    """Print numbers with as many digits as keep them apart, 6 or more."""
    texts: list[str] = []
    for digits in range(6, 18):
        texts = [
            np.format_float_positional(x, precision=digits, fractional=False, trim="-")
            for x in numbers
        ]
        if len(set(texts)) == len(texts):
            break
    return texts


def small_groups(group: pd.Series, patient: pd.Series, order: tuple[str, ...]) -> tuple[str, ...]:
    """Name the groups with fewer than `FEW_PATIENTS` patients, one sentence each.

    Examples
    --------
    >>> small_groups(pd.Series(["a", "a"]), pd.Series(["P", "Q"]), ("a",))
    ("'a' has only 2 patients: its numbers say little.",)
    """
    found = patient.groupby(group).nunique()
    sizes = {name: int(found.get(name, 0)) for name in order}
    return tuple(
        f"'{name}' has only {n} patients: its numbers say little."
        for name, n in sizes.items()
        if n < FEW_PATIENTS
    )
