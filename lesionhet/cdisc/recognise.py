"""Whether tables are CDISC data sets, by their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from lesionhet.readers import RawTable

Standard = Literal["sdtm", "adam"]
NAMES: Final[dict[Standard, str]] = {"sdtm": "SDTM", "adam": "ADaM"}
_TR: Final = frozenset(("USUBJID", "TRTESTCD"))
_ADTR: Final = frozenset(("USUBJID", "PARAMCD", "AVAL"))
_ADTTE: Final = "CNSR"


def standard_of(tables: Sequence[RawTable]) -> Standard | None:
    """Say which standard tables follow; None where they are no CDISC measurements.

    Parameters
    ----------
    tables
        As read.

    Returns
    -------
    ``"sdtm"`` where one has the columns of TR, else ``"adam"`` where one has those of ADTR.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet.readers import from_frame
    >>> tr = pd.DataFrame({"USUBJID": ["P1"], "TRTESTCD": ["LDIAM"], "TRSTRESN": [12.0]})
    >>> standard_of([from_frame(tr, "tr.xpt")]), standard_of([])
    ('sdtm', None)
    """
    columns = [{str(name).upper() for name in table.frame.columns} for table in tables]
    if any(found >= _TR for found in columns):
        return "sdtm"
    if any(found >= _ADTR and _ADTTE not in found for found in columns):
        return "adam"
    return None


def readers_of(tables: Sequence[RawTable]) -> tuple[str, ...]:
    """Name the readers whose measurements stand in the tables: ``TREVALID``, else ``TREVAL``.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet.readers import from_frame
    >>> rows = {"TREVAL": ["INVESTIGATOR", "INDEPENDENT ASSESSOR"], "TREVALID": [None, "RADIOLOGIST 1"]}
    >>> readers_of([from_frame(pd.DataFrame(rows), "tr.xpt")])
    ('INVESTIGATOR', 'RADIOLOGIST 1')
    """
    found: set[str] = set()
    for table in tables:
        frame = table.frame.rename(columns=lambda name: str(name).upper())
        if "TREVAL" in frame:
            name = frame.get("TREVALID", frame["TREVAL"]).fillna(frame["TREVAL"])
            found |= {str(value).strip() for value in name.dropna().unique()}
    return tuple(sorted(found - {""}))
