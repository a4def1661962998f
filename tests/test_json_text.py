"""The text of a record is the one that the standard library writes."""

from __future__ import annotations

import json
from types import MappingProxyType

import numpy as np
import pytest

from lesionhet.report.json_text import json_text
from lesionhet.report.results_json import plain

RECORD = {
    "text": 'é "quoted" \\ \n \x1f \u2028 😀',
    "numbers": [0, -3, 10**20, 0.1, 1e-300, 1e22, -0.0, 1.0, 12345678.9],
    "missing": (float("nan"), None, np.nan, float("inf"), -np.inf),
    "numpy": [np.float64(0.1), np.int64(7), np.bool_(True), np.float32(0.5), np.str_("x")],
    "flags": [True, False],
    "empty": [[], {}, (), ""],
    7: {"nested": [{"a": [1, [2, [3]]]}, {}]},
    "view": MappingProxyType({"a": 1}),
}


@pytest.mark.parametrize("value", [RECORD, [RECORD, RECORD], [], {}, "x", 1.5, None, True, 3])
def test_the_text_is_that_of_the_standard_library(value: object) -> None:
    expected = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=1)
    assert json_text(value) == expected


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no form in JSON"):
        json_text({"a": {1, 2}})
