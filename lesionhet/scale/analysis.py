"""A cohort in parts: checked, its phases and distances written part by part, its group tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cohort import nothing_followed
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import InputError, LesionhetError
from lesionhet.groups import pool_sites
from lesionhet.intake import Source
from lesionhet.readers import Notice, ReadOptions
from lesionhet.scale.checks import (
    attrition_together,
    check_together,
    kinds_together,
    near_patients,
    sites_together,
    spellings_together,
    told_once,
)
from lesionhet.scale.files import remove_begun
from lesionhet.scale.gathered import together
from lesionhet.scale.group_tables import group_tables
from lesionhet.scale.part import CheckedPart, Checking, check_part, followed_folder, with_bounds
from lesionhet.scale.parts import Part
from lesionhet.scale.patterns_of_part import LESIONS, PATIENTS, Found, Whole, find_patterns
from lesionhet.workers import Mapper

Progress = Callable[[str], None]
SCRATCH: Final = ".followed"


@dataclass(frozen=True, eq=False)
class PartsOutcome:
    """What a cohort in parts shows.

    Parameters
    ----------
    tables
        Name -> table, from `lesionhet.scale.group_tables.group_tables`.
    attrition, sources, notices
        As in `lesionhet.cohort.Cohort`, of all parts; notices in short, as they are printed: what was
        noticed of many files is told once.
    all_notices
        Every notice of every file.
    n_lesions, n_patients
        Followed lesions, and their patients.
    versions
        Component -> version.
    """

    tables: Mapping[str, pd.DataFrame]
    attrition: pd.DataFrame
    sources: tuple[Source, ...]
    notices: tuple[Notice, ...]
    all_notices: tuple[Notice, ...]
    n_lesions: int
    n_patients: int
    versions: Mapping[str, str]


def analyze_parts(
    parts: Sequence[Part],
    folder: Path,
    definitions: Definitions,
    cluster: Mapper,
    options: ReadOptions | None = None,
    progress: Progress = lambda _: None,
) -> PartsOutcome:
    """Compute phases, distances and group tables of a cohort in parts.

    Each part goes through memory twice: once to be checked, once for its phases and distances. Between
    the two stand the facts that need all parts: the range of the ratios, the number of lesions of each
    site, the spelling of labels.

    Parameters
    ----------
    parts
        From `lesionhet.scale.parts.find_parts`.
    folder
        Where ``lesions/`` and ``patients/`` are written, Parquet files with the columns of the tables
        ``lesions.csv`` and ``patients.csv``; all workers must see it under this name.
    definitions
        Every rule.
    cluster
        Who works.
    options
        How to read the parts; default `ReadOptions()`.
    progress
        Told what is being done.

    Returns
    -------
    PartsOutcome
        The group tables and what was left out.

    Raises
    ------
    InputError
        Everything that is wrong with any file, together; or no lesion that can be followed.
    LesionhetError
        The workers do not see the folder, or were lost.

    Examples
    --------
    >>> import tempfile
    >>> from lesionhet.scale.parts import find_parts
    >>> from lesionhet.workers import Crew
    >>> rows = pd.DataFrame({"patient_id": "P1", "lesion_id": ["L1", "L1", "L2", "L2"],
    ...                      "day": [0, 56, 0, 56], "diameter_mm": [20.0, 12, 30, 29]})
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = Path(place, "out")
    ...     folder.mkdir()
    ...     rows.to_parquet(Path(place, "a.parquet"))
    ...     found = analyze_parts(find_parts(Path(place)), folder, Definitions(), Crew())
    >>> found.n_lesions, found.tables["spread"]["mean"].iloc[0].item()
    (2, 0.4)
    """
    place = str(folder.resolve())
    scratch = str(Path(place, SCRATCH))
    for name in (LESIONS, PATIENTS, SCRATCH):
        Path(place, name).mkdir()
    checking = [Checking(part, options or ReadOptions(), definitions, scratch) for part in parts]
    told = partial(_tell, progress, len(parts))
    checked = cluster.run(check_part, checking, lambda done: told("checking", done))
    check_together(checked)
    attrition = attrition_together(checked)
    if not any(one.n_followed for one in checked):
        raise InputError([nothing_followed(str(Path(parts[0].lesions).parent), attrition)])
    whole, merged = _whole(checked, definitions, scratch, place)
    followed = [one.part.number for one in checked if one.n_followed]
    _seen(scratch, followed)
    found = cluster.run(
        find_patterns, followed, lambda done: told("phases and distances", done), held=whole
    )
    for name in (LESIONS, PATIENTS):
        remove_begun(Path(place, name))
    progress("group tables")
    return _outcome(checked, found, attrition, merged, definitions)


def _tell(progress: Progress, of: int, what: str, done: int) -> None:
    progress(f"{what}: {done} of {of} parts")


def _whole(
    checked: Sequence[CheckedPart], definitions: Definitions, scratch: str, target: str
) -> tuple[Whole, list[Notice]]:
    """Gather what every part must know of the whole cohort."""
    chosen, merged = spellings_together(checked)
    counts = sites_together(checked, chosen.get("site", {}))
    sites = pd.Series(np.repeat(np.array(list(counts), dtype=object), list(counts.values())))
    groups = pool_sites(sites, definitions.site_min_lesions)
    whole = Whole(
        with_bounds(definitions, [one.bounds or {} for one in checked]),
        frozenset().union(*(one.columns for one in checked)),
        kinds_together(checked),
        chosen,
        dict(zip(sites, groups, strict=True)),
        scratch,
        target,
    )
    return whole, merged


def _seen(scratch: str, followed: Sequence[int]) -> None:
    """Refuse to go on where the workers wrote to another place than this process sees."""
    if absent := [n for n in followed if not followed_folder(scratch, n).is_dir()]:
        raise LesionhetError(
            f"{len(absent)} of {len(followed)} parts that workers wrote to {scratch} are not there: the "
            "workers are on other machines. Name an output folder that all machines share."
        )


def _outcome(
    checked: Sequence[CheckedPart],
    found: Sequence[Found],
    attrition: pd.DataFrame,
    merged: Sequence[Notice],
    definitions: Definitions,
) -> PartsOutcome:
    lesions = together([one.lesions for one in found])
    patients = together([one.patients for one in found])
    python = engine("python")
    sources = tuple(source for one in checked for source in one.sources)
    files = [source.file for source in sources]
    own = [notice for one in checked for notice in one.notices]
    joint = [*merged, *near_patients(checked)]
    return PartsOutcome(
        group_tables(lesions, patients, definitions, python),
        attrition,
        sources,
        (*told_once(own, files), *joint),
        (*own, *joint),
        len(lesions),
        len(patients),
        python.versions(),
    )
