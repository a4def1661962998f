"""Analyses that are not of the session's ledger: a person's own cut-offs, models, arms and organs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lesionhet.engines import engine
from streamlit_app import asked, state

if TYPE_CHECKING:
    from lesionhet.analyses.base import Analysis, AnalysisResult
    from lesionhet.study import Study

PREFIX = "own "


def run(analysis: Analysis, study: Study, *parts: Any) -> AnalysisResult:
    """Run an analysis in Python, or give the result that the session already has.

    Parameters
    ----------
    analysis, study
        What is run on what; the study is the session's, or differs from it in its plan only.
    parts
        What the analysis depends on beside its id and the session's study.

    Returns
    -------
    AnalysisResult
        Its questions are kept for the page Python and R.
    """
    from lesionhet.analyses.run import run_analysis

    study_key = state.study_key()
    key = state.digest("own", study_key, analysis.id, *map(repr, parts))
    result = state.remember(key, partial(run_analysis, analysis, study, engine("python")))
    asked.note(study_key, result, PREFIX)
    return result
