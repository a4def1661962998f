"""The rules of the lesions table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.checks import cells
from lesionhet.checks.columns import Columns, find_columns
from lesionhet.checks.jumps import find_jumps
from lesionhet.checks.keys import (
    KEY,
    lesion_codes,
    same_as_before,
    sorted_places,
)
from lesionhet.checks.labels import near_identifiers, near_labels, tidy_labels
from lesionhet.checks.parts import joined, parts_of
from lesionhet.checks.place import Checked
from lesionhet.errors import Problem
from lesionhet.groupwise import Flags, Integers
from lesionhet.readers import Notice, RawTable, ReadOptions
from lesionhet.readers.table import counted, listed
from lesionhet.schema import LESION_COLUMNS, LESION_TYPES, PATIENT_COLUMNS

TARGET: Final = LESION_TYPES[0]


def check_lesions(raw: RawTable, options: ReadOptions, elsewhere: Sequence[str] = ()) -> Checked:
    """Check the lesions table.

    Parameters
    ----------
    raw
        The table as read.
    options
        How to read it.
    elsewhere
        Headings of the patients table, for mappings that concern that one only.

    Returns
    -------
    Its rows with ``lesion_type`` always there (target where the file says nothing), with every problem.
    """
    columns = find_columns(raw, LESION_COLUMNS, options, elsewhere)
    columns.notices += _ignored(raw, columns)
    frame = _convert(raw, columns, options)
    problems, notices = columns.problems, [*raw.notices, *columns.notices]
    checked = Checked(raw.file, frame, columns.headings, (), (), raw.made_of)
    for rule in (_types, _sites):
        found, said = rule(checked)
        problems += found
        notices += said
    if checked.has("patient_id"):
        notices += near_identifiers(frame["patient_id"], checked.where("patient_id"))
    if checked.has(*KEY):
        notices += _near_lesions(checked)
    if checked.has(*KEY, "day", "diameter_mm"):
        rows = measured_rows(frame)
        problems += _contradictions(checked, rows)
        found, said = _jumps(checked, rows, options)
        problems += found
        notices += said
    return Checked(raw.file, frame, columns.headings, tuple(problems), tuple(notices), raw.made_of)


def measured_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the measured rows of target lesions, sorted, each lesion, day and size once."""
    lesion = lesion_codes(frame)
    day, size = (frame[name].to_numpy(dtype=float) for name in ("day", "diameter_mm"))
    target = frame["lesion_type"].eq(TARGET).to_numpy()
    there = np.flatnonzero(target & (lesion >= 0) & ~np.isnan(day) & ~np.isnan(size))
    keys = [lesion[there], day[there], size[there]]
    # Of equal rows the one with the first visit by name is kept, one without a visit last.
    order = sorted_places([*keys, *([_rank(frame["visit"])[there]] if "visit" in frame else [])])
    again = same_as_before(*(key[order] for key in keys))
    return frame.iloc[there[order][~again]]


def _rank(texts: pd.Series) -> Integers:
    """Give each text its place in the alphabet; missing ones come last."""
    codes, different = pd.factorize(texts.to_numpy(dtype=object), sort=True)
    return np.where(codes < 0, len(different), codes)


def _convert(raw: RawTable, columns: Columns, options: ReadOptions) -> pd.DataFrame:
    """Read every known column; problems and notices go to ``columns``."""
    frame = pd.DataFrame(index=raw.rows)
    checked = Checked(raw.file, frame, columns.headings, (), (), raw.made_of)
    for spec in [c for c in LESION_COLUMNS if c.name in columns.headings]:
        found_cells = raw.frame[columns.headings[spec.name]].set_axis(raw.rows)
        raw_cells = cells.blank(found_cells, options.missing)
        parts = []
        sizes = spec.name == "diameter_mm"
        for rows, place in parts_of(raw, checked.place(spec.name), sizes=sizes):
            own = raw_cells.iloc[rows]
            if spec.required and not sizes:
                columns.problems += cells.empty_cells(spec, own, place, fill_down=True)
            if spec.kind == "number":
                values, found = cells.number_column(spec, own, place, options)
            else:
                values, found = cells.text_column(spec, own, place)
            columns.problems += found
            parts.append((rows, values))
        frame[spec.name] = joined(parts, frame.index)
    if "visit" in frame:
        # One assessment under two spellings would be two assessments.
        frame["visit"], notices = tidy_labels(frame["visit"], checked.where("visit"))
        columns.notices += notices
    return frame


def _ignored(raw: RawTable, columns: Columns) -> list[Notice]:
    if not columns.extra:
        return []
    text = f"{raw.file}: columns ignored: {listed(columns.extra, 20)}."
    known = {c.name for c in PATIENT_COLUMNS}
    if misplaced := [name for name in columns.extra if name in known]:
        text += f" {listed(misplaced)} belong in the patients table."
    return [Notice("warning" if misplaced else "note", text)]


def _types(checked: Checked) -> tuple[list[Problem], list[Notice]]:
    """Fold the lesion types; rows without one are target."""
    frame = checked.frame
    if not checked.has("lesion_type"):
        frame["lesion_type"] = TARGET
        return [], []
    given = frame["lesion_type"]
    codes, texts = pd.factorize(given.to_numpy(dtype=object))
    names = {name.replace("-", ""): name for name in LESION_TYPES}
    folded = [names.get(re.sub(r"[\s\-_]+", "", text).casefold()) for text in texts]
    # The last one stands at place -1, that of empty cells.
    types = np.array([*folded, TARGET], dtype=object)[codes]
    unknown = pd.isna(types)
    problems = checked.place("lesion_type").problems(
        unknown,
        f"unknown lesion types: {listed(sorted(set(given[unknown])))}.",
        f"Permitted: {', '.join(LESION_TYPES)}.",
    )
    notices = []
    if n := int(given.isna().sum()):
        text = f"{checked.where('lesion_type')}: {counted(n, 'empty cell')} read as target."
        notices.append(Notice("warning", text))
    frame["lesion_type"] = pd.Series(types, index=frame.index, dtype=object).where(~unknown)
    n = len(_lesions_with_several(lesion_codes(frame), types)) if checked.has(*KEY) else 0
    if n:
        text = f"{checked.file}: {counted(n, 'lesion')} with more than one lesion type; only rows"
        notices.append(Notice("warning", f"{text} of type target are analysed."))
    return problems, notices


def _sites(checked: Checked) -> tuple[list[Problem], list[Notice]]:
    """Tidy the sites and find lesions under two of them."""
    if not checked.has("site", *KEY):
        return [], []
    frame, where = checked.frame, checked.where("site")
    frame["site"], notices = tidy_labels(frame["site"], where)
    known = frame[frame["lesion_type"].eq(TARGET)].dropna(subset=[*KEY, "site"])
    lesion = lesion_codes(known)
    _, first = np.unique(lesion, return_index=True)
    notices += near_labels(known["site"].iloc[first], where, "lesion")
    several = known[np.isin(lesion, _lesions_with_several(lesion, known["site"].to_numpy()))]
    text = ""
    if len(several):
        patient, lesion, *_ = several.iloc[0][KEY]
        own = several[(several["patient_id"] == patient) & (several["lesion_id"] == lesion)]["site"]
        text = (
            f"a lesion has one site; lesion '{lesion}' of patient '{patient}' has "
            f"{listed(sorted(set(own)))}."
        )
    mask = frame.index.isin(several.index)
    return checked.place("site").problems(mask, text, "Give each lesion one site."), notices


def _lesions_with_several(lesion: Integers, labels: npt.NDArray[np.object_]) -> Integers:
    """Give the lesions whose rows have more than one label; missing lesions and labels do not count."""
    label, _ = pd.factorize(labels)
    there = (lesion >= 0) & (label >= 0)
    lesion, label = lesion[there], label[there]
    of_lesion, first, number = np.unique(lesion, return_index=True, return_inverse=True)
    differs = label != label[first][number]
    return np.asarray(of_lesion[np.unique(number[differs])])


def _near_lesions(checked: Checked) -> list[Notice]:
    frame = checked.frame
    names = frame["patient_id"] + ", " + frame["lesion_id"]
    same_patient = near_identifiers(frame["lesion_id"], "")
    return near_identifiers(names, checked.where("lesion_id")) if same_patient else []


def _contradictions(checked: Checked, rows: pd.DataFrame) -> list[Problem]:
    """Find lesions with two sizes on one day among the measured rows."""
    twice = rows[_on_one_day(rows)]
    if twice.empty:
        return []
    patient, lesion, day = twice.iloc[0][[*KEY, "day"]]
    same = (twice[KEY] == [patient, lesion]).all(axis=1) & (twice["day"] == day)
    sizes = " and ".join(f"{size:g}" for size in twice.loc[same, "diameter_mm"])
    return checked.place("diameter_mm").problems(
        checked.frame.index.isin(twice.index),
        f"a lesion has one size a day; lesion '{lesion}' of patient '{patient}' has {sizes} mm on "
        f"day {day:g}.",
        "Keep one measurement, of one reader and one dimension.",
    )


def _on_one_day(rows: pd.DataFrame) -> Flags:
    """Say which measured rows, sorted, share their lesion and day with another."""
    again = same_as_before(*(rows[name].to_numpy() for name in (*KEY, "day")))
    return np.asarray(again | np.append(again[1:], False))


def _jumps(
    checked: Checked, rows: pd.DataFrame, options: ReadOptions
) -> tuple[list[Problem], list[Notice]]:
    # With two sizes on one day the order of the sizes means nothing: that is reported by itself.
    clear = rows[~_on_one_day(rows)]
    slips, drops = find_jumps(clear)
    where, notices = checked.where("diameter_mm"), []
    if drops.any():
        text = f"{where}: {counted(int(drops.sum()), 'size')} about a tenth of the size before"
        rows_text = listed_rows(clear.index[drops])
        reading = "taken as deep response; check the unit."
        notices.append(Notice("warning", f"{text} ({rows_text}), {reading}"))
    if slips.any() and options.allow_jumps:
        text = (
            f"{where}: {counted(int(slips.sum()), 'size')} about ten times, or a tenth of, the size"
        )
        rows_text = listed_rows(clear.index[slips])
        notices.append(Notice("warning", f"{text} before ({rows_text}), accepted as asked."))
        return [], notices
    problems = checked.place("diameter_mm", clear).problems(
        slips,
        f"a size is about ten times, or a tenth of, the size at the scan before, as if mm and cm were "
        f"mixed{_first_jump(clear, slips)}.",
        "Correct the unit, or give --allow-jumps if the sizes are right.",
    )
    return problems, notices


def _first_jump(rows: pd.DataFrame, slips: pd.Series) -> str:
    before = rows.groupby(KEY, sort=False)["diameter_mm"].shift()
    jumps = rows.assign(before=before)[slips].sort_index().head(1)
    found = [
        f": lesion '{row.lesion_id}' of patient '{row.patient_id}' goes from {row.before:g} to "
        f"{row.diameter_mm:g} mm"
        for row in jumps.itertuples()
    ]
    return "".join(found)


def listed_rows(rows: Iterable[int], most: int = 5) -> str:
    """Give row numbers for a notice.

    Examples
    --------
    >>> listed_rows([7, 3])
    'rows 3, 7'
    """
    numbers = sorted({int(row) for row in rows})
    shown = ", ".join(map(str, numbers[:most]))
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return f"row{'' if len(numbers) == 1 else 's'} {shown}{more}"
