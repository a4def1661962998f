"""What chance does to the bytes of a file, and to the text in it."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable

import numpy as np

Mutation = Callable[[bytes, random.Random], bytes]

# Mutations of bytes, whatever they are.


def flip_bits(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def delete_chunk(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.sample(range(len(data) + 1), 2))
    return data[:start] + data[min(end, start + chance.choice((1, 4, 80, 10_000))) :]


def double_chunk(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.sample(range(len(data) + 1), 2))
    return data[:end] + data[start:end] * chance.choice((1, 1, 3)) + data[end:]


def move_chunk(data: bytes, chance: random.Random) -> bytes:
    a, b, c = sorted(chance.sample(range(len(data) + 1), 3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def overwrite(data: bytes, chance: random.Random) -> bytes:
    piece = bytes([chance.choice((0, 0, 255, 127, 128, 32, 1))]) * chance.choice((1, 2, 4, 8, 80))
    at = chance.randrange(len(data))
    return data[:at] + piece + data[at + len(piece) :]


def number(data: bytes, chance: random.Random) -> bytes:
    """Write a number at the edge of a type over what is there."""
    shape = chance.choice(("<H", ">H", "<I", ">I", "<Q", ">Q", "<d", ">d"))
    bits = 8 * struct.calcsize(shape)
    edge = chance.choice(
        (0, 1, 2 ** (bits - 1) - 1, 2 ** (bits - 1), 2**bits - 1, 2 ** (bits // 2))
    )
    value = chance.choice((np.inf, -np.inf, np.nan, 1e308, -0.0)) if shape[1] == "d" else edge
    piece = struct.pack(shape, value)
    at = chance.randrange(max(len(data) - len(piece), 1))
    return data[:at] + piece + data[at + len(piece) :]


BYTES: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits,
    truncate,
    delete_chunk,
    double_chunk,
    move_chunk,
    overwrite,
    number,
)

# Mutations of text: cells, numbers, signs.

SPECIAL = (
    *("", "\0", "\r", "\n", "\r\n", '"', '""', "'", ",", ";", "\t", "\\", "=1+1", "@x", "%s", "{}"),
    *(
        "\ufeff",
        "\u202e",
        "\u2028",
        "\x85",
        "\x1a",
        "\x1c",
        "e\u0301",
        "\U0001f9ec",
        "\u00a0",
        "\u0663",
    ),
    *(
        "ß",
        "İ",
        "\ud800",
        "NaN",
        "inf",
        "-inf",
        "1e999",
        "-1e-999",
        "1" * 400,
        "9" * 5000,
        "-0",
        "0x10",
    ),
    *("1_000", "1,5", "true", "null", "2021-02-30", "99999-01-01", "1582-10-10", "PT1H", "P1"),
    *("A" * 200_000, "[" * 3000, "{", "}", "]"),
)
WORD = re.compile(r"[^\s,;\t\"<>{}\[\]:/=]+")


def special(data: bytes, chance: random.Random) -> bytes:
    """Put a strange text over a word, a cell or a place between."""
    text = data.decode("utf-8", "surrogateescape")
    piece = chance.choice(SPECIAL)
    words = list(WORD.finditer(text))
    if words and chance.random() < 0.7:
        word = chance.choice(words)
        text = text[: word.start()] + piece + text[word.end() :]
    else:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + piece + text[at:]
    return text.encode("utf-8", "surrogatepass" if piece == "\ud800" else "surrogateescape")


def swap_words(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    words = list(WORD.finditer(text))
    if len(words) < 2:
        return data
    a, b = sorted(chance.sample(words, 2), key=lambda m: m.start())
    middle = text[a.end() : b.start()]
    text = text[: a.start()] + b[0] + middle + a[0] + text[b.end() :]
    return text.encode("utf-8", "surrogateescape")


def recode(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(
        chance.choice(("utf-16", "utf-16-le", "latin-1", "utf-8-sig", "utf-32")), "replace"
    )


TEXT: tuple[Mutation, ...] = (special, special, special, swap_words, swap_words, recode, *BYTES)
