"""Python's answers to the questions about every reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.choices.effects import average_effects, grid_codes, pairs_of_readings
from lesionhet.choices.grid import Grid
from lesionhet.choices.measure import Distances, Measures, changed_lesions
from lesionhet.choices.models import Fit, Models
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.groupwise import Floats
from lesionhet.measured import definitions_of, followed_of
from lesionhet.statistics.cox import wald
from lesionhet.statistics.ranks import kendall_tau

Tables = dict[str, pd.DataFrame]

VARIED: Final = {
    "relapse_reference": "relapse_reference",
    "relapse_min_increase_mm": "relapse_min_increase_mm",
    "stable_rule": "stable_rule",
    "burden": "burden",
    "range": "gower_range",
    "self": "gower_self",
    "single": "single_lesion",
}
"""Option of a ``readings`` request, a value a reading -> field of `Definitions`."""
TIED_DECIMALS: Final = 9
"""Distances are compared in rank after rounding, so that equal ones tie on every machine."""
FEWEST_RANKED: Final = 3
TENTH: Final = 0.1


def reading_tables(
    data: pd.DataFrame, chosen: int, codes: Sequence[int], n_choices: int, **options: Any
) -> Tables:
    """Answer a ``readings`` request.

    Parameters
    ----------
    data
        As in `lesionhet.measured.pattern_tables`.
    chosen
        Reading in force, from 1.
    codes, n_choices
        As in `lesionhet.choices.effects.grid_codes`.
    options
        Keys of `VARIED`: one value a reading; all other rules from the baseline to the distance: one for
        all.

    Returns
    -------
    dict
        The tables of `lesionhet.results.Readings`.

    Raises
    ------
    NotEstimableError
        No lesion can be followed.
    """
    readings = _definitions(options)
    grid = Grid((), readings, grid_codes(codes, n_choices), chosen - 1, None)
    measures = Measures(followed_of(data))
    differ = changed_lesions(measures, grid)
    levels = _Levels(measures.distances(readings[grid.chosen]))
    rows = [
        {
            "reading": number,
            **_counts(measures, reading),
            "changed": int(differ[grid.chosen, number - 1]),
            **levels.of(measures.distances(reading)),
        }
        for number, reading in enumerate(readings, start=1)
    ]
    table = pd.DataFrame(rows)
    moved = table[["inconsistent", "lesion_median", "patient_median"]].astype(float)
    pairs = pairs_of_readings(grid.codes)
    return {"readings": table, "choices": average_effects(pairs, moved, differ.astype(float))}


def cox_reading_tables(
    data: pd.DataFrame,
    column: Sequence[int],
    single: Sequence[str],
    codes: Sequence[int],
    n_choices: int,
    ties: str,
    conf_level: float,
    **options: Any,
) -> Tables:
    """Answer a ``cox_readings`` request.

    Parameters
    ----------
    data
        One row a patient: ``time`` (days), ``event`` (1, 0), ``baseline_sum_mm`` (mm), ``n_lesions``, where
        wanted ``strata``, and ``d1``, ``d2`` ..: mean distance between different lesions, missing where
        there is one.
    column, single
        Of each reading: which of these, from 1; distance of an only lesion, ``"zero"`` or ``"missing"``.
    codes, n_choices
        As in `lesionhet.choices.effects.grid_codes`.
    ties
        ``"efron"``.
    conf_level
        Level of the Wald intervals.
    options
        ``self``, one flag a reading: whether the lesion itself counts in its mean.

    Returns
    -------
    dict
        The tables of `lesionhet.results.CoxReadings`.

    Raises
    ------
    NotEstimableError
        No reading has a model; the reason of the last one.
    """
    own = list(zip(column, options["self"], single, strict=True))
    kinds = list(dict.fromkeys(own))
    models = Models(data)
    fits = [models.fit(distances_of(data, *kind)) for kind in kinds]
    if all(fit.reason is not None for fit in fits):
        raise NotEstimableError(str(fits[-1].reason)) from fits[-1].reason
    place = [kinds.index(kind) for kind in own]
    found = _with_intervals(fits, conf_level).iloc[place].reset_index(drop=True)
    found.insert(0, "reading", np.arange(1, len(found) + 1))
    tenth = found[["reading", *(f"tenth_{name}" for name in PER_TENTH)]]
    readings = found[["reading", *MODEL]]
    pairs = pairs_of_readings(grid_codes(codes, n_choices))
    moved = readings[["estimate"]].set_axis(["log_ratio"], axis=1)
    return {
        "models": readings,
        "per_tenth": tenth.set_axis(["reading", *PER_TENTH], axis=1),
        "choices": average_effects(pairs, moved),
    }


MODEL: Final = (
    "n",
    "events",
    "sd",
    "estimate",
    "std_error",
    "hazard_ratio",
    "conf_low",
    "conf_high",
    "statistic",
    "p_value",
)
NUMBERS: Final = ("estimate", "variance")
PER_TENTH: Final = ("estimate", "std_error", "hazard_ratio", "conf_low", "conf_high")


def distances_of(data: pd.DataFrame, column: int, itself: bool, single: str) -> Floats:
    """Give the distance of each patient of a ``cox_readings`` request under one reading.

    Examples
    --------
    >>> rows = pd.DataFrame({"d1": [0.8, None], "n_lesions": [2, 1]})
    >>> distances_of(rows, 1, True, "zero").tolist()
    [0.4, 0.0]
    """
    n, apart = (data[name].to_numpy(dtype=float) for name in ("n_lesions", f"d{column}"))
    share = (n - 1) / n if itself else 1.0
    return np.where(n > 1, apart * share, 0.0 if single == "zero" else np.nan)


def _with_intervals(fits: Sequence[Fit], conf_level: float) -> pd.DataFrame:
    """Give one row a fit, its distance per SD and, with ``tenth_`` before the names, per 0.1."""
    counts = [(fit.n, fit.events, fit.sd) for fit in fits]
    found = pd.DataFrame(counts, columns=["n", "events", "sd"])
    estimate, variance = (np.array([getattr(fit, name) for fit in fits]) for name in NUMBERS)
    scale = TENTH / found["sd"].to_numpy()
    per_sd = wald(estimate, np.diag(variance), conf_level).drop(columns="term")
    tenth = wald(estimate * scale, np.diag(variance * scale**2), conf_level)
    return pd.concat([found, per_sd, tenth[list(PER_TENTH)].add_prefix("tenth_")], axis=1)


def _definitions(options: dict[str, Any]) -> tuple[Definitions, ...]:
    varied = {field: options[name] for name, field in VARIED.items()}
    common = {name: value for name, value in options.items() if name not in VARIED}
    first = {name: values[0] for name, values in zip(VARIED, varied.values(), strict=True)}
    # A fixed range among the readings needs its bounds in all of them.
    with_bounds = "fixed" if "fixed" in options["range"] else first["range"]
    base = definitions_of({**first, **common, "range": with_bounds, "crossing": "scan"})
    return tuple(
        replace(base, **dict(zip(varied, values, strict=True)))
        for values in zip(*varied.values(), strict=True)
    )


def _counts(measures: Measures, reading: Definitions) -> dict[str, int]:
    flags, totals = measures.flags(reading), measures.totals(reading)
    known = ~np.isnan(totals)
    return {
        "lesions": len(flags),
        "with_burden": int(known.sum()),
        "inconsistent": int((known & (flags != totals)).sum()),
    }


class _Levels:
    """Median distances and their correlation with those of one reading, once for each set of distances."""

    def __init__(self, chosen: Distances) -> None:
        self._chosen = chosen
        self._known: dict[int, dict[str, float]] = {}

    def of(self, found: Distances) -> dict[str, float]:
        """Give the numbers of one reading; the same distances are the same object."""
        if id(found) not in self._known:
            self._known[id(found)] = {
                "lesion_median": _median(found.lesions),
                "patients": int((~np.isnan(found.patients)).sum()),
                "patient_median": _median(found.patients),
                "kendall": _kendall(found.patients, self._chosen.patients),
            }
        return self._known[id(found)]


def _median(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else np.nan


def _kendall(x: Floats, y: Floats) -> float:
    """Give Kendall's tau-b of what both have; missing where one of them does not vary."""
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both].round(TIED_DECIMALS), y[both].round(TIED_DECIMALS)
    if len(np.unique(x)) < 2 or len(np.unique(y)) < 2:
        return np.nan
    if len(x) < FEWEST_RANKED:  # two pairs: tau is the sign, and has no test
        return float(np.sign((x[1] - x[0]) * (y[1] - y[0])))
    return kendall_tau(x, y).tau
