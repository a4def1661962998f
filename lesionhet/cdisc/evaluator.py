"""Whose measurements are used: the reader of each row, the rule that chooses, and a count of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import ACCEPTED, INDEPENDENT, INVESTIGATOR
from lesionhet.errors import Problem, UsageError
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

READER: Final = ["evaluator", "evaluator_id"]
UNNAMED: Final = "(no evaluator)"
RULE_TEXTS: Final = {
    ACCEPTED: "Rows flagged as accepted are used; of a patient without any such row the independent "
    "reader's, of one without those the investigator's.",
    INDEPENDENT: "The independent reader's rows are used.",
    INVESTIGATOR: "The investigator's rows are used; an empty evaluator counts as investigator.",
}
_INDEPENDENT_WORDS: Final = "INDEPENDENT|CENTRAL|BICR|BLINDED|ADJUDICAT"


def readers_of(domain: Domain) -> pd.DataFrame:
    """Give who made each row of TU, TR or RS.

    Parameters
    ----------
    domain
        n rows with ``--EVAL``, ``--EVALID``, ``--ACPTFL`` where the data set has them.

    Returns
    -------
    n rows with the domain's index: ``patient`` (USUBJID), ``evaluator`` and ``evaluator_id`` (text, empty
    where the cell is) and ``accepted`` (whether the flag is Y).
    """
    prefix = domain.name[:2]
    return pd.DataFrame(
        {
            "patient": domain.text("USUBJID"),
            "evaluator": domain.upper(f"{prefix}EVAL"),
            "evaluator_id": domain.upper(f"{prefix}EVALID"),
            "accepted": domain.upper(f"{prefix}ACPTFL").eq("Y"),
        }
    )


def reader_name(evaluator: str, evaluator_id: str) -> str:
    """Give a reader as text.

    Examples
    --------
    >>> reader_name("INDEPENDENT ASSESSOR", "RADIOLOGIST 1"), reader_name("", "")
    ('INDEPENDENT ASSESSOR, RADIOLOGIST 1', '(no evaluator)')
    """
    return ", ".join(part for part in (evaluator, evaluator_id) if part) or UNNAMED


@dataclass(frozen=True, eq=False)
class Choice:
    """Whose rows are used.

    Parameters
    ----------
    used
        n flags, one a row.
    notices, problems
        What the user should know.
    """

    used: pd.Series
    notices: tuple[Notice, ...] = ()
    problems: tuple[Problem, ...] = ()


def choose(domain: Domain, readers: pd.DataFrame, rule: str) -> Choice:
    """Choose the rows of one reader for each patient, or for each patient's visit.

    Parameters
    ----------
    domain
        TR, for messages.
    readers
        n rows of `readers_of` and ``visit`` (any label), index that of the domain; may be part of its rows.
    rule
        ``reader`` of `lesionhet.cdisc.options.CdiscOptions`.

    Returns
    -------
    ``"accepted"`` uses the flagged rows of a patient who has any; other patients' rows are those of the
    independent reader, else of the investigator, else of the only reader. A name is compared with
    ``--EVALID``, then with ``--EVAL``, without regard to case. Several readers who would be used for one
    patient (for one visit, where rows are flagged) are a problem.

    Raises
    ------
    UsageError
        No row has the reader that was named; the message lists those there are.

    Examples
    --------
    >>> frame = pd.DataFrame({"USUBJID": ["P", "P"], "TREVAL": ["INVESTIGATOR", "INDEPENDENT ASSESSOR"]})
    >>> tr = Domain("TR", frame, "tr.csv", "", frame.index.to_numpy() + 2)
    >>> choose(tr, readers_of(tr).assign(visit="1"), "accepted").used.tolist()
    [False, True]
    """
    if rule not in RULE_TEXTS:
        used = _named(readers, rule)
        several = _several(domain, readers[used], ["patient"])
        return Choice(used, tuple(_absent(domain, readers, used, rule)), tuple(several))
    if rule != ACCEPTED:
        used = _of_kind(readers, rule)
        if not used.any():
            raise UsageError(
                f"reader is {rule!r}, but no row of {domain.name} is: {_all(readers)}."
            )
        several = _several(domain, readers[used], ["patient"])
        return Choice(used, tuple(_absent(domain, readers, used, rule)), tuple(several))
    flagged = readers.groupby("patient")["accepted"].transform("any")
    fallback = _fallback(readers[~flagged])
    used = readers["accepted"] | fallback.reindex(readers.index, fill_value=False)
    problems = [
        *_several(domain, readers[readers["accepted"]], ["patient", "visit"]),
        *_several(domain, readers[used & ~flagged], ["patient"]),
    ]
    return Choice(used, tuple(_flag_notices(domain, readers, flagged)), tuple(problems))


def choose_tumours(tumours: pd.DataFrame, rows: pd.DataFrame, rule: str) -> pd.Series:
    """Choose the rows of TU that go with the rows of TR that are used.

    Parameters
    ----------
    tumours
        n rows of TU: ``patient, evaluator, evaluator_id, accepted``.
    rows
        Rows of TR: the same, with ``used`` and ``tu`` (index of the row of TU that each belongs to).
    rule
        As in `choose`.

    Returns
    -------
    n flags. Of a patient with rows that are used: those rows' lesions; with the rule ``"accepted"`` the
    flagged rows too, where there are any, else every row of the same readers (an empty evaluator is
    everybody's). Of a patient without any row of TR: by the rule.
    """
    used = rows[rows["used"]]
    found = pd.Series(tumours.index.isin(used["tu"]), index=tumours.index)
    same = tumours["evaluator"].eq("") & tumours["patient"].isin(used["patient"])
    for keys in (READER, READER[:1]):
        known = pd.MultiIndex.from_frame(used[["patient", *keys]].drop_duplicates())
        match = pd.MultiIndex.from_frame(tumours[["patient", *keys]]).isin(known)
        same |= match if len(keys) == len(READER) else match & tumours["evaluator_id"].eq("")
    if rule == ACCEPTED:
        flagged = tumours.groupby("patient")["accepted"].transform("any")
        flagged &= tumours["patient"].isin(used["patient"])
        same = same.where(~flagged, tumours["accepted"])
    unmeasured = tumours[~tumours["patient"].isin(rows["patient"])]
    alone = _by_rule(unmeasured, rule).reindex(tumours.index, fill_value=False)
    return found | same | alone


def _by_rule(readers: pd.DataFrame, rule: str) -> pd.Series:
    if rule == ACCEPTED:
        flagged = readers.groupby("patient")["accepted"].transform("any")
        return readers["accepted"] | (_fallback(readers) & ~flagged)
    if rule in RULE_TEXTS:
        return _of_kind(readers, rule)
    wanted = rule.strip().upper()
    return readers["evaluator"].eq(wanted) | readers["evaluator_id"].eq(wanted)


def _of_kind(readers: pd.DataFrame, kind: str) -> pd.Series:
    """Say which rows are an independent reader's, or the investigator's."""
    independent = readers["evaluator"].str.contains(_INDEPENDENT_WORDS)
    if kind == INDEPENDENT:
        return independent
    named = readers["evaluator"].str.contains("INVESTIGATOR")
    return ~independent & (named | readers["evaluator"].eq(""))


def _fallback(readers: pd.DataFrame) -> pd.Series:
    """Give each patient's rows of the best kind of reader that there is."""
    used = pd.Series(False, index=readers.index)
    left = pd.Series(True, index=readers.index)
    for kind in (INDEPENDENT, INVESTIGATOR, ""):
        mask = left & (_of_kind(readers, kind) if kind else True)
        used |= mask
        left &= ~readers["patient"].isin(readers.loc[mask, "patient"])
    return used


def _named(readers: pd.DataFrame, rule: str) -> pd.Series:
    wanted = rule.strip().upper()
    for column in reversed(READER):
        if (used := readers[column].eq(wanted)).any():
            return used
    raise UsageError(f"reader is {rule!r}; found: {_all(readers)}.")


def _all(readers: pd.DataFrame) -> str:
    pairs = readers[READER].drop_duplicates().sort_values(READER)
    return listed([reader_name(*pair) for pair in pairs.itertuples(index=False)], 20)


def _several(domain: Domain, readers: pd.DataFrame, keys: list[str]) -> list[Problem]:
    """Find patients (and visits) for whom more than one reader is left."""
    pairs = readers[[*keys, *READER]].drop_duplicates()
    twice = pairs[pairs.duplicated(keys, keep=False)]
    if twice.empty:
        return []
    mask = domain.frame.index.isin(
        readers.index[readers.set_index(keys).index.isin(twice.set_index(keys).index)]
    )
    n = twice["patient"].nunique()
    names = sorted({reader_name(*p) for p in twice[READER].itertuples(index=False)})
    options = [ident or name for name, ident in sorted(set(twice[READER].itertuples(index=False)))]
    per = "the same visit" if "visit" in keys else "the same patient"
    prefix = domain.name[:2]
    return domain.problems(
        f"{prefix}EVAL",
        mask,
        f"more than one reader for {per} ({counted(n, 'patient')}): {listed(names)}; which one counts "
        "is not said.",
        f"""Choose one, such as --reader "{options[0] or INVESTIGATOR}", or flag rows with """
        f"{prefix}ACPTFL.",
    )


def _absent(domain: Domain, readers: pd.DataFrame, used: pd.Series, rule: str) -> list[Notice]:
    without = sorted(set(readers["patient"].dropna()) - set(readers.loc[used, "patient"]))
    if not without:
        return []
    text = f"{domain.file}: {counted(len(without), 'patient')} without a row of reader '{rule}':"
    return [Notice("warning", f"{text} {listed(without)}.")]


def _flag_notices(domain: Domain, readers: pd.DataFrame, flagged: pd.Series) -> list[Notice]:
    found = []
    accepted = readers[readers["accepted"]]
    without = readers[~flagged]["patient"].nunique()
    if len(accepted) and without:
        text = f"{domain.file}: {counted(without, 'patient')} without an accepted row; the independent "
        found.append(Notice("warning", f"{text}reader, else the investigator, is used for them."))
    changing = accepted[["patient", *READER]].drop_duplicates()["patient"].value_counts()
    if n := int((changing > 1).sum()):
        text = (
            f"{domain.file}: in {counted(n, 'patient')} the accepted reader changes between visits;"
        )
        found.append(
            Notice(
                "warning",
                f"{text} differences between readers look like growth or response. --reader with the name "
                "of one reader uses that one throughout.",
            )
        )
    rest = readers[flagged]
    any_accepted = rest.groupby(["patient", "visit"])["accepted"].any()
    if n := int((~any_accepted).sum()):
        text = f"{domain.file}: {counted(n, 'visit')} without an accepted row in patients who have"
        found.append(Notice("warning", f"{text} accepted rows at others; not used."))
    return found
