"""Chapter "What a reviewer would ask": the remedies, each beside the published way."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer import time

ANALYSES: Final[tuple[Analysis, ...]] = (*time.ANALYSES,)
