"""Where the lesions sit: how many each patient has, and in which organs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lesionhet.simulation import published
from lesionhet.simulation.published import LIVER, LUNG, LYMPH_NODE

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LIVER_ONLY, LIVER_LUNG, LIVER_NODE, MIXED, NO_LIVER = range(len(published.PATTERNS))
RARER: Final = "rarer"
PATTERN_BY_COUNT: Final = np.array([0.3, 0.5, 0.5, 0.6, 0.0])
"""Power of the number of lesions by which a pattern grows likelier."""
THREE_ORGANS_SHARE: Final = 0.4
"""Of the mixed patients with 3 lesions or more: share with liver, lung and lymph node at least."""
AFFINITY_SD: Final = 2.0
"""How strongly a patient's free lesions cluster in one organ: SD between patients against a logistic
spread between lesions."""
SAME_SITE_SHARE: Final = 0.75
"""Share of a patient's lesions at rarer sites that sit in the patient's main one."""


def lesions_per_patient(
    rng: np.random.Generator, group: npt.NDArray[np.object_], numbers: Sequence[float] = ()
) -> Integers:
    """Draw how many lesions each patient has, as published in each arm group.

    Parameters
    ----------
    rng
        Random generator; moved on.
    group
        n arm groups, keys of ``published.LESIONS_PER_PATIENT``.
    numbers
        Shares of the patients with 1, 2, .. lesions in every group; empty: as published.

    Examples
    --------
    >>> lesions_per_patient(np.random.default_rng(1), np.array(["bevacizumab"] * 377)).sum().item()
    1670
    """
    count = np.ones(len(group), dtype=np.int64)
    for name, patients in published.LESIONS_PER_PATIENT.items():
        of_group = group == name
        sizes = dict(enumerate(numbers or patients, start=1))
        positions = published.spread(sizes, int(of_group.sum()))
        count[of_group] = rng.permutation(positions + 1)
    return count


def draw_sites(
    rng: np.random.Generator,
    group: npt.NDArray[np.object_],
    count: Integers,
    *,
    as_published: bool = True,
) -> npt.NDArray[np.object_]:
    """Draw the site of every lesion, with the published numbers by arm group and by pattern.

    Parameters
    ----------
    rng
        Random generator; moved on.
    group, count
        n arm groups and numbers of lesions.
    as_published
        Whether the lesions of an organ are to a group's patients as published, or to its lesions.

    Returns
    -------
    numpy.ndarray
        One site a lesion, lesions of one patient side by side.

    Source: paper, Table 1, legends of Figures 3, 4 and 6.

    Examples
    --------
    >>> group = np.array(["bevacizumab"] * 377, dtype=object)
    >>> rng = np.random.default_rng(1)
    >>> site = draw_sites(rng, group, lesions_per_patient(rng, group))
    >>> [(site == name).sum().item() for name in ("liver", "lung", "lymph node")]
    [1031, 146, 353]
    """
    n, owner = len(group), np.repeat(np.arange(len(group)), count)
    pattern = _patterns(rng, group, count)
    position = np.arange(len(owner)) - (np.cumsum(count) - count)[owner]
    site = _fixed_sites(rng, pattern, count, owner, position)
    affinity = AFFINITY_SD * rng.normal(size=(n, 3))
    noise = rng.logistic(size=(len(owner), 3))
    key = affinity[owner] + noise
    of_pattern = pattern[owner]
    wanted = _wanted(_scale(group, count, as_published=as_published))
    # Liver first: what is then left of a two-organ patient belongs to the other organ.
    may_liver = (of_pattern > LIVER_ONLY) & (of_pattern < NO_LIVER)
    _fill(site, LIVER, key[:, 0], may_liver, group[owner], wanted[0])
    site[(site == "") & (of_pattern == LIVER_LUNG)] = LUNG
    site[(site == "") & (of_pattern == LIVER_NODE)] = LYMPH_NODE
    free = site == ""
    _fill(site, LUNG, key[:, 1], free, group[owner], wanted[1])
    _fill(site, LYMPH_NODE, key[:, 2], free, group[owner], wanted[2])
    site[site == ""] = RARER
    return np.where(site == RARER, _rarer_sites(rng, n, owner), site)


def _patterns(
    rng: np.random.Generator, group: npt.NDArray[np.object_], count: Integers
) -> Integers:
    """Choose each patient's pattern; who has one lesion has liver only, or no liver."""
    pattern = np.full(len(group), NO_LIVER)
    noise = rng.gumbel(size=(NO_LIVER, len(group)))
    for name, patients in published.PATIENTS_BY_PATTERN.items():
        of_group = group == name
        sizes = np.bincount(
            published.spread(dict(enumerate(patients)), int(of_group.sum())), minlength=NO_LIVER + 1
        )
        # Gumbel noise on log weights, the largest taken: draws without replacement by weight.
        for kind in (MIXED, LIVER_NODE, LIVER_LUNG, LIVER_ONLY):
            able = of_group & (pattern == NO_LIVER) & ((count >= 2) | (kind == LIVER_ONLY))
            key = np.where(able, PATTERN_BY_COUNT[kind] * np.log(count) + noise[kind], -np.inf)
            taken = np.argsort(-key, kind="stable")[: min(int(sizes[kind]), int(able.sum()))]
            pattern[taken] = kind
    return pattern


def _fixed_sites(
    rng: np.random.Generator,
    pattern: Integers,
    count: Integers,
    owner: Integers,
    position: Integers,
) -> npt.NDArray[np.object_]:
    """Give the lesions that make the pattern their site, the others an empty text."""
    three = (count >= 3) & (rng.random(len(count)) < THREE_ORGANS_SHARE)
    of_pattern, with_three = pattern[owner], three[owner]
    mixed = of_pattern == MIXED
    rules = [
        (of_pattern == LIVER_ONLY) | ((of_pattern < NO_LIVER) & (position == 0)),
        (of_pattern == LIVER_LUNG) & (position == 1),
        (of_pattern == LIVER_NODE) & (position == 1),
        mixed & with_three & (position == 1),
        mixed & with_three & (position == 2),
        mixed & ~with_three & (position == 1),
    ]
    sites = [LIVER, LUNG, LYMPH_NODE, LUNG, LYMPH_NODE, RARER]
    return np.select(rules, sites, "").astype(object)


def _scale(
    group: npt.NDArray[np.object_], count: Integers, *, as_published: bool
) -> dict[str, float]:
    """Give each arm group's size against the published one: its patients, or its lesions."""
    if as_published:
        patients = {name: sum(row) for name, row in published.PATIENTS_BY_PATTERN.items()}
        return {name: int((group == name).sum()) / n for name, n in patients.items()}
    numbers = published.LESIONS_PER_PATIENT
    lesions = {name: int(np.arange(1, len(row) + 1) @ row) for name, row in numbers.items()}
    return {name: int(count[group == name].sum()) / n for name, n in lesions.items()}


def _wanted(scale: dict[str, float]) -> list[dict[str, int]]:
    """Give the lesions wanted in liver, lung and lymph node by arm group."""
    return [
        {name: round(row[organ] * scale[name]) for name, row in published.LESIONS_BY_SITE.items()}
        for organ in range(3)
    ]


def _fill(
    site: npt.NDArray[np.object_],
    name: str,
    key: Floats,
    may: Flags,
    group: npt.NDArray[np.object_],
    wanted: dict[str, int],
) -> None:
    """Put free lesions into an organ, the largest keys first, until each arm group has its number."""
    for arm_group, number in wanted.items():
        of_group = group == arm_group
        missing = number - int((of_group & (site == name)).sum())
        able = np.flatnonzero(of_group & may & (site == ""))
        order = able[np.argsort(-key[able], kind="stable")]
        site[order[: max(missing, 0)]] = name


def _rarer_sites(rng: np.random.Generator, n: int, owner: Integers) -> Any:
    names = np.array(list(published.RARER_SITES), dtype=object)
    shares = np.array(list(published.RARER_SITES.values()))
    shares = shares / shares.sum()
    main = rng.choice(len(names), size=n, p=shares)[owner]
    single = rng.choice(len(names), size=len(owner), p=shares)
    same = rng.random(len(owner)) < SAME_SITE_SHARE
    return names[np.where(same, main, single)]
