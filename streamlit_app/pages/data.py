"""Page Data: the tables, which column is which, what is wrong with them, and what was left out."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lesionhet.errors import InputError, LesionhetError
from lesionhet.readers import ReadOptions
from lesionhet.readers.choosing.guess import TableName, guess_tables
from lesionhet.readers.choosing.prepare import Chosen, prepare
from lesionhet.readers.choosing.template import template_csv, template_workbook
from streamlit_app import cdisc, layout, mapping, offending, shapes, state, uploads
from streamlit_app.attrition import show_attrition
from streamlit_app.text import escape
from streamlit_app.uploads import Table

NONE = "(none)"


def render() -> None:
    """Show the page."""
    st.title("Data")
    st.markdown(
        "Every number comes from two tables: one row a **measurement of a lesion**, and, if you have "
        "it, one row a **patient**. Files stay in the memory of this program and are never stored."
    )
    with st.container(horizontal=True):
        st.button("Show me simulated data", on_click=_demo, key="data_demo", type="primary")
        _templates()
    _in_use()
    st.header("Your tables")
    st.file_uploader(
        "One file or several: CSV, TSV, XLSX, Parquet, or SDTM and ADaM data sets",
        type=list(uploads.ENDINGS),
        accept_multiple_files=True,
        key="data_uploads",
        on_change=uploads.take,
    )
    with layout.errors():
        options = uploads.reading()
        if uploads.files():
            _read(options)


def _demo() -> None:
    st.session_state.pop("refused", None)
    state.use_demo()


def _templates() -> None:
    with st.popover("Empty template"):
        st.caption(
            "Fill in your own rows in place of the example. Columns that are not needed may go."
        )
        st.download_button(
            "Workbook of both tables (XLSX)",
            template_workbook,
            file_name="lesionhet-template.xlsx",
            key="data_template_xlsx",
            on_click="ignore",
        )
        for name in ("lesions", "patients"):
            st.download_button(
                f"{name}.csv",
                partial(template_csv, name),
                file_name=f"{name}.csv",
                mime="text/csv",
                key=f"data_template_{name}",
                on_click="ignore",
            )


def _in_use() -> None:
    """Show the data that the other pages use."""
    found = state.data()
    if found is None:
        return
    cohort = found.cohort
    st.header(f"In use: {escape(found.name)}")
    if found.synthetic:
        st.caption("Simulated after a published trial: no number says anything about a drug.")
    sizes = (
        ("Patients", len(cohort.patients)),
        ("Lesions", len(cohort.lesions)),
        ("Measurements", len(cohort.measurements)),
    )
    with st.container(horizontal=True):
        for name, n in sizes:
            st.metric(name, f"{n:,}", border=True)
    layout.show_notices(cohort.notices)
    st.subheader("What was left out")
    show_attrition(cohort.attrition)
    cdisc.show_reading(cohort.reading)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            layout.DATA_PAGE.with_name("lesions.py"),
            label="Look at the lesions",
            icon=":material/show_chart:",
        )
        st.button("Remove these data", on_click=state.forget, key="data_forget", type="tertiary")


def _read(options: ReadOptions) -> None:
    options = shapes.choose(options)
    with st.spinner("Reading …"):
        tables, problems = uploads.tables(options)
    for error in problems:
        layout.show_error(error)
    if not tables:
        return
    standard = cdisc.offered([table.raw for table in tables])
    if standard is not None:
        cdisc.read(standard, [table.raw for table in tables], options)
        return
    lesions, patients = _roles(tables)
    if lesions is None:
        return
    chosen = [(lesions, mapping_of(lesions, "lesions", options))]
    if patients is not None:
        chosen.append((patients, mapping_of(patients, "patients", options)))
    pressed = st.button("Use these tables", key="data_use", type="primary")
    if pressed:
        with st.spinner("Checking …"):
            _use(chosen, options)
    found = state.data()
    if found is not None and found.key == _key(chosen, options):
        st.success("These tables are in use: see above, or go to another page.")
    _refused(chosen, options)


def _roles(tables: list[Table]) -> tuple[Table | None, Table | None]:
    """Ask which table is which; the guess is by their content."""
    by_label = {table.label: table for table in tables}
    first, second = guess_tables([table.raw for table in by_label.values()])
    labels = list(by_label)
    key = state.digest(labels)[:12]
    left, right = st.columns(2)
    lesions = left.selectbox(
        "Table of measurements", labels, index=first, key=f"keep_data_lesions_{key}"
    )
    others = [NONE, *labels]
    patients = right.selectbox(
        "Table of patients",
        others,
        index=0 if second is None else second + 1,
        key=f"keep_data_patients_{key}",
    )
    if lesions == patients:
        st.error("One table cannot be both: choose another, or none.")
        return None, None
    return by_label[lesions], by_label.get(patients)


def mapping_of(table: Table, role: TableName, options: ReadOptions) -> Chosen:
    """Show a table's first rows and the boxes of its columns."""
    what = "Measurements" if role == "lesions" else "Patients"
    st.subheader(f"{what}: {escape(table.label)}")
    with st.expander(f"First rows of {len(table.raw.frame):,}"):
        offending.show_rows(table.raw, table.raw.rows[:8].tolist(), f"head_{role}")
    with st.expander("Which column is which", expanded=True):
        return mapping.choose(table, role, options.decimal)


def _use(chosen: list[tuple[Table, Chosen]], options: ReadOptions) -> None:
    from lesionhet.cohort import build_cohort

    key = _key(chosen, options)
    pairs = [(table.raw, columns) for table, columns in chosen]
    try:
        lesions, patients, how = prepare(pairs[0], pairs[1] if len(pairs) > 1 else None, options)
        cohort = build_cohort(lesions, patients, how)
    except LesionhetError as error:
        st.session_state["refused"] = (key, error)
        return
    st.session_state.pop("refused", None)
    name = " and ".join(table.label for table, _ in chosen)
    state.use(state.Data(cohort, key, name))
    st.rerun()


def _refused(chosen: list[tuple[Table, Chosen]], options: ReadOptions) -> None:
    """Show why the tables were refused, as long as nothing was changed since."""
    refused: tuple[str, LesionhetError] | None = st.session_state.get("refused")
    if refused is None or refused[0] != _key(chosen, options):
        return
    _, error = refused
    layout.show_error(error)
    if isinstance(error, InputError):
        offending.show_offending(error, [table.raw for table, _ in chosen])


def _key(chosen: list[tuple[Table, Chosen]], options: ReadOptions) -> str:
    parts = [(table.raw.sha256, table.label, repr(columns)) for table, columns in chosen]
    return state.digest(parts, repr(options))


if __name__ == "__main__":
    render()
