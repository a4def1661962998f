"""What only all parts together can tell: one file a patient, one type a column, one spelling a label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from lesionhet.checks.labels import chosen_spellings, near_identifiers
from lesionhet.errors import InputError, Problem
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed
from lesionhet.scale.part import EMPTY, CheckedPart

PATIENTS_NAMED: Final = 20
"""Patients in several files that are told one by one."""
NOTICES_TOLD: Final = 20
"""Notices of one kind that name patients, lesions or labels, told one by one."""
_COLUMN: Final = re.compile(r"column '[^']*'")
_NUMBER: Final = re.compile(r"('[^']*')|[0-9]+(?:\.[0-9]+)?")
_NAMES: Final = re.compile(r"'[^']*'(?:, '[^']*')*")


def check_together(parts: Sequence[CheckedPart]) -> None:
    """Refuse parts with problems, patients in several of them, or columns of several types.

    Parameters
    ----------
    parts
        What the checks of each part gave.

    Raises
    ------
    InputError
        Everything that is wrong with any file, together.

    Examples
    --------
    >>> from lesionhet.scale.parts import Part
    >>> check_together([CheckedPart(Part(k, f"{k}.parquet", None), patients=("P1",)) for k in (0, 1)])
    Traceback (most recent call last):
    ...
    lesionhet.errors.InputError: 1 problem found:
      - 0.parquet, column 'patient_id': patient 'P1' is also in '1.parquet'. Put all rows ...
    """
    problems = [problem for part in parts for problem in part.problems]
    sound = [part for part in parts if not part.problems]
    problems += [*_in_several_files(sound), *_of_several_types(sound)]
    if problems:
        raise InputError(problems)


def kinds_together(parts: Sequence[CheckedPart]) -> dict[str, str]:
    """Give what each column of the patients table holds, in all parts that were checked together.

    Examples
    --------
    >>> from lesionhet.scale.parts import Part
    >>> part = Part(0, "a.parquet", "b.parquet")
    >>> kinds_together([CheckedPart(part, kinds={"arm": k, "age": "numbers"}) for k in (EMPTY, "text")])
    {'arm': 'text', 'age': 'numbers'}
    """
    found: dict[str, str] = {}
    for part in parts:
        for name, kind in (part.kinds or {}).items():
            if found.get(name, EMPTY) == EMPTY:
                found[name] = kind
    return found


def spellings_together(
    parts: Sequence[CheckedPart],
) -> tuple[dict[str, dict[str, str]], list[Notice]]:
    """Choose the spelling of labels that differ only in case, as it is chosen in one file.

    Returns
    -------
    tuple
        Column -> label in `str.casefold` -> its spelling, of labels with several; and what was merged.

    Examples
    --------
    >>> from lesionhet.scale.parts import Part
    >>> part = Part(0, "a.parquet", None)
    >>> found = [{"site": {"Liver": 2, "lung": 1}}, {"site": {"liver": 3}}]
    >>> spellings_together([CheckedPart(part, spellings=one) for one in found])[0]
    {'site': {'liver': 'liver'}}
    """
    totals: dict[str, Counter[str]] = {}
    for part in parts:
        for name, counts in (part.spellings or {}).items():
            totals.setdefault(name, Counter()).update(counts)
    chosen: dict[str, dict[str, str]] = {}
    notices = []
    for name, total in totals.items():
        if not total:
            continue
        table = chosen_spellings(pd.Series(total))
        several = table[table["key"].duplicated(keep=False)]
        if len(several):
            chosen[name] = dict(zip(several["key"], several["chosen"], strict=True))
            merged = several[several["label"] != several["chosen"]]
            for label, group in merged.groupby("chosen"):
                pairs = zip(group["label"], group["n"], strict=True)
                others = ", ".join(f"'{old}' ({counted(n, 'row')})" for old, n in pairs)
                text = f"column '{name}' of all files: spellings merged into '{label}': {others}."
                notices.append(Notice("note", text))
    return chosen, notices


def sites_together(parts: Sequence[CheckedPart], chosen: Mapping[str, str]) -> dict[str, int]:
    """Count the followed lesions of each site, each site in its chosen spelling.

    Examples
    --------
    >>> from lesionhet.scale.parts import Part
    >>> parts = [CheckedPart(Part(0, "a.parquet", None), sites=one) for one in ({"Liver": 2}, {"liver": 3})]
    >>> sites_together(parts, {"liver": "liver"})
    {'liver': 5}
    """
    total: Counter[str] = Counter()
    for part in parts:
        for site, n in (part.sites or {}).items():
            total[chosen.get(site.casefold(), site)] += n
    return dict(total)


def near_patients(parts: Sequence[CheckedPart]) -> list[Notice]:
    """Name patients of different files whose ids are almost the same."""
    ids = pd.Series([name for part in parts for name in part.patients], dtype=object)
    return near_identifiers(ids, "column 'patient_id' of all files")


def attrition_together(parts: Sequence[CheckedPart]) -> pd.DataFrame:
    """Add up what was left out of each part.

    Examples
    --------
    >>> from lesionhet.scale.parts import Part
    >>> one = pd.DataFrame({"stage": ["found"], "unit": ["row"], "reason": ["rows in the file"], "n": [4]})
    >>> parts = [CheckedPart(Part(k, "a.parquet", None), attrition=one) for k in (0, 1)]
    >>> attrition_together(parts)["n"].tolist()
    [8]
    """
    tables = [part.attrition for part in parts if part.attrition is not None]
    keys = ["stage", "unit", "reason"]
    return pd.concat(tables).groupby(keys, sort=False, as_index=False)["n"].sum()


def told_once(notices: Sequence[Notice], files: Sequence[str]) -> list[Notice]:
    """Tell what was noticed of many files once, with the number of files; for the screen.

    Notices that name somebody or something, a column apart, are alike only where all their words are.
    Of each kind of these the first 20 are told, then how many more there are.

    Parameters
    ----------
    notices
        Of all files, in order.
    files
        Names of the files.

    Returns
    -------
    list of Notice
        The first of those that are alike but for the file and for numbers.

    Examples
    --------
    >>> found = [Notice("note", f"{name}: 3 rows empty.") for name in ("a.parquet", "b.parquet")]
    >>> [notice.text for notice in told_once(found, ["a.parquet", "b.parquet"])]
    ['a.parquet: 3 rows empty. (Alike: 1 more file.)']
    """
    known = re.compile("|".join(re.escape(name) for name in sorted(files, key=len, reverse=True)))
    alike: dict[tuple[str, str], list[Notice]] = {}
    for notice in notices:
        words = known.sub("", notice.text)
        if not _names_something(words):
            words = _without_numbers(words)
        alike.setdefault((notice.level, words), []).append(notice)
    kinds: Counter[tuple[str, str]] = Counter()
    told, untold = [], 0
    for (level, words), found in alike.items():
        kind = (level, _without_numbers(_NAMES.sub("", words)))
        kinds[kind] += 1
        if _names_something(words) and kinds[kind] > NOTICES_TOLD:
            untold += len(found)
            continue
        more = f" (Alike: {counted(len(found) - 1, 'more file')}.)" if len(found) > 1 else ""
        told.append(replace(found[0], text=found[0].text + more))
    if untold:
        text = (
            f"{counted(untold, 'more notice')} that name patients, lesions or labels: results.json."
        )
        told.append(Notice("note", text))
    return told


def _names_something(words: str) -> bool:
    """Say whether a notice quotes anything but the name of a column."""
    return "'" in _COLUMN.sub("", words)


def _without_numbers(words: str) -> str:
    """Leave out numbers, but those in quoted names."""
    return _NUMBER.sub(lambda found: found[1] or "#", words)


def _in_several_files(parts: Sequence[CheckedPart]) -> list[Problem]:
    files: dict[str, list[str]] = {}
    ids = pd.Series([name for part in parts for name in part.patients], dtype=object)
    twice = set(ids[ids.duplicated()])
    for part in parts:
        for name in twice & set(part.patients):
            files.setdefault(name, []).append(part.part.lesions)
    mend = "Put all rows of a patient into one file; `lesionhet convert --partitions` does so."
    problems = [
        Problem(found[0], "patient_id", f"patient '{name}' is also in {listed(found[1:])}.", mend)
        for name, found in sorted(files.items())[:PATIENTS_NAMED]
    ]
    if len(files) > PATIENTS_NAMED:
        text = f"{len(files) - PATIENTS_NAMED} more patients are in several files."
        problems.append(Problem(parts[0].part.lesions, "patient_id", text, mend))
    return problems


def _of_several_types(parts: Sequence[CheckedPart]) -> list[Problem]:
    found: dict[str, dict[str, str]] = {}
    for part in parts:
        for name, kind in (part.kinds or {}).items():
            if kind != EMPTY:
                found.setdefault(name, {}).setdefault(kind, str(part.part.patients))
    return [
        Problem(
            next(iter(kinds.values())),
            name,
            "the column holds " + " but ".join(f"{k} in {file}" for k, file in kinds.items()) + ".",
            "Write it with the same type in all files.",
        )
        for name, kinds in found.items()
        if len(kinds) > 1
    ]
