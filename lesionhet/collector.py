"""Fewer passes of Python's collector while one command makes many objects that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (50_000, 20, 20)
"""In place of Python's 700, 10, 10: of the youngest objects, and of passes over those that stayed."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the collector look for unused cycles rarely; as before at the end of the block.

    A run keeps nearly all that it makes, and makes few cycles: looking at it all again and again costs a
    tenth of the time and finds nothing. Objects without a cycle go at once, as ever.

    Examples
    --------
    >>> before = gc.get_threshold()
    >>> with rare_collections():
    ...     gc.get_threshold()
    (50000, 20, 20)
    >>> gc.get_threshold() == before
    True
    """
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
