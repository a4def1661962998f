"""A third opinion: what the Python libraries say of the questions that they can answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from lesionhet.agreement import compare
from lesionhet.errors import NotEstimableError
from lesionhet.requests import Request
from lesionhet.results import Result
from lesionhet.statistics.libraries.engine import LibrariesEngine
from lesionhet.validate.outcome import Opinion
from lesionhet.validate.tally import Tally

Comparison = Callable[[str, Result, Result], pd.DataFrame]
Sink = Callable[[pd.DataFrame], None]

ENDING: Final = " (libraries)"
"""Ends the name of a comparison with the libraries, whose numbers stand in the column of R."""


@dataclass
class Libraries:
    """Asks the libraries what Python has answered, and compares.

    Parameters
    ----------
    engine
        Of the libraries.
    comparison
        As in `lesionhet.validate.run.run`.
    sink
        Given the rows of every comparison.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> check, request = Libraries(), requests.kendall([1, 2, 3, 4], [1, 3, 2, 4])
    >>> check.ask("by hand", "kendall", request, engine("python").answer(request))
    >>> check.opinion().numbers, check.opinion().agrees
    (3, True)
    """

    engine: LibrariesEngine = field(default_factory=LibrariesEngine)
    comparison: Comparison = compare
    sink: Sink = lambda _: None
    _tally: Tally = field(default_factory=Tally)
    _questions: int = 0
    _refused: list[str] = field(default_factory=list)
    _failed: list[str] = field(default_factory=list)

    def ask(self, case: str, question: str, request: Request[Any], python: Result) -> None:
        """Ask one question of a case that Python answered; none where the libraries lack it."""
        if not self.engine.has(request):
            return
        try:
            answer = self.engine.answer(request)
        except NotEstimableError as error:
            self._refused.append(f"{case}, {question}: {error}")
            return
        except Exception as error:  # the run goes on, as it does where another engine breaks down
            self._failed.append(f"{case}, {question}: {type(error).__name__}: {error}")
            return
        self._questions += 1
        table = self.comparison(f"{case}, {question}{ENDING}", python, answer)
        self._tally.add(case, question, table)
        self.sink(table)

    def opinion(self) -> Opinion:
        """Give what was found so far."""
        return Opinion(
            self._questions,
            self._tally.numbers,
            self._tally.quantities(),
            tuple(self._refused),
            tuple(self._failed),
        )
