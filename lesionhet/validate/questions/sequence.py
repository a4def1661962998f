"""Questions of the order of progression."""

from __future__ import annotations

from typing import Any, Final

from lesionhet import requests
from lesionhet.requests import Request
from lesionhet.validate.questions.question import Options, Question


def _until(rows: Any, options: Options) -> Request[Any]:
    """Ask of all scans, or of those up to a day."""
    day = (float("inf"), 120.0)[options.seed % 2]
    return requests.progression_order(rows.study.cohort, rows.study.definitions, day)


def _signs(rows: Any, options: Options) -> Request[Any]:
    """Compare two numbers of each row."""
    return requests.sign_test(rows.other - rows.values, conf_level=options.conf_level)


QUESTIONS: Final = (
    Question("progression_order", ("study",), _until),
    Question("sign_test of values and other", ("values", "other"), _signs),
)
