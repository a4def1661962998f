"""Permutation test of the distance between sites, the groups dealt out within patients."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from benchmarks.data import demo_study
from benchmarks.measure import Contest
from benchmarks.r_peer import FOLDER, r_timer, write_columns
from lesionhet.engines import engine
from lesionhet.requests import permuted_within

PERMUTATIONS: Final = 999
IN_LOOP: Final = 49
"""Permutations that the loop does; its seconds are those that all would take."""


def contest(folder: Path) -> Contest:
    """Give the contest; ``folder`` holds the data for R."""
    lesions = demo_study().lesions
    given = (lesions["gower"], lesions["site_group"], lesions["patient_id"])
    request = permuted_within(*given, permutations=PERMUTATIONS)
    python = engine("python")
    data = write_columns(request.data[["values", "group", "cluster"]], folder, "permuted")
    words = (str(FOLDER), str(data))
    loop = r_timer("permuted_loop.R", *words, str(IN_LOOP))

    def ours() -> float:
        began = time.perf_counter()
        python.answer(request)
        return time.perf_counter() - began

    return Contest(
        "permuted-within",
        f"Kruskal-Wallis test of {len(request.data):,} lesions, {PERMUTATIONS} permutations within patients",
        ours,
        {
            "R, kruskal.test in a loop": lambda: loop() * (1 + PERMUTATIONS) / (1 + IN_LOOP),
            "R, ranks once and rowsum": r_timer("permuted_rowsum.R", *words, str(PERMUTATIONS)),
        },
    )
