"""Best overall response of a patient, as it stands and with confirmation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.recist.rules import CR, NE, NON, NONE, PD, PR, SD, RecistRules

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Courses:
    """Overall responses of every patient up to the first progression.

    Parameters
    ----------
    response
        Patients x assessments, codes; `NONE` where there is no assessment, or progression was before.
    day
        Patients x assessments; missing alike.
    baseline_day
        Of each patient; missing where there is no baseline.
    targets
        Whether a patient has target lesions.
    """

    response: Codes
    day: Floats
    baseline_day: Floats
    targets: Flags

    def any(self, *codes: int) -> Flags:
        """Say which patients have one of these responses."""
        return np.asarray(np.isin(self.response, codes).any(axis=1))

    def long_enough(self, rules: RecistRules, *codes: int) -> Flags:
        """Say which patients have one of these responses at the end of the minimum time or later."""
        late = self.day - self.baseline_day[:, None] >= rules.stable_days
        return np.asarray((np.isin(self.response, codes) & late).any(axis=1))

    def confirmed(self, rules: RecistRules, first: int, *codes: int) -> Flags:
        """Say which patients have response ``first`` and one of ``codes`` at least so many days later.

        Between the two stand only ``codes``, ``first`` and NE, and no more NE than the rules permit.
        """
        found = np.zeros(len(self.response), dtype=bool)
        not_evaluable, begins = self.response == NE, self.response == first
        confirms = np.isin(self.response, codes)
        stands = confirms | begins | not_evaluable
        n = self.response.shape[1]
        for start in range(n):
            running = begins[:, start]
            missing = np.zeros(len(running), dtype=np.int64)
            for later in range(start + 1, n):
                if not running.any():
                    break
                apart = self.day[:, later] - self.day[:, start]
                late = (missing <= rules.not_evaluable_between) & (apart >= rules.confirmation_days)
                found |= running & confirms[:, later] & late
                running = running & stands[:, later]
                missing += not_evaluable[:, later]
        return found


@dataclass(frozen=True)
class BestRule:
    """One best overall response: its code, when it is reached, and where that stands."""

    response: int
    holds: Callable[[Courses, RecistRules], Flags]
    text: str


_STABLE: Final = BestRule(
    SD,
    lambda c, rules: c.targets & c.long_enough(rules, CR, PR, SD),
    "4.4.3: SD, or a response that does not count, at the end of the minimum time or later",
)
_OTHER: Final = BestRule(
    NON,
    lambda c, rules: ~c.targets & c.long_enough(rules, CR, NON),
    "Table 2: the like of SD in patients without target lesions",
)
_PROGRESSION: Final = BestRule(PD, lambda c, _: c.any(PD), "4.4.3: nothing better, and progression")
_NOT_EVALUABLE: Final = BestRule(
    NE, lambda c, _: np.ones(len(c.targets), dtype=bool), "4.4.3: neither, or no assessment"
)
BEST: Final = (
    BestRule(CR, lambda c, _: c.any(CR), "4.4.3"),
    BestRule(PR, lambda c, _: c.any(PR), "4.4.3"),
    _STABLE,
    _OTHER,
    _PROGRESSION,
    _NOT_EVALUABLE,
)
"""Best overall response where no confirmation is required; the first rule that holds counts."""
BEST_CONFIRMED: Final = (
    BestRule(CR, lambda c, rules: c.confirmed(rules, CR, CR), "Table 3, row 1"),
    BestRule(PR, lambda c, rules: c.confirmed(rules, PR, PR, CR), "Table 3, rows 6 and 7"),
    _STABLE,
    _OTHER,
    _PROGRESSION,
    _NOT_EVALUABLE,
)
"""Best overall response where confirmation is required (Table 3); the first rule that holds counts."""


def best_responses(
    visits: pd.DataFrame, baselines: pd.DataFrame, rules: RecistRules
) -> pd.DataFrame:
    """Give the best overall response of every patient.

    Parameters
    ----------
    visits
        What `lesionhet.recist.responses.respond` gives.
    baselines
        One row a patient: ``patient, targets, baseline_day, baseline_sum_mm``.
    rules
        ``confirmation_days``, ``stable_days``, ``not_evaluable_between``.

    Returns
    -------
    pandas.DataFrame
        One row a patient: ``patient, targets, baseline_day, baseline_sum_mm, assessments`` (after the
        baseline), ``best_change`` (percent, lowest of the whole sums up to the first progression, missing
        without one), ``progression_day`` (of the first, missing without one), ``best``,
        ``best_confirmed`` (codes).

    Source: RECIST 1.1, sections 4.4.3, 4.4.4 and 4.6, Table 3.
    """
    progressed = visits["overall"].eq(PD)
    past = progressed.groupby(visits["patient"]).cumsum() - progressed > 0
    counted = visits[~past]
    courses = _courses(counted, baselines)
    found = baselines.copy()
    by_patient = found["patient"]
    found["assessments"] = by_patient.map(visits["patient"].value_counts()).fillna(0).astype(int)
    found["best_change"] = by_patient.map(counted.groupby("patient")["change_baseline"].min())
    first = counted[counted["overall"] == PD].set_index("patient")["day"]
    found["progression_day"] = by_patient.map(first)
    for name, table in (("best", BEST), ("best_confirmed", BEST_CONFIRMED)):
        reached = [rule.holds(courses, rules) for rule in table]
        found[name] = np.select(reached, [rule.response for rule in table], NE)
    return found


def _courses(visits: pd.DataFrame, baselines: pd.DataFrame) -> Courses:
    """Lay the assessments of every patient side by side."""
    row = pd.Index(baselines["patient"]).get_indexer(visits["patient"])
    column = visits["assessment"].to_numpy(dtype=np.int64) - 1
    shape = (len(baselines), int(column.max(initial=-1)) + 1)
    response = np.full(shape, NONE, dtype=np.int64)
    day = np.full(shape, np.nan)
    response[row, column] = visits["overall"]
    day[row, column] = visits["day"]
    begin = baselines["baseline_day"].to_numpy(dtype=float)
    return Courses(response, day, begin, baselines["targets"].to_numpy() > 0)
