"""What is asked of a cohort of the battery: every statistic that its columns allow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from lesionhet.errors import NotEstimableError
from lesionhet.requests import Request
from lesionhet.validate.case import Case
from lesionhet.validate.questions import (
    choices,
    clustered,
    ledger,
    measures,
    model_checks,
    noise,
    sequence,
    timed,
)
from lesionhet.validate.questions.question import Options, Rows

QUESTIONS: Final = (
    *ledger.QUESTIONS,
    *timed.QUESTIONS,
    *clustered.QUESTIONS,
    *measures.QUESTIONS,
    *model_checks.QUESTIONS,
    *choices.QUESTIONS,
    *noise.QUESTIONS,
    *sequence.QUESTIONS,
)
"""Every question of the battery. One that its cohort cannot answer is refused, and that is recorded."""


def make_case(
    name: str,
    origin: str,
    rows: Rows,
    options: Options,
    only: Collection[str] | None = None,
) -> Case:
    """Ask everything that the columns of a cohort allow.

    Parameters
    ----------
    name, origin
        As in `Case`.
    rows, options
        What is asked about, and how.
    only
        Statistics wanted; default all.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = Rows(values=pd.Series([1.0, 2.0]), other=pd.Series([5.0, 7.0]))
    >>> case = make_case("two rows", "by hand", rows, Options(), only=["describe", "kendall"])
    >>> list(case.requests), case.refused
    (['describe of values'],
     {'kendall of values and other': 'Kendall correlation needs 3 rows or more, found 2.'})
    """
    asked: dict[str, Request[Any]] = {}
    refused: dict[str, str] = {}
    for question in QUESTIONS:
        if only is not None and question.statistic not in only:
            continue
        if not question.suits(rows, options):
            continue
        try:
            asked[question.name] = question.ask(rows, options)
        except NotEstimableError as error:
            refused[question.name] = str(error)
    return Case(name, origin, asked, refused)


def needed(column: str, only: Collection[str] | None = None) -> bool:
    """Say whether any question, or any of some statistics, needs a column of `Rows`.

    Examples
    --------
    >>> needed("mixed", only=["kendall"]), needed("other", only=["kendall"])
    (False, True)
    """
    return any(
        column in question.needs
        for question in QUESTIONS
        if only is None or question.statistic in only
    )
