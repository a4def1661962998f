"""Ours beside R, lifelines and others, on the same data in one run.

Usage: python -m benchmarks [--json FILE] [--page FILE] [--only NAME ...] [--rounds N]
Prints medians and how many times longer each peer took, with the spread over the rounds. Always exits 0: what
was promised and is not met is said in its line.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks import cox, distance, growth, permuted, pipeline, startup
from benchmarks.measure import Contest, run
from benchmarks.page import write_page
from lesionhet.statistics.compiled import library
from lesionhet.workers import processors

PACKAGES: Final = ("numpy", "pandas", "scipy", "lifelines", "dask")


def contests(folder: Path) -> dict[str, Callable[[], Contest]]:
    """Give every contest by name; made when it is its turn."""
    return {
        "resampled-cox": partial(cox.contest, folder),
        "distance-by-patient": partial(distance.by_patient, folder),
        "distance-whole-cohort": partial(distance.whole_cohort, folder),
        "permuted-within": partial(permuted.contest, folder),
        "analyze-tables": partial(pipeline.tables, folder),
        "analyze-report": partial(pipeline.report, folder),
        "start-help": startup.helped,
        "start-import": startup.imported,
        "start-cox": partial(startup.first_cox, folder),
    }


CURVES: Final = {"growth-memory": growth.MEMORY, "growth-dask": growth.DASK}
"""Name -> sizes in measurements: how time and memory grow, each size once."""


def machine() -> dict[str, Any]:
    """Give what the figures were measured on."""
    return {
        "machine": platform.machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": processors(),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "compiled": library() is not None,
        **{package: version(package) for package in PACKAGES},
    }


def main(words: Sequence[str]) -> int:
    """Run the contests asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="put the tables into that page, between its marks"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="contests to run; default all")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count; default 5")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        known = contests(Path(folder))
        if unknown := sorted(set(given.only or ()) - {*known, *CURVES}):
            there = ", ".join((*known, *CURVES))
            parser.error(f"unknown: {', '.join(unknown)}; there are {there}")
        outcomes, curves = [], []
        for name in given.only or (*known, *CURVES):
            if name in known:
                outcomes.append(run(known[name](), given.rounds))
                print("\n".join(outcomes[-1].lines()), flush=True)
                continue
            print(f"{name}: from file to phases, distances and group tables", flush=True)
            way = name.removeprefix("growth-")
            curves.append(growth.curve(way, CURVES[name], processors(), partial(print, flush=True)))
    found = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "rounds": given.rounds,
        "contests": [outcome.to_json() for outcome in outcomes],
        "growth": curves,
    }
    if given.page:
        write_page(found, given.page)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
