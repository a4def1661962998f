"""Where our responses and those that the trial recorded differ, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.recist.data import RecistData
from lesionhet.recist.explanations import EXPLANATIONS
from lesionhet.recist.responses import rule_names
from lesionhet.recist.rules import (
    CR,
    NE,
    OVERALL,
    PD,
    PR,
    REAPPEARED,
    RESPONSES,
    SD,
    RecistRules,
)
from lesionhet.recist.tables import responses
from lesionhet.requests import recist

OF_WHAT: Final = {"target": "target", "non-target": "nontarget", "overall": "overall"}
"""Which response is recorded -> our column."""
RECORDED_TERMS: Final = {
    **{name: code for code, name in enumerate(RESPONSES, start=1)},
    "COMPLETE RESPONSE": CR,
    "PARTIAL RESPONSE": PR,
    "STABLE DISEASE": SD,
    "PROGRESSIVE DISEASE": PD,
    "NOT EVALUABLE": NE,
    "NON CR/NON PD": RESPONSES.index("NON-CR/NON-PD") + 1,
}
"""Recorded text, in capitals -> code; the submission values of CDISC's terminology and their long forms."""
COLUMNS: Final = [
    "patient_id",
    "visit",
    "day",
    "what",
    "ours",
    "recorded",
    "sum_mm",
    "nadir_mm",
    "baseline_sum_mm",
    "why",
]


@dataclass(frozen=True, eq=False)
class Differences:
    """Our responses beside the recorded ones.

    Parameters
    ----------
    rows
        One row a response that differs: ``patient_id, visit, day, what, ours, recorded, sum_mm, nadir_mm,
        baseline_sum_mm, why``; ``ours`` or ``recorded`` is None where there is none.
    cross
        ``what, recorded, ours, count``: every pair that occurs.
    agreement
        ``what, compared, same, percent, not_recorded, not_measured``: counts; ``percent`` of what was
        compared, that is has both.
    """

    rows: pd.DataFrame
    cross: pd.DataFrame
    agreement: pd.DataFrame


def compare_reported(data: RecistData, rules: RecistRules | None = None) -> Differences | None:
    """Compare our responses with those that the trial recorded.

    A recorded response belongs to the assessment of its visit; where no assessment has that visit, to
    the nearest one within ``visit_window_days``.

    Parameters
    ----------
    data
        With ``reported``.
    rules
        Default: those of RECIST 1.1.

    Returns
    -------
    Differences or None
        None where nothing was recorded after the baseline.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": "A", "day": [0, 50], "visit": ["0", "1"],
    ...                      "diameter_mm": [50.0, 30.0], "node": False})
    >>> said = pd.DataFrame({"patient_id": ["P"], "day": [50], "visit": ["1"], "what": ["overall"],
    ...                      "response": ["NE"]})
    >>> compare_reported(RecistData(rows, reported=said)).rows[["ours", "why"]].values.tolist()
    [['PR', 'recorded NE, all lesions assessed']]
    """
    rules = rules or RecistRules()
    recorded = data.reported[data.reported["what"].isin(OF_WHAT)].reset_index(drop=True)
    if recorded.empty:
        return None
    ours = _ours(data, rules)
    recorded = recorded[recorded["patient_id"].isin(ours["patient_id"]) | recorded["day"].gt(0)]
    if recorded.empty:
        return None
    both = _matched(ours, recorded, rules)
    both["theirs"] = both["recorded"].map(_code)
    both = _with_thresholds(both, rules).sort_values(
        ["patient_id", "what", "day"], kind="stable", ignore_index=True
    )
    is_pd = both["theirs"].eq(PD)
    earlier = is_pd.groupby([both["patient_id"], both["what"]]).cumsum() - is_pd
    both["progressed_before"] = earlier > 0
    chosen = np.select([np.asarray(w.holds(both), dtype=bool) for w in EXPLANATIONS], _PLACES, -1)
    both["why"] = [EXPLANATIONS[place].name for place in chosen]
    # Where neither side has a response of that kind there is nothing to compare.
    nothing = both["ours"].eq(0) & both["recorded"].isna()
    both = both[~nothing]
    same = both["ours"].eq(both["theirs"])
    shown = both.assign(ours=[_name(code) for code in both["ours"]])
    return Differences(
        shown.loc[~same, COLUMNS].reset_index(drop=True), _cross(shown), _agreement(both, same)
    )


_PLACES: Final = list(range(len(EXPLANATIONS)))


def _ours(data: RecistData, rules: RecistRules) -> pd.DataFrame:
    """Give our assessments with their patients and visits by name."""
    request = recist(data, rules)
    visits = responses(request.data, rules)[0]
    rule = rule_names(visits)
    by_table = pd.Series(rule, dtype=object).map({r.name: r.response for r in OVERALL})
    again = by_table.to_numpy() != visits["overall"].to_numpy()
    names = dict(enumerate(request.labels["visit"], start=1))
    return visits.assign(
        rule=np.where(again, REAPPEARED.name, rule),
        patient_id=[request.labels["patient"][code - 1] for code in visits["patient"]],
        visit=[names.get(code) for code in visits["visit"]],
        place=np.arange(len(visits)),
    )


def _matched(ours: pd.DataFrame, recorded: pd.DataFrame, rules: RecistRules) -> pd.DataFrame:
    """Put every recorded response beside its assessment, and what has no partner below."""
    recorded = recorded.rename(columns={"day": "recorded_day", "response": "recorded"})
    recorded = recorded.assign(number=np.arange(len(recorded)))
    keys = ours[["patient_id", "visit", "day", "place"]]
    named = recorded.dropna(subset="visit").merge(keys, on=["patient_id", "visit"])
    rest = recorded[~recorded["number"].isin(named["number"])]
    near = rest.drop(columns="visit").merge(keys.drop(columns="visit"), on="patient_id")
    near = near[(near["day"] - near["recorded_day"]).abs() <= rules.visit_window_days]
    pairs = pd.concat([named[["number", "place"]].assign(apart=_apart(named)),
                       near[["number", "place"]].assign(apart=_apart(near))])  # fmt: skip
    pairs = pairs.sort_values(["number", "apart", "place"]).drop_duplicates("number")
    found = recorded.merge(pairs[["number", "place"]], on="number", how="left")
    parts = []
    for what, column in OF_WHAT.items():
        own = found[found["what"] == what]
        if own.empty:
            continue
        # Only patients of whom anything was recorded can lack a record.
        known = ours[ours["patient_id"].isin(own["patient_id"])]
        joined = known.merge(
            own.drop(columns=["patient_id", "visit"]).dropna(subset="place"), on="place", how="left"
        )
        alone = own[own["place"].isna()]
        joined = pd.concat([joined, alone.assign(day=alone["recorded_day"])], ignore_index=True)
        parts.append(joined.assign(what=what, ours=joined[column]))
    return pd.concat(parts, ignore_index=True)


def _apart(pairs: pd.DataFrame) -> pd.Series:
    return (pairs["day"] - pairs["recorded_day"]).abs().fillna(0.0)


def _with_thresholds(both: pd.DataFrame, rules: RecistRules) -> pd.DataFrame:
    def limit(reference: pd.Series) -> Any:
        more = reference + rules.progression_min_increase_mm
        return np.maximum(rules.progression_threshold * reference, more)

    growth = both["sum_mm"] >= rules.progression_threshold * both["nadir_mm"]
    return both.assign(
        pr_limit=rules.response_threshold * both["baseline_sum_mm"],
        pd_limit=limit(both["nadir_mm"]),
        pd_limit_of_baseline=limit(both["baseline_sum_mm"]),
        relative_growth=growth & both["sum_mm"].gt(both["nadir_mm"]),
    )


def _cross(shown: pd.DataFrame) -> pd.DataFrame:
    pairs = shown[["what", "recorded", "ours"]].fillna("none")
    counts = pairs.value_counts(sort=False).rename("count").reset_index()
    rank = {name: place for place, name in enumerate((*RESPONSES, "none"))}
    order = counts.assign(
        a=counts["what"].map({name: place for place, name in enumerate(OF_WHAT)}),
        b=counts["recorded"].map(rank).fillna(len(rank)),
        c=counts["ours"].map(rank),
    ).sort_values(["a", "b", "c", "recorded"])
    return counts.loc[order.index].reset_index(drop=True)


def _agreement(both: pd.DataFrame, same: pd.Series) -> pd.DataFrame:
    rows = []
    for what, part in both.groupby("what", sort=False):
        compared = int((part["ours"].gt(0) & part["theirs"].notna()).sum())
        equal = int(same[part.index].sum())
        rows.append(
            {
                "what": what,
                "compared": compared,
                "same": equal,
                "percent": 100 * equal / compared if compared else np.nan,
                "not_recorded": int(part["recorded"].isna().sum()),
                "not_measured": int((part["ours"].isna() | part["ours"].eq(0)).sum()),
            }
        )
    return pd.DataFrame(rows)


def _code(text: Any) -> float:
    if text is None or text != text:
        return float("nan")
    return float(RECORDED_TERMS.get(" ".join(str(text).upper().split()), float("nan")))


def _name(code: float) -> str | None:
    return RESPONSES[int(code) - 1] if code == code and code > 0 else None
