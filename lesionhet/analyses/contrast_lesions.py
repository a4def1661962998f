"""Lesions under the two sides of a contrast: all together, by site, in the main organs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import contrast_groups, main_organs, of_lesions, tried
from lesionhet.analyses.parts.lesion_comparisons import (
    INDEPENDENT,
    Comparison,
    ask_comparisons,
    box_chart,
    compare,
    comparison_tables,
    left_out,
)
from lesionhet.analyses.parts.measures import (
    DISTANCE,
    DURATIONS,
    NADIR,
    RATIOS,
    RESPONSE,
    Measure,
)
from lesionhet.analyses.parts.organ_means import TwoSides, ask_means, show_means
from lesionhet.analyses.patient_distance import absent_arms
from lesionhet.charts import Chart
from lesionhet.errors import NotEstimableError
from lesionhet.once import once_per_object
from lesionhet.plan import Contrast
from lesionhet.study import Study

TREATED, CONTROL = "treated", "control"
ORGAN_MEASURES: Final = (*RATIOS, RESPONSE, DISTANCE)


@once_per_object
def absent_organs(study: Study) -> tuple[str, ...]:
    """Say which main organs of the plan have no lesion in the cohort; empty where all have."""
    there = {name.casefold() for name in study.lesions["site"].dropna().unique()}
    names = [organ for organ in study.plan.organs if organ.casefold() not in there]
    return (f"The cohort has no lesions in: {', '.join(names)}.",) if names else ()


@once_per_object
def short_sides(study: Study, contrast: Contrast) -> tuple[pd.Series, tuple[str, str]]:
    """Give each lesion's side of a contrast as "treated" or "control", short enough for box plots."""
    by_patient, (treated, *_) = contrast_groups(study, contrast)
    side = of_lesions(study, by_patient)
    short = side.map(lambda name: TREATED if name == treated else CONTROL, na_action="ignore")
    return short, (TREATED, CONTROL)


def among_organs(
    study: Study, measure: Measure, side: pd.Series, sides: Sequence[str], organs: Sequence[str]
) -> list[Comparison]:
    """Compare the organs with each other, within each side."""
    return [
        compare(
            study,
            measure,
            study.lesions["site"].where(side == name),
            organs,
            within=name,
            shown_as={organ: f"{organ}, {name}" for organ in organs},
        )
        for name in sides
    ]


def between_sides(
    study: Study, measure: Measure, side: pd.Series, sides: Sequence[str], organs: Sequence[str]
) -> list[Comparison]:
    """Compare the two sides with each other, within each organ."""
    return [
        compare(
            study,
            measure,
            side.where(study.lesions["site"] == organ),
            sides,
            within=organ,
            shown_as={name: f"{organ}, {name}" for name in sides},
        )
        for organ in organs
    ]


def side_charts(
    study: Study,
    comparisons: Sequence[Comparison],
    answers: Answers,
    title: str,
    head: str,
) -> dict[str, Chart]:
    """Draw all comparisons of a measure side by side, one chart a measure; ``title`` ends its title."""
    charts: dict[str, Chart] = {}
    for measure in dict.fromkeys(c.measure for c in comparisons):
        own = [c for c in comparisons if c.measure == measure]
        if chart := box_chart(study, f"{measure.label} {title}", head, own, answers):
            charts[measure.column] = chart
    return charts


def _who(contrast: Contrast) -> str:
    return f"Treated: {contrast.name}; control: {contrast.control_name}."


def _remarks(study: Study, contrast: Contrast) -> tuple[str, ...]:
    absent = absent_arms(study, contrast.treated, contrast.control)
    return (INDEPENDENT, *absent, *absent_organs(study))


@once_per_object
def _by_side(study: Study, contrast: Contrast) -> list[Comparison]:
    by_patient, order = contrast_groups(study, contrast)
    group = of_lesions(study, by_patient)
    return [compare(study, measure, group, order) for measure in (*RATIOS, *DURATIONS)]


def ask_dynamics(contrast: Contrast, study: Study) -> Asked:
    """Ask how ratios and durations of lesions differ between the two sides."""
    return ask_comparisons(study, _by_side(study, contrast))


def show_dynamics(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show one box plot a measure."""
    comparisons = _by_side(study, contrast)
    charts: dict[str, Chart] = {}
    for c in comparisons:
        title = f"{c.measure.label} by treatment"
        if chart := box_chart(study, title, "Followed lesions.", [c], answers):
            charts[c.measure.column] = chart
    remarks = (INDEPENDENT, *absent_arms(study, contrast.treated, contrast.control))
    return Shown(comparison_tables(comparisons, answers), charts, remarks)


def _by_site(study: Study, contrast: Contrast) -> list[Comparison]:
    by_patient, order = contrast_groups(study, contrast)
    treated = of_lesions(study, by_patient) == order[0]
    site = study.lesions["site_group"].where(treated)
    present = tuple(name for name in study.sites if (site == name).any())
    if len(present) < 2:
        raise NotEstimableError(
            f"Lesions under {contrast.name} fall into {len(present)} site group(s) of at least "
            f"{study.definitions.site_min_lesions} lesions in the cohort; two or more are needed."
        )
    return [compare(study, measure, site, present) for measure in (NADIR, DISTANCE)]


def ask_sites(contrast: Contrast, study: Study) -> Asked:
    """Ask how nadir ratio and distance differ between the sites of treated lesions."""
    nadir, distance = _by_site(study, contrast)
    asked = ask_comparisons(study, [nadir, distance])
    if any(item.request for item in asked.values()):
        values = study.lesions["gower"].where(distance.group.notna())
        asked["all_sites"] = tried(requests.describe, values)
    return asked


def show_sites(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show box plots by site with the lines of the paper."""
    comparisons = _by_site(study, contrast)
    d = study.definitions
    lines = {
        NADIR: {
            d.response_threshold: f"response {d.response_threshold:g}",
            d.relapse_threshold: f"growth {d.relapse_threshold:g}",
        },
        DISTANCE: {},
    }
    if "all_sites" in answers:
        median = answers["all_sites"].value("median", "summary")
        lines[DISTANCE] = {median: f"median {median:.2f}"}
    charts: dict[str, Chart] = {}
    for c in comparisons:
        title, head = f"{c.measure.label} by site", f"Lesions under {contrast.name}."
        if chart := box_chart(
            study, title, head, [c], answers, lines=lines[c.measure], palette="site"
        ):
            charts[c.measure.column] = chart
    tables = comparison_tables(comparisons, answers)
    if "all_sites" in answers:
        tables["distance_all_sites"] = answers["all_sites"].to_frame()
    remarks = (INDEPENDENT, *absent_arms(study, contrast.treated))
    return Shown(tables, charts, remarks, left_out(comparisons))


@once_per_object
def _organ_comparisons(study: Study, contrast: Contrast) -> list[Comparison]:
    side, sides = short_sides(study, contrast)
    organs = main_organs(study)
    return [c for m in ORGAN_MEASURES for c in among_organs(study, m, side, sides, organs)]


def ask_organs(contrast: Contrast, study: Study) -> Asked:
    """Ask how lesions differ among the main organs, on each side."""
    return ask_comparisons(study, _organ_comparisons(study, contrast))


def show_organs(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show one box plot a measure: the organs of the treated, then those of the control group."""
    comparisons = _organ_comparisons(study, contrast)
    charts = side_charts(study, comparisons, answers, "in the main organs", _who(contrast))
    remarks = (_who(contrast), *_remarks(study, contrast))
    return Shown(comparison_tables(comparisons, answers), charts, remarks, left_out(comparisons))


@once_per_object
def _side_comparisons(study: Study, contrast: Contrast) -> list[Comparison]:
    side, sides = short_sides(study, contrast)
    return between_sides(study, DISTANCE, side, sides, main_organs(study))


def ask_organ_sides(contrast: Contrast, study: Study) -> Asked:
    """Ask in which main organs the distance differs between the two sides."""
    return ask_comparisons(study, _side_comparisons(study, contrast))


def show_organ_sides(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show the two sides of each organ beside each other."""
    comparisons = _side_comparisons(study, contrast)
    charts = side_charts(study, comparisons, answers, "by organ and treatment", _who(contrast))
    remarks = (
        _who(contrast),
        "One test for each organ, not corrected for their number.",
        *_remarks(study, contrast),
    )
    return Shown(comparison_tables(comparisons, answers), charts, remarks)


@once_per_object
def _two_sides(study: Study, contrast: Contrast) -> TwoSides:
    by_patient, order = contrast_groups(study, contrast)
    return TwoSides(of_lesions(study, by_patient), order[-1], order[0], main_organs(study))


def ask_organ_means(contrast: Contrast, study: Study) -> Asked:
    """Ask for mean and SD of ratios and durations, by organ and side."""
    return ask_means(study, _two_sides(study, contrast), (*RATIOS, *DURATIONS))


def show_organ_means(contrast: Contrast, study: Study, answers: Answers) -> Shown:
    """Show the treated group's means against the control group's."""
    titles = {
        "ratios": ("Mean ratios by organ", RATIOS),
        "durations": ("Mean durations (days) by organ", DURATIONS),
    }
    shown = show_means(study, _two_sides(study, contrast), titles, answers)
    remarks = (*absent_arms(study, contrast.treated, contrast.control), *absent_organs(study))
    return Shown(shown.tables, shown.charts, remarks, shown.left_out)
