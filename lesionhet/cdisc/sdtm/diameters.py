"""Sizes of lesions: which test counts, in which unit, and what was not assessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cdisc.domain import Domain, by_value
from lesionhet.cdisc.doubts import two_results
from lesionhet.cdisc.evaluator import READER
from lesionhet.cdisc.sdtm.lesions import LESION
from lesionhet.checks.cells import as_numbers
from lesionhet.errors import Problem
from lesionhet.readers import Notice, ReadOptions
from lesionhet.readers.table import counted, listed

LONGEST: Final = ("LDIAM", "DIAMETER")
SHORT_AXIS: Final = ("SAXIS", "LPERP")
SIZE_TESTS: Final = (*LONGEST, *SHORT_AXIS)
"""TRTESTCD of a lesion's size, in the order in which they are taken."""
RECIST_NODE: Final = ("DIAMETER", *SHORT_AXIS, "LDIAM")
RECIST_OTHER: Final = ("DIAMETER", "LDIAM")
STATE_TEST: Final = "TUMSTATE"
ASSESSMENT: Final = [*LESION, "visit", "day"]

_FACTORS: Final = {
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), 1.0),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 10.0),
}
_NOT_A_SIZE: Final = (
    r"<.*|>.*|too small.*|tstm|not .*|non[- ]?(?:measurable|evaluable).*|un(?:able|known|evaluable).*"
    r"|inevaluable.*|n[ade]|n/[ae]|present"
)
_PLAIN: Final = ReadOptions()


@dataclass(frozen=True, eq=False)
class Sizes:
    """The size in each row of TR.

    Parameters
    ----------
    size
        n sizes in mm; missing where not assessed.
    reason
        n texts: why a size is missing; empty where it is there.
    centimetres
        n flags: whether it was in cm.
    notices, problems
        What the user should know.
    """

    size: pd.Series
    reason: pd.Series
    centimetres: pd.Series
    notices: tuple[Notice, ...]
    problems: tuple[Problem, ...]


def read_sizes(tr: Domain, chosen: pd.Series) -> Sizes:
    """Read the sizes of TR in mm.

    Parameters
    ----------
    tr
        The size is ``TRSTRESN``, else ``TRSTRESC`` where a number, both in ``TRSTRESU``; else
        ``TRORRES`` in ``TRORRESU``. mm and cm are permitted; 0 needs no unit.
    chosen
        n flags: the rows that are used; only they give notices and problems.

    Returns
    -------
    Sizes
        ``TRSTAT`` with any text (NOT DONE) is not assessed, and so is a result in words such as ``<5``
        or TOO SMALL TO MEASURE: RECIST 1.1 lets a reader record 5 mm there, but the program invents no
        size. Any other text, a size below 0, a unit that is neither mm nor cm, and a size in a row that
        was not done are problems.

    Examples
    --------
    >>> frame = pd.DataFrame({"TRSTRESN": [1.2, None, 0], "TRSTRESC": ["1.2", "<5", "0"],
    ...                       "TRSTRESU": ["cm", None, None]}, dtype=object)
    >>> sizes = read_sizes(Domain("TR", frame, "tr.csv", "", np.array([2, 3, 4])), pd.Series([True] * 3))
    >>> sizes.size.tolist(), sizes.reason.tolist()
    ([12.0, nan, 0.0], ['', 'recorded as <5', ''])
    """
    status, why = tr.text("TRSTAT"), tr.text("TRREASND")
    if not any(map(tr.has, ("TRSTRESN", "TRSTRESC", "TRORRES"))):
        tr.require("TRSTRESN")
    standard, problems = tr.take(chosen).numbers("TRSTRESN")
    value = pd.Series(np.nan, index=tr.frame.index)
    value[chosen] = standard.to_numpy()
    rest = tr.frame.index[~chosen]
    value[rest] = _numbers(tr.text("TRSTRESN")[rest]).to_numpy()
    text, original = tr.text("TRSTRESC"), tr.text("TRORRES")
    in_text = _numbers(text)
    of_number = value.where(chosen & status.isna())
    value = value.fillna(in_text)
    recorded = _numbers(original)
    unit = tr.text("TRSTRESU")
    of_original = value.isna() & recorded.notna()
    unit = unit.where(~(of_original | (unit.isna() & value.eq(recorded))), tr.text("TRORRESU"))
    value = value.where(~of_original, recorded)
    factor = _factor(unit)
    words = text.where(text.notna(), original).where(value.isna())
    reason = _reasons(value, status, why, words)
    problems += _problems(tr, chosen, value, unit, factor, status, words)
    size = value * factor.fillna(1.0)
    good = (factor.notna() | value.eq(0)) & value.ge(0) & status.isna()
    notices = _word_notice(tr, chosen & reason.str.startswith("recorded as"), words)
    collected = recorded * _factor(tr.text("TRORRESU"))
    others = {"TRSTRESC": in_text * factor, "TRORRES": collected}
    notices += two_results(tr, of_number * factor, others)
    return Sizes(size.where(good), reason, factor.eq(10.0), tuple(notices), tuple(problems))


def _factor(unit: pd.Series) -> pd.Series:
    return unit.str.lower().str.strip(" .").map(_FACTORS)


def _numbers(cells: pd.Series) -> pd.Series:
    return by_value(lambda unique: as_numbers(unique, _PLAIN), cells).astype(float)


def _reasons(value: pd.Series, status: pd.Series, why: pd.Series, words: pd.Series) -> pd.Series:
    """Say why each missing size is missing."""
    not_done = status.str.lower().fillna("") + (": " + why).fillna("")
    return pd.Series(
        np.select(
            [status.notna(), value.notna(), words.notna()],
            [not_done, "", "recorded as " + words.fillna("")],
            default="empty",
        ),
        index=value.index,
        dtype=object,
    )


def _problems(
    tr: Domain,
    chosen: pd.Series,
    value: pd.Series,
    unit: pd.Series,
    factor: pd.Series,
    status: pd.Series,
    words: pd.Series,
) -> list[Problem]:
    strange = chosen & (words.notna() & status.isna())
    strange &= ~words.fillna("").str.lower().str.fullmatch(_NOT_A_SIZE)
    sized = chosen & value.notna() & value.ne(0) & status.isna()
    no_unit, other = sized & unit.isna(), sized & unit.notna() & factor.isna()
    low, done = chosen & value.lt(0), chosen & value.notna() & status.notna()
    return [
        *tr.problems(
            "TRSTRESC",
            strange,
            f"found {listed(words[strange].unique(), 3)}; a size in mm or cm is expected.",
            "Write the number alone (0 for a lesion that is gone) and its unit in TRSTRESU.",
        ),
        *tr.problems(
            "TRSTRESU",
            no_unit,
            "a size without a unit; mm or cm is expected.",
            "Fill in the unit.",
        ),
        *tr.problems(
            "TRSTRESU",
            other,
            f"found the unit {listed(unit[other].unique(), 3)}; mm or cm is expected.",
            "Give the size in mm.",
        ),
        *tr.problems(
            "TRSTRESN", low, "a size below 0; 0 mm or more is expected.", "Correct the size."
        ),
        *tr.problems(
            "TRSTAT",
            done,
            f"found {listed(status[done].unique(), 3)} beside a size.",
            "Empty TRSTAT where the lesion was measured, or the size where it was not.",
        ),
    ]


def _word_notice(tr: Domain, mask: pd.Series, words: pd.Series) -> list[Notice]:
    if not mask.any():
        return []
    counts = words[mask].value_counts(sort=False)
    found = ", ".join(f"'{word}' ({counted(n, 'row')})" for word, n in counts.items())
    text = (
        f"{tr.where('TRSTRESC')}: {found} read as not assessed. Where the protocol sets a size for"
    )
    return [Notice("warning", f"{text} them (RECIST 1.1: 5 mm), write it into TRSTRESN.")]


def drop_duplicates(tr: Domain, rows: pd.DataFrame) -> tuple[pd.Series, list[Problem]]:
    """Find rows that stand twice.

    Parameters
    ----------
    tr
        For the problem.
    rows
        n rows of one or more readers: ``patient, link, evaluator, evaluator_id, visit, day, test, size``;
        index of the domain.

    Returns
    -------
    n flags: rows to drop, since another has the same reader, lesion, visit, day, test and size, or a size
    where this one has none; and the problem of those with two sizes.
    """
    key = [*ASSESSMENT, *READER, "test"]
    order = rows.assign(missing=rows["size"].isna()).sort_values("missing", kind="stable")
    again = order.duplicated(key).reindex(rows.index)
    several = rows.groupby(key, dropna=False)["size"].transform("nunique") > 1
    if not several.any():
        return again, []
    first = rows[several].iloc[0]
    own = rows[several & (rows[LESION] == first[LESION]).all(axis=1)]
    own = own[own["visit"].eq(first["visit"]) & own["test"].eq(first["test"])]
    sizes = " and ".join(f"{size:g}" for size in own["size"].dropna().unique())
    problems = tr.problems(
        "TRSTRESN",
        tr.frame.index.isin(rows.index[several]),
        f"a lesion has one size a visit and test; {first['test']} of lesion '{first['link']}' of patient "
        f"'{first['patient']}' is {sizes} mm at visit '{first['visit']}'.",
        "Keep one of the rows.",
    )
    return again, problems


def pick_test(
    rows: pd.DataFrame, node_tests: Sequence[str], other_tests: Sequence[str]
) -> pd.Series:
    """Choose the test that gives a lesion its size; the same at every visit.

    Tests are never mixed within a lesion: a change from the longest diameter to the short axis would look
    like a response.

    Parameters
    ----------
    rows
        n rows without duplicates: ``patient, link, visit, day, test, size``, ``node`` (True, False or None).
    node_tests, other_tests
        Tests that may be taken for a lymph node and for any other lesion, in order.

    Returns
    -------
    n texts: the test of the lesion: of those that measured it at the most assessments, the first in the
    order; empty where none did.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient": "P", "link": "T01", "visit": ["1", "1", "2"], "day": [0, 0, 42],
    ...                      "test": ["LDIAM", "LPERP", "LPERP"], "size": [20.0, 15.0, 12.0], "node": True})
    >>> pick_test(rows, SIZE_TESTS, LONGEST).tolist()
    ['LPERP', 'LPERP', 'LPERP']
    """
    node = rows["node"].eq(True)
    rank = rows["test"].map({t: i for i, t in enumerate(other_tests)})
    rank = rank.where(~node, rows["test"].map({t: i for i, t in enumerate(node_tests)}))
    usable = rows[rows["size"].notna() & rank.notna()].assign(rank=rank)
    counts = usable.groupby([*LESION, "test", "rank"], as_index=False).size()
    best = counts.sort_values(["size", "rank"], ascending=[False, True]).drop_duplicates(LESION)
    found = rows[LESION].merge(best[[*LESION, "test"]], how="left", on=LESION)["test"]
    return pd.Series(found.fillna("").to_numpy(dtype=object), index=rows.index)
