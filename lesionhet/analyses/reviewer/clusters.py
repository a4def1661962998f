"""Chapter "What a reviewer would ask", lesions in patients: which belong together, and what that changes."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer.cluster_models import (
    ask_mixed,
    ask_relapse,
    show_mixed,
    show_relapse,
)
from lesionhet.analyses.reviewer.cluster_tests import ask_tests, show_tests
from lesionhet.analyses.reviewer.time import CHAPTER

ANALYSES: Final = (
    Analysis(
        "CLUSTER-1",
        "Groups of lesions compared: naive and clustered",
        "Which differences between lesions remain where the lesions of a patient are kept together?",
        (),
        ask_tests,
        show_tests,
        CHAPTER,
    ),
    Analysis(
        "CLUSTER-2",
        "Ratios of lesions by site: mixed model",
        "How far do the sites differ from each other within the same patients?",
        ("site",),
        ask_mixed,
        show_mixed,
        CHAPTER,
    ),
    Analysis(
        "CLUSTER-3",
        "Relapse of single lesions: naive and clustered",
        "Do lesions of some sites relapse sooner, and is that sure with many lesions of few patients?",
        ("site",),
        ask_relapse,
        show_relapse,
        CHAPTER,
    ),
)
