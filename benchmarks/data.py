"""The demonstration cohort, simulated once a run."""

from __future__ import annotations

import functools
from typing import Final

from lesionhet import cohort_from_frames, simulate_trial
from lesionhet.study import Study, build_study

PATIENTS: Final = 2802
SEED: Final = 2021


@functools.cache
def demo_study() -> Study:
    """Give the demonstration cohort under the published definitions."""
    trial = simulate_trial(PATIENTS, seed=SEED)
    return build_study(cohort_from_frames(trial.lesions, trial.patients))
