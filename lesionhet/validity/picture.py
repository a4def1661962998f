"""The figure of docs/validity.md: mean hazard ratios of the distance by scenario and model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lesionhet.charts import ForestChart
from lesionhet.validity.page import part_of
from lesionhet.validity.scenarios import SCENARIOS
from lesionhet.validity.sentences import way
from lesionhet.validity.trials import DISTANCE


def chart(rates: pd.DataFrame) -> ForestChart:
    """Give the means of the simulated hazard ratios with their Monte-Carlo intervals.

    Parameters
    ----------
    rates
        From `lesionhet.validity.rates.simulated_trials`.

    Returns
    -------
    lesionhet.charts.ForestChart
        A panel a scenario.
    """
    rows = []
    for world in SCENARIOS:
        for row in part_of(rates, world.name, DISTANCE):
            reach = 1.96 * row["mean_error"]
            ends = np.exp([row["mean"], row["mean"] - reach, row["mean"] + reach])
            rows.append((world.name.capitalize(), way(row), *ends, np.nan))
    columns = ["panel", "label", "estimate", "conf_low", "conf_high", "p_value"]
    return ForestChart(
        "Mean hazard ratio of the distance over simulated trials",
        "Means over the simulated trials with 95% Monte-Carlo intervals.",
        pd.DataFrame(rows, columns=columns),
        x_label="Mean hazard ratio per 0.1 of the distance (log scale)",
    )
