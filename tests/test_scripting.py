"""The same names in Python and in R, their comparison in one call, and the page that shows it."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import lesionhet
from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, RCallError, RUnavailableError, UsageError
from lesionhet.requests import Request
from lesionhet.results import Kendall
from lesionhet.scripting import Statistics, cross_check, python, r_session
from r_bridge import sources
from r_bridge.engine import REngine
from r_bridge.session import RSession, shared_session

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "python-and-r.md").read_text(encoding="utf-8")
ASKED = [name for name in requests.__all__ if inspect.isfunction(getattr(requests, name))]
ROWS = pd.DataFrame(
    {
        "time": [5.0, 8.0, 8.0, 11.0, 14.0, 15.0, 21.0, 22.0],
        "event": [1, 1, 0, 1, 1, 1, 0, 1],
        "arm": list("abababba"),
        "x": [3.0, 1.0, 2.0, 2.5, 0.5, 1.0, 0.0, 2.0],
    }
)


def example() -> str:
    part = PAGE.split("\n## From a script\n", 1)[1].split("\n## ", 1)[0]
    (code,) = re.findall(r"^```python\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.mark.parametrize("name", ASKED)
def test_every_request_is_a_method_with_its_parameters_and_words(name: str) -> None:
    ask = getattr(requests, name)
    method = getattr(python, name)
    assert inspect.signature(method).parameters == inspect.signature(ask).parameters
    assert method.__name__ == name
    assert ask.__doc__ in method.__doc__
    given = inspect.signature(method).return_annotation
    assert f"results.{given}]" in inspect.signature(ask).return_annotation


def test_a_method_answers_the_request_of_its_name() -> None:
    asked = requests.log_rank(ROWS["time"], ROWS["event"], ROWS["arm"])
    result = python.log_rank(ROWS["time"], ROWS["event"], group=ROWS["arm"])
    expected = engine("python").answer(asked)
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(result.tables[name], table)
    assert (result.engine, result.n) == ("python", 8)
    assert repr(python) == "Statistics('python')"
    assert python.versions() == engine("python").versions()


def test_a_wrong_argument_is_told_as_by_any_function() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'tau'"):
        python.kendall([1, 2, 3], [1, 2, 3], tau="b")  # type: ignore[call-arg]


@pytest.mark.r
def test_both_sides_agree_and_the_session_lives_as_long_as_its_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sessions: list[RSession] = []
    make = RSession.__init__

    def remember(self: RSession, *args: object, **kwargs: object) -> None:
        make(self, *args, **kwargs)  # type: ignore[arg-type]
        sessions.append(self)

    monkeypatch.setattr(RSession, "__init__", remember)
    with r_session() as r:
        (session,) = sessions
        assert not session.running
        found = r.cox(ROWS["time"], ROWS["event"], ROWS[["x"]], strata=ROWS["arm"])
        assert session.running and session is not shared_session()
        pid = session.pid
        mine = python.cox(ROWS["time"], ROWS["event"], ROWS[["x"]], strata=ROWS["arm"])
        table = compare("cox", mine, found)
        assert agreed(table) and set(table["verdict"]) == {"agree"}
        assert (found.engine, mine.engine) == ("r", "python")
        assert cross_check("tau", requests.kendall([1, 2, 3, 4], [1, 3, 2, 4]), r)["row"].size == 3
        assert session.pid == pid
        assert r.versions()["R"].count(".") == 2
    assert not session.running


@pytest.mark.r
def test_an_error_in_the_block_ends_its_r_too(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    close = RSession.close
    monkeypatch.setattr(RSession, "close", lambda self: (close(self), closed.append(self.running)))
    with pytest.raises(NotEstimableError, match="covariate 'x'"), r_session() as r:
        r.describe([1.0, 2.0])
        r.cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0], pd.DataFrame({"x": [1, 1, 1, 0, 0, 0]}))
    assert closed == [False]


@pytest.mark.r
def test_the_time_limit_holds_for_each_call() -> None:
    rows = pd.DataFrame({"x": range(2000), "y": range(2000)})
    with (
        r_session(time_limit=1e-3) as r,
        pytest.raises(RCallError, match=r"no answer within 0\.001"),
    ):
        r.gower(rows)
    with pytest.raises(UsageError, match="time_limit is 0"), r_session(time_limit=0):
        pass


@pytest.mark.r
def test_a_fault_in_r_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = {**sources(), "kendall.R": sources()["kendall.R"].replace("test$estimate", "0.6")}
    assert faulty != sources()
    session = RSession(faulty)
    try:
        table = cross_check(
            "tau",
            requests.kendall([1, 2, 3, 4], [1, 3, 2, 4]),
            Statistics(REngine(session)),
        )
    finally:
        session.close()
    assert not agreed(table)
    assert table.set_index("column")["verdict"].to_dict() == {
        "estimate": "differ",
        "statistic": "agree",
        "p_value": "agree",
    }


@pytest.mark.r
def test_without_a_session_the_check_uses_the_shared_r() -> None:
    asked: Request[Kendall] = requests.kendall([1, 2, 3, 4], [1, 3, 2, 4])
    assert agreed(cross_check("tau", asked))
    assert shared_session().running


def test_without_r_the_block_says_how_to_add_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    with pytest.raises(RUnavailableError, match=r"R not found\. To add it here: "), r_session():
        pass


def test_the_names_are_in_the_package_and_load_no_r() -> None:
    code = (
        "import sys, lesionhet\n"
        "names = [lesionhet.python, lesionhet.r_session, lesionhet.cross_check, lesionhet.agreed]\n"
        "lesionhet.python.describe([1.0, 2.0])\n"
        "print(sorted({'rpy2', 'r_bridge', 'matplotlib', 'lifelines'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.strip() == "[]"
    assert {"python", "r_session", "cross_check", "agreed"} <= set(lesionhet.__all__)


@pytest.mark.r
def test_the_example_of_the_page_runs_as_a_script(tmp_path: Path) -> None:
    (tmp_path / "check.py").write_text(example(), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "check.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "gower" in done.stdout and "agree" in done.stdout
    assert "differ" not in done.stdout


@pytest.mark.r
def test_the_example_of_the_page_ends_with_1_where_the_languages_part(tmp_path: Path) -> None:
    wrong = "in_r.tables['terms']['std_error'] *= 1 + 1e-6\n    table = compare("
    text = example().replace("table = compare(", wrong)
    assert text != example()
    (tmp_path / "check.py").write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "check.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "differ" in done.stdout
