"""What each measure says of this cohort: how spread, and how many patients it calls mixed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown, Tried
from lesionhet.analyses.parts.comparison import tried
from lesionhet.charts import ShareChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_number, format_percent
from lesionhet.measures.catalogue import (
    COLUMNS,
    DISTANCE,
    MEASURES,
    MOMENT_NAMES,
    MOMENTS,
    Measure,
    catalogue,
    label_of,
)
from lesionhet.measures.of_patients import measures_at
from lesionhet.once import once_per_object
from lesionhet.study import Study

LANDMARK: Final = 112.0
"""Day on which the measures are known in the landmark models: 16 weeks."""
WHOLE: Final = float("inf")
MIXED, NOT_MIXED = "mixed", "not mixed"
DEFINED: Final = (
    "Changes are those from each lesion's own baseline, of the lesions measured at one assessment of the "
    "total burden: the one with the smallest sum (best response) or the last. Patients with one lesion have "
    "no measure."
)
UNSTABLE: Final = (
    "The TRH score is divided by the mean change, and says nothing where that is near 0: where it is 0 the "
    "score is missing. The bounded form ranks patients in the same way and stays between 0 and 1."
)


@once_per_object
def known_at(study: Study, day: float) -> pd.DataFrame:
    """Give the measures of each patient of the patients table as they are known at a day.

    The analyses of the chapter share them while the study is there.

    Raises
    ------
    NotEstimableError
        No lesion has a scan after its baseline up to the day.
    """
    state, table = measures_at(study.cohort, study.definitions, day)
    last = state.patients.set_index("patient_id")["last_ratio"]
    table = table.set_index("patient_id").join(last.rename("total_ratio"))
    patients = study.cohort.patients
    return table.reindex(patients["patient_id"]).set_axis(patients.index)


def ask_measures(study: Study) -> Asked:
    """Ask for every measure over the whole follow-up and as known at the landmark."""
    asked: dict[str, Any] = {
        "summary": requests.measure_summary(study.cohort, study.definitions),
        "summary_112": tried(requests.measure_summary, study.cohort, study.definitions, LANDMARK),
        "distance": tried(requests.describe, known_at(study, WHOLE)[DISTANCE]),
    }
    try:
        asked["distance_112"] = tried(requests.describe, known_at(study, LANDMARK)[DISTANCE])
    except NotEstimableError as error:
        asked["distance_112"] = Tried(None, str(error))
    return asked


def show_measures(study: Study, answers: Answers) -> Shown:
    """Show each measure in one row, and the share that each definition calls mixed."""
    summary = _by_label(answers, "summary", "distance")
    if not (summary.loc[[label_of(name) for name in COLUMNS], "n"] > 0).any():
        raise NotEstimableError("No patient has two lesions that can be compared.")
    tables = {"measures": _rows(summary)}
    if "summary_112" in answers:
        known = _rows(_by_label(answers, "summary_112", "distance_112"))
        tables["measures_known_at_day_112"] = known
    shares = _shares(summary)
    tables |= {"definitions": catalogue(), "summary": summary.reset_index(names="measure")}
    charts = {}
    drawn = shares[shares["n"] > 0]
    if not drawn.empty:
        charts["mixed"] = _chart(drawn)
    remarks = (
        DEFINED,
        UNSTABLE,
        _new_lesions(study),
        "Table definitions: formula and source of each.",
    )
    return Shown(tables, charts, remarks, _without(summary), _verdict(shares))


def _by_label(answers: Answers, name: str, distance: str) -> pd.DataFrame:
    """Put the distance on top of the other measures; index is the printed name."""
    found = answers[name].to_frame().set_index("term")
    if distance not in answers:
        return found
    own = answers[distance].to_frame().iloc[0]
    row = own.reindex(found.columns)
    row["without"] = float(found[["n", "without"]].sum(axis=1).iloc[0] - own["n"])
    return pd.concat([row.to_frame(label_of(DISTANCE)).T.astype(float), found])


def _rows(summary: pd.DataFrame) -> pd.DataFrame:
    """Give one row a measure: who has it, and its usual size at both moments."""
    rows = []
    for measure in MEASURES:
        at = [label_of(measure.column(moment)) for moment in MOMENTS]
        if at[0] not in summary.index or not summary.loc[at, "n"].max() > 0:
            continue
        row = {"measure": measure.label, "unit": measure.unit, "n": int(summary.loc[at[0], "n"])}
        if measure.at_assessment:
            names = (MOMENT_NAMES[moment].replace(" ", "_") for moment in MOMENTS)
            row |= {
                name: _usual(measure, summary.loc[a]) for name, a in zip(names, at, strict=True)
            }
        else:
            row |= {"whole_history": _usual(measure, summary.loc[at[0]])}
        rows.append(row)
    columns = ["measure", "unit", "n", "whole_history", "best_response", "last_scan"]
    return pd.DataFrame(rows).reindex(columns=columns).fillna(dict.fromkeys(columns[3:], ""))


def _usual(measure: Measure, row: pd.Series) -> str:
    """Print the share of a yes-or-no measure, else the median and the quartiles."""
    if not row["n"] > 0:
        return ""
    if measure.flag:
        return format_percent(row["mean"])
    digits = 1 if measure.unit == "percentage points" else 2
    middle, low, high = (format_number(row[name], digits) for name in ("median", "q25", "q75"))
    return f"{middle} ({low} to {high})"


def _shares(summary: pd.DataFrame) -> pd.DataFrame:
    """Give the share of patients that each definition calls mixed, at both moments."""
    rows = []
    for measure in (m for m in MEASURES if m.flag):
        for moment in MOMENTS:
            row = summary.loc[label_of(measure.column(moment))]
            rows.append(
                {
                    "measure": measure.label,
                    "moment": moment,
                    "n": int(row["n"]),
                    "share": row["mean"],
                }
            )
    return pd.DataFrame(rows)


def _chart(shares: pd.DataFrame) -> ShareChart:
    last = shares[shares["moment"] == "last"].sort_values("share", ascending=False)
    parts = []
    for level, share in ((MIXED, last["share"]), (NOT_MIXED, 1 - last["share"])):
        count = np.round(share * last["n"]).astype(int)
        parts.append(last.assign(group=last["measure"], level=level, share=share, count=count))
    rows = pd.concat(parts, ignore_index=True)[["group", "level", "count", "n", "share"]]
    return ShareChart(
        "Mixed response at the last scan, by definition",
        f"Share of the {last['n'].max():,} patients with two lesions or more whom each definition calls "
        "mixed at the last scan.",
        rows,
        tuple(last["measure"]),
        (MIXED, NOT_MIXED),
        "Response",
        "Patients",
        palette="group",
        colors={MIXED: 7, NOT_MIXED: 4},
    )


def _verdict(shares: pd.DataFrame) -> str:
    said = []
    for moment in reversed(MOMENTS):
        rows = shares[(shares["moment"] == moment) & (shares["n"] > 0)].sort_values("share")
        if rows.empty:
            continue
        low, high = rows.iloc[0], rows.iloc[-1]
        said.append(
            f"at the {MOMENT_NAMES[moment]} from {format_percent(low['share'])} ({_quoted(low)}) to "
            f"{format_percent(high['share'])} ({_quoted(high)})"
        )
    if not said:
        return "Cannot be said here: no definition of a mixed response can be applied."
    return (
        f"It depends on the definition: {'; '.join(said)} of the patients with two lesions or more have "
        "a mixed response."
    )


def _quoted(row: pd.Series) -> str:
    return f"'{row['measure']}'"


def _new_lesions(study: Study) -> str:
    rows = study.cohort.rows
    n = rows.loc[rows["lesion_type"].eq("new") & (rows["diameter_mm"] > 0), "patient_id"].nunique()
    if n == 0:
        return "The data have no new lesions: 'growing or new' is growing."
    return f"New lesions, which 'growing or new' counts, were recorded in {n:,} patients."


def _without(summary: pd.DataFrame) -> tuple[str, ...]:
    """Name the measures that nobody has."""
    lost = [m for m in MEASURES if m.name != DISTANCE]
    lost = [m for m in lost if not summary.loc[label_of(m.column("best")), "n"] > 0]
    return tuple(
        f"{m.label}: no patient has it{', it needs the ' + m.needs if m.needs else ''}."
        for m in lost
    )
