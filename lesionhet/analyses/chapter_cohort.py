"""Chapter "Cohort": who was treated with what (Table 1), and how many lesions they have."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Requests, Shown
from lesionhet.charts import HistogramChart
from lesionhet.labels import format_number
from lesionhet.study import Study

CHAPTER: Final = "Cohort"
OVERALL: Final = "overall"
NOT_COVARIATES: Final = frozenset(
    {"patient_id", "arm", "os_days", "os_event", "pfs_days", "pfs_event", "progressed"}
)
MOST_LEVELS: Final = 12
"""A text column with more values is no category (a name, a date) and stays out of Table 1."""
LESION_COUNTS: Final = ("1", "2", "≥3")


def lesion_count_group(n_lesions: pd.Series) -> pd.Series:
    """Name the paper's classes of the number of followed lesions: 1, 2, ≥3."""
    return n_lesions.clip(upper=3).map({1: "1", 2: "2", 3: "≥3"})


def _covariates(study: Study) -> dict[str, pd.Series]:
    """Give the columns of Table 1 by printed name: numbers as they are, categories as text."""
    columns: dict[str, pd.Series] = {}
    for name in study.cohort.patients.columns:
        source = f"{name}_given" if f"{name}_given" in study.patients else name
        column = study.patients[source]
        if name in NOT_COVARIATES or column.notna().sum() == 0:
            continue
        if not pd.api.types.is_numeric_dtype(column):
            if column.nunique() <= MOST_LEVELS:
                columns[name] = column
        elif set(column.dropna().unique()) <= {0, 1}:
            columns[name] = column.map({0: "no", 1: "yes"})
        else:
            columns[name] = column
    columns["number of lesions"] = lesion_count_group(study.patients["n_lesions"])
    columns["baseline sum of diameters, mm"] = study.patients["baseline_sum_mm"]
    if study.has("site"):
        columns["number of sites"] = (
            _sites_of_patient(study).clip(upper=3).map({1: "1", 2: "2", 3: "≥3"})
        )
    return columns


def _sites_of_patient(study: Study) -> pd.Series:
    """Count each patient's sites; missing where no lesion has a site."""
    counts = study.lesions.dropna(subset="site").groupby("patient_id")["site"].nunique()
    return study.patients["patient_id"].map(counts)


def _groupings(study: Study) -> dict[str, tuple[pd.Series | None, tuple[str, ...] | None]]:
    found: dict[str, tuple[pd.Series | None, tuple[str, ...] | None]] = {OVERALL: (None, None)}
    if len(study.arms) > 1:
        found["by_arm"] = (study.patients["arm"], study.arms)
    return found


def ask_table_1(study: Study) -> Requests:
    """Ask for mean and SD of numbers and counts of categories, overall and by arm."""
    asked: dict[str, Any] = {}
    for number, column in enumerate(_covariates(study).values(), start=1):
        numeric = pd.api.types.is_numeric_dtype(column)
        levels = None if numeric else sorted(column.dropna().unique())
        for grouping, (group, order) in _groupings(study).items():
            known = column.notna() if group is None else column.notna() & group.notna()
            # An arm without a single known value has no line of its own.
            present = None
            if group is not None and order is not None:
                present = tuple(arm for arm in order if (group[known] == arm).any())
            if numeric:
                request: Any = requests.describe(column, group, present)
            else:
                request = requests.count(column, group, levels, present)
            asked[f"v{number}.{grouping}"] = request
    return asked


def show_table_1(study: Study, answers: Answers) -> Shown:
    """Lay the answers out as Table 1: one row a characteristic, one column a group."""
    columns = _covariates(study)
    sizes = {OVERALL: len(study.patients)}
    for arm in study.arms if len(study.arms) > 1 else ():
        sizes[arm] = int((study.patients["arm"] == arm).sum())
    rows = []
    for number, (name, column) in enumerate(columns.items(), start=1):
        found = [answers[f"v{number}.{grouping}"].to_frame() for grouping in _groupings(study)]
        table = pd.concat(found, ignore_index=True).replace({"group": {"all": OVERALL}})
        rows += _number_rows(name, table) if "mean" in table else _level_rows(name, table)
        if missing := int(column.isna().sum()):
            rows.append({"characteristic": name, "value": "missing", OVERALL: f"{missing:,}"})
    wide = pd.DataFrame(rows, columns=["characteristic", "value", *sizes]).fillna("")
    wide = wide.rename(columns={name: f"{name} (n = {n:,})" for name, n in sizes.items()})
    left_out = () if study.has("arm") else ("By arm left out: column arm is missing.",)
    return Shown({"table_1": wide}, left_out=left_out)


def _number_rows(name: str, table: pd.DataFrame) -> list[dict[str, str]]:
    cells = {
        row.group: f"{format_number(row.mean, 2)} ({format_number(row.sd, 2, '–')})"
        for row in table.itertuples()
    }
    return [{"characteristic": name, "value": "mean (SD)", **cells}]


def _level_rows(name: str, table: pd.DataFrame) -> list[dict[str, str]]:
    rows = []
    for level, part in table.groupby("level", sort=False):
        cells = {row.group: f"{row.count:,} ({100 * row.share:.1f}%)" for row in part.itertuples()}
        rows.append({"characteristic": name, "value": f"{level}, n (%)", **cells})
    return rows


def ask_lesion_counts(study: Study) -> Requests:
    """Ask for the distribution of lesions per patient, and of lesions per site."""
    n_lesions = study.patients["n_lesions"]
    asked: dict[str, Any] = {
        "per_patient": requests.describe(n_lesions),
        "classes": requests.count(lesion_count_group(n_lesions), level_order=LESION_COUNTS),
    }
    if study.sites:
        asked["sites"] = requests.count(study.lesions["site_group"], level_order=study.sites)
    return asked


def show_lesion_counts(study: Study, answers: Answers) -> Shown:
    """Show a histogram and the counts."""
    per_patient = answers["per_patient"].to_frame()
    counts = study.patients["n_lesions"].value_counts().sort_index()
    bins = pd.DataFrame(
        {
            "panel": "Followed lesions per patient",
            "left": counts.index - 0.5,
            "right": counts.index + 0.5,
            "count": counts.to_numpy(),
        }
    )
    median = float(per_patient["median"].iloc[0])
    marks = pd.DataFrame(
        {
            "panel": ["Followed lesions per patient"],
            "value": [median],
            "label": [f"median {median:g}"],
        }
    )
    low, high = per_patient["minimum"].iloc[0], per_patient["maximum"].iloc[0]
    chart = HistogramChart(
        "Lesions per patient",
        f"{len(study.lesions):,} followed lesions of {len(study.patients):,} patients: "
        f"median {median:g}, range {low:g} to {high:g}.",
        bins,
        marks,
        ("Followed lesions per patient",),
        "Patients",
    )
    tables = {"per_patient": per_patient, "classes": answers["classes"].to_frame()}
    left_out: tuple[str, ...] = ()
    if "sites" in answers:
        tables["sites"] = answers["sites"].to_frame()
    else:
        left_out = ("Lesions by site left out: column site is missing.",)
    return Shown(tables, {"lesions_per_patient": chart}, left_out=left_out)


ANALYSES: Final = (
    Analysis(
        "T1",
        "Patients",
        "Who was treated, and with what?",
        (),
        ask_table_1,
        show_table_1,
        CHAPTER,
    ),
    Analysis(
        "T1c",
        "Lesions per patient",
        "How many lesions of each patient are followed, and where?",
        (),
        ask_lesion_counts,
        show_lesion_counts,
        CHAPTER,
    ),
)
