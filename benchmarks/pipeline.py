"""From two files to results: the whole command on the demonstration cohort."""

from __future__ import annotations

from pathlib import Path

from benchmarks.data import PATIENTS, SEED
from benchmarks.measure import Contest, Timer
from benchmarks.startup import command
from lesionhet.simulate import simulate_trial, write_trial


def tables(folder: Path) -> Contest:
    """Give the contest of all statistics without figures and R; ``folder`` holds the two files."""
    what = "lesionhet analyze --tables-only, all analyses, no R, whole process"
    return Contest("analyze-tables", what, _analyze(folder, "--tables-only"), limit=3.0)


def report(folder: Path) -> Contest:
    """Give the contest of the whole report without R."""
    what = "lesionhet analyze, the whole report, no R, whole process"
    return Contest("analyze-report", what, _analyze(folder), limit=30.0)


def _analyze(folder: Path, *options: str) -> Timer:
    if not (folder / "lesions.csv").exists():
        write_trial(simulate_trial(PATIENTS, seed=SEED), folder)
    given = [str(folder / "lesions.csv"), str(folder / "patients.csv"), "--r", "off", *options]
    return command("-m", "lesionhet", "analyze", *given, "-o", str(folder / "report"))
