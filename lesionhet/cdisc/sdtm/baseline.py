"""Which measurement is the baseline: rows that the rule excludes are set aside and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.lesions import LESION
from lesionhet.errors import Problem
from lesionhet.readers.table import listed

FLAG: Final = "flag"
VISIT: Final = "visit"
START: Final = "start"
FLAG_COLUMNS: Final = ("TRLOBXFL", "TRBLFL")
VISIT_WORDS: Final = r"\b(?:BASE ?LINE|SCREENING|SCREEN|SCRN|BL)\b"
_FOUND: Final = {
    FLAG: "flagged",
    VISIT: "at a visit called baseline or screening",
    START: "last at or before the start, else first",
    "": "none: no such measurement",
}


@dataclass(frozen=True, eq=False)
class Baseline:
    """The baseline of each lesion.

    Parameters
    ----------
    set_aside
        n flags: assessments that would be taken for the baseline, or come before it.
    table
        ``baseline, lesions, assessments_set_aside``.
    """

    set_aside: pd.Series
    table: pd.DataFrame


def choose_baseline(assessments: pd.DataFrame, rule: str) -> Baseline:
    """Set aside what stands in the way of the baseline that the rule says.

    Parameters
    ----------
    assessments
        n rows: ``patient, link, visit, day, size`` (mm) and ``flagged`` (TRLOBXFL or TRBLFL is Y).
    rule
        ``baseline`` of `lesionhet.cdisc.options.CdiscOptions`. ``"auto"``: the flagged one of a lesion
        that has one, else by start. By flag or by visit, the last of several counts, and of a lesion
        without any every row is set aside.

    Returns
    -------
    Afterwards the last measured assessment at day 0 or before, else the first, is the baseline. By start,
    nothing is set aside. A flagged one after the start stays the baseline.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient": "P", "link": "T01", "visit": ["SCREENING", "DAY 1", "WEEK 6"],
    ...                      "day": [-20, 0, 42], "size": [30.0, 31.0, 20.0],
    ...                      "flagged": [True, False, False]})
    >>> choose_baseline(rows, "auto").set_aside.tolist()
    [False, True, False]
    >>> choose_baseline(rows, "start").set_aside.tolist()
    [False, False, False]
    """
    measured = assessments["size"].notna() & assessments["day"].notna()
    marked = pd.Series(False, index=assessments.index)
    if rule in (FLAG, "auto"):
        marked = assessments["flagged"] & measured
    elif rule == VISIT:
        visit = assessments["visit"].fillna("").astype(str).str.upper().str.replace("_", " ")
        marked = visit.str.contains(VISIT_WORDS) & measured
    keys = [assessments[k] for k in LESION]
    day = assessments["day"].where(marked).groupby(keys).transform("max")
    has = day.notna()
    # The core takes the last at day 0 or before: what lies between must go, and all before a later one.
    between = (
        has & measured & (assessments["day"] != day) & (assessments["day"] <= day.clip(lower=0))
    )
    between |= has & measured & (assessments["day"] == day) & ~marked
    strict = rule in (FLAG, VISIT)
    set_aside = between | (measured & ~has & strict)
    how = pd.Series("" if strict else START, index=assessments.index)
    how = how.where(~has, VISIT if rule == VISIT else FLAG)
    lesions = pd.DataFrame({"how": how, **{k: assessments[k] for k in LESION}})[measured]
    counts = lesions.drop_duplicates()["how"].value_counts()
    aside = how[set_aside].value_counts()
    rows = [
        [_FOUND[kind], int(counts.get(kind, 0)), int(aside.get(kind, 0))]
        for kind in _FOUND
        if counts.get(kind, 0)
    ]
    table = pd.DataFrame(rows, columns=["baseline", "lesions", "assessments_set_aside"])
    return Baseline(set_aside, table)


def no_baseline(tr: Domain, assessments: pd.DataFrame, found: Baseline, rule: str) -> list[Problem]:
    """Give the problem of a rule that finds no baseline at all.

    Parameters
    ----------
    tr
        For the message.
    assessments, rule
        As in `choose_baseline`.
    found
        Its result.
    """
    measured = assessments["size"].notna()
    if rule not in (FLAG, VISIT) or not measured.any() or not found.set_aside[measured].all():
        return []
    if rule == FLAG:
        column, message = FLAG_COLUMNS[0], f"no size is flagged in {' or '.join(FLAG_COLUMNS)}."
    else:
        names = listed(list(assessments["visit"].dropna().unique()), 8)
        column, message = "VISIT", f"no visit is called baseline or screening; found: {names}."
    return [Problem(tr.file, column, message, "Choose another rule, such as --baseline start.")]
