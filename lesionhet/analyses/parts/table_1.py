"""Table 1: characteristics of the patients, overall and by any grouping of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Requests
from lesionhet.labels import format_number
from lesionhet.study import Study

OVERALL: Final = "overall"
BY_GROUP: Final = "by_group"
OUTCOMES: Final = frozenset({"os_days", "os_event", "pfs_days", "pfs_event", "progressed"})
"""Columns known only after treatment: no characteristics of who was treated."""
MOST_LEVELS: Final = 12
"""A text column with more values is no category (a name, a date) and stays out of Table 1."""

Placed = tuple[int, dict[Any, Any]]
"""Number of a column of the table, 0 for all patients, and one row of an answer."""


def lesion_count_group(n_lesions: pd.Series) -> pd.Series:
    """Name the paper's classes of a number of lesions: 1, 2, ≥3."""
    return n_lesions.clip(upper=3).map({1: "1", 2: "2", 3: "≥3"})


def given_columns(study: Study) -> dict[str, str]:
    """Give the columns of the patients table: name in the input -> name in ``study.patients``."""
    names = [str(name) for name in study.cohort.patients.columns if name != "patient_id"]
    return {name: f"{name}_given" if f"{name}_given" in study.patients else name for name in names}


def is_flag(column: pd.Series) -> bool:
    """Say whether a column has no other values than 0 and 1."""
    return pd.api.types.is_numeric_dtype(column) and set(column.dropna().unique()) <= {0, 1}


def characteristics(study: Study, without: Sequence[str] = ("arm",)) -> dict[str, pd.Series]:
    """Give the rows of Table 1 by printed name: numbers as they are, categories as text.

    Parameters
    ----------
    study
        Whose patients.
    without
        Columns of the input that are left away, such as the one that makes the groups.

    Returns
    -------
    dict
        Columns on the index of the study's patients: those of the input with any value, without
        outcomes and texts of more than 12 values; then number of lesions, burden, number of sites.
    """
    columns: dict[str, pd.Series] = {}
    for name, source in given_columns(study).items():
        column = study.patients[source]
        if name in OUTCOMES or name in without or column.notna().sum() == 0:
            continue
        if not pd.api.types.is_numeric_dtype(column):
            if column.nunique() <= MOST_LEVELS:
                columns[name] = column
        elif is_flag(column):
            columns[name] = column.map({0: "no", 1: "yes"})
        else:
            columns[name] = column
    columns["number of lesions"] = lesion_count_group(study.patients["n_lesions"])
    columns["baseline sum of diameters, mm"] = study.patients["baseline_sum_mm"]
    if study.has("site"):
        columns["number of sites"] = lesion_count_group(_sites_of_patient(study))
    return columns


def _sites_of_patient(study: Study) -> pd.Series:
    """Count each patient's sites; missing where no lesion has a site."""
    counts = study.lesions.dropna(subset="site").groupby("patient_id")["site"].nunique()
    return study.patients["patient_id"].map(counts)


def ask_characteristics(
    columns: dict[str, pd.Series],
    groups: tuple[pd.Series, Sequence[str]] | None,
    name: str = BY_GROUP,
) -> Requests:
    """Ask for mean and SD of numbers and counts of categories, overall and by group.

    Parameters
    ----------
    columns
        From `characteristics`.
    groups
        Label of each patient, missing where in none, and the groups in order; None for overall only.
    name
        What the requests by group are called after their number.
    """
    asked: dict[str, Any] = {}
    for number, column in enumerate(columns.values(), start=1):
        asked[f"v{number}.{OVERALL}"] = _ask(column, None, None)
        if groups is None:
            continue
        label, order = groups
        # A group without a single known value has no line of its own.
        there = set(label[column.notna()])
        present = tuple(group for group in order if group in there)
        if present:
            asked[f"v{number}.{name}"] = _ask(column, label, present)
    return asked


def _ask(column: pd.Series, label: pd.Series | None, order: Sequence[str] | None) -> Any:
    if pd.api.types.is_numeric_dtype(column):
        return requests.describe(column, label, order)
    return requests.count(column, label, sorted(column.dropna().unique()), order)


def characteristics_table(
    columns: dict[str, pd.Series],
    patients: int,
    sizes: dict[str, int],
    answers: Answers,
    name: str = BY_GROUP,
) -> pd.DataFrame:
    """Lay the answers out as Table 1: one row a characteristic, one column a group.

    Parameters
    ----------
    columns, answers, name
        What was asked by `ask_characteristics`, and what was answered.
    patients
        Number of all patients.
    sizes
        Group -> its number of patients, in the order shown.
    """
    place = {group: number for number, group in enumerate(sizes, start=1)}
    of_place = [patients, *sizes.values()]
    rows: list[dict[Any, str]] = []
    for number, (heading, column) in enumerate(columns.items(), start=1):
        table = answers[f"v{number}.{OVERALL}"].to_frame()
        placed: list[Placed] = [(0, row) for row in table.to_dict("records")]
        if answer := answers.get(f"v{number}.{name}"):
            by_group = answer.to_frame().to_dict("records")
            placed += [(place[row["group"]], row) for row in by_group if row["group"] in place]
        rows += _number_rows(heading, placed) if "mean" in table else _level_rows(heading, placed)
        if column.isna().any():
            missing = _missing(placed, of_place)
            rows.append({"characteristic": heading, "value": "missing", **missing})
    wide = pd.DataFrame(rows, columns=["characteristic", "value", *range(len(of_place))]).fillna("")
    heads = [f"{group} (n = {n:,})" for group, n in zip([OVERALL, *sizes], of_place, strict=True)]
    return wide.set_axis(["characteristic", "value", *heads], axis=1)


def _missing(placed: list[Placed], of_place: list[int]) -> dict[Any, str]:
    known = {place: int(row["n"]) for place, row in placed}
    return {place: f"{size - known.get(place, 0):,}" for place, size in enumerate(of_place)}


def _number_rows(name: str, placed: list[Placed]) -> list[dict[Any, str]]:
    cells = {
        place: f"{format_number(row['mean'], 2)} ({format_number(row['sd'], 2, '–')})"
        for place, row in placed
    }
    return [{"characteristic": name, "value": "mean (SD)", **cells}]


def _level_rows(name: str, placed: list[Placed]) -> list[dict[Any, str]]:
    rows: dict[str, dict[Any, str]] = {}
    for place, row in placed:
        level = row["level"]
        head = {"characteristic": name, "value": f"{level}, n (%)"}
        rows.setdefault(level, head)[place] = f"{row['count']:,} ({100 * row['share']:.1f}%)"
    return list(rows.values())
