"""What all pages share: the head, what is said without data, results, notices and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lesionhet.errors import InputError, LesionhetError, RUnavailableError
from streamlit_app import asked, state
from streamlit_app.show import show_chart, show_table
from streamlit_app.text import escape, lines

if TYPE_CHECKING:
    from lesionhet.analyses.base import AnalysisResult
    from lesionhet.readers import Notice
    from lesionhet.study import Study

DATA_PAGE = Path(__file__).with_name("pages") / "data.py"


def page(title: str, lead: str, body: Callable[[Study], None]) -> None:
    """Show a page that needs data.

    Parameters
    ----------
    title, lead
        Heading and one sentence, both written by the program.
    body
        Called with the study where there are data and the definitions hold; an error of `lesionhet`
        in it is shown as text.
    """
    asked.open_page(title)
    st.title(title)
    st.markdown(lead)
    found = state.data()
    if found is None:
        without_data()
        return
    with errors():
        with st.spinner("Phases and distances …"):
            study = state.study()
        said(study)
        body(study)


def said(study: Study) -> None:
    """Name the data that a page shows, on one line."""
    found = state.data()
    name = escape(found.name) if found else ""
    sizes = f"{len(study.patients):,} patients, {len(study.lesions):,} lesions"
    synthetic = (
        " Simulated: no number says anything about a drug." if found and found.synthetic else ""
    )
    st.caption(f"{name}: {sizes}.{synthetic}")


def without_data() -> None:
    """Say where data come from, with the demonstration one click away."""
    st.info(
        "There are no data yet. Upload your tables on the page Data, or look at simulated ones."
    )
    with st.container(horizontal=True):
        st.page_link(DATA_PAGE, label="To the page Data", icon=":material/upload_file:")
        st.button("Show me simulated data", on_click=state.use_demo, key="demo_elsewhere")


@contextmanager
def errors() -> Iterator[None]:
    """Show an error of `lesionhet` as a person reads it, and go on after the block.

    Other exceptions are faults of the program: they pass, Streamlit says so without details, and the
    terminal has the traceback.
    """
    try:
        yield
    except LesionhetError as error:
        show_error(error)


def show_error(error: LesionhetError) -> None:
    """Show an error as text; the problems of an input as the command lists them, one a line."""
    if isinstance(error, InputError):
        count = len(error.problems)
        head = "1 problem found:" if count == 1 else f"{count} problems found:"
        st.error("\n".join([head, *(f"- {escape(problem)}" for problem in error.problems)]))
    elif isinstance(error, RUnavailableError):
        st.info(f"Without R: {lines(str(error))}")
    else:
        st.error(lines(str(error)))


def show_result(result: AnalysisResult, study: Study, *, heading: bool = True) -> None:
    """Show one analysis: question, charts, tables, remarks, and what was left out.

    Parameters
    ----------
    result
        From `state.run`.
    study
        Decides the colours.
    heading
        Whether title and question stand above it.
    """
    if heading:
        st.subheader(escape(result.title), anchor=f"analysis-{result.id.lower()}")
        st.caption(f"{escape(result.question)} \\[{escape(result.id)}\\]")
    if result.status == "skipped":
        st.info(f"Left out. {escape(result.reason)}")
        return
    if result.shown.verdict:
        with st.container(border=True):
            st.markdown(escape(result.shown.verdict))
    for name, chart in result.shown.charts.items():
        show_chart(chart, study, f"{result.id}_{name}")
    for name, table in result.shown.tables.items():
        show_table(table, f"{result.id}_{name}", folded=bool(result.shown.charts))
    bullets((*result.shown.remarks, *(f"Left out: {text}" for text in result.shown.left_out)))


def show_chapter(study: Study, ids: Iterable[str]) -> list[AnalysisResult]:
    """Run analyses one after the other, show each as soon as it is there, and give them."""
    found = []
    for name in ids:
        with errors():
            with st.spinner(f"Analysis {name} …"):
                (result,) = state.run([name])
            found.append(result)
            show_result(result, study)
    return found


def bullets(texts: Iterable[str]) -> None:
    """Show remarks as a list, each as it stands."""
    found = [f"- {escape(text)}" for text in texts]
    if found:
        st.markdown("\n".join(found))


def show_notices(notices: Iterable[Notice]) -> None:
    """Show what a reader should know: warnings open, notes folded."""
    by_level: dict[str, list[str]] = {"warning": [], "note": []}
    for notice in notices:
        by_level[notice.level].append(f"- {escape(notice.text)}")
    if by_level["warning"]:
        st.warning("\n".join(by_level["warning"]))
    if by_level["note"]:
        with st.expander(f"For the record ({len(by_level['note'])})"):
            st.markdown("\n".join(by_level["note"]))
