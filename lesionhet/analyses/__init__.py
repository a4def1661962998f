"""The ledger: every analysis by name, one file a chapter."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses import chapter_cohort, chapter_dynamics, chapter_heterogeneity
from lesionhet.analyses.base import Analysis

ANALYSES: Final[tuple[Analysis, ...]] = (
    *chapter_cohort.ANALYSES,
    *chapter_dynamics.ANALYSES,
    *chapter_heterogeneity.ANALYSES,
)
"""Every analysis in the order of the report."""
