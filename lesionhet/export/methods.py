"""How each exported number is derived, in words and formulas, under the definitions that were used."""

from __future__ import annotations

from lesionhet.definitions import Definitions
from lesionhet.report.methods import bounds_text, weights_text

_RATIO = "s_k is a lesion's diameter at scan k, s_0 its baseline, r_k = s_k / s_0."


def baseline_text() -> str:
    """Say which measurement is the baseline."""
    return (
        "Baseline s_0: the last measurement at day <= 0 (study day <= 1), else the first. A lesion is "
        "followed if s_0 > 0 and a later measurement exists."
    )


def response_text(definitions: Definitions) -> str:
    """Say when response is reached."""
    return (
        f"{_RATIO} 1 if r_k <= {definitions.response_threshold:g} at any scan after baseline and before "
        "relapse, else 0."
    )


def relapse_text(definitions: Definitions) -> str:
    """Say when relapse is reached."""
    reference = {
        "nadir": "the smallest of s_0 .. s_(k-1)",
        "baseline": "s_0",
    }[definitions.relapse_reference]
    increase = definitions.relapse_min_increase_mm
    also = f" and s_k - reference >= {increase:g} mm" if increase else ""
    return (
        f"{_RATIO} 1 if s_k >= {definitions.relapse_threshold:g} x reference{also} at any scan after "
        f"baseline, s_k above the reference, else 0. Reference: {reference}."
    )


def stable_text(definitions: Definitions) -> str:
    """Say when there is a stable phase."""
    rule = {
        "after_response": "is neither the one that reaches response nor at or after relapse",
        "outside_response": "has neither a responding ratio nor relapse",
    }[definitions.stable_rule]
    return f"1 if any scan after baseline {rule}, else 0."


def days_text(phase: str, definitions: Definitions) -> str:
    """Say how long a phase lasts."""
    formula = {
        "response": "t_R - t_0",
        "stable": "t_P - t_R",
        "relapse": "t_m - t_P",
    }[phase]
    crossing = {
        "scan": "the day of the scan that shows it",
        "linear": "the day of linear interpolation from the scan before",
    }[definitions.crossing]
    return (
        f"{formula}, with t_0 the day of the baseline, t_m that of the last scan, t_R the day of reaching "
        f"response (t_0 if not reached), t_P that of reaching relapse (t_m if not reached); a threshold is "
        f"reached on {crossing}."
    )


def nadir_text() -> str:
    """Say what the nadir ratio is."""
    return f"min r_k over scans k = 1 .. m after baseline. {_RATIO}"


def last_text() -> str:
    """Say what the last ratio is."""
    return f"r_m at the last scan m after baseline. {_RATIO}"


def burden_text(definitions: Definitions) -> str:
    """Say what the total burden is."""
    rule = {
        "complete": "the sum of the diameters at assessments where every followed lesion was measured",
        "available": "the sum of the diameters measured / the sum of the baselines of the same lesions x "
        "the sum of all baselines",
    }[definitions.burden]
    return f"Total burden of a patient's followed target lesions: {rule}."


def gower_text(definitions: Definitions) -> str:
    """Say what the distance of two lesions is."""
    span = {
        "patient": "the patient's lesions",
        "cohort": "all lesions of the cohort",
        "fixed": f"fixed bounds ({bounds_text(definitions)})",
    }[definitions.gower_range]
    return (
        "Gower distance of lesions i and j over response, stable, relapse (flags), nadir ratio and last "
        "ratio: G_ij = sum_v w_v delta_ijv d_ijv / sum_v w_v delta_ijv. Flags: d = 0 if equal, else 1. "
        f"Ratios: d = |x_i - x_j| / range, 0 if the range is 0; range over {span}. delta = 0 where either "
        f"value is missing, else 1; {weights_text(definitions)}."
    )


def lesion_distance_text(definitions: Definitions) -> str:
    """Say what the distance of a lesion is."""
    itself = "included" if definitions.gower_self else "left out"
    single = {"zero": "0", "missing": "missing"}[definitions.single_lesion]
    return (
        f"Mean of G_ij over the patient's lesions j, the lesion itself {itself}; {single} for a patient's "
        f"only lesion. {gower_text(definitions)}"
    )


def patient_distance_text(definitions: Definitions) -> str:
    """Say what the distance of a patient is."""
    return (
        "Mean over the patient's followed lesions of the distance of the lesion. "
        f"{lesion_distance_text(definitions)}"
    )


def inconsistent_text() -> str:
    """Say which lesions are inconsistent."""
    return "1 if the three flags of the lesion are not the three flags of the total burden, else 0."
