"""The user's cohort as a case: every question that its analyses asked, answers and refusals alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from lesionhet.analyses import ledger
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.run import run_analyses
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.engines import Engine
from lesionhet.errors import NotEstimableError
from lesionhet.plan import Plan
from lesionhet.requests import Request, ResultT
from lesionhet.results import Result
from lesionhet.study import build_study
from lesionhet.validate.case import Case

NAME: Final = "the cohort"


@dataclass(frozen=True, eq=False)
class OwnCohort:
    """A cohort of the user's with what its analyses depend on."""

    cohort: Cohort
    definitions: Definitions
    plan: Plan


@dataclass(frozen=True, eq=False)
class _Asked:
    """One question of an analysis and what came of it: a result, or the refusal."""

    analysis: str
    request: Request[Any]
    outcome: Result | NotEstimableError


@dataclass(eq=False)
class _Recorder:
    """An engine that asks another one and keeps every question with what came of it."""

    inner: Engine
    analysis: str = ""
    asked: list[_Asked] = field(default_factory=list)
    name: str = "python"

    def answer(self, request: Request[ResultT]) -> ResultT:
        try:
            answer = self.inner.answer(request)
        except NotEstimableError as error:
            self.asked.append(_Asked(self.analysis, request, error))
            raise
        self.asked.append(_Asked(self.analysis, request, answer))
        return answer

    def versions(self) -> Mapping[str, str]:
        return self.inner.versions()


class Replay:
    """An engine that gives what was already computed, once, and asks another one for the rest.

    Parameters
    ----------
    inner
        The engine that computes.
    outcomes
        Name of a question -> its request, and the result or refusal.
    progress
        Told the name before it is answered.
    """

    name: str = "python"

    def __init__(
        self,
        inner: Engine,
        outcomes: Mapping[str, tuple[Request[Any], Result | NotEstimableError]],
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._inner, self._progress = inner, progress
        # The requests are held, so that no other one can get their ids.
        self._outcomes = {id(both[0]): (name, *both) for name, both in outcomes.items()}

    def answer(self, request: Request[ResultT]) -> ResultT:
        """Give the answer, or raise the refusal."""
        found = self._outcomes.pop(id(request), None)
        if found is None:
            return self._inner.answer(request)
        name, _, outcome = found
        self._progress(name)
        if isinstance(outcome, NotEstimableError):
            raise outcome
        return cast("ResultT", outcome)

    def versions(self) -> Mapping[str, str]:
        """Give those of the engine inside."""
        return self._inner.versions()


def own_case(
    own: OwnCohort,
    python: Engine,
    only: Collection[str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Case, Engine, dict[str, str]]:
    """Run every analysis of a cohort in Python and collect what it asked.

    Parameters
    ----------
    own
        The cohort, its definitions and its plan.
    python
        The engine that computes.
    only
        Statistics wanted; default all.
    progress
        Told the id of each analysis before it starts.

    Returns
    -------
    tuple
        The case; an engine that gives Python's answers without computing them again; and what was
        not asked: analysis -> reason, where a whole analysis or a part of it was left out.
    """
    recorder = _Recorder(python)

    def begin(analysis: str) -> None:
        recorder.analysis = analysis
        progress(f"{NAME}: {analysis}")

    progress(f"{NAME}: phases and distances")
    study = build_study(own.cohort, own.definitions, (), own.plan)
    results = run_analyses(ledger(own.plan), study, recorder, begin)
    asked = [a for a in recorder.asked if only is None or a.request.statistic in only]
    files = ", ".join(source.file for source in own.cohort.sources)
    named = _named(results, asked)
    requests = {name: a.request for name, a in named.items()}
    case = Case(NAME, files or "tables in memory", requests, {})
    outcomes = {name: (a.request, a.outcome) for name, a in named.items()}
    replay = Replay(python, outcomes, lambda name: progress(f"{NAME}: {name} in R"))
    skipped = {_part(result): result.reason for result in results if result.reason}
    return case, replay, skipped


def _part(result: AnalysisResult) -> str:
    return result.id if result.status == "skipped" else f"{result.id}, in part"


def _named(results: Sequence[AnalysisResult], asked: Sequence[_Asked]) -> dict[str, _Asked]:
    """Name every question: as its analysis does, or by statistic where the analysis dropped it."""
    names = {
        id(request): f"{result.id}.{name}"
        for result in results
        for name, request in result.requests.items()
    }
    return {
        names.get(id(a.request), f"{a.analysis}.{a.request.statistic} (question {number})"): a
        for number, a in enumerate(asked, start=1)
    }
