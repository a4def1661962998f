"""How much of a true effect the distance shows, and why no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.simulate import SimulatedTrial, simulate_trial
from lesionhet.simulation.unchecked import unchecked_cohort
from lesionhet.timed.over_time import distances_over_time
from lesionhet.timed.three_ways import outcome_of, three_ways
from lesionhet.timed.ways import LANDMARK, TIME_DEPENDENT
from lesionhet.validity.rates import LARGE_PATIENTS
from lesionhet.validity.scenarios import Scenario, scenario
from lesionhet.validity.trials import PRESET
from lesionhet.workers import Crew

DAY: Final = 112.0
TRIALS: Final = 5
MEASURED: Final = "as measured"
EXACT: Final = "without measurement error"


def attenuation(
    seed: int, trials: int = TRIALS, patients: int = LARGE_PATIENTS, workers: int = 1
) -> pd.DataFrame:
    """Measure, in large trials with a known effect, what the distance on day 112 tells of the truth.

    Parameters
    ----------
    seed
        Of the trials.
    trials, patients
        Their number and size.
    workers
        Processes.

    Returns
    -------
    pandas.DataFrame
        Two rows, with the usual measurement error and without any: ``correlation`` of distance and true
        heterogeneity, ``slope`` of the truth on the distance per 0.1 given burden, number of lesions and
        arm, ``foretold`` log hazard ratio (the effect times the slope), ``landmark`` and
        ``time_dependent`` log hazard ratios that the models give, each with its ``.._error``.

    Source: regression calibration, Prentice (1982) Biometrika 69:331.

    Examples
    --------
    >>> attenuation(1, trials=2, patients=300)["measured"].tolist()
    ['as measured', 'without measurement error']
    """
    known = scenario("known effect")
    exact = {"measurement_sd": 0.0, "rounding_mm": 0.0, "vanished_below_mm": 0.0}
    exact |= {"smallest_measurable_mm": 0.0}
    worlds = {MEASURED: known, EXACT: replace(known, changes={**known.changes, **exact})}
    seeds = [int(one) for one in np.random.SeedSequence([seed, trials]).generate_state(trials)]
    rows = []
    with Crew(workers) as crew:
        by_world = [crew.run(_large, [(w, patients, s) for s in seeds]) for w in worlds.values()]
    for name, numbers in zip(worlds, by_world, strict=True):
        found = pd.DataFrame(numbers)
        error = found.std(ddof=1) / np.sqrt(len(found))
        errors = {f"{key}_error": error[key] for key in ("landmark", "time_dependent")}
        rows.append({"measured": name, **found.mean().to_dict(), **errors})
    return pd.DataFrame(rows)


def _large(job: tuple[Scenario, int, int]) -> dict[str, float]:
    world, patients, seed = job
    trial = simulate_trial(patients, seed, world.parameters)
    cohort, definitions = unchecked_cohort(trial), load_definitions(PRESET)
    ways = three_ways(cohort, definitions, days=(DAY,), approaches=(LANDMARK, TIME_DEPENDENT))
    by_way = ways.set_index("approach")["estimate"]
    seen = _at_landmark(trial, cohort, definitions)
    slope = _slope(seen)
    return {
        "correlation": float(seen["gower"].corr(seen["heterogeneity"])),
        "slope": slope,
        "foretold": slope * world.parameters.heterogeneity_log_hr,
        "landmark": float(by_way[LANDMARK]),
        "time_dependent": float(by_way[TIME_DEPENDENT]),
    }


def _at_landmark(trial: SimulatedTrial, cohort: Cohort, definitions: Definitions) -> pd.DataFrame:
    """Give distance and truth of the patients at risk after the landmark."""
    states = distances_over_time(cohort, definitions)
    known = states[states["day"] <= DAY].drop_duplicates("patient_id", keep="last")
    truth = trial.truth.drop_duplicates("patient_id").set_index("patient_id")["heterogeneity"]
    both = known.set_index("patient_id").join(outcome_of(cohort, "os"), how="inner").dropna()
    return both[both["time"] > DAY].join(truth)


def _slope(seen: pd.DataFrame) -> float:
    """Regress the truth on the distance per 0.1, with what the Cox model has beside it."""
    design: Any = pd.get_dummies(seen["strata"].astype(int), dtype=float)
    design["distance"] = seen["gower"] / 0.1
    design["burden"], design["number"] = seen["baseline_sum_mm"], seen["n_lesions"]
    found = np.linalg.lstsq(design.to_numpy(dtype=float), seen["heterogeneity"], rcond=None)[0]
    return float(found[list(design.columns).index("distance")])
