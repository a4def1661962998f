"""Tables of a part as Parquet files: the same types in every part, whole or not there."""

from __future__ import annotations

import uuid
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table; a file of that name is there whole or not at all, also when the process is killed.

    Parameters
    ----------
    table
        Columns of numbers, flags, or texts with None. A column of texts stays one where all are missing,
        so that the files of all parts have the same types. The index is not written.
    path
        File to write or replace.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "t.parquet")
    ...     write_parquet(pd.DataFrame({"site": [None], "n": [1]}, dtype=object).astype({"n": int}), path)
    ...     pq.read_schema(path).types
    [DataType(string), DataType(int64)]
    """
    fields = [
        pa.field(str(name), pa.string() if table[name].dtype == object else _type(table[name]))
        for name in table.columns
    ]
    found = pa.Table.from_pandas(table, schema=pa.schema(fields), preserve_index=False)
    # Two processes may write the same file where the first one was taken for dead.
    fresh = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    pq.write_table(found.replace_schema_metadata(None), fresh)
    fresh.replace(path)


def remove_begun(folder: Path) -> None:
    """Remove what `write_parquet` had begun in processes that were killed.

    Parameters
    ----------
    folder
        In which nobody writes any more.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.parquet", ".a.parquet-0f"):
    ...         Path(folder, name).touch()
    ...     remove_begun(Path(folder))
    ...     [path.name for path in Path(folder).iterdir()]
    ['a.parquet']
    """
    for path in folder.glob(".*.parquet-*"):
        path.unlink(missing_ok=True)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read what `write_parquet` wrote: texts as objects with None."""
    table = pq.read_table(path)
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    # A text that stands in many rows is kept once.
    frame = table.to_pandas(ignore_metadata=True, deduplicate_objects=True)
    for name in texts:
        column = frame[name].astype(object)
        frame[name] = column.where(column.notna(), None)
    return pd.DataFrame(frame)


def _type(column: pd.Series) -> pa.DataType:
    return pa.from_numpy_dtype(column.dtype)
