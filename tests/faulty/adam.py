"""ADaM that contradicts itself."""

from __future__ import annotations

import pandas as pd

from .case import Domains, adam, put, take_out

SIZE = {"USUBJID": "P1", "PARAMCD": "LDIAM1", "AVISIT": "WEEK 6"}
"""One size: 18 mm, after 30 mm at baseline."""
OS = {"USUBJID": "P1", "PARAMCD": "OS"}
"""Death on day 200."""


@adam("nothing: the sound data sets that the other cases damage")
def sound(frames: Domains) -> None:
    del frames


@adam("ADTR is missing")
def adtr_missing(frames: Domains) -> None:
    del frames["ADTR"]


@adam("CNSR of 2 beside 0 and 1", tables=["time_to_event"])
def cnsr_two(frames: Domains) -> None:
    put(frames["ADTTE"], {"CNSR": 2}, USUBJID="P2", PARAMCD="PFS")


@adam("CNSR of -1")
def cnsr_negative(frames: Domains) -> None:
    put(frames["ADTTE"], {"CNSR": -1}, **OS)


@adam("CNSR of 0.5")
def cnsr_broken(frames: Domains) -> None:
    put(frames["ADTTE"], {"CNSR": 0.5}, **OS)


@adam("CNSR is empty")
def cnsr_empty(frames: Domains) -> None:
    put(frames["ADTTE"], {"CNSR": None}, **OS)


@adam("CNSR is missing")
def cnsr_missing(frames: Domains) -> None:
    frames["ADTTE"] = frames["ADTTE"].drop(columns="CNSR")


@adam("CNSR is never 0", tables=["time_to_event"])
def cnsr_never_zero(frames: Domains) -> None:
    frames["ADTTE"]["CNSR"] = 1


@adam("CNSR is 1 where EVNTDESC says DEATH")
def cnsr_turned_round(frames: Domains) -> None:
    frames["ADTTE"]["CNSR"] = (frames["ADTTE"]["CNSR"] == 0).astype(int)


@adam("AVALU says months, AVAL counts days")
def months_are_days(frames: Domains) -> None:
    frames["ADTTE"]["AVALU"] = "MONTHS"


@adam("AVALU says months, AVAL counts days, and there are no dates")
def months_are_days_without_dates(frames: Domains) -> None:
    frames["ADTTE"] = frames["ADTTE"].drop(columns=["ADT", "STARTDT"]).assign(AVALU="MONTHS")


@adam("AVAL counts days in one record and months in another; AVALU is empty")
def time_without_unit(frames: Domains) -> None:
    frames["ADTTE"] = frames["ADTTE"].drop(columns=["ADT", "STARTDT", "AVALU"])


@adam("AVALU of fortnights")
def unit_unknown(frames: Domains) -> None:
    frames["ADTTE"]["AVALU"] = "FORTNIGHTS"


@adam("OS twice for one patient")
def survival_twice(frames: Domains) -> None:
    again = frames["ADTTE"].iloc[[0]].assign(AVAL=210)
    frames["ADTTE"] = pd.concat([frames["ADTTE"], again], ignore_index=True)


@adam("the PARAMCD asked for is not there", "--os-param OVERALL")
def parameter_missing(frames: Domains) -> None:
    del frames


@adam("AVAL of a time is empty")
def time_missing(frames: Domains) -> None:
    put(frames["ADTTE"], {"AVAL": None}, **OS)


@adam("AVAL of a time is negative")
def time_negative(frames: Domains) -> None:
    put(frames["ADTTE"], {"AVAL": -5, "ADT": None}, **OS)


@adam("PFS is longer than OS", tables=["pfs_after_os"])
def pfs_after_os(frames: Domains) -> None:
    put(frames["ADTTE"], {"AVAL": 250, "ADT": None}, USUBJID="P1", PARAMCD="PFS")


@adam("a patient of ADTTE whom ADSL does not have")
def patient_unknown(frames: Domains) -> None:
    put(frames["ADTTE"], {"USUBJID": "P9"}, **OS)


@adam("a patient of ADTR whom ADSL does not have")
def measured_patient_unknown(frames: Domains) -> None:
    take_out(frames, "ADSL", USUBJID="P1")


@adam("ADSL has one patient twice")
def adsl_twice(frames: Domains) -> None:
    again = frames["ADSL"].iloc[[0]].assign(TRT01P="B")
    frames["ADSL"] = pd.concat([frames["ADSL"], again], ignore_index=True)


@adam("ADTR has sums only")
def sums_only(frames: Domains) -> None:
    take_out(frames, "ADTR", PARAMCD="LDIAM1")
    for code in ("LDIAM2", "NLDIAM1", "NLDIAM2"):
        take_out(frames, "ADTR", PARAMCD=code)


@adam("no record says which lesion it is of")
def no_lesions(frames: Domains) -> None:
    frames["ADTR"] = frames["ADTR"].drop(columns="TRLNKID")
    frames["ADTR"]["PARAMCD"] = frames["ADTR"]["PARAMCD"].str.rstrip("12")


@adam("AVAL of a size is empty")
def size_missing(frames: Domains) -> None:
    put(frames["ADTR"], {"AVAL": None}, **SIZE)


@adam("AVAL of a size is negative")
def size_negative(frames: Domains) -> None:
    put(frames["ADTR"], {"AVAL": -18}, **SIZE)


@adam("AVAL of a size is text")
def size_text(frames: Domains) -> None:
    put(frames["ADTR"], {"AVAL": "18 mm"}, **SIZE)


@adam("AVALU of a size is inches")
def size_in_inches(frames: Domains) -> None:
    frames["ADTR"]["AVALU"] = "in"


@adam("one size in cm, AVALU empty", tables=["sums_compared"])
def size_in_cm(frames: Domains) -> None:
    put(frames["ADTR"], {"AVAL": 1.8}, **SIZE)


@adam("two records are flagged as the baseline of one lesion")
def baseline_twice(frames: Domains) -> None:
    frames["ADTR"]["ABLFL"] = None
    put(frames["ADTR"], {"ABLFL": "Y"}, AVISIT="BASELINE")
    put(frames["ADTR"], {"ABLFL": "Y"}, **SIZE)


@adam("ADY says another day than ADT")
def day_against_date(frames: Domains) -> None:
    put(frames["ADTR"], {"ADY": 60}, **SIZE)


@adam("ADY is 0")
def day_zero(frames: Domains) -> None:
    put(frames["ADTR"], {"ADY": 0}, **SIZE)


@adam("neither ADY nor ADT")
def no_day(frames: Domains) -> None:
    put(frames["ADTR"], {"ADY": None, "ADT": None}, **SIZE)


@adam("a date that is none")
def date_in_words(frames: Domains) -> None:
    put(frames["ADTR"], {"ADY": None, "ADT": "week 6"}, **SIZE)


@adam("an imputed record (DTYPE)", tables=["records"])
def imputed(frames: Domains) -> None:
    put(frames["ADTR"], {"DTYPE": "LOCF"}, **SIZE)


@adam("a sum of ADTR that is not the sum of its lesions", tables=["sums_compared"])
def sum_of_something_else(frames: Domains) -> None:
    put(frames["ADTR"], {"AVAL": 99.0}, USUBJID="P1", PARAMCD="SDIAM", AVISIT="WEEK 6")


@adam("one lesion and day with two sizes")
def two_sizes(frames: Domains) -> None:
    rows = frames["ADTR"]
    again = rows[rows["PARAMCD"].eq("LDIAM1") & rows["USUBJID"].eq("P1")].iloc[[1]]
    frames["ADTR"] = pd.concat([rows, again.assign(AVAL=25.0)], ignore_index=True)


@adam("ADTTE holds sizes, ADTR times")
def swapped(frames: Domains) -> None:
    frames["ADTR"], frames["ADTTE"] = frames["ADTTE"], frames["ADTR"]


@adam("TRTSDT of ADSL after every scan, and no ADY")
def start_after_every_scan(frames: Domains) -> None:
    frames["ADTR"] = frames["ADTR"].drop(columns="ADY")
    put(frames["ADSL"], {"TRTSDT": "2021-03-01"}, USUBJID="P1")
