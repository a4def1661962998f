"""Target, non-target and overall response of every assessment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import LesionhetError
from lesionhet.recist.assess import TOLERANCE, Assessed
from lesionhet.recist.rules import (
    CR,
    NE,
    NON,
    NONE,
    OVERALL,
    PD,
    PR,
    RULE_OF,
    SD,
    RecistRules,
)

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Criterion:
    """One response of target or non-target lesions: its code, when it holds, and where it stands."""

    response: int
    holds: Callable[[pd.DataFrame, RecistRules], Any]
    text: str


def _gone(v: pd.DataFrame, _: RecistRules) -> Any:
    return v["gone"] == v["targets"]


def _progressed(v: pd.DataFrame, rules: RecistRules) -> Any:
    nadir = v["nadir_mm"]
    limit = np.maximum(
        rules.progression_threshold * nadir, nadir + rules.progression_min_increase_mm
    )
    # From a nadir of 0 any size is growth.
    limit = limit.where(nadir > 0, 0.0)
    return (v["measured"] > 0) & (v["sum_mm"] >= limit * (1 - TOLERANCE)) & (v["sum_mm"] > nadir)


def _shrunk(v: pd.DataFrame, rules: RecistRules) -> Any:
    return v["sum_mm"] <= rules.response_threshold * v["baseline_sum_mm"] * (1 + TOLERANCE)


TARGET_CRITERIA: Final = (
    Criterion(NONE, lambda v, _: v["targets"] == 0, "no target lesion at baseline"),
    Criterion(CR, _gone, "section 4.3.1: all gone, lymph nodes below 10 mm"),
    Criterion(PD, _progressed, "section 4.3.1; 4.4.2 where not all were measured"),
    Criterion(NE, lambda v, _: v["measured"] < v["targets"], "section 4.4.2"),
    Criterion(PR, _shrunk, "section 4.3.1"),
    Criterion(SD, lambda v, _: v["targets"] > 0, "section 4.3.1"),
)
"""Response of the target lesions; the first that holds counts."""
NON_TARGET_CRITERIA: Final = (
    Criterion(NONE, lambda v, _: v["known"] == 0, "no non-target lesion known by then"),
    Criterion(PD, lambda v, _: v["progression"] > 0, "section 4.3.4"),
    Criterion(NE, lambda v, _: v["assessed"] < v["known"], "Table 2, row 3"),
    Criterion(CR, lambda v, _: v["absent"] == v["known"], "section 4.3.3"),
    Criterion(NON, lambda v, _: v["known"] > 0, "section 4.3.3"),
)
"""Response of the non-target lesions; the first that holds counts."""


def respond(assessed: Assessed, rules: RecistRules) -> pd.DataFrame:
    """Give the responses of every assessment.

    Parameters
    ----------
    assessed
        What `lesionhet.recist.assess.assess` gives.
    rules
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        The rows of ``assessed.visits`` with ``targets``, ``baseline_day``, ``baseline_sum_mm``;
        ``sum_mm`` (missing where no target lesion was measured); ``nadir_mm``: the smallest sum of all
        target lesions before this assessment, baseline included; ``change_baseline``,
        ``change_nadir``: percent, missing where not all target lesions were measured or the reference
        is 0; codes ``target``, ``nontarget``, ``overall``.

    Source: RECIST 1.1, sections 4.3 and 4.4, Tables 1 and 2.
    """
    visits = assessed.visits.merge(assessed.baselines, on="patient", validate="many_to_one")
    whole = (visits["measured"] == visits["targets"]) & (visits["targets"] > 0)
    visits["whole"] = whole
    visits["sum_mm"] = visits["sum_mm"].where((visits["measured"] > 0) & (visits["targets"] > 0))
    visits["nadir_mm"] = _nadirs(visits)
    for name, reference in (("change_baseline", "baseline_sum_mm"), ("change_nadir", "nadir_mm")):
        before = visits[reference].where(whole & (visits[reference] > 0))
        visits[name] = 100 * (visits["sum_mm"] / before - 1)
    visits["target"] = _first_that_holds(TARGET_CRITERIA, visits, rules)
    visits["nontarget"] = _first_that_holds(NON_TARGET_CRITERIA, visits, rules)
    visits["overall"] = overall_responses(visits)
    return visits


def overall_responses(visits: pd.DataFrame) -> Codes:
    """Give the overall response of every assessment, by Tables 1 and 2.

    Any disease after an overall CR is progression (Table 3, footnote a; the clarification "Does a new
    lesion always result in PD?" of the RECIST working group): a target lesion that is there again, a lymph
    node of 10 mm or more, a non-target lesion that is present.

    Parameters
    ----------
    visits
        Rows by patient and assessment with the codes ``target``, ``nontarget``, ``new`` and with
        ``measured``, ``gone``, ``assessed``, ``absent``.
    """
    place = RULE_OF[visits["target"], visits["nontarget"], visits["new"]]
    if (place < 0).any():
        raise LesionhetError(
            "Responses that are in no table of RECIST 1.1: a fault of the program."
        )
    found = np.array([rule.response for rule in OVERALL], dtype=np.int64)[place]
    complete = pd.Series(found == CR, index=visits.index)
    before = complete.groupby(visits["patient"]).cumsum() - complete > 0
    again = (visits["gone"] < visits["measured"]) | (visits["absent"] < visits["assessed"])
    return np.where(before & again, PD, found)


def rule_names(visits: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Name the rule by which each overall response was found, before `REAPPEARED`."""
    names = [rule.name for rule in OVERALL]
    places = RULE_OF[visits["target"], visits["nontarget"], visits["new"]]
    return np.array([names[place] for place in places], dtype=object)


def _nadirs(visits: pd.DataFrame) -> pd.Series:
    """Give the smallest whole sum before each assessment, the baseline included."""
    whole = visits["sum_mm"].where(visits["whole"], np.inf)
    so_far = whole.groupby(visits["patient"]).cummin()
    before = so_far.groupby(visits["patient"]).shift(fill_value=np.inf)
    return np.minimum(before, visits["baseline_sum_mm"]).where(visits["targets"] > 0)


def _first_that_holds(
    criteria: tuple[Criterion, ...], visits: pd.DataFrame, rules: RecistRules
) -> Codes:
    conditions = [np.asarray(c.holds(visits, rules), dtype=bool) for c in criteria]
    return np.select(conditions, [c.response for c in criteria], -1).astype(np.int64)
