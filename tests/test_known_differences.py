"""Every number that docs/python-and-r.md prints for a known difference, computed again in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from known_differences_helpers import Answer, Block, blocks, fits, run_python, run_r

import lesionhet

PAGE = (Path(__file__).parents[1] / "docs" / "python-and-r.md").read_text(encoding="utf-8")
PART = "Known differences"
BLOCKS = blocks(PAGE, PART)
OURS = [block for block in BLOCKS if block.language == "python"]
THEIRS = [block for block in BLOCKS if block.language == "r"]


def wrong(block: Block, given: dict[int, Answer]) -> list[str]:
    assert set(given) == set(block.answered)
    return [
        f"{code}: the page says {written}, it gives {given[line]}"
        for line, (code, written) in block.answered.items()
        if not fits(written, given[line])
    ]


@pytest.mark.parametrize("block", OURS, ids=lambda block: block.section)
def test_python_gives_what_the_page_says(block: Block) -> None:
    assert wrong(block, run_python(block)) == []


@pytest.mark.r
@pytest.mark.parametrize("block", OURS, ids=lambda block: block.section)
def test_the_r_column_prints_the_same(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    from lesionhet.engines import engine
    from lesionhet.scripting import Statistics

    monkeypatch.setattr(lesionhet, "python", Statistics(engine("r")), raising=False)
    assert wrong(block, run_python(block)) == []


@pytest.mark.r
@pytest.mark.parametrize("block", THEIRS, ids=lambda block: block.section)
def test_r_gives_what_the_page_says(block: Block, tmp_path: Path) -> None:
    assert wrong(block, run_r(block, tmp_path)) == []


def test_every_section_has_both_languages_and_every_block_an_answer_of_ours() -> None:
    sections = list(dict.fromkeys(block.section for block in BLOCKS))
    assert len(sections) >= 18
    for section in sections:
        languages = [block.language for block in BLOCKS if block.section == section]
        assert languages == ["python", "r"], section
    assert all(block.answered for block in BLOCKS)
    for block in OURS:
        assert any("python." in code for code, _ in block.answered.values()) or (
            "python." in block.code
        ), block.section


def test_the_table_links_to_every_section() -> None:
    links = dict(re.findall(r"^\| \[(.+?)\]\(#([\w-]+)\)", PAGE, re.MULTILINE))
    assert list(links) == list(dict.fromkeys(block.section for block in BLOCKS))
    for title, target in links.items():
        assert target == re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize(
    ("written", "given", "same"),
    [
        ("0.10", Answer((0.1049,), False), True),
        ("0.10", Answer((0.1051,), False), False),
        ("1, NA", Answer((1.0, float("nan")), False), True),
        ("1, NA", Answer((1.0, 2.0), False), False),
        ("1", Answer((1.0, 1.0), False), False),
        ("1", Answer((1.0,), True), False),
        ("1, with a warning", Answer((1.0,), False), False),
        ("1", Answer((), False, "ValueError: 1"), False),
        ("refused: no such", Answer((), False, "ValueError: no such thing"), True),
        ("refused: no such", Answer((1.0,), False), False),
    ],
)
def test_an_answer_is_compared_as_far_as_it_is_printed(
    written: str, given: Answer, same: bool
) -> None:
    assert fits(written, given) is same
