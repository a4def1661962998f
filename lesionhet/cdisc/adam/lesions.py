"""The lesions of ADTR: one row a measurement, every record that is not used counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from lesionhet.cdisc.adam.dates import days_of, imputed_dates
from lesionhet.cdisc.adam.parameters import DIAMETER, LEFT, SHORT_AXIS, SUM, Parameters
from lesionhet.cdisc.adam.values import values_in_mm
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.evaluator import choose, reader_name, readers_of
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.errors import InputError
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice

KEY: Final = ["patient_id", "lesion_id"]
USED: Final = "used"
_LINKS: Final = ("TRLNKID", "TRLINKID", "TULNKID")
_PLACES: Final = ("TULOC", "TRLOC", "LOC")
_KIND_WORDS: Final = (
    ("non-target", r"\bNON[-_ ]?TARGET"),
    ("new", r"\bNEW\b"),
    ("target", r"\bTARGET"),
)
_READERS: Final = r"INVESTIGATOR|INDEPENDENT|CENTRAL|BICR|BLINDED|REVIEW|READER|RADIOLOGIST"
NOTE: Final = (
    "Each record of ADTR once, by what became of it. Derived records (DTYPE) are no measurements. Of "
    "several records of a lesion on one day those with ANL01FL = Y count. Where the longest diameter of a "
    "lesion was measured at all, its short axis is not used."
)


@dataclass(frozen=True, eq=False)
class AdamLesions:
    """Measurements of lesions as ADTR has them.

    Parameters
    ----------
    frame
        One row a record of a lesion's diameter or short axis by the chosen reader, index 0..: ``patient_id,
        lesion_id, day, mm, kind`` (``"diameter"``, ``"short axis"``), ``visit, site_term, node,
        lesion_type, flagged`` (ABLFL), ``row`` (number in the file), ``used``.
    tables
        ``records``, ``readers``, ``units``, ``study_days``, ``imputed_dates``.
    notices
        What the user should know.
    """

    frame: pd.DataFrame
    tables: tuple[ReadingTable, ...]
    notices: tuple[Notice, ...]


def lesions_of(
    adtr: Domain, adsl: Domain | None, parameters: Parameters, options: CdiscOptions
) -> AdamLesions:
    """Read the records by lesion.

    Parameters
    ----------
    adtr
        The data set, with ``USUBJID, PARAMCD, AVAL`` and ``ADY`` or ``ADT``.
    adsl
        Where the start of treatment is looked up; may be None.
    parameters
        What each record was taken for.
    options
        ``reader`` and ``start``.

    Raises
    ------
    InputError
        Records without patient or lesion, two readers for one patient, units, sizes or days that cannot be
        right.
    """
    fate = parameters.kind.map({SUM: "sums, compared with ours", LEFT: "other parameters"})
    lesion = parameters.kind.isin([DIAMETER, SHORT_AXIS])
    derived = lesion & adtr.text("DTYPE").notna()
    fate[derived] = "derived (DTYPE)"
    taken = adtr.take(lesion & ~derived)
    index = fate.index[lesion & ~derived]
    frame = pd.DataFrame(
        {
            **_identities(taken, parameters.number[index].reset_index(drop=True)),
            "kind": parameters.kind[index].to_numpy(),
            "visit": taken.text("AVISIT").fillna(taken.text("VISIT")),
            "site_term": _first_filled(taken, _PLACES),
            "lesion_type": _lesion_types(taken),
            "flagged": taken.text("ABLFL").str.upper().eq("Y"),
            "analysed": taken.text("ANL01FL").str.upper().eq("Y"),
            "row": taken.rows,
        }
    )
    frame["node"] = _nodes(taken, frame["site_term"])
    frame["mm"], units = values_in_mm(taken)
    frame["day"], study_days = days_of(taken, adsl, options)
    chosen, readers, notices = _of_reader(taken, frame, options.reader)
    frame["fate"] = _fates(frame, chosen)
    fate[index] = frame["fate"].to_numpy()
    counts = fate.value_counts().rename_axis("fate").rename("records").reset_index()
    counts = counts.sort_values(["records", "fate"], ascending=[False, True], ignore_index=True)
    records = ReadingTable("records", "Records of ADTR", NOTE, counts)
    frame["used"] = frame.pop("fate").eq(USED)
    tables = (records, readers, units, study_days, imputed_dates(adtr))
    own = frame.drop(columns="analysed")[chosen.to_numpy()].reset_index(drop=True)
    return AdamLesions(own, tables, notices)


def _identities(records: Domain, number: pd.Series) -> dict[str, pd.Series]:
    """Name patient and lesion of each record."""
    patient = records.text("USUBJID")
    lesion = _first_filled(records, _LINKS).fillna(number)
    message = "no record says which lesion it is of: TRLNKID is empty and PARAMCD has no number."
    problems = [
        *records.problems(
            "USUBJID",
            patient.isna(),
            "the cell is empty; a patient is expected.",
            "Fill in USUBJID.",
        ),
        *records.problems("TRLNKID", lesion.isna(), message, "Fill in TRLNKID."),
    ]
    if problems:
        raise InputError(problems)
    return {"patient_id": patient, "lesion_id": lesion}


def _first_filled(records: Domain, names: Sequence[str]) -> pd.Series:
    found = records.text(names[0])
    for name in names[1:]:
        found = found.where(found.notna(), records.text(name))
    return found.astype(object).where(found.notna(), None)


def _lesion_types(records: Domain) -> pd.Series:
    """Give target, non-target or new by the first of TRGRPID, PARCAT1, PARAM that says so; else target."""
    found = pd.Series(None, index=records.frame.index, dtype=object)
    for name in ("TRGRPID", "PARCAT1", "PARAM"):
        text = records.text(name).fillna("").str.upper()
        for kind, pattern in _KIND_WORDS:
            found[found.isna() & text.str.contains(pattern, regex=True)] = kind
    return found.fillna("target")


def _nodes(records: Domain, term: pd.Series) -> pd.Series:
    """Say whether a lesion is a lymph node; None where its place is not known."""
    group = records.text("TULOCGR1").fillna("").str.upper()
    by_term = term.str.contains("LYMPH|NODE|NODAL", case=False, regex=True)
    node = by_term.where(term.notna(), None).astype(object)
    return node.where(~group.isin(("NODAL", "NON-NODAL")), group.eq("NODAL"))


def _of_reader(
    records: Domain, frame: pd.DataFrame, rule: str
) -> tuple[pd.Series, ReadingTable, tuple[Notice, ...]]:
    """Choose the reader, by TREVAL and TREVALID, else by PARCAT2 where it names a reader."""
    as_tr = replace(records, name="TR")
    readers = readers_of(as_tr)
    category = records.text("PARCAT2").fillna("").str.upper()
    named = category.where(category.str.contains(_READERS, regex=True), "")
    readers["evaluator"] = readers["evaluator"].where(readers["evaluator"].ne(""), named)
    choice = choose(as_tr, readers.assign(visit=frame["visit"].fillna("")), rule)
    if choice.problems:
        raise InputError(choice.problems)
    names = [
        reader_name(*p) for p in readers[["evaluator", "evaluator_id"]].itertuples(index=False)
    ]
    table = readers.assign(reader=names, used=choice.used)
    counts = table.groupby("reader").agg(
        patients=("patient", "nunique"), records=("used", "size"), used=("used", "sum")
    )
    note = f"Rule: {rule}. The reader is TREVAL with TREVALID, else PARCAT2; by TRACPTFL where it is filled."
    return (
        choice.used,
        ReadingTable("readers", "Readers", note, counts.reset_index()),
        choice.notices,
    )


def _fates(frame: pd.DataFrame, chosen: pd.Series) -> pd.Series:
    """Say what becomes of each record of a lesion."""
    fate = pd.Series(USED, index=frame.index, dtype=object)
    fate[~chosen] = "of another reader"
    fate[chosen & frame["day"].isna()] = "without a day"
    rows = frame[fate.eq(USED)]
    lesion = [rows[name] for name in KEY]
    is_diameter = rows["kind"].eq(DIAMETER)
    measured = (is_diameter & rows["mm"].notna()).groupby(lesion).transform("any")
    spare = rows.index[~is_diameter & measured]
    fate[spare] = "short axis beside the longest diameter"
    # Of a lesion that has no longest diameter anywhere, the empty records of it say nothing either.
    only_short = (~is_diameter & rows["mm"].notna()).groupby(lesion).transform("any") & ~measured
    fate[rows.index[is_diameter & only_short]] = "not measured, short axis used"
    rows = frame[fate.eq(USED)]
    day = [rows[name] for name in (*KEY, "day")]
    several = rows.groupby([*KEY, "day"])["mm"].transform("size").gt(1)
    flagged = rows["analysed"].groupby(day).transform("any")
    fate[rows.index[several & flagged & ~rows["analysed"]]] = (
        "not flagged ANL01FL, beside one that is"
    )
    return fate
