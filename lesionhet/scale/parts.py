"""A folder of Parquet files that together are one cohort: which files there are and what belongs together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lesionhet.errors import InputError, Problem
from lesionhet.readers.table import fail, listed

LESIONS: Final = "lesions"
PATIENTS: Final = "patients"
"""Subfolders of the two tables."""
MANIFEST: Final = "manifest.json"
ENDINGS: Final = (".parquet", ".pq")
"""How the name of a Parquet file ends, in any case."""
SCHEMA: Final = 1
"""Version of the layout; a manifest of another one is refused."""
_DAMAGED: Final = "Write the parts anew with `lesionhet convert --partitions`."


@dataclass(frozen=True)
class Part:
    """All rows of some patients.

    Parameters
    ----------
    number
        Its place among the parts, from 0.
    lesions, patients
        Paths of its two files; the second is None where there is no patients table.
    """

    number: int
    lesions: str
    patients: str | None


def find_parts(folder: Path, patients: Path | None = None) -> tuple[Part, ...]:
    """Find the parts of a cohort.

    Parameters
    ----------
    folder
        What `lesionhet.scale.partition.write_partitions` wrote; or a folder with the subfolders
        ``lesions`` and ``patients``; or a folder of Parquet files of the lesions table. The two files of
        a part have the same name; names that begin with a dot or an underscore are passed over.
    patients
        Folder of the patients' files, where it is elsewhere.

    Returns
    -------
    tuple of Part
        In the order of the manifest or of the names; parts without any row are passed over.

    Raises
    ------
    InputError
        No Parquet files, other files beside them, files without their partner, other columns in one file
        than in the others, or a manifest that does not fit the files.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> rows = pd.DataFrame({"patient_id": ["P1"], "lesion_id": ["L1"], "day": [0], "diameter_mm": [9.0]})
    >>> with tempfile.TemporaryDirectory() as place:
    ...     rows.to_parquet(Path(place, "a.parquet"))
    ...     [Path(part.lesions).name for part in find_parts(Path(place))]
    ['a.parquet']
    """
    if (folder / MANIFEST).is_file() and patients is None:
        pairs = _from_manifest(folder)
    else:
        pairs = _by_name(folder, patients)
    lesion_files, patient_files = zip(*pairs, strict=True)
    rows = _rows(lesion_files)
    if any(patient_files):
        rows = [a + b for a, b in zip(rows, _rows(patient_files), strict=True)]
    filled = [pair for pair, n in zip(pairs, rows, strict=True) if n]
    if not filled:
        raise fail(str(folder), "none of the files has a row.", "Give a folder with data.")
    return tuple(
        Part(number, str(one), None if other is None else str(other))
        for number, (one, other) in enumerate(filled)
    )


def _by_name(folder: Path, patients: Path | None) -> list[tuple[Path, Path | None]]:
    """Put the files of the two tables together by their names."""
    ours = folder / LESIONS if (folder / LESIONS).is_dir() else folder
    beside = folder / PATIENTS
    theirs = patients or (beside if beside.is_dir() else None)
    if ours != folder:
        _refuse_beside(folder)
    # The folder of the patients may stand in that of the lesions.
    lesion_files = _files(ours, passed=theirs)
    if theirs is None:
        return [(path, None) for path in lesion_files]
    if not theirs.is_dir():
        raise fail(
            str(theirs),
            "this is a file; beside a folder of lesions a folder of patients is expected.",
            "Write a Parquet file of the patients for each file of the lesions, under the same name.",
        )
    by_name = {path.name: path for path in _files(theirs)}
    names = {path.name for path in lesion_files}
    alone = {ours: sorted(names - set(by_name)), theirs: sorted(set(by_name) - names)}
    problems = [
        Problem(
            str(place),
            "",
            f"there is no file of the same name in the other folder for {listed(found)}.",
            "Give both files of a part the same name.",
        )
        for place, found in alone.items()
        if found
    ]
    if problems:
        raise InputError(problems)
    return [(path, by_name[path.name]) for path in lesion_files]


def _files(folder: Path, passed: Path | None = None) -> list[Path]:
    """Give the Parquet files of a folder; refuse anything else in it, so that no data are passed over."""
    found = _everything(folder)
    if passed is not None and passed != folder:
        found = [path for path in found if not path.is_relative_to(passed)]
    taken = [path for path in found if path.parent == folder and _is_parquet(path)]
    if not taken and not any(_is_parquet(path) for path in found):
        raise fail(
            str(folder),
            "there are no files *.parquet or *.pq in this folder.",
            "Name a folder of Parquet files, or write one with `lesionhet convert --partitions`.",
        )
    _refuse(folder, sorted(set(found) - set(taken)))
    return taken


def _everything(folder: Path) -> list[Path]:
    """Give every file in a folder and the folders in it, but for hidden ones; linked folders as files."""
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return [path for path in found if not _is_hidden(path.relative_to(folder))]


def _is_hidden(path: Path) -> bool:
    return any(name.startswith((".", "_")) for name in path.parts)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS


def _refuse_beside(folder: Path) -> None:
    """Refuse Parquet files that stand beside the folders of the two tables."""
    own = (folder / LESIONS, folder / PATIENTS)
    beside = [path for path in _everything(folder) if not any(map(path.is_relative_to, own))]
    _refuse(folder, [path for path in beside if _is_parquet(path)])


def _refuse(folder: Path, strays: Sequence[Path]) -> None:
    if strays:
        names = [path.relative_to(folder).as_posix() for path in strays]
        raise fail(
            str(folder),
            f"files that are no part of a table: {listed(names)}.",
            "A table is the files *.parquet and *.pq of one folder: move the parts into it, other files "
            "out of it.",
        )


def _from_manifest(folder: Path) -> list[tuple[Path, Path | None]]:
    """Read the manifest and see that its files are there with the rows that it states."""
    file = str(folder / MANIFEST)
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        schema, parts = content["schema"], content["parts"]
        stated = [(one["lesions"], one["patients"], one["n_rows"]) for one in parts]
        described = [one["n_patient_rows"] for one in parts if one["patients"] is not None]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise fail(file, f"the manifest cannot be read ({error}).", _DAMAGED) from error
    if schema != SCHEMA:
        raise fail(file, f"its schema is {schema!r}; this program knows {SCHEMA}.", _DAMAGED)
    inside = [_inside(folder, name) for one in stated for name in one[:2] if name is not None]
    if not stated or not all(inside):
        raise fail(file, "it names no part, or files outside its folder.", _DAMAGED)
    pairs = [(folder / a, None if b is None else folder / b) for a, b, _ in stated]
    absent = [
        str(path) for pair in pairs for path in pair if path is not None and not path.is_file()
    ]
    if absent:
        raise fail(file, f"it names files that are not there: {listed(absent)}.", _DAMAGED)
    files = {LESIONS: [one for one, _ in pairs], PATIENTS: [b for _, b in pairs if b is not None]}
    _refuse_unnamed(folder, {path for paths in files.values() for path in paths})
    said = {LESIONS: [n for *_, n in stated], PATIENTS: described}
    other = [
        str(path)
        for table, paths in files.items()
        for path, n, expected in zip(paths, _rows(paths), said[table], strict=True)
        if n != expected
    ]
    if other:
        raise fail(file, f"files with another number of rows: {listed(other)}.", _DAMAGED)
    return pairs


def _refuse_unnamed(folder: Path, named: set[Path]) -> None:
    """Refuse files of the two tables, and Parquet files beside them, that the manifest does not name."""
    _refuse_beside(folder)
    own = [path for name in (LESIONS, PATIENTS) for path in _everything(folder / name)]
    if strays := [str(path) for path in own if path not in named]:
        raise fail(
            str(folder / MANIFEST),
            f"it does not name files that are there: {listed(strays)}.",
            f"Move them elsewhere. {_DAMAGED}",
        )


def _inside(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())


def _rows(paths: Sequence[Path]) -> list[int]:
    """Give the rows of each file as it states them; refuse files with other columns than the first."""
    if not paths:
        return []
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, columns = [], {}
    for path in paths:
        try:
            about: Any = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            text = " ".join(str(error).split())[:300].rstrip(".")
            raise fail(
                str(path), f"the Parquet file cannot be read ({text}).", "Write it anew."
            ) from error
        rows.append(int(about.metadata.num_rows))
        columns[path] = sorted(about.schema_arrow.names)
    first = paths[0]
    problems = [
        Problem(
            str(path),
            "",
            f"its columns are {listed(found, 20)}; those of {first} are {listed(columns[first], 20)}.",
            "Give every file the same columns; one may be empty.",
        )
        for path, found in columns.items()
        if found != columns[first]
    ]
    if problems:
        raise InputError(problems)
    return rows
