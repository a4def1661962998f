"""A question of the battery, the columns it is asked about, and its options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from lesionhet.requests import Request
from lesionhet.study import Study


@dataclass(frozen=True, eq=False)
class Rows:
    """Columns of a cohort; None where it has none. All have the same length but ``mixed`` and ``study``.

    Parameters
    ----------
    time, event
        Days, 0 or more, and flags; missing values permitted, here as in every column.
    group, strata
        Labels.
    values, other
        Numbers.
    covariates
        Columns of numbers for Cox models.
    mixed
        Table for Gower's distance: numbers, flags, texts, categories; a few dozen rows.
    study
        Response patterns of lesions.
    """

    time: pd.Series | None = None
    event: pd.Series | None = None
    group: pd.Series | None = None
    strata: pd.Series | None = None
    values: pd.Series | None = None
    other: pd.Series | None = None
    covariates: pd.DataFrame | None = None
    mixed: pd.DataFrame | None = None
    study: Study | None = None

    def has(self, *columns: str) -> bool:
        """Say whether the cohort has all these columns."""
        return all(getattr(self, column) is not None for column in columns)


@dataclass(frozen=True)
class Options:
    """How a cohort is asked: every option of a statistic varies from cohort to cohort.

    Parameters
    ----------
    conf_type, conf_level
        Intervals of survival, medians and hazard ratios.
    times
        At which survival is asked for, as shares of the longest time.
    draws, significance, stratified
        Number of draws of a resampled Cox model, its level, and whether it has the cohort's strata.
    low, high
        Quantiles at which values are cut into groups.
    pooled
        Whether a cohort with groups is also described as a whole.
    kinds, weights, ranges
        Of Gower's distance; see `lesionhet.requests.gower`.
    seed
        Of the draws.
    """

    conf_type: Literal["log", "log-log"] = "log"
    conf_level: float = 0.95
    times: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0)
    draws: int = 4
    significance: float = 0.05
    stratified: bool = False
    low: float = 0.25
    high: float = 0.75
    pooled: bool = False
    kinds: tuple[tuple[str, str], ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    ranges: tuple[tuple[str, tuple[float, float]], ...] = ()
    seed: int = 0


Asked = Callable[[Any, Options], Request[Any]]
"""Rows and options -> request. The rows have the columns that the question needs."""


@dataclass(frozen=True)
class Question:
    """One question: its name, which begins with that of the statistic, what it needs, how to ask.

    One that is ``pooled`` takes all rows together where another takes them by group.
    """

    name: str
    needs: tuple[str, ...]
    ask: Asked
    pooled: bool = False

    def suits(self, rows: Rows, options: Options) -> bool:
        """Say whether it is asked of these rows."""
        spared = self.pooled and rows.has("group") and not options.pooled
        return rows.has(*self.needs) and not spared

    @property
    def statistic(self) -> str:
        """Name of the statistic."""
        return self.name.split()[0]
