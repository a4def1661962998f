"""Which column is which: every guess in a box of its own, with its reason, to be changed or kept."""

from __future__ import annotations

from typing import Final

import streamlit as st

from lesionhet.labels import label
from lesionhet.readers import RawTable
from lesionhet.readers.choosing.guess import COLUMNS_OF, Guess, TableName, guess_columns
from lesionhet.readers.choosing.headings import UNIT_OF
from lesionhet.readers.choosing.prepare import FACTORS, Chosen, distinct_texts
from lesionhet.schema import Column
from streamlit_app import state
from streamlit_app.text import escape
from streamlit_app.uploads import Table

NOT_READ: Final = "(not read)"
MARKS: Final = {
    "sure": ":green-badge[sure]",
    "likely": ":blue-badge[likely]",
    "unsure": ":orange-badge[unsure: look]",
    "none": ":gray-badge[not found]",
}


def choose(table: Table, role: TableName, decimal: str) -> Chosen:
    """Show a box for every column that a table can have, and give what was chosen.

    Parameters
    ----------
    table
        The table.
    role
        Which of the two it is.
    decimal
        Decimal sign of numbers that are written as text.
    """
    guesses = state.remember(
        state.digest("guess", table.key, role, decimal),
        lambda: guess_columns(table.raw, role, decimal),
    )
    headings: dict[str, str] = {}
    units: dict[str, str] = {}
    yes: dict[str, str] = {}
    for spec, guess in zip(COLUMNS_OF[role], guesses, strict=True):
        key = f"keep_data_{table.key}_{role}_{spec.name}"
        left, right = st.columns((3, 2), vertical_alignment="top")
        with left:
            heading = _heading(table.raw, spec, guess, key)
        if heading is None:
            continue
        headings[spec.name] = heading
        with right:
            if spec.name in UNIT_OF:
                units[spec.name] = _unit(spec, guess, heading, key)
            elif spec.kind == "flag":
                yes[spec.name] = _yes(table.raw, guess, heading, key)
    return Chosen(headings, units, yes)


def _heading(raw: RawTable, spec: Column, guess: Guess, key: str) -> str | None:
    names = [NOT_READ, *map(str, raw.frame.columns)]
    needed = " :red-badge[needed]" if spec.required else ""
    chosen = st.selectbox(
        f"**{label(spec.name)}**{needed}",
        names,
        index=names.index(guess.heading) if guess.heading in names else 0,
        key=key,
    )
    about = escape(spec.meaning)
    if chosen == (guess.heading or NOT_READ):
        st.caption(f"{about}  \n{MARKS[guess.confidence]} {escape(guess.reason)}")
    else:
        st.caption(f"{about}  \n:violet-badge[your choice]")
    return None if chosen == NOT_READ else chosen


def _unit(spec: Column, guess: Guess, heading: str, key: str) -> str:
    """Offer the units; the guess of another column's unit is no guess for this one."""
    own = UNIT_OF[spec.name]
    units = list(FACTORS[own])
    guessed = guess.unit if heading == guess.heading and guess.unit in units else own
    chosen = st.selectbox(
        "Its unit",
        units,
        index=units.index(own),
        key=f"{key}_unit_{heading}",
        help=f"Values in another unit are converted to {own}, and counted.",
    )
    if guessed not in (own, chosen):
        st.warning(f"This looks like {guessed}. Choose it to convert to {own}.")
    elif chosen != own:
        st.caption(f"Times {FACTORS[own][chosen]}: {chosen} to {own}.")
    return chosen


def _yes(raw: RawTable, guess: Guess, heading: str, key: str) -> str:
    """Offer the texts of a flag; cells of 0 and 1 stay as they are unless a person turns them."""
    texts = list(distinct_texts(raw, heading))
    if not texts or set(texts) == {"0"}:
        return "1"
    index = texts.index("1") if "1" in texts else None
    chosen = st.selectbox(
        "Means yes",
        texts,
        index=index,
        key=f"{key}_yes_{heading}",
        placeholder="Choose one",
        help="The cells that mean 1; all other filled cells mean 0.",
    )
    if heading == guess.heading and guess.inverted and chosen == "1":
        st.warning("The heading speaks of censoring. Choose 0 here if 1 means censored.")
    if chosen is None:
        st.warning("Choose the text that means yes.")
    return chosen or "1"
