"""One faulty input: what it is, its files made by code, and what the program says about it."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from adam_helpers import trial as adam_trial
from cdisc_helpers import numbered, write
from cdisc_helpers import trial as sdtm_trial

from lesionhet.cohort import Cohort
from lesionhet.commands.inputs import add_inputs, read_inputs
from lesionhet.errors import LesionhetError

Domains = dict[str, pd.DataFrame]
CASES: dict[str, Case] = {}
"""Every case by its name, in the order of its module."""
_LIBRARY = re.compile(r"(?<=cannot be read \().*?(?=\)\.( |$))")


@dataclass(frozen=True)
class Case:
    """A faulty input.

    Parameters
    ----------
    name
        Name of its snapshot.
    what
        What is wrong, one line.
    make
        Writes the files into a folder.
    words
        What follows ``lesionhet analyze`` in that folder.
    tables
        Names of the decisions of the reader that the snapshot holds too.
    """

    name: str
    what: str
    make: Callable[[Path], object]
    words: str
    tables: tuple[str, ...] = ()

    def outcome(self) -> str:
        """Make the files in the present folder, read them, and give what the program says."""
        self.make(Path())
        files = sorted(str(p) for p in Path().rglob("*") if p.is_symlink() or not p.is_dir())
        head = [f"What:    {self.what}", f"Files:   {', '.join(map(_plain, files))}"]
        head.append(f"Command: lesionhet analyze {self.words}")
        parser = argparse.ArgumentParser()
        add_inputs(parser)
        try:
            cohort = read_inputs(parser.parse_args(shlex.split(self.words)))
        except LesionhetError as error:
            # What a library says in brackets changes with its version.
            said = _LIBRARY.sub("words of the library", str(error))
            return "\n".join([*head, "Outcome: refused", "", said])
        return "\n".join([*head, "Outcome: read", "", *_read(cohort, self.tables)])


def _plain(name: str) -> str:
    return name.encode("unicode_escape").decode()


def _read(cohort: Cohort, tables: Sequence[str]) -> list[str]:
    left = cohort.attrition
    left = left[left["stage"].eq("left out") & left["n"].gt(0)]
    lines = [repr(cohort)]
    lines += [f"left out, {r.unit}: {r.reason}: {r.n}" for r in left.itertuples()]
    lines += [f"{notice.level}: {notice.text}" for notice in cohort.notices]
    found = {table.name: table for table in cohort.reading}
    for name in tables:
        lines += ["", f"{found[name].title}. {found[name].note}"]
        lines.append(found[name].frame.to_csv(index=False, float_format="%.6g").rstrip("\n"))
    return lines


def _add(case: Case) -> None:
    assert case.name not in CASES, f"two cases are called {case.name}"
    CASES[case.name] = case


Change = Callable[[Domains], object]


NOT_NEEDED = ["SUBJID", "SEX", "RACE", "COUNTRY", "ARMCD", "ACTARMCD", "ACTARM"]
"""Columns of DM that cost time and are in no case."""


def sdtm(
    what: str, words: str = "", whole: bool = False, tables: Sequence[str] = (), **options: object
) -> Callable[[Change], Change]:
    """Add the case of an SDTM study that the function changes.

    Parameters
    ----------
    what
        What is wrong.
    words
        Further words of the command.
    whole
        With RS, and survival derived.
    tables
        As in `Case`.
    options
        Those of the sound trial.
    """

    def add(change: Change) -> Change:
        def make(folder: Path) -> None:
            domains = sdtm_trial(**options)  # type: ignore[arg-type]
            domains["DM"] = domains["DM"].drop(columns=NOT_NEEDED)
            if not whole:
                del domains["RS"]
            change(domains)
            write(folder / "sdtm", domains)

        command = f"--sdtm sdtm{'' if whole else ' --survival none'} {words}".strip()
        _add(Case(f"sdtm_{change.__name__}", what, make, command, tuple(tables)))
        return change

    return add


def adam(what: str, words: str = "", tables: Sequence[str] = ()) -> Callable[[Change], Change]:
    """Add the case of ADaM data sets that the function changes."""

    def add(change: Change) -> Change:
        def make(folder: Path) -> None:
            frames = adam_trial()
            change(frames)
            write(folder / "adam", frames)

        command = f"--adam adam {words}".strip()
        _add(Case(f"adam_{change.__name__}", what, make, command, tuple(tables)))
        return change

    return add


Make = Callable[[Path], object]


def files(what: str, words: str) -> Callable[[Make], Make]:
    """Add the case of files that the function writes into a folder."""

    def add(make: Make) -> Make:
        _add(Case(make.__name__, what, make, words))
        return make

    return add


def where(frame: pd.DataFrame, **cells: object) -> pd.Series:
    """Say which rows have these cells."""
    found = pd.Series(True, index=frame.index)
    for name, value in cells.items():
        found &= frame[name].eq(value)
    assert found.any(), f"no row has {cells}"
    return found


def put(frame: pd.DataFrame, values: Mapping[str, object], **cells: object) -> None:
    """Put values into the rows that have these cells; columns become able to hold anything."""
    rows = where(frame, **cells)
    for name, value in values.items():
        column = (
            frame[name].astype(object) if name in frame else pd.Series(None, frame.index, object)
        )
        frame[name] = column.where(~rows, value)


def append(domains: Domains, name: str, *rows: Mapping[str, object]) -> None:
    """Append rows to a data set of SDTM and number it anew."""
    known = domains[name].drop(columns=f"{name}SEQ").to_dict("records")
    domains[name] = numbered([*known, *rows], name)


def take_out(domains: Domains, name: str, **cells: object) -> None:
    """Take out the rows that have these cells."""
    domains[name] = domains[name][~where(domains[name], **cells)].reset_index(drop=True)
