"""The first engine, with the draws of resampled models dealt to a cluster in blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from lesionhet.answering import make_result
from lesionhet.errors import NotEstimableError
from lesionhet.requests import Request, ResultT
from lesionhet.results import Result
from lesionhet.scale.cluster import Cluster
from lesionhet.statistics.engine import PythonEngine
from lesionhet.statistics.registry import entry
from lesionhet.statistics.resampling import summarise_draws

RESAMPLED: Final = "resampled_cox"
DRAWS_AT_ONCE: Final = 50
"""Draws of a block: fixed, so that a block is the same whoever fits it and however many there are."""


class ClusterEngine:
    """Answers as `lesionhet.statistics.engine.PythonEngine`, number for number.

    Parameters
    ----------
    cluster
        Fits the draws of resampled models; everything else is computed here.
    """

    name: str = "python"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._here = PythonEngine()

    def answer(self, request: Request[ResultT]) -> ResultT:
        """Compute one statistic.

        Raises
        ------
        NotEstimableError
            These data have no answer.
        """
        if request.statistic != RESAMPLED:
            return self._here.answer(request)
        blocks = draw_blocks(request.data)
        asked = [replace(request, data=data, labels=dict(request.labels)) for data in blocks]
        found = self._cluster.run(fit_block, asked)
        # Each block holds all rows, and only the fit of all rows can refuse: so either all blocks are
        # refused or, where machines part in the last bits, none. This machine decides, as it does alone.
        found = [
            _drawn(self._here.answer(block)) if one.refused else one
            for block, one in zip(asked, found, strict=True)
        ]
        draws = pd.concat([one.draws for one in found], ignore_index=True)
        draws["draw"] = range(1, len(draws) + 1)
        summary = summarise_draws(draws, request.options["significance"])
        warnings = dict.fromkeys(text for one in found for text in one.warnings)
        method = entry(RESAMPLED).describe(request)
        tables = {"draws": draws, "summary": summary}
        return make_result(request, tables, self.name, method, tuple(warnings))

    def versions(self) -> Mapping[str, str]:
        """Give what computes, Dask included, with its versions."""
        return {**self._here.versions(), **self._cluster.versions()}


def draw_blocks(data: pd.DataFrame) -> list[pd.DataFrame]:
    """Deal the draws of a resampled model to blocks of 50, each with all rows.

    Parameters
    ----------
    data
        Rows with the draws ``d1`` to ``dB``, as `lesionhet.requests.resampled_cox` gives them.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0], **{f"d{b}": [b] for b in range(1, 53)}})
    >>> [block.columns.tolist()[-1] for block in draw_blocks(rows)]
    ['d50', 'd2']
    """
    drawn = data.columns.str.fullmatch(r"d\d+")
    rest, draws = data.loc[:, ~drawn], data.loc[:, drawn]
    found = []
    for start in range(0, draws.shape[1], DRAWS_AT_ONCE):
        block = draws.iloc[:, start : start + DRAWS_AT_ONCE]
        block.columns = pd.Index([f"d{b}" for b in range(1, block.shape[1] + 1)])
        found.append(pd.concat([rest, block], axis=1))
    return found


@dataclass(frozen=True, eq=False)
class Block:
    """Draws of one block.

    Parameters
    ----------
    draws
        As in `lesionhet.results.ResampledCox`, numbered from 1 within the block.
    warnings
        What was warned of.
    refused
        Whether the worker found no answer.
    """

    draws: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: tuple[str, ...] = ()
    refused: bool = False


def fit_block(request: Request[Any]) -> Block:
    """Fit the draws of one block."""
    try:
        answer = PythonEngine().answer(request)
    except NotEstimableError:
        return Block(refused=True)
    return _drawn(answer)


def _drawn(answer: Result) -> Block:
    return Block(answer.to_frame("draws"), tuple(answer.warnings))
