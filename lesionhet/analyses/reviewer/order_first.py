"""Which organ progresses first, pair by pair, and which comes next."""

from __future__ import annotations

import itertools
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import main_organs, tried
from lesionhet.charts import ShareChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_p, format_percent
from lesionhet.once import once_per_object
from lesionhet.sequence.order import (
    ANOTHER,
    NEITHER,
    NONE,
    NOT_KNOWN,
    SEVERAL,
    first_organs,
    pair_order,
    progressions_until,
    second_organs,
)
from lesionhet.sequence.progressions import NEW_WITHOUT_SITE, NOT_WHOLE, UNKNOWN_SITE, Progressions
from lesionhet.study import Study

ALL: Final = "all with a progression"
TWO: Final = "lesions in two organs or more"
SAME: Final = "both at one assessment"


@once_per_object
def progressions_of(study: Study) -> Progressions:
    """Give the progressions of a study's organs; the analyses share them while the study is there."""
    return progressions_until(study.cohort, study.definitions)


def definition_text(study: Study) -> str:
    """Say when an organ progresses."""
    d = study.definitions
    reference = "its smallest so far" if d.relapse_reference == "nadir" else "its baseline"
    least = f" and {d.relapse_min_increase_mm:g} mm" if d.relapse_min_increase_mm else ""
    return (
        f"An organ progresses when the sum of its diameters is {100 * (d.relapse_threshold - 1):g}%{least} "
        f"above {reference}, or when a new lesion is seen there; on the last day "
        "of that assessment, or when the new lesion was seen if that is later."
    )


def _firsts(study: Study) -> tuple[pd.DataFrame, pd.Series]:
    """Give the first organ of each patient, and which have followed lesions in two organs or more."""
    organs = progressions_of(study).organs
    first = first_organs(organs, main_organs(study))
    affected = organs.groupby("patient_id")["followed"].sum()
    return first, affected.reindex(first.index) > 1


def ask_first(study: Study) -> Asked:
    """Ask when organs progress, for the first one, for each pair of main organs, and for the second one."""
    names = main_organs(study)
    first, in_two = _firsts(study)
    if first.empty:
        raise NotEstimableError("No organ progresses while it is followed.")
    stacked = pd.concat([first, first[in_two]])
    group = [ALL] * len(first) + [TWO] * int(in_two.sum())
    present = tuple(name for name in (ALL, TWO) if name in group)
    asked: dict[str, Any] = {
        "progressions": requests.progression_order(study.cohort, study.definitions),
        "first": tried(
            requests.count, stacked["first"], group, (*names, ANOTHER, SEVERAL), present
        ),
    }
    organs = progressions_of(study).organs
    for one, other in itertools.combinations(names, 2):
        asked[f"{one} {other}"] = tried(
            requests.sign_test,
            pair_order(organs, one, other)["sign"],
            conf_level=study.definitions.conf_level,
        )
    second = second_organs(organs, names)
    if len(second):
        asked["second"] = tried(
            requests.count,
            second["second"],
            second["first"],
            (*names, ANOTHER, SEVERAL, NONE),
            tuple(name for name in (*names, ANOTHER, SEVERAL) if (second["first"] == name).any()),
        )
    return asked


def show_first(study: Study, answers: Answers) -> Shown:
    """Show the first organ, the pairs and the transitions."""
    tables, charts = {}, {}
    pairs = _pairs(study, answers)
    if "first" in answers:
        first = answers["first"].to_frame()
        tables["first"] = first
        charts["first"] = _shares(
            "Which organ progresses first",
            "Patients by the organ that progresses first. In patients with lesions in one organ only it can "
            "only be that one, or one with a new lesion.",
            first,
            "Progresses first",
        )
    if len(pairs):
        tables["pairs"] = pairs
        charts["pairs"] = _pair_chart(pairs, main_organs(study))
    if "second" in answers:
        second = answers["second"].to_frame()
        tables["second"] = second.rename(columns={"group": "first", "level": "second"})
    tables["which"] = _which(study)
    remarks = (definition_text(study), *_remarks(study), *_left_out(study))
    return Shown(tables, charts, remarks, (), _verdict(pairs, tables.get("first")))


def _pairs(study: Study, answers: Answers) -> pd.DataFrame:
    organs = progressions_of(study).organs
    rows = []
    for one, other in itertools.combinations(main_organs(study), 2):
        found = pair_order(organs, one, other)["order"].value_counts()
        if f"{one} {other}" not in answers:
            continue
        answer = answers[f"{one} {other}"]
        counts = answer.to_frame("counts").iloc[0].astype(int)
        rows.append(
            {
                "organ_1": one,
                "organ_2": other,
                "both_organs": int(found.sum()),
                "first_named": counts["before"],
                "on_one_day": counts["ties"],
                "second_named": counts["after"],
                "neither": int(found.get(NEITHER, 0)),
                "not_known": int(found.get(NOT_KNOWN, 0)),
                **answer.to_frame("test").iloc[0],
            }
        )
    return pd.DataFrame(rows)


def _shares(title: str, caption: str, rows: pd.DataFrame, legend: str) -> ShareChart:
    levels = tuple(dict.fromkeys(rows["level"]))
    order = tuple(dict.fromkeys(rows["group"]))
    return ShareChart(title, caption, rows, order, levels, legend, "Share of patients", "site")


def _pair_chart(pairs: pd.DataFrame, organs: tuple[str, ...]) -> ShareChart:
    rows = []
    for row in pairs.itertuples():
        one, other = row.organ_1, row.organ_2
        counts = {one: row.first_named, other: row.second_named, SAME: row.on_one_day}
        n = sum(counts.values())
        rows += [
            {
                "group": f"{one} or {other}",
                "level": level,
                "count": count,
                "n": n,
                "share": count / n,
            }
            for level, count in counts.items()
        ]
    tests = "; ".join(
        f"{row.organ_1} or {row.organ_2} {format_p(row.p_value)}" for row in pairs.itertuples()
    )
    table = pd.DataFrame(rows)
    return ShareChart(
        "Which of two organs progresses first",
        "Patients with followed lesions in both organs and a known order. Exact sign test without those in "
        f"whom both progress at one assessment: {tests}.",
        table,
        tuple(dict.fromkeys(table["group"])),
        (*organs, SAME),
        "Progresses first",
        "Share of patients",
        "site",
    )


def _which(study: Study) -> pd.DataFrame:
    """Count every first organ by its own name, and ties by all of theirs."""
    first, _ = _firsts(study)
    counts = first["which"].value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))
    return pd.DataFrame({"organs": names, "patients": [int(counts[name]) for name in names]})


def _remarks(study: Study) -> tuple[str, ...]:
    organs = progressions_of(study).organs
    first = organs[organs["place"] == 1]
    several = int((first.groupby("patient_id").size() > 1).sum())
    new = int(first["new"].sum())
    return (
        f"Organs that progress at one assessment are a tie and are never put in an order: {several:,} of "
        f"{first['patient_id'].nunique():,} patients progress first in several organs at once.",
        f"New lesions count for their organ: {new:,} of {len(first):,} first progressions of an organ are "
        "new lesions."
        if (study.cohort.rows["lesion_type"] == "new").any()
        else "The input has no new lesions: an organ without followed lesions cannot progress here.",
        "Scans often end with the first progression, so what comes second is seen in some patients only. "
        "Neither: none of the two progresses while followed. Not known: the other was no longer followed.",
    )


def _left_out(study: Study) -> tuple[str, ...]:
    left_out = progressions_of(study).left_out
    texts = {
        UNKNOWN_SITE: "patients with a followed lesion of unknown site",
        NOT_WHOLE: "organs of patients never measured as a whole at baseline and after it",
        NEW_WITHOUT_SITE: "new lesions without a site",
    }
    parts = [f"{left_out[key]:,} {text}" for key, text in texts.items() if left_out[key]]
    return (f"Left out: {'; '.join(parts)}.",) if parts else ()


def _verdict(pairs: pd.DataFrame, first: pd.DataFrame | None) -> str:
    if len(pairs):
        row = pairs.loc[(pairs["first_named"] + pairs["second_named"]).idxmax()]
        one, other = row["organ_1"], row["organ_2"]
        n = row["first_named"] + row["second_named"] + row["on_one_day"]
        shares = [row[name] / n for name in ("first_named", "second_named", "on_one_day")]
        parts = [format_percent(share) for share in shares]
        return (
            f"Of {n:,} patients with {one} and {other} lesions and a known order, {one} progresses first in "
            f"{parts[0]}, {other} in {parts[1]} and both at one assessment in {parts[2]} "
            f"({format_p(row['p_value'])} for a difference)."
        )
    if first is None:
        return "No organ progresses while it is followed."
    most = first.loc[first[first["group"] == ALL]["count"].idxmax()]
    return (
        f"Disease progresses first in {most['level']} in {format_percent(most['share'])} of the "
        f"{int(most['n']):,} patients with a progression; no two main organs can be compared."
    )
