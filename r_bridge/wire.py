"""What the two processes say to each other, and how it is framed.

Both ends are started by the same program from the same files and talk over a private pipe, so pickle
is safe here. Only the standard library is used: the R process needs neither NumPy nor pandas.
"""

from __future__ import annotations

import pickle
import struct
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from io import RawIOBase
from typing import Any, Final, Literal

Kind = Literal["double", "integer", "logical", "character"]

NA_INTEGER: Final = -(2**31)
"""R's NA of integer and logical vectors, which therefore hold no such number."""
NA_REAL_BITS: Final = 0x7FF0_0000_0000_07A2
"""R's NA of doubles: the NaN whose lower word is 1954."""
ARRAY_CODES: Final[Mapping[Kind, str]] = {"double": "d", "integer": "i", "logical": "i"}
HEADER: Final = struct.Struct("!Q")


@dataclass(frozen=True)
class Vector:
    """One R vector.

    Parameters
    ----------
    kind
        R's type.
    values
        ``array("d")`` for doubles, ``array("i")`` for integers and logicals (NA is ``NA_INTEGER``),
        a list of texts and None for characters.
    """

    kind: Kind
    values: array[Any] | list[str | None]


Frame = Mapping[str, Vector]
"""Columns of one table by name, all of the same length."""


@dataclass(frozen=True)
class Start:
    """First message to the R process: R files to read, R packages whose versions are asked for."""

    sources: Mapping[str, str]
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Started:
    """R runs; versions by name, None for a package that is not installed."""

    versions: Mapping[str, str | None]
    scratch: str


@dataclass(frozen=True)
class Refused:
    """R cannot be used: which part is missing, and what was said."""

    part: Literal["rpy2", "R"]
    reason: str


@dataclass(frozen=True)
class Call:
    """One call of a function of the R files."""

    function: str
    data: Frame
    options: Mapping[str, Vector]


@dataclass(frozen=True)
class Answer:
    """What the function gave."""

    tables: Mapping[str, Frame]
    method: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """Why the function gave nothing.

    Parameters
    ----------
    message
        R's words.
    not_estimable
        The data are the reason, not the call.
    what, reason, terms
        Of a refusal: what was asked for, why it has no answer, positions of the terms at fault.
    """

    message: str
    not_estimable: bool = False
    what: str = ""
    reason: str = ""
    terms: tuple[int, ...] = ()


def send(stream: RawIOBase, message: object) -> None:
    """Write one message: its length in 8 bytes, then itself."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    rest = memoryview(HEADER.pack(len(body)) + body)
    while rest:
        rest = rest[stream.write(rest) or 0 :]


def receive(stream: RawIOBase) -> Any:
    """Read one message.

    Raises
    ------
    EOFError
        The other side is gone.
    """
    (length,) = HEADER.unpack(_read(stream, HEADER.size))
    return pickle.loads(_read(stream, length))  # noqa: S301  (see the module's first lines)


def _read(stream: RawIOBase, length: int) -> bytearray:
    found = bytearray(length)
    rest = memoryview(found)
    while rest:
        count = stream.readinto(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return found
