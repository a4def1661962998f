"""The folder of a validation: filled aside while it runs, moved into place when whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from lesionhet.aside import check_place, write_aside
from lesionhet.tolerances import Tolerances
from lesionhet.validate import junit, page, record
from lesionhet.validate.agreement_file import agreement_file
from lesionhet.validate.outcome import Validation
from lesionhet.validate.sources import installed_sources

WHAT = "validation record"
Sink = Callable[[pd.DataFrame], None]


def write_validation(
    validate: Callable[[Sink], Validation],
    target: Path,
    *,
    command: str,
    settings: Mapping[str, str],
    tolerances: Tolerances,
) -> tuple[Validation, Path]:
    """Run a validation and write agreement.csv, validation.json, junit.xml and validation.html.

    Parameters
    ----------
    validate
        Runs it; hands the rows of every comparison to the sink that it is given, as they come.
    target
        Folder to write: new, empty, or that of an earlier validation, which is replaced as a whole
        when the new one is complete.
    command
        How the program was called.
    settings
        What was chosen, in words -> value.
    tolerances
        Those that are in force.

    Returns
    -------
    tuple
        What was found, and the path of validation.html.

    Raises
    ------
    UsageError
        The target is something else, or it cannot be written.
    """
    place = check_place(target, WHAT, record.is_record)
    found: list[Validation] = []

    def fill(folder: Path) -> None:
        with agreement_file(folder) as agreement:
            validation = validate(agreement.add)
        filed = record.Record(validation, command, settings, tolerances, installed_sources())
        record.write_json(filed, folder / record.FILE)
        junit.write_junit(validation, folder / junit.FILE)
        page.write_page(filed, folder / page.FILE)
        found.append(validation)

    write_aside(place, WHAT, fill)
    return found[0], place / page.FILE
