"""From the rows of TR that are used to one row a lesion and assessment, with the fate of every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.doubts import tests_changed
from lesionhet.cdisc.sdtm.diameters import (
    ASSESSMENT,
    LONGEST,
    RECIST_NODE,
    RECIST_OTHER,
    SIZE_TESTS,
    STATE_TEST,
    drop_duplicates,
    pick_test,
)
from lesionhet.cdisc.sdtm.lesions import LESION, NEW, NON_TARGET, TARGET
from lesionhet.cdisc.sdtm.states import state_of
from lesionhet.cdisc.sdtm.study_days import no_day_at_all, undated
from lesionhet.errors import Problem
from lesionhet.readers import Notice
from lesionhet.readers.table import counted

KEPT: Final = "rows of the lesions table"
NO_LESION: Final = "of no single lesion (no link id)"
OTHER_READER: Final = "of readers who are not used"
OTHER_FINDING: Final = "of findings that are no target, non-target or new lesion"
OTHER_TEST: Final = "tests that give neither a size nor a state"
SECOND_TEST: Final = "further tests of the same lesion and visit"
TWICE: Final = "duplicates"
NO_DAY: Final = "without a day"
ANOTHER_TEST: Final = "measured by another test only"
SHORT_AXIS_ONLY: Final = "only the short axis measured, no lymph node"
FATES: Final = (NO_LESION, OTHER_READER, OTHER_FINDING, OTHER_TEST, TWICE, NO_DAY, SECOND_TEST)


@dataclass(frozen=True, eq=False)
class Assessments:
    """What was recorded of each lesion at each assessment.

    Parameters
    ----------
    targets
        ``patient, link, visit, slot, day, test, size`` (mm), ``recist`` (mm), ``reason, flagged``; index
        of the row of TR.
    states
        Of non-target and new lesions: ``patient, link, visit, slot, day, kind, state`` (text or None).
    fate
        One text a row of TR: what became of it.
    notices, problems
        What the user should know.
    """

    targets: pd.DataFrame
    states: pd.DataFrame
    fate: pd.Series
    notices: tuple[Notice, ...]
    problems: tuple[Problem, ...]


def assess(tr: Domain, rows: pd.DataFrame) -> Assessments:
    """Give each lesion one row an assessment.

    Parameters
    ----------
    tr
        For messages, and for the states of non-target lesions.
    rows
        Rows of TR: those of `lesionhet.cdisc.sdtm.rows.result_rows` with ``kind, node, used, size, reason``.

    Returns
    -------
    Assessments
        A lesion not assessed at a visit without a date gets the day of the patient's other lesions at that
        visit; a size without a day is left out, with a warning.
    """
    fate = pd.Series(KEPT, index=rows.index, dtype=object)
    fate[~rows["used"]] = OTHER_READER
    known = rows["kind"].isin([TARGET, NON_TARGET, NEW])
    fate[rows["used"] & ~known] = OTHER_FINDING
    fate[rows["link"].isna()] = NO_LESION
    is_size = rows["test"].isin(SIZE_TESTS)
    target = rows["kind"].eq(TARGET)
    fitting = (target & is_size) | (~target & (is_size | rows["test"].eq(STATE_TEST)))
    fate[fate.eq(KEPT) & ~fitting] = OTHER_TEST
    rows = rows[fate.eq(KEPT)].copy()
    rows["day"] = rows["day"].where(rows["day"].notna(), _day_of_visit(rows))
    without = rows["day"].isna()
    fate[rows.index[without]] = NO_DAY
    sized = rows["size"].notna() & rows["kind"].eq(TARGET)
    lost = tr.frame.index.isin(rows.index[without & sized])
    notices = undated(tr, pd.Series(lost, index=tr.frame.index))
    # Without any day the notice would not be seen: nothing is left to report on.
    none_left = [] if not sized.any() or not without[sized].all() else no_day_at_all(tr, lost)
    rows = rows[~without]
    targets, problems = _targets(tr, rows[rows["kind"].eq(TARGET)], fate)
    states, said = _states(tr, rows[~rows["kind"].eq(TARGET)], fate)
    by_another = targets["reason"].eq(ANOTHER_TEST)
    notices += tests_changed(tr, targets[by_another])
    return Assessments(targets, states, fate, (*notices, *said), (*problems, *none_left))


def _day_of_visit(rows: pd.DataFrame) -> pd.Series:
    """Give the first day of the patient's visit for rows without a size and without a day."""
    with_day = rows[rows["day"].notna() & rows["visit"].notna()]
    first = with_day.groupby(["patient", "visit"])["day"].min()
    found = pd.MultiIndex.from_frame(rows[["patient", "visit"]])
    days = pd.Series(first.reindex(found).to_numpy(), index=rows.index)
    return days.where(rows["size"].isna())


def _targets(tr: Domain, rows: pd.DataFrame, fate: pd.Series) -> tuple[pd.DataFrame, list[Problem]]:
    """Give one row a target lesion and assessment; the fates of the others are noted."""
    again, problems = drop_duplicates(tr, rows)
    fate[rows.index[again]] = TWICE
    rows = rows[~again]
    tests = pick_test(rows, SIZE_TESTS, LONGEST)
    of_recist = pick_test(rows, RECIST_NODE, RECIST_OTHER)
    found = rows.assign(second=rows["test"].ne(tests), none=tests.eq(""), recist=rows["size"])
    found = found.sort_values("second", kind="stable")
    keys = ["patient", "link", "slot", "day"]
    targets = found.drop_duplicates(keys).copy()
    fate[rows.index.difference(targets.index)] = SECOND_TEST
    recist = rows[rows["test"].eq(of_recist)].drop_duplicates(keys).set_index(keys)["size"]
    place = pd.MultiIndex.from_frame(targets[keys])
    targets["recist"] = recist.reindex(place).to_numpy()
    targets["flagged"] = rows.groupby(keys)["flagged"].any().reindex(place).to_numpy()
    other = targets["size"].notna() & targets["second"]
    targets.loc[other, "reason"] = ANOTHER_TEST
    targets.loc[other & targets["none"], "reason"] = SHORT_AXIS_ONLY
    targets["size"] = targets["size"].mask(targets["second"])
    names = [*ASSESSMENT, "slot", "test", "size", "recist", "reason", "flagged"]
    return targets[names].sort_index(), problems


def _states(tr: Domain, rows: pd.DataFrame, fate: pd.Series) -> tuple[pd.DataFrame, list[Notice]]:
    """Give one row a non-target or new lesion and assessment; of several states the worst counts."""
    text = tr.text("TRSTRESC")
    text = text.where(text.notna(), tr.text("TRORRES")).where(tr.text("TRSTAT").isna())
    # The size of a lesion that is no target says whether it is there.
    by_size = np.select([rows["size"] > 0, rows["size"].eq(0)], ["PRESENT", "ABSENT"], "")
    state = text[rows.index].where(rows["test"].eq(STATE_TEST), by_size).astype(object)
    found = rows.assign(state=state.where(state.notna() & state.ne(""), None))
    order = {"progression": 0, "present": 1, "absent": 2}
    found["rank"] = state_of(found["state"]).map(order).fillna(3 + found["state"].isna())
    keys = ["patient", "link", "slot", "day"]
    kept = found.sort_values("rank", kind="stable").drop_duplicates(keys)
    fate[rows.index.difference(kept.index)] = TWICE
    known = found[found["rank"] < 3]
    differing = known.groupby(keys)["rank"].transform("nunique") > 1
    notices = []
    if differing.any():
        n = counted(len(known.loc[differing, keys].drop_duplicates()), "assessment")
        where = tr.rows_text(tr.frame.index.isin(known.index[differing]))
        said = f"{tr.file}: several states of one lesion at {n} ({where}); the worst counts"
        notices.append(Notice("warning", f"{said} (progression, present, absent)."))
    return kept[[*ASSESSMENT, "slot", "kind", "state"]].sort_index(), notices


def sites_of(rows: pd.DataFrame, tr: Domain) -> tuple[pd.Series, list[Notice]]:
    """Give each lesion the location that its first row has.

    Parameters
    ----------
    rows
        Rows that are used: ``patient, link, day, location``.
    tr
        For messages.

    Returns
    -------
    Locations, indexed by ``patient, link``; a lesion under two locations gives a warning.
    """
    known = rows.dropna(subset=["location"]).sort_values("day", kind="stable")
    groups = known.groupby(LESION)["location"]
    several = groups.agg(lambda terms: len(set(terms)) > 1)
    notices = []
    if n := int(several.sum()):
        patient, link = several.index[np.flatnonzero(several)[0]]
        text = f"{tr.file}: {counted(n, 'lesion')} with several TULOC, such as '{link}' of patient"
        notices.append(
            Notice("warning", f"{text} '{patient}'; that of the first measurement counts.")
        )
    return groups.first(), notices


def fate_table(fate: pd.Series) -> pd.DataFrame:
    """Count what became of the rows of TR: ``what, rows``; the last is their sum.

    Examples
    --------
    >>> fate_table(pd.Series([KEPT, TWICE, TWICE])).values.tolist()
    [['duplicates', 2], ['rows of the lesions table', 1], ['rows of TR', 3]]
    """
    counts = fate.value_counts()
    order = [*FATES, *sorted(set(counts.index) - {*FATES, KEPT}), KEPT]
    found = [[what, int(counts[what])] for what in order if what in counts]
    return pd.DataFrame([*found, ["rows of TR", len(fate)]], columns=["what", "rows"])
