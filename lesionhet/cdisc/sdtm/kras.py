"""KRAS status of each patient, where the data sets say it under a name that leaves no doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.start import PATIENT
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

GENE: Final = "KRAS"
WILD: Final = "wild-type"
MUTANT: Final = "mutant"
SOURCES: Final = ("SUPPDM", "GF", "MI", "LB")
"""Where the status is looked for; the first that has any counts."""

_FOLDED: Final = {
    WILD: (
        *("wildtype", "wt", "kraswildtype", "negative", "notdetected", "notmutated", "nomutation"),
        *("mutationnotdetected", "nomutationdetected", "normal", "absent"),
    ),
    MUTANT: (
        *("mutant", "mutated", "mut", "mutation", "krasmutant", "positive", "detected", "present"),
        *("mutationdetected", "mutationpositive"),
    ),
}
_MEANING: Final = {word: status for status, words in _FOLDED.items() for word in words}
_NOTE: Final = (
    "KRAS is the qualifier KRAS of SUPPDM, else the test KRAS (--TESTCD, or GFSYM) of GF, MI or LB: the "
    "first that has any result. Words for wild-type and mutant are read as such, others are kept. Results "
    "of one patient that differ leave the status empty."
)


@dataclass(frozen=True, eq=False)
class Kras:
    """KRAS status.

    Parameters
    ----------
    status
        By ``patient_id``: ``"wild-type"``, ``"mutant"`` or the text as recorded.
    reading
        How each text was read.
    notices
        Patients whose results differ.
    """

    status: pd.Series
    reading: ReadingTable
    notices: tuple[Notice, ...] = ()


def kras_status(domains: Mapping[str, Domain], dm: Domain) -> Kras | None:
    """Find the KRAS status of each patient; None where the data sets do not have it.

    Parameters
    ----------
    domains
        Data sets by name; GF, MI and LB are looked at.
    dm
        DM with the columns of its supplement.

    Examples
    --------
    >>> import numpy as np
    >>> cells = {"USUBJID": ["P1", "P2"], "LBTESTCD": ["KRAS", "ALT"], "LBSTRESC": ["WILD TYPE", "20"]}
    >>> lb = Domain("LB", pd.DataFrame(cells, dtype=object), "lb.csv", "", np.array([2, 3]))
    >>> dm = Domain("DM", pd.DataFrame({"USUBJID": ["P1", "P2"]}), "dm.csv", "", np.array([2, 3]))
    >>> kras_status({"LB": lb}, dm).status.to_dict()
    {'P1': 'wild-type'}
    """
    for source in SOURCES:
        if source == "SUPPDM":
            results = pd.DataFrame({"patient_id": dm.text(PATIENT), "text": dm.text(GENE)})
        elif source in domains:
            results = _results(domains[source])
        else:
            continue
        results = results.dropna()
        if len(results):
            return _status(results, source)
    return None


def _results(domain: Domain) -> pd.DataFrame:
    code = domain.name
    of_gene = domain.text(f"{code}TESTCD").str.upper().eq(GENE)
    of_gene |= domain.text(f"{code}SYM").str.upper().eq(GENE)
    text = domain.text(f"{code}STRESC")
    text = text.where(text.notna(), domain.text(f"{code}ORRES"))
    done = ~domain.text(f"{code}STAT").str.upper().eq("NOT DONE")
    return pd.DataFrame({"patient_id": domain.text(PATIENT), "text": text})[of_gene & done]


def _status(results: pd.DataFrame, source: str) -> Kras:
    folded = results["text"].str.casefold().str.replace(r"[\W_]+", "", regex=True)
    results = results.assign(status=folded.map(_MEANING).fillna(results["text"]))
    several = results.groupby("patient_id")["status"].nunique()
    differ = several.index[several.gt(1)]
    status = results.drop_duplicates("patient_id").set_index("patient_id")["status"]
    counts = results.groupby(["text", "status"]).size().rename("results").reset_index()
    counts.insert(0, "data_set", source)
    notices = []
    if len(differ):
        text = f"{counted(len(differ), 'patient')} with KRAS results that differ: {listed(list(differ))}"
        notices.append(Notice("warning", f"{text}. Their status is left empty."))
    reading = ReadingTable("kras", "KRAS status", _NOTE, counts)
    return Kras(status.drop(differ), reading, tuple(notices))
