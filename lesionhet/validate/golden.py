"""R's answers to the battery, stored: they stand in for R where there is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lesionhet.answering import make_result
from lesionhet.engines import Engine
from lesionhet.errors import LesionhetError, NotEstimableError
from lesionhet.requests import Request, ResultT
from lesionhet.results import LABEL_OF_COLUMN, Result
from lesionhet.validate.case import Case
from lesionhet.validate.golden_text import (
    numbers_from_json,
    numbers_to_json,
    read_gz,
    table_from_json,
    table_to_json,
    write_gz,
)

if TYPE_CHECKING:
    from r_bridge.data_sets import DataSets

ANSWERS: Final = "answers.jsonl.gz"
DATA_SETS: Final = "data_sets.jsonl.gz"
VERSIONS: Final = "versions.json"
SESSION: Final = "session_info.txt"
RENEW: Final = "make golden"


class RowsChangedError(LesionhetError):
    """A question whose rows, labels or options are not those that R was asked about."""


@dataclass(frozen=True)
class GoldenAnswer:
    """What R said to one question.

    Parameters
    ----------
    case, question, statistic
        Where it was asked.
    request
        `request_digest` of what was asked.
    tables
        Table -> column -> numbers, as JSON has them; columns of labels hold codes from 1.
    refused
        Why R has no answer; empty where it has.
    method, warnings
        As in `lesionhet.results.Result`.
    """

    case: str
    question: str
    statistic: str
    request: str
    tables: Mapping[str, Mapping[str, list[Any]]] = field(default_factory=dict)
    refused: str = ""
    method: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Golden:
    """Stored answers, the data sets that they are about, and what gave them.

    Parameters
    ----------
    answers
        In the order in which they were asked for.
    data_sets
        R's own data sets, as `r_bridge.data_sets.read_data_sets` gave them.
    versions
        Of R and its packages.
    session_info
        What R's ``sessionInfo()`` printed.
    """

    answers: tuple[GoldenAnswer, ...]
    data_sets: DataSets
    versions: Mapping[str, str]
    session_info: str


class GoldenEngine:
    """Answers requests as R did when the golden values were written.

    Parameters
    ----------
    golden
        From `read_golden`.
    """

    name: str = "r"

    def __init__(self, golden: Golden) -> None:
        self._versions = golden.versions
        self._answers = {answer.request: answer for answer in golden.answers}

    def answer(self, request: Request[ResultT]) -> ResultT:
        """Give the stored answer.

        Raises
        ------
        NotEstimableError
            R refused; the message is R's.
        RowsChangedError
            These rows, labels or options have no stored answer.
        """
        found = self._answers.get(request_digest(request))
        if found is None:
            raise RowsChangedError(
                f"{request.statistic}: no stored answer for these {len(request.data)} rows and their "
                "options. What makes the rows has changed, not what answers: if that was meant, "
                f"write the answers again by '{RENEW}'."
            )
        if found.refused:
            raise NotEstimableError(found.refused)
        tables = {name: _table(columns) for name, columns in found.tables.items()}
        return make_result(request, tables, self.name, found.method, found.warnings)

    def versions(self) -> Mapping[str, str]:
        """Give the versions of R and its packages that gave the answers."""
        return self._versions


def request_digest(request: Request[Any]) -> str:
    """Give the SHA-256 of everything that an engine is asked: rows, labels and options.

    Parameters
    ----------
    request
        From `lesionhet.requests`.

    Returns
    -------
    str
        64 hexadecimal digits; whole numbers, flags and floats of the same value count as equal.

    Examples
    --------
    >>> from lesionhet import requests
    >>> one, other = requests.describe([1, 2]), requests.describe([1.0, 2.0000000000000004])
    >>> request_digest(one) == request_digest(requests.describe([1.0, 2.0]))
    True
    >>> request_digest(one) == request_digest(other)
    False
    """
    asked = {
        "statistic": request.statistic,
        "options": request.options,
        "labels": request.labels,
        "columns": list(request.data.columns),
    }
    found = hashlib.sha256(json.dumps(asked, sort_keys=True, default=float).encode())
    for name in request.data.columns:
        numbers = request.data[name].to_numpy(dtype="<f8", na_value=np.nan)
        # One bit pattern for what is missing, and for zero.
        found.update(np.where(np.isnan(numbers), np.nan, numbers + 0.0).astype("<f8").tobytes())
    return found.hexdigest()


def ask_all(cases: Iterable[Case], engine: Engine) -> tuple[GoldenAnswer, ...]:
    """Put every question of every case to an engine and keep what it says.

    Parameters
    ----------
    cases
        Such as `lesionhet.validate.battery.Battery`.
    engine
        R's.

    Raises
    ------
    LesionhetError
        The engine failed.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> case = Case("two", "by hand", {"describe": requests.describe([1.0, 2.0])}, {})
    >>> ask_all([case], engine("python"))[0].tables["summary"]["mean"]
    [1.5]
    """
    return tuple(
        _ask(case.name, question, request, engine)
        for case in cases
        for question, request in case.requests.items()
    )


def write_golden(folder: Path, golden: Golden) -> None:
    """Write answers, data sets, versions and ``sessionInfo()``; the same content gives the same bytes.

    Parameters
    ----------
    folder
        Made where it is missing; files of other names in it stay.
    golden
        What to write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_gz(folder / ANSWERS, [_answer_to_json(answer) for answer in golden.answers])
    tables = golden.data_sets.tables
    write_gz(
        folder / DATA_SETS,
        [{"name": name, **table_to_json(tables[name])} for name in sorted(tables)],
    )
    versions = json.dumps(dict(golden.versions), indent=1, sort_keys=True)
    (folder / VERSIONS).write_text(versions + "\n", encoding="utf-8", newline="\n")
    (folder / SESSION).write_text(golden.session_info, encoding="utf-8", newline="\n")


def read_golden(folder: Path) -> Golden:
    """Read what `write_golden` wrote; needs no R.

    Raises
    ------
    LesionhetError
        A file is missing.
    """
    from r_bridge.data_sets import DataSets

    for name in (ANSWERS, DATA_SETS, VERSIONS, SESSION):
        if not (folder / name).is_file():
            raise LesionhetError(f"{folder}: there is no {name}; '{RENEW}' writes it.")
    versions = json.loads((folder / VERSIONS).read_text(encoding="utf-8"))
    tables = {found["name"]: table_from_json(found) for found in read_gz(folder / DATA_SETS)}
    return Golden(
        answers=tuple(_answer_from_json(found) for found in read_gz(folder / ANSWERS)),
        data_sets=DataSets(tables, versions),
        versions=versions,
        session_info=(folder / SESSION).read_text(encoding="utf-8"),
    )


def _ask(case: str, question: str, request: Request[Any], engine: Engine) -> GoldenAnswer:
    place = (case, question, request.statistic, request_digest(request))
    try:
        result: Result = engine.answer(request)
    except NotEstimableError as error:
        return GoldenAnswer(*place, refused=str(error))
    tables = {name: _columns(result.tables[name], request.labels) for name in request.result.SHAPES}
    return GoldenAnswer(*place, tables, method=result.method, warnings=result.warnings)


def _columns(table: pd.DataFrame, labels: Mapping[str, tuple[str, ...]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name in table.columns:
        if (kind := LABEL_OF_COLUMN.get(name)) is None:
            found[name] = numbers_to_json(table[name])
        else:
            codes = {label: code for code, label in enumerate(labels[kind], start=1)}
            found[name] = [codes[label] for label in table[name]]
    return found


def _table(columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: numbers_from_json(values) for name, values in columns.items()})


def _answer_to_json(answer: GoldenAnswer) -> dict[str, Any]:
    """Leave out what is empty."""
    return {name: value for name, value in vars(answer).items() if value}


def _answer_from_json(found: Mapping[str, Any]) -> GoldenAnswer:
    return GoldenAnswer(**{**found, "warnings": tuple(found.get("warnings", ()))})
