"""How long whole commands take, from their start to their end."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.cox import cohort_rows, with_draws
from benchmarks.measure import Contest

FIRST_COX = """
import pandas as pd
from lesionhet.statistics.resampling import resampled_cox
rows = pd.read_pickle(r"{path}")
resampled_cox(rows, ties="efron", of_interest=1, significance=0.05)
"""


def helped() -> Contest:
    """Give the contest of the help text."""
    what = "lesionhet --help, whole process"
    return Contest("start-help", what, command("-m", "lesionhet", "--help"), limit=0.3)


def imported() -> Contest:
    """Give the contest of the import."""
    what = "import lesionhet, whole process"
    return Contest("start-import", what, command("-c", "import lesionhet"), limit=0.5)


def first_cox(folder: Path) -> Contest:
    """Give the contest of the first resampled Cox of a process; ``folder`` holds its rows."""
    what = "500 Cox models as the first call of a process, imports included"
    ours = command("-c", FIRST_COX.format(path=_drawn(folder)))
    return Contest("start-cox", what, ours, limit=2.0)


def _drawn(folder: Path) -> Path:
    path = folder / "first.pkl"
    with_draws(*cohort_rows()).to_pickle(path)
    return path


def command(*words: str) -> partial[float]:
    """Give a timer of a whole process of this Python."""
    return partial(_time, [sys.executable, *words])


def _time(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began
