"""Why a target is not met."""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "z: panitumumab": (
        "the distance is lower, but P stays just above 0.05. An agent that evens out the lesions more "
        "(`agent_homogenising` -1.5) meets it, and takes tau and the share of inconsistent liver lesions "
        "out of their bands."
    ),
}
"""Key of a target -> reason, in words."""
NO_REASON: Final = "no parameters were found that meet it together with the others."


def reason(key: str) -> str:
    """Say why a target is not met.

    Examples
    --------
    >>> reason("tau")
    'no parameters were found that meet it together with the others.'
    """
    return REASONS.get(key, NO_REASON)
