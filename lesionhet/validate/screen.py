"""What a validation prints on the screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from lesionhet.validate import words
from lesionhet.validate.outcome import Opinion, Validation

WIDTH: Final = 120
"""Columns of the table at most."""
LISTED: Final = 20
"""Refusals and failures that are listed; the files have all."""
HEADINGS: Final = (
    "statistic",
    "numbers",
    "Python",
    "R",
    "difference",
    "relative",
    "tolerance",
    "verdict",
)
GAP: Final = "  "


def to_text(validation: Validation) -> str:
    """Give everything that a person reads, the verdict last.

    Parameters
    ----------
    validation
        What was found.

    Returns
    -------
    str
        Lines of at most `WIDTH` columns, ASCII but for names from data.
    """
    blocks = (
        [words.scope(validation)],
        _table(validation.quantities),
        _parted(validation.quantities),
        _refusals(validation),
        _failures(validation),
        _libraries(validation.libraries),
        _skipped(validation.skipped),
        _changed(validation.changed),
        [words.verdict(validation)],
    )
    return "\n\n".join("\n".join(_wrapped(block)) for block in map(list, blocks) if block)


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from (
            [line]
            if len(line) <= WIDTH
            else textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
        )


def _table(quantities: pd.DataFrame) -> Iterator[str]:
    rows = [HEADINGS, *(_cells(row) for row in quantities.to_dict("records"))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    widths[0] -= max(sum(widths) + len(GAP) * (len(widths) - 1) - WIDTH, 0)
    for row in rows:
        name = row[0] if len(row[0]) <= widths[0] else f"{row[0][: widths[0] - 3]}..."
        numbers = [text.rjust(width) for text, width in zip(row[1:-1], widths[1:-1], strict=True)]
        yield GAP.join([name.ljust(widths[0]), *numbers, row[-1]])


def _cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return (
        row["statistic"],
        f"{row['numbers']:,}",
        *(_number(row[side]) for side in ("python", "r")),
        *(words.short(row[name]) for name in ("difference", "relative", "tolerance")),
        row["verdict"],
    )


def _number(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.6g}"


def _parted(quantities: pd.DataFrame) -> Iterator[str]:
    for row in quantities[quantities["verdict"] != "agree"].to_dict("records"):
        yield f"{row['statistic']} {words.extent(row)}; most: {words.both_values(row)}"


def _refusals(validation: Validation) -> Iterator[str]:
    counts = words.refusal_counts(validation)
    told = [f"{counts[name]:,} {meaning}" for name, meaning in words.REFUSAL_VERDICTS.items()]
    yield f"Questions without an answer: {'; '.join(told)}."
    alone = validation.refusals[validation.refusals["verdict"] == "differ"]
    yield from _listed([words.refusal(row) for row in alone.to_dict("records")])


def _failures(validation: Validation) -> Iterator[str]:
    if validation.failures.empty:
        yield "Failures of an engine: none."
        return
    yield f"Failures of an engine: {len(validation.failures):,}."
    yield from _listed([words.failure(row) for row in validation.failures.to_dict("records")])


def _libraries(opinion: Opinion | None) -> Iterator[str]:
    if opinion is None:
        return
    yield words.libraries(opinion)
    yield from _listed(words.library_troubles(opinion))


def _listed(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:LISTED])
    if len(lines) > LISTED:
        yield f"  and {len(lines) - LISTED:,} more"


def _skipped(skipped: Mapping[str, str]) -> Iterator[str]:
    if skipped:
        yield "Not asked of the cohort:"
    for name, reason in skipped.items():
        yield f"  {words.one_line(name)}: {words.one_line(reason)}"


def _changed(changed: Iterable[str]) -> Iterator[str]:
    if texts := ", ".join(changed):
        yield f"Tolerances changed: {texts}."
