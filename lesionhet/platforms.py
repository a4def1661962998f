"""What the project needs of the system: R, its packages, rpy2, and the command that adds each.

Only the standard library: the set-up uses this module before anything is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

R_PACKAGES = ("survival", "cluster", "nlme", "rstatix")
R_PACKAGES_OPTIONAL = ("FSA",)
R_PACKAGES_TESTS = ("reticulate",)
"""For the tests alone: with it an R user calls the package."""
R_PACKAGES_WITH_R = ("survival", "cluster", "nlme")
"""Those that come with R itself; Debian and conda pack them apart."""

RPY2_NEEDS_R = (4, 5)
RPY2_BEFORE = ("rpy2-rinterface==3.6.5", "rpy2-robjects==3.6.4")
RPY2_SINCE = ("rpy2-rinterface>=3.6.5,<3.7", "rpy2-robjects>=3.6.4,<3.7")
RPY2_SINCE_EXACT = ("rpy2-rinterface==3.6.7", "rpy2-robjects==3.6.6")

INSTALL: Mapping[str, str] = {
    "debian": "sudo apt-get install -y --no-install-recommends",
    "fedora": "sudo dnf install -y",
    "suse": "sudo zypper install -y",
    "arch": "sudo pacman -S --needed",
    "macos": "brew install",
    "conda": "conda install -y -c conda-forge",
    "windows": "winget install",
}

SYSTEM_PACKAGES: Mapping[str, Mapping[str, str]] = {
    "debian": {"r": "r-base-core", "build": "r-base-dev", "headers": "python3-dev"},
    "fedora": {"r": "R-core", "build": "R-core-devel gcc", "headers": "python3-devel"},
    "suse": {"r": "R-base", "build": "R-base-devel gcc", "headers": "python3-devel"},
    "arch": {"r": "r", "build": "base-devel gcc-fortran", "headers": ""},
    "macos": {"r": "r", "build": "", "headers": ""},
    "conda": {"r": "r-base", "build": "compilers", "headers": ""},
    "windows": {"r": "RProject.R", "build": "", "headers": ""},
}
"""Platform -> need -> packages. ``build`` is what rpy2 compiles and links against."""

_R_PROBE = """
cat("lesionhet version", as.character(getRversion()), "\\n")
cat("lesionhet home", R.home(), "\\n")
for (name in c({names})) {{
  found <- tryCatch(as.character(packageVersion(name)), error = function(e) "")
  cat("lesionhet package", name, found, "\\n")
}}
"""


@dataclass(frozen=True)
class RFound:
    """An R on this machine.

    Parameters
    ----------
    path
        The executable.
    version, home
        As R says them; empty when it does not run.
    packages
        Name -> version of those packages named above that are installed.
    error
        Why R does not run, or an empty text.
    """

    path: str
    version: str = ""
    home: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def missing_packages(self) -> tuple[str, ...]:
        """Required packages that are not installed."""
        return self.missing(R_PACKAGES)

    def missing(self, packages: Sequence[str]) -> tuple[str, ...]:
        """Give those of the packages named above that are not installed.

        Examples
        --------
        >>> RFound("/usr/bin/R", packages={"survival": "3.5-3"}).missing(["survival", "reticulate"])
        ('reticulate',)
        """
        return tuple(name for name in packages if name not in self.packages)


def version_tuple(version: str) -> tuple[int, ...]:
    """Give the numbers of a version.

    Examples
    --------
    >>> version_tuple("4.2.2"), version_tuple("3.5-3")
    ((4, 2, 2), (3, 5, 3))
    """
    return tuple(int(number) for number in re.findall(r"\d+", version))


def rpy2_requirements(r_version: str, *, exact: bool = False) -> tuple[str, ...]:
    """Give the versions of rpy2 that an R can carry, as pip reads them.

    Parameters
    ----------
    r_version
        Such as ``"4.2.2"``.
    exact
        One exact version instead of a range.

    Notes
    -----
    rpy2-rinterface 3.6.6 and later call functions of R that came with R 4.5.0 (``R_ParentEnv``,
    ``R_ClosureEnv``, ``R_getVar``) and refuse an older R.

    Examples
    --------
    >>> rpy2_requirements("4.2.2")
    ('rpy2-rinterface==3.6.5', 'rpy2-robjects==3.6.4')
    >>> rpy2_requirements("4.5.0")
    ('rpy2-rinterface>=3.6.5,<3.7', 'rpy2-robjects>=3.6.4,<3.7')
    """
    if version_tuple(r_version) < RPY2_NEEDS_R:
        return RPY2_BEFORE
    return RPY2_SINCE_EXACT if exact else RPY2_SINCE


def os_family(os_release: str) -> str:
    r"""Give the family of a Linux distribution from the text of its os-release file.

    Returns
    -------
    str
        ``"debian"``, ``"fedora"``, ``"suse"``, ``"arch"`` or ``"other"``.

    Examples
    --------
    >>> os_family('ID=ubuntu\nID_LIKE=debian')
    'debian'
    >>> os_family('ID="rocky"\nID_LIKE="rhel centos fedora"')
    'fedora'
    """
    fields = dict(re.findall(r'^(ID|ID_LIKE)="?([^"\n]*)"?\s*$', os_release, re.MULTILINE))
    words = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".split()
    return next((word for word in words if word in INSTALL), "other")


def detect_platform(r_path: str = "") -> str:
    """Say by which means this machine installs programs.

    Parameters
    ----------
    r_path
        The R that was found, or an empty text: an R inside an active conda environment is conda's.

    Returns
    -------
    str
        A key of ``INSTALL``, or ``"other"``.

    Examples
    --------
    >>> detect_platform() in {*INSTALL, "other"}
    True
    """
    conda = os.environ.get("CONDA_PREFIX", "")
    if conda and r_path and Path(r_path).is_relative_to(conda):
        return "conda"
    release = Path("/etc/os-release")
    if sys.platform == "darwin":
        system = "macos"
    elif sys.platform in ("win32", "cygwin", "msys"):
        system = "windows"
    else:
        system = os_family(release.read_text(encoding="utf-8")) if release.exists() else "other"
    # With conda active, apt still serves a Debian machine; elsewhere conda is what the person uses.
    return "conda" if conda and not r_path and system != "debian" else system


def find_r() -> RFound | None:
    """Find the R that rpy2 would use: ``R_HOME`` if set, else ``R`` on the path.

    Starts R once and waits until it has ended.

    Examples
    --------
    >>> r = find_r()
    >>> r is None or isinstance(r.version, str)
    True
    """
    home = os.environ.get("R_HOME", "")
    path = shutil.which("R", path=str(Path(home) / "bin")) if home else shutil.which("R")
    if path is None:
        return None
    known = (*R_PACKAGES, *R_PACKAGES_OPTIONAL, *R_PACKAGES_TESTS)
    names = ", ".join(f'"{name}"' for name in known)
    command = [path, "--no-echo", "--no-save", "--no-restore"]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=_R_PROBE.format(names=names),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return RFound(path, error=str(error))
    said = [line.split() for line in done.stdout.splitlines() if line.startswith("lesionhet ")]
    facts = {words[1]: " ".join(words[2:]) for words in said if words[1] != "package"}
    if "version" not in facts:
        return RFound(path, error=(done.stderr or done.stdout).strip()[-500:] or "R said nothing")
    packages = {words[2]: words[3] for words in said if words[1] == "package" and len(words) > 3}
    return RFound(path, facts["version"], facts.get("home", ""), packages)


def install_commands(platform: str, needs: Sequence[str]) -> tuple[str, ...]:
    """Give the exact commands that add what is missing.

    Parameters
    ----------
    platform
        As ``detect_platform`` gives it.
    needs
        Of ``"r"``, ``"build"``, ``"headers"``, or the name of an R package.

    Examples
    --------
    >>> install_commands("debian", ["r", "rstatix"])
    ('sudo apt-get install -y --no-install-recommends r-base-core r-cran-rstatix',)
    >>> install_commands("conda", ["survival"])
    ('conda install -y -c conda-forge r-survival',)
    """
    if platform not in INSTALL:
        return (_by_hand(needs),)
    names = system_packages(platform, needs)
    commands = [f"{INSTALL[platform]} {' '.join(names)}"] if names else []
    if platform == "macos" and "build" in needs:
        commands.append("xcode-select --install")
    from_cran = [
        n for n in needs if n not in SYSTEM_PACKAGES[platform] and not _packed(platform, n)
    ]
    # A fresh R brings its recommended packages with it.
    if "r" in needs:
        from_cran = [name for name in from_cran if name not in R_PACKAGES_WITH_R]
    if from_cran:
        commands.append(cran_command(platform, from_cran))
    return tuple(commands)


def system_packages(platform: str, needs: Sequence[str]) -> tuple[str, ...]:
    """Give the names under which a platform's own installer knows what is needed, each once.

    Examples
    --------
    >>> system_packages("debian", ["r", "build", "cluster", "FSA"])
    ('r-base-core', 'r-base-dev', 'r-cran-cluster')
    """
    table = SYSTEM_PACKAGES[platform]
    names = [table.get(need) or _packed(platform, need) for need in needs]
    return tuple(dict.fromkeys(" ".join(names).split()))


def cran_command(platform: str, packages: Sequence[str]) -> str:
    """Give the command that installs R packages from CRAN into the user's own library.

    Examples
    --------
    >>> cran_command("windows", ["FSA"])
    'in R: install.packages(c("FSA"))'
    """
    quoted = ", ".join(f'"{name}"' for name in packages)
    install = f"install.packages(c({quoted}))"
    if platform == "windows":
        return f"in R: {install}"
    # Rscript asks nothing: the library must exist, and a mirror must be chosen.
    library = (
        'x <- Sys.getenv("R_LIBS_USER"); dir.create(x, recursive = TRUE, showWarnings = FALSE)'
    )
    return f"Rscript -e '{library}; .libPaths(x); chooseCRANmirror(ind = 1); {install}'"


def _packed(platform: str, need: str) -> str:
    if platform == "debian" and need in (*R_PACKAGES, *R_PACKAGES_TESTS):
        return f"r-cran-{need}"
    if platform == "conda" and need in (*R_PACKAGES, *R_PACKAGES_OPTIONAL, *R_PACKAGES_TESTS):
        return f"r-{need.lower()}"
    return ""


def _by_hand(needs: Sequence[str]) -> str:
    words = {
        "r": "R (4.2 or later)",
        "build": "a C compiler with R's development files",
        "headers": "Python's development headers",
    }
    named = [words.get(need, f"the R package {need}") for need in needs]
    return "with this system's own installer, add " + ", ".join(named)
