"""The worlds in which trials are simulated: what acts on survival there, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lesionhet.errors import UsageError
from lesionhet.simulation.parameters import SimulationParameters

KNOWN_LOG_HR: Final = 2.0
"""Per unit of true heterogeneity, where it has an effect."""

NOTHING_ACTS: Final[Mapping[str, float]] = {
    "heterogeneity_log_hr": 0.0,
    "burden_log_hr": 0.0,
    "number_log_hr": 0.0,
    "growth_log_hr": 0.0,
    "response_log_hr": 0.0,
    "liver_response_log_hr": 0.0,
    "agent_log_hr": 0.0,
    "backbone_effect": 0.0,
    "kras_effect": 0.0,
    "covariate_effect": 0.0,
}
"""Everything off through which a patient could differ from another in the hazard of death."""


@dataclass(frozen=True)
class Scenario:
    """A world in which trials are simulated.

    Parameters
    ----------
    name
        Short and unique.
    text
        What holds there, in a sentence or two.
    changes
        Parameters of the simulator that differ from their defaults.
    is_null
        Whether neither heterogeneity nor response has to do with survival.
    questions
        What is asked of its trials beside the hazard ratio of the distance for overall survival: ``"pfs"``
        (the same for PFS), ``"organs"`` (organ response), ``"truth"`` (the true heterogeneity).
    """

    name: str
    text: str
    changes: Mapping[str, Any]
    is_null: bool
    questions: tuple[str, ...] = ()

    @property
    def parameters(self) -> SimulationParameters:
        """What the trials are simulated with."""
        return SimulationParameters(**self.changes)


SCENARIOS: Final = (
    Scenario(
        "no effect",
        "Nothing about a patient or a tumour acts on survival: burden, number of lesions, growth, response, "
        "liver response, heterogeneity, drug, backbone, KRAS, ECOG, LDH are all without effect. "
        "Median survival 570 days, scans every 8 weeks until progression, as in the demo's cohort.",
        NOTHING_ACTS,
        True,
        ("pfs", "organs"),
    ),
    Scenario(
        "no effect, short survival",
        "The same with a median survival of 240 days: more patients die before they can respond.",
        {**NOTHING_ACTS, "median_os_days": 240.0},
        True,
        ("organs",),
    ),
    Scenario(
        "no effect, scans beyond progression",
        "The same as the first, but every patient has up to 4 scans after progression, as where treatment "
        "goes on: who lives longer is scanned longer.",
        {**NOTHING_ACTS, "scan_after_progression_rate": 1.0, "scans_after_progression": 4},
        True,
        ("organs",),
    ),
    Scenario(
        "known effect",
        f"Only true heterogeneity acts on survival: log hazard ratio {KNOWN_LOG_HR:g} per unit, the unit "
        "being the SD over a patient's lesions of ln(size at day 168 / size at day 0).",
        {**NOTHING_ACTS, "heterogeneity_log_hr": KNOWN_LOG_HR},
        False,
        ("truth",),
    ),
    Scenario(
        "no effect, confounded",
        "Heterogeneity itself does nothing, all else acts as in the demo's cohort: burden, number of "
        "lesions, growth, response of all lesions and of the liver, drug, KRAS, ECOG, LDH.",
        {"heterogeneity_log_hr": 0.0},
        False,
    ),
)


def scenario(name: str) -> Scenario:
    """Give a scenario by its name.

    Raises
    ------
    UsageError
        There is none of that name.

    Examples
    --------
    >>> scenario("known effect").parameters.heterogeneity_log_hr
    2.0
    """
    for found in SCENARIOS:
        if found.name == name:
            return found
    names = ", ".join(repr(found.name) for found in SCENARIOS)
    raise UsageError(f"scenario is {name!r}; permitted: {names}.")
