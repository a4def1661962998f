"""Every question that the pages of a session have asked, so that R can be asked the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

import streamlit as st

from streamlit_app.memo import Memo

if TYPE_CHECKING:
    from lesionhet.analyses.base import AnalysisResult

KEPT_STUDIES: Final = 4
"""Data and choices whose questions are kept."""
ELSEWHERE: Final = "Python and R"


@dataclass(frozen=True, eq=False)
class Question:
    """One question with Python's answer.

    Parameters
    ----------
    name
        Id of the analysis, a dot, and the name of the request in it.
    pages
        Titles of the pages that asked.
    request, answer
        The question and what Python answered.
    """

    name: str
    pages: tuple[str, ...]
    request: Any
    answer: Any


def open_page(title: str) -> None:
    """Say which page asks from now on in this run."""
    st.session_state["page_shown"] = title


def note(study_key: str, result: AnalysisResult, prefix: str = "") -> None:
    """Keep the questions of an analysis; one of the same name takes the place of the earlier one.

    Parameters
    ----------
    study_key
        Data and choices that it was asked about (`streamlit_app.state.study_key`).
    result
        What was asked and answered.
    prefix
        Put in front of the names of questions that are not the ledger's.
    """
    for name, request in result.requests.items():
        note_one(study_key, f"{prefix}{result.id}.{name}", request, result.answers[name])


def note_one(study_key: str, name: str, request: Any, answer: Any) -> None:
    """Keep one question."""
    known, page = _known(study_key), _page()
    before = known.get(name)
    if before is None or before.request is not request:
        known[name] = Question(name, (page,), request, answer)
    elif page not in before.pages:
        known[name] = replace(before, pages=(*before.pages, page))


def questions(study_key: str) -> tuple[Question, ...]:
    """Give the questions asked so far about data and choices, in the order first asked."""
    return tuple(_known(study_key).values())


def _page() -> str:
    return str(st.session_state.get("page_shown", ELSEWHERE))


def _known(study_key: str) -> dict[str, Question]:
    memo = cast("Memo", st.session_state.setdefault("asked", Memo(KEPT_STUDIES)))
    return memo.get(study_key, dict)
