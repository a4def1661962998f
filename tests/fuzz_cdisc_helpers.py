"""SDTM and ADaM data sets for the fuzzer: several files at once, one of them damaged."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from functools import cache

import adam_helpers
import cdisc_helpers
import pandas as pd
from fuzz_helpers import TARGETS, Files, Target, check_table
from fuzz_mutation_helpers import TEXT

from lesionhet.cdisc.read import adam_from_bytes, sdtm_from_bytes
from lesionhet.cohort import cohort_from_intake
from lesionhet.intake import Intake

VALUES = (
    *(
        "",
        "NOT DONE",
        "TARGET",
        "NON-TARGET",
        "NEW",
        "T01",
        "T01.1",
        "T01/T02",
        "T02/T01",
        "LDIAM",
        "DIAMETER",
    ),
    *(
        "LPERP",
        "SAXIS",
        "SUMDIAM",
        "TUMSTATE",
        "ABSENT",
        "PRESENT",
        "SPLIT",
        "MERGED",
        "Y",
        "N",
        "mm",
        "cm",
        "in",
    ),
    *(
        "0",
        "-1",
        "1e9",
        "1.5",
        "NE",
        "<5",
        "2014",
        "2014-01",
        "2014-13-01",
        "2014-01-01T25:00",
        "--01-05",
    ),
    *(
        "2014-01-01/2014-02-01",
        "2014-W03",
        "20140101",
        "0000-00-00",
        "9999-12-31",
        "BASELINE",
        "WEEK 6",
    ),
    *(
        "UNSCHEDULED 3.1",
        "INDEPENDENT ASSESSOR",
        "INVESTIGATOR",
        "RADIOLOGIST 2",
        "LIVER",
        "LYMPH NODE",
        "PD",
    ),
    *("CR", "OVRLRESP", "OS", "PFS", "DAYS", "MONTHS", "WEEKS", "2", "P1", "STUDY1-002"),
)
"""What stands in such data sets, right and wrong."""


Rows = list[list[str]]


def put_values(rows: Rows, chance: random.Random) -> Rows:
    column = chance.randrange(len(rows[0]))
    for _ in range(chance.choice((1, 1, 5, 40))):
        rows[chance.randrange(1, len(rows))][column] = chance.choice(VALUES)
    return rows


def fill_column(rows: Rows, chance: random.Random) -> Rows:
    column, value = chance.randrange(len(rows[0])), chance.choice(VALUES)
    return [rows[0], *([*row[:column], value, *row[column + 1 :]] for row in rows[1:])]


def shuffle_column(rows: Rows, chance: random.Random) -> Rows:
    column = chance.randrange(len(rows[0]))
    values = [row[column] for row in rows[1:]]
    chance.shuffle(values)
    return [
        rows[0],
        *([*r[:column], v, *r[column + 1 :]] for r, v in zip(rows[1:], values, strict=True)),
    ]


def drop_column(rows: Rows, chance: random.Random) -> Rows:
    column = chance.randrange(len(rows[0]))
    return [row[:column] + row[column + 1 :] for row in rows]


def drop_row(rows: Rows, chance: random.Random) -> Rows:
    del rows[chance.randrange(1, len(rows))]
    return rows


def double_row(rows: Rows, chance: random.Random) -> Rows:
    rows.insert(chance.randrange(1, len(rows)), list(rows[chance.randrange(1, len(rows))]))
    return rows


def shuffle_rows(rows: Rows, chance: random.Random) -> Rows:
    body = rows[1:]
    chance.shuffle(body)
    return [rows[0], *body]


def cut_rows(rows: Rows, chance: random.Random) -> Rows:
    return rows[: chance.randrange(1, len(rows))]


ROWS = (*(put_values,) * 6, *(shuffle_column,) * 2, fill_column, fill_column)
ROWS = (*ROWS, drop_column, drop_row, double_row, double_row, shuffle_rows, cut_rows)


def of_rows(data: bytes, chance: random.Random) -> bytes:
    """Change cells, rows or columns of a CSV file; the file stays well written."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    if len(rows) < 2 or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        return data
    content = io.StringIO(newline="")
    csv.writer(content).writerows(chance.choice(ROWS)(rows, chance))
    return content.getvalue().encode()


def _files(tables: dict[str, pd.DataFrame]) -> Files:
    return {
        f"{name.lower()}.csv": table.to_csv(index=False).encode() for name, table in tables.items()
    }


@cache
def sdtm_seeds() -> Sequence[Files]:
    """Give a small trial of one reader, and one of two with new lesions."""
    both = (cdisc_helpers.FIRST, cdisc_helpers.SECOND)
    return (
        _files(cdisc_helpers.trial()),
        _files(cdisc_helpers.trial(targets=2, readers=both, new_at=2, reader_links=True)),
    )


@cache
def adam_seeds() -> Sequence[Files]:
    """Give ADTR, ADTTE and ADSL of three patients."""
    tables = {
        "adtr": adam_helpers.adtr(),
        "adtte": adam_helpers.adtte(),
        "adsl": adam_helpers.adsl(),
    }
    return (_files(tables), _files({"adtr": tables["adtr"]}))


def _check(intake: Intake) -> None:
    check_table(intake.lesions, ordered=False)
    if intake.patients is not None:
        check_table(intake.patients, ordered=False)
    assert all(table.name.isidentifier() and table.title and table.note for table in intake.tables)
    cohort_from_intake(intake)


MUTATIONS = (of_rows,) * 20 + TEXT
TARGETS["sdtm"] = Target(
    "sdtm", sdtm_seeds, MUTATIONS, lambda files: _check(sdtm_from_bytes(list(files.items())))
)
TARGETS["adam"] = Target(
    "adam", adam_seeds, MUTATIONS, lambda files: _check(adam_from_bytes(list(files.items())))
)
