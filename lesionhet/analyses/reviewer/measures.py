"""Chapter "What a reviewer would ask", other measures of a mixed response beside the distance."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer.measures_alike import (
    ask_correlations,
    ask_intraclass,
    show_correlations,
    show_intraclass,
)
from lesionhet.analyses.reviewer.measures_found import ask_measures, show_measures
from lesionhet.analyses.reviewer.measures_survival import ask_survival, show_survival

CHAPTER: Final = "What a reviewer would ask"

ANALYSES: Final = (
    Analysis(
        "MEASURE-1",
        "Published measures of a mixed response",
        "How many patients have a mixed response by other definitions?",
        (),
        ask_measures,
        show_measures,
        CHAPTER,
    ),
    Analysis(
        "MEASURE-2",
        "Rank correlations of all measures",
        "Do the measures rank the patients alike?",
        (),
        ask_correlations,
        show_correlations,
        CHAPTER,
    ),
    Analysis(
        "MEASURE-3",
        "Which measure goes with survival",
        "Which measure of a mixed response goes with survival, and does the distance say more than the "
        "others?",
        ("os_days", "os_event"),
        ask_survival,
        show_survival,
        CHAPTER,
    ),
    Analysis(
        "MEASURE-4",
        "How alike the lesions of one patient respond",
        "How much of the difference between lesions lies between patients rather than within them?",
        (),
        ask_intraclass,
        show_intraclass,
        CHAPTER,
    ),
)
