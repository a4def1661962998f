"""Page What a reviewer would ask: each objection to the published way, with its answer from these data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from streamlit_app import layout, state, steps
from streamlit_app.show import show_table
from streamlit_app.text import escape

if TYPE_CHECKING:
    from lesionhet.analyses.base import Analysis, AnalysisResult
    from lesionhet.analyses.reviewer.critiques import Critique
    from lesionhet.study import Study

WORK: Final = "reviewer"
PART: Final = "reviewer_part"
ALL: Final = "All answers"
NOT_YET: Final = "Not asked yet."
Parts = dict[str, tuple["Critique", tuple["Analysis", ...]]]


def render() -> None:
    """Show the page."""
    lead = (
        "What is open to objection in the published way, what was done about it, and what that says of "
        "these data."
    )
    layout.page("What a reviewer would ask", lead, _body)


def _body(study: Study) -> None:
    parts = _parts()
    part = st.segmented_control(
        "Part",
        [ALL, *parts],
        # What the button of an objection has set must not meet a default.
        default=None if PART in st.session_state else ALL,
        required=True,
        key=PART,
        persist_state="session",
        label_visibility="collapsed",
    )
    if part in parts:
        _show_part(study, *parts[part])
    else:
        _show_all(study, parts)


def _parts() -> Parts:
    """Give the objections with the analyses that answer them, by name."""
    from lesionhet.analyses.reviewer.critiques import by_critique
    from lesionhet.analyses.reviewer.time import CHAPTER

    found = by_critique(a for a in state.analyses() if a.chapter == CHAPTER)
    return {critique.name: (critique, members) for critique, members in found}


def _show_all(study: Study, parts: Parts) -> None:
    """Show every objection with the answers that the session has, and offer to ask for the others."""
    top = st.container()
    results = {a.id: _known(study, a) for _, members in parts.values() for a in members}
    for critique, members in parts.values():
        _show_answers(critique, members, results)
    _table(parts, results)
    st.caption("Every P value, adjusted for how many there are, stands in the report.")
    # Last, so that what is known can be read while the rest is computed.
    todo = [name for name, result in results.items() if result is None]
    with top:
        if todo and steps.going(WORK):
            steps.work(WORK, todo, _run, done=len(results) - len(todo))
        elif todo:
            text = f"Answer all ({len(todo)} of {len(results)} are left)"
            icon = ":material/play_circle:"
            steps.offer(WORK, text, key="reviewer_all", type="primary", icon=icon)


def _run(name: str, say: steps.Say) -> None:
    say(f"{name} in Python")
    state.run([name])


def _known(study: Study, analysis: Analysis) -> AnalysisResult | None:
    """Give what is known of an analysis without computing; that of one without its columns is known."""
    if state.has_run(analysis.id) or study.missing(analysis.needs):
        return state.run([analysis.id])[0]
    return None


def _says(result: AnalysisResult | None) -> str:
    from lesionhet.analyses.reviewer.critiques import says

    return NOT_YET if result is None else says(result)


def _show_answers(
    critique: Critique, members: Sequence[Analysis], results: dict[str, AnalysisResult | None]
) -> None:
    with st.container(border=True):
        asked, answered = st.columns([2, 5], gap="medium")
        with asked:
            st.markdown(f"**{escape(critique.name)}**")
            st.markdown(escape(critique.critique))
            st.button(
                "Open",
                key=f"reviewer_open_{critique.name}",
                on_click=_open,
                args=(critique.name,),
                icon=":material/arrow_forward:",
                type="tertiary",
            )
        with answered:
            for analysis in members:
                result = results[analysis.id]
                head = f"**{escape(analysis.title)}** \\[{escape(analysis.id)}\\]"
                told = escape(_says(result))
                told = f":gray[{told}]" if result is None else told
                st.markdown("  \n".join([head, f":gray[{escape(analysis.question)}]", told]))


def _open(name: str) -> None:
    st.session_state[PART] = name


def _table(parts: Parts, results: dict[str, AnalysisResult | None]) -> None:
    known = tuple(result.id for result in results.values() if result is not None)
    table = state.remember(
        state.digest(state.study_key(), "reviewer table", known),
        lambda: pd.DataFrame(
            [
                {
                    "critique": critique.critique,
                    "analysis": analysis.id,
                    "what_was_done": analysis.title,
                    "question": analysis.question,
                    "answer": _says(results[analysis.id]),
                }
                for critique, members in parts.values()
                for analysis in members
            ]
        ),
    )
    show_table(table, "reviewer_answers", "The answers as a table", folded=True)


def _show_part(study: Study, critique: Critique, members: Sequence[Analysis]) -> None:
    """Show one objection with its analyses, each as soon as it is there."""
    st.markdown(f"{escape(critique.critique)} **{escape(critique.remedy)}**")
    found = layout.show_chapter(study, [analysis.id for analysis in members])
    _methods(critique, found)


def _methods(critique: Critique, results: Sequence[AnalysisResult]) -> None:
    """Say how the numbers of a part were computed, in both languages."""
    from lesionhet.report.methods import statistic_rows

    box = st.expander("Methods", key=f"reviewer_methods_{critique.name}", on_change="rerun")
    if not box.open:
        return
    with box:
        layout.bullets(
            f"{row.name}. Python: {'; '.join(row.python)}. R: {row.r}."
            for row in statistic_rows(results)
        )
        st.caption(f"The remedy: {escape(critique.reference)}.")


if __name__ == "__main__":
    render()
