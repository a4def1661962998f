"""What the tests of `lesionhet validate` share: engines that are wrong on purpose, and what they give."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from lesionhet import requests
from lesionhet.agreement import KnownDifference, compare
from lesionhet.engines import Engine, engine
from lesionhet.errors import NotEstimableError
from lesionhet.requests import Request
from lesionhet.validate.case import Case
from lesionhet.validate.outcome import InputFile, Validation
from lesionhet.validate.run import run
from lesionhet.validate.sources import platform_versions

NASTY = (
    "<script>alert(1)</script> & \"quotes\" 'single'",
    "]]> <!-- &amp;",
    "=cmd|' /C calc'!A0",
    "\x00\x1b[31m\x0b\ufffe",
    "two\nlines\tand 日本 🎈",
    "x" * 10_000,
)
"""Labels that a file format or a terminal could take for something else."""


class Faulty:
    """The Python engine with faults: by statistic, what is done to its answer."""

    name = "r"

    def __init__(self, faults: Mapping[str, Any]) -> None:
        self._faults, self._inner = faults, engine("python")

    def answer(self, request: Request[Any]) -> Any:
        answer = self._inner.answer(request)
        fault = self._faults.get(request.statistic)
        return answer if fault is None else fault(answer)

    def versions(self) -> Mapping[str, str]:
        return self._inner.versions()


def times(table: str, column: str, factor: float) -> Any:
    """Give a fault: one column of one table, multiplied."""

    def fault(answer: Any) -> Any:
        tables = {name: frame.copy() for name, frame in answer.tables.items()}
        tables[table][column] = tables[table][column] * factor
        return dataclasses.replace(answer, tables=tables)

    return fault


def refuse(_: Any) -> Any:
    raise NotEstimableError("no answer for <these> data")


def break_down(_: Any) -> Any:
    raise ZeroDivisionError("engine & all")


def nasty_case() -> Case:
    """Questions about groups whose labels are nasty, in a case whose name is."""
    values = [float(i * i % 11) for i in range(6 * len(NASTY))]
    group = [label for label in NASTY for _ in range(6)]
    times = [float(1 + i * 7 % 31) for i in range(len(values))]
    return Case(
        NASTY[0],
        NASTY[1],
        {
            "describe": requests.describe(values, group),
            f"count {NASTY[3]}": requests.count(group),
            "kendall": requests.kendall(values, times),
            "kruskal_wallis": requests.kruskal_wallis(values, group),
            "dunn": requests.dunn(values, group),
        },
        {f"log_rank {NASTY[4]}": f"no events in {NASTY[2]}"},
    )


def validation(
    case: Case, second: Engine, known: tuple[KnownDifference, ...] = ()
) -> tuple[Validation, list[Any]]:
    """Run one case against a second engine; give what was found, and the tables that were compared."""
    tables: list[Any] = []
    found = run(
        [case],
        engine("python"),
        second,
        comparison=lambda *pair: compare(*pair, known=known),
        sink=tables.append,
    )
    whole = Validation(
        scope="default",
        **vars(found),
        known=known,
        changed=(),
        inputs=(InputFile(NASTY[0], "0" * 64),),
        versions={"python": engine("python").versions(), "platform": platform_versions()},
        began="2026-02-03T04:05:06+02:00",
        seconds=1.5,
        skipped={"2C": f"no {NASTY[3]}"},
    )
    return whole, tables
