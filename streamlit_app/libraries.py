"""The libraries behind the pages: loaded once for the program, then left alone by the garbage collector."""

from __future__ import annotations

import gc
import importlib
from functools import cache
from typing import Final

PARTS: Final = (
    *("lesionhet.analyses", "lesionhet.cohort", "lesionhet.simulate", "lesionhet.study"),
    *("lesionhet.figures", "lesionhet.report.tables", "lesionhet.statistics.engine"),
    *("pandas.io.formats.style", "pyarrow.pandas_compat"),
    *("streamlit_app.explorer", "streamlit_app.interactive", "streamlit_app.own_cox"),
    *("streamlit_app.parcel", "streamlit_app.verdicts"),
)
"""Modules that between them load every library."""


@cache
def settle() -> None:
    """Load what any page needs and take it out of Python's search for garbage.

    Streamlit searches the whole memory after each run of a page, and nothing else happens meanwhile. Of the
    quarter of a million objects in it nearly all belong to libraries, which last as long as the program:
    they are passed over from here on.
    """
    for name in PARTS:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
