"""Dask workers that do jobs: a local cluster, or one that is there."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from lesionhet import __version__
from lesionhet.errors import LesionhetError, UsageError
from lesionhet.workers import MOST_WORKERS, processors

Found = TypeVar("Found")

SECONDS_TO_CONNECT: Final = 60
SECONDS_TO_END: Final = 20


class Cluster:
    """Dask workers with the ``run`` of `lesionhet.workers.Crew`.

    A job is done once more where its worker died: what it gives depends on the job alone, so that the
    results are the same whoever does it.

    Parameters
    ----------
    workers
        Processes of a local cluster; default one a processor.
    scheduler
        Address of a scheduler that runs, such as ``"tcp://10.0.0.1:8786"``; its workers need the same
        version of this package. None: a local cluster, ended with the ``with`` block.

    Raises
    ------
    UsageError
        Dask is not installed, a number of workers that is not permitted, or both parameters.
    LesionhetError
        The cluster does not start or does not answer.

    Examples
    --------
    >>> Cluster(workers=2, scheduler="tcp://10.0.0.1:8786")
    Traceback (most recent call last):
    ...
    lesionhet.errors.UsageError: workers are of a local cluster: leave them out beside a scheduler.
    """

    def __init__(self, workers: int | None = None, scheduler: str | None = None) -> None:
        need_dask()
        if workers is not None and scheduler is not None:
            raise UsageError("workers are of a local cluster: leave them out beside a scheduler.")
        number = processors() if workers is None else workers
        whole = isinstance(number, int) and not isinstance(number, bool)
        if not whole or not 1 <= number <= MOST_WORKERS:
            raise UsageError(
                f"workers is {number!r}; permitted: whole numbers from 1 to {MOST_WORKERS}."
            )
        self._number, self._scheduler = number, scheduler
        self._host: subprocess.Popen[str] | None = None
        self._folder = ""
        self._client: Any = None

    def __enter__(self) -> Cluster:
        """Start or reach the cluster."""
        try:
            self._connect(self._scheduler or self._started())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; end it where it was started here."""
        self.close()

    def close(self) -> None:
        """Leave the cluster; end it where it was started here."""
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._host is not None:
            _end(self._host)
            self._host = None
            # Where the host was killed it could not do so.
            shutil.rmtree(self._folder, ignore_errors=True)

    def run(
        self,
        function: Callable[..., Found],
        jobs: Sequence[Any],
        progress: Callable[[int], None] = lambda done: None,
        *,
        held: Any = None,
    ) -> list[Found]:
        """Call a function on every job.

        Parameters
        ----------
        function
            Of a module of this package, by name: the workers import it.
        jobs
            Its arguments; must be picklable, as must be what it gives.
        progress
            Told how many jobs are done.
        held
            Something that all jobs need: the function gets it before the job. None: the job alone.

        Returns
        -------
        list
            What the function gave, in the order of the jobs, however many workers there are.

        Raises
        ------
        LesionhetError
            Workers died again and again at one job, or the scheduler was lost.
        Exception
            The first that the function raised.
        """
        from distributed import as_completed

        client = self._client
        # As a task of its own, what is held is sent once to each worker, and made again where one dies.
        first = [] if held is None else [client.submit(_itself, held, pure=False)]
        futures = [client.submit(function, *first, job, pure=False) for job in jobs]
        place = {future.key: number for number, future in enumerate(futures)}
        found: list[Any] = [None] * len(jobs)
        try:
            arriving = as_completed(futures, loop=client.loop)
            for done, future in enumerate(arriving, start=1):
                found[place[future.key]] = future.result()
                # What was gathered need not stay with the worker.
                future.release()
                progress(done)
        except BaseException as error:
            client.cancel([*first, *futures], force=True)
            if (text := _lost(error)) is not None:
                raise LesionhetError(text) from error
            raise
        return found

    def versions(self) -> dict[str, str]:
        """Give the versions of Dask."""
        import dask
        import distributed

        return {"dask": dask.__version__, "distributed": distributed.__version__}

    def worker_processes(self) -> dict[str, int]:
        """Give the process id of each worker by its address."""
        return dict(self._client.run(os.getpid))

    def _started(self) -> str:
        """Start a local cluster in a process of its own and give its address."""
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            **os.environ,
            "PYTHONSAFEPATH": "1",
            "PYTHONPATH": os.pathsep.join(paths),
        }
        self._folder = tempfile.mkdtemp(prefix="lesionhet-dask-")
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            self._host = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "lesionhet.scale.host", str(self._number), self._folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=environment,
                # Ctrl-C reaches the caller alone, who ends the others.
                start_new_session=sys.platform != "win32",
            )
            address = self._host.stdout.readline().strip()  # type: ignore[union-attr]
            if address:
                return address
            said.seek(0)
            lines = said.read().strip().splitlines() or ["no message"]
        raise LesionhetError(f"The local Dask cluster did not start: {lines[-1]}.")

    def _connect(self, address: str) -> None:
        from distributed import Client

        try:
            self._client = Client(
                address, set_as_default=False, timeout=SECONDS_TO_CONNECT, name="lesionhet"
            )
            self._client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except (OSError, TimeoutError, ValueError) as error:
            raise LesionhetError(
                f"The Dask scheduler {address} does not answer, or has no worker ({error}). Check the "
                "address, and that scheduler and workers run."
            ) from error
        self._check_versions()

    def _check_versions(self) -> None:
        try:
            versions = self._client.run(_version)
        except ImportError as error:
            raise LesionhetError(
                f"The workers do not have this package ({error}). Install lesionhet {__version__} there."
            ) from error
        if other := {name: found for name, found in versions.items() if found != __version__}:
            worker, found = next(iter(other.items()))
            raise LesionhetError(
                f"Worker {worker} has lesionhet {found}, this is {__version__}. Install the same version "
                "on every machine of the cluster."
            )


def need_dask() -> None:
    """Refuse to go on without Dask.

    Raises
    ------
    UsageError
        It is not installed; the message has the command that adds it.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"--engine dask needs Dask, which cannot be loaded ({error}). To add it: "
            "pip install 'lesionhet[scale]'"
        ) from error


def _itself(held: Any) -> Any:
    return held


def _version() -> str:
    return __version__


def _lost(error: BaseException) -> str | None:
    """Say what became of the cluster; None where the error is not the cluster's."""
    from distributed import CancelledError, KilledWorker
    from distributed.comm import CommClosedError

    if isinstance(error, KilledWorker):
        return (
            f"Workers ended several times at the same job ({error.task}); memory may be short. Use fewer "
            "workers, or more and smaller partitions."
        )
    if isinstance(error, CancelledError | CommClosedError):
        return f"The connection to the Dask scheduler was lost ({error})."
    return None


def _end(host: subprocess.Popen[str]) -> None:
    """End a local cluster with all its processes."""
    # It may have ended by itself.
    with contextlib.suppress(OSError):
        host.stdin.close()  # type: ignore[union-attr]
    try:
        host.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        if sys.platform == "win32":
            host.kill()
        else:
            os.killpg(host.pid, signal.SIGKILL)
        host.wait()
    host.stdout.close()  # type: ignore[union-attr]
