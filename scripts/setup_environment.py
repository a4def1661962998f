"""Set the project up: R where it can be had, .venv with the Python packages, rpy2 for the R that is there.

A stamp in .venv tells the next run that nothing has changed since.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from browser_setup import add_browser  # noqa: E402
from setup_log import Log, SetupError, complain, say  # noqa: E402
from system_setup import add_r  # noqa: E402

from lesionhet.platforms import (  # noqa: E402
    R_PACKAGES,
    R_PACKAGES_TESTS,
    RFound,
    detect_platform,
    find_r,
    install_commands,
    rpy2_requirements,
)

SKIPPED = "R_SETUP=skip was given."


@dataclass(frozen=True)
class Stamp:
    """What the last run found: ``key`` stands for everything that it depended on."""

    key: str
    r_reason: str


@dataclass(frozen=True)
class Setup:
    """One run of the set-up.

    Parameters
    ----------
    root
        The project's folder.
    constraints
        File with exact versions, or None.
    skip_r
        Add nothing of R.
    require_r
        For the tests: add the R packages that they need too, and fail where R cannot be used.
    """

    root: Path
    constraints: Path | None
    skip_r: bool
    require_r: bool

    @property
    def venv(self) -> Path:
        """The virtual environment's folder."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The virtual environment's Python."""
        windows = os.name == "nt"
        return self.venv / ("Scripts/python.exe" if windows else "bin/python")

    @property
    def r_packages(self) -> tuple[str, ...]:
        """The R packages wanted."""
        return (*R_PACKAGES, *(R_PACKAGES_TESTS if self.require_r else ()))

    @property
    def log(self) -> Log:
        """The log of the set-up."""
        return Log(self.venv / "setup.log")

    def run(self) -> str:
        """Do what is missing; give the reason why R cannot be used, or an empty text."""
        stamp = self.read_stamp()
        r = None if self.skip_r else find_r()
        fresh = stamp is not None and stamp.key == self.key(r)
        # What R lacked may have come by hand since: only a whole set-up is left alone.
        whole = stamp is not None and not stamp.r_reason and not self.lacks(r)
        if fresh and stamp is not None and (self.skip_r or whole):
            return stamp.r_reason
        reason = SKIPPED
        if not self.skip_r:
            r, reason = add_r(self.log, rpy2_loads=self.rpy2_loads(), packages=self.r_packages)
        if not fresh:
            self.make_venv()
            self.install_python_packages()
        if r is not None and not reason:
            reason = self.install_rpy2(r)
        self.write_stamp(Stamp(self.key(r), reason))
        return reason

    def lacks(self, r: RFound | None) -> bool:
        """Say whether R or a package is missing: a set-up without the tests leaves theirs out."""
        return r is None or bool(r.missing(self.r_packages))

    def key(self, r: RFound | None) -> str:
        """Give a digest of everything on which what is installed depends."""
        digest = hashlib.sha256((self.root / "pyproject.toml").read_bytes())
        # What is compiled when the package is installed, and how.
        sources = sorted((self.root / "lesionhet").rglob("*.[ch]"))
        for source in (*sources, self.root / "scripts/build_hook.py"):
            if source.is_file():
                digest.update(source.read_bytes())
        if self.constraints is not None:
            digest.update(self.constraints.read_bytes())
        facts = {
            "r": asdict(r) if r else {},
            "skip_r": self.skip_r,
            "python": platform.python_version(),
            "base": sys.base_prefix,
            "root": str(self.root),
        }
        digest.update(json.dumps(facts, sort_keys=True).encode())
        return digest.hexdigest()

    def read_stamp(self) -> Stamp | None:
        """Read what the last run found, or None where its environment is gone or unfinished."""
        path = self.venv / "setup.stamp"
        if not (path.exists() and self.python.exists()):
            return None
        try:
            return Stamp(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            return None

    def write_stamp(self, stamp: Stamp) -> None:
        """Write what this run found."""
        text = json.dumps(asdict(stamp), indent=1) + "\n"
        (self.venv / "setup.stamp").write_text(text, encoding="utf-8")

    def make_venv(self) -> None:
        """Make .venv, again where it is broken or belongs to another Python."""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        check = "import sys, pip; print('%d.%d' % sys.version_info[:2], sys.base_prefix)"
        found = self.venv_says(check)
        if found == f"{version} {sys.base_prefix}":
            return
        if self.venv.exists():
            for entry in self.venv.iterdir():
                if entry.name != "setup.log":
                    _remove(entry)
        command = [sys.executable, "-m", "venv", str(self.venv)]
        if not self.log.run(f"Virtual environment .venv with Python {version}", command):
            raise SetupError(
                f"{self.log.tail()}\nThe virtual environment could not be made. On Debian and "
                f"Ubuntu this mends it: sudo apt-get install python{version}-venv"
            )

    def install_python_packages(self) -> None:
        """Install the project and the Python packages it asks for, rpy2 aside."""
        packages = ["-e", ".[app,scale,dev]"]
        if not self.pip("Python packages (one to three minutes the first time)", packages):
            raise SetupError(
                f"{self.log.tail()}\npip failed. Where a download failed, check the connection, the "
                "proxy and pip's own settings (pip config list), then start again."
            )

    def install_rpy2(self, r: RFound) -> str:
        """Install the rpy2 that this R can carry; give why R cannot be used, or an empty text."""
        wanted = list(rpy2_requirements(r.version, exact=self.constraints is not None))
        what = f"rpy2 for R {r.version}"
        if self.pip(what, wanted) and self.rpy2_loads():
            return ""
        # A wheel that pip kept may have been built against another R.
        again = ["--no-cache-dir", "--force-reinstall", "--no-deps", *wanted]
        if self.pip(f"{what}, built again", again) and self.rpy2_loads():
            return ""
        commands = install_commands(detect_platform(r.path), ["build", "headers"])
        lines = [
            self.log.tail(),
            f"rpy2 could not be built, or does not load R {r.version}. It needs a C compiler, R's and "
            "Python's development files:",
            *(f"    {command}" for command in commands),
        ]
        return "\n".join(lines)

    def pip(self, what: str, packages: list[str]) -> bool:
        """Run pip's install in .venv; the user's own settings of pip hold."""
        limits = ["-c", str(self.constraints)] if self.constraints else []
        options = ["--disable-pip-version-check", "--no-input", *limits]
        command = [str(self.python), "-m", "pip", "install", *options, *packages]
        return self.log.run(what, command)

    def rpy2_loads(self) -> bool:
        """Say whether .venv's rpy2 loads R with its packages; R runs and ends in a process apart."""
        script = "from lesionhet.doctor import diagnose; print(diagnose().rpy2_error or 'loads')"
        return self.venv_says(script) == "loads"

    def venv_says(self, script: str) -> str:
        """Run a script in .venv's Python and give its last line; empty where it fails."""
        if not self.python.exists():
            return ""
        command = [str(self.python), "-c", script]
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, cwd=self.root, check=False
        )
        lines = done.stdout.splitlines()
        return lines[-1] if done.returncode == 0 and lines else ""


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def main() -> int:
    """Read the command line, set up, and say what is not there."""
    parser = argparse.ArgumentParser(description="Set the project up in .venv.")
    parser.add_argument("--constraints", type=Path, help="file with exact versions")
    parser.add_argument("--require-r", action="store_true", help="fail where R cannot be used")
    options = parser.parse_args()
    if options.constraints is not None and not options.constraints.is_file():
        complain(f"CONSTRAINTS={options.constraints}: there is no such file.")
        return 2
    skip_r = os.environ.get("R_SETUP", "") == "skip"
    os.chdir(ROOT)
    setup = Setup(ROOT, options.constraints, skip_r, options.require_r)
    try:
        reason = setup.run()
        if options.require_r:
            add_browser(setup.log)
    except SetupError as error:
        complain(str(error))
        return 1
    if reason and options.require_r:
        complain(f"The tests compare Python with R, and R cannot be used. {reason}")
        return 1
    if reason:
        complain(f"Going on without R: its column will be empty. {reason}")
    else:
        say("everything is in place")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
