"""Chapter "What a reviewer would ask", models checked: is the main Cox model fit to carry its result."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer.model_checks import (
    ask_influence,
    ask_proportional,
    show_influence,
    show_proportional,
)
from lesionhet.analyses.reviewer.model_mean import ask_means, show_means
from lesionhet.analyses.reviewer.model_shape import ask_shape, show_shape
from lesionhet.analyses.reviewer.model_trials import ask_trials, show_trials
from lesionhet.analyses.reviewer.time import CHAPTER

ANALYSES: Final = (
    Analysis(
        "MODEL-1",
        "Proportional hazards",
        "Does the hazard ratio of the distance stay the same over time?",
        ("os_days", "os_event"),
        ask_proportional,
        show_proportional,
        CHAPTER,
    ),
    Analysis(
        "MODEL-2",
        "Shape of the effect of the distance",
        "Does the hazard rise evenly with the distance?",
        ("os_days", "os_event"),
        ask_shape,
        show_shape,
        CHAPTER,
    ),
    Analysis(
        "MODEL-3",
        "Influential patients",
        "Does the result hang on single patients?",
        ("os_days", "os_event"),
        ask_influence,
        show_influence,
        CHAPTER,
    ),
    Analysis(
        "MODEL-4",
        "Restricted mean survival time",
        "How many days of mean survival lie between a low and a high distance?",
        ("os_days", "os_event"),
        ask_means,
        show_means,
        CHAPTER,
    ),
    Analysis(
        "MODEL-5",
        "Trials left out one by one",
        "Does the result hang on one trial?",
        ("os_days", "os_event", "trial"),
        ask_trials,
        show_trials,
        CHAPTER,
    ),
)
