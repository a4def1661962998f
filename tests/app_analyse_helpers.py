"""The web page in a test: a small cohort put into a session, pages opened twice in a row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.simulate import simulate_trial
from streamlit_app.state import Data

APP = Path(__file__).parents[1] / "streamlit_app" / "app.py"
TIME_LIMIT = 300
SURVIVAL = ("os_days", "os_event", "pfs_days", "pfs_event", "progressed")


@cache
def small_cohort(without: tuple[str, ...] = ()) -> Cohort:
    """Give a simulated cohort of 90 patients without some of its columns."""
    trial = simulate_trial(n_patients=90, seed=4)
    lesions = trial.lesions.drop(columns=[c for c in without if c in trial.lesions])
    patients = trial.patients.drop(columns=[c for c in without if c in trial.patients])
    return cohort_from_frames(lesions, patients)


def app_with(without: Sequence[str] = ()) -> AppTest:
    """Start the page with a small cohort as the session's data."""
    at = AppTest.from_file(str(APP), default_timeout=TIME_LIMIT).run()
    cohort = small_cohort(tuple(without))
    at.session_state["data"] = Data(cohort, repr(tuple(without)), "Small trial", synthetic=True)
    return at


def open_twice(at: AppTest, page: str) -> AppTest:
    """Open a page twice in a row; both times without an exception."""
    for _ in range(2):
        at.switch_page(f"pages/{page}.py").run()
        quiet(at)
    return at


def run_twice(at: AppTest, **values: Any) -> AppTest:
    """Set widgets or other state by key and run twice; both times without an exception."""
    for name, value in values.items():
        at.session_state[name] = value
    for _ in range(2):
        at.run()
        quiet(at)
    return at


def quiet(at: AppTest) -> None:
    """Fail where the page shows an exception or an error."""
    assert not at.exception, [(e.value, e.stack_trace[-3:]) for e in at.exception]
    assert not at.error, [e.value for e in at.error]


def texts(at: AppTest) -> str:
    """Give everything that the page says."""
    kinds = (at.markdown, at.caption, at.info, at.warning, at.success, at.error, at.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")
