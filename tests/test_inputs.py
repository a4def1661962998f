"""What a command is given to read: one input, and rules that belong to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lesionhet.cdisc.options import RULES, CdiscOptions
from lesionhet.cli import main
from lesionhet.errors import UsageError

LESIONS = "patient_id,lesion_id,day,diameter_mm\nP1,L1,0,20\nP1,L1,60,10\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lesions.csv").write_text(LESIONS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            [],
            "one input is needed, none given: LESIONS [PATIENTS], --sdtm PATH or --adam PATH.",
        ),
        (
            ["lesions.csv", "--sdtm", "trial"],
            "one input is needed, LESIONS and --sdtm given: LESIONS [PATIENTS], --sdtm PATH or "
            "--adam PATH.",
        ),
        (
            ["--sdtm", "trial", "--adam", "trial"],
            "one input is needed, --sdtm and --adam given: LESIONS [PATIENTS], --sdtm PATH or "
            "--adam PATH.",
        ),
        (
            ["lesions.csv", "--reader", "investigator"],
            "--reader is about CDISC data sets: name them with --sdtm or --adam.",
        ),
        (
            ["lesions.csv", "--os-param", "OSDEATH"],
            "--os-param is about CDISC data sets: name them with --sdtm or --adam.",
        ),
    ],
)
def test_one_input_and_its_own_rules(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", *words, "-o", "out", "--r", "off"]) == 2
    assert capsys.readouterr().err == f"lesionhet: {message}\n"
    assert not Path("out").exists()


@pytest.mark.parametrize("name", RULES)
def test_each_rule_names_what_is_permitted(name: str) -> None:
    for value in RULES[name]:
        assert getattr(CdiscOptions(**{name: value}), name) == value
    with pytest.raises(UsageError, match=f"{name} is 'x'; permitted: '{RULES[name][0]}'"):
        CdiscOptions(**{name: "x"})


def test_a_reader_without_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match="reader is empty"):
        CdiscOptions(reader=" ")
