"""The parameters that are fitted, as one vector."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lesionhet.calibration.start import START
from lesionhet.simulation.parameters import ORGANS, SimulationParameters

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dial:
    """One number that the fit may turn.

    Parameters
    ----------
    field
        Field of `SimulationParameters`.
    position
        Position in a tuple; -1 where the field is one number.
    step
        A change that matters: the unit of the vector.
    low, high
        Where it stays plausible.
    """

    field: str
    position: int
    step: float
    low: float
    high: float

    def read(self, parameters: SimulationParameters) -> float:
        """Give the number."""
        value = getattr(parameters, self.field)
        return float(value if self.position < 0 else value[self.position])


DIALS: Final = (
    Dial("growth_median", 0, 0.0002, 0.0008, 0.003),
    Dial("growth_median", 1, 0.002, 0.008, 0.03),
    Dial("growth_median", 2, 0.04, 0.2, 0.8),
    Dial("between_patient_sd", 0, 0.1, 0.2, 1.2),
    Dial("between_patient_sd", 2, 0.15, 0.3, 2.5),
    Dial("between_organ_sd", 2, 0.15, 0.0, 1.5),
    Dial("between_lesion_sd", 0, 0.05, 0.05, 0.8),
    Dial("between_lesion_sd", 2, 0.08, 0.1, 1.5),
    Dial("heterogeneity_spread", -1, 0.1, 0.1, 1.0),
    Dial("heterogeneity_number_effect", -1, 0.1, -0.3, 0.8),
    *(Dial("organ_resistance", k, 0.2, -1.0, 3.0) for k in range(1, len(ORGANS))),
    *(Dial("organ_spread", k, 0.2, -1.2, 1.2) for k in range(1, len(ORGANS))),
    Dial("agent_growth", 2, 0.15, -2.0, 0.0),
    *(Dial("agent_organ_share", k, 0.15, 0.0, 1.0) for k in range(3)),
    Dial("agent_homogenising", -1, 0.1, -1.2, 0.2),
    Dial("agent_log_hr", -1, 0.06, -0.6, 0.0),
    Dial("heterogeneity_log_hr", -1, 0.2, 0.0, 2.0),
    Dial("burden_log_hr", -1, 0.1, 0.0, 0.8),
    Dial("number_log_hr", -1, 0.08, -0.2, 0.6),
    Dial("growth_log_hr", -1, 0.1, 0.0, 0.8),
    Dial("response_log_hr", -1, 0.15, 0.0, 1.2),
    Dial("liver_response_log_hr", -1, 0.15, 0.0, 1.5),
    Dial("heterogeneity_new_lesion_log_hr", -1, 0.2, 0.0, 2.5),
    Dial("liver_response_new_lesion_log_hr", -1, 0.2, 0.0, 2.5),
    Dial("median_os_days", -1, 30.0, 350.0, 1000.0),
    Dial("os_shape", -1, 0.08, 1.0, 2.2),
    Dial("median_new_lesion_days", -1, 50.0, 200.0, 1200.0),
)


def to_vector(parameters: SimulationParameters) -> Floats:
    """Give the dials of parameters in steps.

    Examples
    --------
    >>> parameters = SimulationParameters(median_os_days=600)
    >>> to_vector(parameters)[-3].item()
    20.0
    """
    return np.array([dial.read(parameters) / dial.step for dial in DIALS])


def from_vector(vector: Floats) -> SimulationParameters:
    """Give parameters with the dials turned; beyond its limits a dial stops.

    Examples
    --------
    >>> parameters = SimulationParameters(median_os_days=600)
    >>> from_vector(to_vector(parameters)).median_os_days
    600.0
    """
    changes: dict[str, Any] = {}
    for dial, steps in zip(DIALS, vector, strict=True):
        # Rounded as it is stored, so that what was fitted is what is shipped.
        value = float(f"{np.clip(steps * dial.step, dial.low, dial.high):.4g}")
        if dial.position < 0:
            changes[dial.field] = value
        else:
            numbers = changes.setdefault(dial.field, list(getattr(START, dial.field)))
            numbers[dial.position] = value
    whole: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in changes.items()}
    return dataclasses.replace(START, **whole)


def limits() -> tuple[Floats, Floats]:
    """Give the lowest and the highest vector."""
    low = np.array([dial.low / dial.step for dial in DIALS])
    return low, np.array([dial.high / dial.step for dial in DIALS])
