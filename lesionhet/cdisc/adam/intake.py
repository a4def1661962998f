"""From ADaM data sets (ADTR, ADTTE, ADSL) to the two tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

import pandas as pd

from lesionhet.cdisc.adam.baseline import set_aside
from lesionhet.cdisc.adam.doubts import several_baselines, sums_that_differ
from lesionhet.cdisc.adam.lesions import AdamLesions, lesions_of
from lesionhet.cdisc.adam.parameters import parameters_of
from lesionhet.cdisc.adam.patients import patients_of, with_survival
from lesionhet.cdisc.adam.sums import SAME_MM, compare_sums, recist_targets
from lesionhet.cdisc.adam.survival import Survival, survival_of
from lesionhet.cdisc.collection import Collection
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.doubts import unlikely_days
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.sites import SiteMapping, load_sites, map_sites
from lesionhet.errors import InputError, Problem
from lesionhet.intake import Intake, ReadingTable
from lesionhet.readers import Notice, RawTable
from lesionhet.readers.table import counted
from lesionhet.recist.data import RecistData

Made = TypeVar("Made")
_MADE_OF: Final = {
    "patient_id": "USUBJID",
    "lesion_id": "TRLNKID",
    "day": "ADY",
    "diameter_mm": "AVAL",
    "site": "TULOC",
    "visit": "AVISIT",
}
_LESION_COLUMNS: Final = (
    "patient_id",
    "lesion_id",
    "day",
    "diameter_mm",
    "site",
    "visit",
    "lesion_type",
)


def adam_intake(collection: Collection, options: CdiscOptions | None = None) -> Intake:
    """Make the two tables of ADaM data sets.

    Parameters
    ----------
    collection
        ADTR, and ADTTE and ADSL where they are there.
    options
        How they are read; default `CdiscOptions()`.

    Returns
    -------
    Intake
        Lesions from ADTR, patients from ADSL (else from ADTTE and ADTR), survival from ADTTE (else none),
        and every decision: ``parameters, records, readers, units, study_days, imputed_dates, baseline,
        sites, sums_compared, patient_columns, populations, time_to_event, pfs_after_os``.

    Raises
    ------
    InputError
        What is wrong with any of the data sets, together.

    Source: ADaM Implementation Guide 1.3; ADaM Basic Data Structure for Time-to-Event Analyses 1.0.
    """
    options = options or CdiscOptions()
    collection.require("ADTR")
    adtr, adsl, adtte = (collection.domains.get(name) for name in ("ADTR", "ADSL", "ADTTE"))
    assert adtr is not None  # noqa: S101  required above
    problems: list[Problem] = []
    lesions = _tried(lambda: _lesions(adtr, adsl, options), problems)
    described = _tried(
        lambda: patients_of(adsl, [d for d in (adtte, adtr) if d is not None]), problems
    )
    survival = _tried(lambda: _survival(adtte, options), problems)
    if lesions is None or described is None or survival is None:
        raise InputError(list(dict.fromkeys(problems)))
    table, lesion_tables, recist, notices = lesions
    patients, said = with_survival(
        described, survival.frame, adtte.file if adtte is not None else ""
    )
    every = (*collection.notices, *notices, *said, *survival.notices)
    return Intake(
        replace(table, notices=every),
        patients,
        collection.sources(),
        (*lesion_tables, *described.tables, *survival.tables),
        recist,
    )


def _tried(step: Callable[[], Made], problems: list[Problem]) -> Made | None:
    """Take one step; what is wrong there is added to the problems, so that one look shows everything."""
    try:
        return step()
    except InputError as error:
        problems += error.problems
        return None


def _survival(adtte: Domain | None, options: CdiscOptions) -> Survival:
    if adtte is not None:
        return survival_of(adtte, options)
    frame = pd.DataFrame(index=pd.Index([], name="patient_id", dtype=object))
    text = "ADTTE is not there: no survival."
    return Survival(frame, (), (Notice("warning", text),))


def _lesions(
    adtr: Domain, adsl: Domain | None, options: CdiscOptions
) -> tuple[RawTable, tuple[ReadingTable, ...], RecistData, tuple[Notice, ...]]:
    """Make the lesions table, with its decisions."""
    adtr.require("USUBJID", "PARAMCD", "AVAL")
    if not adtr.has("ADY"):
        adtr.require("ADT")
    parameters = parameters_of(adtr)
    found = lesions_of(adtr, adsl, parameters, options)
    if not found.frame["used"].any():
        raise InputError([_nothing_used(adtr, found)])
    sums = compare_sums(adtr, adsl, parameters, options, found.frame)
    used = found.frame[found.frame["used"]]
    unlikely = [] if sums is None else sums_that_differ(adtr.file, sums.frame, SAME_MM)
    if options.baseline in ("auto", "flag"):
        unlikely += several_baselines(adtr.file, used)
    aside, baseline = set_aside(used, options.baseline)
    used = used[~aside]
    mapping = map_sites(used["site_term"], load_sites(options.sites))
    sites = ReadingTable(
        "sites",
        "Sites",
        "The term of TULOC (else TRLOC, LOC) and the site it is analysed as.",
        mapping.table,
    )
    tables = (parameters.table, *found.tables, baseline, sites, *([sums] if sums else []))
    recist = RecistData(recist_targets(found.frame), new=_new_lesions(found.frame))
    notices = (*found.notices, *mapping.notices, *_notices(adtr, found, used), *unlikely)
    table = _raw(adtr, used, mapping)
    notices = (*notices, *unlikely_days(table.file, table.rows, table.frame))
    return table, tables, recist, notices


def _new_lesions(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the new lesions that were seen: a size above 0."""
    seen = frame[frame["lesion_type"].eq("new") & frame["day"].notna() & frame["mm"].gt(0)]
    once = seen.drop_duplicates(["patient_id", "lesion_id", "day"]).reset_index(drop=True)
    return once[["patient_id", "lesion_id", "day", "visit"]].assign(certain=True)


def _raw(adtr: Domain, used: pd.DataFrame, mapping: SiteMapping) -> RawTable:
    table = used.rename(columns={"mm": "diameter_mm"}).assign(site=mapping.sites)
    table = table[list(_LESION_COLUMNS)].astype(object)
    table = table.where(table.notna(), None).reset_index(drop=True)
    # A column without any value is one that ADTR does not have.
    empty = [n for n in ("site", "visit") if table[n].isna().all()]
    return RawTable(
        table.drop(columns=empty),
        adtr.file,
        adtr.sha256,
        used["row"].to_numpy(dtype="int64"),
        made_of=_MADE_OF,
    )


def _notices(adtr: Domain, found: AdamLesions, used: pd.DataFrame) -> list[Notice]:
    by_name = {table.name: table.frame for table in found.tables}
    records = by_name["records"].set_index("fate")["records"]
    notices = []
    if n := int(records.get("without a day", 0)):
        text = f"{adtr.file}: {counted(n, 'record')} of lesions left out: neither ADY nor ADT with a start."
        notices.append(Notice("warning", text))
    units = by_name["units"]
    if (assumed := units["found_in"].str.startswith("none")).any():
        n = int(units.loc[assumed, "records"].sum())
        text = f"{adtr.file}: {counted(n, 'record')} without a unit read as mm."
        notices.append(Notice("warning", text))
    differ = int(by_name["study_days"]["other_way_differs"].sum())
    if differ:
        text = f"{adtr.file}: in {counted(differ, 'record')} ADY is not ADT minus the start of treatment."
        notices.append(Notice("warning", text))
    return notices


def _nothing_used(adtr: Domain, found: AdamLesions) -> Problem:
    records = found.tables[0].frame
    fates = ", ".join(f"{r.fate}: {r.records}" for r in records.itertuples())
    return Problem(
        adtr.file,
        "",
        f"no record of a lesion can be used ({fates}).",
        "Export the records by lesion with ADY, or with ADT and TRTSDT.",
    )
