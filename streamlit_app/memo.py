"""Results that one session has already computed, few enough to fit into memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Memo:
    """A memory of a fixed size: what was not used for longest goes first.

    It lives in the state of one session and ends with it; nothing in it can be listed or reached by
    another session.

    Parameters
    ----------
    size
        Results kept, 1 or more.

    Examples
    --------
    >>> memo = Memo(size=1)
    >>> memo.get("a", lambda: 1), memo.get("a", lambda: 2)
    (1, 1)
    >>> memo.get("b", lambda: 3), memo.get("a", lambda: 4)
    (3, 4)
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def get(self, key: str, compute: Callable[[], T]) -> T:
        """Give what is kept under a key, or compute and keep it; an error is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return cast("T", self._kept[key])
        found = compute()
        self._kept[key] = found
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._kept
