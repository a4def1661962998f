"""``lesionhet analyze``: from one or two tables to a report."""

from __future__ import annotations

import argparse
from typing import Any

from lesionhet.commands.options import add_tables, read_tables
from lesionhet.commands.progress import shown_progress
from lesionhet.commands.reporting import add_output, add_report_options, report


def add(commands: Any) -> None:
    """Add the command."""
    analyze = commands.add_parser("analyze", help="from one or two tables to a report")
    add_tables(analyze, required=True)
    add_output(analyze)
    add_report_options(analyze)
    analyze.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the tables and report."""
    with shown_progress() as progress:
        progress("reading")
        return report(read_tables(options), options, progress)
