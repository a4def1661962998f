"""A Cox model of the reader's choice, and the same on resampled patients."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import streamlit as st

from lesionhet.analyses import resampling
from lesionhet.covariates import SCALES
from lesionhet.engines import engine
from lesionhet.explore import draws
from lesionhet.explore.columns import Kind, usable_columns
from lesionhet.explore.hazard import LEDGER_COVARIATES, Model, Scale, cox_of
from lesionhet.labels import label
from streamlit_app import asked, layout, own, state, steps
from streamlit_app.show import show_chart, show_table
from streamlit_app.text import escape

if TYPE_CHECKING:
    from lesionhet.analyses.base import AnalysisResult
    from lesionhet.analyses.parts.endpoints import Endpoint
    from lesionhet.results import ResampledCox
    from lesionhet.study import Study

CHUNK: Final = 25
"""Draws between two looks at the stop button."""
MOST_DRAWS: Final = 2000
NONE: Final = "no strata"


def show_cox_part(study: Study, endpoints: tuple[Endpoint, ...]) -> None:
    """Show the choice of a model, its hazard ratios, and its resampling.

    Parameters
    ----------
    study
        Whose patients.
    endpoints
        Those whose columns the data have, one or more.
    """
    model = _choice(study, endpoints)
    if not model.covariates:
        st.info("Pick one covariate or more.")
        return
    with st.spinner("Cox model …"):
        result = own.run(cox_of(model), study, model)
    layout.show_result(result, study, heading=False)
    if result.status == "done":
        _resampling(study, model, result)


def _choice(study: Study, endpoints: tuple[Endpoint, ...]) -> Model:
    key = state.digest("columns", state.study_key())
    kinds = state.remember(key, partial(usable_columns, study))
    usual = [name for name in LEDGER_COVARIATES if name in kinds]
    chosen = st.multiselect(
        "Covariates",
        list(kinds),
        default=usual,
        format_func=label,
        key="survival_covariates",
        persist_state="session",
        help="Numbers per SD of the patients in the model, but the number of lesions as it stands; "
        "each category against the largest one.",
    )
    columns = st.columns(3)
    with columns[0]:
        endpoint = st.selectbox(
            "Endpoint",
            endpoints,
            format_func=lambda e: e.label,
            key="survival_cox_endpoint",
            persist_state="session",
        )
    with columns[1]:
        strata = _strata(kinds, chosen)
    with columns[2]:
        scale = st.selectbox(
            "Distance",
            list(SCALES),
            format_func=lambda name: SCALES[name].removeprefix("Distance, "),
            key="survival_scale",
            disabled="gower" not in chosen,
            persist_state="session",
        )
    return Model(endpoint, tuple(chosen), strata, cast("Scale", scale))


def _strata(kinds: dict[str, Kind], chosen: list[str]) -> str | None:
    free = [name for name, kind in kinds.items() if kind == "category" and name not in chosen]
    options = [*(["arm"] if "arm" in free else []), NONE, *(n for n in free if n != "arm")]
    found = st.selectbox(
        "Stratified by",
        options,
        format_func=lambda name: name if name == NONE else label(name),
        key="survival_strata",
        persist_state="session",
    )
    return None if found == NONE else found


def _resampling(study: Study, model: Model, whole: AnalysisResult) -> None:
    st.subheader("On resampled patients", anchor="resampling")
    st.caption("Does the P value of the first covariate hang on a few patients?")
    wanted = _wanted(model)
    key = state.digest("draws", state.study_key(), repr(wanted))
    name = f"survival_draws_{key[:12]}"
    parts: list[ResampledCox] = state.remember(key, list)
    done = sum(_n(part) for part in parts)
    top = st.container()
    if parts:
        _found(study, wanted, whole, key, parts)
    # Last, so that what was found so far can be read while the next draws are made.
    if done < wanted.draws:
        with top:
            _go_on(study, wanted, key, name, parts)


def _wanted(model: Model) -> draws.Resampling:
    left, middle, right = st.columns(3)
    with left:
        kind = st.selectbox(
            "Draw",
            list(resampling.DESIGNS),
            format_func=lambda name: resampling.DESIGNS[name],
            key="survival_design",
            persist_state="session",
        )
    with middle:
        number = st.number_input(
            "Draws",
            10,
            MOST_DRAWS,
            resampling.DRAWS,
            step=10,
            key="survival_n_draws",
            persist_state="session",
        )
    with right:
        seed = st.number_input(
            "Seed", 0, None, resampling.SEED, step=1, key="survival_seed", persist_state="session"
        )
    return draws.Resampling(model, kind, int(number), int(seed))


def _go_on(
    study: Study, wanted: draws.Resampling, key: str, name: str, parts: list[ResampledCox]
) -> None:
    """Draw, or offer to."""
    done = sum(_n(part) for part in parts)
    if not steps.going(name):
        text = f"Go on with draw {done + 1:,}" if done else f"Draw {wanted.draws:,} times"
        steps.offer(name, text, key="survival_draw", icon=":material/play_circle:")
        return
    request = _request(study, wanted, key)
    todo = [(first, min(first + CHUNK, wanted.draws)) for first in range(done, wanted.draws, CHUNK)]

    def do(bounds: tuple[int, int], say: steps.Say) -> None:
        say(f"{bounds[0]:,} of {wanted.draws:,} draws done")
        parts.append(engine("python").answer(draws.chunk(request, *bounds)))

    steps.work(name, todo, do, done=len(parts))


def _found(
    study: Study,
    wanted: draws.Resampling,
    whole: AnalysisResult,
    key: str,
    parts: list[ResampledCox],
) -> None:
    request = _request(study, wanted, key)
    make = partial(draws.joined, request, list(parts))
    question, answer = state.remember(state.digest(key, "joined", len(parts)), make)
    name = f"{own.PREFIX}resampled-{wanted.model.endpoint.name}.{wanted.design}"
    asked.note_one(state.study_key(), name, question, answer)
    if _n(answer) < wanted.draws:
        st.warning(
            f"Partial: what is shown are the first {_n(answer):,} of {wanted.draws:,} draws.",
            icon=":material/hourglass_top:",
        )
    terms = whole.answers["cox"].to_frame()
    first = terms.iloc[0]
    chart = state.of_object(
        answer,
        "p values",
        partial(draws.p_values_chart, answer, wanted, str(first["term"]), float(first["p_value"])),
    )
    show_chart(chart, study, "survival_resampled")
    tables: dict[str, Any] = state.of_object(
        answer, "tables", lambda: {name: answer.to_frame(name) for name in answer.SHAPES}
    )
    st.caption(escape(f"Reported: {first['term']}."))
    show_table(tables["summary"], "survival_resampled_summary", "All draws together", folded=True)
    show_table(tables["draws"], "survival_resampled_draws", "Every draw", folded=True)
    layout.bullets(
        [
            f"Draws come from NumPy's PCG64 with seed {wanted.seed}; R gets the same draws. With the "
            "covariates of 2D, stratified by arm, these are the draws of the command's analysis 2E.",
            "Draws share most of their patients: their P values are no independent confirmation.",
        ]
    )


def _request(study: Study, wanted: draws.Resampling, key: str) -> Any:
    return state.remember(state.digest(key, "asked"), partial(draws.ask_draws, study, wanted))


def _n(part: ResampledCox) -> int:
    return int(part.value("draws", "summary"))
