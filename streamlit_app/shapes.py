"""How tables that a person typed are laid out: sheets, blank cells, dates, visits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import streamlit as st

from lesionhet.errors import LesionhetError
from lesionhet.readers import ReadOptions
from lesionhet.readers.choosing.survey import DateChoice, Surveyed, can_stack
from streamlit_app import state, uploads
from streamlit_app.text import escape

SHEETS: Final = {
    None: "a table each",
    "patient_id": "one table, a sheet a patient",
    "visit": "one table, a sheet a visit",
    "rows": "one table, the sheets continue each other",
}
SHAPES: Final = {
    None: "by its columns",
    True: "a row a lesion, a column a visit",
    False: "a row a measurement",
}
FORMATS: Final = {
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%d.%m.%Y": "day.month.year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
}
NO_DATE: Final = "(days are given)"


def choose(options: ReadOptions) -> ReadOptions:
    """Show what can be chosen about the uploaded tables, and give the options with it.

    Parameters
    ----------
    options
        How files are read without these choices.
    """
    found = _look(options)
    if not (can_stack(found) or any(one.sparse or one.dates or one.visits for one in found)):
        return options
    key = state.digest([file.sha256 for file in uploads.files()])[:12]
    with st.expander("How the tables are laid out", expanded=_unclear(found)):
        changed: dict[str, Any] = {**_sheets(found, key), **_blanks(found, key)}
        changed |= _dates(found, key) | _shape(found, key)
        if changed.get("wide") is not False:
            changed["visit_days"] = _visits(_look(replace(options, **changed)), key)
    return replace(options, **changed)


def _look(options: ReadOptions) -> list[Surveyed]:
    """Look at every table; files that cannot be read are reported where they are read."""
    found: list[Surveyed] = []
    for file in uploads.files():
        try:
            found += uploads.surveyed(file, options)
        except LesionhetError:
            continue
    return found


def _unclear(found: list[Surveyed]) -> bool:
    return any(one.error is not None or any(d is None for _, d in one.visits) for one in found)


def _sheets(found: list[Surveyed], key: str) -> dict[str, Any]:
    if not can_stack(found):
        return {}
    chosen = st.selectbox(
        "The sheets are",
        list(SHEETS),
        format_func=SHEETS.__getitem__,
        key=f"keep_data_sheets_{key}",
    )
    return {"stack_sheets": chosen}


def _blanks(found: list[Surveyed], key: str) -> dict[str, Any]:
    sparse = list(dict.fromkeys(name for one in found for name in one.sparse))
    if not sparse:
        return {}
    chosen = st.multiselect(
        "Empty cells mean the same as above in", sparse, key=f"keep_data_fill_{key}"
    )
    return {"fill_down": tuple(chosen)}


def _dates(found: list[Surveyed], key: str) -> dict[str, Any]:
    dates: list[DateChoice] = [choice for one in found for choice in one.dates]
    if not dates:
        return {}
    names = [NO_DATE, *dict.fromkeys(choice.heading for choice in dates)]
    start = st.selectbox(
        "Treatment started on",
        names,
        key=f"keep_data_start_date_{key}",
        help="Days are then counted from this date to the date of the scan.",
    )
    changed: dict[str, Any] = {} if start == NO_DATE else {"start_date": start}
    formats = _formats(dates)
    if formats:
        # Where several fit, none is taken until a person has chosen.
        changed["date_format"] = st.selectbox(
            "Dates are written as",
            formats,
            index=0 if len(formats) == 1 else None,
            format_func=lambda text: FORMATS.get(text, text),
            placeholder="Choose one",
            key=f"keep_data_date_format_{key}",
        )
    return changed


def _formats(dates: list[DateChoice]) -> list[str]:
    """Give the ways that fit every column of dates which needs one."""
    needed = [choice.formats for choice in dates if choice.formats]
    return [text for text in needed[0] if all(text in fits for fits in needed)] if needed else []


def _shape(found: list[Surveyed], key: str) -> dict[str, Any]:
    if not any(one.visits for one in found):
        return {}
    chosen = st.selectbox(
        "The table of measurements has",
        list(SHAPES),
        format_func=SHAPES.__getitem__,
        key=f"keep_data_shape_{key}",
    )
    return {"wide": chosen}


def _visits(found: list[Surveyed], key: str) -> dict[str, float]:
    """Ask for the day of each visit whose heading does not name one."""
    unknown = list(dict.fromkeys(name for one in found for name, day in one.visits if day is None))
    if not unknown:
        return {}
    st.caption("Days from the start of treatment; 0 or less is the baseline.")
    days: dict[str, float] = {}
    with st.container(horizontal=True):
        for name in unknown:
            day = st.number_input(
                f"Day of {escape(name)}",
                value=None,
                step=1.0,
                format="%.0f",
                key=f"keep_data_day_{key}_{name}",
            )
            if day is not None:
                days[name] = float(day)
    return days
