"""The choices of the session in one place: preset, definitions, and their way to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lesionhet.definitions import PRESETS
from lesionhet.definitions_text import Choice, choices
from lesionhet.errors import LesionhetError, UsageError
from lesionhet.labels import label
from lesionhet.schema import PHASES, RESPONSE_VARIABLES
from streamlit_app import state
from streamlit_app.choices import Choices, as_address, as_toml, from_address, from_toml
from streamlit_app.text import escape, lines

PRESET_SAYS: Final[Mapping[str, str]] = {
    "paper2021": "The reading that best fits the paper of 2021.",
    "unbiased": "Distances that do not depend on the number of lesions.",
    "recist11": "As the paper, with the 5 mm rule of RECIST 1.1.",
}
_STEPS: Final = {
    "relapse_min_increase_mm": 1.0,
    "visit_window_days": 1.0,
    "site_min_lesions": 5,
    "conf_level": 0.01,
    "measurement_log_sd": 0.01,
    "measurement_sd_mm": 0.5,
}
_RATIOS: Final = RESPONSE_VARIABLES[len(PHASES) :]


def show() -> None:
    """Show the choices and keep the address in step with them; called once a run, for every page."""
    _read_address_once()
    with st.sidebar:
        st.header("Choices")
        _preset()
        _changed()
        groups: dict[str, list[Choice]] = {}
        for choice in choices():
            groups.setdefault(choice.group, []).append(choice)
        for group, members in groups.items():
            _group(group, members)
        _file()
    _write_address()


def _preset() -> None:
    names = list(PRESETS)
    st.session_state["preset_choice"] = state.choices().preset
    st.selectbox("Preset", names, key="preset_choice", on_change=_take_preset)
    st.caption(PRESET_SAYS[state.choices().preset])


def _take_preset() -> None:
    state.set_choices(Choices(st.session_state["preset_choice"]))


def _changed() -> None:
    """Say what differs from the preset, and whether it holds together."""
    chosen = state.choices()
    if chosen.changed:
        names = ", ".join(label(name) for name in chosen.changed)
        st.markdown(f":orange-badge[{len(chosen.changed)} changed] {names}")
        st.button(
            "Back to the preset",
            key="back_to_preset",
            icon=":material/undo:",
            on_click=lambda: state.set_choices(Choices(chosen.preset)),
        )
    try:
        chosen.definitions()
    except UsageError as error:
        st.error(lines(str(error)))


def _group(group: str, members: list[Choice]) -> None:
    chosen = state.choices()
    n = sum(choice.name in chosen.changed for choice in members)
    mark = f" :orange-badge[{n} changed]" if n else ""
    box = st.expander(f"{group}{mark}", key=f"choices_{group}", on_change="rerun")
    # What stands in a closed box would be drawn again with every change of the page.
    if not box.open:
        return
    with box:
        for choice in members:
            if choice.name == "gower_bounds" and chosen.value("gower_range") != "fixed":
                continue
            _widget(choice, chosen)


def _widget(choice: Choice, chosen: Choices) -> None:
    changed = choice.name in chosen.changed
    text = f"{label(choice.name)}{' :orange-badge[changed]' if changed else ''}"
    key, value = f"definition_{choice.name}", chosen.value(choice.name)
    if choice.kind == "mapping":
        _numbers_by_variable(choice, chosen, text)
    elif choice.kind == "word":
        st.session_state[key] = value
        st.selectbox(text, choice.permitted, key=key, on_change=_take, args=(choice.name,))
    elif choice.kind == "flag":
        st.session_state[key] = value
        st.toggle(text, key=key, on_change=_take, args=(choice.name,))
    else:
        whole = choice.kind == "whole"
        step = _STEPS.get(choice.name, 0.05)
        st.session_state[key] = int(value) if whole else float(value)
        how: dict[str, Any] = (
            {"step": int(step)} if whole else {"step": float(step), "format": "%g"}
        )
        st.number_input(text, key=key, on_change=_take, args=(choice.name,), **how)
    was = f" Preset: {_words(chosen.of_preset(choice.name))}." if changed else ""
    st.caption(choice.effect + escape(was))


def _take(name: str) -> None:
    value = st.session_state[f"definition_{name}"]
    state.set_choices(state.choices().change(name, value))


def _numbers_by_variable(choice: Choice, chosen: Choices, text: str) -> None:
    """Show weights (one number a variable) or bounds (two numbers a ratio)."""
    st.markdown(text)
    given = chosen.value(choice.name)
    weights = choice.name == "gower_weights"
    for variable in RESPONSE_VARIABLES if weights else _RATIOS:
        now = [given.get(variable, 1.0)] if weights else given.get(variable, [0.0, 2.0])
        for column, (place, number) in zip(st.columns(len(now)), enumerate(now), strict=True):
            key = f"definition_{choice.name}_{variable}_{place}"
            st.session_state[key] = float(number)
            side = "" if weights else (": from", ": to")[place]
            with column:
                st.number_input(
                    f"{label(variable)}{side}",
                    key=key,
                    step=0.1,
                    format="%g",
                    on_change=_take_numbers,
                    args=(choice.name,),
                )
    if not weights and set(given) != set(_RATIOS):
        st.button("Use these bounds", key="use_bounds", on_click=_take_numbers, args=(choice.name,))


def _take_numbers(name: str) -> None:
    found: dict[str, Any] = {}
    for variable in RESPONSE_VARIABLES:
        key = f"definition_{name}_{variable}"
        values = [
            float(st.session_state[f"{key}_{n}"])
            for n in (0, 1)
            if f"{key}_{n}" in st.session_state
        ]
        if name == "gower_weights" and values[0] != 1.0:
            found[variable] = values[0]
        elif name == "gower_bounds" and values:
            found[variable] = values
    state.set_choices(state.choices().change(name, found))


def _file() -> None:
    box = st.expander(
        "Take the choices to a colleague", key="choices_taken_along", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        st.caption(
            "The address of this page holds the choices. Or as a file, which the command reads:"
        )
        try:
            text = as_toml(state.choices())
        except UsageError:
            text = ""
        st.download_button(
            "Choices as a file",
            text,
            file_name="definitions.toml",
            mime="application/toml",
            disabled=not text,
            on_click="ignore",
            icon=":material/download:",
            key="choices_file",
        )
        given = st.file_uploader("Take choices from a file", type="toml", key="choices_upload")
        if given is None:
            st.session_state.pop("choices_taken", None)
        else:
            _take_file(given.name, given.getvalue())


def _take_file(name: str, content: bytes) -> None:
    """Take a file's choices once: later changes by hand must not be undone by every run."""
    mark = state.digest(name, content.hex())
    if st.session_state.get("choices_taken") == mark:
        return
    try:
        chosen = from_toml(content.decode("utf-8"), name)
    except (LesionhetError, UnicodeDecodeError) as error:
        st.error(lines(str(error)))
        return
    st.session_state["choices_taken"] = mark
    state.set_choices(chosen)
    st.rerun()


def _read_address_once() -> None:
    if "address_read" in st.session_state:
        return
    st.session_state["address_read"] = True
    try:
        found = from_address(st.query_params.to_dict())
    except LesionhetError as error:
        st.session_state["address_error"] = str(error)
        return
    if found is not None:
        state.set_choices(found)


def _write_address() -> None:
    if error := st.session_state.pop("address_error", ""):
        st.error(f"The choices in the address were not taken. {lines(error)}")
    wanted = as_address(state.choices())
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def _words(value: Any) -> str:
    return (
        {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )
