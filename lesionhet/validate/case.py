"""One cohort of the battery: the questions that both engines are asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lesionhet.requests import Request


@dataclass(frozen=True, eq=False)
class Case:
    """One cohort and every question about it.

    Parameters
    ----------
    name
        Unique in a battery, such as ``"random 17: ties, heavy censoring"`` or ``"survival::lung"``.
    origin
        Where the rows come from: the seed of a random cohort, or the R package and its version.
    requests
        Question -> request, such as ``"log_rank by group within strata"``: the name of a question
        begins with that of its statistic.
    refused
        Question -> why the rows cannot be asked it: refused before either engine is called, by the
        checks that both share.
    """

    name: str
    origin: str
    requests: Mapping[str, Request[Any]]
    refused: Mapping[str, str]
