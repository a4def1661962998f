"""Options of the commands that can work on a Dask cluster, and ``analyze`` on one."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from lesionhet.commands.inputs import KINDS, check_plain, read_inputs
from lesionhet.commands.options import (
    DONE,
    command_of,
    definitions_of,
    read_options,
)
from lesionhet.commands.progress import shown_progress
from lesionhet.errors import UsageError

if TYPE_CHECKING:
    from lesionhet.scale.cluster import Cluster

PYTHON: Final = "python"
DASK: Final = "dask"
ORDINARY: Final = ("only", "show", "plan", "contrast", "tables_only", "r")
"""Options of ``analyze`` that are about the ordinary report."""


def add_engine(command: argparse.ArgumentParser) -> None:
    """Add who computes."""
    group = command.add_argument_group("beyond one machine (docs/scale.md)")
    group.add_argument(
        "--engine",
        default=PYTHON,
        choices=(PYTHON, DASK),
        help="dask: by the workers of a Dask cluster, a local one by default",
    )
    group.add_argument(
        "--scheduler", default=None, metavar="ADDRESS", help="of a Dask cluster that is there"
    )


def usual_of_report(command: argparse.ArgumentParser) -> dict[str, Any]:
    """Give the defaults of the options that mean nothing for a folder of parts."""
    return {name: command.get_default(name) for name in ORDINARY}


def uses_dask(options: argparse.Namespace) -> bool:
    """Say whether a cluster was asked for.

    Raises
    ------
    UsageError
        A scheduler without ``--engine dask``.
    """
    if options.engine == DASK:
        return True
    if options.scheduler is not None:
        raise UsageError("--scheduler is for --engine dask: give both, or leave it out.")
    return False


def cluster_of(options: argparse.Namespace) -> Cluster:
    """Give the cluster that was asked for; it starts with the ``with`` block."""
    from lesionhet.scale.cluster import Cluster

    return Cluster(options.workers, options.scheduler)


def analyze_by_dask(options: argparse.Namespace) -> int:
    """Analyse a cohort in parts; of one in memory, write the ordinary report with draws on the cluster."""
    if options.lesions is not None and options.lesions.is_dir():
        return _analyze_parts(options)
    from lesionhet.commands.reporting import report
    from lesionhet.scale.engine import ClusterEngine

    with shown_progress() as progress, cluster_of(options) as cluster:
        progress("reading")
        cohort = read_inputs(options)
        return report(cohort, options, progress, first=ClusterEngine(cluster))


def refuse_folder(options: argparse.Namespace) -> None:
    """Say what a folder in place of LESIONS needs."""
    if options.lesions is not None and options.lesions.is_dir():
        raise UsageError(
            f"{options.lesions}: is a folder. A folder of Parquet parts needs --engine dask; of SDTM or "
            "ADaM data sets, --sdtm or --adam."
        )


def _analyze_parts(options: argparse.Namespace) -> int:
    from lesionhet.report.folder import check_target
    from lesionhet.scale.folder import write_analysis
    from lesionhet.scale.parts import find_parts

    for name in ORDINARY:
        # R is not asked: to switch it off is no contradiction.
        if getattr(options, name) not in (options.usual[name], "off"):
            word = f"--{name.replace('_', '-')}"
            raise UsageError(f"{word} is about the ordinary report, not about a folder of parts.")
    if any(getattr(options, kind) is not None for kind in KINDS if kind != "lesions"):
        raise UsageError("one input is needed: a folder of parts, --sdtm PATH or --adam PATH.")
    check_plain(options)
    check_target(options.output)
    definitions, how = definitions_of(options), read_options(options)
    # Workers elsewhere do not stand in the folder that this process stands in.
    places = [options.lesions, options.patients]
    if options.scheduler is not None:
        places = [None if place is None else place.absolute() for place in places]
    parts = find_parts(*places)
    with shown_progress() as progress, cluster_of(options) as cluster:
        found = write_analysis(
            parts,
            options.output,
            definitions,
            cluster,
            preset=options.definitions,
            command=command_of(options),
            options=how,
            progress=progress,
        )
    for notice in found.notices:
        print(f"{notice.level}: {notice.text}", file=sys.stderr)
    print(f"{found.n_lesions:,} lesions of {found.n_patients:,} patients", file=sys.stderr)
    print(options.output.resolve() / "results.json")
    return DONE
