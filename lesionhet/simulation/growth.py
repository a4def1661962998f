"""How each lesion grows: its parameters, its true size on any day, and the true heterogeneity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.simulation import published
from lesionhet.simulation.enrolment import Enrolment, Flags, Floats, Integers
from lesionhet.simulation.parameters import ORGANS, SimulationParameters

REFERENCE_DAY: Final = 168.0
"""Day of the third scheduled scan: where true response and heterogeneity are read off."""
SMALLEST_RATIO: Final = 0.1
"""Floor of a size ratio before its log, so that one vanishing lesion does not rule the SD."""
FASTEST_KGE: Final = 0.0095
"""Per day: a doubling time of 73 days. With the floor on Fx and the default schedule and error, no
lesion jumps eightfold between two scans, which `lesionhet.checks` would take for a unit slip."""

SITE_RATE_EFFECTS: Final[Mapping[str, tuple[float, float]]] = {
    published.LIVER: (0.0, 0.0),
    published.LYMPH_NODE: (-0.05, -0.05),
    published.LUNG: (0.00, -0.15),
    "abdomen": (0.00, -0.10),
    "GI tract": (0.10, 0.00),
    "pelvis": (0.05, -0.10),
    "bone": (0.10, -0.30),
}
"""Site -> shift of ln kge and ln kkill against the liver (assumed); that of logit Fx is fitted."""
RARE_RATE_EFFECT: Final = (0.05, -0.15)
USUAL_NUMBER: Final = 4.0
"""Number of lesions at which the between-lesion SD is that of the parameters."""

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
        0), and of the patient ``agent_strength``, ``patient_effect_kge``, ``.._kkill``,
        ``.._fx``, ``heterogeneity`` (SD over the lesions of ln ratio_168; 0 for one), of its lesions in
        one organ ``organ_effect_kge``, ``.._kkill``, ``.._fx``, and ``lesion_sd_factor``.

    Examples
    --------
    >>> from lesionhet.simulation.enrolment import enrol
    >>> rng = np.random.default_rng(1)
    >>> truth = draw_growth(rng, enrol(rng, 40), SimulationParameters())
    >>> bool(truth["fx"].between(0, 1).all() and (truth["kge"] > 0).all())
    True
    """
    p, n, n_lesions = parameters, len(enrolment.patients), len(enrolment.owner)
    patient_noise, lesion_noise = rng.normal(size=(n, 3)), rng.normal(size=(n_lesions, 3))
    factor_noise, size_noise = rng.normal(size=n), rng.normal(size=n_lesions)
    organ_noise = rng.normal(size=(n_lesions, 3))
    organs, felt = _organs(enrolment.site), _agent_share(enrolment.site, p)
    strength = agent_strength(enrolment.patients) * p.treatment_effect
    agent = strength[enrolment.owner] * felt
    factor = np.exp(_log_spread(enrolment, organs, factor_noise, agent, p))
    of_patient = patient_noise * p.between_patient_sd
    of_organ = organ_noise[_first_of_organ(enrolment)] * p.between_organ_sd
    of_lesion = lesion_noise * p.between_lesion_sd * factor[:, None]
    fixed = _site_effects(enrolment.site, organs, p) + agent[:, None] * np.array(p.agent_growth)
    shift = of_patient[enrolment.owner] + of_organ + of_lesion + fixed
    d0 = _sizes_at_start(enrolment.site, size_noise)
    kge, kkill, fx = _rates(shift, d0, p)
    truth = pd.DataFrame({"d0_mm": d0, "kge": kge, "kkill": kkill, "fx": fx})
    truth["ratio_168"] = lesion_size(REFERENCE_DAY, 1.0, kge, kkill, fx)
    truth["agent_strength"] = strength[enrolment.owner]
    truth["lesion_sd_factor"] = factor
    for axis, name in enumerate(("kge", "kkill", "fx")):
        truth[f"patient_effect_{name}"] = of_patient[enrolment.owner, axis]
        truth[f"organ_effect_{name}"] = of_organ[:, axis]
    truth["heterogeneity"] = true_heterogeneity(enrolment, truth["ratio_168"])[enrolment.owner]
    return truth


def _organs(site: Any) -> Integers:
    """Give the position of each lesion's site in ``ORGANS``, rare sites together the last."""
    names, code = np.unique(site.astype(str), return_inverse=True)
    position = {name: number for number, name in enumerate(ORGANS)}
    return np.array([position.get(name, len(ORGANS) - 1) for name in names])[code]


def _agent_share(site: Any, p: SimulationParameters) -> Floats:
    """Give the share of an agent's effect that each lesion feels; all of it in the liver."""
    shares = dict(zip((published.LYMPH_NODE, published.LUNG), p.agent_organ_share, strict=False))
    shares[published.LIVER] = 1.0
    names, code = np.unique(site.astype(str), return_inverse=True)
    return np.array([shares.get(name, p.agent_organ_share[-1]) for name in names])[code]


def _first_of_organ(enrolment: Enrolment) -> Integers:
    """Give, for each lesion, the first lesion of the same patient at the same site."""
    _, code = np.unique(enrolment.site.astype(str), return_inverse=True)
    _, first, back = np.unique(
        enrolment.owner * (int(code.max()) + 1) + code, return_index=True, return_inverse=True
    )
    return np.asarray(first[back], dtype=np.int64)


def _log_spread(
    enrolment: Enrolment, organs: Integers, noise: Floats, agent: Floats, p: SimulationParameters
) -> Floats:
    """Give the log of each lesion's factor on the between-lesion SD."""
    of_patient = p.heterogeneity_spread * noise + p.heterogeneity_number_effect * np.log(
        enrolment.n_lesions / USUAL_NUMBER
    )
    of_organ = p.site_effect * np.array(p.organ_spread)[organs]
    return np.asarray(of_patient[enrolment.owner] + of_organ + p.agent_homogenising * agent)


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


def _site_effects(site: Any, organs: Integers, p: SimulationParameters) -> Floats:
    """Give the shifts of ln kge, ln kkill and logit Fx by site, L x 3."""
    names, code = np.unique(site.astype(str), return_inverse=True)
    rates = np.array([SITE_RATE_EFFECTS.get(name, RARE_RATE_EFFECT) for name in names])[code]
    return np.asarray(
        p.site_effect * np.column_stack([rates, np.array(p.organ_resistance)[organs]])
    )


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
