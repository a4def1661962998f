"""``lesionhet convert``: the data and what was derived of them, as tables and ADaM data sets, or in parts."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lesionhet.commands.inputs import add_inputs, read_inputs
from lesionhet.commands.options import DONE, add_definitions, definitions_of
from lesionhet.commands.progress import shown_progress
from lesionhet.commands.reporting import add_output
from lesionhet.errors import UsageError


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
    convert.add_argument(
        "--partitions",
        type=int,
        default=None,
        metavar="N",
        help="write the data as N Parquet parts by patient instead, for analyze --engine dask",
    )
    convert.set_defaults(run=run, of_data_sets=_defaults_of_data_sets(convert))


def _defaults_of_data_sets(convert: argparse.ArgumentParser) -> dict[str, Any]:
    """Give the defaults of the options that are about the ADaM data sets."""
    names = ("study", "xpt", "definitions", "set")
    return {name: convert.get_default(name) for name in names}


def run(options: argparse.Namespace) -> int:
    """Read, derive, write, and say what was written."""
    if options.partitions is not None:
        return _run_partitions(options)
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


def _run_partitions(options: argparse.Namespace) -> int:
    """Read, write the parts, and say where they are."""
    from lesionhet.scale.partition import check_target, write_partitions

    for name, usual in options.of_data_sets.items():
        if getattr(options, name) != usual:
            raise UsageError(
                f"--{name} is about the ADaM data sets, which --partitions leaves out."
            )
    check_target(options.output)
    with shown_progress() as progress:
        progress("reading")
        cohort = read_inputs(options)
        progress("writing")
        manifest = write_partitions(cohort, options.output, options.partitions)
    for notice in cohort.notices:
        print(f"{notice.level}: {notice.text}", file=sys.stderr)
    print(manifest)
    return DONE
