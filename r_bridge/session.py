"""R on call: starts with the first call, one call at a time, and starts again after a death."""

from __future__ import annotations

import atexit
import importlib.metadata
import math
import os
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet.errors import LesionhetError, RCallError, RUnavailableError, UsageError
from r_bridge import sources
from r_bridge.convert import to_frame, to_vector, to_vectors
from r_bridge.install import OPTIONAL, REQUIRED, advice, commands
from r_bridge.process import ProcessLostError, RProcess
from r_bridge.wire import Answer, Call, Failure, Refused, Start, Started

TIME_LIMIT_VARIABLE: Final = "LESIONHET_R_TIMEOUT"
DEFAULT_TIME_LIMIT: Final = 600.0
START_TIME_LIMIT: Final = 180.0
"""Seconds; a start loads R and its packages, which a cold disk makes slow."""


class RRefusalError(LesionhetError):
    """An R function refused these data; carries what was asked, why not, and the terms at fault."""

    def __init__(self, failure: Failure) -> None:
        self.what, self.reason, self.terms = failure.what, failure.reason, failure.terms
        super().__init__(failure.message)


@dataclass(frozen=True, eq=False)
class Reply:
    """What an R function gave: tables by name, the method in words, and R's warnings."""

    tables: Mapping[str, pd.DataFrame]
    method: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Probe:
    """What of R is there, and what to do about the rest.

    Parameters
    ----------
    r_version
        Version of R, None where it does not start.
    packages
        R package -> version, None where it is not installed. FSA is optional.
    rpy2
        Part of rpy2 -> version, None where it is not installed.
    missing
        What must be added: ``"R"``, ``"rpy2"`` or names of R packages.
    commands
        The commands that add it on this platform.
    reason
        Why R cannot be used; empty where it can.
    """

    r_version: str | None
    packages: Mapping[str, str | None]
    rpy2: Mapping[str, str | None]
    missing: tuple[str, ...]
    commands: tuple[str, ...]
    reason: str

    @property
    def usable(self) -> bool:
        """Whether every statistic can be asked of R."""
        return not self.reason


class RSession:
    """R in a process of its own.

    Parameters
    ----------
    r_sources
        File name -> R code; default: the files of `r_bridge.sources`. The functions that can be
        called are those named like a file.
    time_limit
        Seconds that one call may take; default: environment variable ``LESIONHET_R_TIMEOUT``, else
        600. Waiting for other threads' calls and R's start do not count.

    Examples
    --------
    >>> session = RSession()
    >>> session.running
    False
    """

    def __init__(
        self, r_sources: Mapping[str, str] | None = None, time_limit: float | None = None
    ) -> None:
        self._sources = dict(sources() if r_sources is None else r_sources)
        self._time_limit = None if time_limit is None else _checked_limit(time_limit, "time_limit")
        self._lock = threading.Lock()
        self._process: RProcess | None = None
        self._started: Started | None = None
        _SESSIONS.add(self)

    @property
    def running(self) -> bool:
        """Whether an R process runs now."""
        return self._process is not None and self._process.usable

    @property
    def pid(self) -> int | None:
        """Id of the R process, None where none runs."""
        process = self._process
        return process.pid if process is not None and process.usable else None

    def call(
        self,
        function: str,
        data: pd.DataFrame,
        options: Mapping[str, Any] | None = None,
        time_limit: float | None = None,
    ) -> Reply:
        """Call a function of the R files; calls of several threads queue.

        Parameters
        ----------
        function
            Name of the function and of its file.
        data
            Its first argument, see `r_bridge.convert.to_vectors` for the types.
        options
            Its other arguments by name: texts, numbers, flags or lists of these.
        time_limit
            Seconds, for this call only.

        Raises
        ------
        RRefusalError
            The function has no answer for these data.
        RCallError
            The function failed, the time limit was exceeded, or the process was lost. The next call
            can work: it finds a new process where it needs one.
        RUnavailableError
            R cannot be started; the message says what to install.
        """
        vectors = {name: to_vector(value, name) for name, value in (options or {}).items()}
        message = Call(function, to_vectors(data), vectors)
        limit = self._limit(time_limit)
        with self._lock:
            process = self._ready_process()
            try:
                reply = process.ask(message, limit)
            except ProcessLostError as error:
                raise RCallError(_lost_text(function, limit, str(error))) from error
        return _checked_reply(function, reply)

    def versions(self) -> Mapping[str, str]:
        """Give the versions of R, its packages and rpy2; starts R where it does not run."""
        with self._lock:
            self._ready_process()
            versions = self._started.versions if self._started else {}
        return {name: version for name, version in versions.items() if version is not None}

    def close(self) -> None:
        """End the R process, after the calls that are under way; the next call starts a new one."""
        with self._lock:
            if self._process is not None:
                self._process.close()
            self._process = None

    def _ready_process(self) -> RProcess:
        if self._process is not None and not self._process.usable:
            self._process.close()
            self._process = None
        if self._process is None:
            self._process, self._started = _start(self._sources)
        return self._process

    def _limit(self, given: float | None) -> float:
        if given is not None:
            return _checked_limit(given, "time_limit")
        if self._time_limit is not None:
            return self._time_limit
        text = os.environ.get(TIME_LIMIT_VARIABLE, "").strip()
        return _checked_limit(text, TIME_LIMIT_VARIABLE) if text else DEFAULT_TIME_LIMIT

    def _end_at_exit(self) -> None:
        if self._process is not None:
            self._process.kill("was closed")
            self._process.close()

    def _forget_after_fork(self) -> None:
        if self._process is not None:
            self._process.disown()
        self._process = None
        self._lock = threading.Lock()  # another thread of the parent may have held the old one


_SESSIONS: Final[weakref.WeakSet[RSession]] = weakref.WeakSet()


def _end_all() -> None:
    for session in list(_SESSIONS):
        session._end_at_exit()


def _forget_all() -> None:
    for session in list(_SESSIONS):
        session._forget_after_fork()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def probe() -> Probe:
    """Find out whether R can be used, and what is missing; leaves no process behind.

    Examples
    --------
    >>> found = probe()
    >>> found.usable == (found.missing == () and found.reason == "")
    True
    """
    process, reply = _first_reply({})
    if process is not None:
        process.close()
    versions: Mapping[str, str | None] = reply.versions if isinstance(reply, Started) else {}
    missing = _missing(reply)
    return Probe(
        r_version=versions.get("R"),
        packages={name: versions.get(name) for name in (*REQUIRED, *OPTIONAL)},
        rpy2={name: _installed(name) for name in ("rpy2-rinterface", "rpy2-robjects")},
        missing=missing,
        commands=commands(missing),
        reason=_why_not(reply, missing),
    )


def _start(r_sources: Mapping[str, str]) -> tuple[RProcess, Started]:
    process, reply = _first_reply(r_sources)
    missing = _missing(reply)
    if process is not None and isinstance(reply, Started) and not missing:
        return process, reply
    if process is not None:
        process.close()
    raise RUnavailableError(f"{_why_not(reply, missing)}. {advice(missing)}")


def _first_reply(r_sources: Mapping[str, str]) -> tuple[RProcess | None, Started | Refused]:
    """Start a process; give it with its first message. A process that says nothing is refused."""
    try:
        process = RProcess()
    except OSError as error:
        return None, Refused("R", f"the R process cannot be started: {error}")
    try:
        reply = process.ask(Start(dict(r_sources), (*REQUIRED, *OPTIONAL)), START_TIME_LIMIT)
    except ProcessLostError as error:
        return process, Refused("R", f"R does not start: {error}".rstrip("."))
    if isinstance(reply, Started):
        process.scratch = reply.scratch
    return process, reply


def _missing(reply: Started | Refused) -> tuple[str, ...]:
    if isinstance(reply, Refused):
        return (reply.part,)
    return tuple(name for name in REQUIRED if reply.versions[name] is None)


def _why_not(reply: Started | Refused, missing: tuple[str, ...]) -> str:
    if isinstance(reply, Refused):
        return f"R is not usable: {reply.reason}"
    return f"R is not usable: R package {', '.join(missing)} is not installed" if missing else ""


def _checked_reply(function: str, reply: Answer | Failure) -> Reply:
    if isinstance(reply, Failure):
        if reply.not_estimable:
            raise RRefusalError(reply)
        raise RCallError(f"R's {function} failed: {reply.message}")
    tables = {name: to_frame(frame) for name, frame in reply.tables.items()}
    return Reply(tables, reply.method, reply.warnings)


def _lost_text(function: str, limit: float, reason: str) -> str:
    text = f"R's {function} gave no result: {reason} The next call starts R again."
    if "no answer within" in reason:
        text += f" To wait longer than {limit:g} s, set {TIME_LIMIT_VARIABLE} to more seconds."
    return text


def _checked_limit(value: float | str, name: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < threading.TIMEOUT_MAX:
        raise UsageError(f"{name} is {value!r}; permitted: seconds above 0.")
    return seconds


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


_SHARED: Final = RSession()


def shared_session() -> RSession:
    """Give the one session of this Python process."""
    return _SHARED
