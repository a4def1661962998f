"""SDTM that contradicts itself about lesions, readers and sizes."""

from __future__ import annotations

import pandas as pd
from cdisc_helpers import FIRST, INVESTIGATOR, SECOND, VISITS, measurement, tumour

from .case import Domains, append, put, sdtm, take_out

P1 = "STUDY1-001"
WEEK_6 = {"USUBJID": P1, "TRLNKID": "T01", "TRTESTCD": "LDIAM", "VISIT": "WEEK 6"}
"""One size: 16 mm, after 20 mm at baseline."""
BOTH = (FIRST, SECOND)


@sdtm("nothing: the sound trial that the other cases damage", whole=True)
def sound(domains: Domains) -> None:
    del domains


@sdtm("TR without TU")
def tr_without_tu(domains: Domains) -> None:
    del domains["TU"]


@sdtm("TU without TR")
def tu_without_tr(domains: Domains) -> None:
    del domains["TR"]


@sdtm("DM is missing")
def dm_missing(domains: Domains) -> None:
    del domains["DM"]


@sdtm("TR has headings and no row")
def tr_empty(domains: Domains) -> None:
    domains["TR"] = domains["TR"].iloc[:0]


@sdtm("a lesion of TR that TU lacks; TRGRPID says what it is")
def lesion_not_in_tu(domains: Domains) -> None:
    take_out(domains, "TU", USUBJID=P1, TULNKID="T02")


@sdtm("a lesion of TR that TU lacks; nothing says what it is")
def lesion_of_no_kind(domains: Domains) -> None:
    take_out(domains, "TU", USUBJID=P1, TULNKID="T02")
    put(domains["TR"], {"TRGRPID": ""}, USUBJID=P1, TRLNKID="T02")


@sdtm("a lesion of TU that is never measured")
def lesion_never_measured(domains: Domains) -> None:
    take_out(domains, "TR", USUBJID=P1, TRLNKID="T03")


@sdtm("target in TU, non-target in TR")
def kinds_disagree(domains: Domains) -> None:
    put(domains["TR"], {"TRGRPID": "NON-TARGET"}, USUBJID=P1, TRLNKID="T02")


@sdtm("target and non-target in TU")
def two_kinds_in_tu(domains: Domains) -> None:
    append(domains, "TU", tumour(P1, "T02", "NON-TARGET", "LUNG", INVESTIGATOR, VISITS[1]))


@sdtm(
    "two readers who disagree on which lesions there are", tables=["reader_agreement"], readers=BOTH
)
def readers_disagree(domains: Domains) -> None:
    reader = {"USUBJID": P1, "TREVALID": SECOND.id}
    put(domains["TR"], {"TRLNKID": "T09"}, TRLNKID="T03", **reader)
    put(domains["TU"], {"TULNKID": "T09"}, TULNKID="T03", USUBJID=P1, TUEVALID=SECOND.id)


@sdtm("two independent readers and no accepted flag", readers=BOTH, whole=True)
def none_accepted(domains: Domains) -> None:
    for name in ("TR", "TU", "RS"):
        domains[name][f"{name}ACPTFL"] = ""


@sdtm("two readers flagged as accepted for one lesion and visit", readers=BOTH)
def both_accepted(domains: Domains) -> None:
    put(domains["TR"], {"TRACPTFL": "Y"}, USUBJID=P1, VISIT="WEEK 12")


@sdtm("the accepted reader changes between visits", readers=BOTH)
def accepted_reader_changes(domains: Domains) -> None:
    put(domains["TR"], {"TRACPTFL": ""}, USUBJID=P1, VISIT="WEEK 12", TREVALID=FIRST.id)
    put(domains["TR"], {"TRACPTFL": "Y"}, USUBJID=P1, VISIT="WEEK 12", TREVALID=SECOND.id)


@sdtm("a reader that is nowhere", "--reader 'RADIOLOGIST 3'", readers=BOTH)
def unknown_reader(domains: Domains) -> None:
    del domains


@sdtm("the accepted reader has no response in RS; the other has", readers=BOTH, whole=True)
def responses_of_another_reader(domains: Domains) -> None:
    take_out(domains, "RS", RSEVALID=FIRST.id)


@sdtm("link id missing beside a size")
def link_missing(domains: Domains) -> None:
    put(domains["TR"], {"TRLNKID": ""}, **WEEK_6)


@sdtm("link ids of one lesion differ by case and a space")
def link_spelt_in_three_ways(domains: Domains) -> None:
    put(domains["TR"], {"TRLNKID": "t01"}, USUBJID=P1, TRLNKID="T01", VISIT="WEEK 6")
    put(domains["TR"], {"TRLNKID": "T 01"}, USUBJID=P1, TRLNKID="T01", VISIT="WEEK 12")


@sdtm("equal keys (USUBJID and TRSEQ)")
def equal_keys(domains: Domains) -> None:
    put(domains["TR"], {"TRSEQ": 1.0}, USUBJID=P1, TRSEQ=2)


@sdtm("one lesion, visit and test with two sizes")
def two_sizes(domains: Domains) -> None:
    append(domains, "TR", measurement(P1, "T01", "LDIAM", 19, INVESTIGATOR, VISITS[1]))


@sdtm("one size stands twice", tables=["tr_rows"])
def equal_rows(domains: Domains) -> None:
    append(domains, "TR", measurement(P1, "T01", "LDIAM", 16, INVESTIGATOR, VISITS[1]))


@sdtm("one size in cm beside sizes in mm", tables=["diameters"])
def cm_beside_mm(domains: Domains) -> None:
    cells = {"TRSTRESN": 1.6, "TRSTRESC": "1.6", "TRSTRESU": "cm"}
    put(domains["TR"], cells, **WEEK_6)


@sdtm("a size in cm that says mm")
def cm_called_mm(domains: Domains) -> None:
    cells = {"TRSTRESN": 1.6, "TRORRES": "1.6", "TRSTRESC": "1.6"}
    put(domains["TR"], cells, **WEEK_6)


@sdtm("collected in cm, standardised to mm without multiplying")
def cm_not_converted(domains: Domains) -> None:
    put(domains["TR"], {"TRORRES": "1.6", "TRORRESU": "cm"}, **WEEK_6)
    put(domains["TR"], {"TRORRES": "3", "TRORRESU": "cm"}, **{**WEEK_6, "TRLNKID": "T02"})


@sdtm("TRSTRESN is another number than TRSTRESC")
def two_results_in_one_row(domains: Domains) -> None:
    put(domains["TR"], {"TRSTRESC": "61"}, **WEEK_6)


@sdtm("TRSTRESN is another number than TRORRES in the same unit")
def standard_is_not_what_was_collected(domains: Domains) -> None:
    put(domains["TR"], {"TRORRES": "61", "TRSTRESC": "61"}, **WEEK_6)


@sdtm("a unit of inches")
def inches(domains: Domains) -> None:
    put(domains["TR"], {"TRSTRESU": "in"}, **WEEK_6)


@sdtm("a size without a unit")
def no_unit(domains: Domains) -> None:
    put(domains["TR"], {"TRSTRESU": "", "TRORRESU": ""}, **WEEK_6)


@sdtm("TRSTRESN holds text")
def size_in_words(domains: Domains) -> None:
    put(domains["TR"], {"TRSTRESN": "sixteen"}, **WEEK_6)


@sdtm("a negative size")
def size_negative(domains: Domains) -> None:
    put(domains["TR"], {"TRSTRESN": -16, "TRORRES": "-16", "TRSTRESC": "-16"}, **WEEK_6)


def _words(domains: Domains, text: str) -> None:
    put(domains["TR"], {"TRSTRESN": None, "TRORRES": text, "TRSTRESC": text}, **WEEK_6)


@sdtm("a result '<5'")
def below_five(domains: Domains) -> None:
    _words(domains, "<5")


@sdtm("a result TOO SMALL TO MEASURE")
def too_small(domains: Domains) -> None:
    _words(domains, "TOO SMALL TO MEASURE")


@sdtm("a result with its unit, in text only")
def size_with_unit(domains: Domains) -> None:
    _words(domains, "16 mm")


@sdtm("NOT DONE beside a size")
def not_done_with_size(domains: Domains) -> None:
    put(domains["TR"], {"TRSTAT": "NOT DONE"}, **WEEK_6)


@sdtm(
    "a lesion measured by LDIAM at baseline and by DIAMETER later", tables=["diameters", "tr_rows"]
)
def test_changes(domains: Domains) -> None:
    for visit in ("WEEK 6", "WEEK 12", "WEEK 18"):
        cells = {"USUBJID": P1, "TRLNKID": "T01", "TRTESTCD": "LDIAM", "VISIT": visit}
        put(domains["TR"], {"TRTESTCD": "DIAMETER"}, **cells)


@sdtm("link ids are numbers in TU and text with zeros in TR")
def link_without_zeros(domains: Domains) -> None:
    domains["TU"]["TULNKID"] = domains["TU"]["TULNKID"].str.replace("T0", "")
    domains["TR"]["TRLNKID"] = domains["TR"]["TRLNKID"].str.replace("T0", "0")


@sdtm("the investigator is written in another way in TU")
def evaluator_spelt_otherwise(domains: Domains) -> None:
    domains["TU"]["TUEVAL"] = "Investigator "


@sdtm("another evaluator in TU than in TR")
def another_evaluator(domains: Domains) -> None:
    domains["TU"]["TUEVAL"] = "SITE RADIOLOGIST"


@sdtm("TR holds sums only")
def sums_only(domains: Domains) -> None:
    put(domains["TR"], {"TRTESTCD": "SUMDIAM"}, TRTESTCD="LDIAM")
    take_out(domains, "TR", TRTESTCD="LPERP")


@sdtm("lesion split: T01.1 and T01.2 after T01", tables=["splits_and_merges"])
def split(domains: Domains) -> None:
    for visit in ("WEEK 12", "WEEK 18"):
        cells = {"USUBJID": P1, "VISIT": visit}
        put(domains["TR"], {"TRLNKID": "T01.1"}, TRLNKID="T01", **cells)
        put(domains["TR"], {"TRLNKID": "T01.2"}, TRLNKID="T02", **cells)
    parts = (tumour(P1, f"T01.{i}", "TARGET", "LIVER", INVESTIGATOR, VISITS[2]) for i in (1, 2))
    append(domains, "TU", *parts)


@sdtm("a whole and its parts at one visit")
def whole_and_parts(domains: Domains) -> None:
    put(domains["TR"], {"TRLNKID": "T01.1"}, USUBJID=P1, TRLNKID="T02", VISIT="WEEK 12")


@sdtm("lesions merged: T01/T02", tables=["splits_and_merges"])
def merged(domains: Domains) -> None:
    for visit in ("WEEK 12", "WEEK 18"):
        cells = {"USUBJID": P1, "VISIT": visit}
        put(domains["TR"], {"TRLNKID": "T01/T02"}, TRLNKID="T01", **cells)
        take_out(domains, "TR", TRLNKID="T02", **cells)


@sdtm("TULOC that no table has", tables=["sites"])
def location_unmapped(domains: Domains) -> None:
    put(domains["TU"], {"TULOC": "LEFT WING"}, TULOC="LUNG")


@sdtm("TULOC misspelt", tables=["sites"])
def location_misspelt(domains: Domains) -> None:
    put(domains["TU"], {"TULOC": "ADRENNAL GLAND"}, TULOC="LUNG")


@sdtm("TULOC empty")
def location_empty(domains: Domains) -> None:
    put(domains["TU"], {"TULOC": ""}, USUBJID=P1, TULOC="LUNG")


@sdtm("one lesion in two places")
def two_locations(domains: Domains) -> None:
    row = domains["TU"].iloc[[0]].assign(TULOC="BRAIN", TUSEQ=99.0)
    domains["TU"] = pd.concat([domains["TU"], row], ignore_index=True)
