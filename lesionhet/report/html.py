"""report.html: one page that needs nothing else."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2
import pandas as pd
from markupsafe import Markup

from lesionhet import __version__
from lesionhet.agreement import summarise
from lesionhet.outcome import Outcome
from lesionhet.report import methods
from lesionhet.report.beside import NOT_COMPARED, Beside, largest, worst
from lesionhet.report.cells import (
    MISSING,
    Cell,
    PrintedTable,
    number_cell,
    plain_number,
    printed,
    table_title,
)
from lesionhet.report.section import Picture, Section
from lesionhet.report.summary import facts, verdict

PAGE: Final = "report.html"
LONG_NUMBERS: Final = 120
"""Tables of a result with more numbers than this are condensed to one line in the page."""
BESIDE_HEADINGS: Final = (
    "Table",
    "Row",
    "Number",
    "Python",
    "R",
    "Difference",
    "Tolerance (relative)",
    "Verdict",
)
BESIDE_NUMERIC: Final = (False, False, False, True, True, True, True, False)
PIXELS_PER_POINT: Final = 1.7
"""A figure is made for print; on screen its letters need a quarter more than their size there."""


@dataclass(frozen=True, eq=False)
class PrintedBeside:
    """One request with its numbers as printed."""

    beside: Beside
    options: str
    table: PrintedTable


def write_page(
    outcome: Outcome, sections: Sequence[Section], folder: Path, command: str, created: str
) -> Path:
    """Write report.html.

    Parameters
    ----------
    outcome
        What the run found.
    sections
        What was written of each analysis; their figures are read from ``folder``.
    folder
        The report's folder.
    command
        How the program was called.
    created
        Date and time, printed on one line of its own.

    Returns
    -------
    pathlib.Path
        The page: styles, script and figures inside, no address outside.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lesionhet.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = plain_number
    environment.filters["title_of_table"] = table_title
    text = environment.get_template("report.html.j2").render(
        _context(outcome, sections, folder, environment), command=command, created=created
    )
    path = folder / PAGE
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _context(
    outcome: Outcome, sections: Sequence[Section], folder: Path, environment: jinja2.Environment
) -> dict[str, Any]:
    study = outcome.study
    script = _source(environment, "sort.js")
    done = [section for section in sections if section.result.status == "done"]
    return {
        "outcome": outcome,
        "study": study,
        "d": study.definitions,
        "version": __version__,
        "style": Markup(_source(environment, "style.css")),  # noqa: S704  a file of this package
        "script": Markup(script),  # noqa: S704  a file of this package
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "facts": facts(outcome),
        "verdict": verdict(outcome),
        "warnings": _engine_warnings(outcome),
        "attrition": printed(study.cohort.attrition, len(study.cohort.attrition)),
        "sections": [_section(section, folder) for section in done],
        "skipped": [section.result for section in sections if section.result.status == "skipped"],
        "agreement": _overall(outcome.agreement),
        "definitions": methods.definition_rows(study.definitions),
        "statistics": methods.statistic_rows(outcome.results),
        "weaknesses": methods.weaknesses(study),
        "weights": methods.weights_text(study.definitions),
        "bounds": methods.bounds_text(study.definitions),
    }


def _source(environment: jinja2.Environment, name: str) -> str:
    assert environment.loader is not None  # noqa: S101  set above
    return environment.loader.get_source(environment, name)[0]


def _engine_warnings(outcome: Outcome) -> tuple[tuple[str, str, str], ...]:
    """Give what the engines warned of: request, language, text."""
    python = [
        (f"{result.id}.{name}", "Python", text)
        for result in outcome.results
        for name, answer in result.answers.items()
        for text in answer.warnings
    ]
    r = [(name, "R", text) for name, texts in outcome.r_warnings.items() for text in texts]
    silent = [(name, "R, no answer", text) for name, text in outcome.r_failures.items()]
    return (*python, *r, *silent)


def _section(section: Section, folder: Path) -> dict[str, Any]:
    result = section.result
    both = [_printed_beside(beside) for beside in section.besides]
    verdicts = pd.concat([p.beside.table["verdict"] for p in both]) if both else pd.Series([])
    return {
        "result": result,
        "pictures": [_embedded(picture, folder) for picture in section.pictures],
        "tables": [
            (name, path, printed(result.shown.tables[name]))
            for name, path in section.tables.items()
        ],
        "left_out": section.left_out,
        "beside": both,
        "numbers": len(verdicts),
        "verdict": worst(verdicts),
    }


def _embedded(picture: Picture, folder: Path) -> tuple[Picture, str, int | None]:
    """Give a figure with its data address and its width on screen in pixels."""
    content = (folder / picture.svg).read_bytes()
    address = f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"
    width = re.search(rb'<svg[^>]*? width="([0-9.]+)pt"', content)
    return picture, address, round(float(width[1]) * PIXELS_PER_POINT) if width else None


def _printed_beside(beside: Beside) -> PrintedBeside:
    rows: list[tuple[Cell, ...]] = []
    for name, part in beside.table.groupby("table", sort=False):
        if len(part) > LONG_NUMBERS:
            rows.append(_condensed(str(name), part))
        else:
            rows += [_number_row(number) for number in part.to_dict("records")]
    table = PrintedTable(BESIDE_HEADINGS, BESIDE_NUMERIC, tuple(rows), len(rows))
    return PrintedBeside(beside, _options(beside.result.options), table)


def _number_row(number: Mapping[Any, Any]) -> tuple[Cell, ...]:
    # A difference must show in the digits that are printed.
    digits = 15 if number["verdict"] in ("differ", "known") else 6
    texts = (Cell(number[name], number[name]) for name in ("table", "row", "column"))
    values = (
        number_cell(number[side], lambda v: plain_number(v, digits)) for side in ("python", "r")
    )
    return (
        *texts,
        *values,
        *_distances(number["difference"], number["tolerance"]),
        _verdict(number),
    )


def _condensed(name: str, part: pd.DataFrame) -> tuple[Cell, ...]:
    """Give one row for a long table: how many numbers, how many agree, how far they part."""
    verdict_of_all = worst(part["verdict"])
    agree = int((part["verdict"] == "agree").sum())
    compared = verdict_of_all != NOT_COMPARED
    return (
        Cell(name, name),
        Cell(f"{len(part):,} numbers"),
        Cell("all"),
        Cell(f"{len(part):,} in CSV"),
        Cell(f"{agree:,} agree" if compared else MISSING),
        *_distances(largest(part["difference"]), largest(part["tolerance"])),
        _verdict({"verdict": verdict_of_all}),
    )


def _distances(difference: float, tolerance: float) -> tuple[Cell, Cell]:
    return number_cell(difference, "{:.1g}".format), number_cell(tolerance, "{:.1g}".format)


def _verdict(number: Mapping[Any, Any]) -> Cell:
    text = number["verdict"]
    return Cell(text, text, text if text in ("agree", "differ", "known") else "")


def _options(options: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} = {_option(value)}" for name, value in options.items())


def _option(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_option(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain_number(float(value)) if isinstance(value, int | float) else str(value)


def _overall(agreement: pd.DataFrame) -> PrintedTable | None:
    """Give one printed row a statistic, or None where R compared nothing."""
    if agreement.empty:
        return None
    table = summarise(agreement)
    table["statistic"] = [methods.STATISTICS[name][0] for name in table["statistic"]]
    names = {"largest_relative": "largest_relative_difference", "numbers": "numbers_compared"}
    shown = printed(table.rename(columns=names), len(table))
    last = [(*row[:-1], _verdict({"verdict": row[-1].text})) for row in shown.rows]
    return dataclasses.replace(shown, rows=tuple(last))
