"""RECIST 1.1 as data: the responses, the criteria, and every table of the guideline as named rules."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lesionhet.errors import UsageError

NONE, CR, PR, SD, NON, PD, NE = range(7)
"""Codes of the responses; `NONE` where there is no such lesion."""
RESPONSES: Final = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
"""Names of the codes from 1."""
PRESENT, ABSENT, PROGRESSION = 1, 2, 3
"""Codes of the state of a non-target lesion."""
STATES: Final = ("present", "absent", "progression")
NO_NEW, EQUIVOCAL, CERTAIN = range(3)
"""Codes of new lesions at an assessment."""


@dataclass(frozen=True)
class RecistRules:
    """The numbers of RECIST 1.1, and those that it leaves to the protocol.

    Parameters
    ----------
    response_threshold
        A partial response is a sum at or below this share of the baseline sum (section 4.3.1).
    progression_threshold, progression_min_increase_mm
        Progression is a sum at or above this multiple of the smallest sum so far, and at least that many
        mm above it (section 4.3.1).
    node_normal_mm
        Short axis below which a lymph node counts as gone (section 4.3.2).
    confirmation_days
        Days from a response to the assessment that confirms it, at least (section 4.6.1).
    stable_days
        Days from the baseline until which a patient must be stable at least (sections 4.4.3 and 4.6.3).
    not_evaluable_between
        How many NE may stand between a response and its confirmation (section 4.4.4).
    visit_window_days
        Days that belong to one assessment where no visit is named.

    Raises
    ------
    UsageError
        A value is not permitted.

    Source: Eisenhauer et al., Eur J Cancer 2009;45:228-47.

    Examples
    --------
    >>> RecistRules(response_threshold=1.2)
    Traceback (most recent call last):
    ...
    lesionhet.errors.UsageError: response_threshold is 1.2; permitted: above 0 and below 1.
    """

    response_threshold: float = 0.70
    progression_threshold: float = 1.20
    progression_min_increase_mm: float = 5.0
    node_normal_mm: float = 10.0
    confirmation_days: float = 28.0
    stable_days: float = 42.0
    not_evaluable_between: int = 1
    visit_window_days: float = 7.0

    def __post_init__(self) -> None:
        if not 0 < self.response_threshold < 1:
            raise UsageError(
                f"response_threshold is {self.response_threshold!r}; permitted: above 0 and below 1."
            )
        if not 1 < self.progression_threshold < math.inf:
            raise UsageError(
                f"progression_threshold is {self.progression_threshold!r}; permitted: above 1."
            )
        for name in list(asdict(self))[2:]:
            if not 0 <= getattr(self, name) < math.inf:
                raise UsageError(f"{name} is {getattr(self, name)!r}; permitted: 0 or more.")

    def options(self) -> dict[str, Any]:
        """Give every number by name, as both engines get it."""
        return {name: float(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Rule:
    """One row of a table of the guideline.

    Parameters
    ----------
    name
        What it is called.
    target, nontarget, new
        Codes for which it holds; empty for any.
    response
        Overall response where it holds and no rule before it does.
    text
        Where it stands.
    """

    name: str
    target: tuple[int, ...]
    nontarget: tuple[int, ...]
    new: tuple[int, ...]
    response: int
    text: str


ANY: Final[tuple[int, ...]] = ()
OVERALL: Final = (
    Rule("new lesion", ANY, ANY, (CERTAIN,), PD, "Table 1, row 9; Table 2, row 5"),
    Rule("target progression", (PD,), ANY, ANY, PD, "Table 1, row 7"),
    Rule("non-target progression", ANY, (PD,), ANY, PD, "Table 1, row 8; Table 2, row 4"),
    Rule("complete response", (CR,), (CR, NONE), ANY, CR, "Table 1, row 1"),
    Rule("targets gone, other disease left", (CR,), (NON,), ANY, PR, "Table 1, row 2"),
    Rule("targets gone, others not evaluated", (CR,), (NE,), ANY, PR, "Table 1, row 3"),
    Rule("partial response", (PR,), ANY, ANY, PR, "Table 1, row 4"),
    Rule("stable disease", (SD,), ANY, ANY, SD, "Table 1, row 5"),
    Rule("not all targets evaluated", (NE,), ANY, ANY, NE, "Table 1, row 6"),
    Rule("complete response, no target", (NONE,), (CR,), ANY, CR, "Table 2, row 1"),
    Rule("disease left, no target", (NONE,), (NON,), ANY, NON, "Table 2, row 2"),
    Rule("not all evaluated, no target", (NONE,), (NE,), ANY, NE, "Table 2, row 3"),
    Rule("no lesion at baseline", (NONE,), (NONE,), ANY, NE, "outside the tables"),
)
"""Tables 1 and 2 of RECIST 1.1 (section 4.4.1); the first rule that holds counts."""
REAPPEARED: Final = Rule(
    "reappearance after complete response",
    ANY,
    ANY,
    ANY,
    PD,
    "Table 3, footnote a; any disease after an overall CR",
)
"""Stands before all others, see `lesionhet.recist.responses.overall_responses`."""


def _lookup() -> npt.NDArray[np.int64]:
    table = np.full((NE + 1, NE + 1, CERTAIN + 1), -1, dtype=np.int64)
    for place, rule in reversed(list(enumerate(OVERALL))):
        parts = (rule.target, rule.nontarget, rule.new)
        chosen = [list(part) or list(range(n)) for part, n in zip(parts, table.shape, strict=True)]
        table[np.ix_(*chosen)] = place
    return table


RULE_OF: Final = _lookup()
"""Codes of target, non-target and new lesions -> place in `OVERALL`; -1 where no table has them."""
