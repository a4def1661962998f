"""The ledger: every analysis by name, one file a chapter."""

from __future__ import annotations

from collections.abc import Iterable

from lesionhet.analyses import (
    chapter_cohort,
    chapter_dynamics,
    chapter_heterogeneity,
    chapter_marker,
    chapter_organs,
    chapter_recist,
    chapter_tables,
    chapter_treatment,
    extremes,
    progression,
    resampling,
    reviewer,
)
from lesionhet.analyses.base import Analysis
from lesionhet.errors import UsageError
from lesionhet.plan import Plan


def ledger(plan: Plan) -> tuple[Analysis, ...]:
    """Give every analysis of a plan in the order of the report.

    Parameters
    ----------
    plan
        Its contrasts and its marker decide which chapters there are.

    Raises
    ------
    UsageError
        Two analyses would have the same id: a contrast's key or supplement is taken.
    """
    analyses = (
        *_by_id(*chapter_cohort.ANALYSES, *chapter_tables.cohort_analyses(plan)),
        *_by_id(*chapter_dynamics.ANALYSES, *extremes.ANALYSES),
        *_by_id(
            *chapter_heterogeneity.ANALYSES,
            *resampling.analyses(),
            *progression.ANALYSES,
            *chapter_treatment.targeted_distance(plan),
        ),
        *chapter_treatment.analyses(plan),
        *chapter_marker.analyses(plan),
        *chapter_organs.ANALYSES,
        *chapter_recist.ANALYSES,
        *chapter_tables.analyses(plan),
        *reviewer.ANALYSES,
    )
    ids = [analysis.id for analysis in analyses]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise UsageError(
            f"The plan makes {', '.join(twice)} twice; give its contrasts other keys and supplements."
        )
    return analyses


def _by_id(*analyses: Analysis) -> Iterable[Analysis]:
    return sorted(analyses, key=lambda analysis: analysis.id)
