"""The analyses of one study in several processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from lesionhet.analyses import ledger
from lesionhet.analyses.base import Analysis, AnalysisResult
from lesionhet.analyses.run import run_analysis
from lesionhet.engines import engine
from lesionhet.study import Study
from lesionhet.workers import Crew


def run_side_by_side(
    analyses: Sequence[Analysis],
    study: Study,
    crew: Crew,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[AnalysisResult, ...]:
    """Run analyses in Python by a crew.

    Parameters
    ----------
    analyses
        Of ``ledger(study.plan)``, in order.
    study
        Travels once to each process.
    crew
        Does the work.
    progress
        Told how many of them are done.

    Returns
    -------
    tuple of AnalysisResult
        In the order of ``analyses``; the same however many processes there are.
    """
    jobs = _jobs([analysis.id for analysis in analyses])
    # The longest first, so that short ones fill what is left: critiques, several together or late ones.
    order = sorted(range(len(jobs)), key=lambda k: (-len(jobs[k]), -k))

    def tell(n: int) -> None:
        progress(f"{n} of {len(jobs)} groups of analyses")

    found = crew.run(_run_job, [jobs[k] for k in order], tell, held=study)
    by_id = {result.id: result for results in found for result in results}
    return tuple(by_id[analysis.id] for analysis in analyses)


def _jobs(ids: Sequence[str]) -> list[tuple[str, ...]]:
    """Put neighbours of one critique (``TIME-1``, ``TIME-2``) into one job: they share what they compute."""
    return [tuple(group) for _, group in groupby(ids, key=lambda name: name.split("-")[0])]


def _run_job(study: Study, ids: tuple[str, ...]) -> tuple[AnalysisResult, ...]:
    by_id = {analysis.id: analysis for analysis in ledger(study.plan)}
    python = engine("python")
    return tuple(run_analysis(by_id[name], study, python) for name in ids)
