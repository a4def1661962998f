"""The distance of lesions that have nothing to do with each other: patients put together at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.noise.batch import Layout, distances, layout_of
from lesionhet.noise.model import ROWS_AT_ONCE
from lesionhet.noise.null import SLACK
from lesionhet.noise.uniform import Stream
from lesionhet.phases import Floats, Integers
from lesionhet.results import Reassembled
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

Tables = dict[str, pd.DataFrame]


def reassembled_tables(
    data: pd.DataFrame, draws: int, seeds: Sequence[int], **rules: Any
) -> Tables:
    """Answer a ``reassembled`` request.

    Parameters
    ----------
    data
        One row a lesion: ``patient``, ``level`` (class of its patient from 1; 0: not compared, counts for
        a range over the cohort only), ``group`` of its patient in the table, from 1, and the five response
        variables; rows of a patient are together.
    draws
        How often the lesions are dealt out anew within their class.
    seeds
        Start values of the random numbers.
    rules
        Of the distance.

    Returns
    -------
    dict
        The tables of `lesionhet.results.Reassembled`.
    """
    level = data["level"].to_numpy(dtype=np.int64)
    layout = layout_of(data.assign(lesion=np.arange(1, len(data) + 1)))
    of_patient = data.drop_duplicates("patient").set_index("patient").loc[layout.patients]
    kept = of_patient["level"].to_numpy() > 0
    values = data[list(RESPONSE_VARIABLES)].to_numpy(dtype=float).T
    as_given = np.arange(len(data))[None, :]
    observed = _distances(values, as_given, layout, rules)[0][kept]
    stream, at_once = Stream(seeds), max(1, ROWS_AT_ONCE // len(level))
    numbers = [min(at_once, draws - start) for start in range(0, draws, at_once)]
    parts = (_distances(values, _dealt(level, stream, n), layout, rules) for n in numbers)
    found = np.vstack([part[:, kept] for part in parts])
    classes, groups = (of_patient[name].to_numpy()[kept] for name in ("level", "group"))
    several = len(layout.patients)
    whole = {**_means(observed, found), "not_compared": several - len(observed)}
    by_group = [
        {"group": group, **_means(observed[groups == group], found[:, groups == group])}
        for group in np.unique(groups)
    ]
    shapes = Reassembled.SHAPES
    return {
        "cohort": pd.DataFrame([whole], columns=list(shapes["cohort"].numbers)),
        "groups": pd.DataFrame(by_group),
        "patients": _patients(layout.patients[kept], observed, found, classes),
    }


def _dealt(level: Integers, stream: Stream, draws: int) -> Integers:
    """Give, draw by draw, which lesion takes each place; classes stay apart, class 0 stays put."""
    random = stream.take(draws * len(level)).reshape(draws, len(level))
    there = np.flatnonzero(level > 0)
    # By class, then by the random number.
    shuffled = there[_ascending(level[there] + random[:, there])]
    dealt = np.tile(np.arange(len(level)), (draws, 1))
    dealt[:, there[np.argsort(level[there], kind="stable")]] = shuffled
    return dealt


def _ascending(keys: Floats) -> Integers:
    """Give the order of each row of numbers; equal ones stay as they are."""
    order = np.argsort(keys, axis=1)
    in_order = np.take_along_axis(keys, order, axis=1)
    # The fast sort does not say what it does with equal numbers: they are next to none.
    if (in_order[:, 1:] == in_order[:, :-1]).any():
        order = np.argsort(keys, axis=1, kind="stable")
    return order


def _distances(values: Floats, dealt: Integers, layout: Layout, rules: Any) -> Floats:
    n = len(PHASES)
    variables = [(row > 0 if i < n else row)[dealt] for i, row in enumerate(values)]
    return distances(variables, layout, rules)


def _means(observed: Floats, found: Floats) -> dict[str, Any]:
    """Compare a mean with those of the patients put together at random, draw by draw."""
    means, mean = found.mean(axis=1), float(observed.mean())
    rarer = min((means <= mean + SLACK).sum(), (means >= mean - SLACK).sum())
    low, high = np.quantile(means, (0.025, 0.975))
    return {
        "n": len(observed),
        "distance": mean,
        "expected_distance": float(means.mean()),
        "null_low": low,
        "null_high": high,
        "p_value": min(1.0, 2 * (1 + int(rarer)) / (1 + len(means))),
    }


def _patients(codes: Integers, observed: Floats, found: Floats, classes: Integers) -> pd.DataFrame:
    """Say where each patient stands among the patients put together at random in its class."""
    at_most, at_least = np.empty(len(observed)), np.empty(len(observed))
    for level in np.unique(classes):
        own = np.flatnonzero(classes == level)
        pool = np.sort(found[:, own], axis=None)
        at_most[own] = np.searchsorted(pool, observed[own] + SLACK, side="right") / len(pool)
        at_least[own] = 1 - np.searchsorted(pool, observed[own] - SLACK, side="left") / len(pool)
    return pd.DataFrame(
        {
            "patient": codes,
            "share_at_most": at_most,
            "share_at_least": at_least,
        }
    )
