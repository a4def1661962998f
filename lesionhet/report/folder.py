"""The report's folder: written aside, moved into place when whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lesionhet.aside import check_place, write_aside
from lesionhet.outcome import Outcome
from lesionhet.report import results_json
from lesionhet.report.drawing import Progress, drawing
from lesionhet.report.every_p import write_every_p
from lesionhet.report.reading import write_reading
from lesionhet.report.section import FIGURES, TABLES, Section, with_pictures, write_section
from lesionhet.report.tables import lesion_table, patient_table, write_csv

if TYPE_CHECKING:
    from lesionhet.workers import Crew

PAGE: Final = "report.html"
WHAT: Final = "report"


def write_report(
    outcome: Outcome,
    target: Path,
    command: str,
    progress: Progress = lambda _: None,
    *,
    tables_only: bool = False,
    crew: Crew | None = None,
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
    tables_only
        Write the tables and ``results.json`` alone: no figures, page and ``reproduce.R``.
    crew
        Processes that draw the figures; default: this one alone. The files are the same.

    Returns
    -------
    pathlib.Path
        ``report.html`` in the folder; with ``tables_only`` its ``results.json``.

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
    created = datetime.now(UTC).isoformat(timespec="seconds")
    record = (command, created)

    def fill(folder: Path) -> None:
        if tables_only:
            sections = _write_tables(outcome, folder, progress)
            progress(results_json.FILE)
            results_json.write_results(outcome, sections, folder, *record, reproduced=False)
        else:
            _write_all(outcome, folder, record, progress, crew)

    write_aside(target, WHAT, fill)
    return target / (results_json.FILE if tables_only else PAGE)


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


def _write_tables(outcome: Outcome, folder: Path, progress: Progress) -> list[Section]:
    """Write every table; give what was written of each analysis."""
    (folder / TABLES).mkdir()
    progress("tables")
    write_csv(lesion_table(outcome.study), folder / TABLES / "lesions.csv")
    write_csv(patient_table(outcome.study), folder / TABLES / "patients.csv")
    write_csv(outcome.agreement, folder / "agreement.csv")
    write_csv(outcome.study.cohort.attrition, folder / "attrition.csv")
    write_reading(outcome.study.cohort.reading, folder)
    sections = []
    for result in outcome.results:
        progress(f"{result.id} tables")
        sections.append(write_section(outcome, result, folder))
    write_every_p(outcome, folder)
    return sections


def _write_all(
    outcome: Outcome,
    folder: Path,
    record: tuple[str, str],
    progress: Progress,
    crew: Crew | None,
) -> None:
    """Write tables, figures, results.json, the script that repeats everything in R, and the page."""
    # Here, so that neither a check of the target nor tables alone load templates and R's sources.
    from lesionhet.report import reproduce
    from lesionhet.report.html import write_page
    from lesionhet.report.numbers import printed_numbers

    (folder / FIGURES).mkdir()
    with drawing(outcome, folder, progress, crew) as drawn:
        sections = _write_tables(outcome, folder, progress)
        progress("reproduce.R")
        headings = [reproduce.Section(r.id, r.title, r.question) for r in outcome.compared]
        reproduce.write_reproduce(folder, _items(outcome), headings)
        numbers = printed_numbers(outcome, sections)
        progress("figures")
        pictured = drawn()
        sections = [with_pictures(section, pictured) for section in sections]
    progress(results_json.FILE)
    results_json.write_results(outcome, sections, folder, *record, reproduced=True)
    progress(PAGE)
    write_page(outcome, sections, numbers, folder, *record, crew)


def _items(outcome: Outcome) -> dict[str, tuple[Any, Any]]:
    """Give every request with Python's answer by name, analyses in order."""
    return {
        f"{result.id}.{name}": (result.requests[name], answer)
        for result in outcome.compared
        for name, answer in result.answers.items()
    }
