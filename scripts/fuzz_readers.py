"""Try the readers with files that chance damaged: nothing but a table or a `LesionhetError` may come out.

Usage: python -m scripts.fuzz_readers --cases N --seed S [--targets csv,xpt5]

The cases run in processes with a limit of memory and of time, so that a library that crashes or never ends is
found and named. A case is known by its target and its number: what is found can be made again with
--show TARGET NUMBER, which writes its files into the present folder.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fuzz_cdisc_helpers import TARGETS

MEMORY = 3 << 30
"""Bytes of address space: the seeds have some kilobytes, and libraries reserve about one GiB at start."""
SECONDS_A_CASE = 20
BATCH = 500
MODULE = "scripts.fuzz_readers"
STARTED = "the cases are made"
STEP = 1_000_000
"""Numbers of cases from one seed to the next."""

Case = tuple[str, int]
"""Target and number."""


class _TooLongError(BaseException):
    """A case that did not end; no reader may catch it."""


@dataclass(frozen=True)
class Finding:
    """A case that gave something else than a table or a `LesionhetError`."""

    target: str
    number: int
    what: str


def main(words: Sequence[str] | None = None) -> int:
    """Run the cases and print what was found; 1 where anything was."""
    options = _parser().parse_args(words)
    if options.show:
        for name, data in TARGETS[options.show[0]].case(int(options.show[1])).items():
            Path(name).write_bytes(data)
        return 0
    if options.batch is not None:
        for module in options.batch:
            importlib.import_module(module).add(TARGETS)
        _run_batch([(name, number) for name, number in json.load(sys.stdin)])
        return 0
    first, total = options.seed * STEP, 0
    for name in options.targets.split(","):
        began = time.monotonic()
        found = list(try_cases([(name, first + n) for n in range(options.cases)]))
        seconds = time.monotonic() - began
        print(f"{name}: {options.cases} cases, {len(found)} found, {seconds:.0f} s", flush=True)
        for finding in found:
            print(f"  {finding.target} {finding.number}: {finding.what}", flush=True)
        total += len(found)
    return 1 if total else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {MODULE}", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    names = ",".join(TARGETS)
    parser.add_argument("--cases", type=int, default=1000, help="cases of each target")
    parser.add_argument(
        "--seed", type=int, default=0, help="which cases: another number, other ones"
    )
    parser.add_argument("--targets", default=names, help=f"parted by commas; default {names}")
    parser.add_argument(
        "--show", nargs=2, metavar=("TARGET", "NUMBER"), help="write the files of a case"
    )
    parser.add_argument("--batch", nargs="*", help=argparse.SUPPRESS)
    return parser


def try_cases(cases: Sequence[Case], also: Sequence[str] = ()) -> Iterator[Finding]:
    """Try cases in processes of their own; a process that dies is followed by another one.

    Parameters
    ----------
    cases
        Targets and numbers.
    also
        Modules beside the tests whose ``add`` puts further targets into `fuzz_helpers.TARGETS`.
    """
    left = list(cases)
    while left:
        batch, left = left[:BATCH], left[BATCH:]
        done = subprocess.run(  # noqa: S603  our own words
            [sys.executable, "-X", "faulthandler", "-m", MODULE, "--batch", *also],
            input=json.dumps(batch),
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[1],
        )
        ended = [json.loads(line) for line in done.stdout.splitlines()]
        yield from (Finding(*case, what) for case, what in zip(batch, ended, strict=False) if what)
        if done.returncode:
            said = " ".join(done.stderr.split())[-2000:]
            if STARTED not in done.stderr:
                raise SystemExit(f"The cases cannot be made: {said}")
            # The case after the last one that ended is the one that killed the process.
            killer, *rest = batch[len(ended) :]
            yield Finding(*killer, f"the process ended with {done.returncode}: {said}")
            left = [*rest, *left]


def _run_batch(cases: Sequence[Case]) -> None:
    """Try cases in this process; print for each one that ended null or what was found."""
    for name in dict.fromkeys(name for name, _ in cases):
        TARGETS[name].seeds()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _alarm)
    print(STARTED, file=sys.stderr, flush=True)
    for name, number in cases:
        files = TARGETS[name].case(number)
        # A library that does not come back to Python is ended by the second limit.
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + 2 * SECONDS_A_CASE
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        signal.setitimer(signal.ITIMER_PROF, SECONDS_A_CASE)
        try:
            what = TARGETS[name].verdict(files)
        except _TooLongError:
            what = f"not ended after {SECONDS_A_CASE} s"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(what), flush=True)


def _alarm(signum: int, frame: FrameType | None) -> None:
    raise _TooLongError


if __name__ == "__main__":
    sys.exit(main())
