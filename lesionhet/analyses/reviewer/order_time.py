"""Time to progression of each organ, organs of one patient belonging together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.parts.endpoints import OS, survival_chart, ticks
from lesionhet.analyses.reviewer.order_first import definition_text, progressions_of
from lesionhet.charts import Chart, ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.groups import OTHER_SITES
from lesionhet.labels import NOT_REACHED, format_interval, format_number
from lesionhet.study import Study

FREE: Final = "Free of progression"
CURVES: Final = 3
"""Organs with a curve, those with most lesions; more could not be told apart."""


def _rows(study: Study) -> pd.DataFrame:
    """Give one row a patient and organ with followed lesions, in organs that are not pooled as rare."""
    organs = progressions_of(study).organs
    names = [site for site in study.sites if site != OTHER_SITES]
    rows = organs[(organs["followed"] == 1) & organs["site"].isin(names)]
    rows = rows.assign(
        time=rows["day"].fillna(rows["last_day"]), event=rows["day"].notna().astype(int)
    )
    if study.arms:
        rows = rows.merge(study.patients[["patient_id", "arm"]], on="patient_id", how="left")
    return rows.reset_index(drop=True)


def _organs(study: Study, rows: pd.DataFrame) -> tuple[str, ...]:
    events = rows.groupby("site")["event"].sum()
    return tuple(site for site in study.sites if events.get(site, 0) > 0)


def ask_times(study: Study) -> Asked:
    """Ask for the time to progression of each organ, and for their hazard ratios."""
    rows = _rows(study)
    order = _organs(study, rows)
    if len(order) < 2:
        raise NotEstimableError(
            f"Two organs with a progression or more are needed; there are: {', '.join(order) or 'none'}."
        )
    d = study.definitions
    rows = rows[rows["site"].isin(order)]
    drawn = rows[rows["site"].isin(order[:CURVES])]
    asked: dict[str, Any] = {
        "kaplan_meier": tried(
            requests.kaplan_meier,
            drawn["time"],
            drawn["event"],
            drawn["site"],
            order[:CURVES],
            conf_type=d.km_conf_type,
            conf_level=d.conf_level,
            times=ticks(drawn["time"]),
        )
    }
    terms = pd.DataFrame({site: (rows["site"] == site).astype(float) for site in order[1:]})
    asked["cox"] = tried(
        requests.clustered_cox,
        rows["time"],
        rows["event"],
        terms,
        rows["patient_id"],
        rows["arm"] if study.arms else None,
        d.conf_level,
    )
    return asked


def show_times(study: Study, answers: Answers) -> Shown:
    """Show the curves of each organ and the hazard ratios beside the most frequent one."""
    d = study.definitions
    curves = answers.get("kaplan_meier")
    if curves is None:
        raise NotEstimableError("No organ has a time to progression.")
    medians = curves.to_frame("medians")
    order = tuple(medians["group"])
    sizes = ", ".join(f"{row.group} {row.events:,} of {row.n:,}" for row in medians.itertuples())
    chart = survival_chart(
        "Time to progression by organ",
        f"Kaplan-Meier curves of the organs with most lesions, with {d.conf_level:.0%} intervals "
        f"({d.km_conf_type} scale); progressions: {sizes}. A patient with lesions in several organs is in "
        "several curves.",
        curves,
        order,
        replace(OS, label=FREE),
        palette="site",
    )
    tables = {"medians": medians}
    charts: dict[str, Chart] = {"curves": chart}
    ratios = None
    if "cox" in answers:
        ratios = answers["cox"].to_frame()
        tables["hazard_ratios"] = ratios.rename(columns={"term": "organ"})
        charts["hazard_ratios"] = _forest(study, ratios, answers["cox"], order[0])
    remarks = (
        definition_text(study),
        f"Organs with fewer than {d.site_min_lesions} followed lesions are left out. An organ is censored at "
        "its last scan, which often is the one that shows progression elsewhere: organs are compared while "
        "all of them are followed.",
        "The organs of a patient are not independent: the hazard ratios have a robust variance by patient, "
        "the intervals of the curves have not.",
    )
    return Shown(tables, charts, remarks, (), _verdict(study, medians, ratios))


def _forest(study: Study, ratios: pd.DataFrame, answer: Any, reference: str) -> ForestChart:
    stratified = "stratified by arm" if study.arms else "not stratified (no column arm)"
    model = answer.to_frame("model").iloc[0]
    rows = pd.DataFrame(
        {
            "panel": f"Progression of an organ, compared with {reference}",
            "label": ratios["term"],
            "estimate": ratios["hazard_ratio"],
            **{name: ratios[name] for name in ("conf_low", "conf_high", "p_value")},
        }
    )
    return ForestChart(
        "Hazard of progression by organ",
        f"Hazard ratios with {study.definitions.conf_level:.0%} intervals, Efron ties, {stratified}, robust "
        f"by patient; {int(model['n']):,} organs of {int(model['patients']):,} patients, "
        f"{int(model['events']):,} progressions.",
        rows,
        conf_level=study.definitions.conf_level,
    )


def _verdict(study: Study, medians: pd.DataFrame, ratios: pd.DataFrame | None) -> str:
    found = medians.set_index("group")["median"]
    reference = medians["group"].iloc[0]
    days = format_number(found[reference], 0, NOT_REACHED)
    head = f"Median time to progression is {days}{' days' if days != NOT_REACHED else ''} in {reference}"
    if ratios is None or ratios["hazard_ratio"].isna().all():
        return f"{head}; hazards could not be compared."
    clear = ratios[(ratios["conf_low"] > 1) | (ratios["conf_high"] < 1)]
    if clear.empty:
        return (
            f"{head}, and no organ differs from it beyond chance (largest hazard ratio "
            f"{format_number(ratios['hazard_ratio'].max())}, smallest "
            f"{format_number(ratios['hazard_ratio'].min())})."
        )
    parts = [
        f"{row.term} {'sooner' if row.hazard_ratio > 1 else 'later'}, hazard ratio "
        f"{format_interval(row.hazard_ratio, row.conf_low, row.conf_high)}"
        for row in clear.itertuples()
    ]
    return f"{head}; beyond chance differ: {'; '.join(parts)}."
