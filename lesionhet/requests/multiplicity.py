"""A question about many P values at once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lesionhet import results
from lesionhet.errors import UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.rows import check_level, complete_rows


def adjust_p(
    p_value: Values,
    family: Values | None = None,
    names: Sequence[str] | None = None,
    *,
    level: float = 0.05,
) -> Request[results.AdjustedP]:
    """Ask for P values adjusted within families, by Holm and by Benjamini and Hochberg.

    Parameters
    ----------
    p_value
        n P values in [0, 1]; missing ones are left out and counted.
    family
        n labels; default: one family. The order of families is that of their first P value.
    names
        n names of the rows; default: their numbers.
    level
        Below which a P value counts as small, in (0, 1).

    Raises
    ------
    NotEstimableError
        No P value is left.
    UsageError
        A value outside [0, 1], names or families of another number.

    Source: Holm (1979) Scand J Stat 6:65; Benjamini & Hochberg (1995) J R Stat Soc B 57:289; R:
    ``p.adjust``.

    Examples
    --------
    >>> request = adjust_p([0.01, 0.04, 0.03])
    >>> from lesionhet import engine
    >>> table = engine("python").answer(request).to_frame("adjusted")
    >>> table[["holm", "benjamini_hochberg"]].round(3).values.tolist()
    [[0.03, 0.03], [0.06, 0.04], [0.06, 0.04]]
    """
    n = len(pd.Series(p_value))
    labels = [str(i) for i in range(1, n + 1)] if names is None else [str(name) for name in names]
    if len(labels) != n:
        raise UsageError(f"There are {n} P values and {len(labels)} names; one each is needed.")
    given = pd.Series(family, dtype=object) if family is not None else None
    order = None if given is None else [str(f) for f in dict.fromkeys(given.dropna())]
    known = pd.Series(p_value, dtype=float).notna().to_numpy()
    if given is not None and len(given) == n:
        known &= given.notna().to_numpy()
        order = [str(f) for f in dict.fromkeys(given[known])]
    data, groups, left_out = complete_rows({"p_value": p_value}, {"group": (given, order)})
    if not data["p_value"].between(0, 1).all():
        raise UsageError("p_value has values outside 0 to 1.")
    kept = tuple(label for label, there in zip(labels, known, strict=True) if there)
    options = {"level": check_level(level)}
    return Request("adjust_p", results.AdjustedP, data, {**groups, "row": kept}, options, left_out)
