"""The ledger: every analysis by name, one file a chapter."""

from __future__ import annotations

from lesionhet.analyses import chapter_cohort, chapter_dynamics, chapter_heterogeneity
from lesionhet.analyses.base import Analysis
from lesionhet.plan import Plan


def ledger(plan: Plan) -> tuple[Analysis, ...]:
    """Give every analysis of a plan in the order of the report.

    Parameters
    ----------
    plan
        Its contrasts and its marker decide which chapters there are.
    """
    return (
        *chapter_cohort.ANALYSES,
        *chapter_dynamics.ANALYSES,
        *chapter_heterogeneity.ANALYSES,
    )
