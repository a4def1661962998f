"""Parquet: columns keep their types."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lesionhet.readers.options import ReadOptions
from lesionhet.readers.table import RawTable, fail, finish


def read_parquet(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    """Read the bytes of a Parquet file.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    data
        The file's bytes.
    options
        Not used: Parquet states its own types.

    Raises
    ------
    InputError
        A damaged file, no rows, or a heading that stands twice.
    """
    del options
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise fail(
            file, f"the Parquet file cannot be read ({error}).", "Write it anew; it is damaged."
        ) from error
    # Row labels that pandas stored become columns again, and whole numbers stay whole beside nulls.
    frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    frame.columns = [str(name) for name in frame.columns]
    return finish(file, sha256, frame, np.arange(2, len(frame) + 2))
