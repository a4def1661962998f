"""R as a peer: a script of benchmarks/r does the work once and prints its seconds, its start not counted."""

from __future__ import annotations

import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.measure import NotHereError, Timer

FOLDER: Final = Path(__file__).with_name("r")


def r_timer(script: str, *arguments: str) -> Timer:
    """Give a timer that runs a script with arguments."""
    return partial(_run, script, arguments)


def _run(script: str, arguments: tuple[str, ...]) -> float:
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise NotHereError("Rscript is not on the path")
    command = [rscript, "--vanilla", str(FOLDER / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines() or ["no message"]
        raise NotHereError(f"{script}: {last[-1]}")
    return float(done.stdout.split()[-1])


def write_columns(table: pd.DataFrame, folder: Path, name: str) -> Path:
    """Write numbers as R reads them fastest: 8-byte floats, column after column, and their names."""
    path = folder / f"{name}.bin"
    np.asfortranarray(table.to_numpy(dtype=float)).T.tofile(path)
    path.with_suffix(".names").write_text("\n".join(map(str, table.columns)), encoding="utf-8")
    return path
