"""Chapter "What a reviewer would ask", noise: the distance beside the error of measurement."""

from __future__ import annotations

from typing import Final

from lesionhet.analyses.base import Analysis
from lesionhet.analyses.reviewer.noise_extent import ask_extent, show_extent
from lesionhet.analyses.reviewer.noise_null import ask_null, show_null
from lesionhet.analyses.reviewer.noise_once_more import ask_once_more, show_once_more
from lesionhet.analyses.reviewer.noise_others import ask_others, show_others

CHAPTER: Final = "What a reviewer would ask"

ANALYSES: Final = (
    Analysis(
        "NOISE-1",
        "The distance beside that of measurement error alone",
        "Do the lesions of a patient differ by more than the error of measurement?",
        (),
        ask_null,
        show_null,
        CHAPTER,
    ),
    Analysis(
        "NOISE-2",
        "The distance beside that of lesions of different patients",
        "Are the lesions of one patient more alike than lesions of different patients?",
        (),
        ask_others,
        show_others,
        CHAPTER,
    ),
    Analysis(
        "NOISE-3",
        "The distance had every lesion been measured once more",
        "How far would the distance move if every lesion were measured again?",
        (),
        ask_once_more,
        show_once_more,
        CHAPTER,
    ),
    Analysis(
        "NOISE-4",
        "The distance by number of lesions, scans and time",
        "Does the distance depend on how many lesions and scans a patient has?",
        (),
        ask_extent,
        show_extent,
        CHAPTER,
    ),
)
