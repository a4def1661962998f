"""A sheet laid out in millimetres from the top, so that every text gets the room it measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from lesionhet.charts import Chart
from lesionhet.figures import style, text

MARGIN: Final = 2.5
HALO: Final = (withStroke(linewidth=2, foreground="white"),)
"""Path effects of text that may lie on curves or points."""
_HANDLES: Final = {"line": 7.0, "point": 4.0, "patch": 4.5}
_HANDLE_GAP: Final = 1.5
_COLUMN_GAP: Final = 4.0
_ABOVE: Final = {"top": 0.0, "center": 0.5, "bottom": 1.0}
_BASELINE: Final = 0.95
"""From the top of a line to its baseline, in font sizes."""


@dataclass(frozen=True)
class Entry:
    """One entry of a legend: its label and how it is drawn."""

    label: str
    color: str
    kind: Literal["line", "patch", "point"] = "patch"
    line_style: Any = "solid"
    marker: str = ""


class Page:
    """A figure under construction: blocks are placed from top to bottom, then it is finished.

    Parameters
    ----------
    chart
        Its title is drawn at the top.
    width
        Width of the figure in mm.

    Attributes
    ----------
    y
        Where the next block begins, mm from the top.
    """

    def __init__(self, chart: Chart, width: float) -> None:
        self.width = width
        self.y = MARGIN
        self.figure = Figure(figsize=(width / style.MM_PER_INCH, 1.0), facecolor="white")
        self.figure.set_label(text.clean(chart.title))
        self._sheet = self.figure.add_axes((0, 0, 1, 1), label="sheet", zorder=5)
        self._sheet.set_axis_off()
        # Ticks that nobody sees would be made all the same.
        self._sheet.set(xticks=[], yticks=[])
        self._sheet.set_xlim(0, width)
        self._placed: list[tuple[Any, float, float, float, float]] = []
        self._write_title(chart.title)

    def _write_title(self, title: str) -> None:
        lines = text.wrap(title, self.width - 2 * MARGIN, style.TITLE_SIZE, "bold")
        if lines:
            self.text(MARGIN, self.y, lines, size=style.TITLE_SIZE, weight="bold")
            self.y += text.height(lines, style.TITLE_SIZE) + 1.5

    def text(self, x: float, y: float, lines: str, **how: Any) -> None:
        """Write text at x, y in mm, its lines as high as `text.height` says.

        Parameters
        ----------
        x, y
            Left edge and top, unless ``ha`` or ``va`` say otherwise.
        lines
            One or more lines.
        **how
            Matplotlib's text keywords; ``va`` is "top", "center" or "bottom".
        """
        size = how.setdefault("size", style.TEXT_SIZE)
        how |= text.font(lines, how.pop("weight", "normal"))
        how.setdefault("va", "top")
        if how.get("rotation"):
            self._sheet.text(x, y, lines, linespacing=1.1, **how)
            return
        # Line by line on the baseline: matplotlib's own block starts at the tallest letter in it, so
        # that labels side by side would not stand on one line.
        top = y - text.height(lines, size) * _ABOVE[how.pop("va")]
        step = text.height("x", size)
        for place, line in enumerate(lines.split("\n")):
            baseline = top + place * step + _BASELINE * size * style.MM_PER_POINT
            self._sheet.text(x, baseline, line, va="baseline", **how)

    def line(self, x: Sequence[float], y: Sequence[float], **how: Any) -> None:
        """Draw a line through points in mm."""
        settings: dict[str, Any] = {
            "color": style.INK,
            "linewidth": 0.6,
            "scalex": False,
            "scaley": False,
        } | how
        self._sheet.plot(x, y, **settings)

    def axes(self, left: float, top: float, width: float, height: float, **how: Any) -> Any:
        """Add axes at a place in mm, with the left and the bottom spine only."""
        axes = self.figure.add_axes((0, 0, 1, 1), label=f"axes {len(self._placed)}", **how)
        axes.spines[["top", "right"]].set_visible(False)
        self._placed.append((axes, left, top, width, height))
        return axes

    def legend(self, entries: Sequence[Entry], left: float, title: str = "") -> None:
        """Write a legend in as many columns as fit from ``left`` to the right margin."""
        room = self.width - left - MARGIN
        if title:
            lines = text.wrap(title, room)
            self.text(left, self.y, lines, color=style.MUTED)
            self.y += text.height(lines)
        indents = [_HANDLES[entry.kind] + _HANDLE_GAP for entry in entries]
        labels = [
            text.wrap(entry.label, room - indent)
            for entry, indent in zip(entries, indents, strict=True)
        ]
        widths = [indent + text.width(label) for indent, label in zip(indents, labels, strict=True)]
        column = max(widths) + _COLUMN_GAP
        columns = max(1, int((room + _COLUMN_GAP) // column))
        for start in range(0, len(entries), columns):
            row = list(zip(entries, labels, strict=True))[start : start + columns]
            for place, (entry, label) in enumerate(row):
                self._legend_entry(left + place * column, entry, label)
            self.y += max(text.height(label) for _, label in row) + 0.4
        self.y += 1.2

    def _legend_entry(self, x: float, entry: Entry, label: str) -> None:
        middle, wide = self.y + text.height("x") / 2, _HANDLES[entry.kind]
        if entry.kind == "patch":
            box = ((x, x + wide), (middle - 1.1,) * 2, (middle + 1.1,) * 2)
            self._sheet.fill_between(*box, color=entry.color, linewidth=0)
        else:
            ends = [x, x + wide] if entry.kind == "line" else [x + wide / 2]
            how = {"linestyle": entry.line_style, "marker": entry.marker, "markersize": 3}
            width = 1.4 if entry.kind == "line" else 0
            self.line(ends, [middle] * len(ends), color=entry.color, linewidth=width, **how)
        self.text(x + wide + _HANDLE_GAP, self.y, label)

    def notes(self, notes: Sequence[str]) -> None:
        """Write what a reader must know of the drawing itself, small, below everything."""
        for note in notes:
            lines = text.wrap(note, self.width - 2 * MARGIN, style.SMALL_SIZE)
            self.text(MARGIN, self.y, lines, size=style.SMALL_SIZE, color=style.MUTED)
            self.y += text.height(lines, style.SMALL_SIZE) + 0.5

    def finish(self) -> Any:
        """Set the height to what was used, put all axes in their places, give the figure."""
        height = self.y + MARGIN
        self.figure.set_size_inches(self.width / style.MM_PER_INCH, height / style.MM_PER_INCH)
        self._sheet.set_ylim(height, 0)
        for axes, left, top, wide, high in self._placed:
            bottom = 1 - (top + high) / height
            axes.set_position((left / self.width, bottom, wide / self.width, high / height))
        return self.figure
