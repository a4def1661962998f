"""The tests of one analysis, each as one line with the P value of both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.labels import format_interval, format_number, format_p
from lesionhet.report.beside import Beside, worst
from lesionhet.report.cells import table_title
from lesionhet.results import Cox, Dunn, Result

SIGNIFICANT: Final = 0.05
NAMES: Final = {
    "mann_whitney": "Mann-Whitney",
    "kruskal_wallis": "Kruskal-Wallis",
    "log_rank": "Log-rank",
    "kendall": "Kendall",
    "dunn": "Dunn, Bonferroni",
    "sign_test": "Sign test",
    "cox": "Cox model",
    "cox_zph": "Proportional hazards, all terms",
    "cox_spline": "Spline against a straight line",
    "landmark_cox": "Cox model from the landmark",
    "cox_over_time": "Time-dependent Cox model",
    "organ_cox_over_time": "Time-dependent Cox model",
    "cox_counting": "Cox model of start-stop rows",
    "datta_satten": "Datta-Satten (clustered)",
    "rosner_glynn_lee": "Rosner-Glynn-Lee (clustered)",
    "permuted_within": "Permutation within patients",
}
"""Statistic -> what its line begins with; other statistics have no line."""


@dataclass(frozen=True)
class PValueLine:
    """One test as it is read: what was compared, P in Python, P in R, whether they agree."""

    text: str
    r: str
    verdict: str


def p_value_lines(besides: Iterable[Beside], r_used: bool) -> tuple[PValueLine, ...]:
    """Give one line for each test among the numbers of an analysis.

    Parameters
    ----------
    besides
        Its requests with the numbers of both languages.
    r_used
        Whether R was asked at all.
    """
    return tuple(
        PValueLine(_text(beside), _r_text(beside, r_used), worst(beside.table["verdict"]))
        for beside in besides
        if beside.request.statistic in NAMES
    )


def _text(beside: Beside) -> str:
    statistic = beside.request.statistic
    what = short_name(beside.name.partition(".")[2], statistic)
    head = f"{what}: {NAMES[statistic]}" if what else NAMES[statistic]
    result = beside.result
    return f"{head}{_groups(result)}: {_number(beside.table['python'], beside)}"


def short_name(request: str, statistic: str) -> str:
    """Give what the name of a request says beside the name of its statistic.

    Examples
    --------
    >>> short_name("os_log_rank_by_arm", "log_rank"), short_name("dunn", "dunn")
    ('OS by arm', '')
    """
    words = request.replace(statistic, "").replace("__", "_").strip("_")
    return table_title(words) if words else ""


def _groups(result: Result) -> str:
    if "groups" not in result.tables:
        return f", n = {result.n:,}"
    groups = result.to_frame("groups")
    if len(groups) > 2:
        return f", {len(groups)} groups, n = {result.n:,}"
    sides = (
        f"{group} (n = {n:,.0f})" for group, n in zip(groups["group"], groups["n"], strict=True)
    )
    return ", " + " against ".join(sides)


def _number(values: pd.Series, beside: Beside) -> str:
    """Print the number that one language found; ``values`` are its column of the table."""
    table = beside.table.assign(value=values)
    if isinstance(beside.result, Dunn):
        p = table.loc[table["column"] == "p_adjusted", "value"].dropna()
        return f"{int((p < SIGNIFICANT).sum()):,} of {len(p):,} pairs with P < {SIGNIFICANT}"
    if isinstance(beside.result, Cox):
        terms = table[table["table"] == "terms"]
        first = terms[terms["row"] == terms["row"].iloc[0]].set_index("column")["value"]
        ratio = format_interval(first["hazard_ratio"], first["conf_low"], first["conf_high"])
        return f"{terms['row'].iloc[0]}, hazard ratio {ratio}, {format_p(first['p_value'])}"
    test = table[table["table"] == "test"].set_index("column")["value"]
    found = format_p(test["p_value"])
    if "estimate" in test:
        return f"estimate {format_number(test['estimate'], 3)}, {found}"
    return found


def _r_text(beside: Beside, r_used: bool) -> str:
    if not r_used:
        return "R not used"
    if beside.failure or beside.table["r"].isna().all():
        return "R gave no answer"
    found = _number(beside.table["r"], beside)
    if isinstance(beside.result, Cox):
        found = found.partition(", ")[2]
    return f"R: {found}"
