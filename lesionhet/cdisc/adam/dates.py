"""Dates of ADaM: a SAS date, an ISO date or a date as SAS prints it; and days from the start."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.errors import InputError
from lesionhet.intake import ReadingTable
from lesionhet.readers.table import listed

SAS_EPOCH: Final = pd.Timestamp("1960-01-01")
STARTS: Final = {
    "auto": ("TRTSDT",),
    "treatment": ("TRTSDT",),
    "reference": ("RFSTDTC",),
    "randomisation": ("RANDDT",),
}
"""Value of ``CdiscOptions.start`` -> the variable of ADSL or ADTR that holds day 0."""
_ISO: Final = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?"
_SAS: Final = r"\d{1,2}[A-Za-z]{3}\d{4}(?::.*)?"
_DAYS: Final = r"-?\d{1,6}"


def dates_of(domain: Domain, name: str) -> pd.Series:
    """Read a date variable of an ADaM data set.

    Parameters
    ----------
    domain
        The data set.
    name
        Variable such as ``"ADT"``: dates, ISO texts (a time after it is passed over), texts such as
        ``02JAN2014``, or whole numbers, which count days from 1 January 1960 as SAS does.

    Returns
    -------
    pandas.Series
        n dates, missing where the cell is empty or the variable is not there.

    Raises
    ------
    InputError
        A cell that is none of these.

    Examples
    --------
    >>> frame = pd.DataFrame({"ADT": ["2014-01-02", "02JAN2014", "19725", None]}, dtype=object)
    >>> adtr = Domain("ADTR", frame, "adtr.csv", "", frame.index.to_numpy() + 2)
    >>> dates_of(adtr, "ADT").dt.date.astype(str).tolist()
    ['2014-01-02', '2014-01-02', '2014-01-02', 'NaT']
    """
    text = domain.text(name)
    found = pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns]")
    for pattern, form, length in ((_ISO, "%Y-%m-%d", 10), (_SAS, "%d%b%Y", 9)):
        fits = text.str.fullmatch(pattern).eq(True).to_numpy(dtype=bool)
        cut = text[fits].str.split(r"[T :]" if length > 9 else ":", n=1, regex=True).str[0]
        found[fits] = pd.to_datetime(cut, format=form, errors="coerce")
    days = text.str.fullmatch(_DAYS).eq(True).to_numpy(dtype=bool)
    found[days] = SAS_EPOCH + pd.to_timedelta(text[days].astype(float), unit="D")
    if (wrong := text.notna() & found.isna()).any():
        message = f"found {listed(text[wrong].unique(), 3)}; a whole date is expected."
        mend = "Give a SAS date, or a text such as 2014-01-02; ADaM dates are never partial."
        raise InputError(domain.problems(name, wrong, message, mend))
    return found


def days_of(
    adtr: Domain, adsl: Domain | None, options: CdiscOptions
) -> tuple[pd.Series, ReadingTable]:
    """Give the days from the start of treatment to each record, 0 on the day of the start.

    Parameters
    ----------
    adtr
        Records with ``ADY``, or ``ADT`` and a start.
    adsl
        Where the start is looked up that ADTR does not hold.
    options
        ``start``: with ``"auto"``, ADY counts wherever it is given, and the dates where it is not; any
        other value asks for ADT minus that date.

    Returns
    -------
    tuple
        n days, missing where neither is known, and how many records came by which way.

    Raises
    ------
    InputError
        An ADY of 0 (study days have none) or a faulty date.

    Source: ADaMIG 1.3, section 3.2.3: ADY = ADT - TRTSDT + 1 from the start on, ADT - TRTSDT before.
    """
    start_name = STARTS[options.start][0]
    by_date = (dates_of(adtr, "ADT") - _starts(adtr, adsl, start_name)).dt.days.astype(float)
    study_day = adtr.number("ADY")
    message = "found 0; study days have no day 0, the start itself is day 1."
    if problems := adtr.problems("ADY", study_day.eq(0), message, "Correct ADY."):
        raise InputError(problems)
    by_ady = study_day - study_day.gt(0)
    asked = options.start == "auto"
    days = by_ady.fillna(by_date) if asked else by_date
    differ = by_ady.notna() & by_date.notna() & by_ady.ne(by_date)
    from_ady = by_ady.notna() if asked else pd.Series(False, index=days.index)
    counts = pd.DataFrame(
        {
            "day_from": ["ADY", f"ADT - {start_name}", "unknown"],
            "records": [
                int(from_ady.sum()),
                int((~from_ady & days.notna()).sum()),
                int(days.isna().sum()),
            ],
            "other_way_differs": [
                int((differ & from_ady).sum()),
                int((differ & ~from_ady).sum()),
                0,
            ],
        }
    )
    note = (
        f"Day 0 is the start. {'ADY counts where it is given' if asked else 'ADY is not used'}; "
        f"else the day is ADT - {start_name}. Records without a day are left out."
    )
    return days, ReadingTable("study_days", "Days from the start", note, counts)


def imputed_dates(adtr: Domain) -> ReadingTable:
    """Count the records whose date was completed by whoever made ADTR (``ADTF``)."""
    flag = adtr.text("ADTF").fillna("none")
    words = {"D": "day", "M": "month and day", "Y": "year, month and day", "none": "nothing"}
    counts = flag.value_counts().rename_axis("adtf").rename("records").reset_index()
    counts = counts.sort_values("adtf", ignore_index=True)
    counts.insert(1, "completed", counts["adtf"].map(words).fillna("not a code of CDISC"))
    note = (
        "ADTF says which part of a date was not collected; such dates are used as ADTR gives them."
    )
    return ReadingTable("imputed_dates", "Dates completed in ADTR", note, counts)


def _starts(adtr: Domain, adsl: Domain | None, name: str) -> pd.Series:
    """Give each record's day 0: of its own row, else of ADSL."""
    own = dates_of(adtr, name)
    if adsl is None or not adsl.has(name, "USUBJID"):
        return own
    dates = pd.Series(dates_of(adsl, name).to_numpy(), index=adsl.text("USUBJID"))
    dates = dates[dates.notna() & dates.index.notna()]
    first = dates[~dates.index.duplicated()]
    return own.fillna(adtr.text("USUBJID").map(first))
