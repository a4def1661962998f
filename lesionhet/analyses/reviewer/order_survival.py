"""Overall survival by the organ that progresses first: from that day on, and from a landmark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import enough_patients, main_organs, tried
from lesionhet.analyses.parts.endpoints import OS, survival_chart, ticks
from lesionhet.analyses.reviewer.order_first import definition_text, progressions_of
from lesionhet.charts import Chart, ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_interval, format_number, format_p
from lesionhet.once import once_per_object
from lesionhet.sequence.order import ANOTHER, SEVERAL, first_organs, progressions_until
from lesionhet.study import Study

LANDMARK_DAY: Final = 168.0
"""24 weeks: late enough for first progressions to have been seen."""
NOT_YET: Final = "none by then"
PROGRESSION: Final = "progression"


@dataclass(frozen=True, eq=False)
class Followed:
    """Patients whose survival is compared from one day on.

    Parameters
    ----------
    name
        Short name.
    label
        What the days are counted from.
    table
        On the index of the study's patients: ``group`` (missing where in none), ``day`` from which time
        counts (missing where it does not), ``time`` and ``event`` from then on, for those still at risk.
    order
        Groups.
    reference
        The group that the others are compared with.
    left_out
        Reason -> patients.
    """

    name: str
    label: str
    table: pd.DataFrame
    order: tuple[str, ...]
    reference: str
    left_out: dict[str, int]


def from_progression(study: Study) -> Followed:
    """Give the patients with a progression, followed from the day of the first one on."""
    first = first_organs(progressions_of(study).organs, main_organs(study))
    table = _outcome(study, first["first"], first["day"])
    names = (*main_organs(study), ANOTHER, SEVERAL)
    late = table["group"].notna() & (table["os"] <= table["day"])
    left_out = {"whose time is up on the day of the progression": int(late.sum())}
    sizes = table["group"].value_counts()
    largest = max(names, key=lambda name: int(sizes.get(name, 0)))
    return Followed(PROGRESSION, "first progression", table, names, largest, left_out)


def from_landmark(study: Study, day: float = LANDMARK_DAY) -> Followed:
    """Give the patients at risk on a day, by the organ that has progressed first by then.

    Raises
    ------
    NotEstimableError
        No lesion has a scan after its baseline up to the day.
    """
    organs = progressions_until(study.cohort, study.definitions, day).organs
    first = first_organs(organs, main_organs(study))["first"]
    known = pd.Series(NOT_YET, index=pd.Index(organs["patient_id"].unique()))
    known.update(first)
    table = _outcome(study, known, pd.Series(day, index=known.index))
    at_risk = study.patients[OS.time] > day
    over = study.patients[OS.time] <= day
    left_out = {
        f"whose time is up by day {day:g}": int(over.sum()),
        f"without a usable scan by day {day:g}": int((at_risk & table["group"].isna()).sum()),
    }
    order = (*main_organs(study), ANOTHER, SEVERAL, NOT_YET)
    return Followed("landmark", f"day {day:g}", table, order, NOT_YET, left_out)


def _outcome(study: Study, group: pd.Series, day: pd.Series) -> pd.DataFrame:
    """Put group, day and what is left of the time from then on side by side."""
    patients = study.patients
    table = pd.DataFrame(
        {
            "patient_id": patients["patient_id"],
            "group": patients["patient_id"].map(group),
            "day": patients["patient_id"].map(day),
            "os": patients[OS.time],
            "event": patients[OS.event],
        }
    )
    left = table["os"] - table["day"]
    return table.assign(time=left.where(left > 0))


Parts = tuple[tuple[Followed, ...], tuple[str, ...]]


@once_per_object
def _both(study: Study) -> Parts:
    """Give the comparisons there can be, and the reason where one of the two is missing."""
    parts, reasons = [from_progression(study)], []
    try:
        parts.append(from_landmark(study))
    except NotEstimableError as error:
        reasons.append(f"From day {LANDMARK_DAY:g}: {error}")
    return tuple(parts), tuple(reasons)


def _compared(part: Followed) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Give the rows that are compared, the groups with enough patients, and who is left out."""
    rows = part.table.dropna(subset=["group", "time", "event"])
    order, texts = enough_patients(rows["group"], rows["patient_id"], part.order)
    return rows[rows["group"].isin(order)], order, texts


def ask_survival(study: Study) -> Asked:
    """Ask for curves, log-rank test and Cox model from the first progression, and from the landmark."""
    asked: dict[str, Any] = {}
    for part in _both(study)[0]:
        rows, order, _ = _compared(part)
        if part.name == PROGRESSION:
            asked[f"{part.name}_kaplan_meier"] = tried(
                requests.kaplan_meier,
                rows["time"],
                rows["event"],
                rows["group"],
                order,
                conf_type=study.definitions.km_conf_type,
                conf_level=study.definitions.conf_level,
                times=ticks(rows["time"]),
            )
        asked[f"{part.name}_log_rank"] = tried(
            requests.log_rank, rows["time"], rows["event"], rows["group"], order
        )
        asked[f"{part.name}_cox"] = tried(_cox, study, rows, order, part.reference)
    return asked


def _cox(study: Study, rows: pd.DataFrame, order: tuple[str, ...], reference: str) -> Any:
    """Compare each group with one; a group without an event has no finite hazard ratio."""
    died = rows.groupby("group")["event"].sum()
    kept = [name for name in order if died.get(name, 0) > 0]
    if len(kept) < 2 or reference not in kept:
        raise NotEstimableError(
            f"Cox model: the groups with events are {kept}; needed: {reference!r} and another."
        )
    rows = rows[rows["group"].isin(kept)]
    others = [name for name in kept if name != reference]
    terms = pd.DataFrame({name: (rows["group"] == name).astype(float) for name in others})
    strata = study.patients.loc[rows.index, "arm"] if study.arms else None
    level = study.definitions.conf_level
    return requests.cox(rows["time"], rows["event"], terms, strata, level)


def show_survival(study: Study, answers: Answers) -> Shown:
    """Show the curves and the hazard ratios of both ways."""
    charts: dict[str, Chart] = {}
    tests, groups, ratios = [], [], []
    parts, reasons = _both(study)
    left_out = list(reasons)
    for part in parts:
        test, model = (answers.get(f"{part.name}_{name}") for name in ("log_rank", "cox"))
        if test is not None:
            tests.append(test.to_frame().assign(followed_from=part.label))
            groups.append(test.to_frame("groups").assign(followed_from=part.label))
        if model is not None:
            ratios.append(model.to_frame().assign(followed_from=part.label))
        left_out += [f"From {part.label}: {text}" for text in _compared(part)[2]]
    found = {"groups": groups, "log_rank": tests, "hazard_ratios": ratios}
    tables = {
        name: _from_first(pd.concat(rows, ignore_index=True))
        for name, rows in found.items()
        if rows
    }
    if curves := answers.get(f"{PROGRESSION}_kaplan_meier"):
        charts[PROGRESSION] = _chart(study, curves, answers.get(f"{PROGRESSION}_log_rank"))
        tables = {"medians": curves.to_frame("medians"), **tables}
    if not tables:
        raise NotEstimableError("Survival by first organ: no two groups can be compared.")
    if ratios:
        charts["hazard_ratios"] = _forest(study, parts, tables["hazard_ratios"])
    remarks = (
        definition_text(study),
        "From the first progression on: who has none is not in it. The groups are known on that day, and "
        "time counts from there.",
        f"From day {LANDMARK_DAY:g} on: patients still at risk, by what the scans up to that day show; later "
        "progressions have no part in it.",
        "Patients with more lesions in more organs may progress in more places at once: a difference between "
        "the groups need not be the organ's doing.",
        *_lost(parts),
    )
    return Shown(tables, charts, remarks, tuple(left_out), _verdict(tables, answers, parts))


def _chart(study: Study, curves: Any, test: Any) -> Chart:
    d = study.definitions
    p_text = f"Log-rank {format_p(test.value('p_value'))}" if test is not None else ""
    medians = curves.to_frame("medians")
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in medians.itertuples())
    chart = survival_chart(
        "Overall survival from first progression by the organ that progresses first",
        f"Kaplan-Meier curves with {d.conf_level:.0%} intervals ({d.km_conf_type} scale): {sizes}. "
        f"{p_text or 'No test'}.",
        curves,
        tuple(medians["group"]),
        OS,
        p_text=p_text,
        palette="site",
    )
    return replace(chart, x_label="Days from first progression")


def _forest(study: Study, parts: tuple[Followed, ...], ratios: pd.DataFrame) -> Chart:
    stratified = "stratified by arm" if study.arms else "not stratified (no column arm)"
    reference = {part.label: part.reference for part in parts}
    rows = pd.DataFrame(
        {
            "panel": [
                f"From {label}, compared with {reference[label]}"
                for label in ratios["followed_from"]
            ],
            "label": ratios["term"],
            "estimate": ratios["hazard_ratio"],
            **{name: ratios[name] for name in ("conf_low", "conf_high", "p_value")},
        }
    )
    return ForestChart(
        "Hazard ratio for death by the organ that progresses first",
        f"Cox models with {study.definitions.conf_level:.0%} intervals, Efron ties, {stratified}.",
        rows,
        conf_level=study.definitions.conf_level,
    )


def _lost(parts: tuple[Followed, ...]) -> tuple[str, ...]:
    texts = [
        f"from {part.label} {n:,} patients {why}"
        for part in parts
        for why, n in part.left_out.items()
        if n
    ]
    return (f"Not compared: {'; '.join(texts)}.",) if texts else ()


def _from_first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["followed_from", *table.columns.drop("followed_from")]]


def _verdict(tables: dict[str, pd.DataFrame], answers: Answers, parts: tuple[Followed, ...]) -> str:
    """Say which groups differ from the reference from the first progression on."""
    part, own = parts[0], _medians(tables)
    head = f"From the {part.label} on"
    ratios = tables.get("hazard_ratios", pd.DataFrame(columns=["followed_from"]))
    terms = ratios[ratios["followed_from"] == part.label]
    if terms.empty:
        test = answers.get(f"{PROGRESSION}_log_rank")
        p_text = f"log-rank {format_p(test.value('p_value'))}" if test is not None else "no test"
        return f"{head} the groups have no model; {p_text}."
    terms = terms.set_index("term")
    several = terms.index == SEVERAL
    clear = (terms["conf_low"] > 1) | (terms["conf_high"] < 1)
    single = list(terms.index[~several & clear])
    reference = f"{part.reference}{own.get(part.reference, '')}"
    told = f"{head}, no single organ differs clearly from {reference}"
    if single:
        ratio = "; ".join(f"{name}{own.get(name, '')} {_ratio(terms, name)}" for name in single)
        told = f"{head}, hazard ratio of death against {reference}: {ratio}"
        if len(single) < (~several).sum():
            told += "; no other single organ differs clearly"
    elif not (~several).any():
        told = f"{head}, no single organ can be compared with {reference}"
    if several.any():
        verb = "differs" if clear[SEVERAL] else "does not differ clearly"
        told += f"; {SEVERAL}{own.get(SEVERAL, '')} {verb}: hazard ratio {_ratio(terms, SEVERAL)}"
    return f"{told}."


def _medians(tables: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Give the median survival of each group that has one, as it stands behind the name."""
    if "medians" not in tables:
        return {}
    known = tables["medians"].set_index("group")["median"].dropna()
    return {name: f" (median {format_number(days, 0)} days)" for name, days in known.items()}


def _ratio(terms: pd.DataFrame, name: str) -> str:
    row = terms.loc[name]
    return format_interval(row["hazard_ratio"], row["conf_low"], row["conf_high"])
