"""Faults that `lesionhet validate` must find: the same ones in Python and in R, and what a run says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from lesionhet.cli import main
from lesionhet.errors import NotEstimableError
from r_bridge import sources

Tables = dict[str, pd.DataFrame]
Wrong = Callable[..., Tables]
Wrap = Callable[[Wrong], Wrong]

INNOCENT = "kendall"
"""Asked in every run beside the statistic at fault, and never to be accused."""


@dataclass(frozen=True)
class PythonFault:
    """A function that a wrapped one replaces. ``accused``: what a run must name."""

    function: str
    wrap: Wrap
    accused: str
    cohorts: int = 2


@dataclass(frozen=True)
class RFault:
    """A text in one R file that another one replaces. ``accused``: what a run must name."""

    file: str
    text: str
    instead: str
    accused: str
    cohorts: int = 2

    def sources(self) -> dict[str, str]:
        """Give R's files with the fault; it stands there once."""
        files = sources()
        assert files[self.file].count(self.text) == 1, self
        files[self.file] = files[self.file].replace(self.text, self.instead)
        assert files != sources()
        return files


@dataclass(frozen=True)
class Run:
    """What one run of the command said, and the names it accused, in each of its three outputs."""

    code: int
    screen: str
    in_json: frozenset[str]
    in_junit: frozenset[str]


def validate(fault: PythonFault | RFault, folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command on the statistic at fault and the innocent one, and read what it wrote."""
    statistics = f"{INNOCENT},{fault.accused.split('.')[0]}"
    cohorts = str(fault.cohorts)
    code = main(["validate", "--only", statistics, "--cohorts", cohorts, "-o", str(folder)])
    screen = " ".join(capsys.readouterr().out.split())
    return Run(code, screen, _in_json(folder), _in_junit(folder))


def _in_json(folder: Path) -> frozenset[str]:
    content = json.loads((folder / "validation.json").read_text(encoding="utf-8"))
    parted = [
        row["statistic"]
        for kind in ("quantities", "refusals")
        for row in content[kind]
        if row["verdict"] == "differ"
    ]
    return frozenset([*parted, *(row["statistic"] for row in content["failures"])])


def _in_junit(folder: Path) -> frozenset[str]:
    root = ElementTree.parse(folder / "junit.xml").getroot()
    return frozenset(
        case.get("name") if kind == "difference" else suite.get("name")
        for suite in root
        for case in suite.iter("testcase")
        for found in (*case.findall("failure"), *case.findall("error"))
        for kind in [found.get("type")]
    )


# --- faults in Python -------------------------------------------------------------------------


def on_rows(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Wrap:
    """Let the function see other rows."""

    def wrap(right: Wrong) -> Wrong:
        return lambda data, *given, **options: right(change(data.copy()), *given, **options)

    return wrap


def on_table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Wrap:
    """Change one table of the answer."""

    def wrap(right: Wrong) -> Wrong:
        def wrong(data: pd.DataFrame, *given: Any, **options: Any) -> Tables:
            tables = right(data, *given, **options)
            return {**tables, name: change(tables[name].copy())}

        return wrong

    return wrap


def with_option(name: str, instead: Mapping[Any, Any]) -> Wrap:
    """Read an option as another one."""

    def wrap(right: Wrong) -> Wrong:
        def wrong(data: pd.DataFrame, **options: Any) -> Tables:
            value = options[name]
            return right(data, **{**options, name: instead.get(value, value)})

        return wrong

    return wrap


def answer_what_is_refused(right: Wrong) -> Wrong:
    """Where the strata leave nothing to compare, compare without them."""

    def wrong(data: pd.DataFrame, **options: Any) -> Tables:
        try:
            return right(data, **options)
        except NotEstimableError:
            return right(data.drop(columns="strata"), **options)

    return wrong


def ties_in_order(data: pd.DataFrame) -> pd.DataFrame:
    """Take events of one day one after the other."""
    return data.assign(time=data["time"].rank(method="first"))


def censored_before(data: pd.DataFrame) -> pd.DataFrame:
    """Let who is censored on a day be no longer at risk on it."""
    return data.assign(time=data["time"].rank(method="dense") - 0.5 * (data["event"] == 0))


def seventh_digit(table: pd.DataFrame) -> pd.DataFrame:
    """Add 1 to the seventh digit of every coefficient."""
    size = np.floor(np.log10(table["estimate"].abs()))
    return table.assign(estimate=table["estimate"] + 10.0 ** (size - 6))


def swapped_codes(table: pd.DataFrame) -> pd.DataFrame:
    """Give every group the name of the one at the other end."""
    return table.assign(group=table["group"].to_numpy()[::-1])


def without_first_row(data: pd.DataFrame) -> pd.DataFrame:
    return data.iloc[1:] if len(data) > 2 else data
