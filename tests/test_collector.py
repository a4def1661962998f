"""The collector works as before once a run is over, however it ends."""

from __future__ import annotations

import gc
import weakref

import pytest

from lesionhet.collector import THRESHOLDS, rare_collections


def test_it_is_as_before_after_an_error() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), rare_collections():
        assert gc.get_threshold() == THRESHOLDS
        raise KeyError("x")
    assert gc.get_threshold() == before


def test_cycles_go_within_the_block() -> None:
    class Node:
        """Holds itself."""

        def __init__(self) -> None:
            self.own = self

    with rare_collections():
        first = weakref.ref(Node())
        for _ in range(THRESHOLDS[0] + 1_000):
            Node()
        assert first() is None
