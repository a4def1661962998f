"""Python's numbers beside R's, request by request, whether or not R answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.agreement import COMPARED, numbers
from lesionhet.analyses.base import AnalysisResult
from lesionhet.outcome import Outcome
from lesionhet.requests import Request
from lesionhet.results import Result

NOT_COMPARED: Final = "not compared"
WORST_FIRST: Final = ("differ", "known", NOT_COMPARED, "agree")


@dataclass(frozen=True, eq=False)
class Beside:
    """The numbers of one request in both languages.

    Parameters
    ----------
    name
        Analysis id, a dot, request name.
    request, result
        The question and Python's answer.
    compared
        Its rows of `lesionhet.agreement.compare`; none without R's answer.
    failure
        Why R gave no answer although it was asked; else empty.
    r_warnings
        What R warned of.
    """

    name: str
    request: Request[Any]
    result: Result
    compared: pd.DataFrame
    failure: str
    r_warnings: tuple[str, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Columns of `lesionhet.agreement.compare`, in the order of Python's tables.

        Without R's answer ``r`` is missing and the verdict is ``"not compared"``.
        """
        if len(self.compared):
            return _in_order(self.compared, self.result)
        return python_alone(self.name, self.request, self.result)


def besides(outcome: Outcome, result: AnalysisResult) -> Iterator[Beside]:
    """Give the requests of one analysis in its order, each with both languages' numbers."""
    compared = outcome.agreement
    none = compared.iloc[:0]
    places = compared.groupby("name", sort=False).indices if len(compared) else {}
    for short, answer in result.answers.items():
        name = f"{result.id}.{short}"
        yield Beside(
            name,
            result.requests[short],
            answer,
            compared.iloc[places[name]] if name in places else none,
            outcome.r_failures.get(name, ""),
            tuple(outcome.r_warnings.get(name, ())),
        )


def python_alone(name: str, request: Request[Any], answer: Result) -> pd.DataFrame:
    """Give the numbers of one result in the form of `lesionhet.agreement.compare`, without R's.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> request = requests.describe([1.0, 2.0, 4.0])
    >>> rows = python_alone("sizes", request, engine("python").answer(request))
    >>> print(rows.loc[[0, 6], ["column", "python", "r", "verdict"]].to_string(index=False))
    column  python   r      verdict
         n     3.0 NaN not compared
    median     2.0 NaN not compared
    """
    found = numbers(answer).rename(columns={"value": "python"})
    found = found.assign(name=name, statistic=request.statistic, verdict=NOT_COMPARED)
    return found.reindex(columns=list(COMPARED)).astype({"r": float})


def _in_order(rows: pd.DataFrame, answer: Result) -> pd.DataFrame:
    """Give the rows in the order of Python's tables; what only R has comes last."""
    keys = ["table", "row", "column"]
    own = pd.MultiIndex.from_frame(numbers(answer)[keys].drop_duplicates())
    position = own.get_indexer(pd.MultiIndex.from_frame(rows[keys]))
    order = np.argsort(np.where(position < 0, len(own), position), kind="stable")
    return rows.iloc[order]


def worst(verdicts: pd.Series) -> str:
    """Give the verdict of many numbers: that of the worst.

    Examples
    --------
    >>> worst(pd.Series(["agree", "differ", "agree"]))
    'differ'
    """
    present = set(verdicts)
    return next((verdict for verdict in WORST_FIRST if verdict in present), NOT_COMPARED)


def largest(values: pd.Series) -> float:
    """Give the largest value, missing where there is none."""
    known = values.dropna().to_numpy(dtype=float)
    return float(known.max()) if len(known) else float(np.nan)
