"""The error of a measured size, and sizes measured with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.noise.batch import Layout
from lesionhet.noise.copies import to_normal
from lesionhet.noise.course import common_course
from lesionhet.noise.recording import Recording
from lesionhet.noise.uniform import Stream
from lesionhet.phases import Flags, Floats

ROWS_AT_ONCE: Final = 200_000
"""Sizes held in memory together: bounds the memory whatever the number of copies."""


def error_of(size: Floats, recording: Recording, log_sd: float, sd_mm: float) -> Floats:
    """Give the SD of the natural log of measured sizes.

    Parameters
    ----------
    size
        n sizes in mm; below the floor of the recording the floor counts.
    recording
        How sizes are written down.
    log_sd
        Part of the error in proportion to the size, as an SD of the natural log.
    sd_mm
        Part of the error that is the same for all sizes, in mm.

    Returns
    -------
    numpy.ndarray
        sqrt(log_sd^2 + (sd_mm / size)^2).

    Examples
    --------
    >>> error_of(np.array([10.0, 20.0]), Recording(1.0, 5.0, 0.0), 0.0, 2.0).tolist()
    [0.2, 0.1]
    """
    return np.asarray(np.hypot(log_sd, sd_mm / np.maximum(size, recording.floor_mm)))


@dataclass(frozen=True, eq=False)
class Model:
    """What is measured, and how.

    Parameters
    ----------
    log_size, log_sd
        n true sizes (ln mm) and their errors.
    kept
        n flags: sizes that stay as they are.
    may_vanish
        n flags: sizes that are recorded as 0 where they are too small.
    recording
        How sizes are written down.
    as_recorded
        n sizes in mm, used where ``kept``.
    """

    log_size: Floats
    log_sd: Floats
    kept: Flags
    may_vanish: Flags
    recording: Recording
    as_recorded: Floats


def alike(
    data: pd.DataFrame, layout: Layout, recording: Recording, log_sd: float, sd_mm: float
) -> Model:
    """Let every lesion follow its patient's common course; see `common_course`.

    A lesion that was chosen had a size at its baseline, whatever the error.
    """
    course = common_course(data, recording)
    baseline = np.zeros(layout.rows, dtype=bool)
    baseline[layout.order[: layout.ends[0]]] = True
    error = error_of(course, recording, log_sd, sd_mm)
    none = np.zeros(layout.rows, dtype=bool)
    return Model(np.log(course), error, none, ~baseline, recording, course)


def once_more(data: pd.DataFrame, recording: Recording, log_sd: float, sd_mm: float) -> Model:
    """Measure the recorded sizes once more; what is 0 or too small to be measured stays so."""
    size = data["size_mm"].to_numpy(dtype=float)
    small = size <= recording.floor_mm
    error = error_of(size, recording, log_sd, sd_mm)
    never = np.zeros(len(size), dtype=bool)
    return Model(np.log(np.where(small, 1.0, size)), error, small, never, recording, size)


def measured(model: Model, stream: Stream, times: float, copies: int) -> Iterator[Floats]:
    """Measure the sizes of a cohort many times, a few copies at a time.

    Parameters
    ----------
    model
        n true sizes with their errors.
    stream
        Random numbers; one a size, copy by copy.
    times
        Factor on the errors.
    copies
        How many.

    Yields
    ------
    numpy.ndarray
        Copies x n sizes in mm, as they would be written down.
    """
    n = len(model.log_size)
    at_once = max(1, ROWS_AT_ONCE // n)
    error = times * model.log_sd
    always, kept = np.flatnonzero(~model.may_vanish & ~model.kept), np.flatnonzero(model.kept)
    for start in range(0, copies, at_once):
        number = min(at_once, copies - start)
        sizes = stream.take(number * n).reshape(number, n)
        # Copy by copy: one stays near the processor through all steps.
        for size in sizes:
            to_normal(size)
            size *= error
            size += model.log_size
            np.exp(size, out=size)
            there = model.recording.record(size[always], may_vanish=False)
            model.recording.record(size)
            size[always] = there
            size[kept] = model.as_recorded[kept]
        yield sizes
