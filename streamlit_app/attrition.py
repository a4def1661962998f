"""What was found, left out and kept, as a small flow chart of boxes that fit a phone."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from streamlit_app.text import escape

UNITS: Final = (("row", "Rows"), ("lesion", "Lesions"), ("patient", "Patients"))


def show_attrition(table: pd.DataFrame) -> None:
    """Show the attrition of a cohort.

    Parameters
    ----------
    table
        ``stage`` (found, left out, kept), ``unit``, ``reason``, ``n``, as in `lesionhet.cohort.Cohort`.
    """
    for column, (unit, heading) in zip(st.columns(len(UNITS)), UNITS, strict=True):
        rows = table[table["unit"] == unit]
        with column:
            _flow(heading, rows)


def _flow(heading: str, rows: pd.DataFrame) -> None:
    found, kept = (rows[rows["stage"] == stage] for stage in ("found", "kept"))
    out = rows[(rows["stage"] == "left out") & (rows["n"] > 0)]
    with st.container(border=True):
        _box(heading, found)
    if len(out):
        left = "  \n".join(
            f"**−{n:,}** {escape(reason)}"
            for reason, n in zip(out["reason"], out["n"], strict=True)
        )
        st.markdown(f":material/arrow_downward: left out  \n{left}")
    else:
        st.markdown(":material/arrow_downward: nothing left out")
    with st.container(border=True):
        _box(heading, kept)


def _box(heading: str, rows: pd.DataFrame) -> None:
    for reason, n in zip(rows["reason"], rows["n"], strict=True):
        st.markdown(f"**{n:,}** {escape(reason)}")
    if rows.empty:
        st.markdown(f"**0** {heading.lower()}")
