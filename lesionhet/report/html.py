"""report.html: one page that needs nothing else."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
import pandas as pd
from markupsafe import Markup

from lesionhet import __version__
from lesionhet.agreement import summarise
from lesionhet.outcome import Outcome
from lesionhet.report import methods
from lesionhet.report.asked import asked
from lesionhet.report.beside import NOT_COMPARED, Beside, largest, worst
from lesionhet.report.caveats import Caveat, caveats
from lesionhet.report.cells import (
    MISSING,
    SHOWN_ROWS,
    Cell,
    PrintedTable,
    number_cell,
    plain_number,
    printed,
    table_title,
)
from lesionhet.report.embed import Embedded, embed
from lesionhet.report.every_p import printed_every_p
from lesionhet.report.p_values import p_value_lines
from lesionhet.report.reading import printed_reading
from lesionhet.report.section import Section
from lesionhet.report.story import story
from lesionhet.report.summary import facts, verdict

if TYPE_CHECKING:
    from lesionhet.workers import Crew

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
MANY_NUMBERS: Final = 600
"""An analysis with more numbers than this has every table longer than `SHORT_NUMBERS` condensed."""
SHORT_NUMBERS: Final = 12
FOLDED_ROWS: Final = 12
"""Tables with more rows than this are folded in the page."""
SHOWN_LINES: Final = 8
"""Tests of one analysis that are listed openly; the others are folded."""
SHOWN_CAVEATS: Final = 3
NO_CHAPTER: Final = "Analyses"


@dataclass(frozen=True, eq=False)
class PrintedBeside:
    """One request with its numbers as printed."""

    beside: Beside
    options: str
    table: PrintedTable


def write_page(
    outcome: Outcome,
    sections: Sequence[Section],
    folder: Path,
    command: str,
    created: str,
    crew: Crew | None = None,
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
    crew
        Processes that make the figures smaller; default: this one alone.

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
    environment.filters["unbroken"] = _unbroken
    environment.globals["asked"] = asked
    done = [section for section in sections if section.result.status == "done"]
    figures = embed([picture for section in done for picture in section.pictures], folder, crew)
    context = _context(outcome, sections, figures, environment)
    template = environment.get_template("report.html.j2")
    text = template.render(context, command=command, created=created)
    path = folder / PAGE
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _context(
    outcome: Outcome,
    sections: Sequence[Section],
    figures: Mapping[str, Embedded],
    environment: jinja2.Environment,
) -> dict[str, Any]:
    study = outcome.study
    script = _source(environment, "sort.js")
    done = [section for section in sections if section.result.status == "done"]
    applying = caveats(outcome)
    used = outcome.r_state == "used"
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
        "reading": printed_reading(study.cohort.reading),
        "attrition": printed(study.cohort.attrition, len(study.cohort.attrition)),
        "chapters": _chapters([_section(section, figures, applying, used) for section in done]),
        "story": story(outcome),
        "caveats": applying,
        "shown_caveats": SHOWN_CAVEATS,
        "shown_lines": SHOWN_LINES,
        "folded_rows": FOLDED_ROWS,
        "skipped": [section.result for section in sections if section.result.status == "skipped"],
        "every_p": printed_every_p(outcome),
        "agreement": _overall(outcome.agreement),
        "definitions": methods.definition_rows(study.definitions),
        "statistics": methods.statistic_rows(outcome.compared),
        "weights": methods.weights_text(study.definitions),
        "bounds": methods.bounds_text(study.definitions),
    }


def _unbroken(text: str) -> str:
    """Keep the sides of "n = 12" and "P < 0.001" on one line."""
    for sign in "=<>":
        text = text.replace(f" {sign} ", f"\u00a0{sign}\u00a0")
    return text


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


def _chapters(sections: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Put the analyses of one chapter together, chapters in the order in which they first come."""
    chapters: dict[str, list[dict[str, Any]]] = {}
    for section in sections:
        chapters.setdefault(section["result"].chapter or NO_CHAPTER, []).append(section)
    return list(chapters.items())


def _section(
    section: Section, figures: Mapping[str, Embedded], applying: Sequence[Caveat], r_used: bool
) -> dict[str, Any]:
    result = section.result
    total = sum(len(beside.table) for beside in section.besides)
    longest = LONG_NUMBERS if total <= MANY_NUMBERS else SHORT_NUMBERS
    both = [_printed_beside(beside, longest) for beside in section.besides]
    verdicts = pd.concat([p.beside.table["verdict"] for p in both]) if both else pd.Series([])
    return {
        "result": result,
        "pictures": [figures[picture.svg] for picture in section.pictures],
        "lines": p_value_lines(section.besides, r_used),
        "caveats": [caveat for caveat in applying if result.id in caveat.analyses],
        "tables": [
            (name, path, printed(result.shown.tables[name]))
            for name, path in section.tables.items()
        ],
        "left_out": section.left_out,
        "beside": both,
        "numbers": len(verdicts),
        "verdict": worst(verdicts),
    }


def _printed_beside(beside: Beside, longest: int) -> PrintedBeside:
    """Print one request; of a table with more numbers than ``longest`` only those that part."""
    rows: list[tuple[Cell, ...]] = []
    for name, part in beside.table.groupby("table", sort=False):
        shown = part
        if len(part) > longest:
            rows.append(_condensed(str(name), part))
            shown = part[part["verdict"].isin(["differ", "known"])].head(SHOWN_ROWS)
        rows += [_number_row(number) for number in shown.to_dict("records")]
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
