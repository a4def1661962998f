"""Tables and figures as files that a person takes home, made in memory."""

from __future__ import annotations

import io
from typing import Final, Literal

import pandas as pd

from lesionhet.charts import Chart
from lesionhet.study import Study

Kind = Literal["svg", "pdf", "png"]
KINDS: Final[tuple[Kind, ...]] = ("svg", "pdf", "png")
MIME: Final = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


def csv_bytes(table: pd.DataFrame) -> bytes:
    r"""Give a table as CSV under the rules of `lesionhet.report.tables.write_csv`.

    Examples
    --------
    >>> csv_bytes(pd.DataFrame({"site": ["=1+1"], "n": [2.0]}))
    b"site,n\n'=1+1,2\n"
    """
    from lesionhet.report.tables import write_csv

    text = io.StringIO()
    write_csv(table, text)
    return text.getvalue().encode()


def picture(chart: Chart, study: Study, kind: Kind) -> bytes:
    """Draw the journal figure of a chart.

    Parameters
    ----------
    chart
        What is shown.
    study
        Decides the colours, as in the report.
    kind
        ``"svg"``, ``"pdf"`` or ``"png"`` (300 dots per inch).

    Raises
    ------
    LesionhetError
        The chart has nothing to draw.
    """
    from lesionhet.figures import draw, render, with_study_colors

    return render(draw(with_study_colors(chart, study)), kind)
