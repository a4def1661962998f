"""Ticks at sensible values, their labels, axis titles and labelled reference lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from lesionhet.figures import style, text
from lesionhet.figures.page import Page
from lesionhet.labels import format_number

TICK_PAD: Final = 1.9
"""Tick and the space to its label, mm."""

_RATIO_STEPS: Final = (
    (0.01, 0.1, 1, 10, 100),
    (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
    (0.05, 0.1, 0.25, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 6, 10, 20),
    (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3),
    tuple(round(0.5 + 0.05 * i, 2) for i in range(31)),
    tuple(round(0.8 + 0.01 * i, 2) for i in range(41)),
)


def linear_ticks(low: float, high: float, n: int = 5, whole: bool = False) -> list[float]:
    """Give about ``n`` round values that cover ``low`` to ``high``, whole numbers on request.

    Examples
    --------
    >>> linear_ticks(0, 0.93)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not high > low:
        high = low + (abs(low) or 1.0)
    ticks = MaxNLocator(nbins=n, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(low, high)
    return [round(float(tick), 12) + 0.0 for tick in ticks]


def log_ticks(low: float, high: float, n: int = 6) -> list[float]:
    """Give round values from ``low`` to ``high``, both above 0, for a log axis.

    Examples
    --------
    >>> log_ticks(0.8, 700)
    [1.0, 10.0, 100.0]
    >>> log_ticks(3, 60)
    [3.0, 10.0, 30.0]
    """
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    candidates: list[float] = []
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        every = [float(f"{s}e{k}") for k in range(first, last + 1) for s in steps]
        candidates = [value for value in every if low <= value <= high]
        if len(candidates) >= 3:
            break
    stride = -(-len(candidates) // n) or 1
    return candidates[::stride] or linear_ticks(low, high, 3)[1:-1] or [low, high]


def ratio_ticks(low: float, high: float, length: float) -> list[float]:
    """Give values such as 0.8, 1, 1.25 for a log axis of ratios ``length`` mm long; 1 is kept.

    Examples
    --------
    >>> ratio_ticks(0.75, 1.6, 60)
    [0.8, 1, 1.25, 1.5]
    """
    ticks: list[float] = [1]
    for steps in _RATIO_STEPS:
        ticks = [value for value in steps if low <= value <= high]
        if len(ticks) >= 4:
            break
    scale = length / (np.log(high) - np.log(low))
    kept: list[float] = [1]
    for value in sorted(ticks, key=lambda tick: abs(np.log(tick))):
        room = [
            abs(np.log(value / other)) * scale
            - (text.width(f"{value:g}") + text.width(f"{other:g}")) / 2
            for other in kept
        ]
        if min(room) > 1.0:
            kept.append(value)
    return sorted(kept)


def texts(ticks: Sequence[float]) -> list[str]:
    """Print ticks with as few decimals as tell them apart.

    Examples
    --------
    >>> texts([0, 0.5, 1]), texts([0, 1000, 2000])
    (['0.0', '0.5', '1.0'], ['0', '1,000', '2,000'])
    """
    for digits in range(7):
        if all(abs(round(tick, digits) - tick) <= 1e-9 * max(1, abs(tick)) for tick in ticks):
            return [format_number(tick, digits) for tick in ticks]
    return [f"{tick:.3g}" for tick in ticks]


def log_texts(ticks: Sequence[float]) -> list[str]:
    """Print ticks of a log axis, each with the decimals that it needs.

    Examples
    --------
    >>> log_texts([0.01, 0.5, 1000])
    ['0.01', '0.5', '1,000']
    """
    return [f"{tick:,.10g}" for tick in ticks]


def set_ticks(which: Any, ticks: Sequence[float], labels: Sequence[str]) -> None:
    """Put labelled ticks on ``axes.xaxis`` or ``axes.yaxis``, and no others."""
    which.set_ticks(list(ticks), labels=list(labels))
    which.set_ticks([], minor=True)


def left_room(labels: Sequence[str], y_label: str, height: float) -> float:
    """Give the mm that tick labels and the wrapped title of a y axis take left of the axes."""
    title = text.wrap(y_label, height + 4)
    widest = max((text.width(label, style.SMALL_SIZE) for label in labels), default=0.0)
    return widest + TICK_PAD + (text.height(title) + 1.5 if title else 0.5)


def write_y_label(page: Page, y_label: str, left: float, top: float, height: float) -> None:
    """Write the title of a y axis upwards, its left edge at ``left`` mm."""
    lines = text.wrap(y_label, height + 4)
    place = {"rotation": 90, "ha": "left", "va": "center", "multialignment": "center"}
    page.text(left, top + height / 2, lines, **place)


def write_x_label(page: Page, x_label: str, left: float, width: float) -> None:
    """Write the title of an x axis centred under it at the page's y, and move below it."""
    lines = text.wrap(x_label, width)
    if lines:
        page.text(left + width / 2, page.y, lines, ha="center")
        page.y += text.height(lines) + 1.0


def side_room(lines: Mapping[float, str], most: float = 26.0) -> float:
    """Give the mm that the labels of reference lines take right of the axes."""
    wrapped = [text.wrap(label, most, style.SMALL_SIZE) for label in lines.values()]
    return max((text.width(label, style.SMALL_SIZE) + 2.0 for label in wrapped), default=0.0)


def reference_lines(
    page: Page, axes: Any, lines: Mapping[float, str], right: float, top: float, height: float
) -> None:
    """Draw dashed horizontal lines and write their labels beside the axes, apart from each other.

    ``right`` is the right edge of the axes in mm; the limits of the axes are set before.
    """
    inside = {
        at: label for at, label in lines.items() if axes.get_ylim()[0] <= at <= axes.get_ylim()[1]
    }
    if not inside:
        return
    to_axes = axes.transData + axes.transAxes.inverted()
    values = sorted(inside, reverse=True)
    room = page.width - right - 2.0
    labels = [text.wrap(inside[value], max(room, 10.0), style.SMALL_SIZE) for value in values]
    heights = [text.height(label, style.SMALL_SIZE) for label in labels]
    wanted = [top + height * (1 - float(to_axes.transform((0, value))[1])) for value in values]
    for value, label, middle in zip(values, labels, spread(wanted, heights), strict=True):
        axes.axhline(value, color=style.REFERENCE, linewidth=0.8, linestyle=(0, (4, 2)), zorder=3)
        how = {"size": style.SMALL_SIZE, "color": style.REFERENCE, "va": "center"}
        page.text(right + 1.2, middle, label, **how)


def spread(middles: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Move ascending middles apart, no further than needed, until blocks of these heights do not touch.

    Examples
    --------
    >>> spread([10.0, 10.5, 30.0], [2.0, 2.0, 2.0])
    [9.25, 11.25, 30.0]
    """
    blocks: list[tuple[float, list[float]]] = []
    for middle, height in zip(middles, heights, strict=True):
        blocks.append((middle, [height]))
        while len(blocks) > 1 and _touch(blocks[-2], blocks[-1]):
            (first, above), (second, below) = blocks[-2:]
            share = len(above) / (len(above) + len(below))
            blocks[-2:] = [(first * share + second * (1 - share), above + below)]
    return [at for middle, block in blocks for at in _stack(middle, block)]


def _touch(above: tuple[float, list[float]], below: tuple[float, list[float]]) -> bool:
    return above[0] + sum(above[1]) / 2 > below[0] - sum(below[1]) / 2


def _stack(middle: float, heights: list[float]) -> list[float]:
    tops = middle - sum(heights) / 2 + np.cumsum([0.0, *heights[:-1]])
    return [float(top + height / 2) for top, height in zip(tops, heights, strict=True)]


def fitting_ticks(low: float, high: float, length: float) -> tuple[list[float], list[str]]:
    """Give round values inside ``low`` to ``high`` and labels that fit on an axis ``length`` mm long.

    Examples
    --------
    >>> fitting_ticks(0, 2000, 100)[1]
    ['0', '500', '1,000', '1,500', '2,000']
    """
    for n in range(6, 0, -1):
        ticks = [tick for tick in linear_ticks(low, high, n) if low <= tick <= high]
        labels = texts(ticks)
        widest = max((text.width(label, style.SMALL_SIZE) for label in labels), default=0.0)
        step = length * (ticks[1] - ticks[0]) / (high - low) if len(ticks) > 1 else np.inf
        if step > widest + 1.5:
            break
    return ticks, labels
