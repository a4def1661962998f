"""Page Survival: curves by any column, a Cox model of one's own, and its resampling."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from streamlit_app import layout
from streamlit_app.own_cox import show_cox_part
from streamlit_app.own_curves import show_curves_part

if TYPE_CHECKING:
    from lesionhet.study import Study

REVIEWER_PAGE: Final = Path(__file__).with_name("reviewer.py")
CHAPTERS: Final = {
    "As in the paper": ("2B", "2C", "2D", "2E", "2F"),
}
PARTS: Final = ("Curves", "Cox model", *CHAPTERS)


def render() -> None:
    """Show the page."""
    layout.page("Survival", "What the distance of a patient's lesions means for survival.", _body)


def _body(study: Study) -> None:
    endpoints = _endpoints(study)
    if not endpoints:
        st.info(
            "These data have no survival times. The patients table needs os\\_days and os\\_event, or "
            "pfs\\_days and pfs\\_event; columns can be named on the page Data."
        )
        return
    part = st.segmented_control(
        "Part",
        PARTS,
        default=PARTS[0],
        required=True,
        key="survival_part",
        persist_state="session",
        label_visibility="collapsed",
    )
    if part == PARTS[0]:
        show_curves_part(study, endpoints)
    elif part == PARTS[1]:
        show_cox_part(study, endpoints)
    else:
        layout.show_chapter(study, CHAPTERS[part])
    st.divider()
    st.page_link(
        REVIEWER_PAGE,
        label="The same by what was known at the time: What a reviewer would ask",
        icon=":material/rate_review:",
    )


def _endpoints(study: Study) -> tuple[Endpoint, ...]:
    return tuple(e for e in (OS, PFS) if study.has(e.time, e.event))


if __name__ == "__main__":
    render()
