"""Many jobs in several processes that never read the caller's script again.

Each process has its own entry point, so that a page or a script without a guard does not start itself
once more. Both ends are the same program and talk over a private pipe, so pickle is safe here.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from lesionhet.collector import rare_collections
from lesionhet.errors import LesionhetError, UsageError

Job = TypeVar("Job")
Found = TypeVar("Found")

MOST_WORKERS: Final = 256
_HOLD: Final = "hold"
"""In place of a function: what comes with it is needed by the jobs that follow."""
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerEndedError(LesionhetError):
    """A process ended before it answered."""


def processors() -> int:
    """Give how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Mapper(Protocol):
    """Who calls a function on every job: a crew, or a cluster."""

    def run(
        self,
        function: Callable[..., Found],
        jobs: Sequence[Any],
        progress: Callable[[int], None] = lambda done: None,
        *,
        held: Any = None,
    ) -> list[Found]:
        """Call a function on every job, as `Crew.run`."""
        ...


class Crew:
    """Processes that do jobs; started when first needed, ended with the ``with`` block.

    Parameters
    ----------
    workers
        1: jobs are done in this process. More: in so many processes, 256 at most.
    helping
        Whether this process is one of them: it then does jobs instead of waiting for the others.

    Raises
    ------
    UsageError
        A number of workers that is not permitted.

    Examples
    --------
    >>> with Crew(1) as crew:
    ...     crew.run(abs, [-1, 2])
    [1, 2]
    """

    def __init__(self, workers: int = 1, *, helping: bool = False) -> None:
        whole = isinstance(workers, int) and not isinstance(workers, bool)
        if not whole or not 1 <= workers <= MOST_WORKERS:
            raise UsageError(
                f"workers is {workers!r}; permitted: whole numbers from 1 to {MOST_WORKERS}."
            )
        self._others = workers - 1 if helping or workers == 1 else workers
        self._helping = helping
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Crew:
        """Give the crew."""
        return self

    def __exit__(self, *_: object) -> None:
        """End its processes."""
        self.close()

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            _end(process)
        self._processes = []

    def start(self, *modules: str) -> None:
        """Start the processes now, so that they load these modules while this one does something else."""
        self._processes = [process for process in self._processes if process.poll() is None]
        while len(self._processes) < self._others:
            self._processes.append(_start(modules))

    def run(
        self,
        function: Callable[..., Found],
        jobs: Sequence[Job],
        progress: Callable[[int], None] = lambda done: None,
        *,
        held: Any = None,
    ) -> list[Found]:
        """Call a function on every job.

        Parameters
        ----------
        function
            Of a module of this package, by name: the other processes import it.
        jobs
            Its arguments; must be picklable, as must be what it gives.
        progress
            Told how many jobs are done.
        held
            Something large that all jobs need: it travels once to each process, and the function gets it
            before the job. None: the function gets the job alone.

        Returns
        -------
        list
            What the function gave, in the order of the jobs, however many workers there are.

        Raises
        ------
        WorkerEndedError
            A process ended before it answered; where this process helps, it does that job itself.
        Exception
            The first that the function raised; the other processes are ended.
        """
        if not self._others or len(jobs) < 2:
            found = []
            for job in jobs:
                found.append(_call(function, held, job))
                progress(len(found))
            return found
        try:
            self.start()
            return _Shift(function, jobs, held).work(
                self._processes, progress, helping=self._helping
            )
        except BaseException:
            # A process may still be at a job whose answer nobody waits for.
            self.close()
            raise


class _Shift:
    """Processes that take jobs from one list until it is empty or one of them fails."""

    def __init__(self, function: Callable[..., Any], jobs: Sequence[Any], held: Any) -> None:
        self._function, self._jobs, self._held = function, jobs, held
        # Now, while nothing works on it: what it keeps of itself may change with the first job done here.
        self._hold = pickle.dumps((_HOLD, held), pickle.HIGHEST_PROTOCOL)
        self._found: list[Any] = [None] * len(jobs)
        self._next: Iterator[int] = iter(range(len(jobs)))
        self._lock = threading.Lock()
        self._news = threading.Condition()
        self._returned: list[int] = []
        self._done = 0
        self._failure: BaseException | None = None

    def work(
        self,
        processes: Sequence[subprocess.Popen[bytes]],
        progress: Callable[[int], None],
        *,
        helping: bool,
    ) -> list[Any]:
        """Hand out the jobs, wait or help, and give what was found."""
        for process in processes:
            threading.Thread(target=self._serve, args=(process, helping), daemon=True).start()
        told = 0
        while told < len(self._jobs):
            number = self._take() if helping else None
            if number is not None:
                self._found[number] = _call(self._function, self._held, self._jobs[number])
                self._count()
            with self._news:
                if self._done == told and not self._returned and self._failure is None:
                    # A limit, so that Ctrl-C is heard on every platform.
                    self._news.wait(0.5)
                done = self._done
            if self._failure is not None:
                raise self._failure
            if done > told:
                told = done
                progress(told)
        return self._found

    def _count(self) -> None:
        with self._news:
            self._done += 1
            self._news.notify_all()

    def _serve(self, process: subprocess.Popen[bytes], helping: bool) -> None:
        """Hand jobs to one process, one after the other."""
        number = None
        try:
            _ask(process, self._hold)
            while (number := self._take()) is not None:
                message = pickle.dumps(
                    (self._function, self._jobs[number]), pickle.HIGHEST_PROTOCOL
                )
                self._found[number] = _ask(process, message)
                self._count()
        except BaseException as error:
            with self._news:
                if helping and isinstance(error, WorkerEndedError):
                    # This process is there to do what the other one cannot any more.
                    self._returned += [] if number is None else [number]
                else:
                    self._failure = self._failure or error
                self._news.notify_all()

    def _take(self) -> int | None:
        with self._lock:
            if self._failure is not None:
                return None
            return self._returned.pop() if self._returned else next(self._next, None)


def _start(modules: Sequence[str]) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        **{name: os.environ.get(name, "1") for name in ONE_THREAD},
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": os.pathsep.join(paths),
    }
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "lesionhet.workers", *modules],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        # Ctrl-C reaches the caller alone, who ends the others.
        start_new_session=sys.platform != "win32",
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError, AttributeError):
            pipe.close()  # type: ignore[union-attr]


def _call(function: Callable[..., Any], held: Any, job: Any) -> Any:
    return function(job) if held is None else function(held, job)


def _ask(process: subprocess.Popen[bytes], message: bytes) -> Any:
    try:
        process.stdin.write(message)  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        good, found = pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301
    except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise WorkerEndedError(
            f"A worker process ended before it answered ({error or 'no message'}); memory may be "
            "short. Use fewer workers or fewer patients."
        ) from error
    if not good:
        raise found
    return found


def _serve_parent() -> None:
    """Answer the jobs that come in, until no more do."""
    # What a library prints must not come between the messages.
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for module in sys.argv[1:]:
        importlib.import_module(module)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    held = None
    while True:
        try:
            function, job = pickle.load(sys.stdin.buffer)  # noqa: S301
        except EOFError:
            return
        try:
            if function == _HOLD:
                held = job
            found = None if function == _HOLD else _call(function, held, job)
            answer = pickle.dumps((True, found), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            answer = pickle.dumps((False, _portable(error)), pickle.HIGHEST_PROTOCOL)
        pipe.write(answer)
        pipe.flush()


def _end_with_parent(parent: int) -> None:
    """End where the parent was killed: its pipe is looked at between jobs only, and a job may be long."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _portable(error: Exception) -> Exception:
    """Give the error, or its text where it cannot travel."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:
        return LesionhetError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    with rare_collections():
        _serve_parent()
