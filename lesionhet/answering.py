"""From an engine's tables to a result: labels back on, whole numbers whole. Both engines pass here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import LesionhetError, NotEstimableError
from lesionhet.requests import Request, ResultT
from lesionhet.results import LABEL_OF_COLUMN

COUNT_COLUMNS: Final = frozenset(
    {"n", "count", "events", "observed", "n_risk", "n_event", "n_censor", "df"}
)
"""Columns that hold whole numbers, whatever type the engine gave them."""


class TermsNotEstimableError(NotEstimableError):
    """A model that cannot be fitted because of some of its terms.

    Parameters
    ----------
    what
        What was asked for, such as ``"Cox model"``.
    reason
        Why it has no answer, and how to mend it; one sentence.
    terms
        Positions from 1 of the terms at fault.
    labels
        Names of all terms in order; where empty, terms are named x1, x2 ...

    Examples
    --------
    >>> error = TermsNotEstimableError("Cox model", "they are collinear; leave one out.", (1, 3))
    >>> str(error)
    "Cox model, covariates 'x1', 'x3': they are collinear; leave one out."
    >>> str(error.named(("age", "sex", "years")))
    "Cox model, covariates 'age', 'years': they are collinear; leave one out."
    """

    def __init__(
        self, what: str, reason: str, terms: Sequence[int], labels: Sequence[str] = ()
    ) -> None:
        self.what, self.reason, self.terms = what, reason, tuple(terms)
        names = [labels[t - 1] if labels else f"x{t}" for t in self.terms]
        word = "covariate" if len(names) == 1 else "covariates"
        super().__init__(f"{what}, {word} {', '.join(map(repr, names))}: {reason}")

    def named(self, labels: Sequence[str]) -> TermsNotEstimableError:
        """Give the same error with the user's names of the terms."""
        return TermsNotEstimableError(self.what, self.reason, self.terms, labels)


def make_result(
    request: Request[ResultT],
    tables: Mapping[str, pd.DataFrame],
    engine: str,
    method: str,
    warnings: Sequence[str],
) -> ResultT:
    """Turn an engine's tables into the result that the request asks for.

    Parameters
    ----------
    request
        The question that was answered.
    tables
        Table name -> table with the columns of ``request.result.SHAPES``; label columns hold codes
        from 1, everything else numbers. Other tables are left out; the order of rows stays.
    engine
        ``"python"`` or ``"r"``.
    method
        What was computed and by which function.
    warnings
        What the engine had to say.

    Returns
    -------
    Result
        Of type ``request.result``: labels as text, counts as integers where none is missing, all
        other columns as floats.

    Raises
    ------
    LesionhetError
        A table is missing, a column is, or a code has no label: a fault of the engine.

    Examples
    --------
    >>> from lesionhet import requests
    >>> request = requests.count(list("xyx"))
    >>> table = pd.DataFrame({"group": [1, 1], "level": [1, 2], "count": [2.0, 1.0],
    ...                       "n": [3.0, 3.0], "share": [2 / 3, 1 / 3]})
    >>> make_result(request, {"counts": table}, "python", "by hand", ()).to_frame()["level"].tolist()
    ['x', 'y']
    """
    finished = {
        name: _finish(tables[name], request.labels, f"{request.statistic} from {engine}")
        for name in request.result.SHAPES
        if name in tables
    }
    return request.result(
        engine=engine,
        method=method,
        options=dict(request.options),
        n=len(request.data),
        left_out=dict(request.left_out),
        warnings=tuple(warnings),
        tables=finished,
    )


def _finish(
    table: pd.DataFrame, labels: Mapping[str, tuple[str, ...]], source: str
) -> pd.DataFrame:
    # All at once: one column at a time costs more than the computation of most statistics.
    numbers = table.to_numpy(dtype=float, na_value=np.nan)
    columns: dict[str, Any] = {}
    for name, column in zip(map(str, table.columns), numbers.T, strict=True):
        kind = LABEL_OF_COLUMN.get(name)
        if kind is None:
            columns[name] = _numbers(column, whole=name in COUNT_COLUMNS)
        elif kind in labels:
            columns[name] = _labels(column, labels[kind], f"{source}, column '{name}'")
        else:
            raise LesionhetError(f"{source}, column '{name}': the request has no labels for it.")
    return pd.DataFrame(columns)


Numbers = npt.NDArray[np.float64]


def _numbers(numbers: Numbers, *, whole: bool) -> npt.NDArray[Any]:
    return numbers.astype(np.int64) if whole and np.isfinite(numbers).all() else numbers


def _labels(codes: Numbers, labels: tuple[str, ...], where: str) -> npt.NDArray[np.object_]:
    if not ((codes >= 1) & (codes <= len(labels)) & (codes == np.floor(codes))).all():
        raise LesionhetError(f"{where}: has codes other than 1 to {len(labels)}.")
    return np.asarray(labels, dtype=object)[codes.astype(np.int64) - 1]
