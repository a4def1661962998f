"""The engines behind one protocol. R is reached only from here, and only when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from lesionhet.errors import UsageError
from lesionhet.requests import Request, ResultT

EngineName = Literal["python", "r", "libraries"]


class Engine(Protocol):
    """What answers requests."""

    name: str

    def answer(self, request: Request[ResultT]) -> ResultT:
        """Compute one statistic.

        Raises
        ------
        NotEstimableError
            These data have no answer (separation, for one).
        RCallError
            R only: this one call failed; the next can work.
        """
        ...

    def versions(self) -> Mapping[str, str]:
        """Give what computes, by name: interpreter and packages with their versions."""
        ...


def engine(name: EngineName) -> Engine:
    """Give an engine by name.

    Parameters
    ----------
    name
        ``"python"``; ``"r"``, whose process starts at its first call, not here; or ``"libraries"``, which
        answers some statistics by lifelines, SciPy and scikit-posthocs.

    Raises
    ------
    UsageError
        Another name.
    RUnavailableError
        R, rpy2 or an R package is not installed; the message says how to add it.

    Examples
    --------
    >>> from lesionhet.requests import mann_whitney
    >>> test = engine("python").answer(mann_whitney([1, 2, 3, 4, 5, 9], list("aaabbb")))
    >>> round(test.value("p_value"), 4)
    0.0809
    """
    if name == "python":
        from lesionhet.statistics.engine import PythonEngine

        return PythonEngine()
    if name == "r":
        from r_bridge.engine import REngine

        return REngine()
    if name == "libraries":
        from lesionhet.statistics.libraries.engine import LibrariesEngine

        return LibrariesEngine()
    raise UsageError(f"engine is {name!r}; permitted: 'python', 'r', 'libraries'.")
