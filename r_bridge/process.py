"""One R process from start to end: how it is launched, spoken to, timed, and buried."""

from __future__ import annotations

import collections
import contextlib
import os
import shutil
import signal
import site
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from r_bridge.wire import receive, send

LINES_KEPT: Final = 20
SECONDS_TO_END: Final = 5.0


class ProcessLostError(Exception):
    """The process ended, or was ended, before it answered; the message says how."""


class RProcess:
    """A running ``python -m r_bridge.worker``.

    It has its own entry point, so the caller's script is never read again; its own session, so that
    Ctrl-C reaches the caller alone; and its pipes are unbuffered, so that a fork of this process
    inherits no half-written message.
    """

    def __init__(self) -> None:
        windows = sys.platform == "win32"
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if windows else 0
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "r_bridge.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=worker_environment(os.environ),
            start_new_session=not windows,
            creationflags=flags,
        )
        self._said: collections.deque[str] = collections.deque(maxlen=LINES_KEPT)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._lost = ""
        self.scratch = ""

    @property
    def pid(self) -> int:
        """Process id."""
        return self._popen.pid

    @property
    def usable(self) -> bool:
        """Whether the process runs and nobody has ended it."""
        return not self._lost and self._popen.poll() is None

    def ask(self, message: object, seconds: float) -> Any:
        """Send a message and wait for the answer.

        Raises
        ------
        ProcessLostError
            The process ended, or did not answer within ``seconds`` and was killed.
        """
        limit = threading.Timer(
            seconds, self.kill, [f"gave no answer within {seconds:g} s and was ended"]
        )
        limit.daemon = True
        limit.start()
        try:
            send(self._popen.stdin, message)  # type: ignore[arg-type]
            return receive(self._popen.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, ValueError) as error:
            self._bury()
            reason = self._epitaph()
            self._close_pipes()
            raise ProcessLostError(reason) from error
        except BaseException:
            # Ctrl-C, most of all: the answer to this message must not meet the next one.
            self.kill("was interrupted")
            raise
        finally:
            limit.cancel()

    def kill(self, reason: str) -> None:
        """End the process at once; safe from any thread and more than once."""
        self._lost = self._lost or reason
        with contextlib.suppress(OSError):
            self._popen.kill()
        self._bury()

    def close(self) -> None:
        """End the process in good order: it ends when its input does."""
        self._lost = self._lost or "was closed"
        with contextlib.suppress(OSError):
            self._popen.stdin.close()  # type: ignore[union-attr]
        try:
            self._popen.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._popen.kill()
        self._bury()
        self._listener.join(SECONDS_TO_END)
        self._close_pipes()

    def disown(self) -> None:
        """After a fork, in the child: let go of a process that belongs to the parent."""
        self._lost = "belongs to the parent process"
        self._close_pipes()
        self._popen.returncode = 0  # it is not this process's to wait for

    def _close_pipes(self) -> None:
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _bury(self) -> None:
        self._popen.wait()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self._popen.stderr:  # type: ignore[union-attr]
                self._said.append(line.decode("utf-8", errors="replace").rstrip())

    def _epitaph(self) -> str:
        self._listener.join(SECONDS_TO_END)
        said = "; ".join(line for line in self._said if line)
        how = self._lost or f"ended, {_how_it_ended(self._popen.returncode)}"
        self._lost = how
        return f"the R process {how}." + (f" Its last words: {said}" if said else "")


def worker_environment(given: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the R process.

    Texts are UTF-8 whatever the caller's locale, and nobody's start-up script is run: R would run
    it before the first call. The user's environment file stays, since it may say where packages are.
    """
    environment = {**given, "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"}
    environment.update({"R_PROFILE_USER": "", "R_ENVIRON": ""})
    if sys.platform != "win32":
        environment["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    root = str(Path(__file__).resolve().parents[1])
    # An installed package is found without help, and its folder must not come before Python's own.
    if root not in {*site.getsitepackages(), site.getusersitepackages()}:
        paths = [root, *filter(None, [given.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"killed by signal {-code}"
