"""The web page under test: opened without a browser, with small data."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.simulate import simulate_trial
from streamlit_app.state import Data

APP = Path(__file__).parents[1] / "streamlit_app" / "start" / "main.py"
SLOWEST = 120


def small_cohort(patients: int = 120, seed: int = 5) -> Cohort:
    """Simulate a small trial."""
    trial = simulate_trial(patients, seed=seed)
    return cohort_from_frames(trial.lesions, trial.patients)


def small_data(patients: int = 120, seed: int = 5) -> Data:
    """Give a small trial as the data of a session."""
    cohort = small_cohort(patients, seed)
    return Data(cohort, cohort.sources[0].sha256, "Small trial", synthetic=True)


def open_app(data: Data | None = None) -> AppTest:
    """Open the first page, with data or without."""
    at = AppTest.from_file(str(APP), default_timeout=SLOWEST)
    if data is not None:
        at.session_state["data"] = data
    return at.run()


def open_page(name: str, *, demo: bool = False, data: Data | None = None) -> AppTest:
    """Open a page by the name of its file; ``demo`` gives it `small_data`."""
    at = open_app(small_data() if demo and data is None else data)
    return go(at, name)


def go(at: AppTest, name: str) -> AppTest:
    """Go to another page of an open app."""
    return at.switch_page(f"../pages/{name}.py").run()


def shown(at: AppTest) -> str:
    """Give every text of a page as one."""
    kinds = (
        at.title,
        at.header,
        at.subheader,
        at.markdown,
        at.caption,
        at.error,
        at.warning,
        at.info,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)
