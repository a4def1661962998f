"""The question about the share of patients with something, such as a response."""

from __future__ import annotations

from collections.abc import Sequence

from lesionhet import results
from lesionhet.errors import UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.rows import check_level, complete_rows


def proportion(
    success: Values,
    group: Values | None = None,
    order: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> Request[results.Proportion]:
    """Ask for the share of successes of each group with its exact (Clopper-Pearson) interval.

    Parameters
    ----------
    success
        n flags, 1 or 0; missing ones are left out and counted.
    group
        n labels; None for one group.
    order
        Labels in the order wanted; default: sorted.
    conf_level
        Level of the interval, above 0 and below 1.

    Raises
    ------
    UsageError
        A flag is neither 1 nor 0.
    NotEstimableError
        No row is left, or a group of ``order`` is empty.

    Source: Clopper & Pearson, Biometrika 1934;26:404-13; R: ``binom.test``.

    Examples
    --------
    >>> from lesionhet import engine
    >>> answer = engine("python").answer(proportion([1, 1, 1, 0]))
    >>> answer.to_frame()[["estimate", "conf_low", "conf_high"]].round(4).to_numpy().tolist()
    [[0.75, 0.1941, 0.9937]]
    """
    data, labels, left_out = complete_rows({"success": success}, {"group": (group, order)})
    if not data["success"].isin((0, 1)).all():
        raise UsageError("success has values other than 0 and 1.")
    options = {"conf_level": check_level(conf_level)}
    return Request("proportion", results.Proportion, data, labels, options, left_out)
