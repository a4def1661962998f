"""The visits of a wide table: which headings belong to which visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lesionhet.readers.choosing.headings import fold
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.visits import VisitHeading, visit_heading


@dataclass
class Group:
    """The columns of one visit.

    Parameters
    ----------
    label
        Its name.
    day
        What its name says, or what was chosen; None where neither tells.
    date
        The date that is its name, as ISO 8601; empty where it is none.
    size, when, at
        Headings of its size, of its date and of its day; empty where there is none.
    unit
        Unit that the heading of the size names.
    others
        Headings of what else stands under this visit.
    """

    label: str
    day: float | None
    date: str = ""
    size: str = ""
    when: str = ""
    at: str = ""
    unit: str = ""
    others: list[str] = field(default_factory=list)


def find_groups(names: Sequence[str], options: ReadOptions) -> tuple[list[Group], list[str]]:
    """Sort headings into visits with a size, and the others.

    Parameters
    ----------
    names
        Headings of the table.
    options
        ``visit_days`` and ``mapping`` are used; a mapped heading belongs to no visit.

    Examples
    --------
    >>> groups, kept = find_groups(["Patient", "date 1", "size 1", "date 2", "size 2"], ReadOptions())
    >>> [(group.label, group.size, group.when) for group in groups], kept
    ([('1', 'size 1', 'date 1'), ('2', 'size 2', 'date 2')], ['Patient'])
    """
    mapped = {fold(name) for name in options.mapping.values()}
    mapped |= {fold(options.start_date)} if options.start_date else set()
    found: dict[str, VisitHeading] = {}
    for name in names:
        read = None if fold(name) in mapped else visit_heading(name, options.visit_days)
        if read is not None:
            found[name] = read
    _pair_days(found)
    groups: dict[str, Group] = {}
    for name, read in found.items():
        date = "" if read.visit.date is None else read.visit.date.isoformat()
        group = groups.setdefault(
            fold(read.visit.label), Group(read.visit.label, read.visit.day, date)
        )
        _put(group, name, read)
    sized = [group for group in groups.values() if group.size]
    used = {h for g in sized for h in (g.size, g.when, g.at, *g.others)}
    return sized, [name for name in names if name not in used]


def _put(group: Group, name: str, read: VisitHeading) -> None:
    if read.measure == "size" and not group.size:
        group.size, group.unit = name, read.unit
    elif read.measure == "date" and not group.when:
        group.when = name
    elif read.measure == "day" and not group.at:
        group.at = name
    else:
        group.others.append(name)


def _pair_days(found: dict[str, VisitHeading]) -> None:
    """Take 'Day 2' beside 'Size 2' for the day of the second scan."""
    numbered = {
        read.visit.label
        for name, read in found.items()
        if read.visit.label.isdigit() and read.measure == "size" and fold(name) != read.visit.label
    }
    for name, read in list(found.items()):
        word, _, number = fold(name).replace("day", "day_").replace("__", "_").rpartition("_")
        if word in ("day", "study_day", "visit_day", "scan_day") and number in numbered:
            visit = replace(read.visit, label=number, day=None)
            found[name] = VisitHeading(visit, "day")
