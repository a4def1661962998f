"""Progression of every organ of every patient, each on the day of its assessment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import BASELINE, FollowedLesions, assessments, sums_over_time
from lesionhet.definitions import Definitions
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
    lesions = followed.lesions
    unknown = lesions.loc[lesions["site"].isna(), "patient_id"].unique()
    rows = followed.measurements.assign(
        assessment=assessments(followed, definitions.visit_window_days)
    )
    # What an assessment shows is known on its last day.
    days = rows.groupby(["patient_id", "assessment"])["day"]
    rows = rows.assign(begin=days.transform("min"), day=days.transform("max"))
    rows = rows[~rows["patient_id"].isin(unknown)]
    keys = ["patient_id", "lesion_id"]
    rows = rows.merge(lesions[[*keys, "site", "baseline_mm"]], on=keys, validate="many_to_one")
    series = _relapses(sums_over_time(rows, BY, definitions), definitions)
    sites = rows[BY].drop_duplicates()
    seen = new[(new["diameter_mm"] > 0) & (new["day"] > 0)]
    seen = seen[seen["patient_id"].isin(sites["patient_id"])]
    later = rows[rows["assessment"] != BASELINE]
    visits = later[["patient_id", "begin", "day"]].drop_duplicates()
    first_new = _first_new(seen.dropna(subset="site"), visits, definitions.visit_window_days)
    left_out = {
        UNKNOWN_SITE: len(unknown),
        NOT_WHOLE: len(sites) - len(series),
        NEW_WITHOUT_SITE: int(seen["site"].isna().sum()),
    }
    return Progressions(_organs(series, first_new), left_out)


def _relapses(sums: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Give the last day of each organ's sum and the day of its relapse, missing without."""
    if sums.empty:
        return pd.DataFrame(columns=[*BY, "last_day", "relapse_day"])
    unit = sums.groupby(BY, sort=True).ngroup()
    series = pd.DataFrame({"unit": unit, "day": sums["day"], "size_mm": sums["size_mm"]})
    found = response_phases(series, replace(definitions, crossing="scan"))
    names = sums[BY].drop_duplicates().reset_index(drop=True)
    return pd.concat([names, found[["last_day", "relapse_day"]]], axis=1)


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
    both = series.merge(first_new, on=BY, how="outer", indicator=True)
    relapse, new = (both[name].to_numpy(dtype=float) for name in ("relapse_day", "new_day"))
    day = np.fmin(relapse, new)
    table = both[BY].assign(
        followed=(both["_merge"] != "right_only").astype(int),
        last_day=np.fmax(both["last_day"].to_numpy(dtype=float), day),
        progressed=(~np.isnan(day)).astype(int),
        new=((new < relapse) | (np.isnan(relapse) & ~np.isnan(new))).astype(int),
        day=day,
    )
    table["place"] = table.groupby("patient_id")["day"].rank("dense")
    return table.sort_values(BY, ignore_index=True)
