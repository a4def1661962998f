"""How each lesion grows: its parameters, its true size on any day, and the true heterogeneity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.simulation import published
from lesionhet.simulation.enrolment import Enrolment, Flags, Floats
from lesionhet.simulation.parameters import SimulationParameters, Triple

REFERENCE_DAY: Final = 168.0
"""Day of the third scheduled scan: where true response and heterogeneity are read off."""
SMALLEST_RATIO: Final = 0.1
"""Floor of a size ratio before its log, so that one vanishing lesion does not rule the SD."""
FASTEST_KGE: Final = 0.0095
"""Per day: a doubling time of 73 days. With the floor on Fx and the default schedule and error, no
lesion jumps eightfold between two scans, which `lesionhet.validation` would take for a unit slip."""

SITE_EFFECTS: Final[Mapping[str, Triple]] = {
    published.LIVER: (0.0, 0.0, 0.0),
    "lymph node": (-0.05, -0.05, 0.00),
    "lung": (0.00, -0.15, 0.05),
    "abdomen": (0.00, -0.10, 0.25),
    "GI tract": (0.10, 0.00, 0.10),
    "pelvis": (0.05, -0.10, 0.25),
    "bone": (0.10, -0.30, 0.50),
}
"""Site -> shift of ln kge, ln kkill and logit Fx against the liver, under chemotherapy alone."""
RARE_SITE_EFFECT: Final[Triple] = (0.05, -0.15, 0.40)

AGENT_EFFECT: Final[Triple] = (-0.30, 0.15, -0.60)
"""Shift by a targeted agent of strength 1 in the liver."""
AGENT_SITE_FACTORS: Final[Mapping[str, float]] = {
    published.LIVER: 1.0,
    "lymph node": 0.35,
    "lung": 0.35,
}
"""Site -> share of the agent's effect that a lesion there feels."""
RARE_AGENT_FACTOR: Final = 0.2
AGENT_HOMOGENISING: Final = -0.2
"""Change of the log of the between-lesion SD by an agent of strength 1."""

SIZE_AT_START: Final[Mapping[str, tuple[float, float]]] = {
    published.LIVER: (3.1, 0.80),
    "lymph node": (2.3, 0.75),
    "lung": (2.0, 0.80),
}
"""Site -> mean and SD of ln(diameter in mm - 12); eligible lesions measure 10 mm or more."""
OTHER_SIZE_AT_START: Final = (2.7, 0.80)
LEAST_SIZE_MM: Final = 12.0
LARGEST_SIZE_MM: Final = 250.0


def lesion_size(day: Any, d0: Any, kge: Any, kkill: Any, fx: Any) -> Floats:
    """Compute the true diameter of lesions.

    From day 0 on D(t) = D0 (Fx exp(kge t) + (1 - Fx) exp(-kkill t)). Before treatment the whole
    lesion grows at its regrowth rate: D(t) = D0 exp(kge t), t < 0.

    Parameters
    ----------
    day
        Days from the start of treatment; any shape that broadcasts with the others.
    d0
        Diameter at day 0, in mm.
    kge, kkill
        Rates of regrowth and of shrinkage, per day.
    fx
        Fraction that does not respond, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Diameters in mm.

    Source: growth model of Dilley et al. 2026 (doi 10.1002/cpt.70260), bi-exponential as in tumour
    growth inhibition models.

    Examples
    --------
    >>> lesion_size([-28, 0, 56], 40.0, 0.002, 0.02, 0.5).round(2).tolist()
    [37.82, 40.0, 28.9]
    """
    t = np.asarray(day, dtype=float)
    treated = np.maximum(t, 0.0)
    factor = fx * np.exp(kge * treated) + (1 - fx) * np.exp(-kkill * treated)
    return np.asarray(d0 * np.where(t < 0, np.exp(kge * np.minimum(t, 0.0)), factor))


def draw_growth(
    rng: np.random.Generator, enrolment: Enrolment, parameters: SimulationParameters
) -> pd.DataFrame:
    """Draw the growth parameters of every lesion.

    Parameters
    ----------
    rng
        Random generator; moved on.
    enrolment
        n patients with L lesions.
    parameters
        Medians, SDs and effects.

    Returns
    -------
    pandas.DataFrame
        L rows: ``d0_mm``, ``kge``, ``kkill``, ``fx``, ``ratio_168`` (true size at day 168 / at day
        0), and of the patient ``agent_strength``, ``lesion_sd_factor``, ``patient_effect_kge``,
        ``.._kkill``, ``.._fx``, ``heterogeneity`` (SD over the lesions of ln ratio_168; 0 for one).

    Examples
    --------
    >>> from lesionhet.simulation.enrolment import enrol
    >>> rng = np.random.default_rng(1)
    >>> truth = draw_growth(rng, enrol(rng, 40), SimulationParameters())
    >>> bool(truth["fx"].between(0, 1).all() and (truth["kge"] > 0).all())
    True
    """
    n, n_lesions = len(enrolment.patients), len(enrolment.owner)
    patient_noise, lesion_noise = rng.normal(size=(n, 3)), rng.normal(size=(n_lesions, 3))
    factor_noise, size_noise = rng.normal(size=n), rng.normal(size=n_lesions)
    strength = agent_strength(enrolment.patients) * parameters.treatment_effect
    spread = parameters.heterogeneity_spread * factor_noise + AGENT_HOMOGENISING * strength
    factor = np.exp(spread)
    of_patient = patient_noise * parameters.between_patient_sd
    of_lesion = lesion_noise * parameters.between_lesion_sd * factor[enrolment.owner, None]
    shift = (
        of_patient[enrolment.owner] + of_lesion + _fixed_effects(enrolment, parameters, strength)
    )
    d0 = _sizes_at_start(enrolment.site, size_noise)
    kge, kkill, fx = _rates(shift, d0, parameters)
    truth = pd.DataFrame({"d0_mm": d0, "kge": kge, "kkill": kkill, "fx": fx})
    truth["ratio_168"] = lesion_size(REFERENCE_DAY, 1.0, kge, kkill, fx)
    truth["agent_strength"] = strength[enrolment.owner]
    truth["lesion_sd_factor"] = factor[enrolment.owner]
    for axis, name in enumerate(("kge", "kkill", "fx")):
        truth[f"patient_effect_{name}"] = of_patient[enrolment.owner, axis]
    truth["heterogeneity"] = true_heterogeneity(enrolment, truth["ratio_168"])[enrolment.owner]
    return truth


def true_heterogeneity(enrolment: Enrolment, ratio: Any) -> Floats:
    """Compute the SD (n - 1) over each patient's lesions of ln ratio, 0 for a single lesion.

    Ratios below 0.1 count as 0.1.

    Examples
    --------
    >>> from lesionhet.simulation.enrolment import enrol
    >>> four = enrol(np.random.default_rng(1), 1)
    >>> true_heterogeneity(four, [0.5, 0.5, 0.5, 0.5]).tolist()
    [0.0]
    """
    log_ratio = np.log(np.maximum(np.asarray(ratio, dtype=float), SMALLEST_RATIO))
    n = enrolment.n_lesions
    centred = log_ratio - (enrolment.sum(log_ratio) / n)[enrolment.owner]
    return np.asarray(np.sqrt(enrolment.sum(centred**2) / np.maximum(n - 1, 1)))


def agent_strength(patients: pd.DataFrame) -> Floats:
    """Give how strongly each patient's targeted agent acts, before ``treatment_effect``.

    Bevacizumab 1, panitumumab 1 in wild-type KRAS and 0 in mutant; not more than 1 together, as
    panitumumab added nothing to bevacizumab in NCT00115765.

    Examples
    --------
    >>> arms = ["FOLFOX", "Panitumumab + FOLFOX", "Panitumumab + FOLFOX"]
    >>> kras = ["wild-type", "wild-type", "mutant"]
    >>> agent_strength(pd.DataFrame({"arm": arms, "kras_true": kras})).tolist()
    [0.0, 1.0, 0.0]
    """
    arm = patients["arm"].str.lower()
    wild = patients["kras_true"] == "wild-type"
    acts: Flags = (
        arm.str.contains("bevacizumab") | (arm.str.contains("panitumumab") & wild)
    ).to_numpy()
    return acts.astype(float)


def _fixed_effects(
    enrolment: Enrolment, parameters: SimulationParameters, strength: Floats
) -> Floats:
    """Give the shifts by site and agent, L x 3."""
    names, code = np.unique(enrolment.site.astype(str), return_inverse=True)
    by_site = np.array([SITE_EFFECTS.get(name, RARE_SITE_EFFECT) for name in names])
    felt = np.array([AGENT_SITE_FACTORS.get(name, RARE_AGENT_FACTOR) for name in names])
    agent = (strength[enrolment.owner] * felt[code])[:, None] * np.array(AGENT_EFFECT)
    return np.asarray(parameters.site_effect * by_site[code] + agent)


def _sizes_at_start(site: Any, noise: Floats) -> Floats:
    names, code = np.unique(site.astype(str), return_inverse=True)
    mean, sd = np.array([SIZE_AT_START.get(name, OTHER_SIZE_AT_START) for name in names])[code].T
    return np.asarray(np.minimum(LEAST_SIZE_MM + np.exp(mean + sd * noise), LARGEST_SIZE_MM))


def _rates(
    shift: Floats, d0: Floats, parameters: SimulationParameters
) -> tuple[Floats, Floats, Floats]:
    kge, kkill, fx = parameters.growth_median
    resistant = 1 / (1 + np.exp(-(np.log(fx / (1 - fx)) + shift[:, 2])))
    return (
        np.minimum(kge * np.exp(shift[:, 0]), FASTEST_KGE),
        kkill * np.exp(shift[:, 1]),
        np.maximum(resistant, _resistant_floor(d0)),
    )


def _resistant_floor(d0: Floats) -> Floats:
    """Give the least resistant fraction: large lesions do not vanish, small ones may."""
    return np.asarray(0.22 * np.clip((d0 - 15) / 10, 0, 1))
