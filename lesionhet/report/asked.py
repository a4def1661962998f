"""The table on top of the chapter "What a reviewer would ask": objection, remedy, what it says here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.every_p import LEVEL, TABLE, drawn
from lesionhet.analyses.reviewer.critiques import MANY_TESTS, Critique, by_critique, says
from lesionhet.analyses.reviewer.time import CHAPTER
from lesionhet.outcome import Outcome

EVERY_P: Final = "p-values"
"""Address of the section with every P value."""


@dataclass(frozen=True)
class Row:
    """One remedy.

    Parameters
    ----------
    id
        Of the analysis; empty for what the report does as a whole.
    title, question
        What was done, and what it asks.
    says
        What it found, or why it was not done.
    address
        Of its section; empty where it was not done.
    """

    id: str
    title: str
    question: str
    says: str
    address: str


@dataclass(frozen=True)
class Asked:
    """One objection with the remedies that answer it."""

    critique: Critique
    rows: tuple[Row, ...]


def asked(chapter: str, outcome: Outcome) -> tuple[Asked, ...]:
    """Give the objections with their answers; none where the chapter is another one.

    Parameters
    ----------
    chapter
        Heading of a chapter.
    outcome
        The run: its analyses of the chapter, done or skipped, and its P values.
    """
    if chapter != CHAPTER:
        return ()
    found = by_critique(result for result in outcome.results if result.chapter == CHAPTER)
    parts = [Asked(critique, tuple(map(_row, members))) for critique, members in found]
    if outcome.p_values is not None:
        parts.append(Asked(MANY_TESTS, (_every_p(outcome.p_values),)))
    return tuple(parts)


def _row(result: AnalysisResult) -> Row:
    address = f"analysis-{result.id}" if result.status == "done" else ""
    return Row(result.id, result.title, result.question, says(result), address)


def _every_p(result: AnalysisResult) -> Row:
    table = result.shown.tables[TABLE]
    draws = drawn(table)
    table = table[~draws]
    small, holm, shared = (
        int((table[name] < LEVEL).sum()) for name in ("p_value", "holm", "benjamini_hochberg")
    )
    text = (
        f"Of {len(table):,} P values {small:,} are below {LEVEL:g}; adjusted within their family, {holm:,} "
        f"are by Holm and {shared:,} by Benjamini and Hochberg{_not_counted(int(draws.sum()))}."
    )
    return Row("", result.title, result.question, text, EVERY_P)


def _not_counted(draws: int) -> str:
    return f"; {draws:,} draws of one model are not counted here" if draws else ""
