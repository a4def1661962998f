"""Arms against arms: the plan's contrasts, or arms that the reader picks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from lesionhet.analyses import chapter_treatment
from lesionhet.errors import NotEstimableError
from lesionhet.explore.contrasts import NAME, SHOWN_KEY, own_contrast, with_contrast
from lesionhet.groups import site_order
from lesionhet.plan import CONTROL, Contrast, Plan, load_plan, match_labels
from streamlit_app import layout, own, state
from streamlit_app.text import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lesionhet.analyses.base import Analysis
    from lesionhet.study import Study

OWN: Final = "arms of my choice"
EVERY: Final = "all of them"


def show_arms_part(study: Study) -> None:
    """Show the choice of arms and the analyses of the contrast.

    Parameters
    ----------
    study
        Whose arms.
    """
    if not study.arms:
        st.info("These data have no column arm: there are no treatments to compare.")
        return
    plan = state.plan()
    contrast = _contrast(study, plan)
    if contrast is None:
        return
    organs = _organs(study, plan)
    _take(replace(with_contrast(plan, contrast), organs=organs), plan)
    if contrast not in plan.contrasts:
        key, supplement = SHOWN_KEY
        contrast = replace(contrast, key=key, supplement=supplement)
    shown = replace(plan, contrasts=(contrast,), targeted=None, organs=organs)
    _analyses(study, shown, plan)


def _contrast(study: Study, plan: Plan) -> Contrast | None:
    given = {f"{c.name} against {c.control_name}": c for c in plan.contrasts}
    if plan.targeted is not None:
        given.setdefault(
            f"{plan.targeted.name} against {plan.targeted.control_name}", plan.targeted
        )
    options = [*given, OWN]
    here = next((n for n, c in enumerate(given.values()) if _has_arms(study, c)), len(given))
    chosen = st.selectbox(
        "Comparison", options, index=here, key="organs_comparison", persist_state="session"
    )
    if chosen != OWN and chosen is not None:
        return given[chosen]
    return _own(study)


def _has_arms(study: Study, contrast: Contrast) -> bool:
    try:
        match_labels(contrast.treated, study.arms, "arm")
        match_labels(contrast.control, study.arms, "arm")
    except NotEstimableError:
        return False
    return True


def _own(study: Study) -> Contrast | None:
    left, right = st.columns(2)
    with left:
        treated = _arms("Arms on one side", study.arms, "organs_treated")
        name = _name("It is called", NAME, "organs_name")
    with right:
        rest = [arm for arm in study.arms if arm not in treated]
        control = _arms("Arms on the other side", rest, "organs_control")
        control_name = _name("The other is called", CONTROL, "organs_control_name")
    if not treated or not control:
        st.info("Pick one arm or more for either side.")
        return None
    return own_contrast(treated, control, name, control_name)


def _arms(text: str, options: Sequence[str], key: str) -> list[str]:
    return st.multiselect(text, options, key=key, persist_state="session")


def _name(text: str, usual: str, key: str) -> str:
    return st.text_input(text, usual, key=key, persist_state="session", max_chars=60)


def _organs(study: Study, plan: Plan) -> tuple[str, ...]:
    """Let the reader pick the main organs; without sites they stay as they are."""
    if "site" not in study.lesions or not study.lesions["site"].notna().any():
        return plan.organs
    there = site_order(study.lesions["site"])
    by_fold = {site.casefold(): site for site in there}
    usual = [by_fold[o.casefold()] for o in plan.organs if o.casefold() in by_fold]
    chosen = st.multiselect(
        "Main organs",
        there,
        default=usual,
        key="organs_main",
        persist_state="session",
        help="Two or more are compared, in this order.",
    )
    return plan.organs if chosen == usual else tuple(chosen)


def _take(wanted: Plan, plan: Plan) -> None:
    """Offer to use the comparison everywhere, and the way back."""
    with st.container(horizontal=True):
        if wanted.contrasts[0] not in plan.contrasts or wanted.organs != plan.organs:
            st.button(
                "Use on all pages and in the report",
                key="organs_take",
                icon=":material/push_pin:",
                on_click=state.set_plan,
                args=(wanted,),
                help="Takes the place of the plan's contrasts and main organs.",
            )
        if plan != load_plan():
            st.button(
                "Back to the paper's plan",
                key="organs_back",
                icon=":material/undo:",
                on_click=_back,
            )


def _back() -> None:
    state.set_plan(load_plan())
    for name in ("organs_comparison", "organs_main"):
        st.session_state.pop(name, None)


def _analyses(study: Study, shown: Plan, plan: Plan) -> None:
    """Show one analysis of the contrast, or all."""
    found = {a.title: a for a in chapter_treatment.analyses(shown)}
    titles = list(found)
    # Titles hold the names of the sides: by place the choice survives another contrast.
    place = st.selectbox(
        "Analysis",
        [*range(len(titles)), EVERY],
        format_func=lambda n: n if n == EVERY else titles[n],
        key="organs_analysis",
        persist_state="session",
    )
    wanted = list(found.values()) if place == EVERY else [found[titles[int(place)]]]
    of_plan = replace(study, plan=replace(plan, organs=shown.organs))
    for analysis in wanted:
        _show(analysis, of_plan, shown, plan)


def _show(analysis: Analysis, study: Study, shown: Plan, plan: Plan) -> None:
    planned = shown.contrasts[0] in plan.contrasts and shown.organs == plan.organs
    with layout.errors():
        with st.spinner(f"{escape(analysis.title)} …"):
            if planned:
                (result,) = state.run([analysis.id])
            else:
                result = own.run(analysis, study, shown.contrasts, shown.organs)
        layout.show_result(result, study)
