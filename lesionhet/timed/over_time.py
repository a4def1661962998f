"""States of every patient at every scan day, all at once, and the start-stop rows made of them.

A state is computed as that of a patient of its own, whose rows are those of the real one up to the day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lesionhet.assessments import number_assessments
from lesionhet.coded import Coded, FollowedLesions, coded, visit_codes
from lesionhet.definitions import Definitions
from lesionhet.groupwise import Flags, Floats, Integers, places, starts
from lesionhet.heterogeneity import response_distances
from lesionhet.organ_ratios import OrganLesions, responses_by_number
from lesionhet.patterns import lesion_series
from lesionhet.phases import phases_so_far
from lesionhet.requests.patterns import distance_options


@dataclass(frozen=True, eq=False)
class _Prefixes:
    """The rows of every lesion up to every scan day of its patient, end to end.

    ``states``: ``patient_id, day``, one row a state, sorted. Of the prefixes' rows: ``row`` in the
    measurements, number of the ``state`` and of the ``unit`` (a lesion at a state). ``last`` row,
    ``lesion`` and ``state_of_unit`` of each unit.
    """

    states: pd.DataFrame
    row: Integers
    state: Integers
    unit: Integers
    last: Integers
    lesion: Integers
    state_of_unit: Integers


@dataclass(frozen=True, eq=False)
class StartStop:
    """Start-stop rows of the patients, and who is not among them.

    Parameters
    ----------
    rows
        ``patient_id, start, stop, event``, the outcome's other columns and those of the states. What a
        scan on day d shows holds from d on, so it says nothing about an event on day d.
    counts
        One row: ``followed`` (patients with a state at any time), ``no_outcome``, ``ended_first``,
        ``died_first``, ``in_model``, see `lesionhet.results.CoxOverTime`.
    """

    rows: pd.DataFrame
    counts: pd.DataFrame


def distances_over_time(followed: FollowedLesions, definitions: Definitions) -> pd.DataFrame:
    """Give distance, baseline burden and number of lesions of each patient as they stand at each scan day.

    Parameters
    ----------
    followed
        Measurements of followed lesions, as `lesionhet.followup.follow` gives them.
    definitions
        Every rule of phases and distance. A range over the cohort is that of all lesions at all scan
        days: a scale, the same for everyone at all times.

    Returns
    -------
    pandas.DataFrame
        ``patient_id, day`` (of a scan after baseline), ``n_lesions`` with a scan after baseline up to the
        day, ``baseline_sum_mm`` of these, ``gower``; sorted. Equal to `lesionhet.timed.state.state_at` on
        that day where the range is not over the cohort.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "A", "B", "B"],
    ...                      "day": [0, 50, 100, 0, 100], "diameter_mm": [50.0, 30.0, 60.0, 50.0, 65.0]})
    >>> found = distances_over_time(cohort_from_frames(rows), Definitions())
    >>> found[["day", "n_lesions", "gower"]].to_numpy().tolist()
    [[50.0, 1.0, 0.0], [100.0, 2.0, 0.3]]
    """
    codes = coded(followed)
    states = _states(codes, np.ones(len(codes.lesion), dtype=bool))
    row, state = _current(codes, states)
    # What a lesion shows at a state hangs on its own scans up to then: it is what its last one showed.
    phases = phases_so_far(lesion_series(followed), definitions).take(row)
    n = len(states.table)
    _, found = response_distances(phases, state, distance_options(definitions))
    burden = np.bincount(state, weights=codes.baseline[codes.lesion[row]], minlength=n)
    # With the first scan of a lesion a state begins, so that none is without a lesion.
    return states.table.assign(
        n_lesions=np.bincount(state, minlength=n), baseline_sum_mm=burden, gower=found
    )


def organ_responses_over_time(
    followed: FollowedLesions, definitions: Definitions, organ: object, other: object | None = None
) -> pd.DataFrame:
    """Give each patient's organ-response group as it stands at each scan day.

    Parameters
    ----------
    followed
        Measurements of followed lesions with a column site, as `lesionhet.followup.follow` gives them.
    definitions
        ``organ_rule``, ``response_threshold``, ``burden``, ``visit_window_days``.
    organ, other
        As in `lesionhet.organs.organ_responses`.

    Returns
    -------
    pandas.DataFrame
        ``patient_id, day, response_group`` (1 all respond, 2 the organ only, 3 the others only, 4 none;
        missing where it is not known then), every scan day of each patient who ever has a lesion there.
    """
    codes, site = coded(followed), followed.lesions["site"]
    with_organ = np.zeros(len(codes.patients), dtype=bool)
    with_organ[codes.patient[(site == organ).to_numpy()]] = True
    prefixes = _prefixes(codes, with_organ[codes.patient_of_row])
    states = prefixes.states
    if states.empty:
        return states.assign(response_group=np.array([], dtype=float))
    nadir = np.full(len(prefixes.lesion), np.nan)
    if definitions.organ_rule != "sum":
        phases = phases_so_far(lesion_series(followed), definitions)
        nadir = phases["nadir_ratio"].to_numpy()[prefixes.last]
    lesions = OrganLesions(prefixes.state_of_unit, len(states), site.take(prefixes.lesion), nadir)

    def rows(unit: Integers) -> pd.DataFrame:
        return _sum_rows(followed, prefixes, unit, definitions.visit_window_days)

    found, _ = responses_by_number(lesions, rows, definitions, organ, other)
    group = np.full(len(states), np.nan)
    group[found["patient_id"]] = found["response_group"]
    return states.assign(response_group=group)


def _sum_rows(
    followed: FollowedLesions, prefixes: _Prefixes, unit: Integers, window_days: float
) -> pd.DataFrame:
    """Give the prefixes' rows as `lesionhet.burden.sums_over_time` takes them, ``unit`` of each lesion."""
    codes, row = coded(followed), prefixes.row
    number = number_assessments(
        prefixes.state,
        prefixes.unit,
        codes.day[row],
        visit_codes(followed)[row],
        codes.at_baseline[row],
        window_days,
    )
    return pd.DataFrame(
        {
            "unit": unit[prefixes.unit],
            "lesion": prefixes.unit,
            "assessment": number,
            "day": codes.day[row],
            "size_mm": codes.size[row],
            "is_baseline": codes.is_baseline[row],
            "baseline_mm": codes.baseline[codes.lesion[row]],
        }
    )


def start_stop(states: pd.DataFrame, outcome: pd.DataFrame, known: str) -> StartStop:
    """Make start-stop rows: each state holds from its day to the next one's, the last to the end.

    Parameters
    ----------
    states
        ``patient_id, day`` and what is known then; sorted.
    outcome
        Indexed by patient: ``time`` (days), ``event`` (1, 0) and, where wanted, ``strata``.
    known
        Column of the states: while it is missing, the patient is not at risk.

    Returns
    -------
    StartStop
        A patient enters with the first state in which ``known`` is known.

    Source: R: ``survival::tmerge`` with ``tdc``; Andersen & Gill (1982).

    Examples
    --------
    >>> states = pd.DataFrame({"patient_id": [1, 1, 2], "day": [50, 100, 60], "gower": [0.1, 0.2, 0.3]})
    >>> outcome = pd.DataFrame({"time": [100.0, 60.0], "event": [1.0, 0.0]}, index=[1, 2])
    >>> found = start_stop(states, outcome, "gower")
    >>> found.rows[["patient_id", "start", "stop", "event", "gower"]].to_numpy().tolist()
    [[1.0, 50.0, 100.0, 1.0, 0.1]]
    >>> found.counts.to_numpy().tolist()
    [[2, 0, 1, 0, 1]]
    """
    complete = outcome.dropna()
    patient = states["patient_id"].to_numpy()
    place = complete.index.get_indexer(pd.Index(patient))
    # Place -1, the last one: no outcome.
    end, died = (
        np.append(complete[name].to_numpy(dtype=float), np.nan)[place] for name in ("time", "event")
    )
    start = states["day"].to_numpy(dtype=float)
    first = starts(patient)
    following = np.append(start[1:], np.nan)[: len(start)]
    following[first[1:] - 1] = np.nan
    last = ~(following < end)
    kept = (start < end) & states[known].notna().to_numpy()
    others = complete.drop(columns=["time", "event"])
    rows = pd.DataFrame(
        {
            **{str(name): states[name].to_numpy()[kept] for name in states if name != "day"},
            **{str(name): others[name].to_numpy()[place[kept]] for name in others},
            "start": start[kept],
            "stop": np.fmin(following, end)[kept],
            "event": np.where(last, died, 0.0)[kept],
        }
    )
    with_outcome = place[first] >= 0
    in_model = np.logical_or.reduceat(kept, first) if len(first) else kept
    ended = with_outcome & ~in_model
    counts = {
        "followed": len(first),
        "no_outcome": int((~with_outcome).sum()),
        "ended_first": int(ended.sum()),
        "died_first": int(died[first][ended].sum()),
        "in_model": int(in_model.sum()),
    }
    return StartStop(rows, pd.DataFrame([counts]))


@dataclass(frozen=True, eq=False)
class _States:
    """Every scan day of every wanted patient.

    ``table``: ``patient_id, day``, sorted. ``first``: the first state that knows each measurement, on its
    day or later; ``end``: behind the last state of its patient. Both -1 for rows that are not wanted.
    """

    table: pd.DataFrame
    first: Integers
    end: Integers


def _states(codes: Coded, wanted: Flags) -> _States:
    """Find the states of the wanted rows, those of whole patients."""
    patient, day = codes.patient_of_row, codes.day
    after = np.flatnonzero(wanted & ~codes.is_baseline)
    after = after[np.lexsort((day[after], patient[after]))]
    new = (np.diff(patient[after], prepend=-1) != 0) | (np.diff(day[after], prepend=np.nan) != 0)
    seen = after[new]
    rows = np.flatnonzero(wanted)
    first, end = np.full(len(day), -1), np.full(len(day), -1)
    first[rows] = _positions(patient[seen], day[seen], patient[rows], day[rows])
    number = np.bincount(patient[seen], minlength=len(codes.patients))
    end[rows] = np.cumsum(number)[patient[rows]]
    ids = codes.patients.to_numpy()[patient[seen]]
    return _States(pd.DataFrame({"patient_id": ids, "day": day[seen]}), first, end)


def _repeated(rows: Integers, first: Integers, end: Integers) -> tuple[Integers, Integers]:
    """Repeat each row for the states from ``first`` up to ``end``; give the rows and the states."""
    copies = end - first
    row = np.repeat(rows, copies)
    return row, np.repeat(first, copies) + places(np.cumsum(copies) - copies, len(row))


def _current(codes: Coded, states: _States) -> tuple[Integers, Integers]:
    """Give, for every state, the last scan after baseline of each lesion that has one by then."""
    after = np.flatnonzero(~codes.is_baseline)
    end = states.end[after]
    again = np.flatnonzero(np.diff(codes.lesion[after]) == 0)
    end[again] = states.first[after[again + 1]]
    return _repeated(after, states.first[after], end)


def _prefixes(codes: Coded, wanted: Flags) -> _Prefixes:
    """Repeat each wanted row, those of whole patients, for all states of its patient that know it."""
    states = _states(codes, wanted)
    rows = np.flatnonzero(wanted)
    row, state = _repeated(rows, states.first[rows], states.end[rows])
    order = np.lexsort((codes.lesion[row], state))
    row, state = row[order], state[order]
    lesion = codes.lesion[row]
    new = np.r_[True, (state[1:] != state[:-1]) | (lesion[1:] != lesion[:-1])][: len(row)]
    # A baseline alone is no state of a lesion.
    sizes = np.diff(np.append(np.flatnonzero(new), len(row)))
    whole = np.repeat(sizes > 1, sizes)
    row, state, new = row[whole], state[whole], new[whole]
    first = np.flatnonzero(new)
    last = row[np.append(first[1:], len(row))[: len(first)] - 1]
    return _Prefixes(
        states.table, row, state, np.cumsum(new) - 1, last, codes.lesion[last], state[first]
    )


def _positions(
    state_patient: Integers, state_day: Floats, patient: Integers, day: Floats
) -> Integers:
    """Give for each row the first state of its patient on its day or later."""
    is_state = np.repeat([1, 0], [len(state_day), len(day)])
    # On one day the row comes before the state, so that the states counted before it are earlier ones.
    order = np.lexsort((is_state, np.r_[state_day, day], np.r_[state_patient, patient]))
    before = np.cumsum(is_state[order])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = before
    return place[len(state_day) :]
