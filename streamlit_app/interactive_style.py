"""Colours and axes of the interactive charts: those of the journal figures, readable on light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from lesionhet.charts import Chart
from lesionhet.figures import style
from lesionhet.schema import PHASES

alt.data_transformers.disable_max_rows()

DARK_PAPER: Final = "#0E1117"
LIGHT_PAPER: Final = "#FFFFFF"
CONTRAST: Final = 3.0
"""Least contrast of a line or a bar to the page (WCAG 2.1, graphical objects)."""
LABEL_LIMIT: Final = 260
"""Pixels; longer labels are cut with three dots and whole in the tooltip."""


@dataclass(frozen=True)
class Look:
    """How the page looks now.

    Parameters
    ----------
    dark
        Whether its background is dark.
    """

    dark: bool = False

    @property
    def ink(self) -> str:
        """Colour of what is neither group nor phase."""
        return "#E8E8E8" if self.dark else style.INK

    @property
    def muted(self) -> str:
        """Colour of what stands back."""
        return "#9AA0A6" if self.dark else style.MUTED

    def readable(self, color: str) -> str:
        """Lighten a colour on a dark page, or darken it on a light one, until it can be seen.

        Examples
        --------
        >>> Look(dark=True).readable("#FFFFFF"), Look(dark=False).readable("#332288")
        ('#FFFFFF', '#332288')
        """
        paper = DARK_PAPER if self.dark else LIGHT_PAPER
        found, strength = color, 1.0
        while contrast(found, paper) < CONTRAST and strength > 0:
            strength -= 0.05
            found = style.tint(color, strength) if self.dark else _shade(color, strength)
        return found


def contrast(first: str, second: str) -> float:
    """Give the contrast of two colours, 1 to 21 (WCAG 2.1).

    Examples
    --------
    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    low, high = sorted((_luminance(first), _luminance(second)))
    return round((high + 0.05) / (low + 0.05), 6)


def group_scale(
    chart: Chart, order: Sequence[str], look: Look, *, lines: bool = False
) -> alt.Scale:
    """Give the scale that colours the categories of a chart as its journal figure does.

    Parameters
    ----------
    chart
        With its colours.
    order
        Categories.
    look
        How the page looks.
    lines
        Whether thin lines are drawn: they are darkened on a light page as well.
    """
    palette: Any = getattr(chart, "palette", "group")
    return scale_of(style.colors(palette, tuple(order), chart.colors), look, order, lines=lines)


def phase_scale(look: Look) -> alt.Scale:
    """Give the scale of the three phases."""
    return scale_of(style.PHASE_COLORS, look, PHASES)


def scale_of(
    found: Mapping[str, str], look: Look, order: Sequence[str], *, lines: bool = False
) -> alt.Scale:
    """Give the scale of named colours; filled areas keep them on a light page."""
    shown = {key: look.readable(found[key]) if look.dark or lines else found[key] for key in order}
    return alt.Scale(domain=list(order), range=[shown[key] for key in order])


def legend(columns: int = 2, title: str | None = None) -> alt.Legend:
    """Give a legend below the chart, where it also fits on a phone."""
    return alt.Legend(
        orient="bottom", columns=columns, title=title, labelLimit=LABEL_LIMIT, symbolLimit=0
    )


def titled(chart: Any, height: int = 360) -> Any:
    """Give a chart its height; its title stands above it on the page, where it is text."""
    return chart.properties(height=height)


def wrapped(letters: int) -> str:
    """Give the rule by which an axis breaks long names at their spaces, after so many letters.

    It works in the reader's browser: the names themselves are no part of the rule.
    """
    return rf"split(replace(datum.label, regexp('(.{{{letters},}}?)\\s', 'g'), '$1\n'), '\n')"


def lines_at(values: Mapping[float, str], look: Look, axis: str = "y") -> list[Any]:
    """Give dashed reference lines with their labels in the tooltip and beside the line."""
    if not values:
        return []
    data = alt.InlineData(values=[{"at": float(at), "label": text} for at, text in values.items()])
    place = {axis: alt.Y("at:Q") if axis == "y" else alt.X("at:Q")}
    tooltip = [alt.Tooltip("label:N", title="Line"), alt.Tooltip("at:Q", title="At")]
    rule = alt.Chart(data).mark_rule(color=look.muted, strokeDash=[5, 4], size=1.5)
    return [rule.encode(tooltip=tooltip, **place)]


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _shade(color: str, strength: float) -> str:
    parts = [round(int(color[at : at + 2], 16) * strength) for at in (1, 3, 5)]
    return "#" + "".join(f"{part:02X}" for part in parts)
