"""What the paper published, and how near the simulated cohort must come to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from lesionhet.simulation import published

COHORT_SHARE: Final = 0.03
SITE_SHARE: Final = 0.06
"""For sites with fewer than 500 lesions."""
DISTANCE: Final = 0.03
NADIR: Final = 0.06
NADIR_RATIO: Final = 0.10
MEDIAN_DAYS: Final = 0.10
HAZARD_RATIO: Final = 0.04
TAU: Final = 0.03
GROUP_SIZE: Final = 0.20
GROUP_PATIENTS: Final = 15.0
Z_OF_P_005: Final = 1.96
Z_AIMED_AT: Final = 2.6
"""The bands, chosen before anything was fitted. A band that is missed is listed, never widened."""


@dataclass(frozen=True)
class Target:
    """One published figure with its band.

    Parameters
    ----------
    key
        Name of the simulated value, as `lesionhet.calibration.measure` gives it.
    ledger
        Analysis of the paper, such as ``"2C"``.
    what
        What it is, in words.
    published
        As published.
    low, high
        The band, both ends inside.
    centre
        What the fit aims at.
    digits
        Decimals printed.
    """

    key: str
    ledger: str
    what: str
    published: str
    low: float
    high: float
    centre: float
    digits: int = 0

    def met(self, value: float) -> bool:
        """Say whether a simulated value lies in the band; a missing one does not."""
        return self.low <= value <= self.high

    def miss(self, value: float) -> float:
        """Give the distance from the centre in half-widths of the band, 0 inside a one-sided one.

        Examples
        --------
        >>> target = Target("x", "2C", "x", "600", 540, 660, 600)
        >>> target.miss(570), target.miss(690)
        (-0.5, 1.5)
        """
        if self.low == self.high:
            return value - self.centre
        if math.isinf(self.high):
            return min(0.0, (value - self.low) / abs(self.centre))
        if math.isinf(self.low):
            return max(0.0, (value - self.high) / abs(self.centre))
        return (value - self.centre) / ((self.high - self.low) / 2)


def _near(
    key: str, ledger: str, what: str, value: float, band: float, digits: int, text: str = ""
) -> Target:
    shown = text or f"{value:.{digits}f}"
    # Rounded as printed, so that a band of 0.2 to 0.26 holds 0.26.
    low, high = round(value - band, 9), round(value + band, 9)
    return Target(key, ledger, what, shown, low, high, value, digits)


def _between(
    key: str, ledger: str, what: str, low: float, high: float, band: float, digits: int
) -> Target:
    shown = f"{low:.{digits}f} to {high:.{digits}f}"
    ends = round(low - band, 9), round(high + band, 9)
    return Target(key, ledger, what, shown, *ends, (low + high) / 2, digits)


def _days(key: str, ledger: str, what: str, value: float) -> Target:
    return _near(key, ledger, what, value, MEDIAN_DAYS * value, 0)


def _group(key: str, what: str, value: int) -> Target:
    band = max(GROUP_SIZE * value, GROUP_PATIENTS)
    return _near(key, "6A", what, value, band, 0)


def _longer(key: str, ledger: str, what: str, scale: float) -> Target:
    return Target(key, ledger, what, "above 0", 1e-9, math.inf, scale)


def _significant(key: str, ledger: str, what: str) -> Target:
    return Target(key, ledger, what, "lower, P < 0.05", Z_OF_P_005, math.inf, Z_AIMED_AT, 3)


def _exact(key: str, ledger: str, what: str, count: int) -> Target:
    return _near(key, ledger, what, count, 0, 0, f"{count:,}")


ARMS: Final = {
    "Bevacizumab + chemotherapy": 377,
    "Bevacizumab + panitumumab + chemotherapy": 371,
    "FOLFIRI": 419,
    "Panitumumab + FOLFIRI": 425,
    "FOLFOX": 769,
    "Panitumumab + FOLFOX": 441,
}
SITE_COUNTS: Final = {
    "bevacizumab": {"liver": 1031, "lung": 146, "lymph node": 353},
    "panitumumab": {"liver": 2422, "lung": 266, "lymph node": 534},
    "chemotherapy": {"liver": 3128, "lung": 513, "lymph node": 646},
}
TABLE_1: Final = {
    "sex: male": 1688,
    "race: White": 2611,
    "ldh_high: 1": 836,
    "ecog: 0": 1536,
    "ecog: 1": 1178,
    "ecog: 2": 87,
    "kras: wild-type": 795,
    "kras: mutant": 593,
    "kras: unknown": 1414,
    "primary_site: colon": 1910,
    "primary_site: rectum": 892,
    "prior_surgery: 1": 2535,
    "prior_radiotherapy: 1": 367,
    "prior_adjuvant: 1": 505,
    "recist_response: CR": 77,
    "recist_response: PR": 1069,
    "recist_response: SD": 1173,
    "recist_response: PD": 401,
    "recist_response: not detected": 31,
    "recist_response: unable to evaluate": 39,
    "recist_response: unknown": 12,
}
MIDDLE_SITES: Final = ("lymph node", "lung", "abdomen", "GI tract", "pelvis")

EXACT: Final = (
    _exact("patients", "T1", "patients", published.N_PATIENTS),
    _exact("lesions", "T1", "lesions", 11404),
    *(_exact(f"arm: {arm}", "T1b", f"patients, {arm}", n) for arm, n in ARMS.items()),
    _exact("without PFS", "T1b", "patients without PFS", 28),
    *(_exact(key, "T1", f"patients, {key}", count) for key, count in TABLE_1.items()),
    _exact("1 lesion", "T1", "patients with 1 lesion", 382),
    _exact("2 lesions", "T1", "patients with 2 lesions", 449),
    _exact("3 lesions or more", "T1", "patients with 3 lesions or more", 1971),
    _exact("liver only", "T1", "patients with liver metastases only", 1347),
    _exact("with liver", "6A", "patients with liver metastases", 2229),
    _exact("liver, lung", "6B", "patients with liver and lung metastases only", 164),
    _exact("liver, lymph node", "6B", "patients with liver and lymph node metastases only", 329),
    *(
        _exact(f"lesions: {group}, {site}", "T1d", f"lesions, {site}, {group}", count)
        for group, sites in SITE_COUNTS.items()
        for site, count in sites.items()
    ),
)

FITTED: Final = (
    _near(
        "inconsistent patients", "1C", "patients with an inconsistent lesion", 0.63, COHORT_SHARE, 3
    ),
    _near("inconsistent: liver", "1D", "inconsistent lesions, liver", 0.35, COHORT_SHARE, 3),
    _near("inconsistent: other", "1D", "inconsistent lesions, other", 0.35, SITE_SHARE, 3),
    _near("inconsistent: bone", "1D", "inconsistent lesions, bone", 0.48, SITE_SHARE, 3),
    *(
        _between(
            f"inconsistent: {site}",
            "1D",
            f"inconsistent lesions, {site}",
            0.35,
            0.48,
            COHORT_SHARE if site in MIDDLE_SITES[:2] else SITE_SHARE,
            3,
        )
        for site in MIDDLE_SITES
    ),
    Target(
        "tau",
        "2A-tau",
        "tau of distance and number of lesions, above 2 lesions",
        "0.005",
        *(-TAU, TAU, 0.005, 3),
    ),
    _days("os: low", "2C", "OS median, low distance, days", 630),
    _days("os: medium", "2C", "OS median, medium distance, days", 550),
    _days("os: high", "2C", "OS median, high distance, days", 422),
    _near("hr: os", "2D", "HR of the distance per SD, OS", 1.14, HAZARD_RATIO, 3),
    _near("hr: pfs", "2D", "HR of the distance per SD, PFS", 1.19, HAZARD_RATIO, 3),
    _near("distance: liver", "2G", "distance of lesions, median, liver", 0.23, DISTANCE, 3),
    _near("distance: lung", "2G", "distance of lesions, median, lung", 0.23, DISTANCE, 3),
    _near("distance: GI tract", "2G", "distance of lesions, median, GI tract", 0.28, DISTANCE, 3),
    *(
        _between(
            f"distance: {site}",
            "2G",
            f"distance of lesions, median, {site}",
            0.23,
            0.28,
            DISTANCE,
            3,
        )
        for site in ("lymph node", "abdomen", "pelvis", "bone", "other")
    ),
    _longer(
        "order: inconsistent, bone", "1D", "inconsistent lesions, bone - highest other site", 0.02
    ),
    _longer("order: distance, GI tract", "2G", "distance, GI tract - highest other site", 0.005),
    _longer("order: nadir, liver", "4D", "nadir with panitumumab, lowest other site - liver", 0.04),
    _longer(
        "order: nadir, other", "4D", "nadir with panitumumab, other - highest other site", 0.02
    ),
    _significant("z: targeted", "2H", "distance, chemo against targeted, Mann-Whitney z"),
    _significant("z: panitumumab", "4C", "distance, chemo against panitumumab, Mann-Whitney z"),
    Target(
        "z: bevacizumab",
        "3C",
        "distance, chemo against bevacizumab, Mann-Whitney z",
        "P = 0.06",
        *(0, math.inf, 1.88, 3),
    ),
    _longer("os: bevacizumab - chemo", "3A", "OS median, bevacizumab - chemo, days", 60),
    _longer("pfs: bevacizumab - chemo", "3A", "PFS median, bevacizumab - chemo, days", 30),
    _longer("os: panitumumab - chemo", "4A", "OS median, panitumumab - chemo, days", 60),
    _longer("pfs: panitumumab - chemo", "4A", "PFS median, panitumumab - chemo, days", 30),
    _near("nadir: liver", "4D", "nadir with panitumumab, median, liver", 0.64, NADIR, 3),
    _near("nadir: other", "4D", "nadir with panitumumab, median, other", 0.92, NADIR, 3),
    *(
        _between(
            f"nadir: {site}", "4D", f"nadir with panitumumab, median, {site}", 0.64, 0.92, NADIR, 3
        )
        for site in (*MIDDLE_SITES, "bone")
    ),
    _near(
        "nadir ratio: lymph node",
        "5A",
        "nadir, KRAS wild-type with panitumumab, lymph node / liver",
        1.32,
        NADIR_RATIO,
        3,
    ),
    _near(
        "nadir ratio: lung",
        "5A",
        "nadir, KRAS wild-type with panitumumab, lung / liver",
        1.23,
        NADIR_RATIO,
        3,
    ),
    _longer("os: wild-type - mutant", "K-OS", "OS median, KRAS wild-type - mutant, days", 60),
    _longer("pfs: wild-type - mutant", "K-OS", "PFS median, KRAS wild-type - mutant, days", 30),
    _group("organs: all", "patients, all > 30%", 1113),
    _group("organs: liver", "patients, liver > 30%, others <= 30%", 142),
    _group("organs: others", "patients, liver <= 30%, others > 30%", 80),
    _group("organs: none", "patients, all <= 30%", 894),
    _days("organs, os: liver", "6A", "OS median, liver > 30%, others <= 30%, days", 546),
    _days("organs, os: others", "6A", "OS median, liver <= 30%, others > 30%, days", 401),
    _days("organs, pfs: liver", "6A", "PFS median, liver > 30%, others <= 30%, days", 282),
    _days("organs, pfs: others", "6A", "PFS median, liver <= 30%, others > 30%, days", 176),
)

TARGETS: Final = (*EXACT, *FITTED)
"""Every published figure that the default cohort is held to."""

RECORDED_AS_MEASURED: Final = Target(
    "recorded as measured",
    "T1",
    "recorded response is that by the measured sizes",
    "not published",
    0.85,
    1.0,
    1.0,
    3,
)
"""Not published: keeps the recorded responses, made to count, plausible beside the sizes."""

_TWO_PUBLISHED: Final = {
    "lung": ((57, 27, 18, 62), (519, 414)),
    "lymph node": ((138, 57, 27, 107), (662, 401)),
}
TWO_ORGANS: Final = tuple(
    row
    for organ, (counts, days) in _TWO_PUBLISHED.items()
    for row in (
        *(
            (f"{organ}, n: {name}", f"liver and {organ} only: patients, {text}", str(count))
            for (name, text), count in zip(
                {
                    "all": "both > 30%",
                    "liver": f"liver > 30%, {organ} <= 30%",
                    "others": f"{organ} > 30%, liver <= 30%",
                    "none": "both <= 30%",
                }.items(),
                counts,
                strict=True,
            )
        ),
        (
            f"{organ}, os: liver",
            f"liver and {organ} only: OS median, liver > 30%, days",
            str(days[0]),
        ),
        (
            f"{organ}, os: others",
            f"liver and {organ} only: OS median, {organ} > 30%, days",
            str(days[1]),
        ),
    )
)
"""Figure 6B: key, what it is, published. Printed without a band."""
