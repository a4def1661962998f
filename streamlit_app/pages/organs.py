"""Page Organs and treatment: arms and organs of the reader's choice against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from streamlit_app import layout, state
from streamlit_app.own_arms import show_arms_part
from streamlit_app.own_organs import show_organs_part
from streamlit_app.text import escape

if TYPE_CHECKING:
    from lesionhet.study import Study

TREATMENT: Final = "Treatment"
ORGANS: Final = "Organ response"
MARKER: Final = "Marker"


def render() -> None:
    """Show the page."""
    lead = "Treatments and organs against each other: survival, distance and response."
    layout.page("Organs and treatment", lead, _body)


def _body(study: Study) -> None:
    marker = state.plan().marker
    parts = (TREATMENT, ORGANS, *([MARKER] if marker else []))
    part = st.segmented_control(
        "Part",
        parts,
        default=parts[0],
        required=True,
        format_func=lambda name: escape(marker.name) if marker and name == MARKER else name,
        key="organs_part",
        persist_state="session",
        label_visibility="collapsed",
    )
    if part == ORGANS:
        show_organs_part(study)
    elif marker and part == MARKER:
        ids = [a.id for a in state.analyses() if a.chapter == marker.name]
        layout.show_chapter(study, ids)
    else:
        show_arms_part(study)


if __name__ == "__main__":
    render()
