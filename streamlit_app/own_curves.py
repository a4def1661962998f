"""Survival curves by a column of the reader's choice, cut where the reader wants."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from lesionhet.explore.columns import Kind, usable_columns
from lesionhet.explore.curves import Cut, groups_of, log_rank_tests, survival_by
from lesionhet.labels import label
from streamlit_app import layout, own, state
from streamlit_app.show import show_chart, show_table
from streamlit_app.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lesionhet.analyses.base import AnalysisResult
    from lesionhet.analyses.parts.endpoints import Endpoint
    from lesionhet.study import Study

THREE: Final = "low, medium, high"
TWO: Final = "low, high"
LEAST, MOST = 5, 95


def show_curves_part(study: Study, endpoints: tuple[Endpoint, ...]) -> None:
    """Show the choice of groups, and curves, medians and tests.

    Parameters
    ----------
    study
        Whose patients.
    endpoints
        Those whose columns the data have, one or more.
    """
    key = state.study_key()
    kinds = state.remember(state.digest("columns", key), partial(usable_columns, study))
    if not kinds:
        st.info("No column of these data makes groups of patients.")
        return
    cut, endpoint = _choice(study, kinds, endpoints)
    groups = state.remember(state.digest("groups", key, repr(cut)), partial(groups_of, study, cut))
    sizes = (f"**{escape(name)}** {n:,}" for name, n in groups.sizes().items())
    st.markdown(f"Patients: {' · '.join(sizes)}")
    with st.spinner("Curves …"):
        result = own.run(survival_by(cut), study, cut)
    if result.status == "skipped":
        st.info(f"Left out. {escape(result.reason)}")
        return
    _show(result, study, endpoint)


def _choice(
    study: Study, kinds: Mapping[str, Kind], endpoints: tuple[Endpoint, ...]
) -> tuple[Cut, Endpoint]:
    left, right = st.columns(2)
    with left:
        column = st.selectbox(
            "Groups by",
            list(kinds),
            format_func=label,
            key="survival_column",
            persist_state="session",
            help="Columns of one value, and texts of more than 12, cannot make groups.",
        )
    with right:
        endpoint = st.selectbox(
            "Endpoint",
            endpoints,
            format_func=lambda e: e.label,
            key="survival_endpoint",
            persist_state="session",
        )
    if kinds[column] == "category":
        return Cut(column), endpoint
    return Cut(column, _quantiles(study)), endpoint


def _quantiles(study: Study) -> tuple[float, ...]:
    number = st.radio(
        "Groups", (THREE, TWO), horizontal=True, key="survival_groups", persist_state="session"
    )
    d = study.definitions
    if number == TWO:
        cut = st.slider(
            "Cut at this percentile",
            LEAST,
            MOST,
            50,
            key="survival_cut",
            format="%d%%",
            persist_state="session",
        )
        return (cut / 100,)
    usual = (round(100 * d.low_quantile), round(100 * d.high_quantile))
    low, high = st.slider(
        "Cut at these percentiles",
        LEAST,
        MOST,
        usual,
        key="survival_cuts",
        format="%d%%",
        persist_state="session",
        help="Low is at or below the first, high at or above the second.",
    )
    if low == high:
        st.info("Both cut-offs are the same: two groups, low at or below, high above.")
        return (low / 100,)
    return (low / 100, high / 100)


def _show(result: AnalysisResult, study: Study, endpoint: Endpoint) -> None:
    name, tables = endpoint.name, result.shown.tables
    chart = result.shown.charts.get(name)
    if chart is not None:
        show_chart(chart, study, f"survival_{result.id}_{name}")
        shown = f"{name}_kaplan_meier_{study.definitions.km_conf_type.replace('-', '_')}"
        level = f"{study.definitions.conf_level:.0%} interval"
        show_table(tables[shown], f"survival_medians_{name}", f"Median survival in days, {level}")
        tests = state.of_object(result, f"tests {name}", partial(_tests, result, name))
        if len(tests):
            show_table(tests, f"survival_tests_{name}", "Log-rank test")
        if f"{name}_log_rank_groups" in tables:
            groups = tables[f"{name}_log_rank_groups"]
            show_table(
                groups, f"survival_expected_{name}", "Observed and expected events", folded=True
            )
        other = next(t for t in tables if t.startswith(f"{name}_kaplan_meier") and t != shown)
        show_table(
            tables[other],
            f"survival_medians_other_{name}",
            "The same medians with the other interval (log or log-log scale)",
            folded=True,
        )
    lost = (text for text in result.shown.left_out if _about(text, endpoint))
    layout.bullets((*result.shown.remarks, *(f"Left out: {text}" for text in lost)))


def _about(text: str, endpoint: Endpoint) -> bool:
    return text.startswith((endpoint.label, endpoint.name))


def _tests(result: AnalysisResult, endpoint: str) -> pd.DataFrame:
    found = log_rank_tests(result.answers, endpoint)
    return pd.DataFrame(found, columns=["test", "statistic", "df", "p_value"])
