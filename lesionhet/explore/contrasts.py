"""Arms against arms and organ against organ, as a person picks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.organ_survival import (
    Population,
    ask_organ_survival,
    populations,
    show_organ_survival,
)
from lesionhet.analyses.parts.endpoints import OS, PFS
from lesionhet.errors import UsageError
from lesionhet.explore.curves import CHAPTER
from lesionhet.plan import CONTROL, KEYS, Contrast, Plan
from lesionhet.study import Study

PLAN_KEY, PLAN_SUPPLEMENT = KEYS[0]
"""Place of a contrast that is put into a plan."""
SHOWN_KEY: Final = ("arms-", "arms-S")
"""Key and supplement of a contrast that is looked at without being part of a plan."""
NAME: Final = "Treatment"


def own_contrast(
    treated: Sequence[str],
    control: Sequence[str],
    name: str = NAME,
    control_name: str = CONTROL,
) -> Contrast:
    """Make a contrast of arms.

    Parameters
    ----------
    treated, control
        Arms of either side, as the cohort spells them; one or more each, none on both sides.
    name, control_name
        What the sides are called.

    Raises
    ------
    UsageError
        A side without arms, an arm on both sides, or names under which both sides would be one group.

    Examples
    --------
    >>> own_contrast(["A + B"], ["A"]).name
    'Treatment'
    """
    name, control_name = name.strip(), control_name.strip()
    if not treated or not control:
        raise UsageError("Pick one arm or more for either side.")
    if both := sorted({a.casefold() for a in treated} & {a.casefold() for a in control}):
        raise UsageError(f"{', '.join(both)} is on both sides; an arm can be on one.")
    if not name or not control_name:
        raise UsageError("Both sides need a name.")
    if name.casefold() in {control_name.casefold(), *(arm.casefold() for arm in control)}:
        raise UsageError(f"One side is called {name!r}, like the other; choose another name.")
    return Contrast(PLAN_KEY, name, tuple(treated), control_name, tuple(control), PLAN_SUPPLEMENT)


def with_contrast(plan: Plan, contrast: Contrast) -> Plan:
    """Put one contrast in the place of a plan's, also in that of all targeted arms.

    Examples
    --------
    >>> with_contrast(Plan(), own_contrast(["A"], ["B"])).targeted.key
    '2'
    """
    return replace(plan, contrasts=(contrast,), targeted=replace(contrast, key="2"))


def organ_survival(organ: str, other: str | None) -> Analysis:
    """Give the analysis of survival by response of one organ and of the others.

    Parameters
    ----------
    organ
        A site of the cohort.
    other
        Only patients with lesions in exactly these two organs; None: any others, or none.

    Examples
    --------
    >>> organ_survival("liver", "lung").title
    'Survival by organ response, patients with liver and lung lesions only'
    """
    (population,) = populations([organ], [other])
    return Analysis(
        f"organ-{population.key}",
        f"Survival by organ response, {population.title}",
        "Does it matter for survival which organ responds?",
        ("site", OS.time, OS.event),
        partial(_ask, population),
        partial(_show, population),
        CHAPTER,
    )


def _ask(population: Population, study: Study) -> Asked:
    return ask_organ_survival(study, [population], (OS, PFS))


def _show(population: Population, study: Study, answers: dict[str, Any] | Answers) -> Shown:
    return show_organ_survival(study, [population], (OS, PFS), answers)
