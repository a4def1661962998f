"""How time and memory grow with the number of measurements, in memory and by Dask in parts.

Usage: python -m benchmarks.growth [--memory N ...] [--dask N ...] [--workers N]
Prints a line a size: seconds, processor seconds of all processes, and the peak of their memory together; then
the exponent of the growth. Needs psutil, which comes with Dask.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

SEED: Final = 2021
MEMORY: Final = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
DASK: Final = (100_000, 1_000_000, 10_000_000, 20_000_000)
FITTED_FROM: Final = 90_000
"""Measurements from which on the growth is fitted: below, the start of a process weighs most."""
LARGEST_EXPONENT: Final = 1.1
MOST_MEMORY: Final = 8 * 2**30
"""What was promised: of the growth, and of the peak memory by Dask."""
ROWS_A_PART: Final = 200_000
MEAN_LESIONS: Final = 4.0
MEAN_ROWS: Final = 5.0
"""Measurements a lesion, baseline included."""
MISSING: Final = 0.03
"""Share of the measurements after baseline that were not assessed."""
GONE: Final = 0.02
"""Share of the lesions that are gone from the second scan on."""
SMALLEST: Final = 10.0
"""Baseline in mm."""
CHANGES: Final = (-1.2, 0.7)
"""Least and most natural log of a size / baseline."""
DAYS: Final = 56
SITES: Final = ("liver", "lymph node", "lung", "abdomen", "pelvis", "bone")
SHARES: Final = (0.64, 0.16, 0.1, 0.05, 0.03, 0.02)
EVERY: Final = 0.1
"""Seconds between two looks at the memory."""

IN_MEMORY: Final = """
import sys, pandas as pd
from lesionhet import build_study, cohort_from_frames
from lesionhet.engines import engine
from lesionhet.scale.group_tables import group_tables
lesions, patients = (pd.read_parquet(f"{sys.argv[1]}/{name}") for name in ("lesions", "patients"))
study = build_study(cohort_from_frames(lesions, patients))
of_patient = study.patients.set_index("patient_id")[["arm", "trial", "kras"]]
rows = study.lesions.join(of_patient, on="patient_id")
group_tables(rows, study.patients, study.definitions, engine("python"))
"""


@dataclass(frozen=True)
class Grown:
    """What one size took.

    Parameters
    ----------
    way
        ``"memory"`` or ``"dask"``.
    measurements
        Rows of the lesions table.
    seconds, processor_seconds
        From the start of the process to its end; of all processes.
    peak_bytes
        Most memory of all processes together, as seen every tenth of a second; what processes share
        counts for each of them.
    """

    way: str
    measurements: int
    seconds: float
    processor_seconds: float
    peak_bytes: int


def rows_of(first: int, n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make both tables of n patients at once.

    Parameters
    ----------
    first
        Number of the first patient; ids go on from there.
    n
        Patients, with 4 lesions on average, 1 to 10, and 2 to 8 scans.
    rng
        Of the random numbers.

    Returns
    -------
    tuple
        The lesions table, diameters in whole mm (so many are tied), some missing or 0; and the patients
        table.
    """
    lesions = np.minimum(1 + rng.poisson(MEAN_LESIONS - 1, n), 10)
    scans = np.clip(2 + rng.poisson(MEAN_ROWS - 2, n), 2, 8)
    owner = np.repeat(np.arange(n), lesions)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(lesions) - lesions, lesions)
    baseline = np.maximum(np.exp(rng.normal(3.3, 0.5, len(owner))), SMALLEST)
    depth = rng.normal(-0.35, 0.35, n)[owner] + rng.normal(0, 0.3, len(owner))
    regrowth = np.abs(rng.normal(0.06, 0.08, len(owner)))
    lesion = np.repeat(np.arange(len(owner)), scans[owner])
    scan = np.arange(len(lesion)) - np.repeat(np.cumsum(scans[owner]) - scans[owner], scans[owner])
    change = np.where(scan > 0, depth[lesion], 0.0) + regrowth[lesion] * np.maximum(scan - 2, 0)
    # No size is ten times the one before, which the checks would take for a wrong unit.
    change = np.clip(change + rng.normal(0, 0.08, len(lesion)), *CHANGES)
    size = np.round(baseline[lesion] * np.exp(change))
    size[(scan > 1) & (rng.random(len(owner)) < GONE)[lesion]] = 0.0
    size[(scan > 0) & (rng.random(len(lesion)) < MISSING)] = np.nan
    ids = np.char.add("P", np.char.zfill((first + np.arange(n)).astype(str), 8)).astype(object)
    names = np.array([f"L{k}" for k in range(1, 11)], dtype=object)
    sites = np.array(SITES, dtype=object)[rng.choice(len(SITES), len(owner), p=SHARES)]
    table = {
        "patient_id": ids[owner[lesion]],
        "lesion_id": names[number[lesion]],
        "day": scan * DAYS - np.where(scan > 0, 0, 7),
        "diameter_mm": size,
        "site": sites[lesion],
    }
    labels = {"arm": ("A", "B", "C"), "trial": ("T1", "T2"), "kras": ("wild-type", "mutant")}
    chosen = {
        name: np.array(given, dtype=object)[rng.integers(0, len(given), n)]
        for name, given in labels.items()
    }
    return pd.DataFrame(table), pd.DataFrame({"patient_id": ids, **chosen})


def write_parts(folder: Path, measurements: int) -> int:
    """Write a cohort of about so many measurements in parts; give how many it has."""
    for name in ("lesions", "patients"):
        (folder / name).mkdir(parents=True)
    patients = max(1, round(measurements / (MEAN_LESIONS * MEAN_ROWS)))
    at_once = round(ROWS_A_PART / (MEAN_LESIONS * MEAN_ROWS))
    rng = np.random.default_rng(SEED)
    total = 0
    for number, first in enumerate(range(0, patients, at_once)):
        lesions, described = rows_of(first, min(at_once, patients - first), rng)
        for name, table in (("lesions", lesions), ("patients", described)):
            table.to_parquet(folder / name / f"part-{number:05d}.parquet", index=False)
        total += len(lesions)
    return total


def in_memory(measurements: int, folder: Path) -> Grown:
    """Measure phases, distances and group tables of a cohort that is held as a whole."""
    n = write_parts(folder, measurements)
    return _measured("memory", n, [sys.executable, "-c", IN_MEMORY, str(folder)])


def by_dask(measurements: int, folder: Path, workers: int) -> Grown:
    """Measure ``analyze --engine dask`` of the same cohort."""
    n = write_parts(folder / "parts", measurements)
    words = ["analyze", str(folder / "parts"), "--engine", "dask", "--workers", str(workers)]
    command = [sys.executable, "-m", "lesionhet", *words, "-o", str(folder / "out")]
    return _measured("dask", n, command)


def exponent(found: Sequence[Grown]) -> float:
    """Fit log(processor seconds) = a + b log(measurements) by least squares; give b."""
    x, y = (
        np.log([getattr(one, name) for one in found])
        for name in ("measurements", "processor_seconds")
    )
    return float(np.polyfit(x, y, 1)[0])


def _measured(way: str, measurements: int, command: Sequence[str]) -> Grown:
    import psutil

    before = _processor_seconds()
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    watched, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        peak = max(peak, _memory(psutil, watched))
        time.sleep(EVERY)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:5])} ... ended with code {process.returncode}.")
    return Grown(way, measurements, seconds, _processor_seconds() - before, peak)


def _memory(psutil: Any, process: Any) -> int:
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for one in family:
        # A process may end between two looks.
        try:
            total += one.memory_info().rss
        except psutil.Error:
            continue
    return total


def _processor_seconds() -> float:
    """Give what all processes that ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def curve(
    way: str, sizes: Sequence[int], workers: int, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Measure one way at each size.

    Parameters
    ----------
    way
        ``"memory"`` or ``"dask"``.
    sizes
        Measurements, about.
    workers
        Of the Dask cluster.
    say
        Told a line a size as it is done, and the exponent.

    Returns
    -------
    dict
        ``name``, ``points`` (a dict a size), ``exponent`` (None of fewer than two sizes from 90,000 up).
    """
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "data")
            one = in_memory(size, folder) if way == "memory" else by_dask(size, folder, workers)
        found.append(one)
        say(
            f"  {way:<8}{one.measurements:>12,} measurements{one.seconds:>9.1f} s"
            f"{one.processor_seconds:>9.1f} s of processor{one.peak_bytes / 2**30:>8.2f} GiB"
        )
    large = [one for one in found if one.measurements >= FITTED_FROM]
    grows = exponent(large) if len(large) > 1 else None
    if grows is not None:
        verdict = "met" if grows <= LARGEST_EXPONENT else "NOT MET"
        say(f"  {way}: exponent {grows:.2f}; promised {LARGEST_EXPONENT}: {verdict}")
    if way == "dask":
        most = max((one.peak_bytes for one in found), default=0)
        verdict = "met" if most < MOST_MEMORY else "NOT MET"
        say(f"  {way}: peak {most / 2**30:.2f} GiB; promised under 8 GiB: {verdict}")
    return {"name": f"growth-{way}", "points": [asdict(one) for one in found], "exponent": grows}


def main(words: Sequence[str]) -> int:
    """Measure the sizes asked for and print them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--memory", type=int, nargs="*", default=list(MEMORY), metavar="N")
    parser.add_argument("--dask", type=int, nargs="*", default=list(DASK), metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    given = parser.parse_args(words)
    for way, sizes in (("memory", given.memory), ("dask", given.dask)):
        curve(way, sizes, given.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
