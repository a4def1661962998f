"""Sums of a patient's target lesions over time: the total burden, and that of an organ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lesionhet.assessments import assessment_numbers
from lesionhet.assessments import assessments as assessments
from lesionhet.coded import FollowedLesions as FollowedLesions
from lesionhet.coded import coded
from lesionhet.definitions import Definitions
from lesionhet.groupwise import Integers, highest, lowest, pair_codes, starts, sums


def total_burden(followed: FollowedLesions, definitions: Definitions) -> pd.DataFrame:
    """Add up each patient's followed lesions, assessment by assessment.

    Parameters
    ----------
    followed
        Measurements of followed lesions.
    definitions
        ``burden`` and ``visit_window_days``.

    Returns
    -------
    pandas.DataFrame
        ``patient_id``, ``day`` (of the assessment's last measurement), ``size_mm``; sorted by patient
        and day, the first row of a patient is the baseline. Patients without a baseline sum above 0
        and a later assessment are absent.

    Source: paper, "Statistical analysis"; RECIST 1.1 sum of diameters.
    """
    codes = coded(followed)
    found = sums_over_time(
        sum_rows(followed, codes.patient, definitions.visit_window_days), definitions
    )
    ids = codes.patients.take(found.pop("unit"))
    found.insert(0, "patient_id", ids.to_numpy())
    return found


def sum_rows(followed: FollowedLesions, unit: Integers, window_days: float) -> pd.DataFrame:
    """Give the measurements as `sums_over_time` takes them.

    Parameters
    ----------
    followed
        Measurements of followed lesions.
    unit
        Code of the unit of each lesion, in the order of the table of lesions.
    window_days
        Width of an assessment in days.
    """
    codes = coded(followed)
    return pd.DataFrame(
        {
            "unit": unit[codes.lesion],
            "lesion": codes.lesion,
            "assessment": assessment_numbers(followed, window_days),
            "day": codes.day,
            "size_mm": codes.size,
            "is_baseline": codes.is_baseline,
            "baseline_mm": codes.baseline[codes.lesion],
        }
    )


def sums_over_time(rows: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Add up the lesions of each unit, assessment by assessment.

    Parameters
    ----------
    rows
        Measurements, in any order: ``unit`` (code: a patient, or a part of a patient's lesions) and
        ``lesion`` (code, of one unit) from 0, number of the ``assessment``, ``day``, ``size_mm``,
        ``is_baseline``, ``baseline_mm``. A lesion is measured once in an assessment.
    definitions
        ``burden``: which assessments of a unit are added up.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``day``, ``size_mm``; sorted so, the first row of a unit is its baseline. Units without a
        baseline sum above 0 and a later assessment are absent.
    """
    found = _complete(rows) if definitions.burden == "complete" else _available(rows)
    unit, day, size = (found[name].to_numpy() for name in ("unit", "day", "size_mm"))
    if not np.where(unit[1:] == unit[:-1], np.diff(day) >= 0, np.diff(unit) > 0).all():
        order = np.lexsort((day, unit))
        unit, day, size = unit[order], day[order], size[order]
    # Visits that overlap in time can end on one day: the first stands.
    first = np.r_[True, (unit[1:] != unit[:-1]) | (day[1:] != day[:-1])][: len(unit)]
    unit, day, size = unit[first], day[first], size[first]
    start = starts(unit)
    n = np.diff(np.append(start, len(unit)))
    kept = np.repeat((size[start] > 0) & (n > 1), n)
    return pd.DataFrame({"unit": unit[kept], "day": day[kept], "size_mm": size[kept]})


def _complete(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum the assessments at which every followed lesion of the unit was measured."""
    unit, lesion = rows["unit"].to_numpy(), rows["lesion"].to_numpy()
    owner = np.full(int(lesion.max(initial=-1)) + 1, -1)
    owner[lesion] = unit
    followed = np.bincount(owner[owner >= 0])
    found, cell = _by_assessment(rows, {"size_mm": "size_mm"})
    whole = np.bincount(cell, minlength=len(found)) == followed[found["unit"].to_numpy()]
    return found[whole]


def _available(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare like with like: the sum present over its own baseline, times the whole baseline.

    The baseline stands on the last day of the baselines in the first assessment that has any; what is
    over by then is not after it.
    """
    at_first = rows[rows["is_baseline"].to_numpy()]
    unit, number, day, size = (
        at_first[name].to_numpy() for name in ("unit", "assessment", "day", "size_mm")
    )
    n = int(rows["unit"].max()) + 1 if len(rows) else 0
    inside = number == lowest(number, unit, n)[unit]
    begin = highest(day[inside], unit[inside], n)
    whole = sums(size, unit, n)
    named = {"now": "size_mm", "then": "baseline_mm"}
    later, _ = _by_assessment(rows[~rows["is_baseline"].to_numpy()], named)
    later = later[later["day"].to_numpy() > begin[later["unit"].to_numpy()]]
    ratio = later["now"].to_numpy() / later["then"].to_numpy()
    units = np.flatnonzero(np.isfinite(begin))
    return pd.DataFrame(
        {
            "unit": np.concatenate([units, later["unit"].to_numpy()]),
            "day": np.concatenate([begin[units], later["day"].to_numpy()]),
            "size_mm": np.concatenate([whole[units], ratio * whole[later["unit"].to_numpy()]]),
        }
    )


def _by_assessment(rows: pd.DataFrame, added: dict[str, str]) -> tuple[pd.DataFrame, Integers]:
    """Give last day and sums of each unit's assessments, sorted, and which of them each row is of."""
    unit, number = rows["unit"].to_numpy(), rows["assessment"].to_numpy()
    cell, codes = pd.factorize(pair_codes(unit, number))
    order = np.argsort(codes)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    cell = place[cell]
    owner = np.empty(len(order), dtype=np.int64)
    owner[cell] = unit
    found = {"unit": owner, "day": highest(rows["day"].to_numpy(), cell, len(order))}
    for name, column in added.items():
        found[name] = sums(rows[column].to_numpy(), cell, len(order))
    return pd.DataFrame(found), cell
