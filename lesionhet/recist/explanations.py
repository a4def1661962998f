"""Why a recorded response differs from ours: named rules, of which the first that holds is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet.recist.rules import CR, EQUIVOCAL, NE, PD, PR, REAPPEARED, SD

NEAR_MM: Final = 1.0
"""A sum this near to a threshold may have been on its other side before rounding."""


@dataclass(frozen=True)
class Why:
    """One explanation of a difference: when it holds, and what it means."""

    name: str
    holds: Callable[[pd.DataFrame], Any]
    text: str


def _is(name: str) -> Callable[[pd.DataFrame], Any]:
    return lambda f: f["rule"] == name


def _near(f: pd.DataFrame) -> Any:
    near_pr = (f["sum_mm"] - f["pr_limit"]).abs() <= NEAR_MM
    near_pd = (f["sum_mm"] - f["pd_limit"]).abs() <= NEAR_MM
    growth = f["ours"].eq(PD) | f["theirs"].eq(PD)
    shrinkage = f["ours"].isin((PR, SD)) & f["theirs"].isin((PR, SD))
    return f["what"].ne("non-target") & ((growth & near_pd) | (shrinkage & near_pr))


def _whole(f: pd.DataFrame) -> Any:
    targets = (f["measured"] == f["targets"]) | f["what"].eq("non-target")
    others = (f["assessed"] == f["known"]) | f["what"].eq("target")
    return targets & others


EXPLANATIONS: Final = (
    Why(
        "not in the measurements", lambda f: f["ours"].isna(), "No lesion has a row at this visit."
    ),
    Why("not recorded", lambda f: f["recorded"].isna(), "The trial recorded nothing here."),
    Why("recorded term unknown", lambda f: f["theirs"].isna(), "No response of RECIST 1.1."),
    Why(
        "no such lesion",
        lambda f: f["ours"].eq(0),
        "There are no lesions of this kind in the measurements.",
    ),
    Why(
        "recorded progression carried on",
        lambda f: f["theirs"].eq(PD) & f["progressed_before"],
        "Progression was recorded before; the measurements no longer show it.",
    ),
    Why(
        "recorded NE, all lesions assessed",
        lambda f: f["theirs"].eq(NE) & _whole(f),
        "Every lesion that counts has a value at this visit.",
    ),
    Why(
        "new lesion",
        lambda f: f["what"].eq("overall") & _is("new lesion")(f),
        "A new lesion is progression; the record does not count it.",
    ),
    Why(
        REAPPEARED.name,
        lambda f: f["what"].eq("overall") & _is(REAPPEARED.name)(f),
        "Any disease after an overall CR is progression (Table 3, footnote a).",
    ),
    Why(
        "reappearance from a sum of 0",
        lambda f: f["what"].ne("non-target") & f["target"].eq(PD) & f["nadir_mm"].eq(0),
        "From a sum of 0 any size is progression, below the absolute minimum too.",
    ),
    Why(
        "equivocal new lesion",
        lambda f: f["what"].eq("overall") & f["theirs"].eq(PD) & f["new"].eq(EQUIVOCAL),
        "The record counts a new lesion that is only equivocal.",
    ),
    Why(
        "not all lesions assessed",
        lambda f: f["ours"].eq(NE),
        "A lesion has no value at this visit; the record gives a response all the same.",
    ),
    Why(
        "recorded from the baseline, not the nadir",
        lambda f: (
            f["what"].ne("non-target")
            & f["target"].eq(PD)
            & (f["sum_mm"] < f["pd_limit_of_baseline"])
        ),
        "Progression from the smallest sum, not from the baseline.",
    ),
    Why(
        f"within {NEAR_MM:g} mm of the threshold",
        _near,
        "Rounding before the sum was taken can make this difference.",
    ),
    Why(
        "recorded without the 5 mm",
        lambda f: f["theirs"].eq(PD) & f["relative_growth"],
        "The sum grew by 20%, but by less than the absolute minimum.",
    ),
    Why(
        "non-target progression not in the data",
        lambda f: f["what"].ne("target") & f["theirs"].eq(PD) & f["known"].gt(0),
        "Non-target lesions are there, but their state is not progression.",
    ),
    Why(
        "progression not in the data",
        lambda f: f["theirs"].eq(PD),
        "Neither sum nor states nor new lesions show progression.",
    ),
    Why(
        "non-target lesions left",
        lambda f: f["what"].eq("overall") & f["theirs"].eq(CR) & f["target"].isin((0, CR)),
        "All target lesions are gone, but not all others.",
    ),
    Why(
        "recorded CR, a lesion is left",
        lambda f: f["theirs"].eq(CR),
        "A lesion still has a size or is present.",
    ),
    Why("CR not recorded", lambda f: f["ours"].eq(CR), "All lesions are gone."),
    Why(
        "progression not recorded",
        lambda f: f["ours"].eq(PD),
        "The measurements show progression.",
    ),
    Why(
        "recorded before the assessment",
        lambda f: f["recorded_day"] < f["day"],
        "The recorded response is dated before the last measurement of the visit.",
    ),
    Why("not explained", lambda f: f["what"].notna(), "None of the reasons above."),
)
"""Explanations in order; the first that holds is given."""
