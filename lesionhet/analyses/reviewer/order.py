"""Chapter "What a reviewer would ask", order of progression: which organ first, which next, and survival."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer.order_first import ask_first, show_first
from lesionhet.analyses.reviewer.order_survival import ask_survival, show_survival
from lesionhet.analyses.reviewer.order_time import ask_times, show_times

CHAPTER: Final = "What a reviewer would ask"

ANALYSES: Final = (
    Analysis(
        "ORDER-1",
        "Which organ progresses first",
        "In which organ does disease progress first, and where next?",
        ("site",),
        ask_first,
        show_first,
        CHAPTER,
    ),
    Analysis(
        "ORDER-2",
        "Time to progression by organ",
        "Do lesions progress sooner in one organ than in another?",
        ("site",),
        ask_times,
        show_times,
        CHAPTER,
    ),
    Analysis(
        "ORDER-3",
        "Survival by the organ that progresses first",
        "Does it matter for survival which organ progresses first?",
        ("site", "os_days", "os_event"),
        ask_survival,
        show_survival,
        CHAPTER,
    ),
)
