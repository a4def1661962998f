"""Sums of diameters as ADTR gives them, beside the sums of the lesions that were read."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cdisc.adam.dates import days_of
from lesionhet.cdisc.adam.parameters import DIAMETER, SHORT_AXIS, SUM, Parameters
from lesionhet.cdisc.adam.values import values_in_mm
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.intake import ReadingTable

SAME_MM: Final = 0.05
"""Sums that differ by less are the same but for rounding to one decimal."""
NOTE: Final = (
    "Ours: the sum over the target lesions measured on that day, or at that visit, of the short axis of "
    "lymph nodes and the longest diameter of other lesions, as RECIST 1.1 adds them. Longest: the sum of "
    "what this program analyses. A visit at which lesions are missing shows in the number of lesions."
)
_COLUMNS: Final = (
    *("patient_id", "parameter", "visit", "day", "reported_mm"),
    *("ours_mm", "difference_mm", "longest_mm", "lesions"),
)


def recist_targets(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the diameter of each target lesion that RECIST 1.1 adds up.

    Parameters
    ----------
    frame
        Records of `lesionhet.cdisc.adam.lesions.AdamLesions`, of one reader.

    Returns
    -------
    pandas.DataFrame
        As ``targets`` of `lesionhet.recist.data.RecistData`: one row a lesion and day. A lymph node has its
        short axis; where that was never measured, its longest diameter.
    """
    rows = frame[frame["lesion_type"].eq("target") & frame["day"].notna()]
    key = ["patient_id", "lesion_id", "day"]
    wide = rows.sort_values([*key, "row"]).pivot_table(
        index=key, columns="kind", values="mm", aggfunc="first", dropna=False, observed=True
    )
    wide = wide.reindex(columns=[DIAMETER, SHORT_AXIS])
    about = rows.groupby(key)[["visit", "node"]].first()
    wide = wide.loc[about.index].join(about).reset_index()
    has_short = wide[SHORT_AXIS].notna().groupby([wide[n] for n in key[:2]]).transform("any")
    has_long = wide[DIAMETER].notna().groupby([wide[n] for n in key[:2]]).transform("any")
    short = (wide["node"].eq(True) & has_short) | ~has_long
    wide["diameter_mm"] = wide[SHORT_AXIS].where(short, wide[DIAMETER])
    for name in ("visit", "node"):
        wide[name] = wide[name].astype(object).where(wide[name].notna(), None)
    return wide[["patient_id", "lesion_id", "day", "visit", "diameter_mm", "node"]]


def compare_sums(
    adtr: Domain,
    adsl: Domain | None,
    parameters: Parameters,
    options: CdiscOptions,
    lesions: pd.DataFrame,
) -> ReadingTable | None:
    """Put the sums of ADTR beside ours.

    Parameters
    ----------
    adtr, adsl, parameters, options
        As in `lesionhet.cdisc.adam.lesions.lesions_of`.
    lesions
        The records by lesion of the reader who is used.

    Returns
    -------
    ReadingTable or None
        ``sums_compared``, a row a sum; None where ADTR has no sums.
    """
    of_sum = parameters.kind.eq(SUM) & adtr.text("DTYPE").isna()
    if not of_sum.any():
        return None
    sums = adtr.take(of_sum)
    mm, _ = values_in_mm(sums)
    day, _ = days_of(sums, adsl, options)
    table = pd.DataFrame(
        {
            "patient_id": sums.text("USUBJID"),
            "parameter": sums.text("PARAMCD"),
            "visit": sums.text("AVISIT").fillna(sums.text("VISIT")),
            "day": day,
            "reported_mm": mm,
        }
    )
    targets = recist_targets(lesions)
    longest = lesions[lesions["used"] & lesions["lesion_type"].eq("target")]
    table["ours_mm"], table["lesions"] = _sum_at(table, targets, "diameter_mm")
    table["longest_mm"], _ = _sum_at(table, longest, "mm")
    table["difference_mm"] = (table["ours_mm"] - table["reported_mm"]).round(9)
    known = table["difference_mm"].notna()
    same = int(table["difference_mm"].abs().lt(SAME_MM).sum())
    note = f"{same} of {int(known.sum())} sums agree within {SAME_MM:g} mm. {NOTE}"
    frame = table[list(_COLUMNS)].sort_values(["patient_id", "parameter", "day"], ignore_index=True)
    return ReadingTable("sums_compared", "Sums of diameters beside ours", note, frame)


def _sum_at(table: pd.DataFrame, rows: pd.DataFrame, values: str) -> tuple[pd.Series, pd.Series]:
    """Add the lesions up at the visit of each sum, else on its day; and count them."""
    measured = rows[rows[values].notna()]
    found = []
    for keys in (["patient_id", "visit"], ["patient_id", "day"]):
        # A visit can hold two scans: then the day decides.
        once = measured.groupby([*keys, "lesion_id"]).size().groupby(keys).max().eq(1)
        groups = measured.groupby(keys)[values].agg(["sum", "size"])[once]
        joined = table[keys].merge(groups, how="left", left_on=keys, right_index=True)
        found.append(joined.set_axis(table.index))
    by_visit, by_day = found
    total = by_visit["sum"].fillna(by_day["sum"])
    count = by_visit["size"].fillna(by_day["size"])
    return total.astype(float), count.fillna(0).astype(np.int64)
