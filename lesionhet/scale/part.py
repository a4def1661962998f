"""One part of a cohort: checked and followed first, its phases and distances once all parts were seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort, build_cohort
from lesionhet.definitions import Bounds, Definitions
from lesionhet.errors import InputError, Problem
from lesionhet.intake import Source
from lesionhet.patterns import response_patterns
from lesionhet.readers import Notice, RawTable, ReadOptions
from lesionhet.readers.shape.pair import Pair
from lesionhet.requests.patterns import RATIOS
from lesionhet.scale.files import read_parquet, write_parquet
from lesionhet.scale.pair_of_part import read_part
from lesionhet.scale.parts import Part

MEASUREMENTS: Final = "measurements"
LESIONS: Final = "lesions"
PATIENTS: Final = "patients"
"""Files of a followed part."""
EMPTY, NUMBERS, TEXTS = "no value", "numbers", "text"
OWN_COLUMNS: Final = frozenset({"patient_id", "lesion_id", "day", "diameter_mm", "lesion_type"})
"""Columns without labels that a person spells."""


@dataclass(frozen=True)
class Checking:
    """A part to check.

    Parameters
    ----------
    part, options
        Its files, and how to read them.
    definitions
        The rules of the phases; used where the range of the ratios is the cohort's.
    scratch
        Folder for what is kept until all parts were checked.
    """

    part: Part
    options: ReadOptions
    definitions: Definitions
    scratch: str


@dataclass(frozen=True, eq=False)
class CheckedPart:
    """What the checks of a part gave.

    Parameters
    ----------
    part
        Its files.
    problems, notices
        As the ordinary reading tells them, with the name of the file; spellings apart, which are chosen
        in all parts together.
    patients
        Every patient id in it, sorted.
    attrition, columns, sources
        As in `lesionhet.cohort.Cohort`; None and empty where there are problems.
    kinds
        Column of the patients table -> what it holds: numbers, text or no value.
    spellings
        Column of labels -> how often each spelling stands.
    sites
        Site -> followed lesions.
    bounds
        Ratio -> smallest and largest of the followed lesions; empty unless the range is the cohort's.
    n_followed
        Followed lesions.
    """

    part: Part
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()
    patients: tuple[str, ...] = ()
    attrition: pd.DataFrame | None = None
    columns: frozenset[str] = frozenset()
    sources: tuple[Source, ...] = ()
    kinds: Mapping[str, str] | None = None
    spellings: Mapping[str, Mapping[str, int]] | None = None
    sites: Mapping[str, int] | None = None
    bounds: Mapping[str, Bounds] | None = None
    n_followed: int = 0


def check_part(job: Checking) -> CheckedPart:
    """Read a part, check it as a cohort is checked, and keep its followed lesions in the scratch folder.

    Parameters
    ----------
    job
        What to read, and where to keep it.

    Returns
    -------
    CheckedPart
        Its problems, or what must be known of all parts before the distances.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({"patient_id": "P1", "lesion_id": "L1", "day": [0, 50],
    ...                      "diameter_mm": [20.0, 12.0], "site": "liver"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.parquet")
    ...     rows.to_parquet(path)
    ...     found = check_part(Checking(Part(0, str(path), None), ReadOptions(), Definitions(), folder))
    >>> found.patients, found.sites, found.n_followed
    (('P1',), {'liver': 1}, 1)
    """
    part = job.part
    try:
        pair = read_part(part, job.options)
        if pair.problems or pair.lesions is None:
            return CheckedPart(part, pair.problems)
        cohort = build_cohort(pair.lesions, pair.patients, job.options, part=True)
    except InputError as error:
        return CheckedPart(part, error.problems)
    folder = followed_folder(job.scratch, part.number)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (MEASUREMENTS, LESIONS, PATIENTS):
        write_parquet(getattr(cohort, name), folder / f"{name}.parquet")
    frame = cohort.rows if cohort.described.empty else cohort.described
    return CheckedPart(
        part,
        (),
        _own_notices(cohort),
        tuple(sorted(set(frame["patient_id"]))),
        cohort.attrition,
        cohort.columns,
        cohort.sources,
        _kinds(cohort.described),
        _spellings(pair, cohort),
        cohort.lesions["site"].value_counts().to_dict() if "site" in cohort.lesions else {},
        ratio_bounds(cohort, job.definitions),
        len(cohort.lesions),
    )


def followed_folder(scratch: str, number: int) -> Path:
    """Give the folder of a followed part."""
    return Path(scratch, f"followed-{number:05d}")


def read_followed(folder: Path, columns: frozenset[str], kinds: Mapping[str, str]) -> Cohort:
    """Read what `check_part` kept.

    Parameters
    ----------
    folder
        Of the part.
    columns
        Columns with any value in any part.
    kinds
        What the columns of the patients table hold in all parts together.
    """
    tables = {n: read_parquet(folder / f"{n}.parquet") for n in (MEASUREMENTS, LESIONS, PATIENTS)}
    patients = tables[PATIENTS]
    for name, kind in kinds.items():
        if kind == TEXTS and patients[name].dtype != object:
            # Empty here, text in another part.
            patients[name] = pd.Series(None, index=patients.index, dtype=object)
    return Cohort(**tables, columns=columns, attrition=pd.DataFrame(), notices=(), sources=())


def ratio_bounds(cohort: Cohort, definitions: Definitions) -> dict[str, Bounds]:
    """Give the smallest and largest ratios of a part; nothing unless the range is the cohort's.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> ratio_bounds(cohort_from_frames(rows), Definitions(gower_range="cohort"))["nadir_ratio"]
    (0.6, 1.3)
    """
    if definitions.gower_range != "cohort" or cohort.lesions.empty:
        return {}
    lesions = response_patterns(cohort, definitions).lesions
    return {name: (float(lesions[name].min()), float(lesions[name].max())) for name in RATIOS}


def with_bounds(definitions: Definitions, found: list[Mapping[str, Bounds]]) -> Definitions:
    """Give the definitions with which a part gets the distances that it has in its cohort.

    Parameters
    ----------
    definitions
        As asked for.
    found
        Bounds of each part, from `ratio_bounds`.

    Returns
    -------
    Definitions
        The range of the cohort as fixed bounds; where all ratios are equal, bounds that leave their
        distance 0. Unchanged where the range is the patient's or fixed.

    Examples
    --------
    >>> parts = [{"nadir_ratio": (0.5, 1.0), "last_ratio": (0.9, 0.9)},
    ...          {"nadir_ratio": (0.2, 0.8), "last_ratio": (0.9, 0.9)}]
    >>> with_bounds(Definitions(gower_range="cohort"), parts).gower_bounds
    {'nadir_ratio': (0.2, 1.0), 'last_ratio': (0.9, 1.9)}
    """
    if definitions.gower_range != "cohort":
        return definitions
    bounds = {}
    for name in RATIOS:
        low = min(one[name][0] for one in found if one)
        high = max(one[name][1] for one in found if one)
        bounds[name] = (low, high if high > low else low + 1.0)
    return replace(definitions, gower_range="fixed", gower_bounds=bounds)


def _own_notices(cohort: Cohort) -> tuple[Notice, ...]:
    """Leave out how labels were spelled: the cohort may choose another spelling than its part.

    Of a lesions file without rows that each of its columns is empty is left out too.
    """
    untold = tuple(
        f"{source.file}, column '{heading}': spellings merged into "
        for source in cohort.sources
        for heading in source.mapping.values()
    )
    if cohort.rows.empty:
        untold += (f"{cohort.sources[0].file}, column '",)
    return tuple(notice for notice in cohort.notices if not notice.text.startswith(untold))


def _kinds(described: pd.DataFrame) -> dict[str, str]:
    kinds = {}
    for name in described.columns:
        kind = TEXTS if described[name].dtype == object else NUMBERS
        kinds[str(name)] = kind if described[name].notna().any() else EMPTY
    return kinds


def _spellings(pair: Pair, cohort: Cohort) -> dict[str, dict[str, int]]:
    """Count the spellings of labels before the part merged them: the cohort may choose another one."""
    found: dict[str, dict[str, int]] = {}
    described = set() if cohort.described.empty else set(cohort.described.select_dtypes(object))
    raws: list[RawTable | None] = [pair.lesions, pair.patients]
    for raw, source in zip([one for one in raws if one is not None], cohort.sources, strict=True):
        texts = {"site", "visit"} if raw is pair.lesions else described
        for name, heading in source.mapping.items():
            if name in texts - OWN_COLUMNS:
                found[name] = _counted(raw.frame[heading])
    return found


def _counted(cells: Any) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for text, n in cells.dropna().value_counts().items():
        if isinstance(text, str):
            counts[" ".join(text.split())] += int(n)
    return dict(counts)


def respelled(column: pd.Series, chosen: Mapping[str, str]) -> pd.Series:
    """Give labels the spelling that was chosen in the whole cohort.

    Parameters
    ----------
    column
        Labels, None where empty.
    chosen
        Label in `str.casefold` -> its spelling; labels that are not there stay.

    Examples
    --------
    >>> respelled(pd.Series(["Liver", None, "Lung"]), {"liver": "liver"}).tolist()
    ['liver', None, 'Lung']
    """
    if not chosen:
        return column
    changed = column.map(lambda text: chosen.get(text.casefold(), text), na_action="ignore")
    return changed.astype(object).where(np.asarray(column.notna()), None)
