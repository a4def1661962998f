"""What the scans show: schedule, measured sizes, progression, and which scans are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.simulation.enrolment import Enrolment, Flags, Floats, Integers
from lesionhet.simulation.growth import lesion_size
from lesionhet.simulation.parameters import SimulationParameters

PROGRESSION_RATIO: Final = 1.2
PROGRESSION_INCREASE_MM: Final = 5.0
RESPONSE_RATIO: Final = 0.7
LYMPH_NODE: Final = "lymph node"
NORMAL_NODE_MM: Final = 10.0
EARLIEST_SCAN_DAY: Final = 7
ERROR_LIMIT_SD: Final = 3.0
FACTOR_SLACK: Final = 1e-9
UNCONFIRMED_RATIO: Final = 0.71
WORST_RATIO: Final = 10.0
"""Above the ratio of any sum before progression: parts the ranks of CR and PD from the others."""


@dataclass(frozen=True, eq=False)
class Scans:
    """Every scan of every patient; column 0 is the baseline, column k the k-th scheduled scan.

    Parameters
    ----------
    day
        n x (K + 1) days.
    kept
        n x (K + 1): the scan took place and is in the data.
    unscheduled
        n flags: column 1 is an early scan before death or loss.
    size_mm
        L x (K + 1) recorded diameters, missing where not assessed.
    kept_lesions
        L x (K + 1): the row is in the data, assessed or not.
    progression_day
        n days, missing without progression.
    last_day
        n days of the last scan, progression aside.
    schedule_over
        n flags: the schedule has no further scan where another would have been possible.
    response
        n best responses by the measured sums: CR, PR (confirmed by the next scan), SD or PD.
    response_rank
        n numbers that order the patients from the best response to the worst.
    """

    day: Integers
    kept: Flags
    unscheduled: Flags
    size_mm: Floats
    kept_lesions: Flags
    progression_day: Floats
    last_day: Integers
    schedule_over: Flags
    response: npt.NDArray[np.object_]
    response_rank: Floats


def scan(
    rng: np.random.Generator,
    enrolment: Enrolment,
    truth: pd.DataFrame,
    ends: pd.DataFrame,
    parameters: SimulationParameters,
) -> Scans:
    """Measure every lesion at every scan until progression, death or the end of follow-up.

    Progression is RECIST 1.1: the measured sum 20 % and 5 mm above its smallest so far, or a new
    lesion. Every lesion is measured at the patient's first scan after baseline.

    Parameters
    ----------
    rng
        Random generator; moved on.
    enrolment
        n patients with L lesions.
    truth
        L rows from `draw_growth`.
    ends
        n rows from `draw_ends`.
    parameters
        Schedule, losses and measurement error.

    Returns
    -------
    Scans
        All scans with what is kept of them.

    Source: RECIST 1.1 (Eisenhauer 2009).

    Examples
    --------
    >>> from lesionhet.simulation.enrolment import enrol
    >>> from lesionhet.simulation.growth import draw_growth
    >>> from lesionhet.simulation.outcomes import draw_ends, log_hazards
    >>> rng, p = np.random.default_rng(1), SimulationParameters()
    >>> trial = enrol(rng, 40)
    >>> truth = draw_growth(rng, trial, p)
    >>> ends = draw_ends(rng, trial, truth, log_hazards(trial, truth, p), p)
    >>> scans = scan(rng, trial, truth, ends, p)
    >>> scans.day.shape == scans.kept.shape, bool((scans.day[:, 0] <= 0).all())
    (True, True)
    """
    last_possible = np.minimum(
        ends["death_day"] - 1, ends[["censor_day", "dropout_day"]].min(axis=1)
    )
    day, unscheduled = _schedule(rng, last_possible.to_numpy(), parameters)
    attended = _attended(rng, day, last_possible.to_numpy(), parameters)
    assessed = _assessed(rng, attended, enrolment.owner, parameters)
    size = _measure(rng, truth, day[enrolment.owner], parameters)
    size = np.where(assessed, size, np.nan)
    sums, complete = _burden(size, assessed, attended, enrolment)
    new_lesion = attended & (day >= ends["new_lesion_day"].to_numpy()[:, None])
    new_lesion[:, 0] = False
    progression = _first(_sum_progression(sums, complete, attended) | new_lesion)
    further = rng.random(len(day)) < parameters.scan_after_progression_rate
    kept = _kept(attended, progression, further * parameters.scans_after_progression)
    progressed = progression < day.shape[1]
    at = np.minimum(progression, day.shape[1] - 1)
    rows = np.arange(len(day))
    vanished = complete & _vanished(size, enrolment)
    response, rank = _best_response(sums, vanished, complete, progression)
    kept_lesions = _lose_baselines(rng, kept[enrolment.owner], size, parameters)
    return Scans(
        day=day,
        kept=kept,
        unscheduled=unscheduled,
        size_mm=size,
        kept_lesions=kept_lesions,
        progression_day=np.where(progressed, day[rows, at], np.nan),
        last_day=np.max(np.where(attended, day, 0), axis=1),
        schedule_over=((day <= last_possible.to_numpy()[:, None]) & ~_planned(day, parameters)).any(
            axis=1
        ),
        response=response,
        response_rank=rank,
    )


def _schedule(
    rng: np.random.Generator, last_possible: Integers, p: SimulationParameters
) -> tuple[Integers, Flags]:
    """Give the day of every scan; who would leave before the first has it early."""
    n = len(last_possible)
    n_scans = int(p.censor_days[1] // p.scan_interval_days) + 1
    baseline = -rng.integers(0, int(p.baseline_window_days) + 1, size=(n, 1))
    limit = p.scan_interval_days // 8
    jitter = np.clip(np.rint(p.scan_jitter_days * rng.normal(size=(n, n_scans))), -limit, limit)
    planned = p.scan_interval_days * np.arange(1, n_scans + 1) + jitter
    early = np.maximum(np.floor(last_possible * rng.uniform(0.5, 1.0, size=n)), EARLIEST_SCAN_DAY)
    unscheduled = planned[:, 0] > last_possible
    planned[:, 0] = np.where(unscheduled, early, planned[:, 0])
    return np.hstack([baseline, planned]).astype(np.int64), unscheduled


def _attended(
    rng: np.random.Generator, day: Integers, last_possible: Integers, p: SimulationParameters
) -> Flags:
    """Mark the scans that take place: not two missed in a row, and one after baseline at least."""
    missed = rng.random(day.shape) < p.missed_scan_rate
    missed[:, 0] = False
    missed[:, 1:] &= ~missed[:, :-1]
    attended = (day <= last_possible[:, None]) & ~missed & _planned(day, p)
    attended[:, 1] |= ~attended[:, 1:].any(axis=1)
    return attended


def _planned(day: Integers, p: SimulationParameters) -> Flags:
    """Mark the scans that the schedule has."""
    column = np.broadcast_to(np.arange(day.shape[1]), day.shape)
    return np.asarray(column <= (p.most_scans or day.shape[1]))


def _assessed(
    rng: np.random.Generator, attended: Flags, owner: Integers, p: SimulationParameters
) -> Flags:
    """Mark what is measured: never empty beside another gap, nor at the first scans."""
    empty = rng.random((len(owner), attended.shape[1])) < p.not_assessed_rate
    early = np.cumsum(attended, axis=1) <= 2
    beside = ~attended
    gap = beside.copy()
    gap[:, 1:] |= beside[:, :-1]
    gap[:, :-1] |= beside[:, 1:]
    empty &= ~(early | gap)[owner]
    empty[:, 1:] &= ~empty[:, :-1]
    return attended[owner] & ~empty


def _measure(
    rng: np.random.Generator, truth: pd.DataFrame, day: Integers, p: SimulationParameters
) -> Floats:
    """Give recorded diameters: error, limits of what can be measured, rounding."""
    d0, kge, kkill, fx = (
        truth[name].to_numpy()[:, None] for name in ("d0_mm", "kge", "kkill", "fx")
    )
    error = np.clip(rng.normal(size=day.shape), -ERROR_LIMIT_SD, ERROR_LIMIT_SD)
    size = lesion_size(day, d0, kge, kkill, fx) * np.exp(p.measurement_sd * error)
    small = size < p.smallest_measurable_mm
    vanished = size < p.vanished_below_mm
    # An eligible lesion was measurable at baseline, whatever the error.
    vanished[:, 0] = False
    size = np.where(small, p.smallest_measurable_mm, size)
    if p.rounding_mm > 0:
        size = np.maximum(np.rint(size / p.rounding_mm), 1.0) * p.rounding_mm
    return np.asarray(np.where(vanished, 0.0, size))


def _burden(
    size: Floats, assessed: Flags, attended: Flags, enrolment: Enrolment
) -> tuple[Floats, Flags]:
    """Give the measured sum at every scan, n x (K + 1), and whether every lesion is in it."""
    sums = enrolment.sum(np.where(assessed, size, 0.0))
    complete = attended & np.logical_and.reduceat(assessed, enrolment.start, axis=0)
    return sums, complete


def _sum_progression(sums: Floats, complete: Flags, attended: Flags) -> Flags:
    """Mark RECIST progression; a sum that lacks a lesion and still exceeds the limit counts."""
    smallest = np.minimum.accumulate(np.where(complete, sums, np.inf), axis=1)
    before = smallest[:, :-1]
    limit = np.maximum(PROGRESSION_RATIO * before, before + PROGRESSION_INCREASE_MM)
    progression = np.zeros(sums.shape, dtype=bool)
    progression[:, 1:] = attended[:, 1:] & (sums[:, 1:] >= limit * (1 - FACTOR_SLACK))
    return progression


def _first(marks: Flags) -> Integers:
    """Give the first marked column of each row; the number of columns where none is."""
    return np.asarray(np.where(marks.any(axis=1), marks.argmax(axis=1), marks.shape[1]))


def _kept(attended: Flags, progression: Integers, further: Integers) -> Flags:
    """Keep the scans up to progression, and as many after it as the patient has further ones."""
    after = attended & (np.arange(attended.shape[1]) > progression[:, None])
    number = np.cumsum(after, axis=1)
    return np.asarray(attended & (~after | (number <= further[:, None])))


def _lose_baselines(
    rng: np.random.Generator, kept: Flags, size: Floats, p: SimulationParameters
) -> Flags:
    """Drop baseline rows of lesions whose first later size can stand in, with another after it."""
    later = kept & ~np.isnan(size)
    later[:, 0] = False
    first = np.minimum(_first(later), size.shape[1] - 1)
    able = (later.sum(axis=1) >= 2) & (size[np.arange(len(size)), first] > 0)
    lost = able & (rng.random(len(size)) < p.lost_baseline_rate)
    result = kept.copy()
    result[lost, 0] = False
    return result


def _vanished(size: Floats, enrolment: Enrolment) -> Flags:
    """Mark complete response: no target lesion is left, lymph nodes are below 10 mm."""
    node = (enrolment.site == LYMPH_NODE)[:, None]
    gone = np.where(node, size < NORMAL_NODE_MM, size == 0)
    return np.asarray(np.logical_and.reduceat(gone, enrolment.start, axis=0))


def _best_response(
    sums: Floats, vanished: Flags, complete: Flags, progression: Integers
) -> tuple[npt.NDArray[Any], Floats]:
    """Give the best response before progression, and its rank.

    PD where no evaluable scan comes before progression; the earlier it comes, the worse the rank.
    """
    before = complete & (np.arange(sums.shape[1]) < progression[:, None])
    before[:, 0] = False
    ratio = np.where(before, sums / sums[:, :1], np.inf)
    smallest = _confirmed_smallest(ratio, np.where(complete, sums / sums[:, :1], np.nan))
    at_once = ~before.any(axis=1)
    complete_response = (vanished & before).any(axis=1)
    partial = smallest <= RESPONSE_RATIO * (1 + FACTOR_SLACK)
    found = np.select([at_once, complete_response, partial], ["PD", "CR", "PR"], "SD")
    rank = np.where(complete_response, smallest - WORST_RATIO, smallest)
    growth = np.nan_to_num(sums[:, 1] / sums[:, 0], nan=1.0)
    return found.astype(object), np.where(at_once, WORST_RATIO + growth, rank)


def _confirmed_smallest(ratio: Floats, evaluable: Floats) -> Floats:
    """Give the smallest ratio that holds up to the next scan.

    A response at the last scan is not confirmed and counts as just short of one.
    """
    following = np.full_like(evaluable, np.nan)
    following[:, :-1] = pd.DataFrame(evaluable).bfill(axis=1).to_numpy()[:, 1:]
    following = np.where(np.isnan(following), UNCONFIRMED_RATIO, following)
    return np.asarray(np.minimum(np.maximum(ratio, following).min(axis=1), WORST_RATIO))
