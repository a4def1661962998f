"""Names and numbers as they are printed in figures and in the report."""

from __future__ import annotations

import math
from typing import Final

from lesionhet.errors import UsageError
from lesionhet.label_words import LABELS as LABELS

NOT_REACHED: Final = "not reached"
"""Printed for a median survival, or a limit of it, that the curve does not reach."""

P_FLOOR: Final = 0.001
"""P values below this are printed as an inequality."""


def label(name: str) -> str:
    """Give the printed label of a column.

    Parameters
    ----------
    name
        Column of an input or result table. A column without a label of its own is printed as its
        name with spaces for underscores.

    Examples
    --------
    >>> label("conf_low"), label("baseline_ldh")
    ('Lower limit', 'Baseline ldh')
    """
    if name in LABELS:
        return LABELS[name]
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def format_p(p: float | None) -> str:
    """Print a P value with three decimals, never as 0 or 1.

    Parameters
    ----------
    p
        P value in [0, 1]; None or NaN where there is none.

    Returns
    -------
    str
        More decimals are given where three would hide on which side of 0.05 the value is.

    Raises
    ------
    UsageError
        The value is outside [0, 1].

    Examples
    --------
    >>> format_p(0.0124), format_p(1e-12), format_p(0.04996), format_p(0.9999), format_p(None)
    ('P = 0.012', 'P < 0.001', 'P = 0.04996', 'P > 0.999', 'P not available')
    """
    if p is None or math.isnan(p):
        return "P not available"
    if not 0 <= p <= 1:
        raise UsageError(f"P value is {p!r}; permitted: 0 to 1.")
    if p < P_FLOOR:
        return f"P < {P_FLOOR}"
    if p >= 0.9995:
        return "P = 1" if p == 1 else "P > 0.999"
    return f"P = {p:.{_decimals_beside(p, 0.05)}f}"


def _decimals_beside(value: float, limit: float) -> int:
    if value == limit:
        return 3
    return next((d for d in range(3, 17) if float(f"{value:.{d}f}") != limit), 17)


def format_number(value: float | None, digits: int = 2, missing: str = "not available") -> str:
    """Print a number with a fixed number of decimals and commas between thousands.

    Parameters
    ----------
    value
        The number; None or NaN where there is none.
    digits
        Decimals, 0 or more.
    missing
        What is printed where there is no number, such as `NOT_REACHED`.

    Examples
    --------
    >>> format_number(1234.5, 1), format_number(-0.001), format_number(float("nan"), 0, NOT_REACHED)
    ('1,234.5', '0.00', 'not reached')
    """
    if value is None or math.isnan(value):
        return missing
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and float(text.replace(",", "")) != 0
    return f"−{text}" if negative else text


def format_interval(
    estimate: float, low: float, high: float, digits: int = 2, missing: str = "not available"
) -> str:
    """Print an estimate with its interval.

    Parameters
    ----------
    estimate, low, high
        Estimate and limits; NaN where there is none.
    digits
        Decimals, 0 or more.
    missing
        What is printed for a number that is not there.

    Examples
    --------
    >>> format_interval(0.834, 0.7501, 0.92)
    '0.83 (0.75–0.92)'
    >>> format_interval(630, 580, float("nan"), 0, NOT_REACHED)
    '630 (580 to not reached)'
    >>> format_interval(float("nan"), float("nan"), float("nan"), 0, NOT_REACHED)
    'not reached'
    """
    if math.isnan(estimate) and math.isnan(low) and math.isnan(high):
        return missing
    limits = [format_number(limit, digits, missing) for limit in (low, high)]
    plain = all(math.isfinite(limit) and limit >= 0 for limit in (low, high))
    joined = "–".join(limits) if plain else " to ".join(limits)
    return f"{format_number(estimate, digits, missing)} ({joined})"


def format_percent(share: float | None, digits: int = 0) -> str:
    """Print a share as a percentage; a small share is never printed as 0 nor a large one as 100.

    Parameters
    ----------
    share
        In [0, 1]; None or NaN where there is none.
    digits
        Decimals, 0 or more.

    Examples
    --------
    >>> format_percent(0.456), format_percent(0.001), format_percent(0.0), format_percent(0.999)
    ('46%', '<1%', '0%', '>99%')
    """
    if share is None or math.isnan(share):
        return "not available"
    step = 10.0**-digits
    text = f"{100 * share:.{digits}f}"
    if share > 0 and float(text) == 0:
        return f"<{step:.{digits}f}%"
    if share < 1 and float(text) == 100:
        return f">{100 - step:.{digits}f}%"
    return f"{text}%"
