"""Whether measures rank patients alike, and whether the lesions of one patient respond alike."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.reviewer.measures_found import WHOLE, known_at
from lesionhet.charts import MatrixChart, MedianChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_number, format_percent
from lesionhet.measures.assessed import assessed_lesions, places_of
from lesionhet.measures.catalogue import (
    DISTANCE,
    MEASURES,
    MOMENT_NAMES,
    MOMENTS,
    compared,
    label_of,
)
from lesionhet.once import once_per_object
from lesionhet.study import Study

FEWEST: Final = 30
"""Patients with two lesions or more whom a group needs: with fewer an interval says next to nothing."""
SMALLEST_MM: Final = 1.0
"""What a lesion of 0 mm counts as in a log ratio."""
ALL_LESIONS: Final = "all lesions"
GROUPS: Final = {"arm": "Arm", "site": "Site"}


def comparable(
    table: pd.DataFrame, moment: str, fewest: int = 1
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Give the measures that are set side by side, and why others cannot be.

    Parameters
    ----------
    table
        As `lesionhet.analyses.reviewer.measures_found.known_at` gives it.
    moment
        ``"best"`` or ``"last"``.
    fewest
        Patients that a yes-or-no measure must have on each side.

    Returns
    -------
    tuple
        The patients who have all measures, under their printed names; and measure -> why it is left out:
        nobody has it, it is the same in all of these patients, or too few have or lack it.
    """
    names = compared(moment)
    known = table[list(names)].rename(columns=names)
    empty = [name for name in known if known[name].isna().all()]
    complete = known.drop(columns=empty).dropna()
    flags = {m.label for m in MEASURES if m.flag}
    lost = dict.fromkeys(empty, "no patient has it")
    for name in complete:
        yes, n = int(complete[name].sum()) if name in flags else 0, len(complete)
        if name in flags and min(yes, n - yes) < fewest:
            lost[name] = f"{yes:,} of {n:,} patients"
        elif complete[name].nunique() < 2:
            lost[name] = f"the same in all of {n:,} patients"
    return complete.drop(columns=[name for name in lost if name in complete]), lost


def ask_correlations(study: Study) -> Asked:
    """Ask for the rank correlations of the measures at the best response and at the last scan."""
    table = known_at(study, WHOLE)
    return {moment: tried(_correlations, table, moment) for moment in MOMENTS}


def _correlations(table: pd.DataFrame, moment: str) -> Any:
    known, lost = comparable(table, moment)
    if known.shape[1] < 2:
        raise NotEstimableError(f"Fewer than two measures can be compared; {len(lost)} left out.")
    return requests.rank_correlations(known)


def show_correlations(study: Study, answers: Answers) -> Shown:
    """Show the correlations as a triangle for each moment, and those of the distance as a table."""
    table = known_at(study, WHOLE)
    tables: dict[str, pd.DataFrame] = {}
    charts = {}
    with_distance = {}
    left_out: tuple[str, ...] = ()
    for moment in (m for m in MOMENTS if m in answers):
        pairs = answers[moment].to_frame()
        known, lost = comparable(table, moment)
        left_out += tuple(f"{name}, {MOMENT_NAMES[moment]}: {why}." for name, why in lost.items())
        charts[moment] = MatrixChart(
            f"Rank correlations of the measures, {MOMENT_NAMES[moment]}",
            f"Spearman's rank correlation of {int(pairs['n'].iloc[0]):,} patients, whole follow-up. The "
            "numbers below the columns are those before the names.",
            pairs.rename(columns={"row_1": "row", "row_2": "column", "estimate": "value"}),
            tuple(known.columns),
            "Spearman's rho",
        )
        with_distance[moment] = _with_distance(pairs)
        tables[f"all_pairs_{moment}"] = pairs.rename(
            columns={"row_1": "measure", "row_2": "other_measure", "estimate": "rho"}
        )
    if not charts:
        raise NotEstimableError("No two measures can be correlated.")
    names = {moment: MOMENT_NAMES[moment].replace(" ", "_") for moment in with_distance}
    beside = pd.DataFrame({names[m]: rho for m, rho in with_distance.items()})
    tables = {"with_the_distance": beside.reset_index(names="measure"), **tables}
    remarks = (
        "Spearman's rho of the patients who have all measures. 1: two measures rank the patients in the "
        "same order; 0: they have nothing to do with each other.",
        "Measures without a moment in their definition (distance, inconsistent lesions, entropy, "
        "Gini-Simpson) are those of the whole follow-up in both figures.",
    )
    return Shown(tables, charts, remarks, left_out, _alike(answers))


def _with_distance(pairs: pd.DataFrame) -> pd.Series:
    name = label_of(DISTANCE)
    of_first = pairs[pairs["row_1"] == name].set_index("row_2")["estimate"]
    of_second = pairs[pairs["row_2"] == name].set_index("row_1")["estimate"]
    return pd.concat([of_first, of_second])


def _alike(answers: Answers) -> str:
    moment = next(m for m in MOMENTS if m in answers)
    pairs = answers[moment].to_frame()
    rho = _with_distance(pairs).dropna()
    if rho.empty:
        return "Cannot be said here: the distance is the same in every patient."
    closest, farthest = rho.idxmax(), rho.abs().idxmin()
    middle = float(pairs["estimate"].median())
    head = "Largely" if middle >= 0.7 else ("In part" if middle >= 0.3 else "Hardly")
    return (
        f"{head}: at the {MOMENT_NAMES[moment]} the middle correlation of two measures is "
        f"{format_number(middle)}; the distance is closest to '{closest}' ({format_number(rho.max())}) and "
        f"has least to do with '{farthest}' ({format_number(float(rho[farthest]))})."
    )


@once_per_object
def log_ratios(study: Study) -> dict[str, pd.DataFrame]:
    """Give the log ratio of each lesion to its baseline at its patient's best and last assessment.

    Returns
    -------
    dict
        Moment -> ``patient_id, site, arm`` (where the input has them), ``log_ratio``, ``gone`` (whether
        the lesion had 0 mm, which counts as 1 mm).
    """
    assessed = assessed_lesions(study.cohort, study.definitions)
    places = places_of(assessed)
    found = {}
    for moment in MOMENTS:
        rows = assessed[assessed["place"] == assessed["patient_id"].map(places[moment])]
        size = rows["size_mm"].where(rows["size_mm"] > 0, SMALLEST_MM)
        rows = rows.assign(log_ratio=np.log(size / rows["baseline_mm"]), gone=rows["size_mm"] == 0)
        if "arm" in study.cohort.columns:
            arm = study.cohort.patients.set_index("patient_id")["arm"]
            rows["arm"] = rows["patient_id"].map(arm)
        if "site_group" in study.lesions:
            key = ["patient_id", "lesion_id"]
            groups = study.lesions.set_index(key)["site_group"]
            rows["site"] = groups.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy()
        found[moment] = rows
    return found


def ask_intraclass(study: Study) -> Asked:
    """Ask for the intraclass correlation of log ratios: all lesions, by arm, by site."""
    level = study.definitions.conf_level
    asked: dict[str, Any] = {}
    for moment, rows in log_ratios(study).items():
        values, patient = rows["log_ratio"], rows["patient_id"]
        whole = pd.Series(ALL_LESIONS, index=rows.index)
        asked[moment] = tried(requests.intraclass, values, patient, whole, None, level)
        for by, order in _orders(study).items():
            there = _with_two(rows, by)
            kept = [name for name in order if there[name] >= FEWEST]
            if kept:
                asked[f"{moment}_by_{by}"] = tried(
                    requests.intraclass, values, patient, rows[by], kept, level
                )
    return asked


def _orders(study: Study) -> dict[str, tuple[str, ...]]:
    """Give the groups by which the lesions can be split."""
    return {by: order for by, order in (("arm", study.arms), ("site", study.sites)) if order}


def _with_two(rows: pd.DataFrame, by: str) -> Counter[str]:
    """Count the patients with two lesions or more in each group."""
    lesions = rows.groupby([by, "patient_id"]).size()
    return Counter(lesions.index.get_level_values(by)[lesions >= 2])


def show_intraclass(study: Study, answers: Answers) -> Shown:
    """Show the intraclass correlations side by side."""
    parts = []
    for name, answer in answers.items():
        moment, _, by = name.partition("_by_")
        names = {"clusters": "patients", "between": "between_variance", "within": "within_variance"}
        rows = answer.to_frame().rename(columns=names)
        rows.insert(0, "moment", MOMENT_NAMES[moment])
        rows.insert(1, "split_by", GROUPS.get(by, "Nothing"))
        parts.append(rows)
    if not parts:
        raise NotEstimableError("No patient has two lesions whose sizes can be compared.")
    table = pd.concat(parts, ignore_index=True)
    kept = ["moment", "split_by", "group", "patients", "n", "estimate", "conf_low", "conf_high"]
    ratios = log_ratios(study)
    gone = {m: int(rows["gone"].sum()) for m, rows in ratios.items()}
    few = [
        f"{name} ({n:,})"
        for by, order in _orders(study).items()
        for there in (_with_two(ratios["best"], by),)
        for name in order
        if (n := there[name]) < FEWEST
    ]
    needed = f"{FEWEST} patients or more with two lesions are needed"
    left_out = (f"Not by {', '.join(few)}: {needed}.",) if few else ()
    remarks = (
        "ICC = variance between patients / (variance between + within patients) of the log of size / "
        "baseline. 1: the lesions of a patient all respond alike; 0: as differently as lesions of "
        "different patients. An estimate below 0 means no likeness.",
        f"A lesion of 0 mm counts as {SMALLEST_MM:g} mm: {gone['best']:,} at the best response, "
        f"{gone['last']:,} at the last scan. Within a site a patient counts with the lesions there.",
    )
    tables = {"intraclass": table[kept], "variances": table}
    return Shown(tables, _charts(table, study), remarks, left_out, _likeness(answers, study))


def _charts(table: pd.DataFrame, study: Study) -> dict[str, MedianChart]:
    best = table[(table["moment"] == MOMENT_NAMES["best"]) & table["estimate"].notna()]
    charts = {}
    for by in GROUPS.values():
        rows = best[best["split_by"].isin(("Nothing", by))]
        if (rows["split_by"] == by).any():
            charts[by.lower()] = MedianChart(
                f"Likeness of the lesions of one patient, by {by.lower()}",
                "Intraclass correlation of log ratios at the best response with its "
                f"{study.definitions.conf_level:.0%} interval; n: lesions.",
                rows,
                tuple(rows["group"]),
                "Intraclass correlation",
                digits=2,
            )
    return charts


def _likeness(answers: Answers, study: Study) -> str:
    said = []
    for moment in (m for m in MOMENTS if m in answers):
        row = answers[moment].to_frame().iloc[0]
        said.append(
            f"at the {MOMENT_NAMES[moment]} {format_percent(max(row['estimate'], 0.0), 0)} "
            f"(ICC {format_number(row['estimate'])}, {study.definitions.conf_level:.0%} interval "
            f"{format_number(row['conf_low'])} to {format_number(row['conf_high'])})"
        )
    if not said:
        return "Cannot be said here: too few patients have two lesions or more."
    return (
        f"Of the variation of lesion response, {'; '.join(said)} lies between patients; the rest is between "
        "lesions of the same patient."
    )
