"""Every P value of a run in one table, adjusted for how many there are in its family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import AnalysisResult, Shown
from lesionhet.analyses.reviewer.critiques import CRITIQUES
from lesionhet.analyses.reviewer.time import CHAPTER
from lesionhet.engines import Engine
from lesionhet.results import Cox, ResampledCox, Result

ID: Final = "P"
"""What its numbers are called beside the ids of the analyses."""
NAME: Final = "adjusted"
FAMILIES, TABLE = "families", "p_values"
LEVEL: Final = 0.05
DRAWS: Final = ": draws of "
"""In the name of a family that holds the draws of one resampled model."""
SAME: Final = 1e-6
"""Statistics of one analysis that part by no more than this share are those of one model in other units."""
CLUSTERED: Final = frozenset(
    {"datta_satten", "datta_satten_pairs", "rosner_glynn_lee", "permuted_within"}
)
"""Tests that repeat the one beside them with the lesions of a patient kept together."""
PLAIN: Final = ("test", "terms", "pairs")
"""Tables that need no name beside what names their rows."""
GIVEN: Final = ("family", "analysis", "request", "test", "of", "n", "statistic", "p_value")


def every_p(results: Iterable[AnalysisResult]) -> tuple[pd.DataFrame, int]:
    """List the P values of a run.

    Parameters
    ----------
    results
        What became of every analysis.

    Returns
    -------
    tuple
        One row a P value: ``family``, ``analysis``, ``request``, ``test`` (name of the statistic), ``of``
        (term, pair or table), ``n`` rows, ``statistic``, ``p_value``. And how many repeats were left away:
        terms of the same model in another unit.

    Notes
    -----
    A family is a chapter. Repeats of one question in another way are families of their own: what answers
    one objection in the chapter of objections, the draws of a resampled model, and tests that repeat those
    beside them with the lesions of a patient kept together.
    """
    rows: list[dict[str, Any]] = []
    repeats = 0
    for result in results:
        if result.status != "done":
            continue
        of_models: list[float] = []
        for name, answer in result.answers.items():
            head = {"analysis": result.id, "request": name, "test": answer.STATISTIC, "n": answer.n}
            head["family"] = _family(result, answer)
            for row in _p_values(answer):
                if isinstance(answer, Cox) and _known(of_models, row["statistic"]):
                    repeats += 1
                    continue
                rows.append({**head, **row})
    return pd.DataFrame(rows, columns=list(GIVEN)), repeats


def _family(result: AnalysisResult, answer: Result) -> str:
    chapter = result.chapter or result.title
    if isinstance(answer, ResampledCox):
        return f"{chapter}{DRAWS}{result.id}"
    if chapter != CHAPTER:
        return f"{chapter}: lesions clustered" if answer.STATISTIC in CLUSTERED else chapter
    key = result.id.partition("-")[0]
    return f"{chapter}: {CRITIQUES[key].name.lower() if key in CRITIQUES else key}"


def drawn(table: pd.DataFrame) -> pd.Series:
    """Say of each row of the table which are draws of one model, not tests of their own."""
    return table["family"].str.contains(DRAWS, regex=False)


def _p_values(answer: Result) -> Iterator[dict[str, Any]]:
    for name, shape in answer.SHAPES.items():
        if "p_value" not in shape.numbers:
            continue
        table = answer.tables[name]
        p_values = table["p_value"].tolist()
        statistics = table["statistic"].tolist() if "statistic" in table else [np.nan] * len(table)
        keys = zip(*(table[key].tolist() for key in shape.keys), strict=True)
        rows = zip(p_values, statistics, keys if shape.keys else [()] * len(table), strict=True)
        for p_value, statistic, of_row in rows:
            if not np.isnan(p_value):
                texts = [*([] if name in PLAIN else [name]), *map(_text, of_row)]
                yield {"of": ", ".join(texts), "statistic": float(statistic), "p_value": p_value}


def _text(key: Any) -> str:
    return f"{key:g}" if isinstance(key, int | float) else str(key)


def _known(seen: list[float], statistic: float) -> bool:
    """Say whether a statistic was there before, and remember it."""
    size = abs(statistic)
    if any(abs(size - other) <= SAME * other for other in seen):
        return True
    seen.append(size)
    return False


def adjusted_p(results: Sequence[AnalysisResult], engine: Engine) -> AnalysisResult | None:
    """Adjust every P value of a run within its family.

    Parameters
    ----------
    results
        What became of every analysis.
    engine
        Answers the request.

    Returns
    -------
    AnalysisResult or None
        With the request ``adjusted`` and the tables ``families`` and ``p_values``; None where the run has
        no P value.

    Source: Holm (1979); Benjamini & Hochberg (1995).

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> test = requests.mann_whitney([1, 2, 3, 4, 5, 9], list("aaabbb"))
    >>> python = engine("python")
    >>> both = {"t": test}, {"t": python.answer(test)}
    >>> made = AnalysisResult("3C", "Sizes", "", "Treatment", "done", "", *both)
    >>> adjusted_p([made], python).shown.tables["p_values"][["family", "test", "of"]].values.tolist()
    [['Treatment', 'mann_whitney', '']]
    """
    table, repeats = every_p(results)
    if table.empty:
        return None
    names = [f"{row.analysis}.{row.request} {row.of}".strip() for row in table.itertuples()]
    request = requests.adjust_p(table["p_value"], table["family"], names, level=LEVEL)
    answer = engine.answer(request)
    found = answer.to_frame("adjusted")
    table = table.assign(holm=found["holm"], benjamini_hochberg=found["benjamini_hochberg"])
    families = answer.to_frame("families").rename(columns={"group": "family"})
    counts = families.columns.drop(["family", "smallest"])
    families[counts] = families[counts].astype(int)
    return AnalysisResult(
        ID,
        "Every P value",
        "Which P values are still small when they are adjusted for how many there are?",
        "",
        "done",
        "",
        {NAME: request},
        {NAME: answer},
        Shown({FAMILIES: families, TABLE: table}, remarks=_remarks(repeats)),
    )


def _remarks(repeats: int) -> tuple[str, ...]:
    texts = [
        "P values as they stand in the analyses, and adjusted within their family: by Holm (the chance of "
        "even one false finding) and by Benjamini and Hochberg (the share of false findings). A family is a "
        "chapter; repeats of one question in another way are families of their own.",
    ]
    if repeats:
        texts.append(f"The same model in another unit counts once: {repeats:,} repeats left away.")
    return tuple(texts)
