"""R and what rpy2 needs to build against it: what is missing, and its installation by apt."""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from setup_log import Log, say

from lesionhet.platforms import (
    R_PACKAGES,
    RFound,
    detect_platform,
    find_r,
    install_commands,
    system_packages,
)

SCRIPTS = Path(__file__).resolve().parent
APT_R = (Path("/usr/bin/R"), Path("/usr/lib/R/bin/R"))


def missing_needs(
    r: RFound | None, *, rpy2_loads: bool, packages: Sequence[str] = R_PACKAGES
) -> list[str]:
    """Say what must be added for R's column.

    Parameters
    ----------
    r
        The R that was found.
    rpy2_loads
        Whether rpy2 is there and loads this R: then nothing has to be built.
    packages
        The R packages wanted.

    Returns
    -------
    list of str
        Needs as ``lesionhet.platforms`` names them.
    """
    needs = [] if r is not None else ["r"]
    if not rpy2_loads:
        needs += ["build", *([] if _has_headers() else ["headers"])]
    return needs + list(packages if r is None else r.missing(packages))


def add_r(
    log: Log, *, rpy2_loads: bool, packages: Sequence[str] = R_PACKAGES
) -> tuple[RFound | None, str]:
    """Add what R's column lacks where apt can, and give the R that is there then.

    Parameters
    ----------
    log
        Where what apt says goes.
    rpy2_loads
        As in `missing_needs`.
    packages
        The R packages wanted: those of the program, or those of the tests too.

    Returns
    -------
    R, reason
        The reason is why R's column is not to be had, with the commands that mend it; else empty.
    """
    r = find_r()
    platform = detect_platform(r.path if r else "")
    if r is not None and r.error:
        return r, f"R ({r.path}) does not run: {r.error}"
    needs = missing_needs(r, rpy2_loads=rpy2_loads, packages=packages)
    if platform == "debian" and (r is None or _from_apt(r)):
        from_apt = [name for name in system_packages("debian", needs) if not _dpkg_has(name)]
        if from_apt and not apt_install(log, from_apt):
            return r, f"{', '.join(from_apt)} could not be installed."
        r = find_r()
    return r, _reason(r, platform, packages)


def _reason(r: RFound | None, platform: str, packages: Sequence[str]) -> str:
    if r is None:
        needs = ["r", "build", *([] if _has_headers() else ["headers"]), *packages]
        return _with_commands("There is no R on the path. To add it:", platform, needs)
    if missing := list(r.missing(packages)):
        names = ", ".join(missing)
        return _with_commands(f"R {r.version} lacks {names}. To add it:", platform, missing)
    return ""


def _with_commands(text: str, platform: str, needs: list[str]) -> str:
    return "\n".join([text, *(f"    {command}" for command in install_commands(platform, needs))])


def apt_install(log: Log, packages: list[str]) -> bool:
    """Install packages by apt, asking for the password where sudo needs one; say whether it worked."""
    log.path.parent.mkdir(parents=True, exist_ok=True)
    command = ["sh", str(SCRIPTS / "apt_install.sh"), str(log.path), *packages]
    # Not through Log.run: sudo may have to ask for a password here.
    done = subprocess.run(command, check=False)  # noqa: S603
    if done.returncode == 0:
        say("apt-get: done")
    return done.returncode == 0


def _has_headers() -> bool:
    return Path(sysconfig.get_path("include"), "Python.h").exists()


def _from_apt(r: RFound) -> bool:
    # apt's R packages belong to apt's R: beside another R they would bring a second one.
    return _dpkg_has("r-base-core") and Path(r.path).resolve() in APT_R


def _dpkg_has(package: str) -> bool:
    command = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout == "installed"
