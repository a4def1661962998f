"""What a question to an engine is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

from lesionhet import results

ResultT = TypeVar("ResultT", bound=results.Result)
Values = Any
"""A one-dimensional array, list or Series."""


@dataclass(frozen=True, eq=False)
class Request(Generic[ResultT]):
    """One question.

    Parameters
    ----------
    statistic
        Name of the statistic: the Python function's and the R function's.
    result
        Type of the answer.
    data
        Rows as the engines get them: numbers, and group columns as codes from 1.
    labels
        Kind of label (``"group"``, ``"level"``, ``"term"``, ``"patient"``, ``"row"``) -> label by code.
    options
        Option -> value: text, number, flag or a list of these.
    left_out
        Reason -> number of rows dropped.
    """

    statistic: str
    result: type[ResultT]
    data: pd.DataFrame
    labels: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Any]
    left_out: Mapping[str, int]
