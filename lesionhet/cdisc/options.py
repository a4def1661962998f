"""How CDISC data sets are read: each rule by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lesionhet.errors import UsageError

ACCEPTED: Final = "accepted"
INDEPENDENT: Final = "independent"
INVESTIGATOR: Final = "investigator"
RULES: Final = {
    "dates": ("first", "middle", "last", "refuse"),
    "baseline": ("auto", "flag", "visit", "start"),
    "start": ("auto", "treatment", "reference", "randomisation"),
    "survival": ("derive", "none"),
}
"""Rule -> its permitted values, the default first."""


@dataclass(frozen=True)
class CdiscOptions:
    """How CDISC data sets are read.

    Parameters
    ----------
    reader
        Whose measurements are used. ``"accepted"``: those flagged as accepted (``TRACPTFL`` is Y); where
        nothing is flagged, the independent reader, where there is none, the investigator.
        ``"independent"``, ``"investigator"``: by ``TREVAL``. Any other text: a value of ``TREVALID`` or
        ``TREVAL``, such as ``"RADIOLOGIST 1"``.
    dates
        What stands for the missing day (or month) of a partial date: ``"first"``, ``"middle"`` (15th
        day, or 1 July) or ``"last"`` of the month (or year); ``"refuse"`` leaves the rows out, counted.
    baseline
        Which measurement is the baseline. ``"flag"``: the one flagged (``TRLOBXFL``, ``TRBLFL``,
        ``ABLFL``); ``"visit"``: the one at the visit called baseline or screening; ``"start"``: the last
        at or before the start of treatment; ``"auto"``: by flag where there is one, else by start.
    start
        What day 0 is. ``"treatment"``: first exposure (``RFXSTDTC``, else the first ``EXSTDTC``,
        ``TRTSDT``); ``"reference"``: ``RFSTDTC``; ``"randomisation"``: ``RANDDT`` or the ``DS`` record;
        ``"auto"``: the first of treatment, reference that a patient has.
    survival
        ``"derive"``: overall and progression-free survival from DM, DS and RS where ADTTE is not there;
        ``"none"``: not derived.
    os_param, pfs_param
        ``PARAMCD`` of overall and progression-free survival in ADTTE.
    sites
        A table of terms and analysis sites that is asked before the project's own.

    Raises
    ------
    UsageError
        A value is not permitted; the message lists what is.

    Examples
    --------
    >>> CdiscOptions(dates="today")
    Traceback (most recent call last):
    ...
    lesionhet.errors.UsageError: dates is 'today'; permitted: 'first', 'middle', 'last', 'refuse'.
    """

    reader: str = ACCEPTED
    dates: str = "first"
    baseline: str = "auto"
    start: str = "auto"
    survival: str = "derive"
    os_param: str = "OS"
    pfs_param: str = "PFS"
    sites: Path | None = None

    def __post_init__(self) -> None:
        for name, permitted in RULES.items():
            if (value := getattr(self, name)) not in permitted:
                raise UsageError(
                    f"{name} is {value!r}; permitted: {', '.join(map(repr, permitted))}."
                )
        if not self.reader.strip():
            raise UsageError(
                "reader is empty; permitted: accepted, independent, investigator, a name."
            )
