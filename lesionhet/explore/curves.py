"""Survival by any column of the patients, numbers cut where a person wants them cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.parts.endpoints import OS, PFS
from lesionhet.analyses.parts.survival_groups import PatientGroups, ask_curves, show_curves
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.explore.columns import (
    FROM_SCANS_AFTER_START,
    category_order,
    category_texts,
    usable_columns,
)
from lesionhet.groups import LOW_HIGH, quantile_groups
from lesionhet.labels import label
from lesionhet.study import Study

CHAPTER: Final = "Own questions"
NAMES: Final = ("Gower",)
SURVIVORS: Final = (
    "This column uses scans made after day 0, so patients must live to get a value: read the curves as "
    "description, not as prediction."
)


@dataclass(frozen=True)
class Cut:
    """Which column makes the groups, and where a number is cut.

    Parameters
    ----------
    column
        One of `lesionhet.explore.columns.usable_columns`.
    quantiles
        One or two numbers above 0 and below 1, ascending: quantiles (type 7) at which a column of
        numbers is cut. Empty for a category.
    """

    column: str
    quantiles: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of patients.

    Parameters
    ----------
    labels
        Group of each patient on the index of the study's patients; missing where in none.
    order
        Groups in the order shown.
    remark
        How they came about, with their sizes.
    """

    labels: pd.Series
    order: tuple[str, ...]
    remark: str

    def sizes(self) -> dict[str, int]:
        """Give the number of patients of each group."""
        counts = self.labels.value_counts()
        return {name: int(counts.get(name, 0)) for name in self.order}


def groups_of(study: Study, cut: Cut) -> Groups:
    """Group patients by a column.

    Parameters
    ----------
    study, cut
        Whose patients, by what.

    Raises
    ------
    NotEstimableError
        The cut-offs leave fewer than two groups.
    UsageError
        The column cannot make groups, or quantiles that are not permitted.
    """
    kind = usable_columns(study).get(cut.column)
    if kind is None:
        raise UsageError(f"column is {cut.column!r}; it cannot make groups of patients.")
    values, name = study.patients[cut.column], label(cut.column)
    if kind == "category":
        texts = category_texts(values)
        order = category_order(texts)
        counts = texts.value_counts()
        sizes = ", ".join(f"{group} n = {counts[group]:,}" for group in order)
        return Groups(texts, order, f"Groups by {name}: {sizes}.{_unknown(values)}")
    if len(cut.quantiles) == 1:
        return _split(values, cut.quantiles[0], name)
    if len(cut.quantiles) != 2 or not 0 < cut.quantiles[0] < cut.quantiles[1] < 1:
        raise UsageError(f"quantiles are {cut.quantiles}; needed: one or two, 0 < low < high < 1.")
    found = quantile_groups(values, *cut.quantiles)
    return Groups(
        found.labels, found.order, f"{found.remark(f'Groups by {name}')}{_unknown(values)}"
    )


def _split(values: pd.Series, quantile: float, name: str) -> Groups:
    if not 0 < quantile < 1:
        raise UsageError(f"the quantile is {quantile!r}; permitted: above 0 and below 1.")
    known = values.dropna().to_numpy(dtype=float)
    cut = float(np.quantile(known, quantile))
    if not (known > cut).any():
        raise NotEstimableError(
            f"{name}: no value is above the {quantile:.0%} quantile {cut:.4g}: no groups to compare."
        )
    low, high = LOW_HIGH
    labels = pd.Series(low, index=values.index, dtype=object)
    labels = labels.mask(values > cut, high).where(values.notna(), None)
    sizes = labels.value_counts()
    remark = (
        f"Groups by {name}: low at or below {cut:.4g}, high above it "
        f"(low n = {sizes[low]:,}, high n = {sizes[high]:,}).{_unknown(values)}"
    )
    return Groups(labels, LOW_HIGH, remark)


def _unknown(values: pd.Series) -> str:
    n = int(values.isna().sum())
    noun = "patient has" if n == 1 else "patients have"
    return f" {n:,} {noun} no value and no group." if n else ""


def _patient_groups(study: Study, cut: Cut) -> tuple[PatientGroups, Groups]:
    groups = groups_of(study, cut)
    by_arm = len(study.arms) > 1 and cut.column != "arm"
    strata = study.patients["arm"] if by_arm else None
    return PatientGroups(groups.labels, groups.order, strata=strata), groups


def ask_by_column(cut: Cut, study: Study) -> Asked:
    """Ask for curves of OS and PFS with both interval types, the log-rank test, and that by arm."""
    return ask_curves(study, _patient_groups(study, cut)[0], (OS, PFS))


def show_by_column(cut: Cut, study: Study, answers: Answers) -> Shown:
    """Show the curves of OS and PFS."""
    patients, groups = _patient_groups(study, cut)
    remarks = [groups.remark]
    if cut.column in FROM_SCANS_AFTER_START:
        remarks.append(SURVIVORS)
    by = f"by {_lower(label(cut.column))}"
    return show_curves(study, patients, (OS, PFS), answers, by, remarks)


def survival_by(cut: Cut) -> Analysis:
    """Give the analysis of survival by a column.

    Parameters
    ----------
    cut
        Which column, and where it is cut.

    Examples
    --------
    >>> survival_by(Cut("gower", (0.25, 0.75))).title
    'Survival by Gower distance'
    """
    return Analysis(
        f"survival-by-{cut.column}",
        f"Survival by {_lower(label(cut.column))}",
        "Do these groups of patients live equally long?",
        (),
        partial(ask_by_column, cut),
        partial(show_by_column, cut),
        CHAPTER,
    )


def _lower(text: str) -> str:
    """Begin a label with a small letter unless it begins with a name or an abbreviation."""
    as_it_stands = text[:2].isupper() or text.startswith(NAMES)
    return text if as_it_stands else text[:1].lower() + text[1:]


def log_rank_tests(answers: Answers, endpoint: str) -> Sequence[tuple[str, float, float, float]]:
    """Give the log-rank tests of an endpoint: name, statistic, degrees of freedom, P value."""
    names = {f"{endpoint}_log_rank": "Log-rank", f"{endpoint}_log_rank_by_arm": "Stratified by arm"}
    return [
        (text, *(answers[key].value(column) for column in ("statistic", "df", "p_value")))
        for key, text in names.items()
        if key in answers
    ]
