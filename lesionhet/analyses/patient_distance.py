"""The patient-level distance of one side of a contrast against the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Shown
from lesionhet.analyses.parts.comparison import (
    compare_groups,
    contrast_groups,
    group_table,
    need_patients,
    tried,
)
from lesionhet.analyses.parts.survival_groups import by_id
from lesionhet.charts import MedianChart
from lesionhet.labels import format_p
from lesionhet.plan import Contrast
from lesionhet.study import Study


def absent_arms(study: Study, *wanted: Sequence[str]) -> tuple[str, ...]:
    """Say which arms of a plan the cohort does not have; empty where it has all."""
    there = {arm.casefold() for arm in study.arms}
    names = dict.fromkeys(arm for arms in wanted for arm in arms if arm.casefold() not in there)
    if not names:
        return ()
    return (f"The cohort has no patients of: {', '.join(names)}.",)


def _sides(study: Study, contrast: Contrast) -> tuple[pd.Series, tuple[str, ...]]:
    by_patient, order = contrast_groups(study, contrast)
    return by_id(study, by_patient), order


def ask_distance(contrast: Contrast, study: Study) -> dict[str, Any]:
    """Ask for the medians with their intervals, the spread and the test of the two sides."""
    group, order = _sides(study, contrast)
    distance, patient = study.patients["gower"], study.patients["patient_id"]
    known = distance.notna()
    need_patients(group[known], patient[known], order)
    level = study.definitions.conf_level
    return {
        "distance_medians": tried(requests.median_interval, distance, group, order, level),
        **compare_groups("distance", distance, group, patient, order),
    }


def show_distance(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show the medians with their intervals and the table of the two groups."""
    medians = answers["distance_medians"].to_frame()
    test = answers.get("distance_mann_whitney")
    p_text = f"Mann-Whitney {format_p(test.value('p_value'))}" if test else ""
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in medians.itertuples())
    caption = f"Median of the patients and {study.definitions.conf_level:.0%} interval: {sizes}."
    chart = MedianChart(
        "Distance by treatment",
        f"{caption} {p_text}." if p_text else caption,
        medians,
        tuple(medians["group"]),
        "Gower distance (patient)",
        p_text,
    )
    spread = answers["distance_spread"]
    tables = {
        "groups": group_table(spread, measure="Distance (patient)"),
        "medians": medians,
        "spread": spread.to_frame(),
    }
    if test:
        tables["mann_whitney"] = test.to_frame()
    remarks = absent_arms(study, contrast.treated, contrast.control)
    return Shown(tables, {"distance_by_treatment": chart}, remarks)
