"""What computed: the files of the installed program with their SHA-256, and the machine."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGES: Final = ("lesionhet", "r_bridge")
LEFT_OUT: Final = frozenset({"__pycache__"})


@dataclass(frozen=True)
class Sources:
    """The files of one installed package.

    Parameters
    ----------
    package
        Its name.
    sha256
        One digest for all: the SHA-256 of ``listing()``.
    files
        Path under the package's folder, with forward slashes, in order -> SHA-256 of its bytes.
    """

    package: str
    sha256: str
    files: Mapping[str, str]

    def listing(self) -> str:
        """Give the files as the program ``sha256sum`` prints and checks them."""
        return _listing(self.package, self.files)


def installed_sources() -> tuple[Sources, ...]:
    """Read the files of the program as they are installed.

    Examples
    --------
    >>> both = installed_sources()
    >>> [sources.package for sources in both]
    ['lesionhet', 'r_bridge']
    >>> hashlib.sha256(both[1].listing().encode()).hexdigest() == both[1].sha256
    True
    """
    return tuple(_read(package) for package in PACKAGES)


def platform_versions() -> dict[str, str]:
    """Give the machine: system, processor, Python.

    Examples
    --------
    >>> sorted(platform_versions())
    ['machine', 'processors', 'python', 'system']
    """
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": str(os.cpu_count() or "unknown"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _read(package: str) -> Sources:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return Sources(package, hashlib.sha256(b"").hexdigest(), {})
    root = Path(found.origin).parent
    paths = sorted(
        (path.relative_to(root).as_posix(), path)
        for path in root.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.relative_to(root).parts)
    )
    files = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths}
    digest = hashlib.sha256(_listing(package, files).encode()).hexdigest()
    return Sources(package, digest, files)


def _listing(package: str, files: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {package}/{name}\n" for name, digest in files.items())
