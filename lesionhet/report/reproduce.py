"""``reproduce.R``: a plain R script that computes every number of a report again and checks it.

The script needs no Python. It holds the R functions as they are, the calls with every option, and
nothing from the data: those are in CSV files beside it, and labels are in ``expected.csv`` only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lesionhet.errors import LesionhetError
from lesionhet.report.reproduce_script import CHECKS, HEAD, TAIL
from lesionhet.report.tables import write_csv
from lesionhet.requests import Request
from lesionhet.results import LABEL_OF_COLUMN, Result

FOLDER: Final = "reproduce_data"
SCRIPT: Final = "reproduce.R"
OPTION_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_-]*")
LINE_LENGTH: Final = 100
BETWEEN_PROCESSES: Final = "_call.R"
"""The R file that a script in plain R has no use for."""


def write_reproduce(
    folder: Path, items: Mapping[str, tuple[Request[Any], Result]]
) -> tuple[Path, ...]:
    """Write ``reproduce.R`` and ``reproduce_data/`` into a folder.

    Parameters
    ----------
    folder
        An existing folder; a script and data that are there are overwritten.
    items
        Name -> (request, Python's result), in the order in which the script computes them.

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
    ``Rscript reproduce.R`` works from any folder, needs survival, cluster and rstatix (or FSA), prints
    expected and found numbers, and exits with 1 where one is further off than `lesionhet.tolerances`
    permits. Numbers are written with the shortest text (up to 17 digits) that reads back as the same
    float.
    """
    data_folder = folder / FOLDER
    data_folder.mkdir(exist_ok=True)
    calls, expected, files = [], [], []
    width = len(str(len(items)))
    for number, (name, (request, result)) in enumerate(items.items(), start=1):
        rows = f"{number:0{width}}_{request.statistic}.csv"
        write_csv(request.data, data_folder / rows)
        files.append(data_folder / rows)
        calls.append(_call(request, rows))
        expected.append(expected_numbers(rows.removesuffix(".csv"), name, request, result))
    write_csv(_stacked(expected), data_folder / "expected.csv")
    script = folder / SCRIPT
    statistics = {request.statistic for request, _ in items.values()}
    script.write_text(_script(calls, statistics), encoding="utf-8", newline="\n")
    return (script, data_folder / "expected.csv", *files)


def expected_numbers(call: str, name: str, request: Request[Any], result: Result) -> pd.DataFrame:
    """List the numbers that the script must find for one request.

    Parameters
    ----------
    call
        Name of the call in the script.
    name
        Name of the request, shown beside the numbers.

    Returns
    -------
    pandas.DataFrame
        ``call``, ``name``, ``statistic``, ``table``, ``row`` (keys by label), ``position`` (row of
        the table from 1), ``column``, ``expected``, ``tolerance`` (absolute). Keys that are numbers,
        such as times, are among the columns, with tolerance 0.
    """
    from lesionhet.agreement import numbers

    found = numbers(result)
    sizes = {table: len(shape.numbers) for table, shape in result.SHAPES.items()}
    within = found.groupby("table", sort=False).cumcount()
    found["position"] = within // found["table"].map(sizes) + 1
    found = found.rename(columns={"value": "expected", "allowed": "tolerance"})
    parts = [found, *_number_keys(found, result)]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "call", call)
    table.insert(1, "name", name)
    table.insert(2, "statistic", request.statistic)
    return table[list(EXPECTED)]


EXPECTED: Final = (
    "call",
    "name",
    "statistic",
    "table",
    "row",
    "position",
    "column",
    "expected",
    "tolerance",
)


def _number_keys(found: pd.DataFrame, result: Result) -> Iterable[pd.DataFrame]:
    for name, shape in result.SHAPES.items():
        of_table = found[found["table"] == name].drop_duplicates("position")
        for key in shape.keys:
            if key not in LABEL_OF_COLUMN and len(of_table):
                values = result.tables[name][key].to_numpy(dtype=float)
                yield of_table.assign(column=key, expected=values, tolerance=0.0)


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(EXPECTED))


def _call(request: Request[Any], rows: str) -> str:
    """Give one line of the script, wrapped where it is long."""
    options = [f"{name} = {r_literal(value)}" for name, value in request.options.items()]
    arguments = [f'read_rows("{rows}")', *options]
    head = f'check("{rows.removesuffix(".csv")}", {request.statistic}('
    line = f"{head}{', '.join(arguments)}))"
    if len(line) <= LINE_LENGTH:
        return line
    return head.rstrip() + "\n" + _filled(arguments) + "))"


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


def _script(calls: list[str], statistics: set[str]) -> str:
    # R is not needed to read its files; they are the same that the second engine runs.
    from r_bridge import sources

    used = {f"{statistic}.R" for statistic in statistics}
    functions = [
        f"# {'-' * 4} {name} {'-' * (LINE_LENGTH - 8 - len(name))}\n{text.strip()}"
        for name, text in sources().items()
        if name in used or (name.startswith("_") and name != BETWEEN_PROCESSES)
    ]
    return "\n\n".join([HEAD.strip(), *functions, CHECKS.strip(), *calls, TAIL.strip()]) + "\n"
