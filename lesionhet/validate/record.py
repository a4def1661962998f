"""validation.json: everything that a validation found and what it was run with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from lesionhet import __version__
from lesionhet.report.results_json import plain
from lesionhet.tolerances import TOLERANCES, Tolerance, Tolerances, tolerance
from lesionhet.tolerances.changes import quantities
from lesionhet.validate import words
from lesionhet.validate.outcome import Validation
from lesionhet.validate.run import KNOWN_REFUSALS
from lesionhet.validate.sources import Sources

FILE: Final = "validation.json"
GENERATOR: Final = "lesionhet validate"


@dataclass(frozen=True, eq=False)
class Record:
    """A validation and what it was run with: what is filed.

    Parameters
    ----------
    validation
        What was found.
    command
        How the program was called.
    settings
        What was chosen, in words -> value.
    tolerances
        Those that were in force.
    sources
        The files of the installed program.
    """

    validation: Validation
    command: str
    settings: Mapping[str, str]
    tolerances: Tolerances
    sources: tuple[Sources, ...]


@dataclass(frozen=True)
class InForce:
    """How far the two languages may part in some columns of one table of a statistic."""

    statistic: str
    table: str
    columns: tuple[str, ...]
    rule: str
    changed: bool


def tolerances_in_force(tolerances: Tolerances) -> list[InForce]:
    """Give the tolerances, columns of one table that have the same together.

    Examples
    --------
    >>> first = tolerances_in_force(TOLERANCES)[0]
    >>> first.statistic, first.columns, first.rule, first.changed
    ('describe', ('n',), 'equal', False)
    """
    found: dict[tuple[str, str, Tolerance, bool], list[str]] = {}
    for quantity in quantities():
        place = (quantity.statistic, quantity.table, quantity.column)
        rule = tolerance(*place, tolerances)
        changed = rule != tolerance(*place, TOLERANCES)
        found.setdefault((*place[:2], rule, changed), []).append(quantity.column)
    return [
        InForce(statistic, table, tuple(columns), words.rule(rule), changed)
        for (statistic, table, rule, changed), columns in found.items()
    ]


def write_json(record: Record, path: Path) -> None:
    """Write the record for programs; missing numbers are null, infinite ones text."""
    validation = record.validation
    content = {
        "generator": GENERATOR,
        "lesionhet": __version__,
        "agrees": validation.agrees,
        "verdict": words.verdict(validation),
        "began": validation.began,
        "seconds": validation.seconds,
        "command": record.command,
        "settings": dict(record.settings),
        "scope": validation.scope,
        "cases": validation.cases,
        "questions": validation.questions,
        "numbers": validation.numbers,
        "statistics": len(validation.quantities),
        "versions": validation.versions,
        "sources": [asdict(sources) for sources in record.sources],
        "inputs": [asdict(file) for file in validation.inputs],
        "tolerances_changed": validation.changed,
        "tolerances": [asdict(line) for line in tolerances_in_force(record.tolerances)],
        "known_differences": [asdict(known) for known in validation.known],
        "known_refusals": [asdict(known) for known in KNOWN_REFUSALS],
        "quantities": validation.quantities.to_dict("records"),
        "refusals": validation.refusals.to_dict("records"),
        "failures": validation.failures.to_dict("records"),
        "skipped": validation.skipped,
        "libraries": _libraries(validation),
    }
    # Surrogates of a broken text cannot be written as UTF-8: ASCII carries them escaped.
    text = json.dumps(plain(content), allow_nan=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _libraries(validation: Validation) -> dict[str, Any] | None:
    """Give what the libraries said; their numbers are called so, not R's."""
    opinion = validation.libraries
    if opinion is None:
        return None
    return {
        "agree": opinion.agrees,
        "questions": opinion.questions,
        "numbers": opinion.numbers,
        "quantities": opinion.quantities.rename(columns={"r": "libraries"}).to_dict("records"),
        "refused": list(opinion.refused),
        "failed": list(opinion.failed),
    }


def is_record(folder: Path) -> bool:
    """Say whether a folder holds a validation.json of this program."""
    try:
        content: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("generator") == GENERATOR
