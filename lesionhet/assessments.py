"""Which measurements of a patient belong to one assessment, and in what order the assessments come."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.coded import FollowedLesions, coded, visit_codes
from lesionhet.groupwise import (
    Flags,
    Floats,
    Integers,
    lowest,
    occurrences,
    pair_codes,
    places,
    starts,
)
from lesionhet.once import once_per_object

BASELINE: Final = 0
"""Number of the assessment that gathers every baseline measurement at day <= 0."""


def assessments(followed: FollowedLesions, window_days: float) -> pd.Series:
    """Give each measurement the number of its assessment.

    Baselines at day <= 0 are assessment 0. After that the visit names the assessment; without a visit,
    an assessment takes the measurements within ``window_days`` of its first. A second measurement of a
    lesion always begins another assessment: the k-th measurements at a visit are its k-th assessment.

    Parameters
    ----------
    followed
        Its measurements, n rows.
    window_days
        Width of an assessment in days.

    Returns
    -------
    pandas.Series
        n whole numbers on the index of the measurements, ascending within a patient by the first day of
        the assessment; of those that begin on one day named ones come first, by name.
    """
    number = assessment_numbers(followed, window_days)
    return pd.Series(number, index=followed.measurements.index)


@once_per_object
def assessment_numbers(followed: FollowedLesions, window_days: float) -> Integers:
    """Give the numbers of `assessments` as an array, which must not be changed."""
    codes = coded(followed)
    found = number_assessments(
        codes.patient_of_row,
        codes.lesion,
        codes.day,
        visit_codes(followed),
        codes.at_baseline,
        window_days,
    )
    found.flags.writeable = False
    return found


def number_assessments(
    patient: Integers,
    lesion: Integers,
    day: Floats,
    visit: Integers,
    at_baseline: Flags,
    window_days: float,
) -> Integers:
    """Give coded measurements the numbers of their assessments, as `assessments` says.

    Parameters
    ----------
    patient, lesion
        n codes from 0; a lesion is of one patient and is measured once a day.
    day
        n days.
    visit
        n codes of visits in the order of their names; -1 without one.
    at_baseline
        n flags: what belongs to assessment 0.
    window_days
        Width of an assessment without a visit.

    Examples
    --------
    >>> nobody, one = np.zeros(4, dtype=int), np.array([0, 0, 1, 0])
    >>> day, visit = np.array([0.0, 50.0, 56.0, 57.0]), np.full(4, -1)
    >>> number_assessments(nobody, one, day, visit, day <= 0, 7.0).tolist()
    [0, 1, 1, 2]
    """
    later = np.flatnonzero(~at_baseline)
    patient, lesion, visit = (codes[later] for codes in (patient, lesion, visit))
    day = day[later]
    named = visit >= 0
    again = np.empty(len(later), dtype=np.int64)
    again[named] = occurrences(pair_codes(lesion[named], visit[named]))
    again[~named] = _window_places(patient[~named], lesion[~named], day[~named], window_days)
    # Those without a visit come last of the assessments that begin on one day.
    named_or_last = np.where(named, visit, visit.max(initial=-1) + 1)
    code = pair_codes(pair_codes(patient, named_or_last), again)
    group, codes = pd.factorize(code)
    first = lowest(day, group, len(codes))
    owner = np.empty(len(codes), dtype=np.int64)
    owner[group] = patient
    order = np.lexsort((codes, first, owner))
    number = np.empty(len(codes), dtype=np.int64)
    number[order] = 1 + places(starts(owner[order]), len(order))
    found = np.full(len(at_baseline), BASELINE, dtype=np.int64)
    found[later] = number[group]
    return found


def _window_places(
    patient: Integers, lesion: Integers, day: Floats, window_days: float
) -> Integers:
    """Give each measurement the place of its assessment among those of its patient."""
    order = np.lexsort((day, patient))
    patient, lesion, day = patient[order], lesion[order], day[order]
    start = starts(patient)
    stop = np.repeat(
        np.append(start[1:], len(day))[: len(start)], np.diff(np.append(start, len(day)))
    )
    end = np.minimum(
        _first_beyond(day, stop, day + window_days), _repeats(patient, lesion, day, stop)
    )
    # Where the first assessments begin is where patients do; each next one where the one before ends.
    begins = np.zeros(len(day), dtype=np.int64)
    begin = start
    while len(begin):
        begins[begin] = 1
        following = end[begin]
        begin = following[following < stop[begin]]
    found = np.empty(len(day), dtype=np.int64)
    count = np.cumsum(begins)
    found[order] = count - np.repeat(count[start], np.diff(np.append(start, len(day))))
    return found


def _first_beyond(day: Floats, stop: Integers, limit: Floats) -> Integers:
    """Give for each row the first one of its patient with a day above the limit, by bisection."""
    low, high = np.arange(len(day)) + 1, stop.copy()
    while (open_ := low < high).any():
        middle = np.where(open_, (low + high) // 2, 0)
        inside = day[middle] <= limit
        low = np.where(open_ & inside, middle + 1, low)
        high = np.where(open_ & ~inside, middle, high)
    return low


def _repeats(patient: Integers, lesion: Integers, day: Floats, stop: Integers) -> Integers:
    """Give for each row the first one of the day on which a lesion measured from it on is so again."""
    n = len(day)
    by_lesion = np.argsort(lesion, kind="stable")
    same = np.flatnonzero(lesion[by_lesion][1:] == lesion[by_lesion][:-1])
    again = np.full(n, n)
    again[by_lesion[same]] = by_lesion[same + 1]
    # The first repeat of anything from a row on; one of another patient stands behind the stop.
    first = np.minimum(np.minimum.accumulate(again[::-1])[::-1], stop)
    new_day = np.r_[True, (patient[1:] != patient[:-1]) | (day[1:] != day[:-1])][:n]
    first_of_day = np.maximum.accumulate(np.where(new_day, np.arange(n), 0))
    found = np.where(first < stop, np.append(first_of_day, n)[first], stop)
    return np.maximum(found, np.arange(n) + 1)
