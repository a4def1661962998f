"""What a reviewer objects to, in a clinician's words, and what is done about it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from lesionhet.analyses.base import Analysis, AnalysisResult

Asked = TypeVar("Asked", Analysis, AnalysisResult)


@dataclass(frozen=True)
class Critique:
    """One objection to the published way.

    Parameters
    ----------
    name
        A few words, the name of its part.
    critique
        What is wrong or open, one or two sentences without a formula.
    remedy
        What is done about it.
    reference
        Where the remedy comes from.
    """

    name: str
    critique: str
    remedy: str
    reference: str


CRITIQUES: Final[Mapping[str, Critique]] = MappingProxyType(
    {
        "TIME": Critique(
            "Time",
            "The distance and the response are known only after months of scans, yet survival is compared "
            "from day 0. Whoever lives longer is scanned more often: the comparison is biased.",
            "Only the scans made so far count: survival from landmarks on, and the distance as it changes "
            "from scan to scan.",
            "Anderson, Cain & Gelber (1983) J Clin Oncol 1:710; Andersen & Gill (1982) Ann Stat 10:1100",
        ),
        "CLUSTER": Critique(
            "Lesions of one patient",
            "Ten lesions of one patient are not ten patients. Tests that count each lesion as independent "
            "give P values that are too small.",
            "Tests and models in which the lesions of a patient belong together, and organs compared "
            "within each patient.",
            "Rosner, Glynn & Lee (2003) Biometrics 59:1089; Datta & Satten (2005) J Am Stat Assoc 100:908",
        ),
        "NOISE": Critique(
            "Noise",
            "A diameter is measured to a millimetre or two. Lesions that respond alike would look "
            "different even so, more so with few lesions and few scans.",
            "The distance beside the one that measurement error alone would give, and beside that of "
            "lesions of different patients.",
            "Oxnard et al. (2011) J Clin Oncol 29:3114; Yoon et al. (2016) Eur J Cancer 53:5",
        ),
        "MEASURE": Critique(
            "Other measures",
            "There are simpler measures of a mixed response. The distance must say more than they do.",
            "Published measures beside the distance: how they rank the patients, and which of them goes "
            "with survival.",
            "Harrell, Lee & Mark (1996) Stat Med 15:361",
        ),
        "MODEL": Critique(
            "Models",
            "A hazard ratio holds if it stays the same over time and rises evenly with the distance, and "
            "if neither few patients nor one trial carry it.",
            "Each of these is tested or varied; mean survival time up to a fixed day needs none of them.",
            "Grambsch & Therneau (1994) Biometrika 81:515; Royston & Parmar (2013) BMC Med Res Methodol "
            "13:152",
        ),
        "CHOICE": Critique(
            "Readings",
            "The published text leaves definitions open. Another reading of it might give another answer.",
            "The main model under every combination of the open definitions.",
            "Simonsohn, Simmons & Nelson (2020) Nat Hum Behav 4:1208",
        ),
        "ORDER": Critique(
            "Order",
            "A distance does not say which organ progresses first, and that may be what matters.",
            "Which organ progresses first and which next, ties told; survival by the first organ from the "
            "day on which it is known.",
            "Zhou et al. (2023) Nat Commun 14:417",
        ),
    }
)
"""What the ids of the analyses begin with -> the objection that they answer, in the order told."""

MANY_TESTS: Final = Critique(
    "Many tests",
    "Among hundreds of P values some are small by chance alone.",
    "Every P value of the report in one table, adjusted for how many there are in its family.",
    "Holm (1979) Scand J Stat 6:65; Benjamini & Hochberg (1995) J R Stat Soc B 57:289",
)
"""The objection that the report answers as a whole, not by an analysis."""


def critique_key(analysis_id: str) -> str:
    """Give the key of the objection that an analysis answers.

    Parameters
    ----------
    analysis_id
        Of an analysis of the chapter.

    Raises
    ------
    KeyError
        The analysis is of another chapter.

    Examples
    --------
    >>> critique_key("TIME-2")
    'TIME'
    """
    key = analysis_id.partition("-")[0]
    if key not in CRITIQUES:
        raise KeyError(f"{analysis_id} answers no objection of CRITIQUES: {', '.join(CRITIQUES)}")
    return key


def in_order(*analyses: Analysis) -> tuple[Analysis, ...]:
    """Put analyses of the chapter in the order of the objections that they answer."""
    places = {key: place for place, key in enumerate(CRITIQUES)}
    return tuple(sorted(analyses, key=lambda analysis: places[critique_key(analysis.id)]))


def by_critique(analyses: Iterable[Asked]) -> tuple[tuple[Critique, tuple[Asked, ...]], ...]:
    """Put the analyses that answer one objection together; objections without any are left out.

    Parameters
    ----------
    analyses
        Of the chapter: before they are run, or what became of them.
    """
    found = tuple(analyses)
    groups = {key: tuple(a for a in found if critique_key(a.id) == key) for key in CRITIQUES}
    return tuple((CRITIQUES[key], members) for key, members in groups.items() if members)


def says(result: AnalysisResult) -> str:
    """Say what an analysis of the chapter found, or why it was not done.

    Examples
    --------
    >>> says(AnalysisResult("TIME-1", "", "", "", "skipped", "Its column is missing: os_days."))
    'Not done. Its column is missing: os_days.'
    """
    return result.shown.verdict if result.status == "done" else f"Not done. {result.reason}"
