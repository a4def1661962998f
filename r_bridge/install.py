"""What to install where R or a part of it is missing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Final

from lesionhet.platforms import (
    R_PACKAGES,
    R_PACKAGES_OPTIONAL,
    RPY2_BEFORE,
    detect_platform,
    find_r,
    install_commands,
    rpy2_requirements,
)

REQUIRED: Final = R_PACKAGES
"""R packages without which a statistic has no answer from R."""
NEWEST_R: Final = "4.5.0"
"""Any R from here on carries the newest rpy2."""
OPTIONAL: Final = R_PACKAGES_OPTIONAL
"""R packages that are used where they are installed."""

EVERYWHERE: Final = (
    "Debian, Ubuntu: apt-get install r-base-core r-cran-survival r-cran-cluster r-cran-nlme r-cran-rstatix. "
    "macOS: brew install r. Windows: winget install RProject.R. "
    "conda: conda install -c conda-forge r-base r-survival r-cluster r-nlme r-rstatix. "
    'Packages alone, in any R: install.packages(c("survival", "cluster", "nlme", "rstatix")). '
    "rpy2: pip install rpy2-rinterface rpy2-robjects, before R 4.5 "
    f"{' '.join(RPY2_BEFORE)}."
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
    # The newest rpy2 refuses an R before 4.5; without an R to ask, the newest is named.
    version = r.version if r is not None and r.version else NEWEST_R
    return " ".join(["pip install", *(f"'{part}'" for part in rpy2_requirements(version))])
