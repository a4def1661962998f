"""Page Heterogeneity: the distance between the responses of one patient's lesions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from lesionhet.explore.by_column import SITE, distance_by
from lesionhet.explore.column_groups import grouping_columns
from lesionhet.labels import label
from streamlit_app import layout, own

if TYPE_CHECKING:
    from lesionhet.explore.by_column import Level
    from lesionhet.study import Study

COMPARE, DISTRIBUTION, PAPER = "Compare groups", "Distribution", "Long and short survivors"
PARTS: Final = {DISTRIBUTION: ("2A", "2A-tau"), PAPER: ("2B",)}
LEVELS: Final[dict[Level, str]] = {
    "patient": "patients, one distance each",
    "lesion": "lesions, in the group of their patient",
}
# The distance itself: groups of it cannot be compared by it.
OWN: Final = "gower"


def render() -> None:
    """Show the page."""
    lead = "How differently the lesions of one patient respond: the Gower distance."
    layout.page("Heterogeneity", lead, _body)


def _body(study: Study) -> None:
    part = st.segmented_control(
        "Part",
        [COMPARE, *PARTS],
        default=COMPARE,
        required=True,
        key="heterogeneity_part",
        persist_state="session",
        label_visibility="collapsed",
    )
    if part == COMPARE:
        _compare(study)
    else:
        layout.show_chapter(study, PARTS[part])


def _compare(study: Study) -> None:
    columns, unusable = grouping_columns(study)
    found = [SITE] if study.has(SITE) else []
    found += [column for column in columns if column != OWN]
    _missing(study, unusable)
    if not found:
        st.info("These data have no column that makes two groups or more.")
        return
    chosen = st.selectbox(
        "Compare the distance by",
        found,
        format_func=label,
        key="heterogeneity_by",
        persist_state="session",
        help="The site of a lesion, or any column of the patients; numbers are cut at their quartiles.",
    )
    level: Level = "lesion"
    if chosen != SITE:
        level = st.radio(
            "What is compared",
            list(LEVELS),
            format_func=LEVELS.__getitem__,
            key="heterogeneity_level",
            persist_state="session",
            horizontal=True,
        )
    with layout.errors():
        with st.spinner("Comparing …"):
            result = own.run(distance_by(chosen, level), study, chosen, level)
        layout.show_result(result, study)


def _missing(study: Study, unusable: tuple[str, ...]) -> None:
    """Say which groupings there are not, and why."""
    texts = [
        f"By {name} left out: column {name} is missing."
        for name in (SITE, "arm")
        if not study.has(name)
    ]
    layout.bullets((*texts, *(f"No groups by {text}" for text in unusable)))


if __name__ == "__main__":
    render()
