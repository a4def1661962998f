"""Categories side by side on an x axis: their labels, numbers and brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lesionhet.figures import style, text
from lesionhet.figures.page import MARGIN, Page

_UPRIGHT_LINES: Final = 4
_TURNED_ROOM: Final = 42.0
_BRACKET: Final = 4.6
_NARROWEST: Final = 85.0


@dataclass(frozen=True)
class Slots:
    """Equal slots along an x axis: left edge of the axes and width of one slot, in mm.

    Parameters
    ----------
    order
        Categories from left to right; the middle of the i-th is at x = i of the axes.
    left, width
        Left edge of the axes and width of one slot, mm.
    """

    order: tuple[str, ...]
    left: float
    width: float

    def middle(self, place: float) -> float:
        """Give the middle of a slot in mm."""
        return self.left + (place + 0.5) * self.width


def page_width(n: int) -> float:
    """Give the width in mm of a page for so many categories, from one column to two.

    Examples
    --------
    >>> page_width(2), page_width(4), page_width(15)
    (85.0, 110.0, 175.0)
    """
    return min(style.WIDTH, max(_NARROWEST, 30.0 + 20.0 * n))


def write_names(page: Page, slots: Slots) -> None:
    """Write the categories below the axes, turned where they do not fit, and move below them."""
    page.y += 1.2
    room = slots.width - 1.5
    upright = all(text.longest_word(name, style.SMALL_SIZE) <= room for name in slots.order)
    wrapped = [text.fit(name, room, _UPRIGHT_LINES, style.SMALL_SIZE) for name in slots.order]
    if upright and all(lines.count("\n") < _UPRIGHT_LINES for lines, _ in wrapped):
        for place, (lines, size) in enumerate(wrapped):
            page.text(slots.middle(place), page.y, lines, size=size, ha="center")
        page.y += max(text.height(lines, size) for lines, size in wrapped) + 0.8
        return
    most = max(1, int(room / text.height("x", style.SMALL_SIZE)))
    turned = [text.fit(name, _TURNED_ROOM, most, style.SMALL_SIZE) for name in slots.order]
    for place, (lines, size) in enumerate(turned):
        how = {"ha": "center", "rotation": 90, "multialignment": "right"}
        page.text(slots.middle(place), page.y, lines, size=size, **how)
    page.y += max(text.width(lines, size) for lines, size in turned) + 1.2


def write_counts(page: Page, slots: Slots, counts: Sequence[str]) -> None:
    """Write a row of group sizes with its heading "n", and move below it."""
    small: dict[str, Any] = {"size": style.SMALL_SIZE, "color": style.MUTED}
    page.text(max(MARGIN, slots.left - 4.0), page.y, "n", **small)
    for place, count in enumerate(counts):
        lines, size = text.fit(count, slots.width - 0.8, 1, style.SMALL_SIZE)
        page.text(slots.middle(place), page.y, lines, ha="center", **(small | {"size": size}))
    page.y += text.height("0", style.SMALL_SIZE) + 0.8


def brackets(page: Page, slots: Slots, pairs: Mapping[tuple[int, int], str]) -> None:
    """Draw a bracket with its text over each pair of slots, and move to below the lowest bracket.

    Parameters
    ----------
    page
        The page; brackets begin at its y.
    slots
        Where the categories are.
    pairs
        Positions of the two categories -> text, the shortest bracket drawn lowest.
    """
    if not pairs:
        return
    levels: list[list[tuple[float, float]]] = []
    placed = []
    for (first, second), label in sorted(
        pairs.items(), key=lambda item: abs(item[0][1] - item[0][0])
    ):
        span = sorted((slots.middle(first), slots.middle(second)))
        half = text.width(label, style.SMALL_SIZE) / 2 + 0.5
        middle = min(max(sum(span) / 2, MARGIN + half), page.width - MARGIN - half)
        taken = (min(span[0], middle - half), max(span[1], middle + half))
        level = _free_level(levels, taken)
        placed.append((level, span, middle, label))
    bottom = page.y + _BRACKET * len(levels)
    for level, span, middle, label in placed:
        y = bottom - _BRACKET * level - 1.0
        page.line([span[0], span[0], span[1], span[1]], [y + 0.9, y, y, y + 0.9], linewidth=0.5)
        page.text(middle, y - 0.2, label, size=style.SMALL_SIZE, ha="center", va="bottom")
    page.y = bottom + 0.5


def _free_level(levels: list[list[tuple[float, float]]], span: tuple[float, float]) -> int:
    for level, taken in enumerate(levels):
        if all(span[1] + 0.6 < low or high + 0.6 < span[0] for low, high in taken):
            taken.append(span)
            return level
    levels.append([span])
    return len(levels) - 1
