"""Which lesions are followed: baseline, rows after it, and a count of everything left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.checks.jumps import KEY
from lesionhet.checks.lesions import TARGET, measured_rows
from lesionhet.schema import LESION_TYPES

ATTRITION_COLUMNS: Final = ("stage", "unit", "reason", "n")
REASONS: Final[Mapping[str, str]] = {
    "rows_found": "rows in the file",
    "rows_not_assessed": "not assessed (empty diameter)",
    "rows_non_target": "of non-target lesions",
    "rows_new": "of new lesions",
    "rows_duplicate": "exact duplicates",
    "rows_before_baseline": "before treatment and before the baseline",
    "rows_not_followed": "of lesions that are not followed",
    "rows_kept": "rows analysed",
    "lesions_found": "lesions in the file",
    "lesions_non_target": "non-target lesions",
    "lesions_new": "new lesions",
    "lesions_never_measured": "never measured",
    "lesions_zero_baseline": "baseline of 0",
    "lesions_no_later": "no measurement after the baseline",
    "lesions_followed": "lesions followed",
}
"""Column of the ``attrition`` of `lesionhet.results.Patterns` -> the reason as it is printed."""


@dataclass(frozen=True, eq=False)
class Followed:
    """The followed lesions of a checked lesions table.

    Parameters
    ----------
    measurements, lesions
        As in `lesionhet.cohort.Cohort`.
    attrition
        The rows on rows and lesions.
    measured_patients
        Patients with a measured target lesion, followed or not.
    """

    measurements: pd.DataFrame
    lesions: pd.DataFrame
    attrition: pd.DataFrame
    measured_patients: frozenset[str]


def follow(frame: pd.DataFrame) -> Followed:
    """Find each lesion's baseline and keep the lesions that have one and a later measurement.

    Parameters
    ----------
    frame
        Rows of the lesions table without faults: ``patient_id, lesion_id, day, diameter_mm,
        lesion_type`` and ``site``, ``visit`` where the input has them.

    Returns
    -------
    The baseline is the last measured row at day <= 0, else the first measured row. A lesion whose
    baseline is 0 mm or that has no measured row after it is left out.
    """
    measured = measured_rows(frame).reset_index(drop=True)
    lesion = measured.groupby(KEY, sort=False)
    measured["order"] = lesion.cumcount()
    before = measured["day"].le(0).groupby([measured[k] for k in KEY], sort=False).transform("sum")
    measured["late"] = before.eq(0)
    baseline = (before - 1).clip(lower=0)
    measured["is_baseline"] = measured["order"].eq(baseline)
    earlier = measured["order"] < baseline
    summary = _summary(measured, measured["order"] > baseline)
    summary["fate"] = "followed"
    summary.loc[summary["n_scans"].eq(0), "fate"] = "no later"
    summary.loc[summary["baseline_mm"].eq(0), "fate"] = "zero"
    lesions = summary[summary["fate"].eq("followed")].drop(columns="fate").reset_index(drop=True)
    if "site" in frame:
        site = frame[frame["lesion_type"].eq(TARGET)].dropna(subset="site").groupby(KEY)["site"]
        lesions.insert(2, "site", _text_of(lesions, site.first()))
    kept = measured[~earlier].merge(lesions[KEY], on=KEY)
    return Followed(
        _measurements(kept),
        lesions,
        _attrition(frame, measured, int(earlier.sum()), len(kept), summary["fate"]),
        frozenset(measured["patient_id"]),
    )


def _summary(measured: pd.DataFrame, after: pd.Series) -> pd.DataFrame:
    """Give one row a measured lesion, sorted."""
    baseline = measured[measured["is_baseline"]]
    names = {"day": "baseline_day", "diameter_mm": "baseline_mm", "late": "baseline_after_start"}
    table = baseline[[*KEY, *names]].rename(columns=names)
    scans = after.groupby([measured[k] for k in KEY]).sum().rename("n_scans")
    return table.merge(scans.astype("int64"), left_on=KEY, right_index=True)


def _measurements(kept: pd.DataFrame) -> pd.DataFrame:
    if "visit" not in kept:
        kept = kept.assign(visit=None)
    visit = kept["visit"].astype(object)
    kept = kept.assign(visit=visit.where(visit.notna(), None))
    names = [*KEY, "day", "diameter_mm", "visit", "is_baseline"]
    return kept[names].reset_index(drop=True)


def _text_of(lesions: pd.DataFrame, values: pd.Series) -> pd.Series:
    found = (
        lesions[KEY]
        .merge(values.rename("value"), how="left", left_on=KEY, right_index=True)["value"]
        .astype(object)
    )
    return found.where(found.notna(), None)


def _attrition(
    frame: pd.DataFrame, measured: pd.DataFrame, earlier: int, kept: int, fate: pd.Series
) -> pd.DataFrame:
    sized = frame[frame["diameter_mm"].notna()]
    by_type = sized["lesion_type"].value_counts()
    others = [int(by_type.get(kind, 0)) for kind in LESION_TYPES[1:]]
    target = int(by_type.get(TARGET, 0))
    counts = [
        len(frame),
        len(frame) - len(sized),
        *others,
        target - len(measured),
        earlier,
        len(measured) - earlier - kept,
        kept,
        *_lesion_counts(frame, fate),
    ]
    rows = [
        (*_place(name), reason, n)
        for (name, reason), n in zip(REASONS.items(), counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(ATTRITION_COLUMNS))


def _place(name: str) -> tuple[str, str]:
    """Give stage and unit of a key of `REASONS`."""
    unit, _, rest = name.partition("s_")
    stage = {"found": "found", "kept": "kept", "followed": "kept"}.get(rest, "left out")
    return stage, unit


def _lesion_counts(frame: pd.DataFrame, fate: pd.Series) -> list[int]:
    rank = frame["lesion_type"].map({kind: i for i, kind in enumerate(LESION_TYPES)})
    # A lesion with any target row counts as target, else as non-target.
    kinds = rank.groupby([frame[k] for k in KEY]).min().value_counts()
    target, non_target, new = (int(kinds.get(i, 0)) for i in range(len(LESION_TYPES)))
    fates = fate.value_counts()
    return [
        target + non_target + new,
        non_target,
        new,
        target - len(fate),
        *(int(fates.get(name, 0)) for name in ("zero", "no later", "followed")),
    ]
