"""SDTM -> the two tables: one reader, one size, one day and one baseline for each lesion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pandas as pd

from lesionhet.cdisc import doubts
from lesionhet.cdisc.collection import Collection
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.sdtm import reading
from lesionhet.cdisc.sdtm.assessments import Assessments, assess, fate_table, sites_of
from lesionhet.cdisc.sdtm.baseline import choose_baseline, no_baseline
from lesionhet.cdisc.sdtm.diameters import SIZE_TESTS
from lesionhet.cdisc.sdtm.lesions import LESION, TARGET
from lesionhet.cdisc.sdtm.lesions_table import lesions_table, never_measured, recist_data
from lesionhet.cdisc.sdtm.measurements import Measurements, Said, read_measurements
from lesionhet.cdisc.sdtm.patients import patients_table
from lesionhet.cdisc.sdtm.reader_tables import reader_agreement, reader_pairs, reader_table
from lesionhet.cdisc.sdtm.responses import recorded_responses
from lesionhet.cdisc.sdtm.rows import check_keys
from lesionhet.cdisc.sdtm.splits import find_relations, resolve, whole_and_parts
from lesionhet.cdisc.sdtm.start import Starts, start_dates
from lesionhet.cdisc.sdtm.study_days import check_order, check_visits, study_days
from lesionhet.cdisc.sdtm.supplement import merge
from lesionhet.cdisc.sites import load_sites, map_sites
from lesionhet.errors import InputError
from lesionhet.intake import Intake, ReadingTable
from lesionhet.readers import RawTable

NODE_SITE: Final = "lymph node"
"""Analysis site of lymph nodes."""
PART: Final = "parts of split lesions, added up as the lesion"
MERGED_LESION: Final = "of merged lesions, set aside"
NOT_BASELINE: Final = "set aside by the baseline rule"


def read_collection(found: Collection, cdisc: CdiscOptions | None = None) -> Intake:
    """Make the two tables of TU, TR and DM, and of RS, DS and EX where they are there.

    Parameters
    ----------
    found
        Data sets of a study.
    cdisc
        Rules; default `CdiscOptions()`.

    Returns
    -------
    Intake
        Its lesions table has one row a lesion and assessment, and one without a size for each lesion of TU
        that TR does not measure (on the day of TU), so that it is counted.

    Raises
    ------
    InputError
        A data set or column is missing, or the data sets contradict themselves: every problem found.
    UsageError
        There is no such reader.
    """
    cdisc = cdisc or CdiscOptions()
    found.require("TR", "TU", "DM")
    said = Said(notices=list(found.notices))
    domains = _with_supplements(found.domains, said)
    tr, tu = domains["TR"], domains["TU"]
    starts = start_dates(domains, cdisc.start, cdisc.dates)
    said.add(starts)
    measured = read_measurements(tr, tu, starts.dates, cdisc, said)
    sites = _sites(tr, measured, cdisc, said)
    assessments = assess(tr, measured.rows)
    said.add(assessments)
    said.notices += [*doubts.studies(domains), *doubts.places(tu, measured.tumours)]
    said.notices += check_order(tr, measured.rows[measured.rows["used"]])
    said.notices += check_visits(tr, assessments.targets)
    imputed = measured.rows["imputed"]
    said.notices += doubts.filled_in(tr, assessments.targets, imputed, cdisc.dates)
    pairs = _tell_readers(measured.rows, assessments, cdisc, said)
    targets = _whole_targets(tr, measured, assessments, cdisc, said)
    never = never_measured(measured.tumours, assessments)
    reported = _reported(domains, starts, measured.rows, cdisc, said)
    recist, notices = recist_data(
        tr, targets, assessments.states, never, sites, reported, NODE_SITE
    )
    said.notices += notices
    patients, tables = _patients(domains, starts, reported, cdisc, said)
    table = lesions_table(tr, tu, targets, assessments.states, never, sites, said.notices)
    said.tables.append(reading.fates(fate_table(assessments.fate)))
    unlikely = doubts.unlikely_days(table.file, table.rows, table.frame)
    table = replace(table, notices=(*table.notices, *unlikely))
    return Intake(table, patients, found.sources(), (*said.tables, *tables), recist, pairs)


def _with_supplements(domains: Mapping[str, Domain], said: Said) -> dict[str, Domain]:
    """Add the supplemental qualifiers of TR, TU and RS: flags of acceptance often stand there."""
    found = dict(domains)
    for name in ("TR", "TU", "RS"):
        if name in domains:
            said.problems += check_keys(domains[name])
            merged = merge(domains[name], domains.get(f"SUPP{name}"))
            said.add(merged)
            found[name] = merged.domain
    said.check()
    return found


def _sites(tr: Domain, measured: Measurements, cdisc: CdiscOptions, said: Said) -> pd.Series:
    """Give the analysis site of each lesion (patient, link) and mark the lymph nodes among the rows."""
    rows = measured.rows
    terms, notices = sites_of(rows[rows["used"] & rows["kind"].notna()], tr)
    said.notices += notices
    known = measured.tumours.dropna(subset=["kind", "location"])
    rest = known.drop_duplicates(LESION).set_index(LESION)["location"]
    terms = pd.concat([terms, rest[~rest.index.isin(terms.index)]])
    mapping = map_sites(terms, load_sites(cdisc.sites))
    said.add(mapping)
    if len(mapping.table):
        said.tables.append(reading.sites(mapping.table))
    site = mapping.sites.reindex(pd.MultiIndex.from_frame(rows[LESION])).to_numpy()
    rows["node"] = pd.Series(site, index=rows.index, dtype=object).eq(NODE_SITE)
    return mapping.sites


def _tell_readers(
    rows: pd.DataFrame, assessments: Assessments, cdisc: CdiscOptions, said: Said
) -> pd.DataFrame:
    """Add the tables on readers, diameters and dates; give two readers' sizes of the same lesions."""
    of_lesion = rows[rows["link"].notna()]
    own = assessments.targets
    picked = of_lesion.index.isin(own.index[own["size"].notna()])
    said.tables.append(reading.readers(reader_table(of_lesion), cdisc.reader))
    told = of_lesion.assign(picked=picked)
    agreement = reader_agreement(told)
    if len(agreement):
        said.tables.append(reading.agreement(agreement))
    used = of_lesion[of_lesion["used"]]
    sized = used[used["kind"].eq(TARGET) & used["test"].isin(SIZE_TESTS)]
    said.tables.append(reading.diameters(sized, own))
    said.tables.append(reading.dates(used, cdisc.dates))
    return reader_pairs(told)


def _whole_targets(
    tr: Domain,
    measured: Measurements,
    assessments: Assessments,
    cdisc: CdiscOptions,
    said: Said,
) -> pd.DataFrame:
    """Add up split lesions, set merged ones aside, and find the baseline."""
    fate = assessments.fate
    relations = find_relations(measured.tumours, assessments.targets[LESION].drop_duplicates())
    whole = resolve(assessments.targets, relations, measured.tumours["day"], ["size", "recist"])
    said.problems += whole_and_parts(tr, whole.both)
    said.tables += reading.splits(whole.table)
    fate[whole.parts] = PART
    fate[whole.set_aside] = MERGED_LESION
    if cdisc.baseline in ("auto", "flag"):
        said.notices += doubts.several_baselines(tr, whole.frame)
    baseline = choose_baseline(whole.frame, cdisc.baseline)
    said.tables.append(reading.baseline(baseline.table, cdisc))
    said.problems += no_baseline(tr, whole.frame, baseline, cdisc.baseline)
    fate[whole.frame.index[baseline.set_aside]] = NOT_BASELINE
    return whole.frame[~baseline.set_aside]


def _reported(
    domains: Mapping[str, Domain],
    starts: Starts,
    rows: pd.DataFrame,
    cdisc: CdiscOptions,
    said: Said,
) -> pd.DataFrame:
    """Give the recorded responses; none without RS."""
    if "RS" not in domains:
        return pd.DataFrame(columns=["patient_id", "day", "visit", "what", "response"])
    days = study_days(domains["RS"], starts.dates, cdisc.dates)
    said.problems += days.problems
    found, notices = recorded_responses(domains["RS"], days, rows[rows["used"]], cdisc.reader)
    said.notices += notices
    return found


def _patients(
    domains: Mapping[str, Domain],
    starts: Starts,
    reported: pd.DataFrame,
    cdisc: CdiscOptions,
    said: Said,
) -> tuple[RawTable, tuple[ReadingTable, ...]]:
    """Make the patients table, or raise every problem found so far."""
    try:
        patients = patients_table(domains, starts, reported, cdisc)
    except InputError as error:
        said.problems += error.problems
    said.check()
    return patients
