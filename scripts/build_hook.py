"""Compiles lesionhet/statistics/efron.c when the package is installed; by hand: python scripts/build_hook.py.

Without a C compiler the package works as well: the same numbers come from NumPy, some ten times slower.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Hook
except ImportError:  # run by hand, where hatchling is not installed
    Hook = object

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("lesionhet/statistics/efron.c")
FLAGS = ["-O3", "-fPIC", "-shared", "-fvisibility=hidden"]


def compile_library(root: Path = ROOT) -> Path | None:
    """Compile the library beside its source; give its path, or None where no compiler could."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX") or ".so"
    source = root / SOURCE
    target = source.with_name(f"efron{suffix}")
    own = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    for compiler in dict.fromkeys([own, "cc", "gcc", "clang"]):
        command = [*shlex.split(compiler), *FLAGS, str(source), "-o", str(target), "-lm"]
        try:
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError):
            continue
        return target
    return None


class CompileHook(Hook):  # type: ignore[misc]
    """What hatchling calls before it packs or links the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put the library into the wheel, which is then one for this platform."""
        if self.target_name != "wheel":
            return
        target = compile_library(Path(self.root))
        if target is None:
            self.app.display_warning("lesionhet: no C compiler; Cox models are computed by NumPy.")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            build_data["artifacts"].append(f"/{target.relative_to(self.root).as_posix()}")


if __name__ == "__main__":
    found = compile_library()
    print(found or "No C compiler was found; Cox models are computed by NumPy.")
    sys.exit(0 if found else 1)
