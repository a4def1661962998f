"""The order of progressions: first organ, pairs of organs, what comes second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.sequence.progressions import Progressions, organ_progressions
from lesionhet.timed.days import check_day
from lesionhet.timed.state import followed_at

ANOTHER: Final = "another organ"
SEVERAL: Final = "several at once"
NONE: Final = "none seen"
NEITHER: Final = "neither"
NOT_KNOWN: Final = "not known"


def progressions_until(
    cohort: Cohort, definitions: Definitions, day: float = float("inf")
) -> Progressions:
    """Find the progressions of a cohort's organs that are known at a day.

    Parameters
    ----------
    cohort
        With a column site.
    definitions
        As in `lesionhet.sequence.progressions.organ_progressions`.
    day
        Scans up to and with this day count; infinite: all.

    Raises
    ------
    NotEstimableError
        No lesion has a scan after its baseline up to the day.
    """
    followed = cohort if np.isinf(day) else followed_at(cohort, check_day(day))
    rows = cohort.rows
    new = rows[(rows["lesion_type"] == "new") & (rows["day"] <= day)]
    return organ_progressions(followed, new, definitions)


def first_organs(organs: pd.DataFrame, named: Sequence[str] = ()) -> pd.DataFrame:
    """Give the organ in which each patient progresses first.

    Parameters
    ----------
    organs
        Of `Progressions`.
    named
        Organs with a group of their own; every other one is ``"another organ"``. Empty: all are named.

    Returns
    -------
    pandas.DataFrame
        One row a patient (index) with a progression: ``day``; ``first``, the organ or, where several
        progress on one day, ``"several at once"``; ``which``, all of them, joined by " + ".

    Examples
    --------
    >>> organs = pd.DataFrame({"patient_id": list("PPQQ"), "site": ["liver", "lung"] * 2,
    ...                        "day": [50.0, 100.0, 60.0, 60.0], "place": [1.0, 2.0, 1.0, 1.0]})
    >>> first_organs(organs)["first"].tolist()
    ['liver', 'several at once']
    """
    return _at_place(organs, 1, "first", named)


def second_organs(organs: pd.DataFrame, named: Sequence[str] = ()) -> pd.DataFrame:
    """Give the first and the second organ of each patient with a progression and another organ at risk.

    Parameters
    ----------
    organs, named
        As in `first_organs`.

    Returns
    -------
    pandas.DataFrame
        One row a patient with followed lesions in two organs or more and a progression: ``first``, ``second``
        (``"none seen"`` where no other organ progresses while it is followed).
    """
    affected = organs.groupby("patient_id")["followed"].sum()
    first = first_organs(organs, named)
    first = first[affected.reindex(first.index) > 1]
    second = _at_place(organs, 2, "second", named)["second"]
    return first.assign(second=second.reindex(first.index).fillna(NONE))


def pair_order(organs: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Compare when two organs progress, in the patients who have followed lesions in both.

    Parameters
    ----------
    organs
        Of `Progressions`.
    one, other
        Two sites.

    Returns
    -------
    pandas.DataFrame
        One row a patient (index): ``sign`` 1 where ``one`` progresses first, -1 where ``other`` does, 0 where
        both do on one day, else missing; ``order`` in words. An organ without progression comes after one
        that progresses while both are followed; not known: the other was no longer followed by then.

    Examples
    --------
    >>> organs = pd.DataFrame({"patient_id": list("PPQQ"), "site": ["liver", "lung"] * 2, "followed": 1,
    ...                        "day": [50.0, None, 60.0, None], "last_day": [50.0, 90.0, 60.0, 40.0]})
    >>> pair_order(organs, "liver", "lung")["order"].tolist()
    ['liver first', 'not known']
    """
    affected = organs[organs["followed"] == 1].set_index("patient_id")
    left, right = (
        affected.loc[affected["site"] == site, ["day", "last_day"]] for site in (one, other)
    )
    both = left.join(right, how="inner", lsuffix="_1", rsuffix="_2")
    day_1, day_2 = both["day_1"].fillna(np.inf), both["day_2"].fillna(np.inf)
    known_until = np.fmin(
        np.where(np.isinf(day_1), both["last_day_1"], np.inf),
        np.where(np.isinf(day_2), both["last_day_2"], np.inf),
    )
    neither = np.isinf(day_1) & np.isinf(day_2)
    unknown = ~neither & (np.fmin(day_1, day_2) > known_until)
    sign = np.sign(day_2.to_numpy() - day_1.where(~neither, 0.0).to_numpy())
    both["sign"] = np.where(neither | unknown, np.nan, sign)
    words = {1.0: f"{one} first", 0.0: "on one day", -1.0: f"{other} first"}
    both["order"] = both["sign"].map(words)
    both.loc[neither, "order"] = NEITHER
    both.loc[unknown, "order"] = NOT_KNOWN
    return both[["sign", "order"]]


def _at_place(organs: pd.DataFrame, place: int, name: str, named: Sequence[str]) -> pd.DataFrame:
    rows = organs[organs["place"] == place]
    first = rows.drop_duplicates("patient_id").set_index("patient_id").sort_index()
    which = first["site"].astype(object)
    single = which.where(which.isin(named), ANOTHER) if len(named) else which
    tied = rows[rows.duplicated("patient_id", keep=False)]
    several = tied.groupby("patient_id")["site"].agg(" + ".join)
    found = single.where(~which.index.isin(several.index), SEVERAL)
    which = several.reindex(which.index).fillna(which)
    return pd.DataFrame({"day": first["day"], name: found, "which": which})
