"""What an analysis is: what it needs, what it asks the engines, and how its answers are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from lesionhet.charts import Chart
from lesionhet.requests import Request
from lesionhet.results import Result
from lesionhet.study import Study


@dataclass(frozen=True, eq=False)
class Tried:
    """One question of several: where it has no answer the others go on, and the reason is told.

    Made by `lesionhet.analyses.parts.comparison.tried`; ``request`` is None where the question itself was
    refused, with ``reason``.
    """

    request: Request[Any] | None
    reason: str = ""


Requests = Mapping[str, Request[Any]]
Asked = Mapping[str, "Request[Any] | Tried"]
"""Plain requests must be answered for the analysis to stand; tried ones may fail one by one."""
Answers = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Shown:
    """Tables, charts and remarks of one analysis.

    Parameters
    ----------
    tables
        Short name -> table as a reader wants it.
    charts
        Short name -> chart.
    remarks
        What a reader must know beside the numbers.
    left_out
        Parts that could not be made, each with the columns or the reason; empty when whole.
    verdict
        One sentence that answers the analysis's question from this cohort's numbers.
    """

    tables: Mapping[str, pd.DataFrame]
    charts: Mapping[str, Chart] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    verdict: str = ""


@dataclass(frozen=True)
class Analysis:
    """One row of the ledger.

    Parameters
    ----------
    id
        Name on the command line and in every output, such as ``"2C"``.
    title
        Heading.
    question
        What is asked, one sentence that a clinician reads.
    needs
        Columns of the two tables without which it is skipped.
    ask
        Study -> requests by short name, in the order shown.
    show
        Study and answers -> tables, charts and remarks; tried requests without an answer are absent.
    chapter
        Heading under which the report puts it.
    """

    id: str
    title: str
    question: str
    needs: tuple[str, ...]
    ask: Callable[[Study], Asked]
    show: Callable[[Study, Answers], Shown]
    chapter: str = ""


@dataclass(frozen=True, eq=False)
class AnalysisResult:
    """What became of one analysis.

    ``status`` is ``"done"`` with answers and what is shown, or ``"skipped"`` with ``reason``.
    """

    id: str
    title: str
    question: str
    chapter: str
    status: Literal["done", "skipped"]
    reason: str = ""
    requests: Requests = field(default_factory=dict)
    answers: Mapping[str, Result] = field(default_factory=dict)
    shown: Shown = field(default_factory=lambda: Shown({}))
