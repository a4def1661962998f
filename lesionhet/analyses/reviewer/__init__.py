"""Chapter "What a reviewer would ask": the remedies, each beside the published way."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer import choices, clusters, measures, models, noise, order, time
from lesionhet.analyses.reviewer.critiques import in_order

ANALYSES: Final[tuple[Analysis, ...]] = in_order(
    *time.ANALYSES,
    *clusters.ANALYSES,
    *noise.ANALYSES,
    *measures.ANALYSES,
    *models.ANALYSES,
    *choices.ANALYSES,
    *order.ANALYSES,
)
