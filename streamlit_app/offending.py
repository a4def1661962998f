"""Rows of a table as they stand in the file, such as those that a problem is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lesionhet.errors import InputError, Problem
from lesionhet.readers import RawTable
from streamlit_app.text import escape

SHOWN: Final = 20
ROW: Final = "row of the file"


def show_offending(error: InputError, tables: Sequence[RawTable]) -> None:
    """Show the rows that the problems of an input are about, under each problem.

    Parameters
    ----------
    error
        The problems.
    tables
        The tables as read.
    """
    by_file = {table.file: table for table in tables}
    for number, problem in enumerate(error.problems):
        if not problem.rows or problem.file not in by_file:
            continue
        with st.expander(_head(problem), expanded=number == 0):
            st.markdown(escape(problem.message))
            show_rows(by_file[problem.file], problem.rows, f"problem_{number}")


def show_rows(table: RawTable, rows: Sequence[int], name: str) -> None:
    """Show rows of a table by their numbers in the file, at most 20.

    Parameters
    ----------
    table
        As read.
    rows
        Row numbers as a spreadsheet counts.
    name
        Must differ from that of other rows on the page.
    """
    wanted = pd.Series(table.rows).isin(list(rows)[:SHOWN]).to_numpy()
    found = table.frame[wanted]
    shown = found.map(lambda cell: None if cell is None else str(cell))
    shown.insert(0, _free(ROW, shown), table.rows[wanted])
    st.dataframe(shown, hide_index=True, width="stretch", key=f"data_rows_{name}")
    if len(rows) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(rows):,}.")


def _head(problem: Problem) -> str:
    place = problem.file + (f", column '{problem.column}'" if problem.column else "")
    rows = "1 row" if problem.count == 1 else f"{problem.count:,} rows"
    return f"{escape(place)}: {rows}"


def _free(name: str, table: pd.DataFrame) -> str:
    while name in table.columns:
        name += " "
    return name
