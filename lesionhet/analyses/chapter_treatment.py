"""Chapters "Treatment: ..": one set of arms against another, one chapter for each contrast of a plan."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.contrast_lesions import (
    ask_dynamics,
    ask_organ_means,
    ask_organ_sides,
    ask_organs,
    ask_sites,
    show_dynamics,
    show_organ_means,
    show_organ_sides,
    show_organs,
    show_sites,
)
from lesionhet.analyses.parts.comparison import contrast_groups, tried
from lesionhet.analyses.parts.endpoints import OS, PFS
from lesionhet.analyses.parts.survival_groups import (
    PatientGroups,
    ask_curves,
    by_id,
    show_curves,
)
from lesionhet.analyses.patient_distance import absent_arms, ask_distance, show_distance
from lesionhet.groups import MedianGroups, median_groups
from lesionhet.plan import Contrast, Plan, match_labels
from lesionhet.study import Study

HETEROGENEITY: Final = "Heterogeneity and survival"
SURVIVORS: Final = (
    "The distance uses scans made after day 0, so patients must live to get one: read the curves as "
    "description, not as prediction."
)


def chapter(contrast: Contrast) -> str:
    """Give the heading of a contrast's chapter.

    Examples
    --------
    >>> chapter(Contrast("3", "New", ("A",), "Old", ("B",)))
    'Treatment: New'
    """
    return f"Treatment: {contrast.name}"


def _arms(study: Study, contrast: Contrast) -> PatientGroups:
    by_patient, order = contrast_groups(study, contrast, split_control=True)
    return PatientGroups(by_id(study, by_patient), order, must=(contrast.name,))


def ask_survival(contrast: Contrast, study: Study) -> Asked:
    """Ask for OS and PFS of the treated arms and of each control arm."""
    return ask_curves(study, _arms(study, contrast), (OS, PFS))


def show_survival(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show the curves of OS and, where the cohort has it, PFS."""
    remarks = absent_arms(study, contrast.treated, contrast.control)
    return show_curves(study, _arms(study, contrast), (OS, PFS), answers, "by treatment", remarks)


def _split(study: Study, contrast: Contrast) -> tuple[PatientGroups, MedianGroups]:
    """Split the treated patients at the median of their distance."""
    treated = match_labels(contrast.treated, study.arms, "arm")
    arm = study.patients["arm"]
    split = median_groups(study.patients["gower"].where(arm.isin(treated)))
    strata = arm if len(treated) > 1 else None
    return PatientGroups(split.labels, ("low", "high"), strata=strata), split


def ask_survival_by_distance(contrast: Contrast, study: Study) -> Asked:
    """Ask for OS of the treated patients by distance, and for the distance that splits them."""
    groups, _ = _split(study, contrast)
    asked = ask_curves(study, groups, (OS,))
    if any(item.request for item in asked.values()):
        distance = study.patients["gower"].where(groups.labels.notna())
        asked["distance"] = tried(requests.describe, distance)
        asked["groups"] = tried(requests.median_groups, distance)
    return asked


def show_survival_by_distance(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show the curves of low and high distance."""
    groups, split = _split(study, contrast)
    remarks = (
        split.remark(f"{contrast.name}, groups by patient-level distance"),
        *absent_arms(study, contrast.treated),
        SURVIVORS,
    )
    shown = show_curves(study, groups, (OS,), answers, "by distance", remarks)
    return Shown(
        {**shown.tables, "distance": answers["distance"].to_frame()},
        shown.charts,
        shown.remarks,
        shown.left_out,
    )


_ROWS: Final[tuple[tuple[str, str, str, tuple[str, ...], Any, Any], ...]] = (
    (
        "{key}A",
        "Survival with {name}",
        "Do patients live longer with {name}?",
        ("arm", OS.time, OS.event),
        ask_survival,
        show_survival,
    ),
    (
        "{key}B",
        "Survival by distance with {name}",
        "Do treated patients with heterogeneous lesions live shorter?",
        ("arm", OS.time, OS.event),
        ask_survival_by_distance,
        show_survival_by_distance,
    ),
    (
        "{key}C",
        "Distance with {name}",
        "Are the lesions of a patient less heterogeneous with the treatment?",
        ("arm",),
        ask_distance,
        show_distance,
    ),
    (
        "{supplement}",
        "Response of lesions with {name}",
        "Do lesions shrink more and respond longer with the treatment?",
        ("arm",),
        ask_dynamics,
        show_dynamics,
    ),
    (
        "{key}D",
        "Sites with {name}",
        "Where do treated lesions respond best, and where are they most unlike each other?",
        ("arm", "site"),
        ask_sites,
        show_sites,
    ),
    (
        "{key}E",
        "Main organs: {name} against {control_name}",
        "Does the organ matter for the response, with and without the treatment?",
        ("arm", "site"),
        ask_organs,
        show_organs,
    ),
    (
        "{key}F",
        "Means by organ: {name} against {control_name}",
        "In which organ does the treatment change the response most?",
        ("arm", "site"),
        ask_organ_means,
        show_organ_means,
    ),
)
"""Id, title and question with the fields of a `Contrast` in braces; columns needed; ask; show."""


def _contrast_analyses(contrast: Contrast) -> tuple[Analysis, ...]:
    words = vars(contrast)
    return tuple(
        Analysis(
            id_.format(**words),
            title.format(**words),
            question.format(**words),
            needs,
            partial(ask, contrast),
            partial(show, contrast),
            chapter(contrast),
        )
        for id_, title, question, needs, ask, show in _ROWS
    )


def targeted_distance(plan: Plan) -> tuple[Analysis, ...]:
    """Give the analysis of the patient-level distance of all targeted arms; none without such arms."""
    if plan.targeted is None:
        return ()
    return (
        Analysis(
            "2H",
            f"Distance: {plan.targeted.name} against {plan.targeted.control_name}",
            "Are the lesions of a patient less heterogeneous with targeted treatment?",
            ("arm",),
            partial(ask_distance, plan.targeted),
            partial(show_distance, plan.targeted),
            HETEROGENEITY,
        ),
    )


def analyses(plan: Plan) -> tuple[Analysis, ...]:
    """Give the chapters of every contrast, and the distance by organ of all targeted arms.

    Parameters
    ----------
    plan
        Its contrasts, each a chapter of seven analyses.

    Examples
    --------
    >>> from lesionhet.plan import load_plan
    >>> [analysis.id for analysis in analyses(load_plan())][:8]
    ['3A', '3B', '3C', 'S4', '3D', '3E', '3F', '4A']
    """
    found = [row for contrast in plan.contrasts for row in _contrast_analyses(contrast)]
    if plan.targeted is not None:
        found.append(
            Analysis(
                "S6",
                f"Distance by organ: {plan.targeted.name}",
                "In which organ does targeted treatment make lesions more alike?",
                ("arm", "site"),
                partial(ask_organ_sides, plan.targeted),
                partial(show_organ_sides, plan.targeted),
                chapter(plan.targeted),
            )
        )
    return tuple(found)
