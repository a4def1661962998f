"""What is being done, shown where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str], None]


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show what is being done on a terminal, and leave nothing behind; elsewhere stay silent."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from tqdm import tqdm

    with tqdm(bar_format="{elapsed} {desc}", leave=False, file=sys.stderr) as bar:
        yield lambda text: bar.set_description_str(text)
