"""Damaged files and strange tables: a reader gives a table or a `LesionhetError`, nothing else.

`python -m scripts.fuzz_readers` tries many more cases; what it found is a test here.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest
from fuzz_cdisc_helpers import TARGETS
from fuzz_helpers import check_table, read_one
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lesionhet.cohort import build_cohort
from lesionhet.errors import InputError, LesionhetError
from lesionhet.readers import ReadOptions, read_bytes

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts.fuzz_readers import Finding, try_cases

CHEAP = ("tsv", "parquet", "xpt5", "ndjson", "dsjc")
CASES = dict.fromkeys(TARGETS, 60) | dict.fromkeys(CHEAP, 200) | {"sdtm": 4, "adam": 6}
"""Of each target, by what a case costs; the script was run with thousands."""


def test_damaged_files_give_a_table_or_an_error_in_words() -> None:
    cases = [(name, number) for name, n in CASES.items() for number in range(n)]
    assert list(try_cases(cases)) == []


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_files_before_the_damage_are_good(name: str) -> None:
    """Else nothing but the first check of a reader would be reached."""
    for files in TARGETS[name].seeds():
        TARGETS[name].read(files)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_case_can_be_made_again(name: str) -> None:
    assert TARGETS[name].case(7) == TARGETS[name].case(7)
    assert any(TARGETS[name].case(n) not in TARGETS[name].seeds() for n in range(3))


def test_what_breaks_the_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge itself: an error of another kind, a promise that is broken, an error without words."""
    target = TARGETS["csv"]
    assert target.verdict({"t.csv": b"a,b\n1,2\n"}) is None

    def judged(error: Exception) -> str | None:
        def raises(*_: object) -> None:
            raise error

        monkeypatch.setattr("fuzz_helpers.read_bytes", raises)
        return target.verdict({"t.csv": b"a"})

    assert judged(KeyError("a")) == "KeyError: 'a'"
    assert judged(MemoryError()) == "MemoryError: "
    assert judged(LesionhetError(" ")) == "an error without a text"
    assert judged(InputError([])) is None


def test_a_library_that_kills_its_process_is_found_and_the_others_are_tried() -> None:
    """`crash` reads a null pointer in its case 1."""
    found = list(
        try_cases([("crash", 0), ("crash", 1), ("crash", 2)], also=("fuzz_crash_helpers",))
    )
    assert [(f.target, f.number) for f in found] == [("crash", 1)]
    assert isinstance(found[0], Finding)
    assert "the process ended with -" in found[0].what


# Text tables.

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
AWKWARD = st.sampled_from(
    ["", '"', ",", "\n", "\r", "NA", "1", "-3", "40", "1,5", "P1", "=1", "\ufeff"]
)
TABLE = st.lists(st.lists(CELL | AWKWARD, max_size=6), min_size=1, max_size=8)
SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def written(rows: list[list[str]], separator: str = ",") -> bytes:
    content = io.StringIO(newline="")
    csv.writer(content, delimiter=separator).writerows(rows)
    return content.getvalue().encode()


@SOME
@given(TABLE, st.sampled_from([",", ";", "\t"]))
def test_any_table_that_is_well_written_is_read_or_refused(
    rows: list[list[str]], separator: str
) -> None:
    try:
        table = read_bytes("t.csv", written(rows, separator), ReadOptions(separator=separator))
        check_table(table)
        build_cohort(table)
    except LesionhetError as error:
        assert str(error).strip()


@SOME
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.binary(max_size=60))
def test_any_text_is_read_or_refused(content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    for file in ("t.csv", "t.tsv", "t.json", "t.ndjson"):
        try:
            read_one({file: data})
        except LesionhetError as error:
            assert str(error).strip()


@SOME
@given(
    st.lists(
        st.lists(CELL | AWKWARD, min_size=3, max_size=3).filter(
            lambda row: all(c.strip() for c in row)
        ),
        min_size=1,
        max_size=8,
    )
)
@example([['a"b', "c\nd", "e,f"]])
def test_every_cell_of_a_text_file_comes_back(rows: list[list[str]]) -> None:
    headings = ["patient_id", "lesion_id", "day"]
    try:
        table = read_bytes("t.csv", written([headings, *rows]), ReadOptions(heading_row=1))
    except LesionhetError:
        return  # Refused with reason is allowed; another cell than the written one is not.
    found = {int(row): cells for row, cells in zip(table.rows, table.frame.values, strict=True)}
    for row, cells in found.items():
        assert cells.tolist() == rows[row - 2]


# What the script found.


def test_every_row_is_shorter_than_the_heading() -> None:
    """Found in csv 20, csv 1000133 and others: a ValueError of pandas."""
    table = read_bytes("t.csv", b"patient_id,lesion_id,day\nP1,L1\nP2,L2\n")
    assert table.frame.values.tolist() == [["P1", "L1", None], ["P2", "L2", None]]
    said = "t.csv: 2 rows with fewer cells than the heading; the cells not there count as empty."
    assert said in [notice.text for notice in table.notices]
