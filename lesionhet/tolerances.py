"""How far two engines may part in each number, and why that far: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet import results, results_timed
from lesionhet.answering import COUNT_COLUMNS
from lesionhet.results import Result

Floats = npt.NDArray[np.float64]

Rule = Literal["own", "tail", "z", "chi_square", "exponential"]
ROWS: Final = "rows"
"""Stands in ``Tolerance.scale`` for the number of rows of the request."""


@dataclass(frozen=True)
class Tolerance:
    """How far two engines may part in one number.

    Parameters
    ----------
    relative
        Permitted difference as a share of the larger of the two numbers.
    floor
        Permitted difference as a share of ``scale``: for numbers that are 0 but for rounding.
    scale
        Columns of the same row whose largest size is what ``floor`` is a share of; ``"table.column"``
        is the largest size in a column of another table, ``"rows"`` the number of rows of the request;
        empty for 1.
    rule
        ``"own"``: by ``relative`` and ``floor``. ``"z"`` and ``"chi_square"``: a P value, which may
        differ as far as the statistic of its row may. ``"tail"``: a P value of a normal statistic
        that is not in the row; ln p moves by at most 1 + 2 |ln p| times the share by which z moves.
        ``"exponential"``: e to the power of a number that may differ by ``relative`` of its own
        size, which is at most that of the larger log limit of the row's interval.
    of_statistic
        For ``"z"`` and ``"chi_square"``: how far the statistic is taken to move; None for its own
        tolerance.
    """

    relative: float
    floor: float = 0.0
    scale: tuple[str, ...] = ()
    rule: Rule = "own"
    of_statistic: Tolerance | None = None

    def changed(self, relative: float) -> Tolerance:
        """Give the same rule with another relative tolerance; ``floor`` changes in proportion.

        Examples
        --------
        >>> Tolerance(1e-10, 1e-12).changed(1e-8)
        Tolerance(relative=1e-08, floor=1e-10, scale=(), rule='own', of_statistic=None)
        """
        times = relative / self.relative if self.relative else 0.0
        moved = self.of_statistic
        if moved is not None:
            moved = replace(moved, relative=moved.relative * times, floor=moved.floor * times)
        return replace(self, relative=relative, floor=self.floor * times, of_statistic=moved)


EXACT: Final = Tolerance(0.0)

Tolerances = Mapping[str, Mapping[str, Tolerance]]

COX: Final[Mapping[str, Tolerance]] = {
    "estimate": Tolerance(1e-7, 1e-8, ("std_error",)),
    "std_error": Tolerance(1e-7),
    "hazard_ratio": Tolerance(1e-7, 1e-15, ("hazard_ratio",), "exponential"),
    "conf_low": Tolerance(1e-7, 1e-15, ("conf_low",), "exponential"),
    "conf_high": Tolerance(1e-7, 1e-15, ("conf_high",), "exponential"),
    "statistic": Tolerance(2e-7, 1e-8),
    "p_value": Tolerance(2e-7, rule="z"),
    "log_likelihood_null": Tolerance(1e-10),
    "log_likelihood": Tolerance(1e-10),
    "model.statistic": Tolerance(1e-7, 1e-12, ("log_likelihood",)),
    "model.p_value": Tolerance(1e-7, rule="chi_square"),
}
"""Both engines iterate: the natural scale of a coefficient's error is its standard error. The likelihood
ratio statistic is the difference of two log likelihoods and loses digits against their size."""

LIMITS: Final = dict.fromkeys(("conf_low", "conf_high"), Tolerance(1e-10))
"""Both engines invert the incomplete beta function by iteration."""

ORGANS: Final[Mapping[str, Tolerance]] = {
    "*": EXACT,
    "ratio": Tolerance(1e-12),
    "others_ratio": Tolerance(1e-12),
}

# As the Cox model; the robust variance is a sum over patients of numbers as good as the coefficients.
COUNTING: Final[Mapping[str, Tolerance]] = {**COX, "robust_error": Tolerance(1e-7)}

TOLERANCES: Final[Tolerances] = {
    # A mean or SD loses digits against the size of the values, not its own.
    "describe": {"*": Tolerance(1e-12, 1e-12, ("minimum", "maximum"))},
    "count": {"*": Tolerance(1e-12)},
    # Quantiles lie between two values, as the median does; sizes of groups are exact.
    "quantile_groups": {
        "*": EXACT,
        "low_cut": Tolerance(1e-12, 1e-12, ("high_cut",)),
        "high_cut": Tolerance(1e-12, 1e-12, ("low_cut",)),
    },
    "median_groups": {"*": EXACT, "cut": Tolerance(1e-15)},
    # U is a whole or half number.
    "mann_whitney": {
        "*": Tolerance(1e-12),
        "statistic": EXACT,
        "p_value": Tolerance(1e-12, rule="tail"),
    },
    # H is the difference of two sums of about 3 n.
    "kruskal_wallis": {
        "*": Tolerance(1e-12),
        "statistic": Tolerance(1e-12, 1e-14, (ROWS,)),
        "p_value": Tolerance(1e-12, rule="chi_square"),
    },
    "dunn": {
        "*": Tolerance(1e-10),
        "statistic": Tolerance(1e-10, 1e-12),
        "p_value": Tolerance(1e-10, rule="z"),
        "p_adjusted": Tolerance(1e-10, rule="z"),
    },
    "kendall": {
        "*": Tolerance(1e-12, 1e-14),
        "statistic": Tolerance(1e-12, 1e-14),
        "p_value": Tolerance(1e-12, rule="z"),
    },
    # Limits are values of the sample, the median one or the mean of two.
    "median_interval": {"*": EXACT, "estimate": Tolerance(1e-15), "coverage": Tolerance(1e-12)},
    "kaplan_meier": {"*": Tolerance(1e-10, 1e-12)},
    "log_rank": {
        "*": Tolerance(1e-10, 1e-12),
        "p_value": Tolerance(1e-10, rule="chi_square"),
    },
    "cox": COX,
    "cox_from_measurements": COX,
    "landmark_cox": COX,
    "cox_counting": COUNTING,
    "cox_over_time": COUNTING,
    "organ_cox_over_time": COUNTING,
    # As the Cox model. Percentiles lie between two draws; a share moves only where a P value would
    # cross the level.
    "resampled_cox": {
        "estimate": Tolerance(1e-7, 1e-8, ("std_error",)),
        "std_error": Tolerance(1e-7),
        "p_value": Tolerance(2e-7, rule="tail"),
        "draws": EXACT,
        "fitted": EXACT,
        "share_significant": Tolerance(1e-12),
        "estimate_median": Tolerance(1e-7, 1e-8, ("draws.std_error",)),
        "estimate_low": Tolerance(1e-7, 1e-8, ("draws.std_error",)),
        "estimate_high": Tolerance(1e-7, 1e-8, ("draws.std_error",)),
        "p_median": Tolerance(2e-7, rule="tail"),
        "p_low": Tolerance(2e-7, rule="tail"),
        "p_high": Tolerance(2e-7, rule="tail"),
    },
    "gower": {"*": Tolerance(1e-12, 1e-12)},
    "heterogeneity": {"*": Tolerance(1e-12, 1e-12)},
    "phases": {"*": Tolerance(1e-12, 1e-12)},
    # Counts and flags are exact, as are days and sizes that are cells of the table; sums are not.
    "patterns": {
        "*": EXACT,
        "response_days": Tolerance(1e-12, 1e-12),
        "stable_days": Tolerance(1e-12, 1e-12),
        "relapse_days": Tolerance(1e-12, 1e-12),
        "nadir_ratio": Tolerance(1e-12),
        "last_ratio": Tolerance(1e-12),
        "baseline_sum_mm": Tolerance(1e-12),
        "size_mm": Tolerance(1e-12),
        "distance": Tolerance(1e-12, 1e-12),
    },
    # Both languages round distances to 12 decimals: at a half the last one can go either way.
    "landmark_patterns": {
        "*": EXACT,
        "nadir_ratio": Tolerance(1e-12),
        "last_ratio": Tolerance(1e-12),
        "baseline_sum_mm": Tolerance(1e-12),
        "distance": Tolerance(2e-12, 2e-12),
    },
    # Responses, counts and days are exact; sums and their changes are not.
    "recist": {
        "*": EXACT,
        "sum_mm": Tolerance(1e-12),
        "nadir_mm": Tolerance(1e-12),
        "baseline_sum_mm": Tolerance(1e-12),
        "change_baseline": Tolerance(1e-12, 1e-12),
        "change_nadir": Tolerance(1e-12, 1e-12),
        "best_change": Tolerance(1e-12, 1e-12),
    },
    "proportion": {"*": EXACT, "estimate": Tolerance(1e-15), **LIMITS},
    "organ_response": ORGANS,
    "landmark_organ_response": ORGANS,
}
"""Statistic -> column -> tolerance. ``"table.column"`` goes before ``"column"``, that before ``"*"``.
Whole-number columns (counts, degrees of freedom) are exact and stand nowhere in the table."""

LARGEST_LOG: Final = 745.0
"""The largest log of a float; bounds the exponential rule where an interval is infinite."""

STATISTIC_OF: Final[Mapping[type[Result], str]] = {
    results.Summary: "describe",
    results.Counts: "count",
    results.QuantileGroups: "quantile_groups",
    results.MedianGroups: "median_groups",
    results.MannWhitney: "mann_whitney",
    results.KruskalWallis: "kruskal_wallis",
    results.Dunn: "dunn",
    results.Kendall: "kendall",
    results.MedianInterval: "median_interval",
    results.KaplanMeier: "kaplan_meier",
    results.LogRank: "log_rank",
    results.Cox: "cox",
    results.CoxFromMeasurements: "cox_from_measurements",
    results.ResampledCox: "resampled_cox",
    results.Gower: "gower",
    results.Heterogeneity: "heterogeneity",
    results.PhaseTable: "phases",
    results.Patterns: "patterns",
    results.OrganResponse: "organ_response",
    results_timed.LandmarkPatterns: "landmark_patterns",
    results_timed.LandmarkOrganResponse: "landmark_organ_response",
    results_timed.LandmarkCox: "landmark_cox",
    results_timed.CoxCounting: "cox_counting",
    results_timed.CoxOverTime: "cox_over_time",
    results_timed.OrganCoxOverTime: "organ_cox_over_time",
    results.Recist: "recist",
    results.Proportion: "proportion",
}


def tolerance(
    statistic: str, table: str, column: str, tolerances: Tolerances = TOLERANCES
) -> Tolerance:
    """Give the tolerance of one column of one result table.

    ``tolerances`` are those in force: the table of this module, or what
    `lesionhet.tolerance_changes.changed_tolerances` gave.

    Examples
    --------
    >>> tolerance("cox", "terms", "std_error").relative, tolerance("cox", "model", "n").relative
    (1e-07, 0.0)
    """
    rules = tolerances[statistic]
    for key in (f"{table}.{column}", column, "*"):
        if key in rules and not (key != f"{table}.{column}" and column in COUNT_COLUMNS):
            return rules[key]
    return EXACT


def allowed_differences(result: Result, name: str, tolerances: Tolerances = TOLERANCES) -> Floats:
    """Give the permitted absolute difference of every number of one table.

    Parameters
    ----------
    result
        From either engine.
    name
        Table of its ``SHAPES``.
    tolerances
        Those in force, as in `tolerance`.

    Returns
    -------
    numpy.ndarray
        Rows x number columns; 0 where the number is missing or infinite.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> result = engine("python").answer(requests.count(["a", "a", "b", "b"]))
    >>> allowed_differences(result, "counts")[0].tolist()
    [0.0, 0.0, 5e-13]
    """
    columns = result.SHAPES[name].numbers
    return np.column_stack([_allowed(result, name, column, tolerances) for column in columns])


def _allowed(result: Result, name: str, column: str, tolerances: Tolerances) -> Floats:
    rule = tolerance(STATISTIC_OF[type(result)], name, column, tolerances)
    table = result.tables[name]
    value = np.abs(table[column].to_numpy(dtype=float))
    floor = rule.floor * _scale(rule, table, result)
    own = np.maximum(rule.relative * value, floor)
    if rule.rule == "tail":
        own = own * (1 + 2 * np.abs(np.log(np.maximum(value, np.finfo(float).tiny))))
    elif rule.rule == "exponential":
        with np.errstate(divide="ignore"):
            logs = np.abs(np.log(table[["conf_low", "conf_high"]].to_numpy(dtype=float)))
        # Near 1 the log is next to nothing, and what is left is the rounding of the exponential.
        own = np.maximum(rule.relative * value * np.minimum(logs.max(axis=1), LARGEST_LOG), floor)
    elif rule.rule in ("z", "chi_square"):
        p_value = table["p_value"].to_numpy(dtype=float)
        times = np.divide(value, p_value, out=np.ones_like(value), where=p_value > 0)
        moved = _tail_moves(rule.rule, table, _statistic_moves(rule, result, name, tolerances))
        own = np.maximum(own, moved * times)
    return np.where(np.isfinite(value) & np.isfinite(own), own, 0.0)


def _scale(rule: Tolerance, table: pd.DataFrame, result: Result) -> Floats | float:
    sizes = []
    for name in rule.scale:
        elsewhere, _, column = name.rpartition(".")
        if name == ROWS:
            sizes.append(np.full(len(table), float(result.n)))
        elif elsewhere:
            found = np.abs(result.tables[elsewhere][column].to_numpy(dtype=float))
            sizes.append(np.full(len(table), np.max(found[np.isfinite(found)], initial=0.0)))
        else:
            sizes.append(np.abs(table[name].to_numpy(dtype=float)))
    return np.max(sizes, axis=0) if sizes else 1.0


def _statistic_moves(rule: Tolerance, result: Result, name: str, tolerances: Tolerances) -> Floats:
    if rule.of_statistic is None:
        return _allowed(result, name, "statistic", tolerances)
    alone = {STATISTIC_OF[type(result)]: {f"{name}.statistic": rule.of_statistic}}
    return _allowed(result, name, "statistic", alone)


def _tail_moves(kind: Rule, table: pd.DataFrame, moved: Floats) -> Floats:
    """Give how far a P value moves when its statistic does."""
    from scipy import stats

    size = np.abs(table["statistic"].to_numpy(dtype=float))
    near, far = np.maximum(size - moved, 0.0), size + moved
    if kind == "z":
        return np.asarray(2 * (stats.norm.sf(near) - stats.norm.sf(far)), dtype=float)
    df = table["df"].to_numpy(dtype=float)
    return np.asarray(stats.chi2.sf(near, df) - stats.chi2.sf(far, df), dtype=float)
