"""Parquet: columns keep their types."""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lesionhet.errors import InputError, Problem
from lesionhet.readers.formats.limits import check_cells, check_table_bytes
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.table import RawTable, fail, finish

_DAMAGED: Final = (
    pa.ArrowException,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
)
_TEXT: Final = "Write it as a column of text, numbers or dates, or leave it out."


def read_parquet(file: str, sha256: str, data: bytes, options: ReadOptions) -> RawTable:
    """Read the bytes of a Parquet file.

    Integers, decimals, dates and date-times keep their types. What pandas stored beside the columns is not
    looked at, so that nothing in the file decides what is run.

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
        A damaged file, nested columns or columns of bytes, too many cells, no rows, or a heading that
        stands twice.
    """
    del options
    try:
        opened = pq.ParquetFile(io.BytesIO(data), page_checksum_verification=True)
        _check_size(file, opened.metadata)
        schema = opened.schema_arrow
        _check_types(file, schema)
        # A long text that stands in many rows is kept once, as it is in the file.
        texts = [field.name for field in schema if _is_text(field.type)]
        opened = pq.ParquetFile(
            io.BytesIO(data), page_checksum_verification=True, read_dictionary=texts
        )
        table = opened.read()
        table.validate(full=True)
        frame = _frame(table)
    except _DAMAGED as error:
        text = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
        raise fail(
            file, f"the Parquet file cannot be read ({text}).", "Write it anew; it is damaged."
        ) from error
    return finish(file, sha256, frame, np.arange(2, len(frame) + 2))


def _check_size(file: str, about: Any) -> None:
    """Check what the file states of its size, before anything is unpacked."""
    check_cells(file, about.num_rows, about.num_columns)
    groups = [about.row_group(at) for at in range(about.num_row_groups)]
    check_table_bytes(file, sum(max(group.total_byte_size, 0) for group in groups))


def _check_types(file: str, schema: Any) -> None:
    problems = []
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        what = None
        if isinstance(kind, pa.BaseExtensionType):
            what = f"values of a type of its own ({kind.extension_name})"
        elif pa.types.is_nested(kind):
            what = f"lists or records ({kind})"
        elif _is_bytes(kind):
            what = "bytes"
        if what is not None:
            problems.append(Problem(file, str(field.name), f"the column holds {what}.", _TEXT))
    if problems:
        raise InputError(problems)


def _is_bytes(kind: Any) -> bool:
    checks = (
        pa.types.is_binary,
        pa.types.is_large_binary,
        pa.types.is_fixed_size_binary,
        pa.types.is_binary_view,
    )
    return any(check(kind) for check in checks)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _frame(table: Any) -> pd.DataFrame:
    """Give the columns as objects of Python; row labels that pandas stored become columns again."""
    frame = table.to_pandas(
        ignore_metadata=True, integer_object_nulls=True, timestamp_as_object=True
    )
    names = [str(name) for name in frame.columns]
    # Categories of text become text again; an empty text is an empty cell.
    columns = {at: frame.iloc[:, at].astype(object) for at in range(frame.shape[1])}
    columns = {at: cells.where(cells != "", None) for at, cells in columns.items()}
    frame = pd.DataFrame(columns, index=frame.index)
    frame.columns = pd.Index(names, dtype=object)
    return frame
