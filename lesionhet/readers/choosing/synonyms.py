"""Headings that people write over a column in place of the program's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "patient_id": (
        *("usubjid", "subjid", "subject", "subjectid", "subjectno", "subjectnumber", "patient"),
        *("patientid", "patid", "patno", "patientno", "patientnumber", "ptid", "ptno", "pid", "pt"),
        *("participant", "participantid", "caseid", "case", "mrn", "screeningid", "id"),
    ),
    "lesion_id": (
        *(
            "lesion",
            "lesionid",
            "lesionno",
            "lesionnumber",
            "lesionname",
            "lesnum",
            "lesno",
            "lesid",
        ),
        *("trlnkid", "tulnkid", "lnkid", "tumour", "tumor", "tumourid", "tumorid", "tumourno"),
        *("tumorno", "targetlesion", "metastasis", "metastasisid", "metid", "les"),
    ),
    "day": (
        *(
            "studyday",
            "trdy",
            "ady",
            "dy",
            "visitday",
            "scanday",
            "assessmentday",
            "measurementday",
        ),
        *(
            "daysfromstart",
            "daysfrombaseline",
            "dayssincestart",
            "dayssincebaseline",
            "daysontreatment",
        ),
        *(
            "days",
            "time",
            "timepointday",
            "relativeday",
            "relday",
            "week",
            "weeks",
            "month",
            "months",
        ),
        *("studyweek", "weekssincestart", "monthssincestart", "timefrombaseline", "timefromstart"),
    ),
    "diameter_mm": (
        *(
            "diameter",
            "longestdiameter",
            "longestdiam",
            "ld",
            "ldiam",
            "maxdiameter",
            "diam",
            "size",
        ),
        *("lesionsize", "tumorsize", "tumoursize", "trstresn", "longestdimension", "dimension"),
        *(
            "measurement",
            "measure",
            "recistdiameter",
            "lesiondiameter",
            "longaxis",
            "length",
            "aval",
        ),
    ),
    "site": (
        *(
            "location",
            "loc",
            "organ",
            "tuloc",
            "trloc",
            "anatomicsite",
            "anatomicalsite",
            "bodysite",
        ),
        *("anatomiclocation", "anatomicallocation", "lesionsite", "lesionlocation", "tumorsite"),
        *("tumoursite", "tumorlocation", "tumourlocation", "organsite", "metastaticsite", "region"),
    ),
    "visit": (
        *(
            "visitnum",
            "visitname",
            "visitno",
            "avisit",
            "avisitn",
            "timepoint",
            "assessment",
            "cycle",
        ),
        *("scan", "scanno", "scannumber", "assessmentno", "visitid"),
    ),
    "lesion_type": (
        *("lesiontype", "type", "tumortype", "tumourtype", "trgrpid", "tutesc", "lesionclass"),
        *("category", "lesioncategory", "targetstatus", "tustresc", "target", "group"),
    ),
    "arm": (
        *(
            "treatment",
            "treatmentarm",
            "trt",
            "trt01p",
            "trt01a",
            "trtp",
            "trta",
            "actarm",
            "armcd",
        ),
        *(
            "regimen",
            "therapy",
            "studyarm",
            "treatmentgroup",
            "rx",
            "allocation",
            "plannedarm",
            "group",
        ),
    ),
    "trial": ("study", "studyid", "trialid", "protocol", "protocolid", "studyname"),
    "os_days": (
        *("os", "ostime", "osday", "overallsurvival", "survivaltime", "survival", "survdays"),
        *("timetodeath", "osdurn", "osdur", "futime", "followup", "dthdy", "lastalive"),
    ),
    "os_event": (
        *("osstatus", "osflag", "oscens", "oscensor", "oscnsr", "died", "death", "dead", "dthfl"),
        *("deathflag", "deathevent", "status", "vitalstatus", "osind", "event"),
    ),
    "pfs_days": (
        *("pfs", "pfstime", "pfsday", "progressionfreesurvival", "timetoprogression", "ttp"),
        *("pfsdurn", "pfsdur", "progressiontime"),
    ),
    "pfs_event": (
        *(
            "pfsstatus",
            "pfsflag",
            "pfscens",
            "pfscensor",
            "pfscnsr",
            "pfsind",
            "progressionordeath",
        ),
    ),
    "progressed": ("progression", "progressionflag", "pd", "pdflag", "pdevent", "progr"),
    "kras": (
        *("krasstatus", "krasmutation", "krasmut", "krasmutated", "ras", "rasstatus", "krasexon2"),
        "krasgene",
    ),
}
"""Column -> other headings for it, the likelier first; without spaces, signs and units."""

DATES: Final = frozenset(
    (
        *("date", "scandate", "dateofscan", "visitdate", "dateofvisit", "assessmentdate", "ctdate"),
        *("dateofassessment", "imagingdate", "examdate", "measurementdate", "studydate", "trdtc"),
        *("tudtc", "mridate", "dateofct", "dateofmri", "dateofimaging", "adt", "visdt", "scandt"),
    )
)
"""Headings of the date of a scan; without spaces and signs."""

STARTS: Final = frozenset(
    (
        *(
            "start",
            "startdate",
            "treatmentstart",
            "treatmentstartdate",
            "startoftreatment",
            "trtsdt",
        ),
        *(
            "dateofstart",
            "startofstudytreatment",
            "rfxstdtc",
            "rfstdtc",
            "firstdose",
            "firstdosedate",
        ),
        *(
            "dateoffirstdose",
            "c1d1",
            "c1d1date",
            "cycle1day1",
            "cycle1day1date",
            "randomisationdate",
        ),
        *("randomizationdate", "dateofrandomisation", "dateofrandomization", "randdt"),
        *("treatmentstartdt", "startdt", "trtstart", "trtstartdate"),
    )
)
"""Headings of the date of the start of treatment; without spaces and signs."""
