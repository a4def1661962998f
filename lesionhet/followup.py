"""Which lesions are followed: baseline, rows after it, and a count of everything left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.checks.keys import KEY, lesion_codes
from lesionhet.groupwise import Flags, Integers, ordered_codes, starts
from lesionhet.schema import LESION_TYPES

TARGET, NON_TARGET, NEW = range(len(LESION_TYPES))
"""Codes of the types of lesions."""

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
    columns = {str(name): frame[name] for name in frame.columns}
    return follow_coded(columns, kind_codes(frame["lesion_type"]), lesion_codes(columns))


def kind_codes(kinds: pd.Series) -> Integers:
    """Give the place of each type in `lesionhet.schema.LESION_TYPES`; -1 where it is none of them."""
    return np.asarray(pd.Index(LESION_TYPES).get_indexer(pd.Index(kinds)), dtype=np.int64)


def follow_coded(columns: Mapping[str, pd.Series], kind: Integers, key: Integers) -> Followed:
    """Do as `follow`, with types and lesions by number.

    Parameters
    ----------
    columns
        The columns of `follow`, n values each. Texts become object columns with None where missing;
        sites and visits that are numbers or categories stay as they are.
    kind, key
        n numbers of `kind_codes` and of `lesionhet.checks.keys.lesion_codes`.
    """
    size = columns["diameter_mm"].to_numpy(dtype=float)
    rows = _measured(columns, kind, key, size)
    series = _series(columns["day"].to_numpy(dtype=float)[rows], size[rows], key[rows])
    followed = ~series.zero & (series.n_scans > 0)
    first = rows[series.baseline[followed]]
    lesions = {name: _taken(columns[name], first) for name in KEY}
    if "site" in columns:
        lesions["site"] = _sites(columns["site"], (kind == TARGET), key, first)
    lesions["baseline_day"] = _taken(columns["day"], first)
    lesions["baseline_mm"] = _taken(columns["diameter_mm"], first)
    lesions["baseline_after_start"] = series.late[followed]
    lesions["n_scans"] = series.n_scans[followed]
    from_baseline = np.arange(len(rows)) >= np.repeat(series.baseline, series.n_rows)
    kept = np.flatnonzero(from_baseline & np.repeat(followed, series.n_rows))
    counts = [
        *_row_counts(kind, size, len(rows), int((~from_baseline).sum()), len(kept)),
        *_lesion_counts(kind, key, series, int(followed.sum())),
    ]
    is_baseline = np.zeros(len(rows), dtype=bool)
    is_baseline[series.baseline] = True
    return Followed(
        _measurements(columns, rows[kept], is_baseline[kept]),
        pd.DataFrame(lesions),
        _attrition(counts),
        frozenset(_taken(columns["patient_id"], rows[series.start])),
    )


@dataclass(frozen=True, eq=False)
class _Series:
    """Measured lesions: ``start`` and ``baseline`` are rows among the measured ones.

    ``n_rows`` measured, ``n_scans`` of them after the baseline; ``late``: none at day <= 0; ``zero``: the
    baseline is 0 mm.
    """

    start: Integers
    n_rows: Integers
    baseline: Integers
    n_scans: Integers
    late: Flags
    zero: Flags


def _series(day: Any, size: Any, key: Integers) -> _Series:
    start = starts(key)
    end = np.append(start[1:], len(key))[: len(start)]
    before = np.add.reduceat(day <= 0, start, dtype=np.int64)
    baseline = start + np.maximum(before - 1, 0)
    return _Series(
        start, end - start, baseline, end - 1 - baseline, before == 0, size[baseline] == 0
    )


def _measured(
    columns: Mapping[str, pd.Series], kind: Integers, key: Integers, size: Any
) -> Integers:
    """Give the measured rows of target lesions, sorted, each lesion, day and size once."""
    day = columns["day"].to_numpy(dtype=float)
    rows = np.flatnonzero((kind == TARGET) & (key >= 0) & ~np.isnan(size) & ~np.isnan(day))
    follows = key[rows][1:] == key[rows][:-1]
    ascending = np.where(follows, np.diff(day[rows]) > 0, np.diff(key[rows]) > 0)
    if ascending.all():
        return rows
    order = [size[rows], day[rows], key[rows]]
    if "visit" in columns:
        # Of exact duplicates the first visit by name stands, one without a visit last.
        visit = ordered_codes(columns["visit"])[rows]
        order.insert(0, np.where(visit < 0, len(visit), visit))
    rows = rows[np.lexsort(order)]
    values = [value[rows] for value in (key, day, size)]
    same = np.logical_and.reduce([value[1:] == value[:-1] for value in values])
    return rows[np.r_[True, ~same]]


def _taken(values: pd.Series, rows: Integers) -> Any:
    if isinstance(values.dtype, np.dtype):
        return values.to_numpy()[rows]
    return values.array.take(rows)


def _as_text(values: Any) -> Any:
    """Give texts as objects, None where missing; numbers and categories as they are."""
    if pd.api.types.is_numeric_dtype(values.dtype) or isinstance(values.dtype, pd.CategoricalDtype):
        return values
    missing = pd.isna(values)
    if values.dtype == object and not missing.any():
        return values
    texts = np.asarray(values, dtype=object).copy()
    texts[missing] = None
    return texts


def _sites(site: pd.Series, target: Flags, key: Integers, first: Integers) -> Any:
    """Give the first known site of each lesion, in whichever of its rows it stands."""
    known = np.flatnonzero(target & site.notna().to_numpy())
    wanted = key[first]
    place = np.searchsorted(wanted, key[known])
    own = np.append(wanted, -1)[place] == key[known]
    found = np.full(len(wanted), -1)
    # Of several writes the last one stays: from the last row to the first.
    found[place[own][::-1]] = known[own][::-1]
    # There is no row -1: missing.
    return _as_text(site.reset_index(drop=True).reindex(found).array)


def _measurements(
    columns: Mapping[str, pd.Series], rows: Integers, is_baseline: Flags
) -> pd.DataFrame:
    found = {name: _taken(columns[name], rows) for name in (*KEY, "day", "diameter_mm")}
    visit = np.full(len(rows), None, dtype=object)
    found["visit"] = _as_text(_taken(columns["visit"], rows)) if "visit" in columns else visit
    return pd.DataFrame({**found, "is_baseline": is_baseline})


def _row_counts(kind: Integers, size: Any, measured: int, earlier: int, kept: int) -> list[int]:
    sized = ~np.isnan(size)
    target, *others = (int((sized & (kind == k)).sum()) for k in (TARGET, NON_TARGET, NEW))
    return [
        len(size),
        int((~sized).sum()),
        *others,
        target - measured,
        earlier,
        measured - earlier - kept,
        kept,
    ]


def _lesion_counts(kind: Integers, key: Integers, series: _Series, followed: int) -> list[int]:
    # A lesion with any target row counts as target, else as non-target.
    counted, seen = [], np.array([], dtype=np.int64)
    for k in (TARGET, NON_TARGET, NEW):
        here = key[(kind == k) & (key >= 0)]
        known = len(seen)
        if len(here):
            seen = pd.unique(np.concatenate([seen, here]))
        counted.append(len(seen) - known)
    target, non_target, new = counted
    zero, measured = int(series.zero.sum()), len(series.start)
    return [
        target + non_target + new,
        non_target,
        new,
        target - measured,
        zero,
        measured - zero - followed,
        followed,
    ]


def _attrition(counts: list[int]) -> pd.DataFrame:
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
