"""R's answers beside Python's for one session, and what is known of R's process."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import streamlit as st

from lesionhet.agreement import COMPARED, compare
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, RCallError, RUnavailableError
from r_bridge.session import Probe, probe, shared_session
from streamlit_app.asked import Question


@dataclass(frozen=True, eq=False)
class Compared:
    """One question answered by R, or not.

    Parameters
    ----------
    request
        The question.
    table
        Rows of `lesionhet.agreement.compare`; none where R gave no answer.
    failure
        Why R gave no answer; empty where it did.
    warnings
        What R warned of.
    """

    request: Any
    table: pd.DataFrame
    failure: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Give the worst verdict of its numbers: agree, known, differ or no answer."""
        if self.failure:
            return "no answer"
        found = set(self.table["verdict"])
        return next((name for name in ("differ", "known") if name in found), "agree")


def compared(question: Question) -> Compared | None:
    """Give what R answered to a question; None where it was not asked."""
    found = _kept().get(question.name)
    return found if found is not None and found.request is question.request else None


def pending(questions: Iterable[Question]) -> list[Question]:
    """Give the questions that R was not asked."""
    return [question for question in questions if compared(question) is None]


def forget(questions: Iterable[Question]) -> None:
    """Let go of R's answers, so that it is asked again."""
    for question in questions:
        _kept().pop(question.name, None)


def ask_r(question: Question) -> Compared:
    """Ask R and compare; a question that lost R's process is asked once more.

    Parameters
    ----------
    question
        With Python's answer.

    Raises
    ------
    RUnavailableError
        R cannot be used; nothing is kept.
    """
    second = engine("r")
    before = process_id()
    try:
        try:
            answer = second.answer(question.request)
        except RCallError as error:
            st.session_state["r_last_error"] = f"{question.name}: {error}"
            if shared_session().running:
                raise
            answer = second.answer(question.request)
        table = compare(question.name, question.answer, answer)
        found = Compared(question.request, table, warnings=answer.warnings)
    except (RCallError, NotEstimableError) as error:
        st.session_state["r_last_error"] = f"{question.name}: {error}"
        found = Compared(question.request, pd.DataFrame(columns=list(COMPARED)), str(error))
    _watch(before)
    _kept()[question.name] = found
    return found


def numbers(questions: Iterable[Question]) -> pd.DataFrame:
    """Give every compared number of these questions, as in agreement.csv."""
    found = [c.table for q in questions if (c := compared(q)) is not None and not c.failure]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COMPARED))


def process_id() -> int | None:
    """Give the id of R's process, None where none runs."""
    return shared_session().pid


def lost_process() -> int | None:
    """Give the id of the process that this session used and that is gone, None where there is none."""
    known = st.session_state.get("r_pid")
    return known if known is not None and process_id() != known else None


def restart() -> None:
    """End R's process, after calls under way, and start a new one; for ``on_click``."""
    shared_session().close()
    for name in ("r_pid", "r_event", "r_last_error", "r_missing", "r_versions"):
        st.session_state.pop(name, None)
    start()


def start() -> None:
    """Start R where it does not run, and keep its versions or the reason why there is none."""
    try:
        st.session_state["r_versions"] = dict(engine("r").versions())
        st.session_state["r_pid"] = process_id()
        st.session_state.pop("r_missing", None)
    except RUnavailableError as error:
        st.session_state["r_missing"] = str(error)
    except RCallError as error:
        st.session_state["r_last_error"] = str(error)


def missing() -> str:
    """Say why R cannot be used; empty where it can be, or was not tried yet."""
    try:
        engine("r")
    except RUnavailableError as error:
        return str(error)
    return str(st.session_state.get("r_missing", ""))


def note_missing(reason: str) -> None:
    """Keep why R cannot be used."""
    st.session_state["r_missing"] = reason


def look() -> Probe:
    """Give what of R is there and the commands that add the rest; looked up once a session."""
    if "r_probe" not in st.session_state:
        st.session_state["r_probe"] = probe()
    return cast("Probe", st.session_state["r_probe"])


def look_again() -> None:
    """Forget what was found of R; for ``on_click``."""
    for name in ("r_probe", "r_missing"):
        st.session_state.pop(name, None)


def _watch(before: int | None) -> None:
    """Notice that R runs in another process than this session last used."""
    last, now = st.session_state.get("r_pid"), process_id()
    if last is not None and now is not None and now != last:
        st.session_state["r_event"] = f"R's process {last} had ended; process {now} took over."
    elif before is not None and now is not None and now != before:
        st.session_state["r_event"] = f"R's process {before} was lost in a call; {now} took over."
    if now is not None:
        st.session_state["r_pid"] = now
    if now is not None and (now != last or "r_versions" not in st.session_state):
        with suppress(RCallError, RUnavailableError):
            st.session_state["r_versions"] = dict(engine("r").versions())


def _kept() -> dict[str, Compared]:
    return cast("dict[str, Compared]", st.session_state.setdefault("compared", {}))
