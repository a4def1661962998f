"""The code blocks of a page and the answers written beside them, run in either language.

An answer stands after two spaces and ``#`` on the line of an expression: numbers separated by commas, as
far as they are printed (NA: missing), then ``with a warning`` where there is one; or ``refused:`` and a
part of the reason.
"""

from __future__ import annotations

import ast
import json
import math
import re
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ANSWERED = re.compile(r"^(?P<code>\S.*?)  # (?P<answer>.+)$")
WARNING = "with a warning"
REFUSED = "refused: "


@dataclass(frozen=True)
class Answer:
    """What a line gives: its numbers, whether it warned, and why it refused."""

    numbers: tuple[float, ...]
    warned: bool
    refused: str = ""


@dataclass(frozen=True)
class Block:
    """One piece of code of a page."""

    section: str
    language: str
    code: str

    @property
    def answered(self) -> dict[int, tuple[str, str]]:
        """Line number -> expression and the answer written beside it."""
        lines = enumerate(self.code.splitlines(), start=1)
        found = {number: ANSWERED.match(line) for number, line in lines}
        return {n: (m["code"], m["answer"]) for n, m in found.items() if m}


def blocks(page: str, part: str) -> list[Block]:
    """Find the code of one part of a page: the text below ``## part`` up to the next one."""
    text = page.split(f"\n## {part}\n", 1)[1].split("\n## ", 1)[0]
    found = []
    for section in text.split("\n### ")[1:]:
        title, _, body = section.partition("\n")
        for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", body, re.MULTILINE | re.DOTALL):
            found.append(Block(title, language, code))
    return found


def run_python(block: Block) -> dict[int, Answer]:
    """Run a block as a script, and give what each line with an answer gave."""
    space: dict[str, Any] = {}
    given = {}
    for statement in ast.parse(block.code).body:
        if statement.lineno not in block.answered:
            exec(compile(ast.Module([statement], []), block.section, "exec"), space)
            continue
        assert isinstance(statement, ast.Expr), block.code
        given[statement.lineno] = _evaluate(ast.Expression(statement.value), space)
    return given


def _evaluate(expression: ast.Expression, space: dict[str, Any]) -> Answer:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = eval(compile(expression, "page", "eval"), space)
        except Exception as error:
            return Answer((), bool(caught), f"{type(error).__name__}: {error}")
    parts = value if isinstance(value, tuple) else (value,)
    numbers = [np.asarray(part, dtype=float).ravel() for part in parts]
    return Answer(tuple(np.concatenate(numbers).tolist()), bool(caught))


R_ANSWER = """
.answer <- function(line, expression) {
  warned <- FALSE
  value <- withCallingHandlers(eval.parent(expression), warning = function(w) {
    warned <<- TRUE
    invokeRestart("muffleWarning")
  })
  numbers <- paste(ifelse(is.na(unlist(value)), '"NA"', sprintf("%.17g", unlist(value))),
                   collapse = ",")
  cat(sprintf('{"line": %d, "warned": %s, "numbers": [%s]}\\n', line, tolower(warned), numbers))
}
"""


def run_r(block: Block, folder: Path) -> dict[int, Answer]:
    """Run a block by Rscript, and give what each line with an answer gave."""
    lines = block.code.splitlines()
    for number, (code, _) in block.answered.items():
        lines[number - 1] = f".answer({number}L, quote({{{code}}}))"
    script = folder / "block.R"
    script.write_text(R_ANSWER + "\n".join(lines) + "\n", encoding="utf-8")
    command = [shutil.which("Rscript") or "Rscript", "--vanilla", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    numbers = {
        entry["line"]: tuple(math.nan if n == "NA" else float(n) for n in entry["numbers"])
        for entry in found
    }
    return {entry["line"]: Answer(numbers[entry["line"]], entry["warned"]) for entry in found}


def fits(written: str, given: Answer) -> bool:
    """Tell whether a written answer is the given one, as far as it is printed."""
    if written.startswith(REFUSED):
        return written.removeprefix(REFUSED) in given.refused
    words = written.split(", ")
    warned = words[-1] == WARNING
    words = words[:-1] if warned else words
    if given.refused or warned != given.warned or len(words) != len(given.numbers):
        return False
    return all(_same(word, number) for word, number in zip(words, given.numbers, strict=True))


def _same(word: str, number: float) -> bool:
    if word == "NA":
        return math.isnan(number)
    decimals = len(word.partition(".")[2])
    return abs(float(word) - number) <= 0.5000001 * 10.0**-decimals
