"""What a statistic gives: frozen results whose tables look the same whichever engine computed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from lesionhet.errors import LesionhetError

LABEL_OF_COLUMN: Mapping[str, str] = {
    "group": "group",
    "group_1": "group",
    "group_2": "group",
    "level": "level",
    "term": "term",
    "patient": "patient",
    "row": "row",
    "row_1": "row",
    "row_2": "row",
}
"""Column of a result table -> which labels its whole-number codes (from 1) stand for."""


@dataclass(frozen=True)
class Shape:
    """Columns of one result table: what names a row, and the numbers in it."""

    keys: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Result:
    """Base of every result.

    Parameters
    ----------
    engine
        ``"python"`` or ``"r"``.
    method
        What was computed, in the words of the engine's function.
    options
        Every option that was set, by name.
    n
        Rows used.
    left_out
        Reason -> number of rows that were left out before the computation.
    warnings
        What the engine had to say.
    tables
        Table name -> tidy table; names and columns are those of ``SHAPES``.

    Raises
    ------
    LesionhetError
        A table is missing or has other columns than its shape: a fault of an engine, not of the data.
    """

    engine: str
    method: str
    options: Mapping[str, Any]
    n: int
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]

    SHAPES: ClassVar[Mapping[str, Shape]] = {}

    def __post_init__(self) -> None:
        for name, shape in self.SHAPES.items():
            expected = [*shape.keys, *shape.numbers]
            found = list(self.tables[name].columns) if name in self.tables else None
            if found != expected:
                raise LesionhetError(
                    f"{type(self).__name__} from {self.engine}: table '{name}' has columns {found}, "
                    f"expected {expected}."
                )

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """Give one table as a fresh data frame; the first of ``SHAPES`` when none is named."""
        return self.tables[table or next(iter(self.SHAPES))].copy()

    def value(self, column: str, table: str = "test") -> float:
        """Give the one number of a one-row table, such as ``value("p_value")``."""
        return float(self.tables[table][column].iloc[0])

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format="{:.4g}".format))


class Summary(Result):
    """Mean, SD and quantiles (type 7) of a number, by group. SD is missing for a single value."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "summary": Shape(
            ("group",),
            ("n", "mean", "sd", "minimum", "q10", "q25", "median", "q75", "q90", "maximum"),
        )
    }


class Counts(Result):
    """How many rows of each group have each level; ``n`` is the group's size, ``share`` count / n."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "counts": Shape(("group", "level"), ("count", "n", "share"))
    }


class MannWhitney(Result):
    """Mann-Whitney test of two groups; ``statistic`` is U of the first (R's W)."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("statistic", "p_value")),
        "groups": Shape(("group",), ("n", "median")),
    }


class KruskalWallis(Result):
    """Kruskal-Wallis test of two or more groups."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("statistic", "df", "p_value")),
        "groups": Shape(("group",), ("n", "median")),
    }


class Dunn(Result):
    """Dunn's test of every pair of groups, Bonferroni corrected.

    ``statistic`` is z of the second group's mean rank minus the first's (the sign of rstatix).
    """

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "pairs": Shape(("group_1", "group_2"), ("statistic", "p_value", "p_adjusted"))
    }


class Kendall(Result):
    """Kendall's tau-b with its asymptotic test; ``estimate`` is tau, ``statistic`` z."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("estimate", "statistic", "p_value"))
    }


class MedianInterval(Result):
    """Median with an interval of order statistics, by group; ``coverage`` is its exact level.

    The interval is missing where the group is too small for the level asked for.
    """

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "medians": Shape(("group",), ("n", "estimate", "conf_low", "conf_high", "coverage"))
    }


class KaplanMeier(Result):
    """Kaplan-Meier curves by group.

    ``medians``: median survival with its interval; missing where the curve does not reach it.
    ``curve``: one row for each distinct time of a group, events and censorings alike.
    ``at``: the numbers at risk and survival at the times asked for.
    """

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "medians": Shape(("group",), ("n", "events", "median", "conf_low", "conf_high")),
        "curve": Shape(
            ("group", "time"),
            ("n_risk", "n_event", "n_censor", "survival", "std_error", "conf_low", "conf_high"),
        ),
        "at": Shape(("group", "time"), ("n_risk", "survival", "conf_low", "conf_high")),
    }


class LogRank(Result):
    """Log-rank test of two or more groups, stratified where strata were given."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("statistic", "df", "p_value")),
        "groups": Shape(("group",), ("n", "observed", "expected")),
    }


class Cox(Result):
    """Cox model with Efron ties.

    ``terms``: one row a covariate; ``estimate`` is the log hazard ratio, ``conf_low`` and ``conf_high``
    are limits of the hazard ratio. ``model``: the likelihood
    ratio test of all terms together.
    """

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "terms": Shape(
            ("term",),
            (
                "estimate",
                "std_error",
                "hazard_ratio",
                "conf_low",
                "conf_high",
                "statistic",
                "p_value",
            ),
        ),
        "model": Shape(
            (),
            (
                "n",
                "events",
                "log_likelihood_null",
                "log_likelihood",
                "statistic",
                "df",
                "p_value",
            ),
        ),
    }


class ResampledCox(Result):
    """One covariate of a Cox model that was fitted on each of many draws of the rows.

    ``draws``: one row a draw; ``estimate`` is the log hazard ratio, missing with ``std_error`` and
    ``p_value`` where the draw has no finite fit. ``summary``: number of ``draws``, those ``fitted``,
    and of these the share with P below 0.05 (or the level asked for), median and 2.5 and 97.5
    percentile.
    """

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "draws": Shape(("draw",), ("n", "events", "estimate", "std_error", "p_value")),
        "summary": Shape(
            (),
            (
                "draws",
                "fitted",
                "share_significant",
                "estimate_median",
                "estimate_low",
                "estimate_high",
                "p_median",
                "p_low",
                "p_high",
            ),
        ),
    }


class Gower(Result):
    """Gower distance of every pair of rows (row_1 < row_2); missing where no variable is shared."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {"pairs": Shape(("row_1", "row_2"), ("distance",))}


class Heterogeneity(Result):
    """Lesion-level and patient-level Gower distance of response patterns."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "lesions": Shape(("row",), ("distance",)),
        "patients": Shape(("patient",), ("n", "distance")),
    }


class PhaseTable(Result):
    """Response phases of series of sizes, one row a lesion or a patient's total burden."""

    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "units": Shape(
            ("row",),
            (
                "response",
                "stable",
                "relapse",
                "mixed",
                "response_days",
                "stable_days",
                "relapse_days",
                "nadir_ratio",
                "last_ratio",
            ),
        )
    }
