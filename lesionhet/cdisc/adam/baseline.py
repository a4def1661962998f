"""Which measurement of ADTR is a lesion's baseline: by flag, by visit or by the start of treatment."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.intake import ReadingTable

KEY: Final = ["patient_id", "lesion_id"]
_VISITS: Final = r"BASELINE|SCREENING"
NOTE: Final = (
    "Flag: the measurement with ABLFL = Y. Visit: the last one whose AVISIT names baseline or screening. "
    "Start: the last one at day 0 or before, else the first. Measurements between a baseline by flag or "
    "visit and day 0 are set aside, and those before a baseline after day 0."
)


def set_aside(frame: pd.DataFrame, rule: str) -> tuple[pd.Series, ReadingTable]:
    """Say which measurements stand in the way of the baseline that the rule names.

    Parameters
    ----------
    frame
        Measurements: ``patient_id, lesion_id, day, mm, visit, flagged``.
    rule
        ``"auto"``, ``"flag"``, ``"visit"`` or ``"start"`` of `lesionhet.cdisc.options.CdiscOptions`; a
        lesion without a measurement by flag or visit goes by the start.

    Returns
    -------
    tuple
        n flags: without those rows the last measurement at day 0 or before, else the first, is the
        baseline of the rule. And a table of how many lesions went which way.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": "A", "day": [-20.0, -1.0, 40.0], "mm": 20.0,
    ...                      "visit": None, "flagged": [True, False, False]})
    >>> set_aside(rows, "auto")[0].tolist(), set_aside(rows, "start")[0].tolist()
    ([False, True, False], [False, False, False])
    """
    measured = frame["mm"].notna()
    named = frame["visit"].astype(object).where(frame["visit"].notna(), "")
    marks = {
        "auto": frame["flagged"],
        "flag": frame["flagged"],
        "visit": named.str.contains(_VISITS, case=False, regex=True),
        "start": pd.Series(False, index=frame.index),
    }
    marked = marks[rule] & measured
    lesion = [frame[name] for name in KEY]
    baseline = frame["day"].where(marked).groupby(lesion).transform("max")
    day = frame["day"]
    # Without these rows the last measurement at day 0 or before, else the first, is the one wanted.
    aside = measured & (
        (baseline.le(0) & day.gt(baseline) & day.le(0)) | (baseline.gt(0) & day.lt(baseline))
    )
    way = pd.Series("start", index=frame.index).where(baseline.isna(), _way(rule))
    counts = (
        pd.DataFrame({"way": way, "aside": aside, "several": marked & day.ne(baseline)})
        .groupby([way.rename("baseline_by"), *lesion])
        .agg(aside=("aside", "sum"), several=("several", "any"))
        .groupby("baseline_by")
        .agg(
            lesions=("aside", "size"),
            measurements_set_aside=("aside", "sum"),
            lesions_with_several=("several", "sum"),
        )
        .reset_index()
    )
    return aside, ReadingTable("baseline", "Baseline", f"Rule: {rule}. {NOTE}", counts)


def _way(rule: str) -> str:
    return "flag" if rule == "auto" else rule
