"""From the two tables to a cohort: every problem is reported at once, every row left out is counted."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

import pandas as pd

from lesionhet.checks.columns import unknown_mappings
from lesionhet.checks.lesions import check_lesions
from lesionhet.checks.linkage import check_linkage
from lesionhet.checks.patients import check_patients
from lesionhet.checks.place import Checked
from lesionhet.checks.plausibility import doubts
from lesionhet.errors import InputError, Problem
from lesionhet.followup import ATTRITION_COLUMNS, Followed, follow
from lesionhet.intake import Intake, ReadingTable, Source
from lesionhet.readers import Notice, RawTable, ReadOptions, from_frames
from lesionhet.readers.shape.arrange import arrange
from lesionhet.readers.shape.pair import read_pair
from lesionhet.readers.table import counted
from lesionhet.recist.data import RecistData


@dataclass(frozen=True, eq=False)
class Cohort:
    """The checked input of every analysis.

    Parameters
    ----------
    measurements
        One row a measurement of a followed lesion, baseline and later, sorted by ``patient_id,
        lesion_id, day``: these, ``diameter_mm`` (mm), ``visit`` (text or None; always there) and
        ``is_baseline``.
    lesions
        One row a followed lesion, sorted alike: ``patient_id, lesion_id, site`` (label or None; only
        where the input has it), ``baseline_day, baseline_mm, baseline_after_start`` (no measurement at
        day <= 0: the first one is the baseline), ``n_scans`` (after baseline).
    patients
        One row a patient with a followed lesion, sorted, with every column of the patients table:
        numbers and flags as float, texts as object with None.
    columns
        Names of the columns of either table that hold any value.
    attrition
        ``stage`` (found, left out, kept), ``unit`` (row, lesion, patient), ``reason``, ``n``. Within a
        unit, what is found is what is left out plus what is kept.
    notices
        What the user should know.
    sources
        The tables read.
    rows
        The lesions table as it was read and checked, one row a row of the file in its order, before
        anything is left out: ``patient_id, lesion_id, day, diameter_mm`` (missing where not assessed),
        ``lesion_type`` (target where the file says nothing) and ``site``, ``visit`` where the input has
        them. Empty where a cohort was put together by hand.
    described
        The patients table as it was read and checked, a row a patient whether followed or not; empty
        where there was none.
    reading
        What a reader of several data sets (SDTM, ADaM) decided on the way; empty for two tables.
    recist
        What RECIST needs beyond the two tables; None where only they are there.
    reader_pairs
        As in `lesionhet.intake.Intake`; empty for two tables.
    """

    measurements: pd.DataFrame
    lesions: pd.DataFrame
    patients: pd.DataFrame
    columns: frozenset[str]
    attrition: pd.DataFrame
    notices: tuple[Notice, ...]
    sources: tuple[Source, ...]
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    described: pd.DataFrame = field(default_factory=pd.DataFrame)
    reading: tuple[ReadingTable, ...] = ()
    recist: RecistData | None = None
    reader_pairs: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        sizes = zip(
            (len(self.patients), len(self.lesions), len(self.measurements)),
            ("patient", "lesion", "measurement"),
            strict=True,
        )
        return f"Cohort({', '.join(counted(n, noun) for n, noun in sizes)})"


def read_cohort(
    lesions_path: str | os.PathLike[str],
    patients_path: str | os.PathLike[str] | None = None,
    options: ReadOptions | None = None,
) -> Cohort:
    r"""Read and check the two tables.

    Parameters
    ----------
    lesions_path, patients_path
        Files as `lesionhet.readers.read_table` takes them; the second may be left out, also where the
        first is a workbook with both tables.
    options
        How to read them; default `ReadOptions()`.

    Raises
    ------
    InputError
        Everything that is wrong with either file, together.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> rows = "patient_id,lesion_id,day,diameter_mm\nP1,L1,-3,20\nP1,L1,40,12\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "lesions.csv")
    ...     _ = path.write_text(rows)
    ...     read_cohort(path)
    Cohort(1 patient, 1 lesion, 2 measurements)
    """
    options = options or ReadOptions()
    pair = read_pair(lesions_path, patients_path, options)
    if pair.problems or pair.lesions is None:
        # What can be read is checked all the same, so that one look shows everything.
        alone = patients_path is None and pair.patients is None
        _, _, found, _ = _check(pair.lesions, pair.patients, options, alone=alone)
        raise InputError([*pair.problems, *found])
    return build_cohort(pair.lesions, pair.patients, options)


def cohort_from_frames(
    lesions_df: pd.DataFrame,
    patients_df: pd.DataFrame | None = None,
    options: ReadOptions | None = None,
) -> Cohort:
    """Check two data frames as if they had been read from files "lesions" and "patients".

    Parameters
    ----------
    lesions_df, patients_df
        The two tables with the columns of `lesionhet.schema`; the second may be left out.
    options
        As in `read_cohort`.

    Raises
    ------
    InputError
        Everything that is wrong with either table, together.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": ["P1"] * 2, "lesion_id": ["L1"] * 2, "day": [-3, 40],
    ...                      "diameter_mm": [20.0, 12.0]})
    >>> cohort_from_frames(rows).lesions[["baseline_mm", "n_scans"]].values.tolist()
    [[20.0, 1.0]]
    """
    options = options or ReadOptions()
    lesions, patients = from_frames(lesions_df, patients_df)
    return build_cohort(*arrange(lesions, patients, options), options)


def cohort_from_intake(intake: Intake, options: ReadOptions | None = None) -> Cohort:
    """Check the two tables that were made of several data sets.

    Parameters
    ----------
    intake
        What a reader of `lesionhet.cdisc` gives.
    options
        ``allow_jumps`` is used.

    Raises
    ------
    InputError
        As `build_cohort`.
    """
    cohort = build_cohort(intake.lesions, intake.patients, options)
    return replace(
        cohort,
        sources=intake.sources,
        reading=intake.tables,
        recist=intake.recist,
        reader_pairs=intake.reader_pairs,
    )


def build_cohort(
    lesions: RawTable,
    patients: RawTable | None = None,
    options: ReadOptions | None = None,
    *,
    part: bool = False,
) -> Cohort:
    """Check raw tables and find the followed lesions.

    Parameters
    ----------
    lesions, patients
        Tables as a reader gives them.
    options
        As in `read_cohort`.
    part
        Whether these are only some patients of a cohort: then none of them needs a followed lesion.

    Raises
    ------
    InputError
        Everything that is wrong with either table, together, or no lesion that can be followed.
    """
    options = options or ReadOptions()
    measured, described, problems, linked = _check(
        lesions, patients, options, alone=patients is None
    )
    if problems or measured is None:
        raise InputError(problems)
    followed = follow(measured.frame)
    nobody = followed.lesions.empty
    if nobody and not part:
        raise InputError([nothing_followed(lesions.file, followed.attrition)])
    notices = list(measured.notices)
    if described is not None:
        notices += [*described.notices, *linked]
    counts = followed.attrition.set_index("reason")["n"]
    if n := int(counts["exact duplicates"]):
        text = (
            f"{lesions.file}: {counted(n, 'exact duplicate row')} dropped (same lesion, day, size)."
        )
        notices.append(Notice("warning", text))
    table = _patients(followed, described)
    tables = [checked for checked in (measured, described) if checked is not None]
    columns, empty = _columns(tables)
    rows, ours = followed.measurements, followed.lesions
    doubtful = [] if nobody else doubts(rows, ours, measured, described)
    return Cohort(
        rows,
        ours,
        table,
        columns,
        pd.concat(
            [followed.attrition, _patient_attrition(followed, measured, described)]
        ).reset_index(drop=True),
        (*notices, *empty, *doubtful),
        tuple(_sources([lesions, patients], tables)),
        measured.frame.reset_index(drop=True),
        pd.DataFrame() if described is None else described.frame.reset_index(drop=True),
    )


def _check(
    lesions: RawTable | None, patients: RawTable | None, options: ReadOptions, *, alone: bool
) -> tuple[Checked | None, Checked | None, list[Problem], list[Notice]]:
    """Run every rule on the tables that there are; the notices are those of both side by side."""
    problems = unknown_mappings(lesions, patients, options, alone=alone)
    headings = [[] if raw is None else list(raw.frame.columns) for raw in (lesions, patients)]
    measured = None if lesions is None else check_lesions(lesions, options, headings[1])
    described = None if patients is None else check_patients(patients, options, headings[0])
    for checked in (measured, described):
        problems += [] if checked is None else checked.problems
    linked: list[Notice] = []
    if measured is not None and described is not None:
        found, linked = check_linkage(measured, described)
        problems += found
    return measured, described, problems, linked


def nothing_followed(file: str, attrition: pd.DataFrame) -> Problem:
    """Say of a file or a folder that it has no lesion that can be followed, and why."""
    left_out = attrition[attrition["stage"].eq("left out") & attrition["unit"].eq("lesion")]
    reasons = [f"{r}: {n}" for r, n in zip(left_out["reason"], left_out["n"], strict=True) if n]
    return Problem(
        file,
        "",
        f"no lesion can be followed ({', '.join(reasons)}).",
        "A lesion needs a baseline above 0 mm and a later measurement.",
    )


def _patients(followed: Followed, described: Checked | None) -> pd.DataFrame:
    names = sorted(set(followed.lesions["patient_id"]))
    if described is None:
        return pd.DataFrame({"patient_id": names}, dtype=object)
    table = described.frame.set_index("patient_id").loc[names].reset_index()
    texts = table.select_dtypes(object)
    table[texts.columns] = texts.where(texts.notna(), None)
    return table


def _patient_attrition(
    followed: Followed, measured: Checked, described: Checked | None
) -> pd.DataFrame:
    frame = measured.frame if described is None else described.frame
    table = "lesions" if described is None else "patients"
    names = set(frame["patient_id"])
    analysed = len(set(followed.lesions["patient_id"]))
    unmeasured = len(names - followed.measured_patients)
    rest = len(names) - unmeasured - analysed
    rows = [
        ("found", "patient", f"patients in the {table} table", len(names)),
        ("left out", "patient", "without any measurement of a target lesion", unmeasured),
        ("left out", "patient", "without a followed lesion", rest),
        ("kept", "patient", "patients analysed", analysed),
    ]
    return pd.DataFrame(rows, columns=list(ATTRITION_COLUMNS))


def _columns(tables: list[Checked]) -> tuple[frozenset[str], list[Notice]]:
    """Name the columns with any value; an empty one is as good as none, which is said."""
    found: set[str] = set()
    notices = []
    for checked in tables:
        for name in checked.headings:
            if checked.frame[name].notna().any():
                found.add(name)
            else:
                notices.append(Notice("warning", f"{checked.where(name)}: empty in every row."))
    return frozenset(found), notices


def _sources(raws: list[RawTable | None], tables: list[Checked]) -> list[Source]:
    files = [raw for raw in raws if raw is not None]
    return [
        Source(raw.file, raw.sha256, len(raw.rows), dict(checked.headings))
        for raw, checked in zip(files, tables, strict=True)
    ]
