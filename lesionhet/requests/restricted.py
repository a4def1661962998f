"""The question of restricted mean survival time."""

from __future__ import annotations

from collections.abc import Sequence

from lesionhet import results
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.rows import check_level, check_survival, complete_rows


def restricted_mean(
    time: Values,
    event: Values,
    group: Values | None = None,
    order: Sequence[str] | None = None,
    *,
    tau: float | None = None,
    conf_level: float = 0.95,
) -> Request[results.RestrictedMean]:
    """Ask for the mean survival time up to a day, by group, with differences and ratios.

    Parameters
    ----------
    time, event
        n times in days (>= 0) and n flags, 1 for an event.
    group, order
        As in `describe`; no group: all rows together.
    tau
        Days up to which time counts, above 0; default: the smallest of the groups' largest times.
    conf_level
        Level of the Wald intervals; those of ratios on the log scale.

    Raises
    ------
    NotEstimableError
        No row is left, a group is empty, or a group's largest time is 0 or before ``tau``.
    UsageError
        ``tau`` is not above 0, a negative time, other events than 0 and 1.

    Source: Royston & Parmar (2013) BMC Med Res Methodol 13:152; R: ``summary(survfit, rmean = tau)``.

    Examples
    --------
    >>> request = restricted_mean([1, 2, 3, 2, 4, 6], [1, 1, 1, 1, 0, 1], list("aaabbb"))
    >>> from lesionhet import engine
    >>> round(engine("python").answer(request).value("difference", "pairs"), 4)
    0.6667
    """
    if tau is not None and not 0 < tau < float("inf"):
        raise UsageError(f"tau is {tau!r}; permitted: days above 0.")
    data, labels, left_out = complete_rows(
        {"time": time, "event": event}, {"group": (group, order)}
    )
    check_survival(data)
    longest = data.groupby("group")["time"].max()
    shortest = float(longest.min())
    name = labels["group"][int(longest.idxmin()) - 1]
    if shortest <= 0 or (tau is not None and tau > shortest):
        wanted = "0" if tau is None else f"{tau:g}"
        raise NotEstimableError(
            f"Restricted mean: group {name!r} is known up to day {shortest:g}, needed: beyond day 0 "
            f"and up to day {wanted}."
        )
    options = {
        "tau": shortest if tau is None else float(tau),
        "conf_level": check_level(conf_level),
    }
    return Request("restricted_mean", results.RestrictedMean, data, labels, options, left_out)
