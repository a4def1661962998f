"""What a reader says of a file."""

from __future__ import annotations

import pytest

from lesionhet.errors import InputError
from lesionhet.readers import RawTable, ReadOptions, read_bytes


def refused(file: str, data: bytes, options: ReadOptions | None = None) -> str:
    """Give the text of the one problem for which a file is refused."""
    with pytest.raises(InputError) as caught:
        read_bytes(file, data, options)
    return str(caught.value).removeprefix("1 problem found:\n  - ")


def texts(table: RawTable) -> list[str]:
    """Give the texts of a table's notices."""
    return [notice.text for notice in table.notices]
