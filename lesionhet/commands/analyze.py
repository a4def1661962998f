"""``lesionhet analyze``: from tables or CDISC data sets to a report."""

from __future__ import annotations

import argparse
from typing import Any

from lesionhet.commands.inputs import add_inputs, read_inputs
from lesionhet.commands.progress import shown_progress
from lesionhet.commands.reporting import (
    add_output,
    add_report_options,
    crew_of,
    report,
)


def add(commands: Any) -> None:
    """Add the command."""
    analyze = commands.add_parser("analyze", help="from tables or CDISC data sets to a report")
    add_inputs(analyze)
    add_output(analyze)
    add_report_options(analyze)
    analyze.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the tables and report."""
    with shown_progress() as progress, crew_of(options) as crew:
        progress("reading")
        return report(read_inputs(options), options, progress, crew)
