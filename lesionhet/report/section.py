"""The files of one analysis: its tables as CSV, its charts as SVG, PNG and PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from lesionhet.analyses.base import AnalysisResult
from lesionhet.charts import Chart
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


def write_section(outcome: Outcome, result: AnalysisResult, folder: Path) -> Section:
    """Write the tables of one analysis; its figures are drawn by `lesionhet.report.drawing`.

    Parameters
    ----------
    outcome
        The run.
    result
        One analysis of it; nothing is written for one that was skipped.
    folder
        The report's folder with ``tables`` in it.
    """
    if result.status == "skipped":
        return Section(result)
    tables = {}
    for name, table in result.shown.tables.items():
        tables[name] = f"{TABLES}/{result.id}_{name}.csv"
        write_csv(table, folder / tables[name])
    missing, both = tuple(result.shown.left_out), tuple(besides(outcome, result))
    return Section(result, tables, left_out=missing, besides=both)


def stem(result: AnalysisResult, name: str) -> str:
    """Give the name of a figure's files, without their endings."""
    return f"{result.id}_{name}"


def with_pictures(section: Section, drawn: Mapping[str, str]) -> Section:
    """Put to a section what was drawn of its charts.

    Parameters
    ----------
    section
        Of `write_section`.
    drawn
        Name of a figure's files -> why it was left out, or nothing where the files are there. Charts that
        nobody drew are not among its pictures.
    """
    pictures, missing = [], list(section.left_out)
    for name, chart in section.result.shown.charts.items():
        files = stem(section.result, name)
        if drawn.get(files):
            missing.append(f"Figure '{name}' left out: {drawn[files]}")
        elif files in drawn:
            paths = (f"{FIGURES}/{files}.{ending}" for ending in ("svg", "png", "pdf"))
            pictures.append(Picture(chart, *paths))
    return replace(section, pictures=tuple(pictures), left_out=tuple(missing))
