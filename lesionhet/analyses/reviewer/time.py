"""Chapter "What a reviewer would ask", time done right: nothing at a day knows of later scans."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer.time_curves import ask_curves, show_curves
from lesionhet.analyses.reviewer.time_ways import (
    ask_distance,
    ask_organs,
    ask_windows,
    show_distance,
    show_organs,
    show_windows,
)

CHAPTER: Final = "What a reviewer would ask"

ANALYSES: Final = (
    Analysis(
        "TIME-1",
        "Distance and survival: naive, landmark, time-dependent",
        "Does the distance still say something about survival where it only knows the past?",
        ("os_days", "os_event"),
        ask_distance,
        show_distance,
        CHAPTER,
    ),
    Analysis(
        "TIME-2",
        "Survival from landmarks, by the distance known there",
        "Do patients with heterogeneous lesions live shorter from a given day on?",
        ("os_days", "os_event"),
        ask_curves,
        show_curves,
        CHAPTER,
    ),
    Analysis(
        "TIME-3",
        "Organ response and survival: naive, landmark, time-dependent",
        "Does it still matter which organ responds where the response only counts from when it is seen?",
        ("site", "os_days", "os_event"),
        ask_organs,
        show_organs,
        CHAPTER,
    ),
    Analysis(
        "TIME-4",
        "Nadir and last ratio within fixed windows",
        "Do nadir and last ratio still go with survival where all have had the same time for them?",
        ("os_days", "os_event"),
        ask_windows,
        show_windows,
        CHAPTER,
    ),
)
