"""Phases of named lesions, each worked out by hand from docs/methods.md, in both languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionhet import requests
from lesionhet.definitions import Definitions
from lesionhet.errors import LesionhetError
from lesionhet.phases import response_phases

NADIR = {"relapse_reference": "nadir"}
BASELINE = {"relapse_reference": "baseline"}
LINEAR = {"crossing": "linear"}
OUTSIDE = {"stable_rule": "outside_response"}
FIVE_MM = {"relapse_min_increase_mm": 5.0}


@dataclass(frozen=True)
class Named:
    """A lesion: sizes at days 0, 56, 112 .. unless days are given; flags and days by hand."""

    name: str
    sizes: list[float]
    flags: tuple[int, int, int]  # response, stable, relapse
    days: tuple[float, float, float]  # in response, stable, relapse
    nadir: float
    last: float
    when: list[float] | None = None
    definitions: dict[str, Any] = field(default_factory=dict)
    mixed: int = 0


LESIONS = [
    Named("no response, no relapse", [30, 29, 31, 28], (0, 1, 0), (0, 168, 0), 28 / 30, 28 / 30),
    Named("response at the first scan, kept", [100, 60, 55], (1, 1, 0), (56, 56, 0), 0.55, 0.55),
    Named("response at the only scan", [100, 60], (1, 0, 0), (56, 0, 0), 0.6, 0.6),
    Named("response at the last scan", [100, 90, 80, 70], (1, 1, 0), (168, 0, 0), 0.7, 0.7),
    Named("ratio just above the threshold", [1000, 701], (0, 1, 0), (0, 56, 0), 0.701, 0.701),
    Named("0.7 x 3.0 in decimals", [3.0, 2.1], (1, 0, 0), (56, 0, 0), 0.7, 0.7),
    Named("relapse at once", [50, 60, 70], (0, 0, 1), (0, 56, 56), 1.2, 1.4),
    Named("relapse at the only scan", [50, 75], (0, 0, 1), (0, 56, 0), 1.5, 1.5),
    Named("just below relapse", [1000, 1199], (0, 1, 0), (0, 56, 0), 1.199, 1.199),
    Named("relapse at the last scan", [50, 50, 50, 61], (0, 1, 1), (0, 168, 0), 1.0, 1.22),
    Named("respond, stay, relapse", [100, 65, 60, 62, 72], (1, 1, 1), (56, 168, 0), 0.6, 0.72),
    Named("respond, relapse at the next scan", [100, 50, 60], (1, 0, 1), (56, 56, 0), 0.5, 0.6),
    Named("slow shrinkage then relapse", [100, 80, 96], (0, 1, 1), (0, 112, 0), 0.8, 0.96),
    Named("regrowth from 0", [40, 0, 0, 3], (1, 1, 1), (56, 112, 0), 0.0, 3 / 40),
    Named("stays at 0", [40, 0, 0, 0], (1, 1, 0), (56, 112, 0), 0.0, 0.0),
    Named("one scan, stable", [20, 21], (0, 1, 0), (0, 56, 0), 1.05, 1.05),
    Named(
        "missed scans are skipped, nothing carried forward",
        [100, 60, 100],
        (1, 0, 1),
        (56, 224, 0),
        0.6,
        1.0,
        when=[0, 56, 280],
    ),
    Named(
        "baseline before day 0",
        [100, 70, 70],
        (1, 1, 0),
        (70, 56, 0),
        0.7,
        0.7,
        when=[-14, 56, 112],
    ),
    Named(
        "mixed: response again after relapse",
        [100, 60, 90, 60],
        (1, 0, 1),
        (56, 56, 56),
        0.6,
        0.6,
        mixed=1,
    ),
    Named(
        "not mixed: small regrowth that stays small",
        [100, 30, 40, 45],
        (1, 0, 1),
        (56, 56, 56),
        0.3,
        0.45,
    ),
    Named(
        "mixed: shrinks after relapse without leaving response",
        [100, 30, 60, 20],
        (1, 0, 1),
        (56, 56, 56),
        0.2,
        0.2,
        mixed=1,
    ),
    Named(
        "shrinks only after relapse: no response, mixed",
        [100, 130, 65],
        (0, 0, 1),
        (0, 56, 56),
        0.65,
        0.65,
        mixed=1,
    ),
    Named(
        "relapse against the baseline",
        [100, 60, 90, 121],
        (1, 1, 1),
        (56, 112, 0),
        0.6,
        1.21,
        definitions=BASELINE,
    ),
    Named(
        "no relapse against the baseline",
        [100, 60, 90],
        (1, 1, 0),
        (56, 56, 0),
        0.6,
        0.9,
        definitions=BASELINE,
    ),
    Named(
        "5 mm rule holds relapse back",
        [20, 10, 13],
        (1, 1, 0),
        (56, 56, 0),
        0.5,
        0.65,
        definitions=FIVE_MM,
    ),
    Named(
        "5 mm rule met exactly",
        [20, 10, 15],
        (1, 0, 1),
        (56, 56, 0),
        0.5,
        0.75,
        definitions=FIVE_MM,
    ),
    Named(
        "5 mm rule from 0", [20, 0, 4, 5], (1, 1, 1), (56, 112, 0), 0.0, 0.25, definitions=FIVE_MM
    ),
    Named(
        "stable outside response: responder all along",
        [100, 60, 55],
        (1, 0, 0),
        (56, 56, 0),
        0.55,
        0.55,
        definitions=OUTSIDE,
    ),
    Named(
        "stable outside response: on the way down",
        [100, 90, 60],
        (1, 1, 0),
        (112, 0, 0),
        0.6,
        0.6,
        definitions=OUTSIDE,
    ),
    Named(
        "linear crossing of the response",
        [100, 60],
        (1, 0, 0),
        (42, 14, 0),
        0.6,
        0.6,
        definitions=LINEAR,
    ),  # 100 to 60 in 56 days: 70 after 30 of 40 mm, 42 days
    Named(
        "linear crossing of the relapse",
        [100, 100, 140],
        (0, 1, 1),
        (0, 84, 28),
        1.0,
        1.4,
        definitions=LINEAR,
    ),  # 100 to 140 in 56 days: 120 half-way
    Named(
        "linear: regrowth from 0 starts at once",
        [40, 0, 10],
        (1, 0, 1),
        (16.8, 39.2, 56),
        0.0,
        0.25,
        definitions=LINEAR,
    ),  # 40 to 0: 28 after 12 of 40 mm, 0.3 x 56 days
]


def _series(named: list[Named]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "unit": number,
                "day": lesion.when or [56.0 * k for k in range(len(lesion.sizes))],
                "size_mm": lesion.sizes,
            }
        )
        for number, lesion in enumerate(named)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("lesion", LESIONS, ids=lambda lesion: lesion.name)
def test_a_named_lesion_has_the_phases_worked_out_by_hand(lesion: Named, each_engine: Any) -> None:
    request = requests.phases(_series([lesion]), [lesion.name], Definitions(**lesion.definitions))

    found = each_engine.answer(request).to_frame().iloc[0]

    assert tuple(found[["response", "stable", "relapse"]].astype(int)) == lesion.flags
    days = found[["response_days", "stable_days", "relapse_days"]].astype(float)
    assert tuple(days) == pytest.approx(lesion.days, abs=1e-9)
    assert found["nadir_ratio"] == pytest.approx(lesion.nadir, rel=1e-12)
    assert found["last_ratio"] == pytest.approx(lesion.last, rel=1e-12)
    assert int(found["mixed"]) == lesion.mixed


def test_all_named_lesions_at_once_are_what_each_is_alone() -> None:
    plain = [lesion for lesion in LESIONS if not lesion.definitions]

    together = response_phases(_series(plain), Definitions())

    alone = [response_phases(_series([lesion]), Definitions()) for lesion in plain]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))


def test_times_to_events_carry_their_censoring() -> None:
    sizes = [100.0, 60.0, 60.0, 90.0]
    found = response_phases(_series([Named("x", sizes, (1, 1, 1), (0, 0, 0), 0, 0)]), Definitions())

    row = found.iloc[0]

    assert (row["time_to_response"], bool(row["time_to_response_observed"])) == (56, True)
    assert (row["time_to_relapse"], bool(row["time_to_relapse_observed"])) == (168, True)
    assert (row["duration_of_response"], bool(row["duration_of_response_observed"])) == (112, True)


def test_without_response_its_duration_is_missing_and_its_time_censored() -> None:
    found = response_phases(
        pd.DataFrame({"unit": 0, "day": [0, 50, 100], "size_mm": [10.0, 10.0, 10.0]}), Definitions()
    ).iloc[0]

    assert np.isnan(found["duration_of_response"])
    assert (found["time_to_response"], bool(found["time_to_response_observed"])) == (100, False)
    assert (found["time_to_relapse"], bool(found["time_to_relapse_observed"])) == (100, False)


@pytest.mark.parametrize(
    "series",
    [
        {"unit": [0], "day": [0], "size_mm": [10]},
        {"unit": [0, 0], "day": [0, 0], "size_mm": [10, 9]},
        {"unit": [0, 0], "day": [5, 0], "size_mm": [10, 9]},
        {"unit": [0, 0], "day": [0, 5], "size_mm": [0, 9]},
        {"unit": [0, 0], "day": [0, 5], "size_mm": [10, float("nan")]},
        {"unit": [0, 0], "day": [0, 5], "size_mm": [10, -1]},
        {"unit": [1, 1], "day": [0, 5], "size_mm": [10, 9]},
        {"unit": [0, 0, 2, 2], "day": [0, 5, 0, 5], "size_mm": [10, 9, 10, 9]},
        {"unit": [], "day": [], "size_mm": []},
    ],
)
def test_rows_in_another_form_are_refused(series: dict[str, list[float]]) -> None:
    with pytest.raises(LesionhetError, match="Series for phases need"):
        response_phases(pd.DataFrame(series), Definitions())


SIZES = st.lists(st.integers(0, 200).map(float), min_size=1, max_size=9)
RULES = st.builds(
    Definitions,
    relapse_reference=st.sampled_from(["nadir", "baseline"]),
    stable_rule=st.sampled_from(["after_response", "outside_response"]),
    crossing=st.sampled_from(["scan", "linear"]),
)


@st.composite
def _cohorts(draw: st.DrawFn) -> pd.DataFrame:
    parts = []
    for unit in range(draw(st.integers(1, 6))):
        sizes = [float(draw(st.integers(1, 200))), *draw(SIZES)]
        gaps = [draw(st.integers(1, 90)) for _ in sizes]
        parts.append(
            pd.DataFrame({"unit": unit, "day": np.cumsum(gaps) - gaps[0], "size_mm": sizes})
        )
    return pd.concat(parts, ignore_index=True)


@given(_cohorts(), RULES)
def test_durations_are_never_negative_and_add_up(series: pd.DataFrame, rules: Definitions) -> None:
    found = response_phases(series, rules)

    days = found[["response_days", "stable_days", "relapse_days"]]
    assert (days >= 0).all(axis=None)
    np.testing.assert_allclose(days.sum(axis=1), found["followed_days"], rtol=1e-12, atol=1e-9)


@given(_cohorts(), RULES, st.sampled_from([0.1, 0.37, 3.0, 25.4, 1e6]))
def test_scaling_a_lesion_changes_nothing(
    series: pd.DataFrame, rules: Definitions, factor: float
) -> None:
    scaled = series.assign(size_mm=series["size_mm"] * factor)

    pd.testing.assert_frame_equal(
        response_phases(series, rules), response_phases(scaled, rules), rtol=1e-9, atol=1e-9
    )


@given(_cohorts(), RULES, st.integers(-400, 400))
def test_shifting_the_days_changes_no_duration(
    series: pd.DataFrame, rules: Definitions, shift: int
) -> None:
    moved = series.assign(day=series["day"] + shift)

    columns = ["response", "stable", "relapse", "response_days", "stable_days", "relapse_days"]
    before, after = response_phases(series, rules)[columns], response_phases(moved, rules)[columns]
    pd.testing.assert_frame_equal(before, after, rtol=1e-9, atol=1e-9)


@given(_cohorts(), RULES)
def test_flags_and_ratios_fit_together(series: pd.DataFrame, rules: Definitions) -> None:
    found = response_phases(series, rules)

    assert found[["response", "stable", "relapse"]].any(axis=1).all()
    assert (found["nadir_ratio"] <= found["last_ratio"]).all()
    assert (found.loc[found["response"], "nadir_ratio"] <= 0.7 * (1 + 1e-9)).all()


@pytest.mark.r
@pytest.mark.parametrize("crossing", ["scan", "linear"])
@pytest.mark.parametrize("stable_rule", ["after_response", "outside_response"])
@pytest.mark.parametrize("relapse_reference", ["nadir", "baseline"])
def test_r_finds_the_same_phases_in_random_series(
    relapse_reference: str, stable_rule: str, crossing: str
) -> None:
    from lesionhet.agreement import agreed, compare
    from lesionhet.engines import engine

    rng = np.random.default_rng(7)
    scans = rng.integers(2, 12, size=400)
    unit = np.repeat(np.arange(400), scans)
    day = np.concatenate([np.cumsum(rng.integers(1, 90, size=n)) - 1.0 for n in scans])
    steps = np.cumsum(rng.normal(0, 0.35, size=len(unit)))
    begins = np.diff(unit, prepend=-1) != 0
    walk = np.exp(steps - steps[begins][unit])
    size = np.where(begins, 40.0, np.maximum(np.round(40 * walk) - 8, 0))
    series = pd.DataFrame({"unit": unit, "day": day, "size_mm": size})
    definitions = Definitions(
        relapse_reference=relapse_reference,  # type: ignore[arg-type]
        stable_rule=stable_rule,  # type: ignore[arg-type]
        crossing=crossing,  # type: ignore[arg-type]
        relapse_min_increase_mm=2.0,
    )
    request = requests.phases(series, [str(u) for u in range(400)], definitions)

    table = compare("phases", engine("python").answer(request), engine("r").answer(request))

    assert len(table) == 400 * 9
    assert agreed(table)
