"""What a power calculation may be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.power.question import MOST_PATIENTS, WHOLE, Difference, HazardRatio, Question
from lesionhet.timed.ways import LANDMARK, TIME_DEPENDENT

FEWEST_PATIENTS: Final = 10
FEWEST_SIMULATIONS: Final = 10


def question_of(
    hazard_ratio: float | None,
    difference: float | None,
    by: str | None,
    landmark: float,
    scale: str,
    endpoint: str,
) -> Question:
    """Make the question of what was given; the arguments are those of `lesionhet.power.plan`."""
    if (hazard_ratio is None) == (difference is None):
        raise UsageError(
            "power: give a hazard ratio or a difference of mean distances, one of them."
        )
    if hazard_ratio is not None:
        return HazardRatio(hazard_ratio, scale, by or TIME_DEPENDENT, landmark, endpoint)
    assert difference is not None  # noqa: S101
    if by in (None, WHOLE, LANDMARK):
        return Difference(difference, by or WHOLE, landmark)
    raise UsageError(
        f"by is {by!r}; a difference between arms is seen by {WHOLE!r} or {LANDMARK!r}."
    )


def check_numbers(
    patients: Sequence[int] | None, find: float | None, alpha: float, simulations: int, seed: int
) -> None:
    """Refuse numbers that are not permitted; the arguments are those of `lesionhet.power.plan`."""
    if patients is not None and not patients:
        raise UsageError("patients is empty; name one number or more.")
    for n in patients or ():
        if isinstance(n, bool) or n != int(n) or not FEWEST_PATIENTS <= n <= MOST_PATIENTS:
            raise UsageError(
                f"patients is {n!r}; permitted: whole numbers from {FEWEST_PATIENTS} to "
                f"{MOST_PATIENTS:,}."
            )
    if find is not None and not alpha < find < 1:
        raise UsageError(f"find is {find!r}; permitted: above alpha, {alpha:g}, and below 1.")
    if not 0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha!r}; permitted: above 0 and below 0.5.")
    if (
        isinstance(simulations, bool)
        or simulations != int(simulations)
        or simulations < FEWEST_SIMULATIONS
    ):
        raise UsageError(
            f"simulations is {simulations!r}; permitted: whole numbers from {FEWEST_SIMULATIONS}."
        )
    if isinstance(seed, bool) or seed != int(seed) or seed < 0:
        raise UsageError(f"seed is {seed!r}; permitted: whole numbers from 0.")


def check_number(patients: float, power: float) -> None:
    """Refuse a number of patients that is larger than is simulated."""
    if not patients <= MOST_PATIENTS:
        raise NotEstimableError(
            f"power: {power:g} needs about {patients:,.0f} patients; more than {MOST_PATIENTS:,} are not "
            "simulated. Ask for a larger effect, or plan more lesions or scans."
        )
