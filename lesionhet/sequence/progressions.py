"""Progression of every organ of every patient, each on the day of its assessment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.assessments import BASELINE, assessment_numbers
from lesionhet.burden import sum_rows, sums_over_time
from lesionhet.coded import FollowedLesions, coded
from lesionhet.definitions import Definitions
from lesionhet.groupwise import Integers, highest, lowest, ordered_codes, pair_codes, starts
from lesionhet.phases import response_phases

BY: Final = ["patient_id", "site"]
UNKNOWN_SITE: Final = "unknown_site"
NOT_WHOLE: Final = "not_whole"
NEW_WITHOUT_SITE: Final = "new_without_site"


@dataclass(frozen=True, eq=False)
class Progressions:
    """Progression of organs.

    Parameters
    ----------
    organs
        One row a patient and organ, sorted: ``patient_id, site``; ``followed``: 1 where the sum of its
        lesions is followed, 0 where it only has a new lesion; ``last_day`` of that sum; ``progressed``
        (1, 0); ``new``: 1 where a new lesion came first; ``day`` of the progression and its ``place`` among
        the organs of the patient, 1 the first, the same for those of one day; both missing without.
    left_out
        ``"unknown_site"``: patients with a followed lesion whose site is unknown; ``"not_whole"``: organs
        of patients that were never measured as a whole at baseline and after it; ``"new_without_site"``:
        new lesions whose site is unknown.
    """

    organs: pd.DataFrame
    left_out: Mapping[str, int]


def organ_progressions(
    followed: FollowedLesions, new: pd.DataFrame, definitions: Definitions
) -> Progressions:
    """Find when each organ of each patient progresses.

    Parameters
    ----------
    followed
        Measurements of followed lesions with a column site, as `lesionhet.followup.follow` gives them.
    new
        New lesions as they were seen: ``patient_id, site, day, diameter_mm``; one with a size above 0 after
        day 0 is a progression of its site.
    definitions
        ``relapse_threshold``, ``relapse_reference``, ``relapse_min_increase_mm``, ``burden``,
        ``visit_window_days``.

    Returns
    -------
    Progressions
        An organ progresses at the first relapse of the sum of its diameters, or at its first new lesion.

    Source: docs/methods.md, "Order of progression".

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "A", "B", "B", "B"],
    ...                      "site": ["liver"] * 3 + ["lung"] * 3, "day": [0, 50, 100] * 2,
    ...                      "diameter_mm": [50.0, 40.0, 49.0, 20.0, 30.0, 20.0]})
    >>> cohort = cohort_from_frames(rows)
    >>> found = organ_progressions(cohort, rows[:0], Definitions()).organs
    >>> found[["site", "day", "place"]].to_numpy().tolist()
    [['liver', 100.0, 2.0], ['lung', 50.0, 1.0]]
    """
    codes, lesions = coded(followed), followed.lesions
    site = ordered_codes(lesions["site"])
    unknown = np.bincount(codes.patient[site < 0], minlength=len(codes.patients)) > 0
    known = ~unknown[codes.patient]
    pairs, own = np.unique(pair_codes(codes.patient, site)[known], return_inverse=True)
    unit = np.full(len(lesions), -1)
    unit[known] = own
    _, first = np.unique(own, return_index=True)
    names = lesions[BY][known].take(first).reset_index(drop=True)
    rows, visits = _on_last_day(followed, unit, definitions.visit_window_days)
    series = _relapses(sums_over_time(rows, definitions), names, definitions)
    seen = new[(new["diameter_mm"] > 0) & (new["day"] > 0)]
    seen = seen[seen["patient_id"].isin(names["patient_id"])]
    first_new = _first_new(seen.dropna(subset="site"), visits, definitions.visit_window_days)
    left_out = {
        UNKNOWN_SITE: int(unknown.sum()),
        NOT_WHOLE: len(pairs) - len(series),
        NEW_WITHOUT_SITE: int(seen["site"].isna().sum()),
    }
    return Progressions(_organs(series, first_new), left_out)


def _on_last_day(
    followed: FollowedLesions, unit: Integers, window_days: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the rows of known units on the last day of their patient's assessment, and the assessments.

    What an assessment shows is known on its last day. The assessments after the baseline: ``patient_id,
    begin, day``.
    """
    codes = coded(followed)
    number = assessment_numbers(followed, window_days)
    cell, keys = pd.factorize(pair_codes(codes.patient_of_row, number))
    begin, end = lowest(codes.day, cell, len(keys)), highest(codes.day, cell, len(keys))
    rows = sum_rows(followed, unit, window_days).assign(day=end[cell])
    known = rows["unit"].to_numpy() >= 0
    later, row = np.unique(cell[known & (number != BASELINE)], return_index=True)
    owner = codes.patient_of_row[known & (number != BASELINE)][row]
    ids = codes.patients.to_numpy()[owner]
    visits = pd.DataFrame({"patient_id": ids, "begin": begin[later], "day": end[later]})
    return rows[known], visits


def _relapses(sums: pd.DataFrame, names: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Give the last day of each organ's sum and the day of its relapse, missing without."""
    if sums.empty:
        return pd.DataFrame(columns=[*BY, "last_day", "relapse_day"])
    unit = sums["unit"].to_numpy()
    first = starts(unit)
    series = sums.assign(
        unit=np.repeat(np.arange(len(first)), np.diff(np.append(first, len(unit))))
    )
    found = response_phases(series, replace(definitions, crossing="scan"))
    own = names.take(unit[first]).reset_index(drop=True)
    return pd.concat([own, found[["last_day", "relapse_day"]]], axis=1)


def _first_new(seen: pd.DataFrame, visits: pd.DataFrame, window_days: float) -> pd.DataFrame:
    """Give the first new lesion of each organ, on the day on which it and its assessment are known.

    It belongs to the first assessment with its dates within ``window_days`` of it, and is never dated
    before it was seen; where there is no such assessment it stands for itself.
    """
    near = seen[[*BY, "day"]].merge(
        visits.rename(columns={"day": "end"}), on="patient_id", how="left"
    )
    inside = near["day"].between(near["begin"] - window_days, near["end"] + window_days)
    near["end"] = near["end"].where(inside)
    own = near.groupby([*BY, "day"], as_index=False)["end"].min()
    own["new_day"] = np.fmax(own["end"], own["day"])
    return own.groupby(BY, as_index=False)["new_day"].min()


def _organs(series: pd.DataFrame, first_new: pd.DataFrame) -> pd.DataFrame:
    if first_new.empty:
        both, followed = series.assign(new_day=np.nan), np.ones(len(series), dtype=np.int64)
    else:
        both = series.merge(first_new, on=BY, how="outer", indicator=True)
        followed = (both["_merge"] != "right_only").to_numpy(dtype=np.int64)
    relapse, new = (both[name].to_numpy(dtype=float) for name in ("relapse_day", "new_day"))
    day = np.fmin(relapse, new)
    table = both[BY].assign(
        followed=followed,
        last_day=np.fmax(both["last_day"].to_numpy(dtype=float), day),
        progressed=(~np.isnan(day)).astype(int),
        new=((new < relapse) | (np.isnan(relapse) & ~np.isnan(new))).astype(int),
        day=day,
    )
    table["place"] = table.groupby("patient_id")["day"].rank("dense")
    return table.sort_values(BY, ignore_index=True)
