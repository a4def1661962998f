"""Chapter "Cohort": who was treated with what (Table 1), and how many lesions they have."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Requests, Shown
from lesionhet.analyses.parts.table_1 import (
    ask_characteristics,
    characteristics,
    characteristics_table,
    lesion_count_group,
)
from lesionhet.charts import HistogramChart
from lesionhet.study import Study

CHAPTER: Final = "Cohort"
BY_ARM: Final = "by_arm"
LESION_COUNTS: Final = ("1", "2", "≥3")


def _by_arm(study: Study) -> tuple[pd.Series, tuple[str, ...]] | None:
    return (study.patients["arm"], study.arms) if len(study.arms) > 1 else None


def ask_table_1(study: Study) -> Requests:
    """Ask for mean and SD of numbers and counts of categories, overall and by arm."""
    return ask_characteristics(characteristics(study), _by_arm(study), BY_ARM)


def show_table_1(study: Study, answers: Answers) -> Shown:
    """Lay the answers out as Table 1: one row a characteristic, one column an arm."""
    arms = study.arms if len(study.arms) > 1 else ()
    sizes = {arm: int((study.patients["arm"] == arm).sum()) for arm in arms}
    columns = characteristics(study)
    table = characteristics_table(columns, len(study.patients), sizes, answers, BY_ARM)
    left_out = () if study.has("arm") else ("By arm left out: column arm is missing.",)
    return Shown({"table_1": table}, left_out=left_out)


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
