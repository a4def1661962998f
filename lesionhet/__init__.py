"""How differently the metastases of one patient respond, and what that means for survival.

The pieces, in the order in which data flows::

    cohort = lesionhet.read_cohort("lesions.csv", "patients.csv")
    study = lesionhet.build_study(cohort, lesionhet.load_definitions("paper2021"))
    study.lesions, study.patients                    # phases, distances, discordance
    lesionhet.engine("python"), lesionhet.engine("r")  # two engines, the same requests

Nothing heavy is loaded before it is used: importing this package starts no R and draws nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Cohort": "lesionhet.cohort",
    "Definitions": "lesionhet.definitions",
    "LesionhetError": "lesionhet.errors",
    "ReadOptions": "lesionhet.readers",
    "Study": "lesionhet.study",
    "agreed": "lesionhet.agreement",
    "build_study": "lesionhet.study",
    "cohort_from_frames": "lesionhet.cohort",
    "compare": "lesionhet.agreement",
    "cross_check": "lesionhet.scripting",
    "engine": "lesionhet.engines",
    "gower_distance": "lesionhet.gower",
    "load_definitions": "lesionhet.definitions",
    "power": "lesionhet.power",
    "python": "lesionhet.scripting",
    "r_session": "lesionhet.scripting",
    "read_cohort": "lesionhet.cohort",
    "requests": "lesionhet.requests",
    "response_phases": "lesionhet.phases",
    "simulate_trial": "lesionhet.simulate",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lesionhet' has no attribute '{name}'")
    module = importlib.import_module(_HOME[name])
    return module if module.__name__ == f"lesionhet.{name}" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
