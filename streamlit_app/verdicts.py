"""Questions with their verdicts, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

import pandas as pd
import streamlit as st

from lesionhet.agreement import summarise
from streamlit_app import state, takeaway, twin
from streamlit_app.asked import Question
from streamlit_app.show import show_table

T = TypeVar("T")

VERDICTS: Final = ("agree", "known", "differ", "no answer", "not compared")
ROWS_SHOWN: Final = 1000
DIFFERENCE: Final = "largest_relative_difference"
ALL: Final = "all of these"


def show_verdicts(questions: Sequence[Question]) -> None:
    """Show counts, the table of questions with its filters, and the numbers of those that are left.

    Parameters
    ----------
    questions
        One or more.
    """
    overview = _remembered("overview", questions, partial(_overview, questions))
    _counts(overview)
    shown = _filtered(overview)
    kept = [
        q for q, stays in zip(questions, overview.index.isin(shown.index), strict=True) if stays
    ]
    if not kept:
        st.info("No question matches these filters.")
        return
    show_table(_remembered("shown", kept, lambda: shown), "agreement_questions", "Questions")
    _numbers(kept)


def _counts(overview: pd.DataFrame) -> None:
    by_verdict = overview["verdict"].value_counts()
    numbers = int(overview["numbers"].sum())
    differ = int(overview["differ"].sum())
    if differ:
        st.error(f"{differ:,} of {numbers:,} numbers differ.", icon=":material/error:")
    elif numbers and not by_verdict.get("no answer", 0):
        st.success(
            f"Python and R agree on all {numbers:,} numbers compared.", icon=":material/balance:"
        )
    elif numbers:
        st.warning(
            f"Python and R agree on {numbers:,} numbers; R gave no answer to some questions."
        )
    texts = [f"{int(by_verdict[name]):,} {name}" for name in VERDICTS if by_verdict.get(name, 0)]
    st.caption(f"{len(overview):,} questions: {', '.join(texts)}.")


def _filtered(overview: pd.DataFrame) -> pd.DataFrame:
    pages = sorted({page for text in overview["pages"] for page in text.split(", ")})
    columns = st.columns(3)
    found = overview
    with columns[0]:
        page = st.multiselect("Page", pages, key="agreement_page", persist_state="session")
    with columns[1]:
        statistics = sorted(overview["statistic"].unique())
        statistic = st.multiselect(
            "Statistic", statistics, key="agreement_statistic", persist_state="session"
        )
    with columns[2]:
        verdict = st.multiselect(
            "Verdict", VERDICTS, key="agreement_verdict", persist_state="session"
        )
    if page:
        wanted = set(page)
        found = found[[bool(wanted & set(text.split(", "))) for text in found["pages"]]]
    if statistic:
        found = found[found["statistic"].isin(statistic)]
    return found[found["verdict"].isin(verdict)] if verdict else found


def _numbers(kept: Sequence[Question]) -> None:
    answered = [q for q in kept if (c := twin.compared(q)) is not None and not c.failure]
    if not answered:
        return
    table = _remembered("numbers", answered, partial(twin.numbers, answered))
    summary = _remembered("summary", answered, partial(_summary, table))
    show_table(summary, "agreement_summary", "By statistic", folded=True)
    box = st.expander(f"Every number ({len(table):,})", key="agreement_open", on_change="rerun")
    if not box.open:
        return
    with box:
        name = st.selectbox(
            "Question", [ALL, *(q.name for q in answered)], key="agreement_question"
        )
        one = table if name == ALL else table[table["name"] == name]
        if len(one) > ROWS_SHOWN:
            st.caption(f"The first {ROWS_SHOWN:,} of {len(one):,} rows; the file has all.")
        part = _remembered(f"part {name}", answered, lambda: one.head(ROWS_SHOWN))
        show_table(part, "agreement_numbers", "")
        if len(one) > ROWS_SHOWN:
            st.download_button(
                f"CSV ({len(one):,} rows)",
                data=partial(takeaway.csv_bytes, one),
                file_name="agreement.csv",
                mime="text/csv",
                key="agreement_csv",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )


def _overview(questions: Sequence[Question]) -> pd.DataFrame:
    rows = [_row(question) for question in questions]
    columns = ["verdict", "name", "numbers", "differ", DIFFERENCE, "tolerance", "statistic"]
    return pd.DataFrame(rows, columns=[*columns, "pages", "reason"])


def _summary(table: pd.DataFrame) -> pd.DataFrame:
    return summarise(table).rename(columns={"largest_relative": DIFFERENCE})


def _row(question: Question) -> dict[str, object]:
    head = {
        "pages": ", ".join(question.pages),
        "name": question.name,
        "statistic": question.request.statistic,
        "numbers": 0,
        "differ": 0,
    }
    found = twin.compared(question)
    if found is None:
        return {**head, "verdict": "not compared"}
    if found.failure:
        return {**head, "verdict": "no answer", "reason": found.failure}
    (row,) = _summary(found.table).to_dict("records")
    warned = f"R warns: {'; '.join(found.warnings)}" if found.warnings else None
    return {**head, **row, "verdict": found.verdict, "reason": warned}


def _remembered(kind: str, questions: Sequence[Question], make: Callable[[], T]) -> T:
    """Give what was made of these questions as R has answered them so far, or make it now."""
    names = [(q.name, ", ".join(q.pages), id(twin.compared(q))) for q in questions]
    return state.remember(state.digest("agreement", kind, names), make)
