"""Running analyses: what lacks its columns or its events is skipped, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from lesionhet.analyses.base import Analysis, AnalysisResult, Asked, Tried
from lesionhet.engines import Engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.study import Study


def select_analyses(
    analyses: Sequence[Analysis], ids: Iterable[str] | None = None
) -> tuple[Analysis, ...]:
    """Pick analyses by id, in the order of the ledger.

    Raises
    ------
    UsageError
        An id is not known; the message lists those that are.
    """
    if ids is None:
        return tuple(analyses)
    wanted = {name.strip() for name in ids}
    if unknown := sorted(wanted - {a.id for a in analyses}):
        known = ", ".join(a.id for a in analyses)
        raise UsageError(f"Unknown analyses {', '.join(unknown)}; there are: {known}.")
    return tuple(a for a in analyses if a.id in wanted)


def run_analysis(analysis: Analysis, study: Study, engine: Engine) -> AnalysisResult:
    """Run one analysis.

    Parameters
    ----------
    analysis, study
        What to run on what.
    engine
        Answers the requests.

    Returns
    -------
    AnalysisResult
        Skipped where columns are missing or the data cannot answer; never an exception for either.
    """
    head = (analysis.id, analysis.title, analysis.question, analysis.chapter)
    if missing := study.missing(analysis.needs):
        noun = "column is" if len(missing) == 1 else "columns are"
        return AnalysisResult(*head, "skipped", f"Its {noun} missing: {', '.join(missing)}.")
    try:
        requests, answers, refused = _answered(analysis.ask(study), engine)
        if refused and not answers:
            raise NotEstimableError(" ".join(dict.fromkeys(refused.values())))
        shown = analysis.show(study, answers)
    except NotEstimableError as error:
        return AnalysisResult(*head, "skipped", str(error))
    left_out = (
        *shown.left_out,
        *(f"{name.replace('_', ' ')} left out: {why}" for name, why in refused.items()),
    )
    shown = replace(shown, left_out=left_out)
    return AnalysisResult(*head, "done", " ".join(left_out), requests, answers, shown)


def _answered(
    asked: Asked, engine: Engine
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """Answer what can be answered: requests and answers by name, and the reasons of the others."""
    requests: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for name, item in asked.items():
        if isinstance(item, Tried) and item.request is None:
            refused[name] = item.reason
            continue
        request: Any = item.request if isinstance(item, Tried) else item
        try:
            answers[name] = engine.answer(request)
        except NotEstimableError as error:
            if not isinstance(item, Tried):
                raise
            refused[name] = str(error)
            continue
        requests[name] = request
    return requests, answers, refused


def run_analyses(
    analyses: Sequence[Analysis],
    study: Study,
    engine: Engine,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[AnalysisResult, ...]:
    """Run analyses in order; ``progress`` is told the id of each before it starts."""
    found = []
    for analysis in analyses:
        progress(analysis.id)
        found.append(run_analysis(analysis, study, engine))
    return tuple(found)
