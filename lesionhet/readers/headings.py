"""What headings mean: the words that people write over a column, and the units in them."""

from __future__ import annotations

import re
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

UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "mm": ("mm", "millimetre", "millimetres", "millimeter", "millimeters"),
    "cm": ("cm", "centimetre", "centimetres", "centimeter", "centimeters"),
    "days": ("d", "day", "days"),
    "weeks": ("w", "wk", "wks", "week", "weeks"),
    "months": ("m", "mo", "mon", "mos", "mth", "mths", "month", "months"),
    "years": ("y", "yr", "yrs", "year", "years"),
}
LENGTHS: Final = ("mm", "cm")
TIMES: Final = ("days", "weeks", "months", "years")
UNIT_OF: Final[Mapping[str, str]] = {
    "diameter_mm": "mm",
    "day": "days",
    "os_days": "days",
    "pfs_days": "days",
}
"""Column -> the unit that the program works in."""


def words(heading: str) -> tuple[str, ...]:
    """Take a heading apart, capitals inside a word and digits after letters included.

    Examples
    --------
    >>> words("Longest diameter (mm)"), words("lesionID"), words("TRT01P")
    (('longest', 'diameter', 'mm'), ('lesion', 'id'), ('trt01p',))
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return tuple(part.casefold() for part in re.findall(r"[^\W_]+", spaced))


def unit_in(heading: str, permitted: tuple[str, ...]) -> str:
    """Give the unit that a heading names, empty where it names none.

    Parameters
    ----------
    heading
        As in the file.
    permitted
        Units that the column can have.

    Examples
    --------
    >>> unit_in("OS (months)", TIMES), unit_in("size_cm", LENGTHS), unit_in("OS", TIMES)
    ('months', 'cm', '')
    """
    found = words(heading)
    for unit in permitted:
        last = found[-1:] and found[-1] in UNITS[unit]
        if last or any(word in UNITS[unit] for word in found if len(word) > 2):
            return unit
    return ""


def without_unit(heading: str) -> str:
    """Give a heading's words as one, its unit at the end left away.

    Examples
    --------
    >>> without_unit("Longest Diameter [mm]"), without_unit("Study day"), without_unit("OS_months")
    ('longestdiameter', 'studyday', 'os')
    """
    found = list(words(heading))
    every = {name for names in UNITS.values() for name in names}
    if len(found) > 1 and found[-1] in every and "".join(found) not in _ALL:
        found.pop()
    return "".join(found)


_ALL: Final = frozenset(name for names in SYNONYMS.values() for name in names)
