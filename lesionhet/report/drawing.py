"""The figures of a report, drawn in several processes while the rest is written."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lesionhet.charts import Chart
from lesionhet.errors import LesionhetError
from lesionhet.outcome import Outcome
from lesionhet.report.section import FIGURES, stem

if TYPE_CHECKING:
    from lesionhet.workers import Crew

Progress = Callable[[str], None]
Drawn = dict[str, str]
"""Name of a figure's files, without their endings -> why it was left out; empty where it was not."""


@dataclass(frozen=True, eq=False)
class _Drawing:
    """A chart in its study's colours, the name of its files, and the folder where they go."""

    chart: Chart
    stem: str
    folder: Path


class _StoppedError(Exception):
    """Nobody waits for the figures any more."""


@contextmanager
def drawing(
    outcome: Outcome, folder: Path, progress: Progress, crew: Crew | None = None
) -> Iterator[Callable[[], Drawn]]:
    """Draw every chart of a run; with several processes, while the block does something else.

    Parameters
    ----------
    outcome
        The run.
    folder
        The report's folder with ``figures`` in it.
    progress
        Told how many are drawn, where this process draws them alone.
    crew
        Processes that share the drawing; default: this one alone, before the block begins. The files have
        the same bytes.

    Yields
    ------
    callable
        Waits until all are drawn, and says which were left out and why. The block must call it: without
        that, drawing stops with the block.
    """
    drawings = _drawings(outcome, folder)
    if crew is None:
        drawn = {}
        for done, one in enumerate(drawings, start=1):
            progress(f"figure {done} of {len(drawings)}")
            drawn[one.stem] = _draw(one)
        yield lambda: drawn
        return
    stopped = threading.Event()

    def go_on(_: int) -> None:
        if stopped.is_set():
            raise _StoppedError

    with ThreadPoolExecutor(1) as aside:
        found = aside.submit(crew.run, _draw_anywhere, drawings, go_on)
        try:
            yield lambda: _together(drawings, found.result())
        finally:
            stopped.set()


def _drawings(outcome: Outcome, folder: Path) -> list[_Drawing]:
    # Here, so that checking a target before a long run does not load matplotlib.
    from lesionhet.figures import with_study_colors

    return [
        _Drawing(with_study_colors(chart, outcome.study), stem(result, name), folder / FIGURES)
        for result in outcome.results
        if result.status != "skipped"
        for name, chart in result.shown.charts.items()
    ]


def _draw(one: _Drawing) -> str:
    """Draw one chart and write its files; give why it could not be, or nothing."""
    from lesionhet.figures import draw, save

    try:
        save(draw(one.chart), one.folder, one.stem)
    except LesionhetError as error:
        # One chart without data must not cost the reader the rest.
        return str(error)
    return ""


def _draw_anywhere(one: _Drawing) -> tuple[str, list[Warning]]:
    """Do the same in any process; in another one, give also what it warned of: nobody would see it there."""
    if threading.current_thread() is not threading.main_thread():
        # A thread of the process that waits for the figures: its warnings are seen, and Python could not
        # tell them from those of other threads.
        return _draw(one), []
    with warnings.catch_warnings(record=True) as told:
        reason = _draw(one)
    return reason, [item.message for item in told if isinstance(item.message, Warning)]


def _together(drawings: Sequence[_Drawing], found: Sequence[tuple[str, list[Warning]]]) -> Drawn:
    for _, warned in found:
        for warning in warned:
            warnings.warn(warning, stacklevel=2)
    return {one.stem: reason for one, (reason, _) in zip(drawings, found, strict=True)}
