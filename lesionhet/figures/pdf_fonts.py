"""Fonts inside PDFs: cut out of the font file once for many figures, not anew for each.

Matplotlib embeds of a font the letters that a figure has, and to cut them out takes longer than all the
rest of the file. Here the letters that most figures have go into each, so that one cut serves them all. This
reaches into a private function of matplotlib: where it is not the one known here, nothing is changed.
"""

from __future__ import annotations

import inspect
import io
import string
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any, Final

from matplotlib.backends import _backend_pdf_ps
from matplotlib.font_manager import get_font

LIGATURES: Final = "ﬀﬁﬂﬃﬄ"
"""What a font may draw in place of "ff", "fi", "fl", "ffi" and "ffl"."""
COMMON: Final = (
    string.ascii_letters + string.digits + string.punctuation + " –—−×·±≤≥µ’…" + LIGATURES
)
"""What is embedded of a font whether a figure has it or not."""

_active: ContextVar[bool] = ContextVar("common letters are embedded", default=False)
_cut = getattr(_backend_pdf_ps, "get_glyphs_subset", None)


@contextmanager
def common_letters() -> Iterator[None]:
    """Embed the common letters in the PDFs of this block, and in no others of the program.

    Examples
    --------
    >>> with common_letters():
    ...     _active.get()
    True
    >>> _active.get()
    False
    """
    token = _active.set(True)
    try:
        yield
    finally:
        _active.reset(token)


def _get_glyphs_subset(fontfile: Any, glyphs: Collection[int]) -> AbstractContextManager[Any]:
    assert _cut is not None  # noqa: S101  installed only where it is
    if not _active.get():
        return _cut(fontfile, glyphs)  # type: ignore[no-any-return]
    content, found = _once(fontfile, frozenset(glyphs) | _common_glyphs(fontfile))
    # A font of its own for each: to write one changes it. The hour stays out of the file.
    font = type(found.font)(io.BytesIO(content), recalcTimestamp=False)
    return nullcontext(found._replace(font=font))


@lru_cache(maxsize=64)
def _once(fontfile: Any, glyphs: frozenset[int]) -> tuple[bytes, Any]:
    """Cut glyphs out of a font; give the bytes, and matplotlib's answer with its font closed."""
    assert _cut is not None  # noqa: S101  installed only where it is
    with _cut(fontfile, glyphs) as found:
        return _backend_pdf_ps.font_as_file(found.font).getvalue(), found


@cache
def _common_glyphs(fontfile: Any) -> frozenset[int]:
    font = get_font(fontfile)
    return frozenset(filter(None, (font.get_char_index(ord(letter)) for letter in COMMON)))


if _cut is not None and list(inspect.signature(_cut).parameters) == ["fontfile", "glyphs"]:
    _backend_pdf_ps.get_glyphs_subset = _get_glyphs_subset
