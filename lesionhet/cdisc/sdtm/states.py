"""The state of a lesion that is not measured: present, absent or progression."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

_PROGRESSION: Final = r"(?:UNEQUIVOCAL|PROGRESS|PD$|INCREAS|WORSE)"
_PRESENT: Final = r"(?:PRESENT|EQUIVOCAL|STABLE|NON-?PD|NON-?CR|PERSIST|UNCHANGED|DECREAS)"
_ABSENT: Final = r"(?:ABSENT|RESOLVED|DISAPPEARED|GONE|CR$|NOT PRESENT)"
_UNASSESSED: Final = r"NOT (?:EVALUABLE|ASSESS|DONE)|^N[ED]$|INEVALUABLE|UNKNOWN|UNEVALUABLE"


def state_of(text: pd.Series) -> pd.Series:
    """Give present, absent or progression for each recorded state; ``"?"`` for any other text.

    Parameters
    ----------
    text
        TRSTRESC of TUMSTATE; None where not assessed. EQUIVOCAL counts as present: RECIST 1.1 asks for
        unequivocal progression.

    Examples
    --------
    >>> state_of(pd.Series(["PRESENT", "ABSENT", "UNEQUIVOCAL PROGRESSION", "EQUIVOCAL", None])).tolist()
    ['present', 'absent', 'progression', 'present', None]
    """
    folded = text.fillna("").astype(str).str.upper().str.strip()
    found = np.select(
        [
            folded.eq("") | folded.str.contains(_UNASSESSED),
            folded.str.match(_ABSENT),
            folded.str.match(_PRESENT),
            folded.str.match(_PROGRESSION),
        ],
        ["", "absent", "present", "progression"],
        default="?",
    )
    states = pd.Series(found, index=text.index, dtype=object)
    return states.where(states != "", None)
