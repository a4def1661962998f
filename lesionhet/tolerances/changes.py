"""Tolerances that a user tightens or loosens by name."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lesionhet.errors import UsageError
from lesionhet.results import STATISTIC_OF
from lesionhet.tolerances import TOLERANCES, Tolerance, Tolerances, tolerance

EVERYTHING: Final = "all"


@dataclass(frozen=True)
class Quantity:
    """One number column of one table of a statistic; in words ``"cox.terms.estimate"``."""

    statistic: str
    table: str
    column: str

    @property
    def names(self) -> tuple[str, ...]:
        """What it answers to, from everything to itself alone."""
        table = f"{self.statistic}.{self.table}"
        return (EVERYTHING, self.statistic, table, str(self))

    def __str__(self) -> str:
        return f"{self.statistic}.{self.table}.{self.column}"


def quantities() -> Iterator[Quantity]:
    """Give every quantity that is compared, statistics in the order of the table of tolerances.

    Examples
    --------
    >>> next(str(quantity) for quantity in quantities() if quantity.statistic == "cox")
    'cox.terms.estimate'
    """
    for result, statistic in STATISTIC_OF.items():
        for table, shape in result.SHAPES.items():
            yield from (Quantity(statistic, table, column) for column in shape.numbers)


def changed_tolerances(given: Sequence[str], tolerances: Tolerances = TOLERANCES) -> Tolerances:
    """Give the tolerances with some of them changed.

    Parameters
    ----------
    given
        Texts ``NAME=VALUE``. NAME: a statistic (``cox``), a table (``cox.terms``), a quantity
        (``cox.terms.estimate``) or ``all``. VALUE: the relative tolerance, 0 or more; what is
        permitted to numbers near 0, and to a P value by its statistic, changes in proportion. What
        was exact gets VALUE as its relative tolerance. Of two that name the same, the later counts.
    tolerances
        Those to start from.

    Returns
    -------
    Mapping
        As ``TOLERANCES``, with one entry for every quantity that was named.

    Raises
    ------
    UsageError
        Another form, a value that is no number of 0 or more, or an unknown name.

    Examples
    --------
    >>> changed = changed_tolerances(["cox=1e-5", "cox.terms.std_error=0"])
    >>> tolerance("cox", "terms", "estimate", changed).relative
    1e-05
    >>> tolerance("cox", "terms", "std_error", changed).relative
    0.0
    >>> tolerance("cox", "terms", "estimate").relative
    1e-07
    """
    found = {statistic: dict(rules) for statistic, rules in tolerances.items()}
    known = tuple(quantities())
    for text in given:
        name, value = _parsed(text, known)
        for quantity in known:
            if name in quantity.names:
                rule = _changed(quantity, value, tolerances)
                found[quantity.statistic][f"{quantity.table}.{quantity.column}"] = rule
    return found


def _parsed(text: str, known: Sequence[Quantity]) -> tuple[str, float]:
    name, equals, number = (part.strip() for part in text.partition("="))
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not (name and equals) or not 0 <= value < math.inf:
        raise UsageError(
            f"--tolerance {text}: permitted is NAME=VALUE with a VALUE of 0 or more, such as "
            "cox.terms.estimate=1e-9."
        )
    names = list(dict.fromkeys(n for quantity in known for n in quantity.names))
    if name not in names:
        near = difflib.get_close_matches(name, names, n=5, cutoff=0.5)
        near = near or [n for n in names if "." not in n]
        raise UsageError(
            f"--tolerance {text}: no number is called '{name}'; near: {', '.join(near)}."
        )
    return name, value


def _changed(quantity: Quantity, value: float, tolerances: Tolerances) -> Tolerance:
    rule = tolerance(quantity.statistic, quantity.table, quantity.column, tolerances)
    if rule.rule in ("z", "chi_square") and rule.of_statistic is None:
        of = tolerance(quantity.statistic, quantity.table, "statistic", tolerances)
        rule = replace(rule, of_statistic=of)
    return rule.changed(value)
