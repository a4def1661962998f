"""The first engine: requests answered in Python."""

from __future__ import annotations

import platform
import threading
import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from lesionhet.answering import TermsNotEstimableError, make_result
from lesionhet.requests import Request, ResultT
from lesionhet.statistics.registry import Entry, Tables, entry

LIBRARIES: Final = ("scipy", "lifelines", "scikit-posthocs")
"""Packages that give a second opinion, `lesionhet.statistics.libraries`."""
PACKAGES: Final = ("lesionhet", "numpy", "pandas", *LIBRARIES)

# warnings.catch_warnings changes the state of the whole process: one computation at a time, or the
# warnings of one thread would land in the result of another.
_RECORDING: Final = threading.Lock()


class PythonEngine:
    """Answers requests by NumPy, scipy.special and a small compiled part.

    A statistic's module is loaded with the first request for it. An engine has no state: one can serve
    several threads.

    Examples
    --------
    >>> from lesionhet.requests import kendall
    >>> PythonEngine().answer(kendall([1, 2, 3, 4], [1, 3, 2, 4])).value("estimate")
    0.666...
    """

    name: str = "python"

    def answer(self, request: Request[ResultT]) -> ResultT:
        """Compute one statistic.

        Parameters
        ----------
        request
            From `lesionhet.requests`.

        Returns
        -------
        Result
            Of type ``request.result``; warnings of the libraries travel with it.

        Raises
        ------
        NotEstimableError
            These data have no answer; the message says why.
        """
        found = self.entry(request)
        function = found.load()
        try:
            tables, messages = _recorded(lambda: function(request.data, **request.options))
        except TermsNotEstimableError as error:
            raise error.named(request.labels["term"]) from error
        return make_result(request, tables, self.name, found.describe(request), messages)

    def entry(self, request: Request[Any]) -> Entry:
        """Find what answers a request.

        Raises
        ------
        LesionhetError
            Nothing does.
        """
        return entry(request.statistic)

    def versions(self) -> Mapping[str, str]:
        """Give Python, the packages that compute, and this package, with their versions."""
        return {
            "python": platform.python_version(),
            **{package: _version(package) for package in PACKAGES},
        }


def _recorded(compute: Callable[[], Tables]) -> tuple[Tables, tuple[str, ...]]:
    """Run a computation; give its tables and what was warned of the data, each message once."""
    with _RECORDING, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # These speak to programmers about the next release of a library, not about the data.
        for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category=kind)
        tables = compute()
    messages = dict.fromkeys(" ".join(str(warning.message).split()) for warning in caught)
    return tables, tuple(messages)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"
