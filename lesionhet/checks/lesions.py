"""The rules of the lesions table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

from lesionhet.checks import cells
from lesionhet.checks.columns import Columns, find_columns
from lesionhet.checks.jumps import KEY, find_jumps
from lesionhet.checks.labels import near_identifiers, near_labels, tidy_labels
from lesionhet.checks.parts import joined, parts_of
from lesionhet.checks.place import Checked
from lesionhet.errors import Problem
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
        problems += _contradictions(checked)
        found, said = _jumps(checked, options)
        problems += found
        notices += said
    return Checked(raw.file, frame, columns.headings, tuple(problems), tuple(notices), raw.made_of)


def measured_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the measured rows of target lesions, sorted, each lesion, day and size once."""
    rows = frame[frame["lesion_type"].eq(TARGET) & frame["diameter_mm"].notna()]
    rows = rows.dropna(subset=[*KEY, "day"])
    order = [*KEY, "day", "diameter_mm", *(["visit"] if "visit" in rows else [])]
    return rows.sort_values(order).drop_duplicates(order[:4])


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
    folded = given.str.replace(r"[\s\-_]+", "", regex=True).str.casefold()
    names = {name.replace("-", ""): name for name in LESION_TYPES}
    unknown = given.notna() & ~folded.isin(list(names))
    problems = checked.place("lesion_type").problems(
        unknown,
        f"unknown lesion types: {listed(sorted(set(given[unknown])))}.",
        f"Permitted: {', '.join(LESION_TYPES)}.",
    )
    notices = []
    if n := int(given.isna().sum()):
        text = f"{checked.where('lesion_type')}: {counted(n, 'empty cell')} read as target."
        notices.append(Notice("warning", text))
    frame["lesion_type"] = folded.map(names).where(given.notna(), TARGET)
    if checked.has(*KEY):
        kinds = frame.groupby(KEY)["lesion_type"].nunique()
        if n := int((kinds > 1).sum()):
            text = (
                f"{checked.file}: {counted(n, 'lesion')} with more than one lesion type; only rows"
            )
            notices.append(Notice("warning", f"{text} of type target are analysed."))
    return problems, notices


def _sites(checked: Checked) -> tuple[list[Problem], list[Notice]]:
    """Tidy the sites and find lesions under two of them."""
    if not checked.has("site", *KEY):
        return [], []
    frame, where = checked.frame, checked.where("site")
    frame["site"], notices = tidy_labels(frame["site"], where)
    known = frame[frame["lesion_type"].eq(TARGET)].dropna(subset=[*KEY, "site"])
    sites = known.groupby(KEY)["site"]
    notices += near_labels(sites.first(), where, "lesion")
    several = known[sites.transform("nunique") > 1]
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


def _near_lesions(checked: Checked) -> list[Notice]:
    frame = checked.frame
    names = frame["patient_id"] + ", " + frame["lesion_id"]
    same_patient = near_identifiers(frame["lesion_id"], "")
    return near_identifiers(names, checked.where("lesion_id")) if same_patient else []


def _contradictions(checked: Checked) -> list[Problem]:
    """Find lesions with two sizes on one day."""
    rows = measured_rows(checked.frame)
    twice = rows[rows.duplicated([*KEY, "day"], keep=False)]
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


def _jumps(checked: Checked, options: ReadOptions) -> tuple[list[Problem], list[Notice]]:
    rows = measured_rows(checked.frame)
    # With two sizes on one day the order of the sizes means nothing: that is reported by itself.
    clear = rows[~rows.duplicated([*KEY, "day"], keep=False)]
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
