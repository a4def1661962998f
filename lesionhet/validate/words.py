"""What a validation found, in words that the screen and the files share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from lesionhet.tolerances import Tolerance
from lesionhet.validate.outcome import Opinion, Validation

LONGEST: Final = 400
"""Characters of a text from data that are shown; a label may have thousands."""
NAMED: Final = 5
"""Names that a sentence lists."""

REFUSAL_VERDICTS: Final = {
    "both": "refused by both languages",
    "shared": "refused before either language",
    "known": "refused by one, for a documented reason",
    "differ": "refused by one alone",
}
"""Verdict of a refusal -> what it means, in the order in which they are counted."""


def verdict(validation: Validation) -> str:
    """Say in one line whether the two languages agree, and on what they do not."""
    found = reasons(validation)
    return f"{headline(validation)} {'; '.join(found)}." if found else headline(validation)


def headline(validation: Validation) -> str:
    """Say in one short sentence whether the two languages agree."""
    n = validation.numbers
    if validation.agrees:
        known = int(validation.quantities["known"].sum())
        if known:
            agree = f"Python and R agree on {n - known:,} of {n:,} numbers"
            return f"{agree}; {known:,} differ for a documented reason."
        return f"Python and R agree on all {n:,} numbers."
    return "Python and R do not agree." if _parts_from_r(validation) else "Python and R agree."


def _parts_from_r(validation: Validation) -> bool:
    return not replace(validation, libraries=None).agrees


def reasons(validation: Validation) -> tuple[str, ...]:
    """Say why they do not agree; empty where they do."""
    return tuple(_reasons(validation))


def _reasons(validation: Validation) -> Iterator[str]:
    parted = validation.quantities[validation.quantities["verdict"] == "differ"]
    if len(parted):
        count = int(parted["differ"].sum())
        yield f"{count:,} of {validation.numbers:,} numbers differ ({some(parted['statistic'])})"
    alone = validation.refusals[validation.refusals["verdict"] == "differ"]
    if len(alone):
        names = some(alone["statistic"].unique())
        yield f"{counted(len(alone), 'question')} refused by one alone ({names})"
    if len(validation.failures):
        failed = validation.failures
        names = some(failed["statistic"].unique())
        yield f"{counted(len(failed), 'question')} on which an engine failed ({names})"
    if validation.libraries is not None and not validation.libraries.agrees:
        yield "the libraries do not agree with Python"


def libraries(opinion: Opinion) -> str:
    """Say in one line what the libraries said."""
    asked = f"{counted(opinion.questions, 'question')}, {counted(opinion.numbers, 'number')}"
    differ = int(opinion.quantities["differ"].sum())
    found = [f"{differ:,} differ ({some(opinion.parted['statistic'])})" if differ else "all agree"]
    if opinion.failed:
        found.append(f"{counted(len(opinion.failed), 'question')} on which they failed")
    if opinion.refused:
        found.append(f"{counted(len(opinion.refused), 'question')} refused by them alone")
    return f"Python and its libraries: {asked}; {'; '.join(found)}."


def library_troubles(opinion: Opinion) -> list[str]:
    """Give a line for each quantity that parts from the libraries', each failure and each refusal."""
    parted = [
        f"{row['statistic']} {extent(row)}; most: {both_values(row, 'libraries')}"
        for row in opinion.parted.to_dict("records")
    ]
    failed = [f"the libraries failed: {one_line(text)}" for text in opinion.failed]
    return [*parted, *failed, *(f"the libraries refuse: {one_line(t)}" for t in opinion.refused)]


def scope(validation: Validation) -> str:
    """Say how much was asked, and how long it took."""
    parts = (
        counted(validation.cases, "cohort"),
        counted(validation.questions, "question"),
        counted(len(validation.quantities), "distinct statistic"),
        counted(validation.numbers, "number"),
    )
    return f"{', '.join(parts)}, {duration(validation.seconds)}"


def refusal_counts(validation: Validation) -> dict[str, int]:
    """Count the refusals by verdict, in the order of `REFUSAL_VERDICTS`."""
    verdicts = validation.refusals["verdict"]
    return {name: int((verdicts == name).sum()) for name in REFUSAL_VERDICTS}


def extent(row: Mapping[str, Any]) -> str:
    """Say in how many of its numbers a quantity differs, and whether that is documented.

    Examples
    --------
    >>> extent({"numbers": 39, "differ": 2, "known": 0}), extent({"numbers": 1, "differ": 0, "known": 1})
    ('differs in 2 of 39 numbers', 'differs in 1 of 1 number for a documented reason')
    """
    why = "" if row["differ"] else " for a documented reason"
    return (
        f"differs in {row['differ'] or row['known']:,} of {counted(row['numbers'], 'number')}{why}"
    )


def both_values(row: Mapping[str, Any], other: str = "R") -> str:
    """Give the number of a quantity that differs most, with all its digits."""
    return (
        f"Python {full(row['python'])}, {other} {full(row['r'])}, in {one_line(str(row['where']))}; "
        f"relative difference {short(row['relative'])}, permitted {short(row['tolerance'])}"
    )


def refusal(row: Mapping[str, Any]) -> str:
    """Say who refused a question and why, and who answered."""
    sides = (("Python", row["python"]), ("R", row["r"]))
    said = [f"{who} refuses: {one_line(why)}" if why else f"{who} answers." for who, why in sides]
    return f"{one_line(row['case'])}, {one_line(row['question'])}: {' '.join(said)}"


def failure(row: Mapping[str, Any]) -> str:
    """Say which engine failed on which question and how."""
    who = "Python" if row["engine"] == "python" else "R"
    place = f"{one_line(row['case'])}, {one_line(row['question'])}"
    return f"{place}: {who} failed: {one_line(row['reason'])}"


_RULES: Final = {
    "own": "{relative} of the number",
    "tail": "as {relative} of its z statistic moves it",
    "exponential": "{relative} of its logarithm or of the longer limit's",
    "z": "{relative} of the number, or as its z statistic may move it",
    "chi_square": "{relative} of the number, or as its chi-square statistic may move it",
}


def rule(tolerance: Tolerance) -> str:
    """Say how far the two languages may part by a tolerance.

    Examples
    --------
    >>> rule(Tolerance(1e-7, 1e-8, ("std_error",)))
    '1e-07 of the number, or 1e-08 of its std_error'
    >>> rule(Tolerance(0.0)), rule(Tolerance(2e-7, rule="z"))
    ('equal', '2e-07 of the number, or as its z statistic may move it')
    """
    if tolerance == Tolerance(0.0):
        return "equal"
    text = _RULES[tolerance.rule].format(relative=short(tolerance.relative))
    if tolerance.floor:
        scale = f" of its {' or '.join(tolerance.scale)}" if tolerance.scale else ""
        text += f", or {short(tolerance.floor)}{scale}"
    return text


def full(value: float) -> str:
    """Print a number with every digit.

    Examples
    --------
    >>> full(0.1 + 0.2), full(3.0), full(float("nan"))
    ('0.30000000000000004', '3', 'missing')
    """
    return "missing" if math.isnan(value) else repr(float(value)).removesuffix(".0")


def short(value: float) -> str:
    """Print a difference with two digits; a missing one as a dash.

    Examples
    --------
    >>> short(1.234e-9), short(0.0), short(float("nan"))
    ('1.2e-09', '0', '-')
    """
    return "-" if math.isnan(value) else f"{value:.2g}"


def duration(seconds: float) -> str:
    """Print a duration.

    Examples
    --------
    >>> duration(41.6), duration(372.0)
    ('42 s', '6 min 12 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def counted(count: int, noun: str) -> str:
    """Print a count with its noun.

    Examples
    --------
    >>> counted(1, "cohort"), counted(2100, "number")
    ('1 cohort', '2,100 numbers')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def some(names: Iterable[str]) -> str:
    """List the first few names and count the others."""
    listed = list(names)
    more = f" and {len(listed) - NAMED:,} more" if len(listed) > NAMED else ""
    return ", ".join(listed[:NAMED]) + more


def one_line(text: str, longest: int = LONGEST) -> str:
    r"""Make a text from data fit one line: what does not print is escaped, what is long is cut.

    Examples
    --------
    >>> one_line("arm\n\x1b[31mB"), one_line("x" * 10000, 3)
    ('arm\\n\\x1b[31mB', 'xxx... (10,000 characters)')
    """
    cut = text if len(text) <= longest else f"{text[:longest]}... ({len(text):,} characters)"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)
