"""One simulated trial, analysed as it is planned to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.power.question import WHOLE, Design, Difference, HazardRatio, Question
from lesionhet.simulate import simulate_trial
from lesionhet.simulation.parameters import SimulationParameters
from lesionhet.simulation.unchecked import unchecked_cohort
from lesionhet.statistics.rank import mann_whitney
from lesionhet.timed.over_time import distances_over_time
from lesionhet.timed.three_ways import three_ways
from lesionhet.timed.ways import LANDMARK


@dataclass(frozen=True)
class Trial:
    """A trial to simulate.

    Parameters
    ----------
    question, design, definitions
        What is asked, how the trial is run, and the rules of phases and distance.
    patients
        Of the whole trial; a difference needs 2 or more.
    effect
        Log hazard ratio per unit of true heterogeneity; or, in the experimental arm, natural log of the
        factor on everything by which the lesions of one patient differ. 0: none.
    seed
        Of its random numbers.
    """

    question: Question
    design: Design
    definitions: Definitions
    patients: int
    effect: float
    seed: int


@dataclass(frozen=True)
class Finding:
    """What a trial shows.

    Parameters
    ----------
    estimate
        Log hazard ratio, or difference of the mean distances; missing where there is none.
    std_error
        Its standard error.
    p_value
        Of the model's Wald test, or of Mann-Whitney.
    patients, events
        In the analysis; events are missing for a difference.
    """

    estimate: float
    std_error: float
    p_value: float
    patients: float
    events: float


def run_trial(trial: Trial) -> Finding:
    """Simulate a trial and analyse it as planned.

    Parameters
    ----------
    trial
        What to simulate.

    Returns
    -------
    Finding
        All missing where these data have no answer.

    Examples
    --------
    >>> found = run_trial(Trial(HazardRatio(1.2), Design(), Definitions(), 80, 1.0, 1))
    >>> 0 < found.p_value < 1, found.patients
    (True, 80.0)
    """
    if isinstance(trial.question, Difference):
        return _two_arms(trial, trial.question)
    return _survival(trial, trial.question)


def _survival(trial: Trial, question: HazardRatio) -> Finding:
    parameters = trial.design.parameters(heterogeneity_log_hr=trial.effect)
    cohort = _cohort(trial.patients, trial.seed, parameters)
    days = (question.landmark,) if question.by == LANDMARK else ()
    found = three_ways(
        cohort,
        trial.definitions,
        question.endpoint,
        days,
        scale=question.scale,
        approaches=(question.by,),
    ).iloc[0]
    names = ("estimate", "std_error", "p_value", "n", "events")
    return Finding(*(float(found[name]) for name in names))


def _two_arms(trial: Trial, question: Difference) -> Finding:
    control, experimental = _seeds(trial.seed)
    half = trial.patients // 2
    plain = trial.design.parameters()
    spread = _with_spread(plain, float(np.exp(trial.effect)))
    arms = [
        _distances(trial, question, trial.patients - half, control, plain),
        _distances(trial, question, half, experimental, spread),
    ]
    n = sum(len(arm) for arm in arms)
    if min(len(arm) for arm in arms) < 2:
        return Finding(np.nan, np.nan, np.nan, float(n), np.nan)
    group = np.repeat([1, 2], [len(arm) for arm in arms])
    rows = pd.DataFrame({"values": np.concatenate(arms), "group": group})
    error = np.sqrt(sum(arm.var(ddof=1) / len(arm) for arm in arms))
    difference = arms[1].mean() - arms[0].mean()
    p_value = mann_whitney(rows)["test"]["p_value"].item()
    return Finding(float(difference), float(error), float(p_value), float(n), np.nan)


def _with_spread(plain: SimulationParameters, factor: float) -> SimulationParameters:
    """Multiply everything by which the lesions of one patient differ, measurement error aside."""
    lesion, organ = plain.between_lesion_sd, plain.between_organ_sd
    return replace(
        plain,
        between_lesion_sd=(lesion[0] * factor, lesion[1] * factor, lesion[2] * factor),
        between_organ_sd=(organ[0] * factor, organ[1] * factor, organ[2] * factor),
        site_effect=plain.site_effect * factor,
    )


def _distances(
    trial: Trial, question: Difference, n: int, seed: int, parameters: SimulationParameters
) -> Any:
    """Give the distances of one arm's patients, those without one left out."""
    states = distances_over_time(_cohort(n, seed, parameters), trial.definitions)
    if question.by != WHOLE:
        states = states[states["day"] <= question.landmark]
    last = states.drop_duplicates("patient_id", keep="last")["gower"]
    return last.dropna().to_numpy(dtype=float)


def _cohort(n: int, seed: int, parameters: SimulationParameters) -> Cohort:
    """Simulate one arm: without effects the arms of the simulator are all the same."""
    made = simulate_trial(n, seed, parameters)
    return unchecked_cohort(replace(made, patients=made.patients.drop(columns=["arm", "trial"])))


def _seeds(seed: int) -> tuple[int, int]:
    first, second = np.random.SeedSequence(seed).generate_state(2)
    return int(first), int(second)
