"""What is known of R's process, and how to get R where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from streamlit_app import steps, twin
from streamlit_app.asked import Question
from streamlit_app.text import escape, lines

WORK: Final = "agreement"


def show_process(questions: Sequence[Question]) -> None:
    """Show whether R runs, which one, and what it last complained of; with its buttons.

    Parameters
    ----------
    questions
        Those that can be compared again.
    """
    pid, versions = twin.process_id(), st.session_state.get("r_versions", {})
    with st.container(border=True):
        state = (
            f"R is running, process {pid}." if pid else "R is not running; the next call starts it."
        )
        mark = ":material/check_circle:" if pid else ":material/pause_circle:"
        st.markdown(f"{mark} **{state}**")
        if versions:
            st.caption(escape(", ".join(f"{name} {version}" for name, version in versions.items())))
        lost = twin.lost_process()
        if lost is not None:
            st.warning(
                f"R's process {lost} has ended since the last call. The next call starts a new one."
            )
        elif event := st.session_state.get("r_event"):
            st.warning(lines(event))
        if error := st.session_state.get("r_last_error"):
            st.caption(f"Last error: {lines(error)}")
        _buttons(pid, questions)


def _buttons(pid: int | None, questions: Sequence[Question]) -> None:
    with st.container(horizontal=True):
        st.button(
            "Restart R" if pid else "Start R",
            key="agreement_restart",
            icon=":material/restart_alt:" if pid else ":material/play_arrow:",
            on_click=twin.restart,
            help="R is shared by all who use this page; calls under way are finished first.",
        )
        st.button(
            "Compare everything again",
            key="agreement_again",
            icon=":material/refresh:",
            on_click=_again,
            args=(questions,),
            disabled=not questions,
        )


def _again(questions: Sequence[Question]) -> None:
    twin.forget(questions)
    steps.start(WORK)


def show_without_r() -> None:
    """Say why there is no R here and how to get it."""
    with st.spinner("Looking for R …"):
        found = twin.look()
    reason = found.reason or twin.missing()
    st.info(
        f"**There is no R to compare with.** {lines(reason)}. Everything else works without it."
    )
    if found.commands:
        st.markdown("To add it on this computer:")
        st.code("\n".join(found.commands), language="bash", wrap_lines=True)
    with st.expander("On another computer, and the message in full"):
        st.markdown(lines(twin.missing()))
    st.button(
        "Look again", key="agreement_look", icon=":material/refresh:", on_click=twin.look_again
    )
