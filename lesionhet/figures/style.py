"""The one style: sizes, fonts and colours. The same thing has the same colour in every figure."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.colors import to_hex, to_rgb

from lesionhet.charts import Palette
from lesionhet.schema import PHASES

MM_PER_INCH: Final = 25.4
MM_PER_POINT: Final = MM_PER_INCH / 72
WIDTH: Final = 175.0
"""Two columns of a journal, mm."""
MEDIUM_WIDTH: Final = 125.0
"""One and a half columns, mm; still readable when printed at one column, 85 mm."""
DPI: Final = 300

TITLE_SIZE: Final = 8.5
TEXT_SIZE: Final = 7.0
SMALL_SIZE: Final = 6.2
SMALLEST_SIZE: Final = 5.0
LINE_SPACING: Final = 1.2

INK: Final = "#1A1A1A"
MUTED: Final = "#5F5F5F"
POINT: Final = "#8A8A8A"
MARK: Final = "#D7191C"
"""The chosen patient, and nothing else."""
REFERENCE: Final = "#7B3294"
"""Dashed reference lines."""

PHASE_COLORS: Final = dict(zip(PHASES, ("#E69F00", "#009E73", "#0072B2"), strict=True))
"""Response orange, stable green, relapse blue (Okabe and Ito 2008)."""

# Neighbours and every pair of the first eight stay apart with normal, protan, deutan and tritan vision
# (the tests measure it); none is near the red of MARK.
_BASE: Final[dict[str, tuple[str, ...]]] = {
    "group": (
        *("#2A9D8F", "#E0A526", "#882255", "#332288", "#B3A6DA", "#661100", "#7FB069", "#0072B2"),
        "#6F4E37",
    ),
    "site": (
        *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#661100", "#444444", "#332288", "#33BBEE"),
        "#D4A5A5",
    ),
    "arm": (
        *("#332288", "#CC6677", "#117733", "#33BBEE", "#C9A227", "#0B3D2E", "#AA4499", "#661100"),
        *("#7FB069", "#D9A0C7"),
    ),
    "phase": (*PHASE_COLORS.values(), "#CC79A7", "#444444", "#56B4E9", "#661100", "#999999"),
}
_COUNT_ENDS: Final = ("#D3E4F3", "#7FB2D9", "#3579B1", "#173F6D", "#0A1B33")

LINE_STYLES: Final[tuple[Any, ...]] = (
    "solid",
    (0, (5, 1.6)),
    (0, (5, 1.4, 1.2, 1.4)),
    (0, (1.2, 1.2)),
    (0, (8, 2)),
    (0, (3, 1.2, 1, 1.2, 1, 1.2)),
)
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")

# Fonts beyond the one that comes with matplotlib, for the scripts it lacks; used where installed.
_FALLBACK_FONTS: Final = (
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans JP", "Noto Sans SC"),
    *("Source Han Sans", "IPAexGothic", "IPAGothic", "Hiragino Sans", "Yu Gothic", "MS Gothic"),
    *(
        "Microsoft YaHei",
        "PingFang SC",
        "Malgun Gothic",
        "WenQuanYi Zen Hei",
        "Droid Sans Fallback",
    ),
    *("Noto Sans Devanagari", "Noto Sans Thai", "Noto Sans Bengali", "Arial Unicode MS"),
)
LAST_RESORT: Final = "Last Resort High-Efficiency"

_LOCK = threading.RLock()


@lru_cache(maxsize=2)
def font_families(weight: str = "normal") -> tuple[str, ...]:
    """Give the installed fonts of one weight in the order in which a character is looked for."""
    wanted = font_manager.weight_dict[weight]
    fonts = font_manager.fontManager.ttflist
    installed = {font.name for font in fonts if font.weight in (weight, wanted)}
    return ("DejaVu Sans", *(name for name in (*_FALLBACK_FONTS, LAST_RESORT) if name in installed))


@lru_cache(maxsize=1)
def _settings() -> dict[str, Any]:
    defaults = {k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith("backend")}
    return defaults | {
        "font.family": list(font_families()),
        "font.size": TEXT_SIZE,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "axes.unicode_minus": True,
        "axes.xmargin": 0.0,
        "axes.ymargin": 0.0,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": SMALL_SIZE,
        "ytick.labelsize": SMALL_SIZE,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "lines.solid_capstyle": "butt",
        "svg.fonttype": "path",
        "svg.hashsalt": "lesionhet",
        # Whole outlines, not drawing procedures: journals and editors of vector graphics ask for it.
        "pdf.fonttype": 42,
        "savefig.dpi": DPI,
        "figure.dpi": DPI,
    }


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the house style, whatever the caller's settings are, and put those back afterwards.

    matplotlib's settings are global, so one thread draws at a time.
    """
    with _LOCK, mpl.rc_context(_settings()):
        yield


def colors(
    palette: Palette, order: tuple[str, ...], places: Mapping[str, int] | None = None
) -> dict[str, str]:
    """Give the fixed colour of each category.

    Parameters
    ----------
    palette
        ``"group"``, ``"site"``, ``"arm"``: by position, in lighter tints when the palette is used up.
        ``"phase"``: by name where it is one. ``"count"``: light to dark over all positions.
    order
        Categories, 1 or more.
    places
        Category -> its place in the palette; others get the first places that are free. Not used by
        ``"count"``.

    Returns
    -------
    dict
        Category -> colour as ``#rrggbb``.

    Examples
    --------
    >>> colors("phase", ("relapse", "response"))
    {'relapse': '#0072B2', 'response': '#E69F00'}
    >>> colors("site", ("lung",), {"lung": 1}) == {"lung": colors("site", ("liver", "lung"))["lung"]}
    True
    """
    if palette == "count":
        return dict(zip(order, _ramp(len(order)), strict=True))
    base = _BASE[palette]
    by_position = {
        name: tint(base[i % len(base)], 1 - 0.45 * (i // len(base) % 2))
        for name, i in palette_places(order, places or {}).items()
    }
    if palette != "phase":
        return by_position
    return {name: PHASE_COLORS.get(name.lower(), color) for name, color in by_position.items()}


def palette_places(order: tuple[str, ...], known: Mapping[str, int]) -> dict[str, int]:
    """Give each category its place in a palette: the known one, else the first that is free.

    Examples
    --------
    >>> palette_places(("a", "b", "c"), {"b": 0})
    {'a': 1, 'b': 0, 'c': 2}
    """
    taken = {known[name] for name in order if name in known}
    free = (place for place in count() if place not in taken)
    return {name: known[name] if name in known else next(free) for name in order}


def _ramp(n: int) -> list[str]:
    ends = np.array([to_rgb(color) for color in _COUNT_ENDS])
    # Few levels need no near-black to be told apart.
    last = min(len(ends) - 1, 1.5 + n / 2)
    at = np.linspace(0, last, max(n, 2))[:n]
    channels = [np.interp(at, np.arange(len(ends)), ends[:, k]) for k in range(3)]
    return [to_hex(color).upper() for color in np.stack(channels, axis=1)]


def tint(color: str, strength: float) -> str:
    """Mix a colour with white; ``strength`` 1 is the colour itself, 0 is white.

    Examples
    --------
    >>> tint("#000000", 0.0)
    '#FFFFFF'
    """
    mixed = 1 - strength * (1 - np.array(to_rgb(color)))
    return str(to_hex(mixed)).upper()


def readable(color: str) -> str:
    """Darken a colour until text in it has a contrast of 4.5 to 1 on white (WCAG 2.1, level AA).

    Examples
    --------
    >>> readable("#000000")
    '#000000'
    """
    rgb = np.array(to_rgb(color))
    while 1.05 / (_luminance(rgb) + 0.05) < 4.5:
        rgb = rgb * 0.95
    return str(to_hex(rgb)).upper()


def text_on(color: str) -> str:
    """Give black or white, whichever reads better on the colour.

    Examples
    --------
    >>> text_on("#FFFFFF"), text_on("#000000")
    ('#1A1A1A', '#FFFFFF')
    """
    return INK if _luminance(np.array(to_rgb(color))) > 0.2 else "#FFFFFF"


def _luminance(rgb: Any) -> float:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
