"""Text from data, made safe for places that read Markdown."""

from __future__ import annotations

import re
from typing import Final

_SIGNS: Final = re.compile(r"([!-/:-@\[-`{-~])")
_JOINER: Final = "\u2060"
"""A word joiner: it has no width, and keeps ``:name:`` from being read as an emoji or an icon."""


def escape(text: object) -> str:
    r"""Make a text print as it stands where Streamlit reads Markdown.

    Parameters
    ----------
    text
        Anything; its ``str`` is used. Line breaks become spaces.

    Returns
    -------
    str
        Every sign of punctuation after a backslash; a word joiner after each colon, so that neither
        emoji, icons, colours, formulas, links, pictures nor HTML come of it.

    Examples
    --------
    >>> print(escape("a*b* <i>"))
    a\*b\* \<i\>
    """
    flat = " ".join(str(text).split())
    return _SIGNS.sub(r"\\\1", flat).replace(":", f":{_JOINER}")


def lines(text: str) -> str:
    """Make a text of several lines print line by line, each as it stands."""
    return "  \n".join(escape(line) for line in text.splitlines())
