"""NOISE-4: the distance by number of lesions, number of scans and length of follow-up."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import outliers, tried
from lesionhet.analyses.reviewer.noise_null import under_noise
from lesionhet.analyses.reviewer.noise_tables import number_class
from lesionhet.charts import BoxChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_number, format_p
from lesionhet.requests.noise import NUMBER_CLASSES, SCAN_CLASSES
from lesionhet.study import Study

MEASURES: Final = {
    "n_lesions": "number of lesions",
    "n_scans": "number of scans",
    "followed_days": "days of follow-up",
}
KINDS: Final = {"distance": "observed", "expected_distance": "noise", "excess": "excess"}
SIGNIFICANT: Final = 0.05
DAYS: Final = (112, 224, 336)
"""Follow-up is tabled up to these days, and beyond."""


def ask_extent(study: Study) -> Asked:
    """Ask for the correlations of distance and of its excess over noise, and for both by class."""
    table = under_noise(study)
    asked: dict[str, Any] = {}
    for measure in MEASURES:
        for kind in ("distance", "excess"):
            asked[f"{measure}_{kind}_kendall"] = tried(
                requests.kendall, table[kind], table[measure]
            )
    for measure, (groups, order) in _classes(table).items():
        for kind in KINDS:
            asked[f"{measure}_{kind}"] = requests.describe(table[kind], groups, order)
    return asked


def _classes(table: pd.DataFrame) -> dict[str, tuple[pd.Series, list[str]]]:
    """Give the class of each patient by each measure, and the classes that there are."""
    scans = {low: scan_class_name(low, high) for low, high in SCAN_CLASSES}
    lows = np.array(list(scans))
    place = np.searchsorted(lows, table["n_scans"], side="right") - 1
    ends = [f"up to {DAYS[0]} days"]
    ends += [f"{a + 1}-{b} days" for a, b in pairwise(DAYS)]
    ends += [f"over {DAYS[-1]} days"]
    days = np.searchsorted(DAYS, table["followed_days"], side="left")
    named = {
        "n_lesions": (number_class(table["n_lesions"]), list(NUMBER_CLASSES)),
        "n_scans": (_named(list(scans.values()), place), list(scans.values())),
        "followed_days": (_named(ends, days), ends),
    }
    return {
        measure: (groups, [name for name in order if (groups == name).any()])
        for measure, (groups, order) in named.items()
    }


def scan_class_name(low: int, high: int | None) -> str:
    """Name a class of patients by their number of scans.

    Examples
    --------
    >>> scan_class_name(1, 1), scan_class_name(3, 4), scan_class_name(9, None)
    ('1 scan', '3-4 scans', '9 scans or more')
    """
    if low == high:
        return "1 scan" if low == 1 else f"{low} scans"
    return f"{low} scans or more" if high is None else f"{low}-{high} scans"


def _named(names: list[str], place: Any) -> pd.Series:
    return pd.Series([names[p] for p in place], dtype=object)


def show_extent(study: Study, answers: Answers) -> Shown:
    """Show distance and excess by class, and their correlations with what they rest on."""
    table = under_noise(study)
    tests = _tests(answers)
    if tests.empty:
        raise NotEstimableError("No correlation has an answer.")
    by_class = pd.concat([_by_class(answers, measure) for measure in MEASURES], ignore_index=True)
    charts = {measure: _chart(table, answers, measure) for measure in ("n_lesions", "n_scans")}
    remarks = (
        "Patients with two lesions or more. Expected: the mean distance where the lesions of a patient are "
        "alike but for measurement error (NOISE-1). Excess: observed less expected, patient by patient.",
        "If the distance rises or falls with the number of lesions or scans and what noise gives does so "
        "as well, it is in part a measure of how much was measured, and patients with few and with many "
        "scans should not be compared by it.",
    )
    return Shown(
        {"kendall": tests, "by_class": by_class},
        charts,
        remarks,
        verdict=extent_verdict(tests),
    )


def extent_verdict(tests: pd.DataFrame) -> str:
    """Say on which of the three the distance depends, and on which what is beyond noise does.

    Examples
    --------
    >>> names = ["measure", "tau", "p_value", "excess_tau", "excess_p_value"]
    >>> told = extent_verdict(pd.DataFrame([("scans", -0.1, 0.01, 0.12, 0.02)], columns=names))
    >>> told.partition(", beyond")[2]
    ' noise it rises (tau 0.12, P = 0.020).'
    """
    told = []
    for row in tests.itertuples():
        whole, excess = _move(row.tau, row.p_value), _move(row.excess_tau, row.excess_p_value)
        told.append(
            f"{whole} with the {row.measure} {_numbers(row.tau, row.p_value)}, beyond noise it {excess} "
            f"{_numbers(row.excess_tau, row.excess_p_value)}"
        )
    head = "Yes" if (tests["p_value"] < SIGNIFICANT).any() else "Not clearly"
    return f"{head}: the distance {'; '.join(told)}."


def _move(tau: float, p_value: float) -> str:
    if not p_value < SIGNIFICANT:
        return "does not clearly change"
    return "rises" if tau > 0 else "falls"


def _numbers(tau: float, p_value: float) -> str:
    return f"(tau {format_number(tau)}, {format_p(p_value)})"


def _tests(answers: Answers) -> pd.DataFrame:
    rows = []
    for measure, name in MEASURES.items():
        found = {kind: answers.get(f"{measure}_{kind}_kendall") for kind in ("distance", "excess")}
        if found["distance"] is None or found["excess"] is None:
            continue
        observed, excess = found["distance"], found["excess"]
        rows.append(
            {
                "measure": name,
                "n": observed.n,
                "tau": observed.value("estimate"),
                "p_value": observed.value("p_value"),
                "excess_tau": excess.value("estimate"),
                "excess_p_value": excess.value("p_value"),
            }
        )
    return pd.DataFrame(rows)


def _by_class(answers: Answers, measure: str) -> pd.DataFrame:
    parts = {kind: answers[f"{measure}_{kind}"].to_frame().set_index("group") for kind in KINDS}
    table = pd.DataFrame(
        {
            "n": parts["distance"]["n"],
            **{kind: part["mean"] for kind, part in parts.items()},
            "sd": parts["distance"]["sd"],
        }
    )
    table = table.rename_axis("patients_with").reset_index()
    table.insert(0, "by", MEASURES[measure])
    return table


def _chart(table: pd.DataFrame, answers: Answers, measure: str) -> BoxChart:
    """Draw observed distances beside those expected from noise, class by class."""
    groups, order = _classes(table)[measure]
    unit = "scans" if measure == "n_scans" else "lesions"
    boxes, points, names = [], [], []
    for group in order:
        for kind in ("distance", "expected_distance"):
            number = group.replace(f" {unit}", "").replace(f" {unit[:-1]}", "")
            name = f"{number}, {KINDS[kind]}"
            names.append(name)
            spread = answers[f"{measure}_{kind}"].to_frame()
            box = spread[spread["group"] == group].assign(group=name)
            boxes.append(box)
            own = table.loc[groups == group, kind]
            points.append(outliers(own, pd.Series(name, index=own.index), box))
    colors = {name: int(name.endswith(KINDS["expected_distance"])) for name in names}
    return BoxChart(
        f"Distance by {MEASURES[measure]}, observed and from noise",
        f"Patient-level distance by {MEASURES[measure]}: observed, and expected where lesions are alike but "
        f"for measurement error; {len(table):,} patients with two lesions or more.",
        pd.concat(boxes, ignore_index=True),
        pd.concat(points, ignore_index=True),
        tuple(names),
        "Gower distance (patient)",
        f"{unit.capitalize()}{' after baseline' if unit == 'scans' else ''}",
        colors=colors,
    )
