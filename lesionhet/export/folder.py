"""The folder of ``lesionhet convert``: written aside, moved into place when whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from lesionhet.aside import check_place, write_aside
from lesionhet.errors import InputError, UsageError
from lesionhet.export.adhet import adhet, adhetl
from lesionhet.export.adsl import adsl, adtte
from lesionhet.export.adtr import adtr
from lesionhet.export.dataset import DataSet
from lesionhet.export.define import FILE as DEFINE
from lesionhet.export.define import ORIGINATOR, write_define
from lesionhet.export.page import FILE as PAGE
from lesionhet.export.page import write_define_page
from lesionhet.export.two_tables import has_patients_table, lesion_rows, patient_rows
from lesionhet.export.xpt import VERSIONS, misfits, write_xpt
from lesionhet.readers.table import counted, listed
from lesionhet.report.tables import FORMULA_STARTS, write_csv
from lesionhet.study import Study

WHAT: Final = "conversion"
LESIONS: Final = "lesions.csv"
PATIENTS: Final = "patients.csv"
NO_STUDY: Final = "UNKNOWN"
_OURS: Final = frozenset(
    {LESIONS, PATIENTS, DEFINE, PAGE}
    | {f"{name}.xpt" for name in ("adsl", "adtr", "adtte", "adhet", "adhetl")}
)


@dataclass(frozen=True)
class Conversion:
    """What was written.

    Parameters
    ----------
    folder
        The folder.
    files
        Names in it, in the order written.
    remarks
        What the user should know, one sentence each.
    """

    folder: Path
    files: tuple[str, ...]
    remarks: tuple[str, ...]


def check_target(target: Path) -> Path:
    """Say early whether a conversion may be written to a folder.

    Parameters
    ----------
    target
        The folder; it may be new, empty, or an earlier conversion, which is then replaced.

    Raises
    ------
    UsageError
        Anything else.
    """
    return check_place(target, WHAT, _is_conversion)


def write_conversion(
    study: Study, target: Path, study_id: str = NO_STUDY, version: int = 5
) -> Conversion:
    """Write a study as two tables, ADaM-like data sets and their description.

    Parameters
    ----------
    study
        What is written.
    target
        Folder; see `check_target`.
    study_id
        STUDYID of patients whose trial the patients table does not name.
    version
        Version of the SAS transport files: 5 or 8.

    Returns
    -------
    Conversion
        ``lesions.csv``, ``patients.csv`` where anything is known of the patients, ``adsl.xpt``,
        ``adtr.xpt``, ``adtte.xpt`` where there is survival, ``adhet.xpt``, ``adhetl.xpt``, ``define.xml``,
        ``define.html``.

    Raises
    ------
    UsageError
        A version or a target that is not permitted.
    InputError
        Labels, texts or numbers that the transport files cannot hold, together; nothing is written.

    Examples
    --------
    >>> import tempfile
    >>> from lesionhet import build_study, cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = write_conversion(build_study(cohort_from_frames(rows)), Path(folder, "out"))
    >>> done.files
    ('lesions.csv', 'adsl.xpt', 'adtr.xpt', 'adhet.xpt', 'adhetl.xpt', 'define.xml', 'define.html')
    """
    if version not in VERSIONS:
        raise UsageError(f"version is {version!r}; permitted: {', '.join(map(str, VERSIONS))}.")
    place = check_target(target)
    datasets = data_sets(study, study_id)
    problems = [p for data in datasets for p in misfits(data, VERSIONS[version])]
    if problems:
        raise InputError(problems)
    tables = {LESIONS: lesion_rows(study.cohort)}
    if has_patients_table(study.cohort):
        tables[PATIENTS] = patient_rows(study.cohort)
    remarks = _remarks(tables, datasets, study_id)
    name = _study_name(datasets)

    def fill(folder: Path) -> None:
        for file, table in tables.items():
            write_csv(table, folder / file)
        for data in datasets:
            write_xpt(data, folder, VERSIONS[version])
        write_define(datasets, folder, name)
        write_define_page(datasets, folder, name, study.definitions, version, remarks)

    write_aside(place, WHAT, fill)
    files = (*tables, *(data.file for data in datasets), DEFINE, PAGE)
    return Conversion(place, files, tuple(remarks))


def data_sets(study: Study, study_id: str = NO_STUDY) -> tuple[DataSet, ...]:
    """Give the analysis data sets of a study; ADTTE only where there is survival."""
    made = [f(study, study_id) for f in (adsl, adtr, adtte, adhet, adhetl)]
    return tuple(data for data in made if data is not None)


def _study_name(datasets: Sequence[DataSet]) -> str:
    return ", ".join(sorted(set(datasets[0].frame["STUDYID"])))


def _remarks(
    tables: dict[str, pd.DataFrame], datasets: Sequence[DataSet], study_id: str
) -> list[str]:
    found = []
    for file, table in tables.items():
        texts = pd.concat([pd.Series(table.columns, dtype=object), *_text_columns(table)])
        guarded = texts[texts.astype(str).str.startswith(FORMULA_STARTS)]
        if len(guarded):
            text = (
                f"{file}: {counted(len(guarded), 'text')} that a spreadsheet would take for a formula "
                f"stand with an apostrophe before them, and are read again with it: "
            )
            found.append(f"{text}{listed(sorted(set(guarded.astype(str))))}.")
    if study_id == NO_STUDY and datasets[0].frame["STUDYID"].eq(NO_STUDY).any():
        found.append(f"STUDYID is {NO_STUDY} where no trial is named; give its name with --study.")
    return found


def _text_columns(table: pd.DataFrame) -> list[pd.Series]:
    return [
        table[name].dropna()
        for name in table.columns
        if not pd.api.types.is_numeric_dtype(table[name])
    ]


def _is_conversion(folder: Path) -> bool:
    """Say whether a folder holds an earlier conversion and nothing else."""
    if not {path.name for path in folder.iterdir()} <= _OURS:
        return False
    try:
        head = (folder / DEFINE).read_text(encoding="utf-8")[:2000]
    except (OSError, UnicodeDecodeError):
        return False
    return f'Originator="{ORIGINATOR}"' in head
