"""TR joined to TU: the lesion, the reader and the size of each row."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.evaluator import choose, choose_tumours
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.sdtm.diameters import SIZE_TESTS, STATE_TEST, read_sizes
from lesionhet.cdisc.sdtm.lesions import (
    LESION,
    TARGET,
    check_joined,
    join_lesions,
    read_tumours,
    visit_labels,
)
from lesionhet.cdisc.sdtm.rows import result_rows
from lesionhet.cdisc.sdtm.study_days import study_days
from lesionhet.errors import InputError, Problem
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed


@dataclass
class Said:
    """What the steps of reading say: notices, problems and tables, in their order."""

    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    tables: list[ReadingTable] = field(default_factory=list)

    def add(self, found: object) -> None:
        """Take over the notices and problems of a step's result."""
        self.notices += getattr(found, "notices", ())
        self.problems += getattr(found, "problems", ())

    def check(self) -> None:
        """Stop where there is a problem.

        Raises
        ------
        InputError
            With every problem so far, each once.
        """
        if self.problems:
            raise InputError(list(dict.fromkeys(self.problems)))


@dataclass(frozen=True, eq=False)
class Measurements:
    """The rows of TR and the rows of TU that are used.

    Parameters
    ----------
    rows
        n rows of TR, index of the domain: those of `lesionhet.cdisc.sdtm.rows.result_rows`, with ``tu, kind,
        location`` of `lesionhet.cdisc.sdtm.lesions.join_lesions`, ``used``, ``size`` (mm), ``reason,
        centimetres`` of `lesionhet.cdisc.sdtm.diameters.Sizes`.
    tumours
        Rows of TU that are used, index of the domain: as in `lesionhet.cdisc.sdtm.lesions.Tumours`, with
        ``day, visit``.
    """

    rows: pd.DataFrame
    tumours: pd.DataFrame


def read_measurements(
    tr: Domain, tu: Domain, starts: pd.Series, cdisc: CdiscOptions, said: Said
) -> Measurements:
    """Join TR to TU, choose the reader and read the sizes.

    Parameters
    ----------
    tr, tu
        The data sets.
    starts
        ``USUBJID`` -> start of treatment.
    cdisc
        ``reader`` and ``dates`` are used.
    said
        Takes what is found on the way.

    Raises
    ------
    InputError
        A column that is needed is missing.
    """
    days, tu_days = (study_days(domain, starts, cdisc.dates) for domain in (tr, tu))
    said.add(days)
    said.problems += tu_days.problems
    tumours = read_tumours(tu)
    said.add(tumours)
    found = tumours.frame.assign(day=tu_days.day, visit=visit_labels(tu))
    rows = result_rows(tr, days)
    joined = join_lesions(rows, found)
    rows[["tu", "kind", "location"]] = joined[["tu", "kind", "location"]]
    if not rows["accepted"].any() and found["accepted"].any():
        # Some trials flag the lesions that count (TUACPTFL) and not each measurement.
        rows["accepted"] = rows["tu"].isin(found.index[found["accepted"]])
    of_lesion = rows["link"].notna() & (
        rows["test"].isin([*SIZE_TESTS, STATE_TEST]) | rows["kind"].notna()
    )
    choice = choose(tr, rows[of_lesion], cdisc.reader)
    said.add(choice)
    rows["used"] = choice.used.reindex(rows.index, fill_value=False)
    used = rows["used"]
    said.add(check_joined(tr, rows[used], joined[used]))
    sizes = read_sizes(tr, used & rows["kind"].eq(TARGET) & rows["test"].isin(SIZE_TESTS))
    said.add(sizes)
    rows["size"], rows["reason"] = sizes.size, sizes.reason
    rows["centimetres"] = sizes.centimetres
    said.problems += _without_link(tr, rows)
    chosen = choose_tumours(found, rows, cdisc.reader)
    said.notices += _other_findings(tu, found[chosen])
    return Measurements(rows, found[chosen])


def _without_link(tr: Domain, rows: pd.DataFrame) -> list[Problem]:
    lost = rows["link"].isna() & rows["test"].isin(SIZE_TESTS)
    return tr.problems(
        "TRLNKID",
        lost,
        f"sizes ({listed(sorted(set(rows.loc[lost, 'test'])))}) without a link id: which lesion they are of "
        "is not said.",
        "Fill in TRLNKID: the TULNKID that the lesion has in TU.",
    )


def _other_findings(tu: Domain, tumours: pd.DataFrame) -> list[Notice]:
    """Say which findings of TU are neither target, non-target nor new lesions."""
    others = tumours[tumours["kind"].isna()]
    if others.empty:
        return []
    n = counted(len(others[LESION].drop_duplicates()), "finding")
    terms = listed(sorted(set(others["term"].dropna())) or ["(empty)"], 10)
    text = f"{tu.where('TUSTRESC')}: {n} of another kind than target, non-target or new: {terms};"
    return [Notice("warning", f"{text} not read unless TRGRPID says TARGET, NON-TARGET or NEW.")]
