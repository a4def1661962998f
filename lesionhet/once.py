"""What was computed of an object is kept for as long as the object is there."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Hashable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once_per_object(function: Callable[P, T]) -> Callable[P, T]:
    """Call a function once for its first argument, by identity, and the hashable others.

    The first argument is given by place and must be frozen; the result must not be changed by who gets
    it: the next one gets the same. A call that raises is not kept. Results go with the object: this holds
    nothing alive.

    Examples
    --------
    >>> class Trial: ...
    >>> calls = []
    >>> @once_per_object
    ... def size(trial, day):
    ...     calls.append(day)
    ...     return 10 * day
    >>> trial = Trial()
    >>> size(trial, 1), size(trial, 1), size(trial, 2), calls
    (10, 10, 20, [1, 2])
    """
    kept: weakref.WeakKeyDictionary[Any, dict[Hashable, T]] = weakref.WeakKeyDictionary()

    @functools.wraps(function)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        subject, *others = args
        known = kept.setdefault(subject, {})
        key: Hashable = (*others, *sorted(kwargs.items()))
        if key not in known:
            known[key] = function(*args, **kwargs)
        return known[key]

    return found
