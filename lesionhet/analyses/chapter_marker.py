"""Chapter named after the plan's marker: survival and response by its two states."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import pandas as pd

from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.contrast_lesions import (
    absent_organs,
    among_organs,
    between_sides,
    side_charts,
)
from lesionhet.analyses.parts.comparison import main_organs, marker_groups, of_lesions
from lesionhet.analyses.parts.endpoints import OS, PFS
from lesionhet.analyses.parts.lesion_comparisons import (
    INDEPENDENT,
    Comparison,
    ask_comparisons,
    comparison_tables,
    left_out,
)
from lesionhet.analyses.parts.measures import RATIOS, RESPONSE
from lesionhet.analyses.parts.organ_means import TwoSides, ask_means, show_means
from lesionhet.analyses.parts.survival_groups import PatientGroups, ask_curves, by_id, show_curves
from lesionhet.analyses.patient_distance import absent_arms
from lesionhet.once import once_per_object
from lesionhet.plan import Marker, Plan, match_labels
from lesionhet.study import Study

IN_ORGANS: Final = "in the main organs"
TITLES: Final = {
    "K-OS": ("Survival by {name}", "Do patients with {positive} {name} live shorter?"),
    "S7": (
        "Response of lesions by {name}",
        "Do lesions respond otherwise with {positive} {name}?",
    ),
    "5A": (
        "Organs by {name}, with {drug}",
        "Does the response of an organ depend on {name} with {drug}?",
    ),
    "5B": (
        "Organs by {name}, without {drug}",
        "Does the response of an organ depend on {name} without {drug}?",
    ),
    "5C": (
        "Means by organ and {name}, with {drug}",
        "In which organ does {name} change the response to {drug} most?",
    ),
}
"""Id -> title and question, with the fields of a `Marker` in braces."""


def _states(study: Study, marker: Marker) -> PatientGroups:
    by_patient, order = marker_groups(study, marker)
    return PatientGroups(by_id(study, by_patient), order)


def _unknown(study: Study, marker: Marker) -> tuple[str, ...]:
    """Say how many patients have neither state."""
    without = int(_states(study, marker).labels.isna().sum())
    if not without:
        return ()
    has, is_ = ("patient has", "is") if without == 1 else ("patients have", "are")
    return (f"{without:,} {has} no known state of {marker.name} and {is_} left out.",)


def ask_survival(marker: Marker, study: Study) -> Asked:
    """Ask for OS and PFS of the two states."""
    return ask_curves(study, _states(study, marker), (OS, PFS))


def show_survival(marker: Marker, study: Study, answers: Answers) -> Shown:
    """Show the curves of the two states."""
    by = f"by {marker.name}"
    states, remarks = _states(study, marker), _unknown(study, marker)
    return show_curves(study, states, (OS, PFS), answers, by, remarks)


def _of_lesions(
    study: Study, marker: Marker, arms: Sequence[str] | None = None
) -> tuple[pd.Series, tuple[str, ...]]:
    """Give each lesion the state of its patient, of all patients or of those in some arms."""
    by_patient, order = marker_groups(study, marker)
    if arms is not None:
        present = match_labels(arms, study.arms, "arm")
        arm = study.patients.set_index("patient_id")["arm"]
        by_patient = by_patient.where(arm.isin(present))
    return of_lesions(study, by_patient), order


@once_per_object
def _between_states(study: Study, marker: Marker) -> list[Comparison]:
    state, order = _of_lesions(study, marker)
    organs = main_organs(study)
    measures = (*RATIOS, RESPONSE)
    return [c for m in measures for c in between_sides(study, m, state, order, organs)]


def ask_states(marker: Marker, study: Study) -> Asked:
    """Ask how lesions of each main organ differ between the two states."""
    return ask_comparisons(study, _between_states(study, marker))


def show_states(marker: Marker, study: Study, answers: Answers) -> Shown:
    """Show the two states of each organ beside each other."""
    comparisons = _between_states(study, marker)
    charts = side_charts(study, comparisons, answers, f"by organ and {marker.name}", "All arms.")
    remarks = (
        "One test for each organ, not corrected for their number.",
        INDEPENDENT,
        *_unknown(study, marker),
        *absent_organs(study),
    )
    return Shown(comparison_tables(comparisons, answers), charts, remarks)


@once_per_object
def _organs_and_states(
    study: Study, marker: Marker, arms: Sequence[str]
) -> tuple[list[Comparison], list[Comparison]]:
    """Give the comparisons among organs within each state, and between states within each organ."""
    state, order = _of_lesions(study, marker, arms)
    organs = main_organs(study)
    among = [c for m in RATIOS for c in among_organs(study, m, state, order, organs)]
    between = [c for m in RATIOS for c in between_sides(study, m, state, order, organs)]
    return among, between


def ask_with_arms(marker: Marker, arms: Sequence[str], study: Study) -> Asked:
    """Ask how the ratios differ among organs and between states, in some arms."""
    among, between = _organs_and_states(study, marker, arms)
    return ask_comparisons(study, [*among, *between])


def show_with_arms(marker: Marker, arms: Sequence[str], study: Study, answers: Answers) -> Shown:
    """Show the organs of each state, with the tests of both kinds in the tables."""
    among, between = _organs_and_states(study, marker, arms)
    who = f"Arms: {', '.join(match_labels(arms, study.arms, 'arm'))}."
    charts = side_charts(study, among, answers, f"by {marker.name} {IN_ORGANS}", who)
    remarks = (
        who,
        *median_ratios(among, answers),
        INDEPENDENT,
        *absent_arms(study, arms),
        *absent_organs(study),
    )
    both = [*among, *between]
    return Shown(comparison_tables(both, answers), charts, remarks, left_out(both))


def median_ratios(comparisons: Sequence[Comparison], answers: Answers) -> tuple[str, ...]:
    """Say how far the median of each group is from that of the first, in percent of the first.

    Parameters
    ----------
    comparisons, answers
        What was asked, and what was answered; comparisons without an answer say nothing.
    """
    texts = []
    for c in comparisons:
        if f"{c.name}_spread" not in answers:
            continue
        median = answers[f"{c.name}_spread"].to_frame().set_index("group")["median"]
        first, *others = c.order
        head = f"{c.within}, median {c.measure.label.lower()}"
        if not median[first] > 0:
            texts.append(f"{head}: that of {first} is 0, so no ratio to it is given.")
            continue
        parts = [_beside(organ, 100 * (median[organ] / median[first] - 1)) for organ in others]
        texts.append(f"{head}: {', '.join(parts)} {first} ({median[first]:.2f}).")
    return tuple(texts)


def _beside(name: str, percent: float) -> str:
    if abs(percent) < 0.5:
        return f"{name} equal to"
    way = "above" if percent >= 0 else "below"
    return f"{name} {abs(percent):.0f}% {way}"


def _sides(study: Study, marker: Marker) -> TwoSides:
    state, (negative, positive) = _of_lesions(study, marker, marker.with_drug)
    return TwoSides(state, negative, positive, main_organs(study))


def ask_state_means(marker: Marker, study: Study) -> Asked:
    """Ask for mean and SD of the ratios, by organ and state, with the drug."""
    return ask_means(study, _sides(study, marker), RATIOS)


def show_state_means(marker: Marker, study: Study, answers: Answers) -> Shown:
    """Show the means of one state against those of the other."""
    title = f"Mean ratios by organ and {marker.name}, with {marker.drug}"
    shown = show_means(study, _sides(study, marker), {"ratios": (title, RATIOS)}, answers)
    remarks = (*absent_arms(study, marker.with_drug), *absent_organs(study))
    return Shown(shown.tables, shown.charts, remarks, shown.left_out)


def analyses(plan: Plan) -> tuple[Analysis, ...]:
    """Give the analyses of a plan's marker; none where it has no marker.

    Parameters
    ----------
    plan
        Its marker names the chapter.

    Examples
    --------
    >>> from lesionhet.plan import load_plan
    >>> [analysis.id for analysis in analyses(load_plan())]
    ['K-OS', 'S7', '5A', '5B', '5C']
    """
    marker = plan.marker
    if marker is None:
        return ()
    with_arm = (marker.column, "arm", "site")
    rows: tuple[tuple[Any, ...], ...] = (
        ("K-OS", (marker.column, OS.time, OS.event), ask_survival, show_survival, ()),
        ("S7", (marker.column, "site"), ask_states, show_states, ()),
        ("5A", with_arm, ask_with_arms, show_with_arms, (marker.with_drug,)),
        ("5B", with_arm, ask_with_arms, show_with_arms, (marker.without_drug,)),
        ("5C", with_arm, ask_state_means, show_state_means, ()),
    )
    words = vars(marker)
    return tuple(
        Analysis(
            id_,
            TITLES[id_][0].format(**words),
            TITLES[id_][1].format(**words),
            needs,
            partial(ask, marker, *arms),
            partial(show, marker, *arms),
            marker.name,
        )
        for id_, needs, ask, show, arms in rows
    )
