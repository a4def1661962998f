"""report.html: one page that needs nothing else."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
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
from lesionhet.report.caveats import Caveat, caveats
from lesionhet.report.cells import (
    PrintedTable,
    plain_number,
    printed,
    table_title,
)
from lesionhet.report.embed import Embedded, embed
from lesionhet.report.every_p import printed_every_p
from lesionhet.report.numbers import verdict_cell
from lesionhet.report.reading import printed_reading
from lesionhet.report.section import Section
from lesionhet.report.story import story
from lesionhet.report.summary import facts, verdict

if TYPE_CHECKING:
    from lesionhet.workers import Crew

PAGE: Final = "report.html"
FOLDED_ROWS: Final = 12
"""Tables with more rows than this are folded in the page."""
SHOWN_LINES: Final = 8
"""Tests of one analysis that are listed openly; the others are folded."""
SHOWN_CAVEATS: Final = 3
NO_CHAPTER: Final = "Analyses"


def write_page(
    outcome: Outcome,
    sections: Sequence[Section],
    numbers: Mapping[str, Mapping[str, Any]],
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
    numbers
        Of `lesionhet.report.numbers.printed_numbers`.
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
    context = _context(outcome, sections, numbers, figures, environment)
    template = environment.get_template("report.html.j2")
    text = template.render(context, command=command, created=created)
    path = folder / PAGE
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _context(
    outcome: Outcome,
    sections: Sequence[Section],
    numbers: Mapping[str, Mapping[str, Any]],
    figures: Mapping[str, Embedded],
    environment: jinja2.Environment,
) -> dict[str, Any]:
    study = outcome.study
    script = _source(environment, "sort.js")
    done = [section for section in sections if section.result.status == "done"]
    applying = caveats(outcome)
    chapters = _chapters([_section(one, numbers, figures, applying) for one in done])
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
        "chapters": chapters,
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
    section: Section,
    numbers: Mapping[str, Mapping[str, Any]],
    figures: Mapping[str, Embedded],
    applying: Sequence[Caveat],
) -> dict[str, Any]:
    result = section.result
    return {
        **numbers[result.id],
        "result": result,
        "pictures": [figures[picture.svg] for picture in section.pictures],
        "caveats": [caveat for caveat in applying if result.id in caveat.analyses],
        "left_out": section.left_out,
    }


def _overall(agreement: pd.DataFrame) -> PrintedTable | None:
    """Give one printed row a statistic, or None where R compared nothing."""
    if agreement.empty:
        return None
    table = summarise(agreement)
    table["statistic"] = [methods.STATISTICS[name][0] for name in table["statistic"]]
    names = {"largest_relative": "largest_relative_difference", "numbers": "numbers_compared"}
    shown = printed(table.rename(columns=names), len(table))
    last = [(*row[:-1], verdict_cell({"verdict": row[-1].text})) for row in shown.rows]
    return dataclasses.replace(shown, rows=tuple(last))
