"""The R process: its start, its queue, its limits, its deaths."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from lesionhet.errors import RCallError, RUnavailableError, UsageError
from lesionhet.platforms import RFound
from r_bridge import sources
from r_bridge.install import commands
from r_bridge.process import worker_environment
from r_bridge.session import RRefusalError, RSession, probe

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = {
    **{name: text for name, text in sources().items() if name.startswith("_")},
    "double_it.R": "double_it <- function(data) list(data = data.frame(x = 2 * data$x))",
    "wait.R": "wait <- function(data, started, seconds) {\n"
    "  cat('', file = started); Sys.sleep(seconds); list(data = data) }",
    "spin.R": "spin <- function(data) repeat sqrt(2)",
    "noisy.R": "noisy <- function(data) {\n"
    "  print('on standard output'); cat(rep('x', 1e5)); system('echo from a child')\n"
    "  message('a message'); warning('a warning'); warning('a warning')\n"
    "  structure(list(data = data), method = 'noise') }",
    "fault.R": "fault <- function(data) stop('no such thing: ', data$text[1])",
    "refuse.R": "refuse <- function(data) not_estimable('Test', 'these are too few', 2)",
    "die.R": "die <- function(data) { message('last will'); tools::pskill(Sys.getpid(), 9) }",
    "leave.R": "leave <- function(data) { cat('good bye\\n', file = stderr()); quit(status = 3) }",
    "where.R": "where <- function(data) list(data = data.frame(scratch = tempdir()))",
}
ONE = pd.DataFrame({"x": [1.0, 2.0]})


@pytest.fixture(scope="module")
def session():
    found = RSession(FUNCTIONS)
    yield found
    found.close()


def doubled(session: RSession, values=(1.0, 2.0)) -> list[float]:
    reply = session.call("double_it", pd.DataFrame({"x": list(values)}))
    return reply.tables["data"]["x"].tolist()


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.r
def test_r_starts_with_the_first_call_and_stays(session):
    assert not session.running
    assert doubled(session) == [2.0, 4.0]
    first = session.pid
    assert doubled(session) == [2.0, 4.0]
    assert session.pid == first


@pytest.mark.r
def test_close_ends_the_process_and_the_next_call_starts_another(session):
    doubled(session)
    first = session.pid
    scratch = Path(session.call("where", ONE).tables["data"]["scratch"][0])
    assert scratch.is_dir()
    session.close()
    assert not session.running
    assert gone(first)
    assert not scratch.exists()
    assert doubled(session) == [2.0, 4.0]


@pytest.mark.r
def test_output_of_r_cannot_reach_the_channel_and_warnings_come_back(session):
    reply = session.call("noisy", ONE)
    assert reply.warnings == ("a message", "a warning")
    assert reply.method == "noise"
    pd.testing.assert_frame_equal(reply.tables["data"], ONE)


@pytest.mark.r
def test_an_error_in_r_fails_that_call_alone(session):
    doubled(session)
    pid = session.pid
    with pytest.raises(RCallError, match="R's fault failed: no such thing: 結腸"):
        session.call("fault", pd.DataFrame({"text": ["結腸"]}))
    assert doubled(session) == [2.0, 4.0]
    assert session.pid == pid


@pytest.mark.r
def test_a_refusal_keeps_its_parts(session):
    with pytest.raises(RRefusalError, match="Test: these are too few") as caught:
        session.call("refuse", ONE)
    assert (caught.value.what, caught.value.terms) == ("Test", (2,))


@pytest.mark.r
@pytest.mark.parametrize("name", ["Sys.getenv", "call_statistic", "_call", "quit"])
def test_only_functions_named_like_a_file_can_be_called(session, name):
    with pytest.raises(RCallError, match=f"no function '{name}'"):
        session.call(name, ONE)


@pytest.mark.r
@pytest.mark.parametrize("function", ["wait", "spin"])
def test_a_call_beyond_its_limit_fails_and_the_next_works(session, tmp_path, function):
    options = (
        {"started": str(tmp_path / "started"), "seconds": 3600.0} if function == "wait" else {}
    )
    doubled(session)
    pid = session.pid
    with pytest.raises(RCallError, match=r"no answer within 0.5 s .* LESIONHET_R_TIMEOUT"):
        session.call(function, ONE, options, time_limit=0.5)
    assert gone(pid)
    assert doubled(session) == [2.0, 4.0]


@pytest.mark.r
def test_the_limit_can_come_from_the_environment(session, monkeypatch):
    monkeypatch.setenv("LESIONHET_R_TIMEOUT", "0.5")
    with pytest.raises(RCallError, match=r"no answer within 0\.5 s"):
        session.call("spin", ONE)


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "inf"])
def test_a_limit_that_is_no_number_of_seconds_is_refused(monkeypatch, value):
    monkeypatch.setenv("LESIONHET_R_TIMEOUT", value)
    session = RSession(FUNCTIONS)
    with pytest.raises(UsageError, match=r"LESIONHET_R_TIMEOUT is .* permitted: seconds above 0"):
        session.call("double_it", ONE)
    assert not session.running


@pytest.mark.r
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_in_the_middle_of_a_call_the_next_one_works(session, tmp_path):
    started = tmp_path / "started"
    scratch = Path(session.call("where", ONE).tables["data"]["scratch"][0])
    pid = session.pid
    with ThreadPoolExecutor() as pool:
        call = pool.submit(session.call, "wait", ONE, {"started": str(started), "seconds": 3600.0})
        wait_for(started)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(RCallError, match=r"killed by signal 9 \(SIGKILL\)"):
            call.result()
    assert not scratch.exists()
    assert doubled(session) == [2.0, 4.0]
    assert session.pid != pid


@pytest.mark.r
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_between_calls_the_next_one_works(session):
    scratch = Path(session.call("where", ONE).tables["data"]["scratch"][0])
    os.kill(session.pid, signal.SIGKILL)
    while session.running:
        time.sleep(0.01)
    assert doubled(session) == [2.0, 4.0]
    assert not scratch.exists()


@pytest.mark.r
@pytest.mark.parametrize(
    ("function", "how"),
    [("die", r"killed by signal 9 \(SIGKILL\)\."), ("leave", "exit code 3.*good bye")],
)
def test_the_reason_of_a_death_and_the_last_words_are_told(session, function, how):
    with pytest.raises(RCallError, match=how):
        session.call(function, ONE)
    assert doubled(session) == [2.0, 4.0]


@pytest.mark.r
def test_eight_threads_each_get_their_own_answer(session):
    def work(k: int) -> bool:
        return all(doubled(session, [k, i]) == [2.0 * k, 2.0 * i] for i in range(20))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


@pytest.mark.r
def test_a_call_waits_for_the_one_before_it(session, tmp_path):
    started = tmp_path / "started"
    doubled(session)
    order: list[str] = []

    def slow() -> None:
        session.call("wait", ONE, {"started": str(started), "seconds": 0.3})
        order.append("slow")

    thread = threading.Thread(target=slow)
    thread.start()
    wait_for(started)
    doubled(session)
    order.append("fast")
    thread.join()
    assert order == ["slow", "fast"]


@pytest.mark.r
@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork")
def test_after_a_fork_the_child_has_its_own_r_and_the_parent_keeps_its(session):
    doubled(session)
    pid = session.pid
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            ok = doubled(session, [5.0]) == [10.0] and session.pid != pid
            os.write(outlet, b"own" if ok else b"shared")
            session.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(inlet, 10) == b"own"
    assert doubled(session) == [2.0, 4.0]
    assert session.pid == pid


def run_script(tmp_path: Path, text: str, **options) -> subprocess.CompletedProcess:
    script = tmp_path / "script.py"
    script.write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, **options,
    )  # fmt: skip


CALL = """
from lesionhet import requests
from lesionhet.engines import engine
test = engine("r").answer(requests.mann_whitney([1, 2, 3, 4, 5, 9], list("aaabbb")))
print(round(test.value("p_value"), 6))
"""


@pytest.mark.r
def test_an_unguarded_script_runs_once_even_beside_misleading_files(tmp_path):
    for name in ("pickle", "r_bridge", "rpy2"):
        (tmp_path / "other").mkdir(exist_ok=True)
        (tmp_path / "other" / f"{name}.py").write_text("raise SystemExit('wrong file')")
    (tmp_path / "other" / ".Rprofile").write_text("stop('a profile was run')")
    text = f"import os; os.chdir({str(tmp_path / 'other')!r})\nprint('script')\n{CALL}"
    done = run_script(tmp_path, text)
    assert done.stdout.split() == ["script", "0.080856"], done.stderr
    assert done.stderr == ""


@pytest.mark.r
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("busy", [False, True])
def test_the_process_ends_with_its_parent_even_when_that_is_killed(tmp_path, busy):
    started = tmp_path / "started"
    text = f"""
import os, pandas as pd, threading
from r_bridge.session import RSession
session = RSession({FUNCTIONS!r})
one = pd.DataFrame({{"x": [1.0]}})
scratch = session.call("where", one).tables["data"]["scratch"][0]
print(session.pid, scratch, flush=True)
if {busy}:
    session.call("wait", one, {{"started": {str(started)!r}, "seconds": 3600.0}})
open({str(started)!r}, "w").close()
threading.Event().wait()
"""
    script = tmp_path / "parent.py"
    script.write_text(text)
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    pid, scratch = parent.stdout.readline().split()
    wait_for(started)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    while not gone(int(pid)):
        time.sleep(0.01)
    assert not Path(scratch).exists()


@pytest.mark.r
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_leaves_the_session_usable(tmp_path):
    started = tmp_path / "started"
    text = f"""
import os, pandas as pd, signal, threading, time
from r_bridge.session import RSession
# A shell starts its background jobs deaf to Ctrl-C, and this inherits it.
signal.signal(signal.SIGINT, signal.default_int_handler)
session = RSession({FUNCTIONS!r})
one = pd.DataFrame({{"x": [1.0]}})

def interrupt():
    while not os.path.exists({str(started)!r}):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt).start()
try:
    session.call("wait", one, {{"started": {str(started)!r}, "seconds": 3600.0}})
except KeyboardInterrupt:
    print("interrupted")
print(session.call("double_it", one).tables["data"]["x"].tolist())
"""
    done = run_script(tmp_path, text)
    assert done.stdout.splitlines() == ["interrupted", "[2.0]"], done.stderr


@pytest.mark.r
def test_probe_tells_the_versions_and_leaves_nothing_behind():
    found = probe()
    assert found.usable, found.reason
    assert found.missing == found.commands == ()
    assert found.r_version.count(".") == 2
    assert all(found.packages[name] for name in ("survival", "cluster", "rstatix"))
    assert found.rpy2["rpy2-rinterface"]


@pytest.mark.r
def test_probe_names_a_package_that_is_missing_and_the_command_that_adds_it(monkeypatch):
    monkeypatch.setattr("r_bridge.session.REQUIRED", ("survival", "notInstalled"))
    found = probe()
    assert found.missing == ("notInstalled",)
    assert "notInstalled is not installed" in found.reason
    assert "notinstalled" in " ".join(found.commands).lower()
    with pytest.raises(
        RUnavailableError, match=r"notInstalled is not installed\. To add it here: "
    ):
        RSession(FUNCTIONS).call("double_it", ONE)


def no_rpy2_environment(folder: Path) -> Path:
    """Make a folder that hides rpy2: a package of that name that cannot be imported."""
    hidden = folder / "rpy2"
    hidden.mkdir()
    (hidden / "__init__.py").write_text("raise ImportError('no rpy2 here')")
    return folder


def test_without_rpy2_the_message_says_how_to_add_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(no_rpy2_environment(tmp_path)))
    with pytest.raises(RUnavailableError) as caught:
        RSession(FUNCTIONS).call("double_it", ONE)
    assert "rpy2" in str(caught.value)
    assert "pip install 'rpy2-rinterface" in str(caught.value)
    assert probe().missing == ("rpy2",)


def test_without_r_the_engine_says_how_to_add_it(monkeypatch, tmp_path):
    from lesionhet.engines import engine

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    with pytest.raises(RUnavailableError, match="R not found") as caught:
        engine("r")
    packages = "r-cran-survival r-cran-cluster r-cran-nlme r-cran-rstatix"
    assert f"apt-get install r-base-core {packages}" in str(caught.value)
    with pytest.raises(RUnavailableError, match="R is not usable"):
        RSession(FUNCTIONS).call("double_it", ONE)
    assert probe().missing == ("R",)


@pytest.mark.parametrize(
    ("platform", "missing", "expected"),
    [
        ("debian", ["rstatix"], "r-cran-rstatix"),
        ("debian", ["R"], "r-base-core r-cran-survival r-cran-cluster r-cran-nlme r-cran-rstatix"),
        ("conda", ["survival"], "conda install -y -c conda-forge r-survival"),
        ("macos", ["R"], "brew install r"),
        ("windows", ["cluster"], 'in R: install.packages(c("cluster"))'),
    ],
)
def test_the_command_fits_the_platform(monkeypatch, platform, missing, expected):
    monkeypatch.setattr("r_bridge.install.detect_platform", lambda r_path: platform)
    assert expected in commands(missing)[0]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("4.2.2", "pip install 'rpy2-rinterface==3.6.5' 'rpy2-robjects==3.6.4'"),
        ("4.5.1", "pip install 'rpy2-rinterface>=3.6.5,<3.7' 'rpy2-robjects>=3.6.4,<3.7'"),
    ],
)
def test_the_rpy2_that_is_asked_for_fits_the_r_that_is_there(monkeypatch, version, expected):
    monkeypatch.setattr("r_bridge.install.find_r", lambda: RFound("R", version))
    assert commands(["rpy2"]) == (expected,)


def test_the_environment_of_the_process_shuts_out_profiles_and_keeps_the_rest():
    environment = worker_environment({"PYTHONPATH": "mine", "LC_ALL": "C", "HOME": "home"})
    assert environment["R_PROFILE_USER"] == environment["R_ENVIRON"] == ""
    assert environment["PYTHONSAFEPATH"] == "1"
    assert environment["PYTHONPATH"].split(os.pathsep)[-1] == "mine"
    assert environment["HOME"] == "home"
    if sys.platform != "win32":
        assert environment["LC_ALL"].endswith("UTF-8")


def test_import_and_engine_start_no_r(tmp_path):
    text = """
import sys
import r_bridge.engine
print(sorted({"rpy2", "rpy2.rinterface", "r_bridge.worker"} & set(sys.modules)))
from r_bridge.session import shared_session
print(shared_session().running)
"""
    done = run_script(tmp_path, text)
    assert done.stdout.split() == ["[]", "False"], done.stderr
