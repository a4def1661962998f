"""The report's folder: written aside, moved into place when whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lesionhet.aside import check_place, write_aside
from lesionhet.outcome import Outcome
from lesionhet.report import results_json
from lesionhet.report.every_p import write_every_p
from lesionhet.report.reading import write_reading
from lesionhet.report.section import FIGURES, TABLES, write_section
from lesionhet.report.tables import lesion_table, patient_table, write_csv

PAGE: Final = "report.html"
WHAT: Final = "report"
Progress = Callable[[str], None]


def write_report(
    outcome: Outcome,
    target: Path,
    command: str,
    progress: Progress = lambda _: None,
) -> Path:
    """Write everything that a run found into a folder.

    Parameters
    ----------
    outcome
        What the run found.
    target
        Folder to write; it may be new, empty, or an earlier report, which is then replaced as a
        whole. Until the new report is whole, what was there before is not touched.
    command
        How the program was called, for the record.
    progress
        Told what is about to be written.

    Returns
    -------
    pathlib.Path
        ``report.html`` in the folder.

    Raises
    ------
    UsageError
        The target is something else than the above, or it cannot be written.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> from lesionhet import cohort_from_frames
    >>> from lesionhet.pipeline import analyze
    >>> rows = pd.DataFrame({"patient_id": "P1", "lesion_id": ["L1", "L1", "L2", "L2"],
    ...                      "day": [0, 56, 0, 56], "diameter_mm": [20.0, 12, 30, 29]})
    >>> outcome = analyze(cohort_from_frames(rows), r="off", only=["T1"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_report(outcome, Path(folder, "report"), "lesionhet analyze")
    ...     sorted(path.name for path in page.parent.iterdir())[:3]
    ['agreement.csv', 'attrition.csv', 'figures']
    """
    target = check_target(target)
    write_aside(target, WHAT, lambda folder: _fill(outcome, folder, command, progress))
    return target / PAGE


def check_target(target: Path) -> Path:
    """Say early whether a report may be written to a folder.

    Parameters
    ----------
    target
        The folder.

    Returns
    -------
    pathlib.Path
        Its absolute path, symbolic links followed.

    Raises
    ------
    UsageError
        A file, a folder that holds something else than an earlier report, or the folder that the
        program runs in.
    """
    return check_place(target, WHAT, results_json.is_report)


def _fill(outcome: Outcome, folder: Path, command: str, progress: Progress) -> None:
    """Write the whole report into an empty folder."""
    # Here, so that `check_target` before a long run loads neither templates nor R's sources.
    from lesionhet.report.html import write_page
    from lesionhet.report.reproduce import Section, write_reproduce

    created = datetime.now(UTC).isoformat(timespec="seconds")
    (folder / TABLES).mkdir()
    (folder / FIGURES).mkdir()
    progress("tables")
    write_csv(lesion_table(outcome.study), folder / TABLES / "lesions.csv")
    write_csv(patient_table(outcome.study), folder / TABLES / "patients.csv")
    write_csv(outcome.agreement, folder / "agreement.csv")
    write_csv(outcome.study.cohort.attrition, folder / "attrition.csv")
    write_reading(outcome.study.cohort.reading, folder)
    sections = []
    for result in outcome.results:
        progress(f"{result.id} figures")
        sections.append(write_section(outcome, result, folder))
    write_every_p(outcome, folder)
    progress("results.json and reproduce.R")
    results_json.write_results(outcome, sections, folder, command, created)
    headings = [Section(r.id, r.title, r.question) for r in outcome.compared]
    write_reproduce(folder, _items(outcome), headings)
    progress(PAGE)
    write_page(outcome, sections, folder, command, created)


def _items(outcome: Outcome) -> dict[str, tuple[Any, Any]]:
    """Give every request with Python's answer by name, analyses in order."""
    return {
        f"{result.id}.{name}": (result.requests[name], answer)
        for result in outcome.compared
        for name, answer in result.answers.items()
    }
