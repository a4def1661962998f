"""The files of one analysis: its tables as CSV, its charts as SVG, PNG and PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lesionhet.analyses.base import AnalysisResult
from lesionhet.charts import Chart
from lesionhet.errors import LesionhetError
from lesionhet.outcome import Outcome
from lesionhet.report.beside import Beside, besides
from lesionhet.report.tables import write_csv

TABLES: Final = "tables"
FIGURES: Final = "figures"


@dataclass(frozen=True, eq=False)
class Picture:
    """One figure on disk; the three paths are relative to the report's folder."""

    chart: Chart
    svg: str
    png: str
    pdf: str


@dataclass(frozen=True, eq=False)
class Section:
    """What was written of one analysis.

    Parameters
    ----------
    result
        The analysis.
    tables
        Table name -> path of its CSV, relative to the report's folder.
    pictures
        Its figures.
    left_out
        Parts that could not be made, each with the reason.
    besides
        Its numbers in both languages.
    """

    result: AnalysisResult
    tables: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    left_out: tuple[str, ...] = ()
    besides: tuple[Beside, ...] = ()


def write_section(
    outcome: Outcome, result: AnalysisResult, folder: Path, *, figures: bool = True
) -> Section:
    """Write the tables and figures of one analysis.

    Parameters
    ----------
    outcome
        The run.
    result
        One analysis of it; nothing is written for one that was skipped.
    folder
        The report's folder with ``tables`` and ``figures`` in it.
    figures
        Whether its figures are drawn.
    """
    if result.status == "skipped":
        return Section(result)
    tables = {}
    for name, table in result.shown.tables.items():
        tables[name] = f"{TABLES}/{result.id}_{name}.csv"
        write_csv(table, folder / tables[name])
    pictures, missing = [], list(result.shown.left_out)
    for name, chart in result.shown.charts.items() if figures else ():
        try:
            pictures.append(_write_picture(outcome, chart, folder, f"{result.id}_{name}"))
        except LesionhetError as error:
            # One chart without data must not cost the reader the rest.
            missing.append(f"Figure '{name}' left out: {error}")
    both = tuple(besides(outcome, result))
    return Section(result, tables, tuple(pictures), tuple(missing), both)


def _write_picture(outcome: Outcome, chart: Chart, folder: Path, stem: str) -> Picture:
    # Here, so that checking a target before a long run does not load matplotlib.
    from lesionhet.figures import draw, save, with_study_colors

    paths = save(draw(with_study_colors(chart, outcome.study)), folder / FIGURES, stem)
    return Picture(chart, *(f"{FIGURES}/{path.name}" for path in paths))
