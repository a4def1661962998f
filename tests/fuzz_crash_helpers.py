"""A target that kills its process, so that a test can see what the fuzzer says of it."""

from __future__ import annotations

import ctypes

from fuzz_helpers import Files, Target


def _read(files: Files) -> None:
    if files["t.csv"] == b"1":
        ctypes.string_at(0)


class _Numbered(Target):
    """Gives its number as the file."""

    def case(self, number: int) -> dict[str, bytes]:
        return {"t.csv": str(number).encode()}


def add(targets: dict[str, Target]) -> None:
    """Put the target beside the others; only where a test asks for it."""
    targets["crash"] = _Numbered("crash", lambda: (), (), _read)
