"""What to install where R or a part of it is missing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Final

from lesionhet.platforms import (
    R_PACKAGES,
    R_PACKAGES_OPTIONAL,
    RPY2_NEEDS_R,
    detect_platform,
    find_r,
    install_commands,
    rpy2_requirements,
    version_tuple,
)

REQUIRED: Final = R_PACKAGES
"""R packages without which a statistic has no answer from R."""
OPTIONAL: Final = R_PACKAGES_OPTIONAL
"""R packages that are used where they are installed."""

PIP_COMMAND: Final = "pip install 'lesionhet[r]'"
EVERYWHERE: Final = (
    "Debian, Ubuntu: apt-get install r-base-core r-cran-survival r-cran-cluster r-cran-rstatix. "
    "macOS: brew install r. Windows: winget install RProject.R. "
    "conda: conda install -c conda-forge r-base r-survival r-cluster r-rstatix. "
    'Packages alone, in any R: install.packages(c("survival", "cluster", "rstatix")). '
    f"rpy2: {PIP_COMMAND}."
)


def commands(missing: Sequence[str]) -> tuple[str, ...]:
    """Give the commands that add what is missing on this machine.

    Parameters
    ----------
    missing
        Of ``"R"``, ``"rpy2"`` and names of R packages. Without R, its packages are missing too.

    Examples
    --------
    >>> commands([])
    ()
    """
    needs = ["r", *REQUIRED] if "R" in missing else [part for part in missing if part != "rpy2"]
    platform = detect_platform(shutil.which("R") or "")
    found = install_commands(platform, needs) if needs else ()
    return (*found, _pip_command()) if "rpy2" in missing else found


def advice(missing: Sequence[str]) -> str:
    """Give the advice that ends a message: commands for this machine, then for every other."""
    return f"To add it here: {'; '.join(commands(missing))}. Elsewhere: {EVERYWHERE}"


def _pip_command() -> str:
    r = find_r()
    if r is None or not r.version or version_tuple(r.version) >= RPY2_NEEDS_R:
        return PIP_COMMAND
    # The newest rpy2 refuses an older R.
    return " ".join([PIP_COMMAND, *(f"'{part}'" for part in rpy2_requirements(r.version))])
