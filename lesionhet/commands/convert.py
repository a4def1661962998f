"""``lesionhet convert``: the data and what was derived of them, as tables and as ADaM-like data sets."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lesionhet.commands.inputs import add_inputs, read_inputs
from lesionhet.commands.options import DONE, add_definitions, definitions_of
from lesionhet.commands.progress import shown_progress
from lesionhet.commands.reporting import add_output


def add(commands: Any) -> None:
    """Add the command."""
    convert = commands.add_parser(
        "convert", help="write the data as two tables and as ADaM data sets (SAS transport)"
    )
    add_inputs(convert)
    add_output(convert)
    add_definitions(convert)
    convert.add_argument(
        "--study",
        default="UNKNOWN",
        metavar="NAME",
        help="STUDYID where the patients table names no trial",
    )
    convert.add_argument(
        "--xpt",
        type=int,
        default=5,
        choices=(5, 8),
        help="version of the SAS transport files; 8 holds longer and other texts",
    )
    convert.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, derive, write, and say what was written."""
    from lesionhet.export.folder import check_target, write_conversion
    from lesionhet.study import build_study

    check_target(options.output)
    with shown_progress() as progress:
        progress("reading")
        cohort = read_inputs(options)
        progress("phases and distances")
        study = build_study(cohort, definitions_of(options))
        progress("writing")
        done = write_conversion(study, options.output, options.study, options.xpt)
    for notice in cohort.notices:
        print(f"{notice.level}: {notice.text}", file=sys.stderr)
    for remark in done.remarks:
        print(f"note: {remark}", file=sys.stderr)
    for name in done.files:
        print(done.folder / name)
    return DONE
