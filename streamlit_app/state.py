"""Typed access to the state of one session: its data, its choices, and what was computed from them.

Nothing of one session reaches another: results live in the session's own state and end with it. Only the
simulated demonstration cohort is shared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import pandas as pd
import streamlit as st

from lesionhet.engines import EngineName, engine
from lesionhet.errors import UsageError
from lesionhet.plan import Plan, load_plan
from lesionhet.requests import Request, ResultT
from streamlit_app import asked
from streamlit_app.choices import Choices
from streamlit_app.memo import Memo

if TYPE_CHECKING:
    from lesionhet.analyses.base import Analysis, AnalysisResult
    from lesionhet.cohort import Cohort
    from lesionhet.definitions import Definitions
    from lesionhet.study import Study

T = TypeVar("T")

KEPT_RESULTS: Final = 400
"""Results and answers kept a session: every analysis under several choices."""
KEPT_STUDIES: Final = 4
KEPT_PREFIX: Final = "keep_"
DEMO_SEED: Final = 2021
DEMO_PATIENTS: Final = 2802


@dataclass(frozen=True, eq=False)
class Data:
    """The data of a session.

    Parameters
    ----------
    cohort
        The checked tables.
    key
        SHA-256 of the files and of how they were read.
    name
        What a person calls them.
    synthetic
        Whether they are simulated.
    """

    cohort: Cohort
    key: str
    name: str
    synthetic: bool = False


def data() -> Data | None:
    """Give the data of the session, None before there are any."""
    return cast("Data | None", st.session_state.get("data"))


def cohort() -> Cohort | None:
    """Give the cohort of the session, None before there is one."""
    found = data()
    return found.cohort if found else None


def use(found: Data) -> None:
    """Take data as the session's."""
    st.session_state["data"] = found


def use_demo() -> None:
    """Take the simulated trial as the session's data."""
    use(_demo())


def forget() -> None:
    """Let go of the session's data and of everything that was computed from it."""
    for name in (
        "data",
        "results",
        "studies",
        "asked",
        "compared",
        "files",
        "refused",
        "kept_values",
    ):
        st.session_state.pop(name, None)


def choices() -> Choices:
    """Give the choices of the session."""
    return cast("Choices", st.session_state.setdefault("choices", Choices()))


def set_choices(chosen: Choices) -> None:
    """Set the choices of the session; pages follow with the next run."""
    st.session_state["choices"] = chosen


def definitions() -> Definitions:
    """Give the definitions in force.

    Raises
    ------
    UsageError
        The choices do not go together.
    """
    return choices().definitions()


def plan() -> Plan:
    """Give who is compared with whom; the paper's plan until a page sets another."""
    if "plan" not in st.session_state:
        st.session_state["plan"] = load_plan()
    return cast("Plan", st.session_state["plan"])


def set_plan(chosen: Plan) -> None:
    """Set who is compared with whom."""
    st.session_state["plan"] = chosen


def study() -> Study:
    """Give the session's cohort under its definitions, computed once for each.

    Raises
    ------
    UsageError
        There are no data, or the definitions do not go together.
    """
    from lesionhet.study import build_study

    found = data()
    if found is None:
        raise UsageError("There are no data yet; open the page Data.")
    chosen, wanted = definitions(), plan()
    memo = _memo("studies", KEPT_STUDIES)
    return memo.get(study_key(), lambda: build_study(found.cohort, chosen, plan=wanted))


def study_key() -> str:
    """Give the SHA-256 of data, definitions and plan: what every result of a study depends on."""
    found = data()
    return digest(found.key if found else "", definitions().to_dict(), repr(plan()))


def ask(request: Request[ResultT], language: EngineName = "python") -> ResultT:
    """Answer one question, or give the answer that the session already has.

    Parameters
    ----------
    request
        From `lesionhet.requests`.
    language
        ``"python"`` or ``"r"``.

    Raises
    ------
    NotEstimableError
        These data have no answer.
    RUnavailableError, RCallError
        R only: it is missing, or this call failed.
    """
    key = digest(language, request_key(request))
    answer = remember(key, lambda: engine(language).answer(request))
    if language == "python":
        asked.note_one(study_key(), f"page.{request.statistic}_{key[:6]}", request, answer)
    return answer


def analyses() -> tuple[Analysis, ...]:
    """Give every analysis of the session's plan."""
    from lesionhet.analyses import ledger

    return ledger(plan())


def run(ids: Iterable[str]) -> tuple[AnalysisResult, ...]:
    """Run analyses in Python, or give the results that the session already has.

    Parameters
    ----------
    ids
        Ids of `analyses`, such as ``["2C", "2D"]``.

    Raises
    ------
    UsageError
        An unknown id, or there are no data.
    """
    from lesionhet.analyses.run import run_analysis, select_analyses

    now, key, python = study(), study_key(), engine("python")
    found = tuple(
        remember(digest("analysis", key, a.id), partial(run_analysis, a, now, python))
        for a in select_analyses(analyses(), ids)
    )
    for result in found:
        asked.note(key, result)
    return found


def has_run(name: str) -> bool:
    """Say whether the session already has the result of an analysis, by its id."""
    return digest("analysis", study_key(), name) in _memo("results", KEPT_RESULTS)


def remember(key: str, compute: Callable[[], T]) -> T:
    """Give what the session computed under a key of `digest`, or compute it now."""
    return _memo("results", KEPT_RESULTS).get(key, compute)


def of_object(thing: object, kind: str, compute: Callable[[], T]) -> T:
    """Give what was made of an object, or make it now.

    Parameters
    ----------
    thing
        A chart or a table that is never changed in place, such as those of an analysis.
    kind
        What is made of it.
    compute
        Makes it.
    """
    # The object is kept with what was made of it, so that its id belongs to it alone.
    kept = remember(digest("of", kind, id(thing)), lambda: (thing, compute()))
    return kept[1]


def digest(*parts: Any) -> str:
    """Give the SHA-256 of texts, numbers and mappings of these.

    Examples
    --------
    >>> digest("a", {"b": 1}) == digest("a", {"b": 1}), digest("ab") == digest("a", "b")
    (True, False)
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()


def request_key(request: Request[Any]) -> str:
    """Give the SHA-256 of a question: statistic, rows, labels and options.

    Examples
    --------
    >>> from lesionhet import requests
    >>> request_key(requests.describe([1.0])) == request_key(requests.describe([2.0]))
    False
    """
    rows = pd.util.hash_pandas_object(request.data, index=False).to_numpy().tobytes()
    labels: Mapping[str, Any] = dict(request.labels)
    columns = [(str(name), str(kind)) for name, kind in request.data.dtypes.items()]
    parts = (request.statistic, rows.hex(), columns, labels, dict(request.options))
    return digest(*parts, dict(request.left_out))


def keep_widgets() -> None:
    """Keep the values of widgets whose key begins with ``keep_`` while another page is shown.

    Streamlit forgets the widgets of a page that is left; called at the start of every run.
    """
    kept: dict[str, Any] = st.session_state.setdefault("kept_values", {})
    for name in map(str, list(st.session_state)):
        if name.startswith(KEPT_PREFIX):
            kept[name] = st.session_state[name]
    for name, value in kept.items():
        if name not in st.session_state:
            st.session_state[name] = value


def _memo(name: str, size: int) -> Memo:
    if name not in st.session_state:
        st.session_state[name] = Memo(size)
    return cast("Memo", st.session_state[name])


@st.cache_resource(show_spinner=False, max_entries=1)
def _demo() -> Data:
    """Simulate the demonstration once for all sessions: nobody's data."""
    from lesionhet.cohort import cohort_from_frames
    from lesionhet.simulate import simulate_trial

    trial = simulate_trial(n_patients=DEMO_PATIENTS, seed=DEMO_SEED)
    found = cohort_from_frames(trial.lesions, trial.patients)
    key = digest([source.sha256 for source in found.sources])
    return Data(found, key, "Simulated trial", synthetic=True)
