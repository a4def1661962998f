"""Survival after progression, by distance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import need_patients, tried
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint, survival_chart, ticks
from lesionhet.errors import NotEstimableError
from lesionhet.groups import LOW_HIGH, MedianGroups, median_groups
from lesionhet.labels import format_p
from lesionhet.study import Study

CHAPTER: Final = "Heterogeneity and survival"
PPS: Final = Endpoint("pps", "Post-progression survival", "pps_days", "pps_event")


@dataclass(frozen=True, eq=False)
class Progressed:
    """Patients whose PFS event was a progression.

    Parameters
    ----------
    patients
        ``patient_id``, ``pps_days`` (OS - PFS, 0 or more), ``pps_event`` (1 died), ``gower``.
    counts
        ``reason``, ``n``: every patient of the study once, first who is analysed.
    """

    patients: pd.DataFrame
    counts: pd.DataFrame


def progressed_patients(study: Study) -> Progressed:
    """Give the survival after progression of every patient who has one, and count the others.

    Parameters
    ----------
    study
        With OS, PFS and the column progressed.

    Source: paper, Fig. 2F: PPS = OS - PFS among patients whose PFS event was a progression.
    """
    rows = study.patients
    days = rows[OS.time] - rows[PFS.time]
    # The first reason that holds is the one that is counted.
    reasons = {
        "PFS censored or unknown": rows[PFS.event] != 1,
        "not known whether the PFS event was a progression": rows["progressed"].isna(),
        "PFS event was a death": rows["progressed"] != 1,
        "survival time or event missing": days.isna() | rows[OS.event].isna(),
        "OS shorter than PFS": days < 0,
        "no distance": rows["gower"].isna(),
    }
    reason = pd.Series("analysed", index=rows.index, dtype=object)
    for why, holds in reversed(list(reasons.items())):
        reason = reason.mask(holds, why)
    found = reason.value_counts()
    order = [name for name in ("analysed", *reasons) if name in found.index or name == "analysed"]
    counts = pd.DataFrame({"reason": order, "n": [int(found.get(name, 0)) for name in order]})
    kept = reason == "analysed"
    patients = pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            PPS.time: days,
            PPS.event: rows[OS.event],
            "gower": rows["gower"],
        }
    )
    return Progressed(patients[kept].reset_index(drop=True), counts)


def _lost(found: Progressed) -> str:
    return "; ".join(f"{row.reason} ({row.n:,})" for row in found.counts.iloc[1:].itertuples())


def _groups(study: Study) -> tuple[Progressed, MedianGroups]:
    found = progressed_patients(study)
    if found.patients.empty:
        raise NotEstimableError(f"No patient has a survival after progression: {_lost(found)}.")
    groups = median_groups(found.patients["gower"])
    need_patients(groups.labels, found.patients["patient_id"], LOW_HIGH)
    return found, groups


def ask_progression(study: Study) -> Asked:
    """Ask for survival after progression of low and high distance, split at the median."""
    found, groups = _groups(study)
    time, event = found.patients[PPS.time], found.patients[PPS.event]
    asked: dict[str, Any] = {"groups": requests.median_groups(found.patients["gower"])}
    asked |= {
        f"kaplan_meier_{conf_type.replace('-', '_')}": requests.kaplan_meier(
            time,
            event,
            groups.labels,
            LOW_HIGH,
            conf_type=conf_type,
            conf_level=study.definitions.conf_level,
            times=ticks(time),
        )
        for conf_type in ("log", "log-log")
    }
    asked["log_rank"] = tried(requests.log_rank, time, event, groups.labels, LOW_HIGH)
    return asked


def show_progression(study: Study, answers: Answers) -> Shown:
    """Show the curves of low and high distance after progression."""
    found, groups = _groups(study)
    d = study.definitions
    answer = answers[f"kaplan_meier_{d.km_conf_type.replace('-', '_')}"]
    test = answers.get("log_rank")
    p_text = f"Log-rank {format_p(test.value('p_value'))}" if test else ""
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in answer.to_frame().itertuples())
    chart = survival_chart(
        "Survival after progression by distance",
        f"Kaplan-Meier curves from the day of progression with {d.conf_level:.0%} intervals "
        f"({d.km_conf_type} scale): {sizes}. {p_text or 'No test'}.",
        answer,
        LOW_HIGH,
        PPS,
        p_text=p_text,
    )
    chart = replace(chart, x_label="Days from progression")
    tables = {name: result.to_frame() for name, result in answers.items()}
    if test:
        tables["log_rank_groups"] = test.to_frame("groups")
    tables |= {"curves": answer.to_frame("curve"), "patients": found.counts}
    lost = _lost(found)
    remarks = (
        groups.remark("Patients who progressed, by patient-level distance"),
        f"{len(found.patients):,} of {len(study.patients):,} patients are analysed"
        + (f"; left out: {lost}." if lost else "."),
        "Only patients who progressed are compared, and the distance also uses scans made until then: "
        "read the curves as description.",
    )
    return Shown(tables, {"pps_by_distance": chart}, remarks)


ANALYSES: Final = (
    Analysis(
        "2F",
        "Survival after progression by distance",
        "Do patients with heterogeneous lesions live shorter once they progressed?",
        ("os_days", "os_event", "pfs_days", "pfs_event", "progressed"),
        ask_progression,
        show_progression,
        CHAPTER,
    ),
)
