"""Compiles the C sources when the package is installed; by hand: python scripts/build_hook.py.

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
SOURCES = (
    Path("lesionhet/statistics/efron.c"),
    Path("lesionhet/statistics/comparable_pairs.c"),
    Path("lesionhet/gower_pairs.c"),
    Path("lesionhet/noise/many_copies.c"),
)
# No two operations made one: the same bits on every processor.
FLAGS = ["-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off"]
NONE = "No C compiler was found; Cox models, distances and noise are computed by NumPy."


def compile_libraries(root: Path = ROOT) -> list[Path]:
    """Compile each library beside its source; give their paths, none where no compiler could."""
    own = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    for compiler in dict.fromkeys([own, "cc", "gcc", "clang"]):
        made = [_compile(shlex.split(compiler), root / source) for source in SOURCES]
        if all(made):
            return [path for path in made if path is not None]
    return []


def _compile(compiler: list[str], source: Path) -> Path | None:
    target = source.with_name(source.stem + (sysconfig.get_config_var("EXT_SUFFIX") or ".so"))
    command = [*compiler, *FLAGS, str(source), "-o", str(target), "-lm"]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return target


class CompileHook(Hook):  # type: ignore[misc]
    """What hatchling calls before it packs or links the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put the library into the wheel, which is then one for this platform."""
        if self.target_name != "wheel":
            return
        made = compile_libraries(Path(self.root))
        if not made:
            self.app.display_warning(f"lesionhet: {NONE}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            paths = (target.relative_to(self.root).as_posix() for target in made)
            build_data["artifacts"].extend(f"/{path}" for path in paths)


if __name__ == "__main__":
    found = compile_libraries()
    print(*found or [NONE], sep="\n")
    sys.exit(0 if found else 1)
