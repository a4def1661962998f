"""When patients die, when new lesions appear and when follow-up would end, before any scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.simulation import published
from lesionhet.simulation.enrolment import Enrolment, Floats
from lesionhet.simulation.parameters import SimulationParameters

EARLIEST_END_DAY: Final = 14
"""Nobody dies or leaves before: the published cohort is of patients with a scan after baseline."""

LOG_BURDEN_CENTRE: Final = 5.0
HETEROGENEITY_CENTRE: Final = 0.35
RESPONSE_CENTRE: Final = -0.25
"""Values at which a contribution is 0, fixed so that a hazard never depends on the other patients."""

LIVER_RESPONSE_CENTRE: Final = -0.30
USUAL_NUMBER: Final = 4.0
BACKBONE_LOG_HR: Final[Mapping[str, float]] = {"FOLFIRI": 0.12, "Panitumumab + FOLFIRI": 0.12}
MUTANT_LOG_HR: Final = 0.25
ECOG_LOG_HR: Final = 0.30
LDH_LOG_HR: Final = 0.35
NEW_LESION_SHAPE: Final = 1.1
NEW_LESION_GROWTH_LOG_HR: Final = 0.3
NEW_LESION_AGENT_LOG_HR: Final = -0.15


def log_hazards(
    enrolment: Enrolment, truth: pd.DataFrame, parameters: SimulationParameters
) -> pd.DataFrame:
    """Compute each patient's log hazard of death, by contribution.

    Parameters
    ----------
    enrolment
        n patients with L lesions.
    truth
        L rows from `draw_growth`.
    parameters
        The log hazard ratios.

    Returns
    -------
    pandas.DataFrame
        n rows: ``log_hr_heterogeneity``, ``.._burden``, ``.._number``, ``.._growth``,
        ``.._response``, ``.._liver_response``, ``.._agent``, ``.._backbone``, ``.._kras``,
        ``.._covariates``, and ``log_hr``, their sum.

    Examples
    --------
    >>> from lesionhet.simulation.enrolment import enrol
    >>> from lesionhet.simulation.growth import draw_growth
    >>> rng, none = np.random.default_rng(1), SimulationParameters(heterogeneity_log_hr=0)
    >>> trial = enrol(rng, 40)
    >>> table = log_hazards(trial, draw_growth(rng, trial, none), none)
    >>> bool((table["log_hr_heterogeneity"] == 0).all())
    True
    """
    p, patients = parameters, enrolment.patients
    heterogeneity = truth["heterogeneity"].to_numpy()[enrolment.start]
    terms = {
        "heterogeneity": p.heterogeneity_log_hr * (heterogeneity - HETEROGENEITY_CENTRE),
        **_growth_terms(enrolment, truth, p),
        "agent": p.agent_log_hr * truth["agent_strength"].to_numpy()[enrolment.start],
        "backbone": p.backbone_effect * patients["arm"].map(BACKBONE_LOG_HR).fillna(0.0),
        "kras": p.kras_effect * MUTANT_LOG_HR * (patients["kras_true"] == "mutant"),
        "covariates": p.covariate_effect
        * (ECOG_LOG_HR * patients["ecog"].fillna(0.0) + LDH_LOG_HR * patients["ldh_high"]),
    }
    table = pd.DataFrame({f"log_hr_{name}": np.asarray(term) for name, term in terms.items()})
    table["log_hr"] = table.sum(axis=1)
    return table


def _growth_terms(
    enrolment: Enrolment, truth: pd.DataFrame, p: SimulationParameters
) -> dict[str, Floats]:
    d0 = truth["d0_mm"].to_numpy()
    return {
        "burden": p.burden_log_hr * (np.log(enrolment.sum(d0)) - LOG_BURDEN_CENTRE),
        "number": p.number_log_hr * np.log(enrolment.n_lesions / USUAL_NUMBER),
        "growth": p.growth_log_hr * _mean_log_growth(enrolment, truth, p),
        "response": p.response_log_hr * (log_response(enrolment, truth) - RESPONSE_CENTRE),
        "liver_response": p.liver_response_log_hr * liver_response(enrolment, truth),
    }


def log_response(enrolment: Enrolment, truth: pd.DataFrame) -> Floats:
    """Give each patient's ln(true burden at day 168 / at day 0)."""
    d0 = truth["d0_mm"].to_numpy()
    later = enrolment.sum(d0 * truth["ratio_168"].to_numpy())
    return np.asarray(np.log(later / enrolment.sum(d0)))


def liver_response(enrolment: Enrolment, truth: pd.DataFrame) -> Floats:
    """Give ln(true liver burden at day 168 / at day 0) less its centre; 0 without liver lesions."""
    d0 = truth["d0_mm"].to_numpy() * (enrolment.site == published.LIVER)
    begin = enrolment.sum(d0)
    later = enrolment.sum(d0 * truth["ratio_168"].to_numpy())
    has_liver = begin > 0
    ratio = np.divide(later, begin, out=np.ones(len(begin)), where=has_liver)
    return np.where(has_liver, np.log(ratio) - LIVER_RESPONSE_CENTRE, 0.0)


def _mean_log_growth(enrolment: Enrolment, truth: pd.DataFrame, p: SimulationParameters) -> Floats:
    """Give each patient's mean over lesions of ln kge, against the median of the parameters."""
    log_growth = np.log(truth["kge"].to_numpy() / p.growth_median[0])
    return np.asarray(enrolment.sum(log_growth) / enrolment.n_lesions)


def draw_ends(
    rng: np.random.Generator,
    enrolment: Enrolment,
    truth: pd.DataFrame,
    hazards: pd.DataFrame,
    parameters: SimulationParameters,
) -> pd.DataFrame:
    """Draw the days on which things would happen, censoring aside.

    Death and the first new lesion are Weibull with proportional hazards; dropout from scans is
    exponential, administrative censoring uniform.

    Parameters
    ----------
    rng
        Random generator; moved on.
    enrolment, truth
        As in `log_hazards`.
    hazards
        n rows from `log_hazards`.
    parameters
        Medians, shapes and rates.

    Returns
    -------
    pandas.DataFrame
        n rows of whole days: ``death_day``, ``censor_day``, ``dropout_day`` (14 or later) and
        ``new_lesion_day`` (1 or later).

    Source: inverse transform sampling of survival times (Bender, Augustin, Blettner 2005).

    Examples
    --------
    >>> from lesionhet.simulation.enrolment import enrol
    >>> from lesionhet.simulation.growth import draw_growth
    >>> rng, p = np.random.default_rng(1), SimulationParameters()
    >>> trial = enrol(rng, 40)
    >>> truth = draw_growth(rng, trial, p)
    >>> ends = draw_ends(rng, trial, truth, log_hazards(trial, truth, p), p)
    >>> bool((ends["death_day"] >= 14).all())
    True
    """
    p, n = parameters, len(hazards)
    # Drawn in one piece: no parameter changes which patient gets which number.
    uniform = 1.0 - rng.random((4, n))
    death = _weibull(uniform[0], p.median_os_days, p.os_shape, hazards["log_hr"].to_numpy())
    heterogeneity = truth["heterogeneity"].to_numpy()[enrolment.start] - HETEROGENEITY_CENTRE
    log_hr = (
        p.heterogeneity_new_lesion_log_hr * heterogeneity
        + p.liver_response_new_lesion_log_hr * liver_response(enrolment, truth)
        + NEW_LESION_GROWTH_LOG_HR * _mean_log_growth(enrolment, truth, p)
        + NEW_LESION_AGENT_LOG_HR * truth["agent_strength"].to_numpy()[enrolment.start]
    )
    new = _weibull(uniform[1], p.median_new_lesion_days, NEW_LESION_SHAPE, log_hr)
    low, high = p.censor_days
    censor = low + (high - low) * uniform[2]
    # A rate of 0 never ends the scans.
    dropout = np.minimum(-np.log(uniform[3]) * 365.25 / max(p.dropout_per_year, 1e-9), 2 * high)
    return pd.DataFrame(
        {
            "death_day": _whole_days(death, EARLIEST_END_DAY),
            "censor_day": _whole_days(censor, EARLIEST_END_DAY),
            "dropout_day": _whole_days(dropout, EARLIEST_END_DAY),
            "new_lesion_day": _whole_days(new, 1),
        }
    )


def _weibull(uniform: Floats, median: float, shape: float, log_hr: Floats) -> Floats:
    hazard = np.log(2) * np.exp(log_hr)
    return np.asarray(median * (-np.log(uniform) / hazard) ** (1 / shape))


def _whole_days(days: Floats, earliest: int) -> Floats:
    """Round up to whole days; far beyond any follow-up the day no longer matters."""
    return np.clip(np.ceil(days), earliest, 1e6).astype(np.int64)
