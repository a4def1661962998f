"""Jobs in several processes: the same answers, errors told, no script read twice, a killed process."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from operator import getitem
from pathlib import Path

import pandas as pd
import pytest

from lesionhet import workers
from lesionhet.analyses import ledger
from lesionhet.analyses.run import run_analyses, select_analyses
from lesionhet.analyses.side_by_side import run_side_by_side
from lesionhet.cohort import cohort_from_frames
from lesionhet.engines import engine
from lesionhet.errors import UsageError
from lesionhet.simulate import simulate_trial, write_trial
from lesionhet.study import build_study
from lesionhet.workers import Crew, WorkerEndedError


def test_an_error_in_a_worker_reaches_the_caller() -> None:
    with Crew(2) as crew:
        with pytest.raises(TypeError, match="has no len"):
            crew.run(len, ["ab", 3, "c"])
        assert crew.run(len, ["ab", "c", ""]) == [2, 1, 0]
    with pytest.raises(UsageError, match="workers is 0"):
        Crew(0)


def test_a_worker_that_ends_is_told() -> None:
    with Crew(2) as crew, pytest.raises(WorkerEndedError, match="ended before it answered"):
        crew.run(sys.exit, [1, 1])


@pytest.mark.parametrize("helping", [True, False])
def test_what_is_held_goes_before_each_job(helping: bool) -> None:
    told: list[int] = []
    with Crew(3, helping=helping) as crew:
        assert crew.run(getitem, [2, 0, 1, 2], told.append, held="abc") == list("cabc")
        assert crew.run(len, ["held", "no more"]) == [4, 7]
    assert told[-1] == 4
    assert told == sorted(told)


def test_what_a_killed_worker_was_at_is_done_here() -> None:
    # Text, for eval: the other process knows the functions of this package, not those of its tests.
    pid = "__import__('time').sleep(0.2) or __import__('os').getpid()"
    die = f"{pid} == {os.getpid()} or __import__('os').kill(__import__('os').getpid(), 9)"
    with Crew(2, helping=True) as crew:
        first = set(crew.run(eval, [pid] * 20)) - {os.getpid()}
        assert crew.run(eval, [die] * 4) == [True] * 4
        killed = {process.pid: process.wait() for process in crew._processes}
        # The next run has a new process.
        second = set(crew.run(eval, [pid] * 20)) - {os.getpid()}
    assert killed == {first.pop(): -signal.SIGKILL}
    assert len(second) == 1
    assert not second & set(killed)


def test_a_script_without_a_guard_is_not_started_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "print('started')\n"
        "from lesionhet.workers import Crew\n"
        "print(Crew(2).run(abs, [-1, -2, -3]))\n"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": ""},
    )
    assert done.stdout == "started\n[1, 2, 3]\n"


def test_analyses_side_by_side_are_those_of_one_process() -> None:
    trial = simulate_trial(n_patients=120, seed=3)
    study = build_study(cohort_from_frames(trial.lesions, trial.patients))
    wanted = ["T1", "1A", "2B", "2C", "2D", "2G", "TIME-4", "MODEL-1", "ORDER-1"]
    analyses = select_analyses(ledger(study.plan), wanted)
    alone = run_analyses(analyses, study, engine("python"))

    with Crew(2, helping=True) as crew:
        together = run_side_by_side(analyses, study, crew)

    assert [r.id for r in together] == [r.id for r in alone] == wanted
    assert [(r.status, r.reason) for r in together] == [(r.status, r.reason) for r in alone]
    assert [r.shown.verdict for r in together] == [r.shown.verdict for r in alone]
    for one, other in zip(alone, together, strict=True):
        assert list(one.answers) == list(other.answers)
        for name, answer in one.answers.items():
            for table, rows in answer.tables.items():
                pd.testing.assert_frame_equal(
                    rows, other.answers[name].tables[table], rtol=0, atol=0
                )


def test_an_answer_cut_short_is_a_worker_that_ended() -> None:
    half = "import sys, pickle; sys.stdout.buffer.write(pickle.dumps((True, [1.5] * 9))[:20])"
    process = subprocess.Popen(
        [sys.executable, "-c", half], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with pytest.raises(WorkerEndedError, match="ended before it answered"):
        workers._ask(process, b"")
    workers._end(process)


def test_what_cannot_travel_back_is_told() -> None:
    with Crew(2) as crew:
        with pytest.raises(pickle.PicklingError, match="lambda"):
            crew.run(eval, ["lambda: 1", "2"])
        assert crew.run(eval, ["1 + 1", "2 + 1"]) == [2, 3]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_ended_command_leaves_nothing_half_written(tmp_path: Path) -> None:
    write_trial(simulate_trial(n_patients=60, seed=9), tmp_path)
    words = ["analyze", "lesions.csv", "patients.csv", "-o", "out/report", "--only", "2C,2D"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lesionhet", *words, "--r", "off"], cwd=tmp_path, env=_environment()
    )
    while not list(tmp_path.glob("out/.*/new/tables")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    assert not list(tmp_path.glob("out/.*"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_worker_ends_with_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import pathlib, threading\n"
        "from lesionhet.workers import Crew\n"
        "crew = Crew(2)\n"
        "crew.start()\n"
        "pathlib.Path('pids').write_text(' '.join(str(p.pid) for p in crew._processes))\n"
        "crew.run(eval, ['__import__(\"time\").sleep(600)'] * 2)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=_environment())
    while not (tmp_path / "pids").exists() or not (tmp_path / "pids").read_text().count(" "):
        time.sleep(0.05)
    # Both are at their jobs: what they hold of the pipe does not tell them.
    time.sleep(2)
    process.kill()
    process.wait()
    for pid in (tmp_path / "pids").read_text().split():
        while _runs(int(pid)):
            time.sleep(0.1)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    # A zombie waits for whoever adopted it.
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
