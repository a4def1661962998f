"""Tables, curves and words of every reading at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.analyses.parts.endpoints import Endpoint
from lesionhet.charts import Chart, SpecificationChart
from lesionhet.choices.grid import Grid
from lesionhet.labels import format_number, format_percent
from lesionhet.study import Study


def marks(grid: Grid) -> list[str]:
    """Name the published reading and the one in force, where they are in the grid; others stay empty."""
    found = [""] * len(grid.readings)
    found[grid.chosen] = "in force"
    if grid.published is not None:
        both = grid.published == grid.chosen
        found[grid.published] = "as published" if both else "published"
    return found


def curve_of_models(study: Study, grid: Grid, endpoint: Endpoint, answer: Any) -> Chart:
    """Give the specification curve of one endpoint's hazard ratios per SD."""
    found = answer.to_frame("models")
    rows = found[["hazard_ratio", "conf_low", "conf_high"]].set_axis(
        ["estimate", "conf_low", "conf_high"], axis=1
    )
    stratified = "stratified by arm" if study.arms else "not stratified (no column arm)"
    n, events = (_span(found[name]) for name in ("n", "events"))
    return _curve(
        grid,
        pd.concat([grid.words(), rows], axis=1).assign(mark=marks(grid)),
        f"{endpoint.label}: hazard ratio of the distance under every reading",
        f"Cox models of {endpoint.label.lower()}: hazard ratio per SD of the distance with its "
        f"{study.definitions.conf_level:.0%} interval, beside baseline burden and number of lesions, Efron "
        f"ties, {stratified}; {n} patients, {events} events. Sorted; the choices of each reading below.",
        "Hazard ratio per SD (log scale)",
        reference=1.0,
        log_scale=True,
    )


def curve_of_numbers(
    grid: Grid,
    some: Any,
    names: tuple[str, ...],
    values: pd.Series,
    title: str,
    caption: str,
    y_label: str,
) -> Chart:
    """Give the curve of a number without interval.

    Parameters
    ----------
    grid
        All readings.
    some
        Places of those that are drawn.
    names
        Choices that tell these apart.
    values
        The number, one a reading.
    title, caption, y_label
        In print.
    """
    rows = grid.words()[list(names)].assign(estimate=values, mark=marks(grid))
    rows = rows.assign(conf_low=np.nan, conf_high=np.nan).iloc[some]
    return _curve(grid, rows, title, caption, y_label, names)


def _curve(
    grid: Grid,
    rows: pd.DataFrame,
    title: str,
    caption: str,
    y_label: str,
    names: tuple[str, ...] = (),
    **how: Any,
) -> Chart:
    choices = [c for c in grid.choices if not names or c.name in names]
    order = rows.sort_values("estimate", kind="stable", ignore_index=True, na_position="last")
    return SpecificationChart(
        title,
        caption,
        order,
        {c.name: c.words for c in choices},
        {c.name: c.label for c in choices},
        y_label,
        **how,
    )


def effects_table(
    grid: Grid, readings: Any, of_distance: Grid, models: Mapping[Endpoint, Any]
) -> pd.DataFrame:
    """Give one row a choice: what moves on average from one value to the other, the rest held.

    Parameters
    ----------
    grid, of_distance
        All readings, and those that differ in their distances.
    readings
        Answer of `lesionhet.requests.readings`.
    models
        Answers of `lesionhet.requests.cox_readings`.

    Returns
    -------
    pandas.DataFrame
        ``choice, value_1, value_2`` in print; lesions that ``changed`` phase and their ``share``; the change
        of the inconsistent ones in percent of the lesions, and of the median distances; for each endpoint the
        factor by which the hazard ratio per SD moves, missing for a choice that changes no distance.
    """
    effects = readings.to_frame("choices")
    lesions = int(readings.to_frame()["lesions"].iloc[0])
    table = _named(grid, effects)
    table["changed"] = effects["changed"]
    table["share"] = effects["changed"] / lesions
    table["inconsistent_points"] = 100 * effects["inconsistent"] / lesions
    for name in ("lesion_median", "patient_median"):
        table[f"{name}_moves"] = effects[name]
    for endpoint, answer in models.items():
        found = answer.to_frame("choices")
        own = _named(of_distance, found).assign(
            **{f"{endpoint.name}_factor": np.exp(found["log_ratio"].to_numpy(dtype=float))}
        )
        table = table.merge(own, how="left", validate="one_to_one")
    return table


def verdict(grid: Grid, readings: Any, of_distance: Grid, models: Mapping[Endpoint, Any]) -> str:
    """Say in one sentence how far the answer hangs on the reading."""
    if models:
        endpoint, answer = next(iter(models.items()))
        return _of_models(endpoint, answer, of_distance)
    table = readings.to_frame()
    shares = table["inconsistent"] / table["with_burden"].where(table["with_burden"] > 0)
    effects = readings.to_frame("choices")
    most = _named(grid, effects).loc[effects["changed"].idxmax()]
    inconsistent = (
        f"from {format_percent(shares.min())} to {format_percent(shares.max())} of the lesions are "
        "inconsistent with the total burden"
        if shares.notna().any()
        else "no patient has a total burden"
    )
    return (
        f"Over {len(table):,} readings of the text {inconsistent}; the phases hang most on the choice "
        f"{_choice(most)}, which changes {effects['changed'].max():,.0f} of "
        f"{int(table['lesions'].iloc[0]):,} lesions."
    )


def _of_models(endpoint: Endpoint, answer: Any, grid: Grid) -> str:
    found = answer.to_frame("models")
    known = found.dropna(subset="estimate")
    above, below = int((known["conf_low"] > 1).sum()), int((known["conf_high"] < 1).sum())
    chosen = found["hazard_ratio"].iloc[grid.chosen]
    as_read = f" ({format_number(chosen)} as read here)" if np.isfinite(chosen) else ""
    effects = answer.to_frame("choices")
    size = effects["log_ratio"].abs()
    hangs = (
        f" and hangs most on the choice {_choice(_named(grid, effects).loc[size.idxmax()])}"
        if size.notna().any()
        else ""
    )
    return (
        f"A larger naive distance goes with shorter {endpoint.label.lower()} in {above:,} of {len(known):,} "
        f"readings of the text (interval above 1)"
        + (f", with longer in {below:,}" if below else "")
        + f"; its hazard ratio per SD goes from {format_number(known['hazard_ratio'].min())} to "
        f"{format_number(known['hazard_ratio'].max())}{as_read}{hangs}."
    )


def _choice(row: pd.Series) -> str:
    return f"'{row['choice'].lower()} {row['value_1']} or {row['value_2']}'"


def _named(grid: Grid, effects: pd.DataFrame) -> pd.DataFrame:
    """Put names in place of the numbers of choices and of their values."""
    rows = [
        (
            (choice := grid.choices[int(row.choice) - 1]).label,
            choice.words[int(row.value_1) - 1],
            choice.words[int(row.value_2) - 1],
        )
        for row in effects.itertuples()
    ]
    return pd.DataFrame(rows, columns=["choice", "value_1", "value_2"])


def _span(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
