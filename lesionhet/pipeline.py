"""From a cohort to everything that a report needs: analyses in Python, then the same again in R."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pandas as pd

from lesionhet.agreement import COMPARED, compare
from lesionhet.analyses import ledger
from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.every_p import adjusted_p
from lesionhet.analyses.run import run_analyses, select_analyses
from lesionhet.analyses.side_by_side import run_side_by_side
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.engines import Engine, engine
from lesionhet.errors import NotEstimableError, RCallError, RUnavailableError, UsageError
from lesionhet.outcome import Outcome, RState
from lesionhet.plan import Plan, load_plan
from lesionhet.study import build_study
from lesionhet.workers import Crew

RMode = Literal["auto", "require", "off"]
R_MODES: Final[tuple[RMode, ...]] = ("auto", "require", "off")


@dataclass
class _Twin:
    """R's answers beside Python's, collected as they come."""

    state: RState = "off"
    reason: str = ""
    tables: list[pd.DataFrame] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        if not self.tables:
            return pd.DataFrame(columns=list(COMPARED))
        return pd.concat(self.tables, ignore_index=True)


def analyze(
    cohort: Cohort,
    definitions: Definitions | None = None,
    *,
    preset: str = "paper2021",
    r: RMode = "auto",
    only: Sequence[str] | None = None,
    chosen: Sequence[str] = (),
    plan: Plan | None = None,
    synthetic: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    crew: Crew | None = None,
    first: Engine | None = None,
) -> Outcome:
    """Run the analyses of a cohort in Python and, where R is there, each number again in R.

    Parameters
    ----------
    cohort
        A validated cohort.
    definitions
        Default: the preset ``paper2021``.
    preset
        Name of what the definitions were read from, for the report.
    r
        ``"auto"``: use R when it is usable. ``"require"``: fail when it is not. ``"off"``.
    only
        Ids of analyses; default all.
    chosen
        Ids of patients to be shown one by one.
    plan
        Who is compared with whom; default: the preset ``colorectal2021``.
    synthetic
        Whether the cohort was simulated, for the report.
    progress
        Told what is about to be computed.
    crew
        Processes that share Python's part; default: this one alone. The numbers are the same.
    first
        Engine of Python's part where there is no crew; default ``engine("python")``.

    Raises
    ------
    RUnavailableError
        R was required and cannot be used.
    UsageError
        Unknown analyses or patients, or an unknown value of ``r``.
    """
    if r not in R_MODES:
        raise UsageError(f"r is {r!r}; permitted: {', '.join(R_MODES)}.")
    plan = plan or load_plan()
    analyses = select_analyses(ledger(plan), only)
    progress("phases and distances")
    study = build_study(cohort, definitions, chosen, plan)
    python = first or engine("python")
    if crew is None:
        results = run_analyses(analyses, study, python, progress)
    else:
        results = run_side_by_side(analyses, study, crew, progress)
    adjusted = adjusted_p(results, python)
    everything = results if adjusted is None else (*results, adjusted)
    twin = _Twin() if r == "off" else _ask_r(everything, r, progress)
    versions = {"python": dict(python.versions())}
    if twin.versions:
        versions["r"] = twin.versions
    return Outcome(
        study=study,
        results=results,
        agreement=twin.table(),
        r_state=twin.state,
        r_reason=twin.reason,
        r_failures=twin.failures,
        r_warnings=twin.warnings,
        versions=versions,
        preset=preset,
        synthetic=synthetic,
        p_values=adjusted,
    )


def _ask_r(
    results: Sequence[AnalysisResult], mode: RMode, progress: Callable[[str], None]
) -> _Twin:
    try:
        second = engine("r")
        versions = dict(second.versions())
    except RUnavailableError as error:
        if mode == "require":
            raise
        return _Twin("unusable", str(error))
    twin = _Twin("used", versions=versions)
    for result in results:
        progress(f"{result.id} in R")
        for name, request in result.requests.items():
            _ask_one(f"{result.id}.{name}", request, result.answers[name], second, twin)
    return twin


def _ask_one(name: str, request: Any, first: Any, second: Engine, twin: _Twin) -> None:
    try:
        answer = second.answer(request)
    except (RCallError, NotEstimableError) as error:
        twin.failures[name] = str(error)
        return
    twin.tables.append(compare(name, first, answer))
    if answer.warnings:
        twin.warnings[name] = answer.warnings
