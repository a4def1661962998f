"""``reproduce.R``: a plain R script that computes every number of a report again and checks it.

The script needs no Python. It holds the R functions as they are, the calls with every option, and
nothing from the data: those are in CSV files beside it, and labels are in ``expected.csv`` only.
"""

from __future__ import annotations

import hashlib
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import LesionhetError
from lesionhet.report.reproduce_script import CHECKS, HEAD, TAIL
from lesionhet.report.tables import write_csv
from lesionhet.requests import Request
from lesionhet.results import LABEL_OF_COLUMN, Result

FOLDER: Final = "reproduce_data"
SCRIPT: Final = "reproduce.R"
OPTION_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_-]*")
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
LINE_LENGTH: Final = 100
BETWEEN_PROCESSES: Final = "_call.R"
"""The R file that a script in plain R has no use for."""


@dataclass(frozen=True)
class Section:
    """Heading of one analysis in the script: its id, which begins the names of its calls."""

    id: str
    title: str
    question: str


@dataclass(frozen=True, eq=False)
class _Call:
    """One call of the script: its name there, the file with its rows, and what it is about."""

    call: str
    rows: str
    name: str
    request: Request[Any]


def write_reproduce(
    folder: Path,
    items: Mapping[str, tuple[Request[Any], Result]],
    sections: Sequence[Section] = (),
) -> tuple[Path, ...]:
    """Write ``reproduce.R`` and ``reproduce_data/`` into a folder.

    Parameters
    ----------
    folder
        An existing folder; a script and data that are there are overwritten.
    items
        Name -> (request, Python's result), in the order in which the script computes them.
    sections
        Headings; an item belongs to the section whose id, with a dot, begins its name.

    Returns
    -------
    tuple
        The files written, the script first.

    Raises
    ------
    LesionhetError
        An option of a request cannot stand in R code: a fault of the program.

    Notes
    -----
    ``Rscript reproduce.R`` works from any folder, needs survival, cluster, nlme and rstatix (or
    FSA), prints expected and found numbers, and exits with 1 where one is further off than
    `lesionhet.tolerances` permits. Numbers are written with the shortest text (up to 17 digits) that reads
    back as the same float. Calls with the same rows share a file.
    """
    data_folder = folder / FOLDER
    data_folder.mkdir(exist_ok=True)
    calls: list[_Call] = []
    expected: list[pd.DataFrame] = []
    files: dict[str, str] = {}
    for name, (request, result) in items.items():
        call = _call_name(name, request, len(calls) + 1)
        content = _fingerprint(request.data)
        if content not in files:
            files[content] = f"{call}.csv"
            write_csv(request.data, data_folder / files[content])
        calls.append(_Call(call, files[content], name, request))
        expected.append(expected_numbers(call, result))
    names = pd.DataFrame([{"call": c.call, "name": c.name} for c in calls], columns=list(NAMES))
    write_csv(names, data_folder / "names.csv")
    write_csv(_stacked(expected), data_folder / "expected.csv")
    script = folder / SCRIPT
    script.write_text(_script(calls, sections), encoding="utf-8", newline="\n")
    written = ("expected.csv", "names.csv", *files.values())
    return (script, *(data_folder / file for file in written))


def expected_numbers(call: str, result: Result) -> pd.DataFrame:
    """List the numbers that the script must find for one request.

    Parameters
    ----------
    call
        Name of the call in the script.
    result
        Python's answer.

    Returns
    -------
    pandas.DataFrame
        ``call``, ``table``, ``row`` (keys by label), ``position`` (row of the table from 1),
        ``column``, ``expected``, ``tolerance`` (absolute). Keys that are numbers, such as times, are
        among the columns, with tolerance 0.
    """
    from lesionhet.agreement import numbers

    found = numbers(result).rename(columns={"value": "expected", "allowed": "tolerance"})
    heights = {name: len(result.tables[name]) for name in result.SHAPES}
    widths = {name: len(shape.numbers) for name, shape in result.SHAPES.items()}
    places = [np.repeat(np.arange(1, heights[name] + 1), widths[name]) for name in heights]
    found["position"] = np.concatenate(places)
    # Where each row of a table begins among the numbers; a row without any has no name there.
    begins, first = {}, 0
    for name, height in heights.items():
        begins[name] = first + np.arange(height) * widths[name] if widths[name] else np.arange(0)
        first += height * widths[name]
    table = pd.concat([found, *_number_keys(found, begins, result)], ignore_index=True)
    table.insert(0, "call", call)
    return table[list(EXPECTED)]


Integers = npt.NDArray[np.int64]
NAMES: Final = ("call", "name")
EXPECTED: Final = ("call", "table", "row", "position", "column", "expected", "tolerance")


def _number_keys(
    found: pd.DataFrame, begins: Mapping[str, Integers], result: Result
) -> Iterable[pd.DataFrame]:
    for name, shape in result.SHAPES.items():
        keys = [key for key in shape.keys if key not in LABEL_OF_COLUMN]
        of_table = found.iloc[begins[name]] if keys else found
        for key in keys:
            if len(of_table):
                values = result.tables[name][key].to_numpy(dtype=float)
                yield of_table.assign(column=key, expected=values, tolerance=0.0)


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(EXPECTED))


def _call_name(name: str, request: Request[Any], number: int) -> str:
    """Name a call as its request where that is a plain word; text from data stays out of the script."""
    if PLAIN_NAME.fullmatch(name):
        return name
    section = name.partition(".")[0]
    begin = f"{section}." if PLAIN_NAME.fullmatch(section) else ""
    return f"{begin}{request.statistic}_{number}"


def _fingerprint(data: pd.DataFrame) -> str:
    cells = pd.util.hash_pandas_object(data, index=False).to_numpy().tobytes()
    return hashlib.sha256(repr(list(data.columns)).encode() + cells).hexdigest()


def _call_code(call: _Call) -> str:
    """Give one call of the script, wrapped where it is long."""
    options = [f"{name} = {r_literal(value)}" for name, value in call.request.options.items()]
    head = f'check("{call.call}", {call.request.statistic}('
    line = f"{head}{', '.join(['rows', *options])}))"
    if len(line) <= LINE_LENGTH:
        return line
    return head + "\n" + _filled(["rows", *options]) + "))"


def _filled(arguments: list[str]) -> str:
    lines = [""]
    for place, argument in enumerate(arguments):
        text = argument + ("," if place < len(arguments) - 1 else "")
        if lines[-1] and len(lines[-1]) + len(text) > LINE_LENGTH - 4:
            lines.append("")
        lines[-1] += f" {text}" if lines[-1] else text
    return "\n".join(f"  {line}" for line in lines)


def r_literal(value: Any) -> str:
    """Write an option as R code.

    Parameters
    ----------
    value
        A flag, a number, a plain word or a list of one kind of these.

    Raises
    ------
    LesionhetError
        Anything else; text from data never becomes code.

    Examples
    --------
    >>> r_literal("log-log"), r_literal(True), r_literal([0.0, 180.5, float("nan")]), r_literal([])
    ('"log-log"', 'TRUE', 'c(0, 180.5, NA)', 'numeric(0)')
    """
    if isinstance(value, list | tuple):
        if not value:
            return "numeric(0)"
        words = [r_literal(item) for item in value]
        return f"c({', '.join(words)})" if set(words) != {"NA"} else f"rep(NA_real_, {len(words)})"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _r_number(float(value))
    if isinstance(value, str) and OPTION_WORD.fullmatch(value):
        return f'"{value}"'
    raise LesionhetError(f"Option value {value!r} cannot be written as R code.")


def _r_number(value: float) -> str:
    if math.isnan(value):
        return "NA"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    text = repr(value)
    return text.removesuffix(".0")


def _script(calls: Sequence[_Call], sections: Sequence[Section]) -> str:
    # R is not needed to read its files; they are the same that the second engine runs.
    from r_bridge import sources

    used = {f"{call.request.statistic}.R" for call in calls}
    functions = [
        f"{_rule(name, '-')}\n{text.strip()}"
        for name, text in sources().items()
        if name in used or (name.startswith("_") and name != BETWEEN_PROCESSES)
    ]
    body = list(_body(calls, {section.id: section for section in sections}))
    return "\n\n".join([HEAD.strip(), *functions, CHECKS.strip(), *body, TAIL.strip()]) + "\n"


def _body(calls: Sequence[_Call], sections: Mapping[str, Section]) -> Iterable[str]:
    """Give the calls under the headings of their analyses; rows are read where they change."""
    current, rows = "", ""
    for call in calls:
        begun = call.name.partition(".")[0]
        if begun in sections and begun != current:
            current = begun
            yield _heading(sections[begun])
        code = _call_code(call)
        yield code if call.rows == rows else f'rows <- read_rows("{call.rows}")\n{code}'
        rows = call.rows


def _heading(section: Section) -> str:
    """Give the heading of one analysis as comments; whatever is in a title stays on its line."""
    words = " ".join(_printable(section.question).split())
    lines = textwrap.wrap(words, LINE_LENGTH - 2) if words else []
    title = " ".join(_printable(f"{section.id}  {section.title}").split(" "))
    return "\n".join([_rule(title, "-"), *(f"# {line}" for line in lines)])


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _rule(title: str, mark: str) -> str:
    return f"# {mark * 4} {title} {mark * max(LINE_LENGTH - 8 - len(title), 4)}"
