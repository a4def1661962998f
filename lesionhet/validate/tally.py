"""Compared numbers, condensed as they come: one row a quantity, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.validate.outcome import QUANTITIES

SHOWN: Final = ("python", "r", "difference", "relative", "tolerance")
"""Columns of `lesionhet.agreement.compare` that are shown of one number."""


@dataclass
class _Quantity:
    numbers: int = 0
    cases: int = 0
    last_case: str = ""
    differ: int = 0
    known: int = 0
    share: float = -1.0
    shown: tuple[float, ...] = ()
    where: str = ""

    @property
    def verdict(self) -> str:
        return "differ" if self.differ else "known" if self.known else "agree"


class Tally:
    """Counts compared numbers by statistic, table and column, and keeps the worst of each.

    The worst number is the one whose difference is the largest share of what is permitted for it; a
    number that one engine does not have is worse than any.

    Examples
    --------
    >>> from lesionhet import compare, engine, requests
    >>> result = engine("python").answer(requests.kendall([1, 2, 3, 4], [1, 3, 2, 4]))
    >>> tally = Tally()
    >>> tally.add("a cohort", "kendall", compare("kendall", result, result))
    >>> tally.quantities()[["statistic", "numbers", "verdict"]].values.tolist()[0]
    ['kendall.test.estimate', 1, 'agree']
    """

    def __init__(self) -> None:
        self._found: dict[str, _Quantity] = {}

    @property
    def numbers(self) -> int:
        """How many numbers were compared."""
        return sum(quantity.numbers for quantity in self._found.values())

    def add(self, case: str, question: str, table: pd.DataFrame) -> None:
        """Take in the comparison of one question.

        Parameters
        ----------
        case, question
            Names of the cohort and of the question. All questions of one case come together.
        table
            Rows of `lesionhet.agreement.compare`.
        """
        shares = _shares(table)
        verdict = table["verdict"].to_numpy()
        parts = table.groupby(["statistic", "table", "column"], sort=False).indices
        for names, rows in parts.items():
            quantity = self._found.setdefault(".".join(map(str, names)), _Quantity())
            quantity.numbers += len(rows)
            quantity.cases += quantity.last_case != case
            quantity.last_case = case
            quantity.differ += int((verdict[rows] == "differ").sum())
            quantity.known += int((verdict[rows] == "known").sum())
            worst = rows[int(shares[rows].argmax())]
            if shares[worst] > quantity.share:
                quantity.share = float(shares[worst])
                quantity.shown = tuple(float(table[name].iloc[worst]) for name in SHOWN)
                row = str(table["row"].iloc[worst])
                quantity.where = f"{case}, {question}" + (f", {row}" if row else "")

    def quantities(self) -> pd.DataFrame:
        """Give one row a quantity, in the order in which they came; columns ``QUANTITIES``."""
        rows = [self._row(name, quantity) for name, quantity in self._found.items()]
        return pd.DataFrame(rows, columns=list(QUANTITIES))

    def _row(self, name: str, quantity: _Quantity) -> dict[str, Any]:
        return {
            "statistic": name,
            "numbers": quantity.numbers,
            "cases": quantity.cases,
            **dict(zip(SHOWN, quantity.shown, strict=True)),
            "differ": quantity.differ,
            "known": quantity.known,
            "verdict": quantity.verdict,
            "where": quantity.where,
        }


def _shares(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Give how much of its permitted difference each number uses.

    Where both engines have no number the share is below 0, so that a number is shown rather.
    """
    python, r = table["python"].to_numpy(dtype=float), table["r"].to_numpy(dtype=float)
    difference = table["difference"].to_numpy(dtype=float)
    size = np.fmax(np.abs(python), np.abs(r))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = difference / (table["tolerance"].to_numpy(dtype=float) * size)
    share = np.where(difference == 0, 0.0, share)
    absent = np.isnan(python) & np.isnan(r)
    agree = table["verdict"].to_numpy() == "agree"
    share = np.where(np.isnan(share) & ~agree, np.inf, share)
    return np.where(absent & agree, -0.5, np.nan_to_num(share, nan=0.0, posinf=np.inf))
