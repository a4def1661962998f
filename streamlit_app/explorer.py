"""The explorer of single patients: pick one, see every lesion beside the total, and how far they part."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import streamlit as st

from lesionhet.analyses.trajectories import shown_patients
from lesionhet.errors import NotEstimableError
from lesionhet.explore.one_patient import (
    ORDERS,
    distance_square,
    lesion_table,
    pair_distances,
    patient_chart,
    patient_points,
    patients_in_order,
    with_patient,
)
from lesionhet.labels import format_number
from streamlit_app import asked, interactive_patient, layout, show, state
from streamlit_app.interactive import packed
from streamlit_app.interactive_groups import heat_map, waterfall
from streamlit_app.interactive_style import Look
from streamlit_app.text import escape

if TYPE_CHECKING:
    from collections.abc import Callable

    from lesionhet.analyses.base import Analysis
    from lesionhet.charts import WaterfallChart
    from lesionhet.explore.one_patient import Order
    from lesionhet.study import Study

PATIENT: Final = "lesions_patient"
TOGETHER, APART = "All lesions together", "One by one"
MOST_TOGETHER: Final = 60
"""Lesions of one patient drawn in one picture; more are told, not drawn."""
MOST_APART: Final = 24
MOST_IN_MAP: Final = 60
WATERFALL: Final = "1A"


@st.fragment
def explore(study: Study) -> None:
    """Show the picker, and everything about the patient picked.

    Parameters
    ----------
    study
        Whose patients; there is one at least.
    """
    with layout.errors():
        patient = _pick(study)
        _trajectories(study, patient)
        table = state.remember(
            state.digest("lesion table", state.study_key(), patient),
            partial(lesion_table, study, patient),
        )
        show.show_table(table, "lesions_of_patient", f"Lesions of patient {patient}")
        _distances(study, patient)
        _waterfall(study, patient)


def _pick(study: Study) -> str:
    """Offer every patient, by search or one after the other."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.selectbox(
            "Order",
            list(ORDERS),
            format_func=ORDERS.__getitem__,
            key="lesions_order",
            persist_state="session",
            width=200,
        )
        ids = _ids(study, order)
        if st.session_state.get(PATIENT) not in ids:
            st.session_state[PATIENT] = next(iter(shown_patients(study)), ids[0])
        texts = _described(study)
        patient = st.selectbox(
            f"Patient (type to search {len(ids):,})",
            ids,
            format_func=texts.__getitem__,
            key=PATIENT,
            persist_state="session",
            filter_mode="contains",
            width=330,
        )
        place = ids.index(patient)
        _step("Previous", ids, place - 1, ":material/chevron_left:")
        _step("Next", ids, place + 1, ":material/chevron_right:")
    return patient


def _step(name: str, ids: tuple[str, ...], place: int, icon: str) -> None:
    there = 0 <= place < len(ids)
    st.button(
        name,
        key=f"lesions_{name.lower()}",
        icon=icon,
        disabled=not there,
        on_click=_go,
        args=(ids[place] if there else "",),
    )


def _go(patient: str) -> None:
    st.session_state[PATIENT] = patient


def _ids(study: Study, order: Order) -> tuple[str, ...]:
    key = state.digest("order", state.study_key(), order)
    return state.remember(key, partial(patients_in_order, study, order))


def _described(study: Study) -> dict[str, str]:
    """Give what the picker prints of each patient."""
    return state.remember(state.digest("described", state.study_key()), partial(_describe, study))


def _describe(study: Study) -> dict[str, str]:
    rows = study.patients[["patient_id", "n_lesions", "gower"]]
    return {
        patient: f"{patient} · {n} {'lesion' if n == 1 else 'lesions'} · distance "
        f"{format_number(gower, 3, 'missing')}"
        for patient, n, gower in rows.itertuples(index=False)
    }


def _trajectories(study: Study, patient: str) -> None:
    key = state.digest("trajectories", state.study_key(), patient)
    chart = state.remember(key, partial(patient_chart, study, patient))
    points = state.of_object(chart, "points", partial(patient_points, study, patient, chart))
    how = st.segmented_control(
        "View",
        [TOGETHER, APART],
        default=TOGETHER,
        required=True,
        key="lesions_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    most = MOST_TOGETHER if how == TOGETHER else MOST_APART
    total = len(chart.series) - 1
    drawn = set(chart.series["series"].head(most + 1))
    if total > most:
        st.info(f"Drawn: the first {most} of {total:,} lesions; the table below has all.")
    chart, points = _only(chart, points, drawn)
    if how == APART:
        sized = partial(replace, chart, points=points.assign(patient_id=patient))
        show.show_chart(state.of_object(chart, "with sizes", sized), study, "patient")
        return
    dark = show.is_dark()
    st.markdown(f"**{escape(chart.title)}: size over time, and the phases below**")
    for name, draw in (("sizes", interactive_patient.sizes), ("lanes", interactive_patient.lanes)):
        key = state.digest("drawn", name, dark, state.study_key(), patient)
        show.show_drawn(state.remember(key, partial(_spec, draw, points, chart, Look(dark))), name)
    st.caption(
        "Thick: the total burden. Thin: a lesion with the phases of the total; dashed: with others; "
        "dotted: there is no total to compare with. Colour and shape of a scan, and the bars below, are "
        "phases; small lines below the bars are scans. Hover for size, day and ratio."
    )
    if not (points["series"] == "total").any():
        st.info(
            "This patient has no total burden: there are no two assessments with all lesions measured."
        )
    show.figure_downloads(chart, study, "patient")


def _spec(draw: Callable[..., Any], *parts: Any) -> dict[str, Any]:
    return packed(draw(*parts))


def _only(chart: Any, points: Any, drawn: set[str]) -> tuple[Any, Any]:
    """Keep the series that are drawn."""
    if len(drawn) == len(chart.series):
        return chart, points
    tables = (chart.points, chart.phases, chart.series, points)
    *kept, rows = (table[table["series"].isin(drawn)] for table in tables)
    return replace(chart, points=kept[0], phases=kept[1], series=kept[2]), rows


def _distances(study: Study, patient: str) -> None:
    """Show how far every two lesions part."""
    st.markdown("**Distance between every two lesions**")
    try:
        request = pair_distances(study, patient)
    except NotEstimableError as error:
        st.info(escape(error))
        return
    answer = state.ask(request)
    asked.note_one(state.study_key(), f"patient {patient}.gower", request, answer)
    square = state.of_object(answer, "square", partial(distance_square, study, answer))
    names = list(dict.fromkeys(request.labels["row"]))
    if len(names) > MOST_IN_MAP:
        st.info(
            f"Drawn: the first {MOST_IN_MAP} of {len(names):,} lesions; the table has all pairs."
        )
        names = names[:MOST_IN_MAP]
        square = square[square["row"].isin(names) & square["column"].isin(names)]
    dark = show.is_dark()
    draw = partial(_spec, partial(heat_map, dark=dark), square, names, "Gower distance")
    show.show_drawn(state.of_object(answer, f"map {dark}", draw), "pairs")
    counts = "counts" if study.definitions.gower_self else "does not count"
    ranges = {
        "patient": "this patient's lesions",
        "cohort": "all lesions of the cohort",
        "fixed": "the fixed bounds",
    }
    st.caption(
        f"Ratios are compared over the range of {ranges[study.definitions.gower_range]}. The mean of a row "
        f"is that lesion's distance in the table above; the lesion itself, at 0, {counts}."
    )
    show.show_table(answer.tables["pairs"], "lesion_pairs", "Pairs of lesions", folded=True)


def _waterfall(study: Study, patient: str) -> None:
    """Show the best change of all patients with this one marked."""
    (result,) = state.run([WATERFALL])
    if result.status == "skipped":
        st.info(f"Waterfall left out. {escape(result.reason)}")
        return
    chart = cast("WaterfallChart", result.shown.charts["waterfall"])
    dark = show.is_dark()
    spec = state.of_object(chart, f"spec {dark}", partial(_bars, chart, dark))
    key = state.digest("mark", state.study_key(), patient, dark)
    over = state.remember(key, partial(_spec, interactive_patient.mark, chart, patient, Look(dark)))
    st.markdown(f"**{escape(chart.title)}**")
    show.show_drawn(_over(spec, over), "waterfall")
    st.caption(_place(chart, patient))
    key = state.digest("marked", state.study_key(), patient)
    marked = state.remember(key, partial(with_patient, _analysis(), result, study, patient))
    show.figure_downloads(marked.shown.charts["waterfall"], study, "waterfall")


def _over(spec: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Lay the layers of one chart over those of another."""
    layers = over["layer"]
    if "data" in over:
        layers = [{"data": over["data"], **layer} for layer in layers]
    tables = {**spec["datasets"], **over["datasets"]}
    return {**spec, "layer": [*spec["layer"], *layers], "datasets": tables}


def _analysis() -> Analysis:
    return next(analysis for analysis in state.analyses() if analysis.id == WATERFALL)


def _bars(chart: WaterfallChart, dark: bool) -> dict[str, Any]:
    plain = replace(chart, marked=None)
    return packed(waterfall(plain, Look(dark)))


def _place(chart: WaterfallChart, patient: str) -> str:
    n = len(chart.bars)
    text = f"Largest change of the sum of diameters from baseline, {n:,} patients, highest first."
    if not (chart.bars["patient_id"] == patient).any():
        text += f" Patient {patient} has no total burden and no bar."
    return escape(text)
