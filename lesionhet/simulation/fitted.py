"""The fitted defaults of `SimulationParameters`: written by a program, not by hand.

What they were fitted to, and how near they come, is in docs/calibration.md.
"""

from typing import Final

FITTED_BY: Final = "python -m lesionhet.calibration --evaluations 240 --seed 1 --write"
FITTED_ON: Final = "2026-11-22"

GROWTH_MEDIAN: Final = (0.001293, 0.01572, 0.5541)
BETWEEN_PATIENT_SD: Final = (0.7391, 0.45, 1.358)
BETWEEN_ORGAN_SD: Final = (0.1, 0.1, 0.2661)
BETWEEN_LESION_SD: Final = (0.349, 0.35, 0.5482)
HETEROGENEITY_SPREAD: Final = 0.4737
HETEROGENEITY_NUMBER_EFFECT: Final = 0.5196
ORGAN_RESISTANCE: Final = (0.0, -0.03742, -0.218, 0.2625, 0.1583, 0.3463, 0.6596, 0.9386)
ORGAN_SPREAD: Final = (0.0, 0.1934, -0.09787, -0.007851, 0.6196, -0.01255, 0.7853, -0.2859)
AGENT_GROWTH: Final = (-0.3, 0.15, -0.6664)
AGENT_ORGAN_SHARE: Final = (0.44, 0.6, 0.4)
AGENT_HOMOGENISING: Final = -0.76
AGENT_LOG_HR: Final = -0.2986
HETEROGENEITY_LOG_HR: Final = 0.2522
BURDEN_LOG_HR: Final = 0.2215
NUMBER_LOG_HR: Final = 0.1537
GROWTH_LOG_HR: Final = 0.312
RESPONSE_LOG_HR: Final = 0.2903
LIVER_RESPONSE_LOG_HR: Final = 0.6624
HETEROGENEITY_NEW_LESION_LOG_HR: Final = 0.6797
LIVER_RESPONSE_NEW_LESION_LOG_HR: Final = 2.069
MEDIAN_OS_DAYS: Final = 570.0
OS_SHAPE: Final = 1.377
MEDIAN_NEW_LESION_DAYS: Final = 572.1
