"""Write the versions installed in this environment as a constraints file: names and versions only."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

HEADING = """\
# Versions with which the tests passed: written by `make constraints`, read by
# `make demo CONSTRAINTS=constraints.txt`.
# rpy2 is not here: the set-up chooses its version by the R that it finds.
"""
LEFT_OUT = re.compile(r"(lesionhet|pip|setuptools|wheel|rpy2.*)$")


def constraints(installed: dict[str, str]) -> str:
    """Give the text of a constraints file.

    Parameters
    ----------
    installed
        Package name -> version.

    Examples
    --------
    >>> print(constraints({"Pandas": "2.3.3", "rpy2-robjects": "3.6.4"}).splitlines()[-1])
    pandas==2.3.3
    """
    named = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in installed.items()}
    lines = [f"{name}=={named[name]}\n" for name in sorted(named) if not LEFT_OUT.match(name)]
    return HEADING + "".join(lines)


def main() -> int:
    """Write the file that the command line names."""
    found = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
    Path(sys.argv[1]).write_text(constraints(found), encoding="utf-8")
    print(f"[setup] {sys.argv[1]}: {len(found)} packages looked at")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
