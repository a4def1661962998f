"""What ``analyze`` and ``demo`` share: from a cohort to the report and what is said about it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lesionhet.commands.options import (
    DONE,
    PARTED,
    add_definitions,
    add_plan,
    command_of,
    definitions_of,
    plan_of,
)
from lesionhet.commands.progress import Progress

if TYPE_CHECKING:
    from lesionhet.cohort import Cohort
    from lesionhet.engines import Engine
    from lesionhet.outcome import Outcome
    from lesionhet.workers import Crew

LOADED: Final = ("lesionhet.pipeline", "lesionhet.statistics.cox", "lesionhet.statistics.markers")
"""Modules that a process loads while this one reads: what all analyses need sooner or later."""
MOST_UNASKED: Final = 8
"""Processes that are started where nobody said how many: each holds the study and its libraries."""


def add_report_options(command: argparse.ArgumentParser) -> None:
    """Add what a report can be told."""
    add_definitions(command)
    command.add_argument(
        "--r",
        default="auto",
        choices=("auto", "require", "off"),
        help="compute each number again in R: when usable, always, never",
    )
    add_plan(command)
    command.add_argument("--only", default=None, metavar="IDS", help="analyses, such as 2C,2D")
    command.add_argument(
        "--show", default="", metavar="IDS", help="patients whose trajectories are shown"
    )
    command.add_argument(
        "--tables-only",
        action="store_true",
        help="write the tables and results.json alone: no figures, page or reproduce.R",
    )
    command.add_argument(
        "--workers",
        type=int,
        default=None,
        metavar="N",
        help="processes that share the work; default: one a processor, 8 at most",
    )


def crew_of(options: argparse.Namespace) -> Crew:
    """Give the processes that share the work, started: they load while this one reads.

    Raises
    ------
    UsageError
        A number of workers that is not permitted.
    """
    from lesionhet.workers import Crew, processors

    # A few analyses are done before a second process has loaded.
    unasked = 1 if options.only else min(processors(), MOST_UNASKED)
    crew = Crew(unasked if options.workers is None else options.workers, helping=True)
    crew.start(*LOADED)
    return crew


def add_output(command: argparse.ArgumentParser, default: Path | None = None) -> None:
    """Add the folder that is written; required where there is no default."""
    command.add_argument(
        "-o", "--output", type=Path, default=default, required=default is None, metavar="DIR"
    )


def report(
    cohort: Cohort,
    options: argparse.Namespace,
    progress: Progress,
    crew: Crew | None = None,
    synthetic: bool = False,
    first: Engine | None = None,
) -> int:
    """Analyse a cohort, write the report, and say where it is and whether R agrees."""
    from lesionhet.pipeline import analyze
    from lesionhet.report.folder import check_target, write_report

    check_target(options.output)
    outcome = analyze(
        cohort,
        definitions_of(options),
        preset=options.definitions,
        r=options.r,
        only=options.only.split(",") if options.only else None,
        chosen=tuple(name for name in options.show.split(",") if name),
        plan=plan_of(options),
        synthetic=synthetic,
        progress=progress,
        crew=crew,
        first=first,
    )
    page = write_report(
        outcome,
        options.output,
        command_of(options),
        progress,
        tables_only=options.tables_only,
        crew=crew,
    )
    progress("")
    _say_outcome(outcome)
    print(page)
    return DONE if outcome.agrees else PARTED


def _say_outcome(outcome: Outcome) -> None:
    """Tell on standard error what a person must know before opening the report."""
    for notice in outcome.study.cohort.notices:
        print(f"{notice.level}: {notice.text}", file=sys.stderr)
    for result in outcome.results:
        if result.reason:
            print(f"{result.id} {result.status}: {result.reason}", file=sys.stderr)
    for name, reason in outcome.r_failures.items():
        print(f"{name} has no answer from R: {reason}", file=sys.stderr)
    print(_verdict(outcome), file=sys.stderr)


def _verdict(outcome: Outcome) -> str:
    if outcome.r_state == "off":
        return "R was not asked (--r off)."
    if outcome.r_state == "unusable":
        return f"Without R's column: {outcome.r_reason}"
    parted = outcome.agreement[outcome.agreement["verdict"] == "differ"]
    n = len(outcome.agreement)
    if parted.empty:
        lost = f"; {len(outcome.r_failures)} without an answer from R" if outcome.r_failures else ""
        return f"Python and R agree on all {n:,} numbers{lost}."
    names = ", ".join(sorted(parted["name"].unique())[:5])
    return f"Python and R part on {len(parted):,} of {n:,} numbers: {names}; see agreement.csv."
