"""Every faulty input of the corpus gives the message, or the warnings, that a person has read and kept.

The texts are in ``tests/snapshots/faulty``. `tests/test_bad_input.py` holds the plainer faults of two tables.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from faulty import CASES, Case
from input_helpers import GOOD, SNAPSHOTS, compare_snapshot

from lesionhet.errors import InputError
from lesionhet.readers import read_table

HUGE = """
import resource, sys
from lesionhet.errors import InputError
from lesionhet.readers import read_bytes
from lesionhet.readers.formats.limits import MAX_LINE_CHARACTERS
pages = int(open("/proc/self/statm").read().split()[0])
room = pages * resource.getpagesize() + 10**9 + 16 * MAX_LINE_CHARACTERS
resource.setrlimit(resource.RLIMIT_AS, (room, room))
try:
    read_bytes("lesions.csv", b"," * 10**9)
except InputError as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, so that messages hold plain file names."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_faulty_input(case: Case) -> None:
    compare_snapshot(f"faulty/{case.name}", case.outcome())


def test_every_text_has_its_case() -> None:
    assert {path.stem for path in (SNAPSHOTS / "faulty").iterdir()} == set(CASES)
    assert len(CASES) >= 90


def test_a_gigabyte_of_commas_takes_no_more_memory_than_the_file() -> None:
    pytest.importorskip("resource")
    if not Path("/proc/self/statm").exists():
        pytest.skip("the size of the process is read from /proc")
    done = subprocess.run(
        [sys.executable, "-c", HUGE],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert done.returncode == 0, done.stderr
    assert "has more than 16,777,216 characters" in done.stdout


def test_a_file_larger_than_the_limit_is_not_opened() -> None:
    with Path("lesions.csv").open("wb") as file:
        file.truncate(1 << 40)  # It takes no room on the disk: it has a hole in it.
    with pytest.raises(InputError, match=r"lesions\.csv: the file has"):
        read_table("lesions.csv")


def test_a_file_that_may_not_be_read() -> None:
    Path("lesions.csv").write_text(GOOD)
    Path("lesions.csv").chmod(0)
    if os.access("lesions.csv", os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(InputError, match=r"lesions\.csv: Permission denied\. Check the name"):
        read_table("lesions.csv")


def test_a_name_with_a_nul() -> None:
    with pytest.raises(InputError, match="embedded null"):
        read_table("lesions\0.csv")
