"""How much room a text takes, and how it is broken into lines that fit."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

from lesionhet.figures.style import (
    LAST_RESORT,
    LINE_SPACING,
    MM_PER_POINT,
    SMALLEST_SIZE,
    TEXT_SIZE,
    font_families,
)

# A renderer rounds glyphs to pixels; measured on outlines, a line can come out this much narrower.
_SLACK: Final = 1.03
_RELATIONS: Final = "=<>≤≥"
_BREAK_AFTER: Final = "-/_,;:|\u2013"
_LONGEST: Final = 500
"""Characters of a text that a figure shows; the tables beside it have the whole."""


def width(text: str, size: float = TEXT_SIZE, weight: str = "normal") -> float:
    """Give the width of a text in mm, its longest line where it has several.

    Parameters
    ----------
    text
        One or more lines, taken literally.
    size
        Font size in points.
    weight
        ``"normal"`` or ``"bold"``.

    Examples
    --------
    >>> width("mm") > width("i") > width("") == 0
    True
    """
    return max(_line_width(line, size, weight) for line in text.split("\n"))


def height(text: str, size: float = TEXT_SIZE) -> float:
    r"""Give the height of a text in mm, all its lines.

    Examples
    --------
    >>> height("a\nb") == 2 * height("a")
    True
    """
    return (text.count("\n") + 1) * size * LINE_SPACING * MM_PER_POINT


@lru_cache(maxsize=20_000)
def _line_width(line: str, size: float, weight: str) -> float:
    if not line:
        return 0.0
    weight = weight_of(line, weight)
    points, _, _ = text_to_path.get_text_width_height_descent(
        line, _font(size, weight), ismath=False
    )
    return float(points) * MM_PER_POINT * _SLACK


@lru_cache(maxsize=64)
def _font(size: float, weight: str) -> Any:
    return FontProperties(family=list(font_families(weight)), size=size, weight=weight)


def wrap(text: str, room: float, size: float = TEXT_SIZE, weight: str = "normal") -> str:
    r"""Break a text into lines no wider than ``room`` mm; of more than 500 characters the first, and "…".

    Lines are broken at spaces, after hyphens, slashes and commas, between characters of scripts that
    need no spaces, and inside a word only where the word alone is too wide.

    Examples
    --------
    >>> wrap("FOLFOX + bevacizumab", 100)
    'FOLFOX + bevacizumab'
    >>> wrap("FOLFOX + bevacizumab", 18)
    'FOLFOX +\nbevacizumab'
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(_shortened(clean(text))):
        if not line or _line_width((line + piece).rstrip(), size, weight) <= room:
            line += piece
        else:
            lines.append(line.rstrip())
            line = piece
        while len(line) > 1 and _line_width(line.rstrip(), size, weight) > room:
            head = _longest_head(line, room, size, weight)
            lines.append(line[:head])
            line = line[head:]
    return "\n".join([*lines, line.rstrip()])


def longest_word(text: str, size: float = TEXT_SIZE) -> float:
    """Give the width in mm of the widest piece of a text that `wrap` does not break in itself."""
    return max(
        (width(piece.strip(), size) for piece in _pieces(_shortened(clean(text)))), default=0.0
    )


def fit(text: str, room: float, lines: int, size: float = TEXT_SIZE) -> tuple[str, float]:
    """Wrap a text, in a smaller size down to 5 points where it takes more than ``lines`` lines.

    Returns
    -------
    tuple of str and float
        The lines and the font size in points.

    Examples
    --------
    >>> fit("liver", 20, 1)
    ('liver', 7.0)
    """
    while True:
        wrapped = wrap(text, room, size)
        if wrapped.count("\n") < lines or size <= SMALLEST_SIZE:
            return wrapped, size
        size = max(SMALLEST_SIZE, size - 0.4)


def clean(text: str) -> str:
    r"""Put every white space and control character of a label down as one plain space.

    Examples
    --------
    >>> clean("left\tlobe\n")
    'left lobe'
    """
    spaced = "".join(" " if unicodedata.category(char) == "Cc" else char for char in str(text))
    return re.sub(r"\s+", " ", spaced).strip()


def weight_of(words: str, wanted: str) -> str:
    """Give the weight in which all characters of a text can be drawn: the wanted one, or normal.

    Examples
    --------
    >>> weight_of("liver", "bold")
    'bold'
    """
    return wanted if all(_drawable(char, wanted) for char in words if char != "\n") else "normal"


def font(words: str, weight: str) -> dict[str, Any]:
    """Give weight and fonts of a text as matplotlib's keywords."""
    weight = weight_of(words, weight)
    return {"weight": weight, "family": list(font_families(weight))}


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _longest_head(line: str, room: float, size: float, weight: str) -> int:
    head = 1
    while head < len(line) - 1 and _line_width(line[: head + 1], size, weight) <= room:
        head += 1
    return head


def _pieces(text: str) -> list[str]:
    if not text:
        return [""]
    cuts = [
        i
        for i, (left, right) in enumerate(pairwise(text), start=1)
        if _may_break(left, right) and not _in_equation(text, i)
    ]
    return [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]


def _may_break(left: str, right: str) -> bool:
    if right == " " or right in _BREAK_AFTER or right in ")]%.":
        return False
    return left == " " or left in _BREAK_AFTER or (_is_wide(left) and _is_wide(right))


def _in_equation(text: str, cut: int) -> bool:
    """Tell whether a break would part the sides of "n = 12"."""
    return text[cut] in _RELATIONS or (cut > 1 and text[cut - 2] in _RELATIONS)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def warn_of_missing(texts: Iterable[str]) -> None:
    """Warn once of characters that no installed font can draw, and say how to mend it."""
    wanted = {char for text in texts for char in text if char != "\n"}
    missing = sorted(char for char in wanted if not _drawable(char))
    if missing:
        shown = " ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        warnings.warn(
            f"No installed font can draw {len(missing)} character(s) of the labels ({shown}); boxes "
            "stand for them in the figure. Install a font such as Noto Sans CJK.",
            UserWarning,
            stacklevel=3,
        )


@lru_cache(maxsize=10_000)
def _drawable(char: str, weight: str = "normal") -> bool:
    families = [name for name in font_families(weight) if name != LAST_RESORT]
    fonts = (findfont(FontProperties(family=name, weight=weight)) for name in families)
    return any(get_font(path).get_char_index(ord(char)) for path in fonts)
