"""SDTM whose files are mixed up."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from adam_helpers import trial as adam_trial
from cdisc_helpers import trial, write

from .case import Domains, files, put, sdtm

P1 = "STUDY1-001"


@sdtm("column names in lower case", whole=True)
def lower_case(domains: Domains) -> None:
    for name, frame in domains.items():
        domains[name] = frame.rename(columns=str.lower)


@sdtm("tu.csv holds TR and tr.csv holds TU; DOMAIN says so")
def swapped(domains: Domains) -> None:
    domains["TU"], domains["TR"] = domains["TR"], domains["TU"]


@sdtm("tu.csv holds TR and tr.csv holds TU, without a column DOMAIN")
def swapped_without_domain(domains: Domains) -> None:
    tu, tr = (domains[name].drop(columns="DOMAIN") for name in ("TU", "TR"))
    domains["TU"], domains["TR"] = tr, tu


@sdtm("tr.csv says AE in its column DOMAIN")
def another_domain(domains: Domains) -> None:
    domains["TR"]["DOMAIN"] = "AE"


@sdtm("tr.csv names two domains in its column DOMAIN")
def two_domains(domains: Domains) -> None:
    put(domains["TR"], {"DOMAIN": "TU"}, USUBJID=P1)


@sdtm("tr.csv and tr_2.csv have rows in common")
def overlapping(domains: Domains) -> None:
    domains["TR_2"] = domains["TR"].iloc[-20:]


@sdtm("the sizes of tr.csv again in tr_2.csv, with other numbers of rows and other sizes")
def overlapping_with_other_keys(domains: Domains) -> None:
    again = domains["TR"].copy()
    domains["TR_2"] = again.assign(TRSEQ=again["TRSEQ"] + 100, TRSTRESN=again["TRSTRESN"] + 3)


@sdtm("TRSTRESN, TRSTRESC and TRORRES are missing")
def no_results(domains: Domains) -> None:
    domains["TR"] = domains["TR"].drop(columns=["TRSTRESN", "TRSTRESC", "TRORRES"])


@sdtm("TRTESTCD is missing")
def no_tests(domains: Domains) -> None:
    domains["TR"] = domains["TR"].drop(columns="TRTESTCD")


@sdtm("USUBJID is missing; SUBJID is there")
def no_usubjid(domains: Domains) -> None:
    domains["DM"] = domains["DM"].drop(columns="USUBJID")


@sdtm("one heading twice, but for case")
def heading_twice(domains: Domains) -> None:
    domains["TR"]["trstresn"] = 5.0


@sdtm("SUPPTR points at rows that TR does not have")
def supplement_without_rows(domains: Domains) -> None:
    _supplement(domains, "999")
    domains["TR"] = domains["TR"].drop(columns="TRACPTFL")


@sdtm("SUPPTR points at a column that TR does not have")
def supplement_without_column(domains: Domains) -> None:
    _supplement(domains, "1")
    domains["SUPPTR"]["IDVAR"] = "TRSPID"
    domains["TR"] = domains["TR"].drop(columns="TRACPTFL")


@sdtm("SUPPTR accepts a row of which TRACPTFL says otherwise")
def supplement_contradicts(domains: Domains) -> None:
    _supplement(domains, "1")
    domains["TR"]["TRACPTFL"] = "N"


def _supplement(domains: Domains, row: str) -> None:
    cells = {"STUDYID": "STUDY1", "RDOMAIN": "TR", "USUBJID": P1, "IDVAR": "TRSEQ"}
    more = {"IDVARVAL": row, "QNAM": "TRACPTFL", "QLABEL": "Accepted", "QVAL": "Y"}
    domains["SUPPTR"] = pd.DataFrame([{**cells, **more}])


@files("the folder holds no data set of SDTM", "--sdtm sdtm")
def sdtm_nothing_there(folder: Path) -> None:
    (folder / "sdtm").mkdir()
    (folder / "sdtm" / "readme.txt").write_text("see the archive")


@files("ADaM given as SDTM", "--sdtm adam")
def sdtm_is_adam(folder: Path) -> None:
    write(folder / "adam", adam_trial())


@files("SDTM given as ADaM", "--adam sdtm")
def adam_is_sdtm(folder: Path) -> None:
    write(folder / "sdtm", trial())


@files("TR given as the lesions table", "sdtm/tr.csv")
def tr_as_a_plain_table(folder: Path) -> None:
    write(folder / "sdtm", trial())
