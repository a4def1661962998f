"""How often tests of lesions reject where groups do not differ, by how alike a patient's lesions are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet.errors import UsageError
from lesionhet.requests.clustered import KEYS_BELOW, MULTIPLIER
from lesionhet.statistics.clustered_rank import datta_satten, rosner_glynn_lee
from lesionhet.statistics.mixed import mixed_model
from lesionhet.statistics.proportion import proportion
from lesionhet.statistics.rank import kruskal_wallis, mann_whitney
from lesionhet.statistics.within import clustered_cox, permuted_within

CORRELATIONS: Final = (0.0, 0.2, 0.5, 0.8)
"""Share of the variance of a lesion's value that lies between patients."""
PATIENTS: Final = 100
SITES: Final = 3
LEVEL: Final = 0.05
PERMUTATIONS: Final = 199
MEAN_LESIONS: Final = 4.0
INFORMATIVE: Final = 0.7
"""Log of the factor by which the number of further lesions grows with one SD of the patient's effect."""
CONF_LEVEL: Final = 0.95

Test = Callable[[pd.DataFrame], float]


def lesion_tests(simulations: int, seed: int) -> pd.DataFrame:
    """Count how often naive and clustered tests reject at P < 0.05 where no group differs.

    100 patients have 1 + Poisson lesions, 4 in the mean. The value of a lesion is normal with variance 1, of
    which the intraclass correlation lies between patients. Half of the patients are in each arm. The
    site of each lesion is drawn with probabilities that differ from patient to patient (Dirichlet).
    Where the number of lesions is informative, it grows with the patient's part of the value.

    Parameters
    ----------
    simulations
        Data sets for each intraclass correlation (0, 0.2, 0.5, 0.8) and kind of cluster size, 1 or more.
    seed
        0 or more; the same seed gives the same numbers.

    Returns
    -------
    pandas.DataFrame
        A row a test, correlation and kind of size: ``test``, ``icc``, ``informative`` (bool),
        ``simulations``, ``rejected``, ``rate``, ``conf_low``, ``conf_high`` (95%, Clopper-Pearson).

    Raises
    ------
    UsageError
        Fewer than 1 simulation, or a seed below 0.

    Examples
    --------
    >>> found = lesion_tests(2, 1)
    >>> len(found), list(found.columns)[:4]
    (88, ['test', 'icc', 'informative', 'simulations'])
    """
    if simulations < 1 or seed < 0:
        raise UsageError(
            f"simulations is {simulations} and seed {seed}; permitted: 1 or more, and 0 or more."
        )
    rows: list[dict[str, object]] = []
    cells = list(product(CORRELATIONS, (False, True)))
    for (icc, informative), source in zip(
        cells, np.random.SeedSequence(seed).spawn(len(cells)), strict=True
    ):
        draw = np.random.Generator(np.random.PCG64(source))
        rejected = dict.fromkeys(TESTS, 0)
        for data in _data_sets(simulations, icc, draw, informative=informative):
            for name, test in TESTS.items():
                rejected[name] += int(test(data) < LEVEL)
        rows += [
            {"test": name, "icc": icc, "informative": informative, **_rate(count, simulations)}
            for name, count in rejected.items()
        ]
    return pd.DataFrame(rows)


def _data_sets(
    number: int, icc: float, draw: np.random.Generator, *, informative: bool
) -> Iterator[pd.DataFrame]:
    """Draw data sets: ``values``, ``cluster``, ``arm`` (1, 2), ``site`` (1 to 3) and ``key``."""
    for _ in range(number):
        effect = draw.normal(size=PATIENTS)
        # Divided by its own mean, the factor leaves the mean number of lesions as it is.
        factor = np.exp(INFORMATIVE * effect - INFORMATIVE**2 / 2) if informative else 1.0
        size = 1 + draw.poisson((MEAN_LESIONS - 1) * factor, PATIENTS)
        patient = np.repeat(np.arange(PATIENTS), size)
        n = len(patient)
        values = np.sqrt(icc) * effect[patient] + np.sqrt(1 - icc) * draw.normal(size=n)
        arm = draw.permutation(np.arange(PATIENTS) % 2) + 1
        chances = np.cumsum(draw.dirichlet(np.ones(SITES), PATIENTS), axis=1)[patient]
        site = 1 + (draw.random(n)[:, None] > chances[:, :-1]).sum(axis=1)
        columns = {
            "values": values,
            "cluster": patient + 1,
            "arm": arm[patient],
            "site": site,
            "key": 1.0 + draw.choice(KEYS_BELOW - 1, n, replace=False, shuffle=False),
        }
        yield pd.DataFrame(columns)


def _rank_test(
    function: Callable[..., Mapping[str, pd.DataFrame]],
    group: str,
    data: pd.DataFrame,
    **options: int,
) -> float:
    found = function(data.assign(group=data[group]), **options)
    return float(found["test"]["p_value"].iloc[0])


def _mixed(group: str, data: pd.DataFrame) -> float:
    """Give P of the likelihood ratio test of the groups."""
    names = range(2, int(data[group].max()) + 1)
    columns = {f"x{code - 1}": (data[group] == code).astype(float) for code in names}
    found = mixed_model(data[["values", "cluster"]].assign(**columns), CONF_LEVEL)
    return float(found["model"]["p_value"].iloc[0])


def _cox(error: str, data: pd.DataFrame) -> float:
    """Give Wald's P of the arm where the value is the log of a time to an event that all lesions have."""
    rows = pd.DataFrame(
        {
            "time": np.exp(data["values"]),
            "event": 1,
            "x1": (data["arm"] == 2).astype(float),
            "cluster": data["cluster"],
        }
    )
    term = clustered_cox(rows, "efron", CONF_LEVEL)["terms"].iloc[0]
    return float(2 * stats.norm.sf(abs(term["estimate"] / term[error])))


TESTS: Final[Mapping[str, Test]] = {
    "arms: Mann-Whitney, naive": partial(_rank_test, mann_whitney, "arm"),
    "arms: Datta-Satten": partial(_rank_test, datta_satten, "arm"),
    "arms: Rosner-Glynn-Lee": partial(_rank_test, rosner_glynn_lee, "arm"),
    "arms: mixed model": partial(_mixed, "arm"),
    "arms: Cox model, naive": partial(_cox, "std_error"),
    "arms: Cox model, clustered": partial(_cox, "robust_error"),
    "sites: Kruskal-Wallis, naive": partial(_rank_test, kruskal_wallis, "site"),
    "sites: Datta-Satten": partial(_rank_test, datta_satten, "site"),
    "sites: Rosner-Glynn-Lee": partial(_rank_test, rosner_glynn_lee, "site"),
    "sites: mixed model": partial(_mixed, "site"),
    "sites: permuted within patients": partial(
        _rank_test,
        permuted_within,
        "site",
        permutations=PERMUTATIONS,
        multiplier=MULTIPLIER,
        modulus=KEYS_BELOW,
    ),
}
"""Name -> data set to P value."""


def _rate(rejected: int, simulations: int) -> dict[str, object]:
    success = pd.DataFrame({"success": (np.arange(simulations) < rejected).astype(int), "group": 1})
    found = proportion(success, CONF_LEVEL)["proportions"].iloc[0]
    return {
        "simulations": simulations,
        "rejected": rejected,
        "rate": float(found["estimate"]),
        "conf_low": float(found["conf_low"]),
        "conf_high": float(found["conf_high"]),
    }
