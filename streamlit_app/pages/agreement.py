"""Page Python and R: every number that the pages have asked so far beside R's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from lesionhet.errors import RUnavailableError
from streamlit_app import asked, layout, state, steps, twin
from streamlit_app.r_box import show_process, show_without_r
from streamlit_app.verdicts import show_verdicts

if TYPE_CHECKING:
    from lesionhet.study import Study

WORK: Final = "agreement"
ASKING: Final = "agreement_ask"


def render() -> None:
    """Show the page."""
    lead = "Each number that the pages have shown so far, computed again by R on the same rows."
    layout.page("Python and R", lead, _body)


def _body(study: Study) -> None:
    ids = _ask_more()
    if steps.going(ASKING):
        steps.work(ASKING, ids, _run)
    questions = asked.questions(state.study_key())
    reason = twin.missing()
    if reason:
        show_without_r()
    else:
        show_process(questions)
    if not questions:
        st.info(
            "No page has asked for a number yet. Look at another page first, or ask a chapter here."
        )
        return
    top = st.container()
    show_verdicts(questions)
    # Last, so that what was compared so far can be read while R works on the rest.
    if not reason:
        with top:
            _compare(questions)


def _compare(questions: tuple[asked.Question, ...]) -> None:
    """Ask R what it was not asked yet, unless the reader stopped it."""
    todo = twin.pending(questions)
    if not todo:
        return
    if not steps.going(WORK, default=True):
        text = f"Go on: {len(todo):,} of {len(questions):,} questions are left"
        steps.offer(WORK, text, key="agreement_go", icon=":material/play_circle:")
        return

    def do(question: asked.Question, say: steps.Say) -> None:
        say(f"{question.name} in R")
        try:
            twin.ask_r(question)
        except RUnavailableError as error:
            twin.note_missing(str(error))
            raise

    steps.work(WORK, todo, do, done=len(questions) - len(todo))


def _ask_more() -> list[str]:
    """Offer to ask whole chapters without a walk through the pages; give the analyses chosen."""
    chapters: dict[str, list[str]] = {}
    for analysis in state.analyses():
        chapters.setdefault(analysis.chapter, []).append(analysis.id)
    with st.expander("Ask whole chapters", key="agreement_more"):
        chosen = st.multiselect(
            "Chapters", list(chapters), key="agreement_chapters", persist_state="session"
        )
        ids = [name for chapter in chosen for name in chapters[chapter]]
        st.button(
            f"Ask {len(ids)} analyses" if ids else "Ask",
            key="agreement_ask",
            disabled=not ids,
            on_click=_start_asking,
        )
    return ids


def _run(name: str, say: steps.Say) -> None:
    say(f"{name} in Python")
    state.run([name])


def _start_asking() -> None:
    steps.start(ASKING)
    steps.start(WORK)


if __name__ == "__main__":
    render()
