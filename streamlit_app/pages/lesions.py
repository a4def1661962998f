"""Page Lesions: how single lesions respond, beside the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from streamlit_app import explorer, layout

if TYPE_CHECKING:
    from lesionhet.study import Study

ONE: Final = "One patient"
PARTS: Final = {
    "Discordance": ("1C", "1D"),
    "RECIST 1.1": ("RECIST",),
    "As in the paper": ("1A", "1B", "S2", "S3"),
}


def render() -> None:
    """Show the page."""
    layout.page("Lesions", "How single lesions respond, beside the sum that hides them.", _body)


def _body(study: Study) -> None:
    part = st.segmented_control(
        "Part",
        [ONE, *PARTS],
        default=ONE,
        required=True,
        key="lesions_part",
        persist_state="session",
        label_visibility="collapsed",
    )
    if part == ONE:
        explorer.explore(study)
    else:
        layout.show_chapter(study, PARTS[part])


if __name__ == "__main__":
    render()
