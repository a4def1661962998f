"""Questions about numbers and categories in groups: summaries, counts, rank tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lesionhet import results
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.rows import (
    check_level,
    complete_rows,
    need_groups,
    need_spread,
    with_ties,
)


@dataclass(frozen=True, eq=False)
class GroupedRows:
    """Numbers in groups, complete and coded, of which several questions are asked.

    Parameters
    ----------
    data
        ``values`` and ``group``, codes from 1.
    labels, left_out
        As in `Request`.
    """

    data: pd.DataFrame
    labels: dict[str, tuple[str, ...]]
    left_out: dict[str, int]

    @cached_property
    def with_ties(self) -> pd.DataFrame:
        """The rows as rank tests take them, see `lesionhet.rows.with_ties`."""
        return self.data.assign(values=with_ties(self.data["values"]))


def grouped_rows(
    values: Values | GroupedRows, group: Values | None = None, order: Sequence[str] | None = None
) -> GroupedRows:
    """Code and count rows once for several questions, which take them in the place of ``values``.

    Parameters
    ----------
    values, group, order
        As in `describe`.

    Raises
    ------
    NotEstimableError
        As `describe`.

    Examples
    --------
    >>> rows = grouped_rows([1.0, 2.0, 4.0, None], list("xxyy"))
    >>> mann_whitney(rows).left_out, describe(rows).left_out
    ({'values missing': 1}, {'values missing': 1})
    """
    if isinstance(values, GroupedRows):
        return values
    return GroupedRows(*complete_rows({"values": values}, {"group": (group, order)}))


def describe(
    values: Values | GroupedRows, group: Values | None = None, order: Sequence[str] | None = None
) -> Request[results.Summary]:
    """Ask for mean, SD and quantiles of ``values``, by ``group``.

    Parameters
    ----------
    values
        n numbers; missing ones are left out and counted. Or rows from `grouped_rows`.
    group
        n labels; None for one group.
    order
        Labels in the order wanted; default: sorted. Rows with other labels are left out and counted.

    Raises
    ------
    NotEstimableError
        No row is left, or a group of ``order`` is empty.

    Examples
    --------
    >>> describe([1.0, 2.0, None]).left_out
    {'values missing': 1}
    """
    rows = grouped_rows(values, group, order)
    return Request("describe", results.Summary, rows.data, rows.labels, {}, rows.left_out)


def count(
    level: Values,
    group: Values | None = None,
    level_order: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
) -> Request[results.Counts]:
    """Ask how many rows of each ``group`` have each ``level``; levels without rows count 0."""
    if level_order is None:
        level_order = sorted({str(v) for v in pd.Series(level).dropna()})
    data, labels, left_out = complete_rows(
        {}, {"group": (group, order), "level": (level, level_order)}, may_be_empty=("level",)
    )
    options = {"n_levels": len(labels["level"]), "n_groups": len(labels["group"])}
    return Request("count", results.Counts, data, labels, options, left_out)


def quantile_groups(values: Values, low: float, high: float) -> Request[results.QuantileGroups]:
    """Ask for two quantiles (type 7) and the sizes of the low, medium and high group.

    Parameters
    ----------
    values
        n numbers; missing ones are left out and counted.
    low, high
        Quantiles, 0 < low < high < 1.

    Raises
    ------
    UsageError
        Quantiles outside these bounds.
    NotEstimableError
        From an engine: fewer than two values, or both cut-offs are the same.

    Source: `lesionhet.groups.quantile_groups`; R: ``quantile(type = 7)``.
    """
    if not 0 < low < high < 1:
        raise UsageError(f"low and high are {low!r} and {high!r}; permitted: 0 < low < high < 1.")
    data, _, left_out = complete_rows({"values": values}, {})
    options = {"low": float(low), "high": float(high)}
    return Request("quantile_groups", results.QuantileGroups, data, {}, options, left_out)


def median_groups(values: Values) -> Request[results.MedianGroups]:
    """Ask for the median and the sizes of the groups at or below it and above it.

    Parameters
    ----------
    values
        n numbers; missing ones are left out and counted.

    Raises
    ------
    NotEstimableError
        From an engine: no value is above the median.

    Source: `lesionhet.groups.median_groups`; R: ``median``.
    """
    data, _, left_out = complete_rows({"values": values}, {})
    return Request("median_groups", results.MedianGroups, data, {}, {}, left_out)


def mann_whitney(
    values: Values | GroupedRows, group: Values | None = None, order: Sequence[str] | None = None
) -> Request[results.MannWhitney]:
    """Ask for the Mann-Whitney test: two-sided, normal approximation, continuity and tie correction."""
    rows = grouped_rows(values, group, order)
    need_groups(rows.labels["group"], 2, 2)
    need_spread(rows.with_ties["values"], "Mann-Whitney test")
    return Request(
        "mann_whitney", results.MannWhitney, rows.with_ties, rows.labels, {}, rows.left_out
    )


def kruskal_wallis(
    values: Values | GroupedRows, group: Values | None = None, order: Sequence[str] | None = None
) -> Request[results.KruskalWallis]:
    """Ask for the Kruskal-Wallis test of two or more groups, with tie correction."""
    rows = grouped_rows(values, group, order)
    need_groups(rows.labels["group"], 2)
    need_spread(rows.with_ties["values"], "Kruskal-Wallis test")
    return Request(
        "kruskal_wallis", results.KruskalWallis, rows.with_ties, rows.labels, {}, rows.left_out
    )


def dunn(
    values: Values | GroupedRows, group: Values | None = None, order: Sequence[str] | None = None
) -> Request[results.Dunn]:
    """Ask for Dunn's test of every pair of groups, with tie correction, Bonferroni corrected."""
    rows = grouped_rows(values, group, order)
    need_groups(rows.labels["group"], 2)
    need_spread(rows.with_ties["values"], "Dunn test")
    return Request("dunn", results.Dunn, rows.with_ties, rows.labels, {}, rows.left_out)


def kendall(x: Values, y: Values) -> Request[results.Kendall]:
    """Ask for Kendall's tau-b and its two-sided asymptotic test (no continuity correction)."""
    data, labels, left_out = complete_rows({"x": x, "y": y}, {})
    if len(data) < 3:
        raise NotEstimableError(f"Kendall correlation needs 3 rows or more, found {len(data)}.")
    for column in ("x", "y"):
        data[column] = with_ties(data[column])
        need_spread(data[column], "Kendall correlation")
    return Request("kendall", results.Kendall, data, labels, {}, left_out)


def median_interval(
    values: Values,
    group: Values | None = None,
    order: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> Request[results.MedianInterval]:
    """Ask for each group's median with its confidence interval from order statistics."""
    data, labels, left_out = complete_rows({"values": values}, {"group": (group, order)})
    options = {"conf_level": check_level(conf_level)}
    return Request("median_interval", results.MedianInterval, data, labels, options, left_out)
