"""A real Dask cluster: the same results as without, also where a worker is killed in mid-run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scale_helpers import odd_tables, write_folder, written

from lesionhet import build_study, cohort_from_frames, engine, load_definitions, requests
from lesionhet.cli import main
from lesionhet.errors import LesionhetError, NotEstimableError, UsageError
from lesionhet.pipeline import analyze
from lesionhet.power.plan import plan
from lesionhet.report.results_json import is_report
from lesionhet.scale.analysis import analyze_parts
from lesionhet.scale.cluster import Cluster
from lesionhet.scale.engine import Block, ClusterEngine, fit_block
from lesionhet.scale.folder import write_analysis
from lesionhet.scale.parts import find_parts
from lesionhet.statistics.resampling import bootstraps
from lesionhet.workers import Crew

pytest.importorskip("distributed", reason="Dask is not installed")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(workers=2) as found:
        yield found


class Killer:
    """Kills a worker that has jobs, when the first job is done; counts the jobs that it had."""

    def __init__(self, cluster: Cluster) -> None:
        self.client, self.processes = cluster._client, cluster.worker_processes()
        self.killed = self.jobs = 0

    def __call__(self, text: str) -> None:
        if text == "checking: 1 of 6 parts":
            busy = {worker: len(jobs) for worker, jobs in self.client.processing().items()}
            worker = max(busy, key=busy.__getitem__)
            self.jobs, self.killed = busy[worker], self.processes[worker]
            os.kill(self.killed, signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_worker_changes_nothing_but_time(cluster: Cluster, tmp_path: Path) -> None:
    parts = find_parts(write_folder(tmp_path / "in", odd_tables(), 6))
    definitions = load_definitions("unbiased", {"site_min_lesions": 8})
    (tmp_path / "here").mkdir()
    here = analyze_parts(parts, tmp_path / "here", definitions, Crew())
    killer = Killer(cluster)
    there = write_analysis(
        parts, tmp_path / "there", definitions, cluster, preset="unbiased", command="test",
        progress=killer,
    )  # fmt: skip
    assert killer.jobs > 0
    # Killed: gone from the cluster, which has another worker in its place.
    wait_for(lambda: len(cluster.worker_processes()) == 2)
    assert killer.killed not in cluster.worker_processes().values()
    for name in ("lesions", "patients"):
        one, other = (written(tmp_path / place, name) for place in ("here", "there"))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        # Whole files only: what the killed process had begun is not among them.
        assert len(list((tmp_path / "there" / name).iterdir())) == 6
    for name, table in here.tables.items():
        pd.testing.assert_frame_equal(table, there.tables[name], check_exact=True)
    pd.testing.assert_frame_equal(here.attrition, there.attrition)
    assert is_report(tmp_path / "there")
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == [
        "attrition.csv", "lesions", "patients", "results.json", "tables",
    ]  # fmt: skip


def wait_for(seen: object, seconds: float = 60) -> None:
    assert callable(seen)
    end = time.monotonic() + seconds
    while not seen() and time.monotonic() < end:
        time.sleep(0.05)
    assert seen()


def resampled(draws: int) -> requests.Request:  # type: ignore[type-arg]
    rng = np.random.default_rng(6)
    n = 80
    rows = pd.DataFrame({"x": rng.normal(size=n), "z": rng.integers(0, 2, n)})
    time_ = np.ceil(rng.exponential(20 * np.exp(-0.5 * rows["x"])))
    return requests.resampled_cox(
        time_, rng.random(n) < 0.7, rows, bootstraps(n, draws, 3), rng.integers(0, 2, n)
    )


def test_draws_are_the_same_with_any_number_of_workers(cluster: Cluster) -> None:
    request = resampled(130)
    here, there = engine("python").answer(request), ClusterEngine(cluster).answer(request)
    for name in ("draws", "summary"):
        pd.testing.assert_frame_equal(here.to_frame(name), there.to_frame(name), check_exact=True)
    assert (here.method, here.n, here.warnings) == (there.method, there.n, there.warnings)


def test_draws_without_an_answer_are_refused_in_the_same_words(cluster: Cluster) -> None:
    request = resampled(60)
    request.data["x2"] = request.data["x1"]
    with pytest.raises(NotEstimableError) as here:
        engine("python").answer(request)
    with pytest.raises(NotEstimableError) as there:
        ClusterEngine(cluster).answer(request)
    assert str(here.value) == str(there.value)


class Doubtful:
    """A cluster one of whose workers finds no answer where the others do."""

    def run(self, _: object, asked: list[requests.Request]) -> list[Block]:  # type: ignore[type-arg]
        return [Block(refused=True) if k == 1 else fit_block(one) for k, one in enumerate(asked)]


def test_one_refused_block_is_fitted_here() -> None:
    request = resampled(130)
    here = engine("python").answer(request)
    there = ClusterEngine(Doubtful()).answer(request)  # type: ignore[arg-type]
    for name in ("draws", "summary"):
        pd.testing.assert_frame_equal(here.to_frame(name), there.to_frame(name), check_exact=True)


def test_the_ledger_on_a_cluster(cluster: Cluster) -> None:
    lesions, patients = odd_tables(60)
    cohort = cohort_from_frames(lesions, patients)
    here = analyze(cohort, r="off", only=["2D", "2E"])
    there = analyze(cohort, r="off", only=["2D", "2E"], first=ClusterEngine(cluster))
    for one, other in zip(here.results, there.results, strict=True):
        assert one.status == other.status == "done"
        for name, table in one.shown.tables.items():
            pd.testing.assert_frame_equal(table, other.shown.tables[name], check_exact=True)
    assert set(there.versions["python"]) - set(here.versions["python"]) == {"dask", "distributed"}


def test_power_on_a_cluster(cluster: Cluster) -> None:
    asked = {
        "hazard_ratio": 1.1,
        "patients": [40],
        "simulations": 10,
        "large": (2, 60),
        "by": "landmark",
    }
    here, there = plan(**asked, seed=3), plan(**asked, seed=3, crew=cluster)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(here.table, there.table, check_exact=True)
    pd.testing.assert_frame_equal(here.calibration, there.calibration, check_exact=True)


def test_order_progress_and_what_is_held(cluster: Cluster) -> None:
    told: list[int] = []
    assert cluster.run(divmod, [3, 4, 5], told.append, held=17) == [(5, 2), (4, 1), (3, 2)]
    assert told == [1, 2, 3]
    assert cluster.run(abs, []) == []
    with pytest.raises(ZeroDivisionError):
        cluster.run(divmod, [1, 0], held=17)
    assert cluster.run(abs, [-1]) == [1]


def test_an_address_and_what_is_not_one(cluster: Cluster) -> None:
    address = cluster._client.scheduler.address
    with Cluster(scheduler=address) as other:
        assert other.run(abs, [-2]) == [2]
    assert cluster.run(abs, [-1]) == [1]
    with pytest.raises(UsageError, match="leave them out beside a scheduler"):
        Cluster(2, address)
    with pytest.raises(UsageError, match="workers is 0"):
        Cluster(0)
    with pytest.raises(LesionhetError, match="does not answer"), Cluster(scheduler="here"):
        pass


def test_the_command_on_a_cluster_that_is_there(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = odd_tables(5)
    folder, out = write_folder(tmp_path / "in", tables, 2), tmp_path / "out"
    words = ["analyze", str(folder), "--engine", "dask", "-o", str(out)]
    words += ["--scheduler", cluster._client.scheduler.address, "--definitions", "unbiased"]
    assert main(words) == 0
    # A second run replaces the first.
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.out.split()[-1] == str(out / "results.json")
    record = json.loads((out / "results.json").read_text(encoding="utf-8"))
    study = build_study(cohort_from_frames(*tables), load_definitions("unbiased"))
    assert (record["lesions"], record["patients"]) == (len(study.lesions), len(study.patients))
    assert record["definitions"] == study.definitions.to_dict()
    assert {"dask", "lesionhet"} <= set(record["versions"]["python"])
    assert len(record["inputs"]) == 4
    spread = pd.read_csv(out / "tables" / "spread.csv")
    assert spread["mean"].iloc[0] == pytest.approx(study.lesions["gower"].mean())
    assert [one["file"] for one in record["tables"]] == [
        f"tables/{name}.csv" for name in ("spread", "medians", "flags", "sites")
    ]


def test_a_job_that_kills_every_worker_is_given_up(cluster: Cluster) -> None:
    with pytest.raises(LesionhetError, match="Workers ended several times"):
        cluster.run(os._exit, [1])
    assert cluster.run(abs, [-1]) == [1]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_lost_scheduler_is_an_error_and_no_result() -> None:
    with Cluster(1) as cluster, pytest.raises(LesionhetError, match="scheduler was lost"):
        cluster.run(
            time.sleep, [0.01, 60], lambda done: os.killpg(cluster._host.pid, signal.SIGKILL)
        )
    assert not Path(cluster._folder).exists()


def test_an_unguarded_script_is_not_started_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from lesionhet.scale.cluster import Cluster\n"
        "print('once')\n"
        "with Cluster(1) as cluster:\n"
        "    print(cluster.run(abs, [-1, -2, -3]))\n"
        "    print(cluster._host.pid)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=True, timeout=300,
    )  # fmt: skip
    once, found, host = done.stdout.split("\n")[:3]
    assert (once, found) == ("once", "[1, 2, 3]")
    # Nothing of the cluster is left.
    with pytest.raises(ProcessLookupError):
        os.kill(int(host), 0)


def test_without_dask_the_message_says_how_to_add_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'lesionhet\[scale\]'"):
        Cluster(1)
