"""From a file to the raw cells of a table; one file a format."""

from __future__ import annotations

import hashlib
import importlib
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lesionhet.readers.formats.limits import check_file_size
from lesionhet.readers.formats.sniff import Format, check_format
from lesionhet.readers.frames import from_frame, from_frames
from lesionhet.readers.options import KNOWN_NAMES, ReadOptions, parse_mapping
from lesionhet.readers.table import Notice, RawTable, fail

__all__ = [
    "KNOWN_NAMES",
    "Notice",
    "RawTable",
    "ReadOptions",
    "from_frame",
    "from_frames",
    "parse_mapping",
    "read_bytes",
    "read_table",
]

_Reader = Callable[[str, str, bytes, ReadOptions], RawTable]

_READERS: Final[Mapping[Format, tuple[str, str]]] = {
    "text": ("delimited", "read_delimited"),
    "xlsx": ("excel", "read_excel"),
    "parquet": ("parquet", "read_parquet"),
    "xpt": ("sas", "read_xport"),
    "sas7bdat": ("sas", "read_sas7bdat"),
    "json": ("dataset_json", "read_dataset_json"),
    "ndjson": ("dataset_json", "read_ndjson"),
    "dsjc": ("dataset_json", "read_dsjc"),
}
"""Module and function of a format: only that of the file is loaded, and the library that it needs."""


def read_table(path: str | os.PathLike[str], options: ReadOptions | None = None) -> RawTable:
    r"""Read one table from a file.

    Parameters
    ----------
    path
        File whose name ends in .csv, .tsv, .txt, .tab, .xlsx, .xlsm, .parquet, .pq, .xpt, .sas7bdat,
        .json (Dataset-JSON), .ndjson or .dsjc.
    options
        How to read it; default `ReadOptions()`.

    Returns
    -------
    The raw cells: text from CSV and TSV, the file's own types from the other formats.

    Raises
    ------
    InputError
        The file cannot be read or is not what its name says; the message says how to mend it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "patients.csv")
    ...     _ = path.write_text("patient_id,arm\n007,A\n")
    ...     read_table(path).frame.iloc[0].tolist()
    ['007', 'A']
    """
    file = os.fspath(path)
    try:
        about = Path(path).stat()
        if stat.S_ISREG(about.st_mode):
            check_file_size(file, about.st_size)
            return read_bytes(file, Path(path).read_bytes(), options)
    except (OSError, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else _words(error)
        raise fail(file, f"{reason}.", "Check the name and the folder.") from error
    # A pipe or a device may never end.
    what = "a folder" if stat.S_ISDIR(about.st_mode) else "a pipe or a device"
    raise fail(file, f"this is {what}; a file is expected.", "Name the file itself.")


def _words(error: OSError | ValueError) -> str:
    return str(getattr(error, "strerror", None) or error)


def read_bytes(file: str, data: bytes, options: ReadOptions | None = None) -> RawTable:
    """Read one table from the bytes of a file, such as one that was uploaded.

    Parameters
    ----------
    file
        Name of the file; its ending says the format.
    data
        Content.
    options
        How to read it; default `ReadOptions()`.

    Raises
    ------
    InputError
        As `read_table`.
    """
    check_file_size(file, len(data))
    module, function = _READERS[check_format(file, data)]
    read: _Reader = getattr(
        importlib.import_module(f"lesionhet.readers.formats.{module}"), function
    )
    return read(file, hashlib.sha256(data).hexdigest(), data, options or ReadOptions())
