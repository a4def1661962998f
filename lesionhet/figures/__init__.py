"""Charts to matplotlib figures in the style of a journal. No statistic is computed here.

Figures are made with matplotlib's objects, without pyplot: nothing is kept open, any thread may draw.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure
from matplotlib.text import Text

from lesionhet import charts
from lesionhet.errors import UsageError
from lesionhet.figures import (
    box,
    forest,
    histogram,
    lanes,
    matrix,
    median,
    pair,
    power,
    ratio_curve,
    share,
    specification,
    style,
    survival,
    text,
    trajectory,
    waterfall,
)
from lesionhet.figures.pdf_fonts import common_letters
from lesionhet.figures.places import with_study_colors

__all__ = ["draw", "render", "save", "with_study_colors"]

_DRAWN_BY: Final[Mapping[type[charts.Chart], Callable[[Any], Figure]]] = {
    charts.SurvivalChart: survival.draw,
    charts.ForestChart: forest.draw,
    charts.BoxChart: box.draw,
    charts.MedianChart: median.draw,
    charts.ShareChart: share.draw,
    charts.WaterfallChart: waterfall.draw,
    charts.TrajectoryChart: trajectory.draw,
    charts.HistogramChart: histogram.draw,
    charts.PhaseLanesChart: lanes.draw,
    charts.PairChart: pair.draw,
    charts.MatrixChart: matrix.draw,
    charts.PowerChart: power.draw,
    charts.RatioCurveChart: ratio_curve.draw,
    charts.SpecificationChart: specification.draw,
}
_MOST_PIXELS: Final = 30_000
COMPRESSION: Final = 3
"""Of PNGs, of 9; the 6 of matplotlib takes half as long again for a seventh less."""


def draw(chart: charts.Chart) -> Figure:
    """Draw a chart.

    Parameters
    ----------
    chart
        Any chart of `lesionhet.charts`. Its caption is not drawn: it belongs below the figure.

    Returns
    -------
    matplotlib.figure.Figure
        At its printed size, 85 to 175 mm wide, title on top. Text of the chart is drawn literally,
        never as a formula.

    Raises
    ------
    UsageError
        Not a chart.
    LesionhetError
        The chart has nothing to draw, or its tables do not fit together; the message names both.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"panel": "OS", "label": ["distance"], "estimate": [1.2],
    ...                      "conf_low": [1.1], "conf_high": [1.3], "p_value": [0.001]})
    >>> figure = draw(charts.ForestChart("Hazard ratios", "", rows))
    >>> round(25.4 * figure.get_figwidth())
    175
    """
    if type(chart) not in _DRAWN_BY:
        raise UsageError(
            f"draw: {type(chart).__name__} is no chart; permitted: "
            f"{', '.join(kind.__name__ for kind in _DRAWN_BY)}."
        )
    with style.styled():
        figure = _DRAWN_BY[type(chart)](chart)
        text.warn_of_missing(item.get_text() for item in figure.findobj(Text))
    return figure


def save(figure: Figure, folder: str | Path, stem: str) -> tuple[Path, Path, Path]:
    """Write a figure as SVG, as PNG at 300 dots per inch and as PDF.

    Parameters
    ----------
    figure
        What `draw` gave.
    folder
        Where the three files go; it is made where it is missing.
    stem
        File name without its ending.

    Returns
    -------
    tuple of Path
        The SVG, the PNG and the PDF. The same chart gives the same bytes: names inside the files are
        fixed and no date is written. Letters are outlines in the SVG and embedded fonts in the PDF.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save(Figure(), folder, "2C")]
    ['2C.svg', '2C.png', '2C.pdf']
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    svg, png, pdf = (target / f"{stem}.{ending}" for ending in ("svg", "png", "pdf"))
    # One change of matplotlib's settings for the three, which takes a while.
    with style.styled():
        for path, kind in ((svg, "svg"), (png, "png"), (pdf, "pdf")):
            path.write_bytes(_rendered(figure, kind))
    return svg, png, pdf


def render(figure: Figure, kind: str) -> bytes:
    """Give a figure as the bytes of a file.

    Parameters
    ----------
    figure
        What `draw` gave.
    kind
        ``"svg"``, ``"png"`` (300 dots per inch) or ``"pdf"``.

    Raises
    ------
    UsageError
        Another kind.

    Examples
    --------
    >>> render(Figure(), "png")[1:4]
    b'PNG'
    """
    if kind not in _PLAIN:
        raise UsageError(f"kind is {kind!r}; permitted: {', '.join(map(repr, _PLAIN))}.")
    with style.styled():
        return _rendered(figure, kind)


def _rendered(figure: Figure, kind: str) -> bytes:
    """Do the same where the house style is set."""
    metadata = {**_PLAIN[kind], "Title": str(figure.get_label())}
    dpi = min(style.DPI, _MOST_PIXELS / max(figure.get_size_inches()))
    buffer = io.BytesIO()
    how: dict[str, Any] = {"pil_kwargs": {"compress_level": COMPRESSION}} if kind == "png" else {}
    with common_letters():
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata, **how)
    return buffer.getvalue()


_PLAIN: Final[Mapping[str, Mapping[str, None]]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What Matplotlib would write into a file, left away: the same chart gives the same bytes."""
