"""Which column of a file is probably which, with the reason: proposed to a person, never applied alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lesionhet.readers.choosing.contents import NUMERIC, Contents, contents_of, fit
from lesionhet.readers.choosing.headings import (
    LENGTHS,
    TIMES,
    UNIT_OF,
    unit_in,
    without_unit,
    words,
)
from lesionhet.readers.choosing.synonyms import DATES, STARTS, SYNONYMS
from lesionhet.readers.table import RawTable
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS, Column

Confidence = Literal["sure", "likely", "unsure", "none"]
TableName = Literal["lesions", "patients"]
COLUMNS_OF: Final[dict[TableName, tuple[Column, ...]]] = {
    "lesions": LESION_COLUMNS,
    "patients": PATIENT_COLUMNS,
}
SURE: Final = 0.95
LIKELY: Final = 0.6
LEAST: Final = 0.25
"""Below this score no column is proposed."""


@dataclass(frozen=True)
class Guess:
    """What is proposed for one column of the program.

    Parameters
    ----------
    name
        Column of `lesionhet.schema`.
    heading
        Heading in the file, None where nothing fits.
    confidence
        ``"sure"`` (the name itself), ``"likely"``, ``"unsure"`` or ``"none"``.
    reason
        Why, in words.
    unit
        Unit that the values seem to be in; empty where the column has none or it cannot be told.
    inverted
        Whether the heading says that 1 means censored.
    """

    name: str
    heading: str | None
    confidence: Confidence
    reason: str
    unit: str = ""
    inverted: bool = False


def guess_columns(raw: RawTable, table: TableName, decimal: str = ".") -> tuple[Guess, ...]:
    """Propose a heading for every column that a table can have.

    Parameters
    ----------
    raw
        The table as read.
    table
        Which of the two it is.
    decimal
        Decimal sign of numbers that are written as text.

    Returns
    -------
    tuple of Guess
        One a column of `lesionhet.schema`, in its order; no heading is proposed twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet.readers import from_frame
    >>> rows = pd.DataFrame({"USUBJID": ["A", "A"], "tumour": ["1", "1"], "visit day": [-3, 50],
    ...                      "size (cm)": [2.0, 1.5]})
    >>> [(g.name, g.heading, g.unit) for g in guess_columns(from_frame(rows, "l"), "lesions")][2:4]
    [('day', 'visit day', 'days'), ('diameter_mm', 'size (cm)', 'cm')]
    """
    specs = COLUMNS_OF[table]
    about = {str(name): contents_of(raw.frame[name], decimal) for name in raw.frame.columns}
    scores = sorted(
        (
            (*_score(spec, heading, found), spec.name, heading)
            for spec in specs
            for heading, found in about.items()
        ),
        key=lambda item: -item[0],
    )
    taken: dict[str, tuple[float, str, str]] = {}
    for score, reason, name, heading in scores:
        used = {other for _, _, other in taken.values()}
        if score >= LEAST and name not in taken and heading not in used:
            taken[name] = (score, reason, heading)
    return tuple(_guess(spec, taken.get(spec.name), about) for spec in specs)


def guess_tables(tables: Sequence[RawTable]) -> tuple[int, int | None]:
    """Tell by their content which table has the lesions and which the patients.

    Parameters
    ----------
    tables
        One table or more.

    Returns
    -------
    tuple
        Position of the lesions table and of the patients table; None where no other table has one row
        a patient.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet.readers import from_frame
    >>> lesions = pd.DataFrame({"patient": ["A", "A"], "lesion": [1, 1], "day": [0, 9], "mm": [9, 8]})
    >>> patients = pd.DataFrame({"patient": ["A"], "arm": ["x"]})
    >>> guess_tables([from_frame(patients, "p"), from_frame(lesions, "l")])
    (1, 0)
    """
    marks = [_likeness(table) for table in tables]
    lesions = int(np.argmax([as_lesions - as_patients for as_lesions, as_patients in marks]))
    others = [(mark[1], -place) for place, mark in enumerate(marks) if place != lesions]
    if not others or max(others)[0] <= 0:
        return lesions, None
    return lesions, -max(others)[1]


def guess_start(tables: Sequence[RawTable]) -> str | None:
    """Propose the column of the date on which treatment started.

    Parameters
    ----------
    tables
        The lesions table, and the patients table where there is one.

    Returns
    -------
    The heading in the last table that has one; None where none is likely. For `ReadOptions.start_date`.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet.readers import from_frame
    >>> patients = pd.DataFrame({"patient": ["A"], "Treatment start": ["2021-03-04"]})
    >>> guess_start([from_frame(patients, "p")])
    'Treatment start'
    """
    for raw in reversed(tables):
        for heading in map(str, raw.frame.columns):
            dated = contents_of(raw.frame[heading]).dates >= NUMERIC
            if dated and "".join(words(heading)) in STARTS:
                return heading
    return None


def _likeness(raw: RawTable) -> tuple[float, float]:
    """Say how well a table fits as lesions and as patients, by names and by repeated patients."""
    found = {name: guess_columns(raw, name) for name in COLUMNS_OF}
    weight = {"sure": 1.0, "likely": 0.8, "unsure": 0.2, "none": 0.0}
    marks = {
        name: sum(weight[guess.confidence] for guess in guesses if guess.name != "patient_id")
        for name, guesses in found.items()
    }
    patient = found["patients"][0].heading
    if patient is None:
        return marks["lesions"], 0.0
    once = not raw.frame[patient].dropna().duplicated().any()
    return marks["lesions"] + (0.0 if once else 1.0), marks["patients"] + 1.0 if once else 0.0


def _score(spec: Column, heading: str, found: Contents) -> tuple[float, str]:
    """Give how well a heading and its cells fit a column, 0 to 1, and why."""
    name, why = _name_score(spec.name, heading)
    content, what = fit(spec.name, found)
    if name >= SURE:
        return name, why
    if content < 0:
        return 0.0, what
    if name > 0:
        return min(0.9, name * 0.8 + 0.15 * content), f"{why}; {what}" if what else why
    # Many columns hold 0 and 1 or organs: only what the program cannot do without is sought by content.
    return (0.5 * content if spec.required else 0.0), f"by its content: {what}"


def _name_score(name: str, heading: str) -> tuple[float, str]:
    plain, bare = "".join(words(heading)), without_unit(heading)
    own = name.replace("_", "")
    if plain == own:
        return 1.0, "the heading is the name"
    synonyms = (*SYNONYMS[name], *sorted(DATES)) if name == "day" else SYNONYMS[name]
    for text in (plain, bare):
        if text in synonyms:
            place = synonyms.index(text) / (10 * len(synonyms))
            return 0.9 - place, f"'{heading}' is a usual heading for it"
    if own.removesuffix("mm") == bare or own.removesuffix("days") == bare:
        return 0.9, "the heading is the name with a unit"
    parts = [word for word in (*synonyms, own) if len(word) > 4 and word in plain]
    if parts:
        best = max(parts, key=len)
        return 0.35 + 0.4 * len(best) / len(plain), f"the heading has '{best}' in it"
    return 0.0, ""


def _guess(spec: Column, best: tuple[float, str, str] | None, about: dict[str, Contents]) -> Guess:
    if best is None:
        return Guess(spec.name, None, "none", "no column fits")
    score, reason, heading = best
    by_name, _ = _name_score(spec.name, heading)
    confidence: Confidence = "sure" if score >= SURE else "likely" if score >= LIKELY else "unsure"
    if not by_name:
        confidence = "unsure"
    unit, doubt = _unit(spec.name, heading, about[heading])
    inverted = spec.kind == "flag" and any("cens" in w or "cnsr" in w for w in words(heading))
    if inverted:
        doubt = "the heading speaks of censoring: in ADaM 1 means censored"
    if doubt:
        confidence = "unsure" if inverted else confidence
        reason = f"{reason}; {doubt}"
    return Guess(spec.name, heading, confidence, reason, unit, inverted)


def _unit(name: str, heading: str, found: Contents) -> tuple[str, str]:
    """Give the unit that a heading names or that the values suggest, and what to say of it."""
    wanted = UNIT_OF.get(name, "")
    if not wanted:
        return "", ""
    named = unit_in(heading, LENGTHS if wanted == "mm" else TIMES)
    if named:
        return named, "" if named == wanted else f"the heading says {named}"
    typical = found.median
    if wanted == "mm" and 0 < typical < 7:
        return "cm", f"the median is {typical:g}: this looks like cm"
    if name in ("os_days", "pfs_days") and 0 < found.highest < 130 and found.fractions:
        return "months", f"the largest value is {found.highest:g}: this looks like months"
    return wanted, ""
