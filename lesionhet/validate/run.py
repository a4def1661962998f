"""Every question of every case to both engines: what they answer, refuse, and where they part."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sized
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from lesionhet.agreement import compare
from lesionhet.engines import Engine
from lesionhet.errors import NotEstimableError, RUnavailableError
from lesionhet.requests import Request
from lesionhet.results import Result
from lesionhet.validate.case import Case
from lesionhet.validate.outcome import FAILURES, REFUSALS
from lesionhet.validate.tally import Tally

Comparison = Callable[[str, Result, Result], pd.DataFrame]


@dataclass(frozen=True)
class KnownRefusal:
    """A question that one engine alone refuses, for a documented reason.

    Parameters
    ----------
    statistic
        Name of the statistic.
    engine
        ``"python"`` or ``"r"``: the one that refuses.
    contains
        Words of its refusal.
    reason
        Why the other answers; one sentence. The documentation gives it in full.
    """

    statistic: str
    engine: str
    contains: str
    reason: str


KNOWN_REFUSALS: Final[tuple[KnownRefusal, ...]] = ()
"""None: the engines refuse the same questions."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What a run found; fields as in `lesionhet.validate.outcome.Validation`."""

    cases: int
    questions: int
    numbers: int
    quantities: pd.DataFrame
    refusals: pd.DataFrame
    failures: pd.DataFrame


def run(
    cases: Iterable[Case],
    python: Engine,
    r: Engine,
    *,
    total: int | None = None,
    comparison: Comparison = compare,
    known_refusals: Collection[KnownRefusal] = KNOWN_REFUSALS,
    sink: Callable[[pd.DataFrame], None] = lambda _: None,
    answered: Callable[[str, str, Request[Any], Result], None] = lambda *_: None,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> Findings:
    """Ask both engines every question of every case.

    An engine that breaks down on one question is noted, and the run goes on. What is held in memory
    does not grow with the number of cases.

    Parameters
    ----------
    cases
        Cohorts with their questions; taken one by one, so that they can be made on the way.
    python, r
        The two engines.
    total
        Number of cases, for ``progress``; default: ``len(cases)``.
    comparison
        ``(name, python's result, R's result)`` -> rows of `lesionhet.agreement.compare`, for other
        tolerances or known differences.
    known_refusals
        Documented refusals of one engine alone.
    sink
        Given the rows of every comparison; ``name`` is ``"case, question"``.
    answered
        Told of every answer of Python's: case, question, request, result.
    progress
        Told before each case: its number from 1, the total, its name.

    Raises
    ------
    RUnavailableError
        R cannot be used at all.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> case = Case("two", "by hand", {"describe": requests.describe([1.0, 2.0])}, {})
    >>> findings = run([case], engine("python"), engine("python"))
    >>> findings.numbers, findings.quantities["verdict"].unique().tolist()
    (10, ['agree'])
    """
    count = len(cases) if total is None and isinstance(cases, Sized) else total or 0
    record = _Record(comparison, tuple(known_refusals), sink)
    for number, case in enumerate(cases, start=1):
        progress(number, count, case.name)
        record.begin(case)
        for question, request in case.requests.items():
            # One after the other: both sides record warnings, which the whole process shares.
            first = _ask(python, request)
            record.settle(case.name, question, request, first, _ask(r, request))
            if first.result is not None:
                answered(case.name, question, request, first.result)
    return record.findings()


@dataclass(frozen=True, eq=False)
class _Reply:
    """What became of one question: exactly one of the three is there."""

    result: Result | None = None
    refused: str = ""
    failed: str = ""


def _ask(engine: Engine, request: Request[Any]) -> _Reply:
    try:
        return _Reply(result=engine.answer(request))
    except NotEstimableError as error:
        return _Reply(refused=str(error))
    except RUnavailableError:
        raise
    except Exception as error:
        return _Reply(failed=f"{type(error).__name__}: {error}")


@dataclass
class _Record:
    comparison: Comparison
    known: tuple[KnownRefusal, ...]
    sink: Callable[[pd.DataFrame], None]
    tally: Tally = field(default_factory=Tally)
    cases: int = 0
    questions: int = 0
    refusals: list[tuple[str, ...]] = field(default_factory=list)
    failures: list[tuple[str, ...]] = field(default_factory=list)

    def begin(self, case: Case) -> None:
        self.cases += 1
        self.questions += len(case.requests) + len(case.refused)
        for question, reason in case.refused.items():
            statistic = question.split()[0]
            self.refusals.append((case.name, question, statistic, reason, reason, "shared"))

    def settle(
        self, case: str, question: str, request: Request[Any], python: _Reply, r: _Reply
    ) -> None:
        replies: Mapping[str, _Reply] = {"python": python, "r": r}
        failed = {name: reply.failed for name, reply in replies.items() if reply.failed}
        for name, reason in failed.items():
            self.failures.append((case, question, request.statistic, name, reason))
        if failed:
            return
        if python.result is None or r.result is None:
            verdict = self._verdict(request.statistic, replies)
            place = (case, question, request.statistic)
            self.refusals.append((*place, python.refused, r.refused, verdict))
            return
        table = self.comparison(f"{case}, {question}", python.result, r.result)
        self.tally.add(case, question, table)
        self.sink(table)

    def _verdict(self, statistic: str, replies: Mapping[str, _Reply]) -> str:
        refused = {name: reply.refused for name, reply in replies.items() if reply.refused}
        if len(refused) == len(replies):
            return "both"
        for known in self.known:
            if known.statistic == statistic and known.contains in refused.get(known.engine, ""):
                return "known"
        return "differ"

    def findings(self) -> Findings:
        return Findings(
            cases=self.cases,
            questions=self.questions,
            numbers=self.tally.numbers,
            quantities=self.tally.quantities(),
            refusals=pd.DataFrame(self.refusals, columns=list(REFUSALS)),
            failures=pd.DataFrame(self.failures, columns=list(FAILURES)),
        )
