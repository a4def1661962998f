"""How large a file may be, so that no file can fill the memory: checked before and while it is read."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from typing import Final

from lesionhet.readers.table import fail, listed

MAX_FILE_BYTES: Final = 1 << 30
"""1 GiB. The largest tumour data sets of a trial have some hundred MB; a file is held in memory whole."""
MAX_COLUMNS: Final = 16_384
"""As in Excel. A table of lesions has some tens, a wide one some hundreds."""
MAX_ROWS: Final = 5_000_000
"""Five times what an Excel sheet can hold."""
MAX_CELLS: Final = 50_000_000
"""Rows times columns. A cell needs 8 bytes and its text about 50 more: at worst some 3 GB."""
MAX_TABLE_BYTES: Final = 1 << 32
"""4 GiB: the rows of a packed table once unpacked, blanks that fill text up included."""
MAX_LINE_CHARACTERS: Final = 1 << 24
"""Characters of one row of a text file, line breaks within quotes included: 1,000 for each of the
16,384 columns."""
MAX_ENTRIES: Final = 10_000
"""Files in a workbook's archive. A workbook of 100 sheets and their pictures has some hundreds."""
MAX_ENTRY_BYTES: Final = 1 << 29
"""512 MiB once unpacked: the XML of about 10 million cells, more than a person types."""
MAX_ARCHIVE_BYTES: Final = 1 << 30
"""1 GiB once unpacked, all files of the archive together."""
MAX_RATIO: Final = 200
"""Unpacked bytes for a packed one. Sheets reach 10 to 50; deflate cannot pass 1,032, which bombs aim at."""
RATIO_FREE_BYTES: Final = 1 << 23
"""8 MiB: below it the ratio says nothing, and a repetitive sheet may pack well."""

_PIECE: Final = 1 << 16
_ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!")
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_EMBEDDED: Final = "xl/embeddings/"
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    OverflowError,
)
_SPLIT: Final = "Remove the rows and columns that are not needed, or split the file by patient."
_SAVE: Final = "Open it in a spreadsheet program and save it anew as .xlsx."
_SUSPECT: Final = (
    "A workbook of a spreadsheet program is not like this. Ask where the file comes from; "
    "if it is yours, save the sheet as CSV."
)


def check_file_size(file: str, size: int) -> None:
    """Refuse a file that is too large to be held in memory.

    Parameters
    ----------
    file
        Name for messages.
    size
        Bytes.

    Raises
    ------
    InputError
        More than `MAX_FILE_BYTES`.

    Examples
    --------
    >>> check_file_size("t.csv", 10)
    """
    if size > MAX_FILE_BYTES:
        raise fail(
            file,
            f"the file has {in_words(size)}; {in_words(MAX_FILE_BYTES)} or less is expected.",
            _SPLIT,
        )


def check_columns(file: str, columns: int) -> None:
    """Refuse a table with more than `MAX_COLUMNS` columns.

    Raises
    ------
    InputError
        Too many.

    Examples
    --------
    >>> check_columns("t.csv", 20)
    """
    if columns > MAX_COLUMNS:
        raise fail(
            file,
            f"the table has {columns:,} columns; {MAX_COLUMNS:,} or fewer are expected.",
            "Check that the file is a table with one row a measurement, and the sign between its cells.",
        )


def check_cells(file: str, rows: int, columns: int) -> None:
    """Refuse a table that would not fit in memory; a reader calls it while it counts rows.

    Parameters
    ----------
    file
        Name for messages.
    rows, columns
        Size of the table, or what of it was read so far.

    Raises
    ------
    InputError
        More than `MAX_COLUMNS` columns, `MAX_ROWS` rows or `MAX_CELLS` cells.

    Examples
    --------
    >>> check_cells("t.csv", 1000, 20)
    >>> check_cells("t.csv", 10_000, 10_000)
    Traceback (most recent call last):
    ...
    lesionhet.errors.InputError: 1 problem found:
      - t.csv: the table has 10,000 rows of 10,000 cells or more; 50,000,000 cells or fewer are
      expected. Remove ...
    """
    check_columns(file, columns)
    if rows > MAX_ROWS:
        raise fail(
            file,
            f"the table has more than {MAX_ROWS:,} rows, empty ones between them included.",
            _SPLIT,
        )
    if rows * columns > MAX_CELLS:
        raise fail(
            file,
            f"the table has {rows:,} rows of {columns:,} cells or more; {MAX_CELLS:,} cells or fewer "
            "are expected.",
            _SPLIT,
        )


def in_limits(rows: int, columns: int, cells: int) -> bool:
    """Say whether `check_cells` lets a table of this size pass.

    Examples
    --------
    >>> in_limits(1000, 20, 20_000), in_limits(10_000, 10_000, 100_000_000)
    (True, False)
    """
    return columns <= MAX_COLUMNS and rows <= MAX_ROWS and cells <= MAX_CELLS


def check_table_bytes(file: str, size: int) -> None:
    """Refuse a packed table whose rows have more than `MAX_TABLE_BYTES` once unpacked.

    Parameters
    ----------
    file
        Name for messages.
    size
        Bytes that the rows need as the file states them.

    Raises
    ------
    InputError
        More than that.

    Examples
    --------
    >>> check_table_bytes("t.parquet", 10)
    """
    if size > MAX_TABLE_BYTES:
        raise fail(
            file,
            f"the table has {in_words(size)} once unpacked; {in_words(MAX_TABLE_BYTES)} or less is "
            "expected.",
            _SPLIT,
        )


def check_archive(file: str, data: bytes) -> None:
    """Refuse an archive (XLSX) that would not unpack into a workbook of sensible size.

    Everything is unpacked once, in small pieces that are thrown away: what the archive states about
    itself is not believed. Nothing is ever unpacked to disk.

    Parameters
    ----------
    file
        Name for messages.
    data
        The archive's bytes.

    Raises
    ------
    InputError
        Too many files, too large once unpacked, packed beyond what a sheet can be, a password, names that
        leave the folder or stand twice, an archive within the archive, or damaged parts.

    Examples
    --------
    >>> content = io.BytesIO()
    >>> with zipfile.ZipFile(content, "w") as archive:
    ...     archive.writestr("xl/workbook.xml", "<workbook/>")
    >>> check_archive("t.xlsx", content.getvalue())
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(file, entries, len(data))
            total = 0
            for entry in entries:
                total += _check_entry(file, archive, entry, total)
    except _DAMAGED as error:
        raise fail(file, f"the Excel workbook cannot be read ({error}).", _SAVE) from error


def _check_entries(file: str, entries: list[zipfile.ZipInfo], size: int) -> None:
    """Check what the archive's list of files states, before anything is unpacked."""
    if len(entries) > MAX_ENTRIES:
        found = f"the workbook's archive holds {len(entries):,} files"
        raise fail(file, f"{found}; {MAX_ENTRIES:,} or fewer are expected.", _SUSPECT)
    names = [entry.filename for entry in entries]
    if outside := [name for name in names if not _is_inside(name)]:
        raise fail(
            file,
            f"the workbook's archive has names outside its folder: {listed(outside)}.",
            _SUSPECT,
        )
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise fail(file, f"the workbook's archive holds a file twice: {listed(twice)}.", _SUSPECT)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise fail(file, "the workbook has a password.", "Save it as .xlsx without a password.")
    if any(entry.compress_type not in _PACKINGS for entry in entries):
        raise fail(
            file, "the workbook's archive is packed in a way that Excel does not use.", _SAVE
        )
    if sum(entry.compress_size for entry in entries) > size:
        raise fail(file, "the files in the workbook's archive overlap.", _SUSPECT)
    for entry in entries:
        _check_unpacked(file, entry.filename, entry.file_size, entry.compress_size)
    _check_sum(file, sum(entry.file_size for entry in entries))


def _check_entry(file: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, before: int) -> int:
    """Unpack one file of the archive, keep nothing, and give its size."""
    unpacked = 0
    with archive.open(entry) as content:
        while piece := content.read(_PIECE):
            nested = not unpacked and piece.startswith(_ARCHIVES)
            if nested and not entry.filename.startswith(_EMBEDDED):
                found = f"the workbook's archive holds another archive: '{entry.filename}'"
                raise fail(file, f"{found}.", _SUSPECT)
            unpacked += len(piece)
            _check_unpacked(file, entry.filename, unpacked, entry.compress_size)
            _check_sum(file, before + unpacked)
    return unpacked


def _check_unpacked(file: str, name: str, unpacked: int, packed: int) -> None:
    if unpacked > MAX_ENTRY_BYTES:
        raise fail(
            file,
            f"'{name}' in the workbook's archive has {in_words(unpacked)} or more once unpacked; "
            f"{in_words(MAX_ENTRY_BYTES)} or less is expected.",
            "Save the sheet as CSV.",
        )
    if unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * max(packed, 1):
        raise fail(
            file,
            f"'{name}' in the workbook's archive grows more than {MAX_RATIO} times when unpacked.",
            _SUSPECT,
        )


def _check_sum(file: str, unpacked: int) -> None:
    if unpacked > MAX_ARCHIVE_BYTES:
        raise fail(
            file,
            f"the workbook has {in_words(unpacked)} or more once unpacked; "
            f"{in_words(MAX_ARCHIVE_BYTES)} or less is expected.",
            "Save the sheet as CSV.",
        )


def _is_inside(name: str) -> bool:
    """Say whether a name stays within the archive's folder on every system."""
    parts = re.split(r"[/\\]", name)
    return bool(name) and ".." not in parts and not re.match(r"[/\\]|[A-Za-z]:", name)


def in_words(size: int) -> str:
    """Give a number of bytes as a person reads it.

    Examples
    --------
    >>> in_words(1 << 30), in_words(3 << 20), in_words(12)
    ('1.0 GiB', '3.0 MiB', '12 bytes')
    """
    for factor, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
