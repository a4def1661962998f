"""What is tried with damaged files: the readers may give a table or a `LesionhetError`, nothing else.

A target is what is read and how; a case is a target and a number and nothing else, so that each can be made
again.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from fuzz_format_helpers import digits, of_archive, of_footer, of_json, of_pages, of_records, packed
from fuzz_mutation_helpers import BYTES, TEXT, Mutation, flip_bits
from fuzz_seed_helpers import (
    delimited,
    json_object,
    ndjson,
    old_json_object,
    parquet,
    sas7bdat,
    shared_workbook,
    workbook,
    xport,
)

from lesionhet.cohort import build_cohort
from lesionhet.errors import LesionhetError
from lesionhet.readers import RawTable, read_bytes

Files = Mapping[str, bytes]

MUTATION_FAILS = (
    *(ValueError, zipfile.BadZipFile, zlib.error, KeyError, IndexError, TypeError, OSError),
    *(NotImplementedError, EOFError, RecursionError, csv.Error),
)


@dataclass(frozen=True)
class Target:
    """What is tried.

    Parameters
    ----------
    name
        Its name.
    seeds
        Gives sets of valid files; a case changes one file of one set.
    mutations
        What may be done to a file, often several of them.
    read
        Reads the files; gives nothing, and raises `AssertionError` where a promise is broken.
    """

    name: str
    seeds: Callable[[], Sequence[Files]]
    mutations: tuple[Mutation, ...]
    read: Callable[[Files], None]

    def case(self, number: int) -> dict[str, bytes]:
        """Give the files of a case."""
        chance = random.Random(f"{self.name} {number}")
        sets = self.seeds()
        files = dict(chance.choice(sets))
        if len(files) > 1 and chance.random() < 0.05:
            del files[chance.choice(sorted(files))]
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            name = chance.choice(sorted(files))
            if chance.random() < 0.05:
                # Two files of the same format, cut and joined.
                other = chance.choice(sets)
                other_data = other.get(name, files[name])
                at = chance.randrange(len(files[name]) + 1)
                files[name] = files[name][:at] + other_data[min(at, len(other_data)) :]
            elif files[name]:
                try:
                    files[name] = chance.choice(self.mutations)(files[name], chance)
                except MUTATION_FAILS:
                    # A second change that needs a valid file cannot be made to one that is damaged.
                    files[name] = flip_bits(files[name], chance) if files[name] else b"x"
        return files

    def verdict(self, files: Files) -> str | None:
        """Read; give None where all is well, else what came out instead."""
        try:
            self.read(files)
        except LesionhetError as error:
            return None if str(error).strip() else "an error without a text"
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:300]}"
        return None


CELLS = (
    *(str, int, float, bool, decimal.Decimal, np.bool_, np.integer, np.floating),
    *(datetime.date, datetime.time, datetime.timedelta, np.datetime64, type(None)),
)


def check_table(table: RawTable, *, ordered: bool = True) -> None:
    """Check what a raw table promises; one that was put together of data sets has its own order of rows."""
    shown = table.frame
    assert isinstance(table, RawTable)
    assert len(shown) == len(table.rows) > 0
    assert not ordered or (np.diff(table.rows) > 0).all()
    assert table.rows[0] >= 1
    assert all(isinstance(name, str) and name.strip() for name in shown.columns)
    assert shown.columns.is_unique
    for _, column in shown.items():
        cells = column.tolist()
        assert all(isinstance(cell, CELLS) for cell in cells), {type(cell) for cell in cells}
        assert not any(cell != cell for cell in cells), "NaN instead of None"
        assert "" not in cells, "an empty text instead of None"


def read_one(files: Files) -> None:
    """Read one file."""
    ((name, data),) = files.items()
    check_table(read_bytes(name, data))


def read_on(files: Files) -> None:
    """Read one file, and go on to the cohort."""
    ((name, data),) = files.items()
    table = read_bytes(name, data)
    check_table(table)
    build_cohort(table)


def _of(name: str, *contents: Callable[[], bytes]) -> Callable[[], Sequence[Files]]:
    return cache(lambda: tuple({name: content()} for content in contents))


def _json(found: Callable[[], Any], **settings: Any) -> Callable[[], bytes]:
    return lambda: json.dumps(found(), ensure_ascii=False, **settings).encode()


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("csv", _of("t.csv", lambda: delimited(","), lambda: delimited(";")), TEXT, read_on),
        Target("tsv", _of("t.tsv", lambda: delimited("\t")), TEXT, read_one),
        Target(
            "xlsx", _of("t.xlsx", workbook, shared_workbook), (of_archive,) * 6 + BYTES, read_on
        ),
        Target(
            "parquet",
            _of("t.parquet", lambda: parquet("snappy"), lambda: parquet("none")),
            (of_footer,) * 6 + (of_pages,) * 4 + BYTES,
            read_on,
        ),
        Target(
            "xpt5", _of("t.xpt", lambda: xport(5)), (of_records,) * 6 + (digits,) + BYTES, read_one
        ),
        Target(
            "xpt8",
            _of("t.xpt", lambda: xport(8), lambda: xport(8, column_labels=["L" * 90] * 5)),
            (of_records,) * 6 + (digits,) + BYTES,
            read_on,
        ),
        Target("sas7bdat", _of("t.sas7bdat", sas7bdat), BYTES, read_on),
        Target(
            "json",
            _of("t.json", _json(json_object), _json(old_json_object, indent=1)),
            (of_json,) * 5 + TEXT,
            read_on,
        ),
        Target("ndjson", _of("t.ndjson", ndjson), (of_json,) * 5 + TEXT, read_one),
        Target(
            "dsjc",
            _of("t.dsjc", lambda: zlib.compress(ndjson())),
            (*map(packed, (of_json, *TEXT)), *BYTES),
            read_one,
        ),
    )
}
"""Name -> target; the cohort is built from one format of each kind of cells. What reads several files at once
is added here too."""
