"""What the tests of stored answers share: where they are, and the battery that they are about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from lesionhet.tolerances import TOLERANCES, Tolerances
from lesionhet.validate.golden import Golden
from lesionhet.validate.r_data import data_sets

FOLDER = Path(__file__).parent / "golden"
COMPUTE = ("R", "survival", "cluster", "nlme", "rstatix", "FSA")
"""What of R gives the numbers; rpy2 carries them."""


@contextmanager
def stored_data_sets(golden: Golden, only: Collection[str] | None = None) -> Iterator[None]:
    """Let the battery take R's data sets from the files instead of from R: all, or some of them."""
    some = tuple(one for one in data_sets() if only is None or one.name in only)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("battery", "r_data"):
            patch.setattr(f"lesionhet.validate.{module}.data_sets", lambda: some)
        patch.setattr("r_bridge.data_sets.read_data_sets", lambda names: golden.data_sets)
        yield


def tolerances_for(stored: Mapping[str, str], live: Mapping[str, str]) -> Tolerances:
    """Give how far R may be from what it said before: next to nothing where it is the same R.

    The last bits move with the processor, the BLAS and the length of a long double; another release
    of R or of a package may stop an iteration earlier or later, and may be as far as Python is.
    """
    if [stored.get(name) for name in COMPUTE] != [live.get(name) for name in COMPUTE]:
        return TOLERANCES
    return {
        statistic: {name: rule.changed(rule.relative / 100) for name, rule in rules.items()}
        for statistic, rules in TOLERANCES.items()
    }
