"""SDTM whose dates, visits, flags or patients cannot be as they are written."""

from __future__ import annotations

import pandas as pd
from cdisc_helpers import INVESTIGATOR, Visit, state, tumour

from .case import Domains, append, put, sdtm, take_out

P1 = "STUDY1-001"
P3 = "STUDY1-003"
"""This one died, on 2020-08-04."""
WEEK_6 = {"USUBJID": P1, "VISIT": "WEEK 6"}


@sdtm("a scan before the patient was born")
def before_birth(domains: Domains) -> None:
    domains["DM"]["BRTHDTC"] = "1960-05-01"
    put(domains["TR"], {"TRDTC": "1920-02-26"}, **WEEK_6)


@sdtm("2020-02-30")
def no_such_day(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "2020-02-30"}, **WEEK_6)


@sdtm("26FEB2020 where ISO 8601 is expected")
def sas_date(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "26FEB2020"}, **WEEK_6)


@sdtm("26/02/2020 where ISO 8601 is expected")
def slash_date(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "26/02/2020"}, **WEEK_6)


@sdtm("2020---26: the month is not known", tables=["imputed_dates"])
def month_unknown(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "2020---26"}, **WEEK_6)


@sdtm("no date of TR has a day", tables=["imputed_dates"])
def days_unknown(domains: Domains) -> None:
    domains["TR"]["TRDTC"] = domains["TR"]["TRDTC"].str[:7]


@sdtm("no date of TR has a day, and none may be filled in", "--dates refuse")
def days_unknown_refused(domains: Domains) -> None:
    domains["TR"]["TRDTC"] = domains["TR"]["TRDTC"].str[:7]
    domains["TR"]["TRDY"] = None


@sdtm("the visits are in another order than their dates")
def visit_order(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "2020-05-01", "TRDY": 108.0}, **WEEK_6)


@sdtm("neither TRDTC nor TRDY")
def no_day(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "", "TRDY": None}, **WEEK_6)


@sdtm("TRDY is 0, without a date")
def day_zero(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "", "TRDY": 0}, **WEEK_6)


@sdtm("TRDY says another day than TRDTC")
def day_against_date(domains: Domains) -> None:
    put(domains["TR"], {"TRDY": 60.0}, **WEEK_6)


@sdtm("no start of treatment")
def no_start(domains: Domains) -> None:
    put(domains["DM"], {"RFSTDTC": "", "RFXSTDTC": ""}, USUBJID=P1)
    domains["TR"]["TRDY"] = None


@sdtm("the start of treatment after death", patients=3, whole=True)
def start_after_death(domains: Domains) -> None:
    put(domains["DM"], {"RFXSTDTC": "2021-01-15"}, USUBJID=P3)


@sdtm("a scan after death", patients=3, whole=True)
def scan_after_death(domains: Domains) -> None:
    put(domains["DM"], {"DTHDTC": "2020-03-01"}, USUBJID=P3)


@sdtm("a scan in the future")
def scan_in_the_future(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "2120-02-26", "TRDY": None}, **WEEK_6)


@sdtm("a year mistyped: the scan lies ten years before the start")
def scan_ten_years_early(domains: Domains) -> None:
    put(domains["TR"], {"TRDTC": "2010-02-26", "TRDY": None}, **WEEK_6)


@sdtm("every scan of a patient before the start", whole=True)
def start_after_every_scan(domains: Domains) -> None:
    put(domains["DM"], {"RFXSTDTC": "2021-01-15"}, USUBJID=P1)
    domains["TR"]["TRDY"] = None


@sdtm("the first exposure in EX is not the RFXSTDTC of DM")
def exposure_against_start(domains: Domains) -> None:
    dose = {"STUDYID": "STUDY1", "DOMAIN": "EX", "USUBJID": P1, "EXSEQ": 1, "EXTRT": "DRUG"}
    domains["EX"] = pd.DataFrame([{**dose, "EXDOSE": 100, "EXSTDTC": "2020-01-08"}])


@sdtm("two baselines are flagged for one lesion")
def two_baselines(domains: Domains) -> None:
    domains["TR"]["TRLOBXFL"] = ""
    put(domains["TR"], {"TRLOBXFL": "Y"}, VISIT="SCREENING")
    put(domains["TR"], {"TRLOBXFL": "Y"}, **WEEK_6)


@sdtm("the flagged baseline lies after the start", tables=["baseline"])
def baseline_after_start(domains: Domains) -> None:
    domains["TR"]["TRLOBXFL"] = ""
    put(domains["TR"], {"TRLOBXFL": "Y"}, USUBJID="STUDY1-002", VISIT="SCREENING")
    put(domains["TR"], {"TRLOBXFL": "Y"}, **WEEK_6)


@sdtm("no baseline is flagged, and the flag is to count", "--baseline flag")
def no_flag(domains: Domains) -> None:
    domains["TR"]["TRLOBXFL"] = ""


@sdtm("a new lesion without a date")
def new_lesion_without_date(domains: Domains) -> None:
    visit = Visit(4, "WEEK 12", 84)
    append(domains, "TU", tumour(P1, "NEW01", "NEW", "BRAIN", INVESTIGATOR, visit))
    append(domains, "TR", state(P1, "NEW01", "UNEQUIVOCAL", INVESTIGATOR, visit, "NEW"))
    put(domains["TR"], {"TRDTC": "", "TRDY": None}, USUBJID=P1, TRLNKID="NEW01")
    put(domains["TU"], {"TUDTC": "", "TUDY": None}, USUBJID=P1, TULNKID="NEW01")


@sdtm("a patient of TR whom DM does not have")
def patient_unknown(domains: Domains) -> None:
    take_out(domains, "DM", USUBJID=P1)


@sdtm("leading zeros of USUBJID lost in DM")
def zeros_lost(domains: Domains) -> None:
    domains["DM"]["USUBJID"] = ["STUDY1-1", "STUDY1-2"]


@sdtm("USUBJID empty in TR")
def patient_empty(domains: Domains) -> None:
    put(domains["TR"], {"USUBJID": ""}, TRLNKID="T02", **WEEK_6)


@sdtm("one patient twice in DM")
def patient_twice(domains: Domains) -> None:
    again = domains["DM"].iloc[[0]].assign(ARM="Arm B")
    domains["DM"] = pd.concat([domains["DM"], again], ignore_index=True)


@sdtm("two STUDYIDs, and a USUBJID in both")
def patient_in_two_studies(domains: Domains) -> None:
    put(domains["TR"], {"STUDYID": "STUDY2"}, **WEEK_6)


@sdtm("DTHFL is Y without a date of death", patients=3, whole=True)
def death_without_date(domains: Domains) -> None:
    put(domains["DM"], {"DTHDTC": ""}, USUBJID=P3)


@sdtm("a date of death although DTHFL is N", patients=3, whole=True)
def death_denied(domains: Domains) -> None:
    put(domains["DM"], {"DTHFL": "N"}, USUBJID=P3)


@sdtm("one visit name with two numbers")
def visit_of_two_numbers(domains: Domains) -> None:
    put(domains["TR"], {"VISIT": "UNSCHEDULED"}, USUBJID=P1, VISIT="WEEK 6")
    put(domains["TR"], {"VISIT": "UNSCHEDULED"}, USUBJID=P1, VISIT="WEEK 12")


@sdtm("two visits called by one name and number")
def one_visit_three_months_long(domains: Domains) -> None:
    put(domains["TR"], {"VISIT": "WEEK 6", "VISITNUM": 3.0}, USUBJID=P1, VISIT="WEEK 12")


@sdtm("RS says progression at a date before the start", whole=True)
def progression_before_start(domains: Domains) -> None:
    cells = {"RSDTC": "2019-02-26", "RSDY": None, "RSSTRESC": "PD", "RSORRES": "PD"}
    put(domains["RS"], cells, **WEEK_6)


@sdtm("a response that RECIST does not know", whole=True)
def response_unknown(domains: Domains) -> None:
    put(domains["RS"], {"RSSTRESC": "BETTER", "RSORRES": "BETTER"}, **WEEK_6)


@sdtm("a negative age")
def age_negative(domains: Domains) -> None:
    put(domains["DM"], {"AGE": -60.0}, USUBJID=P1)
