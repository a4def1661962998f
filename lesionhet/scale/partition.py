"""A checked cohort as Parquet files, all rows of a patient in one of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import __version__
from lesionhet.aside import check_place, write_aside
from lesionhet.cohort import Cohort
from lesionhet.errors import UsageError
from lesionhet.export.two_tables import has_patients_table, lesion_rows, patient_rows
from lesionhet.scale.files import write_parquet
from lesionhet.scale.parts import LESIONS, MANIFEST, PATIENTS, SCHEMA

WHAT: Final = "partitioned cohort"
GENERATOR: Final = "lesionhet"


def check_target(target: Path) -> Path:
    """Say early whether a folder may be written.

    Raises
    ------
    UsageError
        A file, or a folder with something else than an earlier partitioned cohort.
    """
    return check_place(target, WHAT, _is_ours)


def write_partitions(cohort: Cohort, target: Path, partitions: int) -> Path:
    """Write a cohort as parts of about the same number of rows.

    Parameters
    ----------
    cohort
        A checked cohort; every row that was read is written, followed or not.
    target
        Folder to write; new, empty or an earlier partitioned cohort.
    partitions
        How many parts; at most one a patient are written.

    Returns
    -------
    pathlib.Path
        ``manifest.json``: version of the layout, and of each part its files and counts.

    Raises
    ------
    UsageError
        Fewer than 1 partition, or a folder that may not be written.

    Examples
    --------
    >>> import tempfile
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": ["P1", "P1", "P2", "P2"], "lesion_id": "L1",
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [20.0, 12, 30, 29]})
    >>> with tempfile.TemporaryDirectory() as place:
    ...     path = write_partitions(cohort_from_frames(rows), Path(place, "parts"), 2)
    ...     [one["n_patients"] for one in json.loads(path.read_text())["parts"]]
    [1, 1]
    """
    if partitions < 1:
        raise UsageError(f"partitions is {partitions!r}; permitted: whole numbers from 1.")
    place = check_target(target)
    write_aside(place, WHAT, lambda folder: _fill(cohort, folder, partitions))
    return place / MANIFEST


def part_of_patients(lesions: pd.Series, patients: pd.Series, partitions: int) -> pd.Series:
    """Deal patients, in the order of their ids, to parts of about the same number of rows.

    Parameters
    ----------
    lesions
        The patient of each row of the lesions table.
    patients
        Every patient; one without a row goes with the one before.
    partitions
        How many parts at most, 1 or more.

    Returns
    -------
    pandas.Series
        Number of the part by patient (the index), ascending from 0 without gaps.

    Examples
    --------
    >>> rows, everybody = pd.Series(["B", "A", "A", "D"]), pd.Series(["A", "B", "C", "D", "E"])
    >>> part_of_patients(rows, everybody, 2).to_dict()
    {'A': 0, 'B': 1, 'C': 1, 'D': 1, 'E': 1}
    """
    counts = lesions.value_counts().sort_index()
    middle = counts.cumsum() - counts / 2
    wanted = (middle * partitions // counts.sum()).to_numpy(dtype=np.int64)
    part = pd.Series(np.unique(wanted, return_inverse=True)[1], index=counts.index)
    everybody = part.reindex(sorted({*counts.index, *patients}))
    return everybody.ffill().bfill().astype("int64")


def _fill(cohort: Cohort, folder: Path, partitions: int) -> None:
    lesions = lesion_rows(cohort)
    patients = patient_rows(cohort) if has_patients_table(cohort) else None
    everybody = (lesions if patients is None else patients)["patient_id"]
    part = part_of_patients(lesions["patient_id"], everybody, partitions)
    for name in (LESIONS, *([] if patients is None else [PATIENTS])):
        (folder / name).mkdir()
    records = [
        _write_part(folder, number, part.index[part == number], lesions, patients)
        for number in range(int(part.max()) + 1)
    ]
    content = {
        "generator": GENERATOR,
        "schema": SCHEMA,
        "version": __version__,
        "sources": [{"file": s.file, "sha256": s.sha256, "rows": s.rows} for s in cohort.sources],
        "parts": records,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def _write_part(
    folder: Path, number: int, names: pd.Index, lesions: pd.DataFrame, patients: pd.DataFrame | None
) -> dict[str, Any]:
    """Write the files of one part and give its line of the manifest."""
    file = f"part-{number:05d}.parquet"
    own = lesions[lesions["patient_id"].isin(names)]
    write_parquet(own, folder / LESIONS / file)
    record: dict[str, Any] = {
        "lesions": f"{LESIONS}/{file}",
        "patients": None,
        "n_patients": len(names),
        "n_rows": len(own),
    }
    if patients is not None:
        theirs = patients[patients["patient_id"].isin(names)]
        write_parquet(theirs, folder / PATIENTS / file)
        record |= {"patients": f"{PATIENTS}/{file}", "n_patient_rows": len(theirs)}
    return record


def _is_ours(folder: Path) -> bool:
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("generator") == GENERATOR
