"""Uploaded CDISC data sets: the rules by which they are read, each in a box of its own."""

from __future__ import annotations

from typing import Final

import streamlit as st

from lesionhet.cdisc.options import ACCEPTED, INDEPENDENT, INVESTIGATOR, RULES, CdiscOptions
from lesionhet.cdisc.recognise import NAMES, Standard, readers_of, standard_of
from lesionhet.errors import InputError, LesionhetError
from lesionhet.intake import ReadingTable
from lesionhet.labels import label
from lesionhet.readers import RawTable, ReadOptions
from streamlit_app import layout, offending, state, uploads
from streamlit_app.text import escape

TITLES: Final = {
    "dates": "Partial dates",
    "baseline": "Baseline",
    "start": "Day 0",
    "survival": "Survival",
}
MEANINGS: Final = {
    "dates": {
        "first": "the first day of the month or year",
        "middle": "the middle of the month or year",
        "last": "the last day of the month or year",
        "refuse": "rows with a partial date are left out, counted",
    },
    "baseline": {
        "auto": "the flagged measurement, else the last before treatment",
        "flag": "the flagged measurement",
        "visit": "the measurement at the baseline or screening visit",
        "start": "the last measurement before treatment",
    },
    "start": {
        "auto": "start of treatment, else the reference date",
        "treatment": "start of treatment",
        "reference": "the reference date",
        "randomisation": "randomisation",
    },
    "survival": {
        "derive": "from DM, DS and RS",
        "none": "not derived",
    },
}
READERS: Final = {
    ACCEPTED: "the accepted measurements, else the independent reader, else the investigator",
    INDEPENDENT: "the independent reader",
    INVESTIGATOR: "the investigator",
}


def offered(tables: list[RawTable]) -> Standard | None:
    """Say which standard the tables are to be read by; None where a person maps columns by hand."""
    standard = standard_of(tables)
    if standard is None:
        return None
    name = NAMES[standard]
    st.info(f"These are {name} data sets. They are joined and read by the rules below.")
    read = st.toggle(f"Read them as {name}", value=True, key="keep_data_cdisc")
    return standard if read else None


def choose(standard: Standard, tables: list[RawTable]) -> CdiscOptions:
    """Show a box for every rule, and give what was chosen."""
    names = {**READERS, **{name: f"only {name}" for name in readers_of(tables)}}
    left, right = st.columns(2)
    with left:
        reader = st.selectbox(
            "Whose measurements", list(names), format_func=names.__getitem__, key="keep_data_reader"
        )
    chosen: dict[str, str] = {}
    rules = [name for name in RULES if not (standard == "adam" and name == "survival")]
    for number, name in enumerate(rules):
        with right if number % 2 == 0 else left:
            chosen[name] = st.selectbox(
                TITLES[name],
                RULES[name],
                format_func=MEANINGS[name].__getitem__,
                key=f"keep_data_{name}",
            )
    return CdiscOptions(
        reader=reader,
        dates=chosen["dates"],
        baseline=chosen["baseline"],
        start=chosen["start"],
        survival=chosen.get("survival", RULES["survival"][0]),
    )


def read(standard: Standard, tables: list[RawTable], options: ReadOptions) -> None:
    """Offer the rules and, once asked for, make the data sets the session's data."""
    rules = choose(standard, tables)
    key = state.digest([(f.name, f.sha256) for f in uploads.files()], repr(options), repr(rules))
    if st.button("Use these data sets", key="data_use", type="primary"):
        with st.spinner("Joining and checking …"):
            _use(standard, key, options, rules)
    found = state.data()
    if found is not None and found.key == key:
        st.success("These data sets are in use: see above, or go to another page.")
    refused: tuple[str, LesionhetError] | None = st.session_state.get("refused")
    if refused is not None and refused[0] == key:
        layout.show_error(refused[1])
        if isinstance(refused[1], InputError):
            offending.show_offending(refused[1], tables)


def _use(standard: Standard, key: str, options: ReadOptions, rules: CdiscOptions) -> None:
    from lesionhet.cdisc import read as cdisc
    from lesionhet.cohort import cohort_from_intake

    readers = {"sdtm": cdisc.sdtm_from_bytes, "adam": cdisc.adam_from_bytes}
    files = [(file.name, file.data) for file in uploads.files()]
    try:
        cohort = cohort_from_intake(readers[standard](files, options, rules), options)
    except LesionhetError as error:
        st.session_state["refused"] = (key, error)
        return
    st.session_state.pop("refused", None)
    name = f"{NAMES[standard]}: {', '.join(file.name for file in uploads.files())}"
    state.use(state.Data(cohort, key, name))
    st.rerun()


def show_reading(tables: tuple[ReadingTable, ...]) -> None:
    """Show what the reader of the data sets decided."""
    if not tables:
        return
    st.subheader("How the data were read")
    for table in tables:
        with st.expander(escape(table.title)):
            st.markdown(escape(table.note))
            shown = table.frame.rename(columns=lambda name: label(str(name)))
            st.dataframe(shown, hide_index=True, width="stretch", key=f"reading_{table.name}")
