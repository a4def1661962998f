"""States of every patient at every scan day, all at once, and the start-stop rows made of them.

A state is computed as that of a patient of its own, whose rows are those of the real one up to the day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions
from lesionhet.definitions import Definitions
from lesionhet.heterogeneity import heterogeneity_tables
from lesionhet.organs import organ_responses
from lesionhet.patterns import DISTANCE_DECIMALS
from lesionhet.phases import response_phases
from lesionhet.requests.patterns import RATIOS, distance_options
from lesionhet.schema import RESPONSE_VARIABLES
from lesionhet.statistics.arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class _Prefixes:
    """The rows of every lesion up to every scan day of its patient, end to end.

    ``states``: ``patient_id, day``, one row a state, sorted. Of the prefixes' rows: ``row`` in the
    measurements, number of the ``state`` and of the ``unit`` (a lesion at a state). ``first`` row and
    ``state_of_unit`` of each unit.
    """

    states: pd.DataFrame
    row: Integers
    state: Integers
    unit: Integers
    first: Integers
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
    prefixes = _prefixes(followed)
    rows = followed.measurements
    size = rows["diameter_mm"].to_numpy(dtype=float)[prefixes.row]
    day = rows["day"].to_numpy(dtype=float)[prefixes.row]
    series = pd.DataFrame({"unit": prefixes.unit, "day": day, "size_mm": size})
    phases = response_phases(series, definitions)[list(RESPONSE_VARIABLES)].astype(float)
    n = len(prefixes.states)
    number = np.bincount(prefixes.state_of_unit, minlength=n)
    burden = np.bincount(prefixes.state_of_unit, weights=size[prefixes.first], minlength=n)
    return prefixes.states.assign(
        n_lesions=number,
        baseline_sum_mm=burden,
        gower=_distances(phases, prefixes.state_of_unit, definitions),
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
    lesions = followed.lesions
    has_organ = lesions.loc[lesions["site"] == organ, "patient_id"].unique()
    lesions = lesions[lesions["patient_id"].isin(has_organ)].reset_index(drop=True)
    rows = followed.measurements
    rows = rows[rows["patient_id"].isin(has_organ)].reset_index(drop=True)
    part = _Some(rows, lesions)
    prefixes = _prefixes(part)
    if prefixes.states.empty:
        return prefixes.states.assign(response_group=np.array([], dtype=float))
    grown = rows.iloc[prefixes.row].reset_index(drop=True).assign(patient_id=prefixes.state)
    series = pd.DataFrame(
        {"unit": prefixes.unit, "day": grown["day"], "size_mm": grown["diameter_mm"]}
    )
    own = rows[["patient_id", "lesion_id"]].merge(lesions, on=["patient_id", "lesion_id"])
    units = own.iloc[prefixes.row[prefixes.first]].reset_index(drop=True)
    units["nadir_ratio"] = response_phases(series, definitions)["nadir_ratio"].to_numpy()
    units["patient_id"] = prefixes.state_of_unit
    found = organ_responses(_Some(grown, units), units, definitions, organ, other).patients
    group = found.set_index("patient_id")["response_group"].astype(float)
    return prefixes.states.assign(response_group=group.reindex(range(len(prefixes.states))))


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
    of_patient = complete.reindex(states["patient_id"]).set_axis(states.index)
    end = of_patient["time"].to_numpy(dtype=float)
    start = states["day"].to_numpy(dtype=float)
    following = states.groupby("patient_id", sort=False)["day"].shift(-1).to_numpy(dtype=float)
    stop = np.fmin(following, end)
    last = ~(following < end)
    event = np.where(last, of_patient["event"].to_numpy(dtype=float), 0.0)
    others = of_patient.drop(columns=["time", "event"])
    rows = pd.concat([states.drop(columns="day"), others], axis=1)
    rows = rows.assign(start=start, stop=stop, event=event)
    rows = rows[(start < end) & states[known].notna()].reset_index(drop=True)
    followed = pd.Index(states["patient_id"].unique())
    with_outcome = followed.intersection(complete.index)
    first = with_outcome.difference(rows["patient_id"].unique())
    counts = {
        "followed": len(followed),
        "no_outcome": len(followed) - len(with_outcome),
        "ended_first": len(first),
        "died_first": int(complete.loc[first, "event"].sum()),
        "in_model": len(with_outcome) - len(first),
    }
    return StartStop(rows, pd.DataFrame([counts]))


@dataclass(frozen=True, eq=False)
class _Some:
    """Measurements and lesions, as `FollowedLesions` has them."""

    measurements: pd.DataFrame
    lesions: pd.DataFrame


def _prefixes(followed: FollowedLesions) -> _Prefixes:
    rows = followed.measurements
    patient, names = pd.factorize(rows["patient_id"], sort=True)
    lesion = rows.groupby(["patient_id", "lesion_id"], sort=True).ngroup().to_numpy()
    day = rows["day"].to_numpy(dtype=float)
    after = ~rows["is_baseline"].to_numpy(dtype=bool)
    seen = pd.DataFrame({"patient": patient[after], "day": day[after]}).drop_duplicates()
    seen = seen.sort_values(["patient", "day"], ignore_index=True)
    # Where a row's (patient, day) falls among the states: it is part of all later ones of its patient.
    at = _positions(seen, patient, day)
    ends = np.searchsorted(seen["patient"].to_numpy(), patient, side="right")
    copies = ends - at
    row = np.repeat(np.arange(len(rows)), copies)
    within = np.arange(len(row)) - np.repeat(np.cumsum(copies) - copies, copies)
    state = np.repeat(at, copies) + within
    order = np.lexsort((row, lesion[row], state))
    row, state = row[order], state[order]
    new = np.r_[True, (state[1:] != state[:-1]) | (lesion[row[1:]] != lesion[row[:-1]])]
    unit = np.cumsum(new[: len(row)]) - 1
    # A baseline alone is no state of a lesion.
    whole = np.bincount(unit)[unit] > 1
    row, state, unit = row[whole], state[whole], np.unique(unit[whole], return_inverse=True)[1]
    first = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]][: len(unit)])
    states = pd.DataFrame({"patient_id": names[seen["patient"]], "day": seen["day"]})
    return _Prefixes(states, row, state, unit, first, state[first])


def _positions(seen: pd.DataFrame, patient: Integers, day: Floats) -> Integers:
    """Give for each row the first state of its patient on its day or later."""
    wanted = pd.DataFrame({"patient": patient, "day": day, "row": np.arange(len(day))})
    both = pd.concat([seen.assign(row=-1), wanted], ignore_index=True)
    # On one day the row comes before the state, so that the states counted before it are earlier ones.
    both["is_state"] = (both["row"] < 0).astype(np.int64)
    both = both.sort_values(["patient", "day", "is_state"], kind="stable")
    before = both["is_state"].cumsum().to_numpy()
    place = np.empty(len(day), dtype=np.int64)
    given = both["row"].to_numpy()
    place[given[given >= 0]] = before[given >= 0]
    return place


def _distances(phases: pd.DataFrame, state: Integers, definitions: Definitions) -> Floats:
    """Give each state's patient-level distance, rounded as in the response patterns."""
    options = distance_options(definitions)
    values = phases.reset_index(drop=True)
    if options["range"] == "fixed":
        for name, low, high in zip(RATIOS, options["lowest"], options["highest"], strict=True):
            values[name] = values[name].clip(low, high)
    rows = values.assign(row=np.arange(1, len(values) + 1), patient=state + 1)
    found = heterogeneity_tables(rows, **options)["patients"]["distance"]
    return np.asarray(found.round(DISTANCE_DECIMALS), dtype=float)
