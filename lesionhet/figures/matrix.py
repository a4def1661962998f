"""Correlations of every pair as a triangle of coloured cells, each with its number."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb

from lesionhet.charts import MatrixChart
from lesionhet.errors import LesionhetError
from lesionhet.figures import check, style, text
from lesionhet.figures.page import MARGIN, Page

# Blue and orange keep apart with every kind of colour vision; white is no correlation.
_COLORS: Final = LinearSegmentedColormap.from_list(
    "correlation", ["#1F4E8C", "#8DB4DC", "#FFFFFF", "#F2B27A", "#B35806"]
)
_SCALE: Final = Normalize(-1.0, 1.0)
_HIGH: Final = 6.6
_WIDEST: Final = 12.0
_LABEL_ROOM: Final = 58.0
_BAR: Final = (45.0, 2.6)
_DARK: Final = 0.45
"""Luminance below which a cell's number is white."""


def draw(chart: MatrixChart) -> Any:
    """Draw the lower half of a correlation matrix.

    Parameters
    ----------
    chart
        What is drawn. Rows and columns are numbered; a pair without a value stays empty.

    Returns
    -------
    matplotlib.figure.Figure
        175 mm wide.

    Raises
    ------
    LesionhetError
        Fewer than two in ``order``, a name that it lacks, a pair twice, or a value beyond -1 to 1.
    """
    cells = check.table(chart, "cells", ("row", "column", "value"))
    check.order(chart, "order", chart.order, {*cells["row"], *cells["column"]})
    if len(chart.order) < 2:
        raise LesionhetError(f"{check.name_of(chart)}: 'order' has one name; a pair needs two.")
    values = _square(chart, cells)
    page = Page(chart, style.WIDTH)
    labels = [
        text.wrap(f"{place}  {name}", _LABEL_ROOM)
        for place, name in enumerate(chart.order, start=1)
    ]
    left = MARGIN + max(text.width(label) for label in labels) + 2.0
    n = len(chart.order)
    wide = min((page.width - left - MARGIN) / (n - 1), _WIDEST)
    _draw_bar(page, chart.legend)
    heights = [max(_HIGH, text.height(label) + 1.2) for label in labels]
    top = page.y
    _draw_cells(page, values, left, top, wide, heights)
    for place, label in enumerate(labels):
        middle = top + sum(heights[:place]) + heights[place] / 2
        page.text(MARGIN, middle, label, va="center")
    page.y = top + sum(heights) + 1.0
    for place in range(n - 1):
        page.text(left + (place + 0.5) * wide, page.y, str(place + 1), ha="center")
    page.y += text.height("0") + 0.5
    return page.finish()


def _square(chart: MatrixChart, cells: Any) -> Any:
    place = {name: k for k, name in enumerate(chart.order)}
    found = np.full((len(place),) * 2, np.nan)
    for row, column, value in cells[["row", "column", "value"]].itertuples(index=False):
        low, high = sorted((place[row], place[column]))
        if not np.isnan(found[high, low]):
            raise LesionhetError(
                f"{check.name_of(chart)}: table 'cells' has '{row}' and '{column}' twice."
            )
        if abs(value) > 1:
            raise LesionhetError(
                f"{check.name_of(chart)}: '{row}' and '{column}' have {value}; -1 to 1 is permitted."
            )
        found[high, low] = value
    return found


def _draw_cells(
    page: Page, values: Any, left: float, top: float, wide: float, heights: list[float]
) -> None:
    n = len(values)
    axes = page.axes(left, top, wide * (n - 1), sum(heights))
    axes.set_axis_off()
    axes.set_xlim(0, n - 1)
    axes.set_ylim(sum(heights), 0)
    edges = np.r_[0.0, np.cumsum(heights)]
    for row in range(1, n):
        for column in range(row):
            value = values[row, column]
            if np.isnan(value):
                continue
            color = _COLORS(_SCALE(value))
            axes.fill_between(
                [column, column + 1],
                edges[row],
                edges[row + 1],
                facecolor=color,
                edgecolor="white",
                linewidth=0.8,
            )
            ink = "white" if np.dot(to_rgb(color), (0.299, 0.587, 0.114)) < _DARK else style.INK
            middle = (edges[row] + edges[row + 1]) / 2
            how = {"ha": "center", "va": "center", "size": style.SMALL_SIZE, "color": ink}
            axes.text(column + 0.5, middle, _number(value), **how)


def _number(value: float) -> str:
    """Print a correlation with two decimals and a true minus.

    Examples
    --------
    >>> _number(-0.456), _number(0.001)
    ('\u22120.46', '0.00')
    """
    shown = f"{value:.2f}"
    return "0.00" if shown == "-0.00" else shown.replace("-", "\u2212")


def _draw_bar(page: Page, legend: str) -> None:
    """Draw the scale of the colours, its name before it."""
    width, high = _BAR
    page.text(MARGIN, page.y + high / 2, legend, va="center")
    left = MARGIN + text.width(legend) + 5.0
    axes = page.axes(left, page.y, width, high)
    axes.set_axis_off()
    axes.imshow(np.linspace(-1, 1, 101)[None, :], cmap=_COLORS, norm=_SCALE, aspect="auto")
    axes.set_xlim(-0.5, 100.5)
    page.text(left - 1.0, page.y + high / 2, "\u22121", va="center", ha="right")
    page.text(left + width + 1.0, page.y + high / 2, "1", va="center")
    page.y += high + 2.5
