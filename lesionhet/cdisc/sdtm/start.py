"""Day 0 of each patient: the start of treatment, where it stands, and who has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.cdisc.dates import DAY, MONTH_AND_DAY, Dates, read_dates
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.arms import arms
from lesionhet.errors import InputError, Problem
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

PATIENT: Final = "USUBJID"
NONE: Final = "none"
_RANDOMISED: Final = ("RANDOMIZED", "RANDOMISED")
_SOURCES: Final = {
    "treatment": ("RFXSTDTC", "EXSTDTC"),
    "reference": ("RFSTDTC",),
    "randomisation": ("DSSTDTC",),
    "auto": ("RFXSTDTC", "EXSTDTC", "RFSTDTC"),
}
"""Rule -> the columns that are asked, in their order."""
_MEANING: Final = {
    "RFXSTDTC": "first exposure, DM",
    "EXSTDTC": "first dose, EX",
    "RFSTDTC": "reference start, DM",
    "DSSTDTC": "randomised, DS",
    NONE: "no start",
}


@dataclass(frozen=True, eq=False)
class Starts:
    """The start of treatment of each patient.

    Parameters
    ----------
    dates
        Day at midnight by ``patient_id``, every patient of DM and TR; missing where there is none.
    source
        Column that it comes from, such as ``"RFXSTDTC"``; None where there is no date.
    imputed
        What was filled in, as in `lesionhet.cdisc.dates.Dates`; ``""`` where there is no date.
    earliest
        The first day that a partial date can mean.
    reading
        How many patients have which source.
    notices, problems
        What was found on the way.
    """

    dates: pd.Series
    source: pd.Series
    imputed: pd.Series
    earliest: pd.Series
    reading: ReadingTable
    notices: tuple[Notice, ...] = ()
    problems: tuple[Problem, ...] = ()


def start_dates(domains: Mapping[str, Domain], rule: str, dates_rule: str) -> Starts:
    """Find the day from which the days of each patient count.

    Parameters
    ----------
    domains
        Data sets by name; DM is needed, EX, DS and TR are used where they are there.
    rule
        ``"treatment"``: ``RFXSTDTC``, else the first ``EXSTDTC`` of a dose that was given (``EXDOSE`` above
        0 or empty, or ``EXTRT`` a placebo); ``"reference"``: ``RFSTDTC``; ``"randomisation"``: ``DSSTDTC``
        of the record ``RANDOMIZED``; ``"auto"``: the first of treatment, reference that the patient has.
    dates_rule
        What stands for the missing part of a date: as in `lesionhet.cdisc.dates.complete_dates`.

    Returns
    -------
    Starts
        With a problem where a patient with measurements has neither a start nor study days (``TRDY``),
        unless DM says that the patient was not treated.

    Raises
    ------
    InputError
        There is no DM, or it has no column USUBJID.

    Examples
    --------
    >>> import numpy as np
    >>> cells = {"USUBJID": ["P1", "P2"], "RFXSTDTC": ["2014-01-02", None], "RFSTDTC": [None, "2014-03"]}
    >>> dm = Domain("DM", pd.DataFrame(cells, dtype=object), "dm.csv", "", np.array([2, 3]))
    >>> starts = start_dates({"DM": dm}, "auto", "first")
    >>> starts.dates.dt.strftime("%Y-%m-%d").to_dict(), starts.source.tolist()
    ({'P1': '2014-01-02', 'P2': '2014-03-01'}, ['RFXSTDTC', 'RFSTDTC'])
    """
    dm = domains.get("DM")
    if dm is None:
        message = "DM is needed; it holds the patients and the start of treatment."
        raise InputError([Problem("the files given", "", message, "Add the data set DM.")])
    dm.require(PATIENT)
    problems = _duplicates(dm)
    chosen = pd.DataFrame(
        {"value": pd.NaT, "imputed": "", "earliest": pd.NaT, "source": None},
        index=_patients(domains),
    ).astype({"value": "datetime64[ns]", "earliest": "datetime64[ns]", "source": object})
    for column in _SOURCES[rule]:
        found, faults = _candidates(domains, column, dates_rule)
        problems += faults
        new = found[found.index.isin(chosen.index[chosen["value"].isna()])]
        chosen.loc[new.index, list(new.columns)] = new
    problems += _without_start(domains, chosen["value"], rule)
    return Starts(
        chosen["value"].rename("start"),
        chosen["source"].where(chosen["source"].notna(), None),
        chosen["imputed"],
        chosen["earliest"],
        _reading(chosen, domains, rule, dates_rule),
        (*_notices(chosen, dm), *_other_first_dose(chosen, domains, dates_rule)),
        tuple(dict.fromkeys(problems)),
    )


def given_doses(ex: Domain) -> pd.Series:
    """Say which rows of EX are doses that were given.

    A dose of 0 counts where ``EXTRT`` names a placebo, as ADaM start dates are derived.

    Raises
    ------
    InputError
        ``EXDOSE`` holds a cell that is no number.
    """
    dose = ex.number("EXDOSE")
    placebo = ex.text("EXTRT").str.contains("PLACEBO", case=False, na=False).astype(bool)
    occurred = ~ex.text("EXOCCUR").str.upper().eq("N") & ~ex.text("EXSTAT").str.upper().eq(
        "NOT DONE"
    )
    return (dose.isna() | dose.gt(0) | placebo) & occurred


def _patients(domains: Mapping[str, Domain]) -> pd.Index:
    names = [domains[n].text(PATIENT).dropna() for n in ("DM", "TR") if n in domains]
    return pd.Index(pd.unique(pd.concat(names)), dtype=object, name="patient_id")


def _duplicates(dm: Domain) -> list[Problem]:
    names = dm.text(PATIENT)
    twice = names.notna() & names.duplicated(keep=False)
    return dm.problems(
        PATIENT,
        twice,
        f"DM has one row a patient; more than one for {listed(list(names[twice].unique()))}.",
        "Keep one row for each patient.",
    )


def _candidates(
    domains: Mapping[str, Domain], column: str, dates_rule: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Give the first date of each patient in one column, with what was filled in."""
    name = {"EXSTDTC": "EX", "DSSTDTC": "DS"}.get(column, "DM")
    empty = pd.DataFrame(columns=["value", "imputed", "earliest", "source"])
    if name not in domains or not domains[name].has(PATIENT, column):
        return empty, []
    domain = domains[name]
    dates, problems = read_dates(domain, column, dates_rule)
    try:
        use = _rows_used(domain)
    except InputError as error:
        return empty, [*problems, *error.problems]
    return _first(domain, dates, use).assign(source=column), problems


def _rows_used(domain: Domain) -> pd.Series:
    if domain.name == "EX":
        return given_doses(domain)
    if domain.name == "DS":
        said = [domain.text(c).str.upper().isin(_RANDOMISED) for c in ("DSDECOD", "DSTERM")]
        return said[0] | said[1]
    return pd.Series(True, index=domain.frame.index)


def _first(domain: Domain, dates: Dates, use: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "patient_id": domain.text(PATIENT),
            "value": dates.value,
            "imputed": dates.imputed,
            "earliest": dates.earliest,
        }
    )
    table = table[use & table["value"].notna() & table["patient_id"].notna()]
    return (
        table.sort_values("value", kind="stable")
        .drop_duplicates("patient_id")
        .set_index("patient_id")
    )


def _without_start(domains: Mapping[str, Domain], dates: pd.Series, rule: str) -> list[Problem]:
    """Find patients with measurements whose days cannot be counted."""
    tr, dm = domains.get("TR"), domains["DM"]
    if tr is None or not tr.has(PATIENT):
        return []
    with_days = set(tr.text(PATIENT)[tr.text("TRDY").notna()])
    untreated = set(dm.text(PATIENT)[arms(dm)["reason"].ne("")])
    names = tr.text(PATIENT)
    lost = names.isin(dates.index[dates.isna()]) & ~names.isin(with_days | untreated)
    looked = ", ".join(_SOURCES[rule])
    found = list(names[lost].unique())
    return tr.problems(
        PATIENT,
        lost,
        f"{counted(len(found), 'patient')} measured, with no start of treatment in {looked} and no TRDY: "
        f"{listed(found)}.",
        "Fill in the date in DM (RFXSTDTC or RFSTDTC), add EX, or choose another --start.",
    )


def _notices(chosen: pd.DataFrame, dm: Domain) -> list[Notice]:
    imputed = chosen["imputed"].isin([DAY, MONTH_AND_DAY])
    notices = []
    if n := int(imputed.sum()):
        text = f"{counted(n, 'patient')} with a start of treatment known in part, which was completed: "
        notices.append(Notice("warning", f"{text}{listed(list(chosen.index[imputed]))}."))
    reason = arms(dm)["reason"]
    lacking = dm.text(PATIENT).isin(chosen.index[chosen["value"].isna()]) & reason.eq("")
    if n := int(lacking.sum()):
        text = f"{dm.file}: {counted(n, 'patient')} without a start of treatment, no reason in ARMNRS: "
        notices.append(Notice("warning", f"{text}{listed(list(dm.text(PATIENT)[lacking]))}."))
    return notices


def _other_first_dose(
    chosen: pd.DataFrame, domains: Mapping[str, Domain], dates_rule: str
) -> list[Notice]:
    """Say where EX has another first dose than DM."""
    doses, _ = _candidates(domains, "EXSTDTC", dates_rule)
    if doses.empty:
        return []
    of_dm = chosen["source"].eq("RFXSTDTC") & chosen["imputed"].eq("")
    dose = doses.loc[doses["imputed"].eq(""), "value"].reindex(chosen.index)
    apart = (dose - chosen["value"]).dt.days.abs().where(of_dm).gt(0)
    if not (n := int(apart.sum())):
        return []
    text = (
        f"{domains['EX'].file}: {counted(n, 'patient')} whose first dose is not the RFXSTDTC of DM,"
    )
    text += " which counts: "
    return [Notice("warning", f"{text}{listed(list(chosen.index[apart]))}.")]


def _reading(
    chosen: pd.DataFrame, domains: Mapping[str, Domain], rule: str, dates_rule: str
) -> ReadingTable:
    measured = set(domains["TR"].text(PATIENT)) if "TR" in domains else set()
    rows: list[Sequence[object]] = []
    for source in (*_SOURCES[rule], NONE):
        of = chosen["source"].isna() if source == NONE else chosen["source"].eq(source)
        kinds = [int((of & chosen["imputed"].eq(kind)).sum()) for kind in (DAY, MONTH_AND_DAY)]
        with_lesions = int(chosen.index[of].isin(list(measured)).sum())
        rows.append([source, _MEANING[source], int(of.sum()), *kinds, with_lesions])
    names = [
        "source",
        "meaning",
        "patients",
        "day_filled_in",
        "month_and_day_filled_in",
        "measured",
    ]
    note = (
        f"Day 0 is the start of treatment (rule {rule}): the first of these columns that a patient has. "
        f"Missing parts of dates: {dates_rule}."
    )
    frame = pd.DataFrame(rows, columns=names)
    return ReadingTable("start_of_treatment", "Start of treatment", note, frame)
