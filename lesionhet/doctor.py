"""What is installed, what R is found, what is missing, and the command that adds it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lesionhet import __version__
from lesionhet.platforms import (
    R_PACKAGES,
    R_PACKAGES_OPTIONAL,
    RFound,
    cran_command,
    detect_platform,
    find_r,
    install_commands,
    rpy2_requirements,
)

Purpose = Literal["core", "r", "app", "scale", "dev"]

PURPOSES: dict[Purpose, str] = {
    "core": "always",
    "r": "for R's column",
    "app": "for the web page",
    "scale": "for --engine dask",
    "dev": "for the tests",
}

RPY2_PROBE = """
import sys
import rpy2.rinterface as r
r.initr()
print("lesionhet", r.evalr("as.character(getRversion())")[0])
for name in sys.argv[1:]:
    r.evalr("invisible(loadNamespace('%s'))" % name)
"""
RPY2_TIME_LIMIT = 120.0
"""Seconds; a cold disk makes the first load of R's packages slow."""


@dataclass(frozen=True)
class Part:
    """A Python package that the program asks for.

    Parameters
    ----------
    name
        As pip knows it.
    wanted
        Permitted versions, such as ``">=2.2,<3"``.
    purpose
        ``"core"``, ``"r"``, ``"app"``, ``"scale"`` or ``"dev"``.
    version
        What is installed; empty where it is not.
    fits
        Whether that version is permitted.
    """

    name: str
    wanted: str
    purpose: Purpose
    version: str
    fits: bool


@dataclass(frozen=True)
class Missing:
    """Something to add, why, and the commands that add it (empty where none is known)."""

    what: str
    why: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Diagnosis:
    """What of the program and of R is there.

    Parameters
    ----------
    platform
        How this machine installs programs: ``"debian"``, ``"macos"``, ``"conda"`` ...
    parts
        The Python packages that the program asks for.
    r
        The R that was found, or None.
    rpy2_error
        Why rpy2 does not load this R; empty where it does.
    missing
        What to add; what is needed always comes first.
    """

    platform: str
    parts: tuple[Part, ...]
    r: RFound | None
    rpy2_error: str
    missing: tuple[Missing, ...]

    @property
    def python_ready(self) -> bool:
        """Whether every number can be computed in Python."""
        core = [part for part in self.parts if part.purpose == "core"]
        return bool(core) and all(part.fits for part in core)

    @property
    def r_ready(self) -> bool:
        """Whether every number can be computed again in R."""
        return self.r is not None and not self.r.missing_packages and not self.rpy2_error

    def to_text(self) -> str:
        """Give it as a person reads it.

        Examples
        --------
        >>> found = Diagnosis("debian", (), None, "there is no R that runs", ())
        >>> print(found.to_text())
        lesionhet ...
        R: not found on the path
        ...
        """
        lines = [
            f"lesionhet {__version__}",
            f"Python {platform.python_version()} ({sys.executable}), {platform.platform()}",
            "",
            *(line for purpose in PURPOSES for line in self._part_lines(purpose)),
            *_compiled_lines(),
            *self._r_lines(),
            "",
            f"Numbers in Python: {'ready' if self.python_ready else 'not ready'}. "
            f"The same numbers in R: {'ready' if self.r_ready else 'not ready'}.",
        ]
        if self.missing:
            lines += ["", "To add:", *(line for item in self.missing for line in _item_lines(item))]
        return "\n".join(lines)

    def _part_lines(self, purpose: Purpose) -> Iterator[str]:
        parts = [part for part in self.parts if part.purpose == purpose]
        if parts:
            yield f"Python packages, {PURPOSES[purpose]}:"
        for part in parts:
            remark = "" if part.fits else f"  (wanted: {part.wanted or 'any version'})"
            yield f"  {part.name:<16} {part.version or 'not installed'}{remark}"

    def _r_lines(self) -> Iterator[str]:
        if self.r is None:
            yield "R: not found on the path"
            return
        yield f"R {self.r.version or '(does not run)'} ({self.r.path})"
        if self.r.error:
            yield f"  {self.r.error}"
        for name in R_PACKAGES:
            yield f"  {name:<16} {self.r.packages.get(name, 'not installed')}"
        for name in R_PACKAGES_OPTIONAL:
            version = self.r.packages.get(name, "not installed")
            yield f"  {name:<16} {version}  (optional: Dunn's test is rstatix's without it)"
        yield f"  {'through rpy2':<16} {self.rpy2_error or 'loads'}"


def _compiled_lines() -> Iterator[str]:
    """Say of each part that may be compiled whether it is."""
    from lesionhet import small_groups
    from lesionhet.compiled_parts import SWITCH
    from lesionhet.noise import copies
    from lesionhet.statistics import compiled, concordance

    parts = {
        "Cox models": compiled.library,
        "concordance": concordance.library,
        "distances within patients": small_groups.library,
        "copies for noise": copies.library,
    }
    there = [name for name, library in parts.items() if library() is not None]
    if there:
        yield f"Compiled: {', '.join(there)}"
    if len(there) < len(parts):
        missing = ", ".join(name for name in parts if name not in there)
        off = os.environ.get(SWITCH) == "0"
        why = f"{SWITCH}=0" if off else "not compiled with this version; docs/install.md"
        yield f"By NumPy, slower: {missing} ({why})"


def diagnose() -> Diagnosis:
    """Look at what is installed. Starts R at most twice, each time to its end; changes nothing.

    Examples
    --------
    >>> found = diagnose()
    >>> found.r_ready == (found.r is not None and not found.r.missing_packages
    ...                   and not found.rpy2_error)
    True
    """
    parts = tuple(_parts())
    r = find_r()
    error = _rpy2_error(r, parts)
    system = detect_platform(r.path if r else "")
    missing = (*_missing_python(parts, r), *_missing_r(system, r, error, parts))
    return Diagnosis(system, parts, r, error, missing)


def _parts() -> Iterator[Part]:
    try:
        wanted = importlib.metadata.requires("lesionhet") or []
    except importlib.metadata.PackageNotFoundError:
        return
    for line in wanted:
        name, specifier, marker = re.match(  # type: ignore[union-attr]
            r"([\w.-]+)\s*([^;]*?)\s*(?:;\s*(.*))?$", line
        ).groups()
        purpose: Purpose = next(
            (key for key in PURPOSES if re.search(rf"extra == ['\"]{key}['\"]", marker or "")),
            "core",
        )
        version = _installed(name)
        yield Part(name, specifier, purpose, version, _fits(version, specifier))


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _fits(version: str, specifier: str) -> bool:
    # packaging comes with matplotlib; where that is missing, being installed has to do.
    if not version or importlib.util.find_spec("packaging") is None:
        return bool(version)
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains(version, prereleases=True)


def _rpy2_error(r: RFound | None, parts: tuple[Part, ...]) -> str:
    if r is None or r.error:
        return "there is no R that runs"
    absent = [p.name for p in parts if p.purpose == "r" and not p.version]
    if absent:
        return f"{' and '.join(absent)} not installed"
    load = [name for name in R_PACKAGES if name in r.packages]
    try:
        # A process of its own: an embedded R stays until its process ends.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", RPY2_PROBE, *load],
            capture_output=True,
            text=True,
            timeout=RPY2_TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"R did not load within {RPY2_TIME_LIMIT:.0f} s"
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else f"the process ended with code {done.returncode}"


def _missing_python(parts: tuple[Part, ...], r: RFound | None) -> Iterator[Missing]:
    if not parts:
        command = f'"{sys.executable}" -m pip install -e .'
        yield Missing("lesionhet itself (run in its folder)", PURPOSES["core"], (command,))
    for purpose, why in PURPOSES.items():
        wrong = [p for p in parts if p.purpose == purpose and not p.fits]
        if not wrong or (purpose == "r" and r is None):
            continue
        wanted = [f"{p.name}{p.wanted}" for p in wrong]
        if purpose == "r" and r is not None and r.version:
            wanted = list(rpy2_requirements(r.version))
        quoted = " ".join(f'"{text}"' for text in wanted)
        command = f'"{sys.executable}" -m pip install {quoted}'
        yield Missing(", ".join(p.name for p in wrong), why, (command,))


def _missing_r(
    system: str, r: RFound | None, error: str, parts: tuple[Part, ...]
) -> Iterator[Missing]:
    why = PURPOSES["r"]
    if r is None:
        needs = ["r", "build", "headers", *R_PACKAGES]
        yield Missing("R and its packages", why, install_commands(system, needs))
        return
    if r.missing_packages:
        commands = install_commands(system, r.missing_packages)
        yield Missing("R packages " + ", ".join(r.missing_packages), why, commands)
    elif error and not r.error and all(p.version for p in parts if p.purpose == "r"):
        quoted = " ".join(f'"{text}"' for text in rpy2_requirements(r.version))
        again = f'"{sys.executable}" -m pip install --no-cache-dir --force-reinstall {quoted}'
        commands = (*install_commands(system, ["build", "headers"]), again)
        yield Missing("an rpy2 that loads this R (build it again)", why, commands)
    elif r.error:
        yield Missing("an R that runs", why, install_commands(system, ["r"]))
    absent = [name for name in R_PACKAGES_OPTIONAL if name not in r.packages]
    if absent and not r.error:
        yield Missing("R package FSA", "optional", (cran_command(system, absent),))


def _item_lines(item: Missing) -> Iterator[str]:
    yield f"  {item.what}, {item.why}:"
    yield from (f"    {command}" for command in item.commands)
