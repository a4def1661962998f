"""The two tables of one part, also where it has patients without lesions only."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lesionhet.readers import RawTable, ReadOptions, read_table
from lesionhet.readers.choosing.headings import heading_of
from lesionhet.readers.shape.arrange import arrange
from lesionhet.readers.shape.pair import Pair, read_pair
from lesionhet.readers.table import UNNAMED_INDEX
from lesionhet.scale.parts import Part


def read_part(part: Part, options: ReadOptions) -> Pair:
    """Read the two files of a part; that of the lesions may be without any row where patients are not.

    Parameters
    ----------
    part, options
        Its files, and how to read them.
    """
    if part.patients is None or not _without_rows(part.lesions):
        return read_pair(part.lesions, part.patients, options)
    data = Path(part.lesions).read_bytes()
    headings = [name for name in pq.read_schema(part.lesions).names if name != UNNAMED_INDEX]
    lesions = RawTable(
        pd.DataFrame(columns=headings, dtype=object),
        part.lesions,
        hashlib.sha256(data).hexdigest(),
        np.empty(0, dtype=np.int64),
    )
    described = read_table(part.patients, options.for_patients())
    if heading_of("visit", headings, options.mapping) is not None:
        options = replace(options, visit_days={})  # No row has the visits that are given a day.
    lesions, patients = arrange(lesions, described, options)
    frame = lesions.frame
    if heading_of("day", list(frame.columns), options.mapping) is None:
        frame = frame.assign(day=None)  # In the other parts the visits name the days.
    return Pair(replace(lesions, frame=frame, size_columns=None), patients)


def _without_rows(path: str) -> bool:
    try:
        return int(pq.read_metadata(path).num_rows) == 0
    except (OSError, pa.ArrowException):
        return False  # The reader says what is wrong with it.
