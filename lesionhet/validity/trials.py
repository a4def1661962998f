"""One simulated trial, analysed three ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.definitions import load_definitions
from lesionhet.simulate import SimulatedTrial, simulate_trial
from lesionhet.simulation.published import LIVER
from lesionhet.simulation.unchecked import unchecked_cohort
from lesionhet.statistics.counting import climb
from lesionhet.timed.organs_three_ways import organs_three_ways
from lesionhet.timed.three_ways import outcome_of, three_ways, with_intervals
from lesionhet.validity.scenarios import Scenario

PRESET: Final = "paper2021"
DISTANCE: Final = "distance"
TRUTH: Final = "true heterogeneity"
ORGANS: Final = {1: "all respond", 2: "liver only", 3: "others only"}


@dataclass(frozen=True)
class Trial:
    """One trial to simulate: its world, its number of patients, its seed."""

    scenario: Scenario
    patients: int
    seed: int


def trial_rows(trial: Trial) -> pd.DataFrame:
    """Simulate a trial and estimate its hazard ratios three ways.

    Parameters
    ----------
    trial
        What to simulate.

    Returns
    -------
    pandas.DataFrame
        ``endpoint``, ``question`` (distance per 0.1; where the scenario asks, a group of organ response
        against no response, and true heterogeneity per unit, known from day 0), ``approach``,
        ``day``, ``n``, ``events``, ``estimate`` (log hazard ratio), ``std_error``, ``conf_low``,
        ``conf_high`` (hazard ratios), ``p_value``, ``reason``.

    Examples
    --------
    >>> from lesionhet.validity.scenarios import SCENARIOS
    >>> len(trial_rows(Trial(SCENARIOS[0], 100, 1)))
    25
    """
    made = simulate_trial(trial.patients, trial.seed, trial.scenario.parameters)
    cohort, definitions = unchecked_cohort(made), load_definitions(PRESET)
    asked = trial.scenario.questions
    tables = [
        three_ways(cohort, definitions, endpoint).assign(endpoint=endpoint, question=DISTANCE)
        for endpoint in ("os", *(name for name in asked if name == "pfs"))
    ]
    if "organs" in asked:
        organs = organs_three_ways(cohort, definitions, LIVER)
        organs = organs.assign(endpoint="os", question=organs["group"].map(ORGANS))
        tables.append(organs.drop(columns="group"))
    if "truth" in asked:
        tables.append(_true_model(made, outcome_of(cohort, "os"), definitions.conf_level))
    return pd.concat(tables, ignore_index=True).drop(columns="hazard_ratio")


def _true_model(made: SimulatedTrial, outcome: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    """Fit the model that knows the truth: heterogeneity itself, which no scan shows."""
    truth = made.truth.drop_duplicates("patient_id").set_index("patient_id")["heterogeneity"]
    rows = outcome.dropna().join(truth.rename("x1"), how="inner").reset_index(drop=True)
    model, peak = climb(rows, ["x1"])
    row = {
        "endpoint": "os",
        "question": TRUTH,
        "approach": "known",
        "n": len(rows),
        "events": int(rows["event"].sum()),
        "estimate": float((model.back @ peak.coefficients)[0]),
        "std_error": float(np.sqrt((model.back @ peak.covariance @ model.back.T)[0, 0])),
        "reason": "",
    }
    return with_intervals(pd.DataFrame([row]), conf_level)
