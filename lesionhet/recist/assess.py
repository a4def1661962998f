"""Rows of lesions -> assessments: what one visit measured, what was gone, what was not assessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import assessments
from lesionhet.recist.rules import ABSENT, CERTAIN, EQUIVOCAL, NO_NEW, PROGRESSION, RecistRules

TARGET, NON_TARGET, NEW = 1, 2, 3
TOLERANCE: Final = 1e-9
"""Relative slack of every threshold, as in `lesionhet.phases`."""
KEY: Final = ["patient", "assessment"]


@dataclass(frozen=True, eq=False)
class Assessed:
    """What was assessed, and what was left out.

    Parameters
    ----------
    visits
        One row an assessment after the baseline, by ``patient`` (code) and ``assessment`` (1, 2 ..):
        ``day`` of its last row, ``visit`` (code of its first named one, or missing), ``sum_mm`` of the
        target lesions that were measured, ``measured`` and ``gone`` of them, ``known`` non-target
        lesions, how many of them were ``assessed``, ``absent`` and in ``progression``, and ``new`` (code).
    baselines
        One row a patient: ``targets`` (number), ``baseline_day``, ``baseline_sum_mm``.
    counts
        Reason -> how many lesions or rows were left out.
    """

    visits: pd.DataFrame
    baselines: pd.DataFrame
    counts: dict[str, int]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows in the form in which `lesionhet.burden.assessments` takes measurements."""

    measurements: pd.DataFrame

    @property
    def lesions(self) -> pd.DataFrame:
        return self.measurements


def assess(data: pd.DataFrame, rules: RecistRules) -> Assessed:
    """Group rows to assessments and count what each shows.

    Parameters
    ----------
    data
        One row a lesion and day: ``patient``, ``lesion`` (codes; a lesion of another type has another
        code), ``type`` (1 target, 2 non-target, 3 new), ``day``, ``visit`` (code or missing),
        ``diameter_mm``, ``node`` (1, 0, missing where unknown), ``state`` (1 present, 2 absent, 3
        progression, missing where not assessed), ``certain`` (1, 0).
    rules
        ``visit_window_days`` and ``node_normal_mm``.

    Source: RECIST 1.1, sections 4.2 and 4.3; docs/methods.md, "RECIST 1.1".
    """
    rows = _one_a_day(data)
    rows = _without_superseded(rows, rules.visit_window_days)
    named = rows.rename(columns={"patient": "patient_id", "lesion": "lesion_id"})
    rows["number"] = assessments(_Rows(named.assign(is_baseline=True)), rules.visit_window_days)
    begin = rows[rows["assessed"] & rows["type"].ne(NEW)].groupby("patient")["number"].min()
    base = rows["patient"].map(begin)
    followed = rows[rows["number"] > base]
    baseline = _baseline_sizes(rows[rows["number"] == base])
    known = baseline[baseline > 0]
    targets = followed[followed["type"] == TARGET]
    visits = _visits(followed)
    visits = visits.join(_of_targets(targets, known, rules))
    visits = visits.join(_of_others(rows[rows["number"] >= base], followed))
    counts = _counts(rows, base, baseline, known)
    patients = pd.Index(np.unique(data["patient"]), name="patient")
    return Assessed(
        _finished(visits), _baselines(rows[rows["number"] == base], known, patients), counts
    )


def _one_a_day(data: pd.DataFrame) -> pd.DataFrame:
    """Keep one row a lesion and day: what was assessed before what was not, then the worst."""
    rows = data.copy()
    kind = rows["type"]
    values = [rows["diameter_mm"], rows["state"].replace(ABSENT, 0.0)]
    worst = np.select([kind == TARGET, kind == NON_TARGET], values, rows["certain"])
    rows["assessed"] = (kind == NEW) | ~np.isnan(worst)
    rows["worst"] = -np.nan_to_num(worst, nan=-1.0)
    order = ["patient", "lesion", "day", "worst", "visit"]
    rows = rows.sort_values(order, kind="stable", ignore_index=True)
    return rows.drop_duplicates(order[:3], ignore_index=True).drop(columns="worst")


def _without_superseded(rows: pd.DataFrame, window: float) -> pd.DataFrame:
    """Drop what says "not assessed" of a lesion that the same assessment shows after all."""
    empty = rows[~rows["assessed"]].reset_index()
    seen = rows.loc[rows["assessed"], ["lesion", "visit", "day"]]
    both = empty[["index", "lesion", "visit", "day"]].merge(seen, on="lesion", suffixes=("", "_b"))
    same = both["visit"] == both["visit_b"]
    near = (both["day"] - both["day_b"]).abs() <= window
    unnamed = both["visit"].isna() & both["visit_b"].isna()
    same |= unnamed & near
    # Before the start everything is one assessment.
    same &= (both["day"] > 0) == (both["day_b"] > 0)
    same |= (both["day"] <= 0) & (both["day_b"] <= 0)
    return rows.drop(index=both.loc[same, "index"].unique()).reset_index(drop=True)


def _baseline_sizes(rows: pd.DataFrame) -> pd.Series:
    """Give the last size of each target lesion at its patient's baseline, by lesion."""
    measured = rows[(rows["type"] == TARGET) & rows["assessed"]].sort_values("day", kind="stable")
    return measured.groupby("lesion")["diameter_mm"].last()


def _visits(followed: pd.DataFrame) -> pd.DataFrame:
    found = followed.groupby(["patient", "number"]).agg(day=("day", "max"), visit=("visit", "min"))
    found["assessment"] = found.groupby("patient").cumcount() + 1
    return found


def _of_targets(rows: pd.DataFrame, known: pd.Series, rules: RecistRules) -> pd.DataFrame:
    rows = rows[rows["lesion"].isin(known.index) & rows["assessed"]]
    limit = np.where(rows["node"] == 1, rules.node_normal_mm * (1 - TOLERANCE), 0.0)
    size = rows["diameter_mm"]
    rows = rows.assign(gone=(size < limit) | (size == 0))
    return rows.groupby(["patient", "number"]).agg(
        sum_mm=("diameter_mm", "sum"), measured=("gone", "size"), gone=("gone", "sum")
    )


def _of_others(since_baseline: pd.DataFrame, followed: pd.DataFrame) -> pd.DataFrame:
    """Count non-target lesions that are known by then, and grade new lesions."""
    keys = ["patient", "number"]
    others = followed[(followed["type"] == NON_TARGET) & followed["assessed"]]
    states = others.assign(
        absent=others["state"] == ABSENT, progression=others["state"] == PROGRESSION
    )
    found = states.groupby(keys).agg(
        assessed=("absent", "size"), absent=("absent", "sum"), progression=("progression", "sum")
    )
    new = followed[followed["type"] == NEW]
    graded = new.assign(new=np.where(new["certain"] == 1, CERTAIN, EQUIVOCAL))
    found = found.join(graded.groupby(keys)["new"].max(), how="outer")
    known = since_baseline[since_baseline["type"] == NON_TARGET]
    first = known.groupby(["patient", "lesion"])["number"].min().reset_index()
    begun = first.groupby(keys).size().rename("begun")
    every = since_baseline.groupby(keys).size().index
    running = begun.reindex(every, fill_value=0).groupby(level="patient").cumsum().rename("known")
    return running.to_frame().join(found)


def _finished(visits: pd.DataFrame) -> pd.DataFrame:
    """Fill what nothing was seen of, and put the keys into columns."""
    zero = ["measured", "gone", "known", "assessed", "absent", "progression"]
    visits[zero] = visits[zero].fillna(0).astype(np.int64)
    visits["new"] = visits["new"].fillna(NO_NEW).astype(np.int64)
    visits = visits.reset_index().sort_values(KEY, ignore_index=True)
    columns = [*KEY, "day", "visit", "sum_mm", *zero, "new"]
    return visits[columns]


def _baselines(rows: pd.DataFrame, known: pd.Series, patients: pd.Index) -> pd.DataFrame:
    seen = rows[rows["assessed"] & rows["type"].ne(NEW)]
    owner = rows.drop_duplicates("lesion").set_index("lesion")["patient"].reindex(known.index)
    own = known.groupby(owner)
    found = pd.DataFrame(
        {
            "targets": own.size(),
            "baseline_day": seen.groupby("patient")["day"].max(),
            "baseline_sum_mm": own.sum(),
        }
    ).reindex(patients)
    found["targets"] = found["targets"].fillna(0).astype(np.int64)
    return found.reset_index()


def _counts(
    rows: pd.DataFrame, base: pd.Series, baseline: pd.Series, known: pd.Series
) -> dict[str, int]:
    """Count what is left out, by name of a column of `lesionhet.results.Recist`."""
    kind, number = rows["type"], rows["number"]
    targets = rows.loc[kind == TARGET, "lesion"].nunique()
    others = rows[kind == NON_TARGET]
    late = others.groupby("lesion")["number"].min() > base[others.index].groupby(
        others["lesion"]
    ).first().reindex(sorted(others["lesion"].unique()))
    return {
        "targets_without_baseline": int(targets - len(baseline)),
        "targets_zero_baseline": int(len(baseline) - len(known)),
        "nontargets_after_baseline": int(late.sum()),
        "new_at_baseline": int(((kind == NEW) & ~(number > base)).sum()),
    }
