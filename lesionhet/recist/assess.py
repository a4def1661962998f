"""Rows of lesions -> assessments: what one visit measured, what was gone, what was not assessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.assessments import number_assessments
from lesionhet.groupwise import (
    Flags,
    Floats,
    Integers,
    highest,
    lowest,
    ordered_codes,
    pair_codes,
    places,
    starts,
    sums,
)
from lesionhet.recist.rules import ABSENT, CERTAIN, EQUIVOCAL, NO_NEW, PROGRESSION, RecistRules

TARGET, NON_TARGET, NEW = 1, 2, 3
TOLERANCE: Final = 1e-9
"""Relative slack of every threshold, as in `lesionhet.phases`."""
STATES: Final = ("visit", "node", "state", "certain")


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
    coded = _coded(rows, rules.visit_window_days)
    baseline = _baseline_sizes(coded)
    return Assessed(
        _visits(coded, baseline, rules), _baselines(coded, baseline), _counts(coded, baseline)
    )


@dataclass(frozen=True, eq=False)
class _Coded:
    """Rows as arrays, sorted by patient, lesion and day.

    ``patients``: codes as they were given; ``patient`` and ``lesion`` from 0. ``number`` of the assessment
    and, a patient's, ``base`` of its baseline, infinite without. ``cell``: place among the assessments of
    all patients, sorted by patient and number, whose ``cell_patient`` and ``cell_number`` are there.
    """

    patients: Integers
    patient: Integers
    lesion: Integers
    kind: Integers
    day: Floats
    visit: Floats
    size: Floats
    node: Floats
    state: Floats
    certain: Floats
    assessed: Flags
    number: Integers
    base: Floats
    cell: Integers
    cell_patient: Integers
    cell_number: Integers

    @property
    def seen(self) -> Flags:
        """Say which rows show a lesion that was there at the beginning."""
        return np.asarray(self.assessed & (self.kind != NEW))

    @property
    def followed(self) -> Flags:
        """Say which rows are after their patient's baseline."""
        return np.asarray(self.number > self.base[self.patient])

    @property
    def at_base(self) -> Flags:
        """Say which rows are of their patient's baseline."""
        return np.asarray(self.number == self.base[self.patient])

    def count(self, rows: Flags) -> Integers:
        """Count these rows in each cell."""
        return np.bincount(self.cell[rows], minlength=len(self.cell_patient))


def _coded(rows: pd.DataFrame, window_days: float) -> _Coded:
    patient, patients = pd.factorize(rows["patient"], sort=True)
    lesion, day = ordered_codes(rows["lesion"]), rows["day"].to_numpy(dtype=float)
    number = number_assessments(
        patient, lesion, day, ordered_codes(rows["visit"]), day <= 0, window_days
    )
    kind = rows["type"].to_numpy(dtype=np.int64)
    assessed = rows["assessed"].to_numpy(dtype=bool)
    begins = assessed & (kind != NEW)
    base = lowest(number[begins].astype(float), patient[begins], len(patients))
    _, first, cell = np.unique(pair_codes(patient, number), return_index=True, return_inverse=True)
    numbers = {
        name: rows[column].to_numpy(dtype=float)
        for name, column in {"size": "diameter_mm", **{n: n for n in STATES}}.items()
    }
    return _Coded(
        np.asarray(patients, dtype=np.int64),
        patient,
        pd.factorize(lesion)[0],
        kind,
        day,
        assessed=assessed,
        number=number,
        base=base,
        cell=cell,
        cell_patient=patient[first],
        cell_number=number[first],
        **numbers,
    )


def _one_a_day(data: pd.DataFrame) -> pd.DataFrame:
    """Keep one row a lesion and day: what was assessed before what was not, then the worst."""
    kind = data["type"].to_numpy()
    state = data["state"].to_numpy(dtype=float)
    values = [data["diameter_mm"].to_numpy(dtype=float), np.where(state == ABSENT, 0.0, state)]
    worst = np.select([kind == TARGET, kind == NON_TARGET], values, data["certain"])
    rows = data.assign(assessed=(kind == NEW) | ~np.isnan(worst))
    keys = [data[name].to_numpy(dtype=float) for name in ("patient", "lesion", "day")]
    steps = [np.diff(key) for key in keys]
    # Most tables stand in this order already, each lesion once a day.
    if np.select([step != 0 for step in steps], steps, 0).min(initial=1.0) > 0:
        return rows.reset_index(drop=True)
    # Missing visits come last.
    visit = data["visit"].to_numpy(dtype=float)
    order = np.lexsort((visit, -np.nan_to_num(worst, nan=-1.0), *keys[::-1]))
    same = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])
    return rows.take(order[np.r_[True, ~same][: len(order)]]).reset_index(drop=True)


def _without_superseded(rows: pd.DataFrame, window: float) -> pd.DataFrame:
    """Drop what says "not assessed" of a lesion that the same assessment shows after all."""
    empty = rows[~rows["assessed"]].reset_index()
    if empty.empty:
        return rows
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


def _baseline_sizes(rows: _Coded) -> Floats:
    """Give the last size of each target lesion at its patient's baseline, missing without one."""
    measured = np.flatnonzero(rows.at_base & rows.assessed & (rows.kind == TARGET))
    found = np.full(int(rows.lesion.max(initial=-1)) + 1, np.nan)
    # Rows of a lesion stand by day, and of several writes the last one stays.
    found[rows.lesion[measured]] = rows.size[measured]
    return found


def _visits(rows: _Coded, baseline: Floats, rules: RecistRules) -> pd.DataFrame:
    n = len(rows.cell_patient)
    shown = rows.followed & rows.assessed
    target = shown & (rows.kind == TARGET) & (baseline[rows.lesion] > 0)
    limit = np.where(rows.node == 1, rules.node_normal_mm * (1 - TOLERANCE), 0.0)
    gone = target & ((rows.size < limit) | (rows.size == 0))
    other = shown & (rows.kind == NON_TARGET)
    measured = rows.count(target)
    total = sums(rows.size[target], rows.cell[target], n)
    new = rows.followed & (rows.kind == NEW)
    certain = np.where(rows.certain[new] == 1, CERTAIN, EQUIVOCAL).astype(float)
    visit = lowest(np.where(np.isnan(rows.visit), np.inf, rows.visit), rows.cell, n)
    columns = {
        "day": highest(rows.day, rows.cell, n),
        "visit": np.where(np.isfinite(visit), visit, np.nan),
        "sum_mm": np.where(measured > 0, total, np.nan),
        "measured": measured,
        "gone": rows.count(gone),
        "known": _known_others(rows),
        "assessed": rows.count(other),
        "absent": rows.count(other & (rows.state == ABSENT)),
        "progression": rows.count(other & (rows.state == PROGRESSION)),
        "new": np.maximum(highest(certain, rows.cell[new], n), NO_NEW).astype(np.int64),
    }
    kept = np.flatnonzero(rows.cell_number > rows.base[rows.cell_patient])
    patient = rows.cell_patient[kept]
    keys = {
        "patient": rows.patients[patient],
        "assessment": places(starts(patient), len(patient)) + 1,
    }
    return pd.DataFrame({**keys, **{name: values[kept] for name, values in columns.items()}})


def _known_others(rows: _Coded) -> Integers:
    """Count the non-target lesions of each cell's patient that are known by then."""
    others = np.flatnonzero((rows.kind == NON_TARGET) & (rows.followed | rows.at_base))
    in_time = others[np.lexsort((rows.number[others], rows.lesion[others]))]
    begun = np.bincount(
        rows.cell[in_time[starts(rows.lesion[in_time])]], minlength=len(rows.cell_patient)
    )
    count, start = np.cumsum(begun), starts(rows.cell_patient)
    before = (count - begun)[start]
    return count - np.repeat(before, np.diff(np.append(start, len(count))))


def _baselines(rows: _Coded, baseline: Floats) -> pd.DataFrame:
    n = len(rows.patients)
    seen = rows.at_base & rows.seen
    day = highest(rows.day[seen], rows.patient[seen], n)
    owner = np.empty(len(baseline), dtype=np.int64)
    owner[rows.lesion] = rows.patient
    known = baseline > 0
    targets = np.bincount(owner[known], minlength=n)
    total = sums(baseline[known], owner[known], n)
    return pd.DataFrame(
        {
            "patient": rows.patients,
            "targets": targets,
            "baseline_day": np.where(np.isfinite(day), day, np.nan),
            "baseline_sum_mm": np.where(targets > 0, total, np.nan),
        }
    )


def _counts(rows: _Coded, baseline: Floats) -> dict[str, int]:
    """Count what is left out, by name of a column of `lesionhet.results.Recist`."""
    targets = len(np.unique(rows.lesion[rows.kind == TARGET]))
    with_baseline, known = int((~np.isnan(baseline)).sum()), int((baseline > 0).sum())
    others = rows.kind == NON_TARGET
    begin = lowest(rows.number[others].astype(float), rows.lesion[others], len(baseline))
    owner = np.empty(len(baseline), dtype=np.int64)
    owner[rows.lesion] = rows.patient
    late = np.isfinite(begin) & (begin > rows.base[owner])
    return {
        "targets_without_baseline": targets - with_baseline,
        "targets_zero_baseline": with_baseline - known,
        "nontargets_after_baseline": int(late.sum()),
        "new_at_baseline": int(((rows.kind == NEW) & ~rows.followed).sum()),
    }
