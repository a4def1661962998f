"""How often each way rejects, where there is no effect and where there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.errors import UsageError
from lesionhet.statistics.proportion import proportion
from lesionhet.validity.scenarios import SCENARIOS, Scenario
from lesionhet.validity.trials import Trial, trial_rows
from lesionhet.workers import Crew

SIMULATIONS: Final = 500
PATIENTS: Final = 400
SEED: Final = 2021
LARGE_TRIALS: Final = 5
LARGE_PATIENTS: Final = 10_000
LEVEL: Final = 0.05
"""P values below it reject."""

KEY: Final = ["scenario", "endpoint", "question", "approach", "day"]
COLUMNS: Final = (
    *KEY,
    *("patients", "events", "simulations", "fitted", "rejected", "rate", "conf_low", "conf_high"),
    *("mean", "mean_error", "sd", "mean_std_error", "limit", "limit_error"),
    *("coverage", "coverage_low", "coverage_high"),
)
Rows = Callable[[Trial], pd.DataFrame]


def simulated_trials(
    simulations: int = SIMULATIONS,
    seed: int = SEED,
    *,
    patients: int = PATIENTS,
    scenarios: Sequence[Scenario] = SCENARIOS,
    large: tuple[int, int] = (LARGE_TRIALS, LARGE_PATIENTS),
    workers: int = 1,
    progress: Callable[[str], None] = lambda text: None,
    analyse: Rows = trial_rows,
) -> pd.DataFrame:
    """Simulate trials in every scenario and count how often each way rejects that there is no effect.

    Parameters
    ----------
    simulations
        Trials a scenario, 2 or more.
    seed
        0 or more. The same seed gives the same numbers, however many workers there are.
    patients
        Of each trial.
    scenarios
        Worlds to simulate.
    large
        Number and patients of the large trials that show what the estimates converge to.
    workers
        Processes.
    progress
        Told what is being done.
    analyse
        What is done with each trial.

    Returns
    -------
    pandas.DataFrame
        A row a scenario, endpoint, question, approach and landmark: mean ``patients`` and ``events``;
        ``simulations``, ``fitted`` (trials with an estimate), ``rejected`` (P < 0.05), ``rate`` of these
        with its exact interval ``conf_low``, ``conf_high``; of the log hazard ratio ``mean``, its
        Monte-Carlo error ``mean_error``, ``sd``, ``mean_std_error``; ``limit`` (mean of the large
        trials) with ``limit_error``; ``coverage``: share of the 95% intervals that hold the limit, with
        its exact interval.

    Raises
    ------
    UsageError
        Fewer than 2 simulations, a seed below 0 or no large trial.

    Source: Clopper & Pearson (1934) for the intervals.

    Examples
    --------
    >>> found = simulated_trials(2, patients=60, scenarios=SCENARIOS[:1], large=(1, 80))
    >>> found["approach"].drop_duplicates().tolist()
    ['naive', 'landmark', 'time-dependent']
    """
    _check("simulations", simulations, 2)
    _check("seed", seed, 0)
    _check("large trials", large[0], 1)
    with Crew(workers) as crew:
        tables = [
            _scenario(
                world, (seed, simulations, patients), large, partial(crew.run, analyse), progress
            )
            for world in scenarios
        ]
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def _scenario(
    world: Scenario,
    size: tuple[int, int, int],
    large: tuple[int, int],
    run: Callable[[list[Trial], Callable[[int], None]], list[pd.DataFrame]],
    progress: Callable[[str], None],
) -> pd.DataFrame:
    """Simulate the trials of one scenario: those of ``size`` (seed, number, patients), and large ones."""
    seed, simulations, patients = size
    # By name: a scenario's trials are the same whichever others are simulated.
    few, many = np.random.SeedSequence([seed, *world.name.encode()]).spawn(2)
    jobs = [Trial(world, large[1], int(one)) for one in few.generate_state(large[0])]
    jobs += [Trial(world, patients, int(one)) for one in many.generate_state(simulations)]
    found = run(jobs, lambda done: progress(f"{world.name}: {done} of {len(jobs)} trials"))
    rows = pd.concat(found[large[0] :], ignore_index=True)
    limits = pd.concat(found[: large[0]], ignore_index=True)
    return _rates(rows, limits, simulations).assign(scenario=world.name)


def _check(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{name} is {value!r}; permitted: whole numbers from {least}.")


def _rates(rows: pd.DataFrame, large: pd.DataFrame, simulations: int) -> pd.DataFrame:
    """Give one row a way."""
    key = [name for name in KEY if name != "scenario"]
    limits = large.groupby(key, sort=False, dropna=False).apply(_limit, include_groups=False)
    found = rows.merge(limits.reset_index(), on=key, how="left", validate="many_to_one")
    table = found.groupby(key, sort=False, dropna=False).apply(_of_way, include_groups=False)
    return table.reset_index().assign(simulations=simulations)


def _limit(rows: pd.DataFrame) -> pd.Series:
    """Give the mean of the large trials; its error from their standard errors."""
    known = rows.dropna(subset="estimate")
    error = np.sqrt((known["std_error"] ** 2).sum()) / max(len(known), 1)
    return pd.Series({"limit": known["estimate"].mean(), "limit_error": error})


def _of_way(rows: pd.DataFrame) -> pd.Series:
    known = rows[rows["p_value"].notna()]
    n = len(known)
    held = (np.log(known["conf_low"]) <= known["limit"]) & (
        known["limit"] <= np.log(known["conf_high"])
    )
    return pd.Series(
        {
            "patients": known["n"].mean(),
            "events": known["events"].mean(),
            "fitted": n,
            "rejected": int((known["p_value"] < LEVEL).sum()),
            **dict(
                zip(("rate", "conf_low", "conf_high"), share(known["p_value"] < LEVEL), strict=True)
            ),
            "mean": known["estimate"].mean(),
            "mean_error": known["estimate"].std() / np.sqrt(max(n, 1)),
            "sd": known["estimate"].std(),
            "mean_std_error": known["std_error"].mean(),
            "limit": rows["limit"].iloc[0],
            "limit_error": rows["limit_error"].iloc[0],
            **dict(zip(("coverage", "coverage_low", "coverage_high"), share(held), strict=True)),
        }
    )


def share(holds: pd.Series) -> tuple[float, float, float]:
    """Give the share of the trials in which something holds, with its exact 95% interval.

    Parameters
    ----------
    holds
        A flag a trial.

    Returns
    -------
    tuple of float
        Missing where there is no trial.

    Source: Clopper & Pearson (1934).

    Examples
    --------
    >>> tuple(round(number, 4) for number in share(pd.Series([True] + [False] * 19)))
    (0.05, 0.0013, 0.2487)
    """
    if holds.empty:
        return np.nan, np.nan, np.nan
    rows = pd.DataFrame({"success": holds.to_numpy().astype(int), "group": 1})
    found = proportion(rows, 0.95)["proportions"].iloc[0]
    return float(found["estimate"]), float(found["conf_low"]), float(found["conf_high"])
