"""Where the fit begins, so that it can be run again from the same place.

The result of an earlier fit, 1,100 trials from values adjusted by hand. After it ``agent_homogenising``,
``agent_organ_share`` and ``median_os_days`` were adjusted by hand once more.
"""

from __future__ import annotations

from typing import Final

from lesionhet.simulation.parameters import SimulationParameters

START: Final = SimulationParameters(
    growth_median=(0.001293, 0.01572, 0.5541),
    between_patient_sd=(0.7391, 0.45, 1.358),
    between_organ_sd=(0.1, 0.1, 0.2661),
    between_lesion_sd=(0.349, 0.35, 0.5482),
    heterogeneity_spread=0.4737,
    heterogeneity_number_effect=0.5196,
    organ_resistance=(0.0, -0.03742, -0.298, 0.2625, 0.1583, 0.3463, 0.6596, 0.8586),
    organ_spread=(0.0, 0.1934, -0.09787, -0.007851, 0.6196, -0.01255, 0.7853, -0.3659),
    agent_growth=(-0.3, 0.15, -0.6664),
    agent_organ_share=(0.5, 0.6, 0.4),
    agent_homogenising=-0.8,
    agent_log_hr=-0.2986,
    heterogeneity_log_hr=0.1722,
    burden_log_hr=0.2215,
    number_log_hr=0.1537,
    growth_log_hr=0.312,
    response_log_hr=0.2303,
    liver_response_log_hr=0.6624,
    heterogeneity_new_lesion_log_hr=0.7197,
    liver_response_new_lesion_log_hr=2.149,
    median_os_days=570.0,
    os_shape=1.377,
    median_new_lesion_days=572.1,
)
