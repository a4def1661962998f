"""What the set-up says: a line for each step on the screen, everything else in one log file."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TAIL = 15
"""Lines of the log that are shown when a step fails."""


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def say(text: str) -> None:
    """Print one progress line."""
    print(f"[setup] {text}", flush=True)


def complain(text: str) -> None:
    """Print what went wrong and what to do, each line marked, to standard error."""
    for line in text.splitlines():
        print(f"[setup] {line}" if line else "", file=sys.stderr, flush=True)


class Log:
    """The log file of the set-up; steps that run a command write all they print into it.

    Parameters
    ----------
    path
        The file; its folder is made, what is in it is kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, what: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> bool:
        """Run a command, say how long it took, and give whether it ended well."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        say(f"{what} ...")
        start = time.monotonic()
        with self.path.open("a", encoding="utf-8") as log:
            log.write(f"== {' '.join(command)}\n")
            log.flush()
            try:
                done = subprocess.run(  # noqa: S603
                    command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env, check=False
                )
            except OSError as error:
                log.write(f"{error}\n")
                return False
        if done.returncode == 0:
            say(f"{what}: done in {time.monotonic() - start:.0f} s")
        return done.returncode == 0

    def tail(self) -> str:
        """Give the last lines, as they are shown when a step fails."""
        lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"The end of {self.path}:", *(f"  {x}" for x in lines[-TAIL:])])
