"""Page Patients: who is in the cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from lesionhet.explore.by_column import table_1_by
from lesionhet.explore.column_groups import grouping_columns
from lesionhet.labels import label
from streamlit_app import layout, own, show, state
from streamlit_app.text import escape

if TYPE_CHECKING:
    from lesionhet.analyses.base import AnalysisResult
    from lesionhet.study import Study

TABLE_1: Final = "Table 1"
PARTS: Final = {"Lesions per patient": ("T1c",), "Arms and organs": ("T1b", "T1d")}
NOTHING: Final = ""
TOGETHER: Final = "all patients together"


def render() -> None:
    """Show the page."""
    lead = "Who is in the cohort: Table 1 by any column, and how many lesions each patient has."
    layout.page("Patients", lead, _body)


def _body(study: Study) -> None:
    part = st.segmented_control(
        "Part",
        [TABLE_1, *PARTS],
        default=TABLE_1,
        required=True,
        key="patients_part",
        persist_state="session",
        label_visibility="collapsed",
    )
    if part == TABLE_1:
        _table_1(study)
    else:
        layout.show_chapter(study, PARTS[part])


def _table_1(study: Study) -> None:
    columns, unusable = grouping_columns(study)
    chosen = st.selectbox(
        "Table 1 by",
        [NOTHING, *columns],
        index=1 + columns.index("arm") if "arm" in columns else 0,
        format_func=lambda column: label(column) if column else TOGETHER,
        key="patients_by",
        persist_state="session",
        help="Any column of the patients table; numbers are cut at their quartiles.",
    )
    _missing(study, unusable)
    with layout.errors(), st.spinner("Counting …"):
        if chosen == NOTHING:
            (result,) = state.run(["T1"])
        else:
            result = own.run(table_1_by(chosen), study, chosen)
    _show(result)


def _show(result: AnalysisResult) -> None:
    """Show Table 1 with all of its rows."""
    st.subheader(escape(result.title), anchor=False)
    if result.status == "skipped":
        st.info(f"Left out. {escape(result.reason)}")
        return
    for name, table in result.shown.tables.items():
        show.show_table(table, f"{result.id}_{name}", "", whole=True)
    layout.bullets(
        (*result.shown.remarks, *(f"Left out: {text}" for text in result.shown.left_out))
    )


def _missing(study: Study, unusable: tuple[str, ...]) -> None:
    """Say which groupings there are not, and why."""
    texts = []
    if len(study.cohort.patients.columns) == 1:
        texts.append("There is no patients table: only what the lesions tell can make groups.")
    elif not study.has("arm"):
        texts.append("By arm left out: column arm is missing.")
    layout.bullets((*texts, *(f"No groups by {text}" for text in unusable)))


if __name__ == "__main__":
    render()
