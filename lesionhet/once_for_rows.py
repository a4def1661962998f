"""An answer that is asked for twice, once to make further questions of it, is computed once."""

from __future__ import annotations

import functools
import hashlib
import weakref
from collections.abc import Callable
from typing import Any

import pandas as pd

Tables = dict[str, pd.DataFrame]


def once(compute: Callable[..., Tables]) -> Callable[..., Tables]:
    """Remember the answers of a statistic for as long as the frame with its rows is there.

    Parameters
    ----------
    compute
        A function of rows and options without side effects.

    Returns
    -------
    callable
        The same function; each call gives tables of its own. An answer is found again by the frame itself,
        its content and the options, and goes with the frame: this holds nothing alive.

    Examples
    --------
    >>> calls = []
    >>> count = once(lambda data: calls.append(1) or {"n": data + 1})
    >>> rows = pd.DataFrame({"x": [1.0, 2.0]})
    >>> _ = count(rows), count(rows), count(rows.copy())
    >>> len(calls)
    2
    """
    kept: dict[int, dict[str, Tables]] = {}

    @functools.wraps(compute)
    def remembered(data: pd.DataFrame, **options: Any) -> Tables:
        if id(data) not in kept:
            kept[id(data)] = {}
            weakref.finalize(data, kept.pop, id(data), None).atexit = False
        known = kept[id(data)]
        key = fingerprint(data, options)
        if key not in known:
            known[key] = compute(data, **options)
        return {name: table.copy() for name, table in known[key].items()}

    return remembered


def fingerprint(data: pd.DataFrame, options: dict[str, Any]) -> str:
    """Give a text that tells the content of a frame and the options from any others."""
    text = repr((list(data.columns), list(map(str, data.dtypes)), sorted(options.items())))
    digest = hashlib.sha256(text.encode())
    digest.update(pd.util.hash_pandas_object(data, index=False).to_numpy().tobytes())
    return digest.hexdigest()
