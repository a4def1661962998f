"""Page Report: choose chapters, and take the whole folder home as one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from lesionhet.labels import format_number
from streamlit_app import layout, state, steps, twin
from streamlit_app.parcel import Parcel, Step, make_step, steps_of
from streamlit_app.show import show_table
from streamlit_app.text import escape, lines

if TYPE_CHECKING:
    from lesionhet.study import Study

WORK: Final = "report"
MEGABYTE: Final = 1e6


def render() -> None:
    """Show the page."""
    lead = "The report with its tables, figures, methods and R script, as one file to take home."
    layout.page("Report", lead, _body)


def _body(study: Study) -> None:
    ids = _chosen()
    with_r = _with_r()
    top = st.container()
    parcel = st.session_state.get("report_parcel")
    if parcel is not None:
        _download(parcel)
    _tables(study)
    with top:
        _make(ids, with_r)


def _make(ids: list[str], with_r: bool) -> None:
    """Make the report, or offer to."""
    if steps.going(WORK):
        steps.work(WORK, steps_of(ids, with_r), lambda step, say: _do(step, say, ids, with_r))
        return
    text = f"Make the report of {len(ids)} analyses" if len(ids) != 1 else "Make the report"
    icon = ":material/summarize:"
    steps.offer(WORK, text, key="report_make", type="primary", icon=icon, disabled=not ids)


def _chosen() -> list[str]:
    chapters: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for analysis in state.analyses():
        chapters.setdefault(analysis.chapter, []).append(analysis.id)
        titles[analysis.id] = f"{analysis.id}  {analysis.title}"
    chosen = st.multiselect(
        "Chapters",
        list(chapters),
        default=list(chapters),
        key="report_chapters",
        persist_state="session",
    )
    ids = [name for chapter in chapters if chapter in chosen for name in chapters[chapter]]
    left = st.multiselect(
        "Leave out",
        ids,
        format_func=lambda name: titles[name],
        key="report_left_out",
        placeholder="single analyses, if any",
        persist_state="session",
    )
    return [name for name in ids if name not in left]


def _with_r() -> bool:
    reason = twin.missing()
    asked = st.toggle(
        "Compute each number again in R",
        value=not reason,
        key="report_r",
        disabled=bool(reason),
        persist_state="session",
        help="Takes longer; what the page Python and R has compared is not computed again.",
    )
    if reason:
        st.caption("There is no R here; the page Python and R says how to get it.")
    return bool(asked) and not reason


def _do(step: Step, say: steps.Say, ids: list[str], with_r: bool) -> None:
    parcel = make_step(step, say, ids, with_r)
    if parcel is not None:
        st.session_state["report_parcel"] = parcel


def _download(parcel: Parcel) -> None:
    with st.container(border=True):
        size = format_number(len(parcel.content) / MEGABYTE, 1)
        st.markdown(f"**{escape(parcel.says)}**")
        if parcel.study_key != state.study_key():
            st.warning("Data or choices have changed since: this report was made before.")
        st.download_button(
            f"Download the report ({size} MB)",
            data=parcel.content,
            file_name="lesionhet-report.zip",
            mime="application/zip",
            key="report_zip",
            type="primary",
            on_click="ignore",
            icon=":material/download:",
        )
        st.caption("Unpack the file and open report.html in any browser.")
        if parcel.r_reason:
            st.caption(lines(parcel.r_reason))


def _tables(study: Study) -> None:
    from lesionhet.report.tables import lesion_table, patient_table

    st.subheader("Single pieces", anchor="single-pieces")
    st.caption(
        "Every figure and table has its buttons where it stands. These two hold all that was computed."
    )
    key = state.study_key()
    lesions = state.remember(state.digest(key, "lesion table"), lambda: lesion_table(study))
    patients = state.remember(state.digest(key, "patient table"), lambda: patient_table(study))
    show_table(lesions, "lesions", "Lesions", folded=True)
    show_table(patients, "patients", "Patients", folded=True)


if __name__ == "__main__":
    render()
