"""Data frames in memory, for notebooks and the web page: the same table as from a file."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from lesionhet.readers.table import Notice, RawTable, finish, listed


def from_frame(frame: pd.DataFrame, name: str) -> RawTable:
    """Take one data frame as a raw table.

    Parameters
    ----------
    frame
        n rows, one column a heading. Named index levels count as columns, with a notice.
    name
        Name for messages, such as ``"lesions"``. Row 2 in a message is the frame's first row, as if
        the frame had been saved with its heading.

    Raises
    ------
    InputError
        No rows, or a heading that stands twice.

    Examples
    --------
    >>> from_frame(pd.DataFrame({"patient_id": ["P1"]}), "patients").rows.tolist()
    [2]
    """
    notices = []
    levels = [str(level) for level in frame.index.names if level is not None]
    if levels:
        frame = frame.reset_index()
        notices.append(Notice("note", f"{name}: the index {listed(levels)} is read as columns."))
    else:
        frame = frame.reset_index(drop=True)
    frame.columns = pd.Index([str(column) for column in frame.columns], dtype=object)
    digest = hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
    return finish(name, digest, frame, np.arange(2, len(frame) + 2), notices)


def from_frames(
    lesions: pd.DataFrame, patients: pd.DataFrame | None = None
) -> tuple[RawTable, RawTable | None]:
    """Take two data frames as raw tables named "lesions" and "patients"."""
    return (
        from_frame(lesions, "lesions"),
        None if patients is None else from_frame(patients, "patients"),
    )
