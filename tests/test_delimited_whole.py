"""A text file read at once gives the rows that reading it line by line gives."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lesionhet.errors import InputError
from lesionhet.readers.formats import delimited, limits
from lesionhet.readers.formats.delimited import _Lines, _parse, _parse_plain

TEXTS = [
    "a,b\n1,2\n",
    "a,b\r\n1,2\r\n\r\n,\r\n3,4",
    "a,b\r1,2\r,,\r3,4\r\r",
    "a,b\n\n,\n1,2\n,,\n\n",
    'a,b\n"1,x",2\n"a ""b""","c\nd"\n',
    "title\na;b\n1;2;3\n4\n",
    "\n\n\n",
    "a\u2028b,c\x0bd\n1,2\x85\n",
    "é,ü\n1,\n",
]


@pytest.mark.parametrize(("text", "separator"), list(itertools.product(TEXTS, ",;\t ")))
def test_the_rows_are_the_same(text: str, separator: str) -> None:
    data = text.encode()
    at_once = _parse_plain(_Lines("t.csv", data, "utf-8"), separator)
    if at_once is None:
        with pytest.raises(InputError, match="the quotes are broken"):
            _parse("t.csv", _Lines("t.csv", data, "utf-8"), separator)
    else:
        assert at_once == _parse("t.csv", _Lines("t.csv", data, "utf-8"), separator)


@pytest.mark.parametrize("seed", range(15))
def test_the_rows_of_random_texts_are_the_same(seed: int) -> None:
    signs = list('ab1,,;"\n\n\r ')
    text = "".join(np.random.default_rng(seed).choice(signs, 200).tolist())
    lines = [_Lines("t.csv", text.encode(), "utf-8") for _ in range(2)]
    at_once = _parse_plain(lines[0], ",")
    if at_once is not None:
        assert at_once == _parse("t.csv", lines[1], ",")


@pytest.mark.parametrize("data", [b"a,b\n1,\x002\n", b"a,b\n\xff\n", b'a,b\n"1,2\n'])
def test_what_is_wrong_is_left_to_the_one_that_says_it(data: bytes) -> None:
    assert _parse_plain(_Lines("t.csv", data, "utf-8"), ",") is None


def test_what_passes_a_limit_is_left_to_the_one_that_says_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = _Lines("t.csv", b"a,b,c\n" + b"1,2,3\n" * 20, "utf-8")
    assert _parse_plain(lines, ",") is not None
    for name, module in (
        ("MAX_CELLS", limits),
        ("MAX_ROWS", limits),
        ("MAX_LINE_CHARACTERS", delimited),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, 20)
            assert _parse_plain(lines, ",") is None
