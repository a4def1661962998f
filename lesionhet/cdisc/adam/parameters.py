"""Which parameter of ADTR is the diameter of a lesion, which its short axis, which a sum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.errors import InputError, Problem
from lesionhet.intake import ReadingTable
from lesionhet.readers.table import listed

DIAMETER: Final = "diameter"
SHORT_AXIS: Final = "short axis"
SUM: Final = "sum"
LEFT: Final = "not read"
_CODES: Final = (
    (DIAMETER, re.compile(r"(?:T?LDIAM|DIAM|DIAMETER)([0-9]*)")),
    (SHORT_AXIS, re.compile(r"(?:NLDIAM|LPERP|SAXIS|SHRTAX)([0-9]*)")),
    (SUM, re.compile(r"(?:SDIAM|SUMDIAM|SUMLDIAM|SUMNLNLD|SLD|SOD|TSUM)()")),
)
_TESTS: Final = {
    "LDIAM": DIAMETER,
    "DIAMETER": DIAMETER,
    "LPERP": SHORT_AXIS,
    "SAXIS": SHORT_AXIS,
    "SUMDIAM": SUM,
    "SUMLDIAM": SUM,
}
_SUM_OF: Final = re.compile(r"\bsum of\b", re.IGNORECASE)
RULE: Final = (
    "PARAMCD decides: LDIAM, DIAM or DIAMETER, with or without a number, is the diameter of a lesion; "
    "NLDIAM, LPERP or SAXIS its short axis; SDIAM, SUMDIAM, SLD, SOD, or a PARAM with the words 'sum of', "
    "a sum. Other codes go by TRTESTCD; what is left is not read."
)


@dataclass(frozen=True, eq=False)
class Parameters:
    """The records of ADTR by what they were taken for.

    Parameters
    ----------
    kind
        One of ``"diameter"``, ``"short axis"``, ``"sum"``, ``"not read"`` a record.
    number
        Number in the code of a lesion parameter, such as ``"3"`` of LDIAM3; None where there is none.
    table
        Every parameter, for the report.
    """

    kind: pd.Series
    number: pd.Series
    table: ReadingTable


def parameters_of(adtr: Domain) -> Parameters:
    """Say what each parameter of ADTR is taken for.

    Parameters
    ----------
    adtr
        The data set, with ``PARAMCD``.

    Raises
    ------
    InputError
        No column PARAMCD, an empty PARAMCD, or no parameter that is the diameter of a lesion.

    Examples
    --------
    >>> frame = pd.DataFrame({"PARAMCD": ["LDIAM1", "SDIAM", "BOR"]}, dtype=object)
    >>> found = parameters_of(Domain("ADTR", frame, "adtr.xpt", "", frame.index.to_numpy() + 2))
    >>> found.kind.tolist(), found.number.tolist()
    (['diameter', 'sum', 'not read'], ['1', None, None])
    """
    adtr.require("PARAMCD")
    code, name, test = (adtr.text(column) for column in ("PARAMCD", "PARAM", "TRTESTCD"))
    message = "the cell is empty; every record of a BDS data set has a PARAMCD."
    if problems := adtr.problems("PARAMCD", code.isna(), message, "Fill in PARAMCD."):
        raise InputError(problems)
    given = pd.DataFrame({"parameter": code, "label": name, "test": test})
    table = (
        given.groupby("parameter", sort=True)
        .agg(
            label=("label", "first"),
            test=("test", lambda tests: "/".join(sorted(set(tests.dropna())))),
            records=("parameter", "size"),
        )
        .reset_index()
    )
    decided = [
        _decide(str(row.parameter), str(row.label or ""), str(row.test))
        for row in table.itertuples()
    ]
    table["taken_for"] = [kind for kind, _ in decided]
    _need_diameters(adtr, table)
    by_code = table.set_index("parameter")["taken_for"]
    numbers = dict(zip(table["parameter"], (number for _, number in decided), strict=True))
    number = code.map(numbers).astype(object)
    shown = table.rename(columns={"label": "param", "test": "trtestcd"})
    return Parameters(
        code.map(by_code),
        number.where(number.notna(), None),
        ReadingTable("parameters", "Parameters of ADTR", RULE, shown),
    )


def _decide(code: str, name: str, test: str) -> tuple[str, str | None]:
    folded = code.upper()
    for kind, pattern in _CODES:
        if found := pattern.fullmatch(folded):
            return kind, found[1] or None
    if _SUM_OF.search(name):
        return SUM, None
    kind = _TESTS.get(test.upper(), LEFT)
    digits = re.search(r"([0-9]+)$", folded)
    return kind, digits[1] if digits and kind in (DIAMETER, SHORT_AXIS) else None


def _need_diameters(adtr: Domain, table: pd.DataFrame) -> None:
    if table["taken_for"].isin([DIAMETER, SHORT_AXIS]).any():
        return
    found = listed(table["parameter"].tolist(), 12)
    raise InputError(
        [
            Problem(
                adtr.file,
                "PARAMCD",
                f"no parameter is the diameter of a lesion; found: {found}.",
                "Export ADTR with its records by lesion, such as LDIAM1, LDIAM2; sums alone say nothing "
                "of single lesions.",
            )
        ]
    )
