"""A table or a chart on a page, with the files that a person takes home."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from lesionhet.charts import Chart, SurvivalChart
from lesionhet.errors import LesionhetError
from lesionhet.labels import label
from streamlit_app import state, takeaway
from streamlit_app.text import escape

if TYPE_CHECKING:
    from lesionhet.study import Study

PRINTED_CELLS: Final = 20_000
"""Tables of more cells show full numbers: printing each cell would take seconds."""
ACROSS: Final = 3


def is_dark() -> bool:
    """Say whether the reader's page is dark."""
    return st.context.theme.type == "dark"


def show_table(
    table: pd.DataFrame,
    name: str,
    title: str | None = None,
    *,
    folded: bool = False,
    whole: bool = False,
) -> None:
    """Show a table with its CSV.

    Parameters
    ----------
    table
        Columns of a result; their names decide how numbers are printed, as in the report.
    name
        Name of the CSV without its ending; must differ from that of other tables on the page.
    title
        Heading, as it stands; default: the printed form of ``name`` after the analysis.
    folded
        Whether it stands in a box that opens with a click; until then nothing is sent.
    whole
        Whether all rows are seen at once, however many; else a long table scrolls.
    """
    from lesionhet.report.cells import table_title

    heading = table_title(name.partition("_")[2] or name) if title is None else title
    if folded:
        box = st.expander(escape(heading), key=f"open_{name}", on_change="rerun")
        if box.open:
            with box:
                _with_csv(table, name, whole=whole)
        return
    if heading:
        st.markdown(f"**{escape(heading)}**")
    _with_csv(table, name, whole=whole)


def _with_csv(table: pd.DataFrame, name: str, *, whole: bool) -> None:
    _grid(table, name, whole=whole)
    st.download_button(
        f"CSV ({len(table):,} rows)" if len(table) != 1 else "CSV (1 row)",
        data=partial(takeaway.csv_bytes, table),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv_{name}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def show_chart(chart: Chart, study: Study, name: str, *, height: int | None = None) -> None:
    """Show a chart: interactive where it has such a form, else as the journal figure.

    Parameters
    ----------
    chart
        Of an analysis or of the page's own making.
    study
        Decides the colours: a thing has one colour everywhere.
    name
        Name of the files without ending; must differ from that of other charts on the page.
    height
        Pixels of the interactive form; default: its own.

    Raises
    ------
    LesionhetError
        The chart has nothing to draw.
    """
    from lesionhet.figures import with_study_colors
    from streamlit_app.interactive import has_interactive

    colored = with_study_colors(chart, study)
    st.markdown(f"**{escape(chart.title)}**")
    if has_interactive(colored):
        dark = is_dark()
        draw = partial(_specs, colored, dark=dark, height=height)
        _lay_out(state.of_object(chart, f"specs {dark} {height}", draw), name)
    else:
        draw_picture = partial(_journal_picture, chart, study)
        st.image(state.of_object(chart, "picture", draw_picture), width="stretch")
    st.caption(escape(chart.caption))
    if isinstance(chart, SurvivalChart):
        _at_risk(chart, name)
    figure_downloads(chart, study, name)


def show_drawn(drawn: dict[str, Any], name: str) -> None:
    """Show a chart that a page drew itself.

    Parameters
    ----------
    drawn
        From `streamlit_app.interactive.packed`, best kept by `state`. Not `st.altair_chart`: that
        passes the rows through a place which all sessions share.
    name
        Must differ from that of other charts on the page.
    """
    st.vega_lite_chart(spec=drawn, width="stretch", key=f"chart_{name}")


def figure_downloads(chart: Chart, study: Study, name: str) -> None:
    """Offer the journal figure of a chart as SVG, PDF and PNG; each is drawn when it is asked for."""
    with st.container(horizontal=True, gap="small"):
        for kind in takeaway.KINDS:
            st.download_button(
                kind.upper(),
                data=partial(_picture, chart, study, kind),
                file_name=f"{name}.{kind}",
                mime=takeaway.MIME[kind],
                key=f"{kind}_{name}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
                help=f"The journal figure as {kind.upper()}",
            )


def _specs(chart: Chart, *, dark: bool, height: int | None) -> dict[str, dict[str, Any]]:
    from streamlit_app.interactive import packed, panels

    found = {}
    for heading, drawn in panels(chart, dark=dark).items():
        sized = drawn if height is None else drawn.properties(height=height)
        found[heading] = packed(sized)
    return found


def _lay_out(specs: dict[str, dict[str, Any]], name: str) -> None:
    """Show the panels of a chart side by side, one below the other on a phone."""
    across = min(ACROSS, len(specs))
    items = list(enumerate(specs.items()))
    for start in range(0, len(items), across):
        row = items[start : start + across]
        for column, (number, (heading, spec)) in zip(st.columns(across), row, strict=False):
            with column:
                if heading:
                    st.caption(escape(heading))
                st.vega_lite_chart(spec=spec, width="stretch", key=f"chart_{name}_{number}")


def _journal_picture(chart: Chart, study: Study) -> str:
    return takeaway.picture(chart, study, "svg").decode()


def _picture(chart: Chart, study: Study, kind: takeaway.Kind) -> bytes:
    try:
        return takeaway.picture(chart, study, kind)
    except LesionhetError as error:
        # A download has no place for a message; a text file tells what a broken picture would not.
        return f"This figure cannot be drawn: {error}\n".encode()


def _at_risk(chart: SurvivalChart, name: str) -> None:
    box = st.expander("Number at risk", key=f"open_{name}_at_risk", on_change="rerun")
    if box.open:
        table = state.of_object(chart, "at risk", partial(_numbers_at_risk, chart))
        box.dataframe(table, hide_index=True, width="stretch")


def _numbers_at_risk(chart: SurvivalChart) -> pd.DataFrame:
    wide = chart.at_risk.pivot_table(index="group", columns="time", values="n_risk", sort=False)
    shown = wide.reindex(list(chart.order)).reset_index()
    shown.columns = pd.Index(
        ["Group", *(f"{float(time):,.0f}" for time in wide.columns)], dtype=object
    )
    return shown


def _grid(table: pd.DataFrame, name: str, *, whole: bool) -> None:
    from lesionhet.report.cells import MISSING

    shown = _plain(table)
    printed_table = state.of_object(table, "printed", partial(_printed, shown))
    config = {column: st.column_config.Column(label(str(column)) or " ") for column in shown}
    if whole and not shown.empty:
        # Left alone, the grid is as narrow as its first rows ask for, and cuts the others.
        longest = max(len(str(cell)) for cell in shown.iloc[:, 0])
        first = str(shown.columns[0])
        config[first] = st.column_config.Column(
            label(first) or " ", width=min(240, 24 + 7 * longest)
        )
    st.dataframe(
        printed_table,
        hide_index=True,
        width="stretch",
        height="content" if whole else "auto",
        column_config=config,
        placeholder=MISSING,
        key=f"table_{name}",
    )


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Give every column one type, so that a mixed one is shown as the text that it holds."""
    shown = table.reset_index(drop=True)
    shown.columns = pd.Index([str(name) for name in table.columns], dtype=object)
    for name in shown.select_dtypes(object):
        cells = shown[name]
        shown[name] = cells.map(str, na_action="ignore").where(cells.notna(), None)
    return shown


def _printed(table: pd.DataFrame) -> Any:
    """Print numbers as the report does, sorted by their full value."""
    from lesionhet.report.cells import MISSING, printed

    if table.size > PRINTED_CELLS or table.empty:
        return table
    rows = printed(table, len(table)).rows
    style = table.style
    for number, name in enumerate(table.columns):
        if pd.api.types.is_numeric_dtype(table[name]):
            values = table[name].to_numpy(dtype=float, na_value=np.nan)
            texts = {value: row[number].text for value, row in zip(values, rows, strict=True)}
            missing = next(
                (row[number].text for row, v in zip(rows, values, strict=True) if np.isnan(v)),
                MISSING,
            )
            style = style.format(partial(_look_up, texts, missing), subset=[name])
    return style


def _look_up(texts: dict[float, str], missing: str, value: Any) -> str:
    return texts.get(float(value), missing) if pd.notna(value) else missing
