"""Survival by where patients respond: an organ of the reader's choice against another, or all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from lesionhet.explore.contrasts import organ_survival
from lesionhet.groups import site_order
from streamlit_app import layout, own

if TYPE_CHECKING:
    from lesionhet.study import Study

PLANNED: Final = ("6A", "6B", "6-G", "S8")
OTHERS: Final = "all other organs"


def show_organs_part(study: Study) -> None:
    """Show the choice of organs, the survival of their four groups, and the ledger's analyses.

    Parameters
    ----------
    study
        Whose organs.
    """
    sites = site_order(study.lesions["site"]) if "site" in study.lesions else ()
    if not sites:
        st.info("These data have no column site: no organ can be looked at alone.")
        return
    left, right = st.columns(2)
    with left:
        organ = st.selectbox("Organ", sites, key="organs_organ", persist_state="session")
    with right:
        rest = [site for site in sites if site != organ]
        other = st.selectbox(
            "Against",
            [OTHERS, *rest],
            key="organs_other",
            persist_state="session",
            help="One other organ: only patients with lesions in exactly these two.",
        )
    with st.spinner("Organ response …"):
        chosen = None if other == OTHERS else other
        result = own.run(organ_survival(organ, chosen), study, organ, chosen)
    layout.show_result(result, study)
    box = st.expander(
        "As in the paper: the main organs of the plan", key="organs_planned", on_change="rerun"
    )
    if box.open:
        with box:
            layout.show_chapter(study, PLANNED)
