"""``lesionhet analyze``: from tables or CDISC data sets to a report."""

from __future__ import annotations

import argparse
from typing import Any

from lesionhet.collector import rare_collections
from lesionhet.commands.cluster import (
    add_engine,
    analyze_by_dask,
    refuse_folder,
    uses_dask,
    usual_of_report,
)
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
    add_engine(analyze)
    analyze.set_defaults(run=run, usual=usual_of_report(analyze))


def run(options: argparse.Namespace) -> int:
    """Read the tables and report."""
    if uses_dask(options):
        return analyze_by_dask(options)
    refuse_folder(options)
    with rare_collections(), shown_progress() as progress, crew_of(options) as crew:
        progress("reading")
        return report(read_inputs(options), options, progress, crew)
