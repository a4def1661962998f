"""Python's answers to the questions about every reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.choices.effects import average_effects, grid_codes, pairs_of_readings
from lesionhet.choices.grid import Grid
from lesionhet.choices.measure import Distances, Measures, changed_lesions
from lesionhet.covariates import covariates
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.measured import definitions_of, followed_of
from lesionhet.rows import need_events
from lesionhet.statistics.arrays import Floats
from lesionhet.statistics.counting import climb
from lesionhet.statistics.cox import wald

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
TENTH: Final = 0.1
OUTCOME: Final = ["time", "event", "strata"]


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
    given = data.columns.intersection([*OUTCOME, "baseline_sum_mm", "n_lesions"])
    patients = data[given]
    fits: dict[Any, dict[str, Any]] = {}
    for kind in kinds:
        gower = distances_of(data, *kind)
        try:
            fits[kind] = _fit(patients, gower, conf_level)
        except NotEstimableError as error:
            fits[kind], reason = _not_fitted(patients, gower), error
    if all("estimate" not in fit for fit in fits.values()):
        raise reason
    columns = [*MODEL, *(f"tenth_{name}" for name in PER_TENTH)]
    found = pd.DataFrame([fits[kind] for kind in own], columns=columns)
    found.insert(0, "reading", np.arange(1, len(found) + 1))
    tenth = found[["reading", *columns[len(MODEL) :]]].set_axis(["reading", *PER_TENTH], axis=1)
    models = found[["reading", *MODEL]]
    pairs = pairs_of_readings(grid_codes(codes, n_choices))
    moved = models[["estimate"]].set_axis(["log_ratio"], axis=1)
    effects = average_effects(pairs, moved)
    return {"models": models, "per_tenth": tenth, "choices": effects}


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
PER_TENTH: Final = ("estimate", "std_error", "hazard_ratio", "conf_low", "conf_high")


def distances_of(data: pd.DataFrame, column: int, itself: bool, single: str) -> pd.Series:
    """Give the distance of each patient of a ``cox_readings`` request under one reading.

    Examples
    --------
    >>> rows = pd.DataFrame({"d1": [0.8, None], "n_lesions": [2, 1]})
    >>> distances_of(rows, 1, True, "zero").tolist()
    [0.4, 0.0]
    """
    n = data["n_lesions"]
    apart = data[f"d{column}"] * ((n - 1) / n if itself else 1.0)
    return apart.where(n > 1, 0.0 if single == "zero" else np.nan)


def _fit(data: pd.DataFrame, gower: pd.Series, conf_level: float) -> dict[str, Any]:
    rows = data.assign(gower=gower)[gower.notna()].reset_index(drop=True)
    terms = covariates(rows, rows)
    need_events(rows, terms.shape[1] + 1, "Cox model")
    names = [f"x{i}" for i in range(1, terms.shape[1] + 1)]
    given = rows[rows.columns.intersection(OUTCOME)]
    model, peak = climb(given.assign(**dict(zip(names, terms.to_numpy().T, strict=True))), names)
    estimate, covariance = (
        model.back @ peak.coefficients,
        model.back @ peak.covariance @ model.back.T,
    )
    sd = float(rows["gower"].std())
    scale = TENTH / sd
    per_sd = wald(estimate, covariance, conf_level).iloc[0]
    per_tenth = wald(estimate[:1] * scale, covariance[:1, :1] * scale**2, conf_level).iloc[0]
    return {
        "n": len(rows),
        "events": rows["event"].sum(),
        "sd": sd,
        **per_sd.drop("term"),
        **{f"tenth_{name}": per_tenth[name] for name in PER_TENTH},
    }


def _not_fitted(data: pd.DataFrame, gower: pd.Series) -> dict[str, Any]:
    known = data[gower.notna()]
    return {"n": len(known), "events": known["event"].sum()}


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
    return float(stats.kendalltau(x, y, variant="b").statistic)
