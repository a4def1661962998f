"""The Engine protocol answered by R."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping

from lesionhet.answering import TermsNotEstimableError, make_result
from lesionhet.errors import NotEstimableError, RUnavailableError
from lesionhet.requests import Request, ResultT
from r_bridge.install import advice
from r_bridge.session import RRefusalError, RSession, shared_session


class REngine:
    """Answers requests by R; any number of engines and threads share one R process.

    Parameters
    ----------
    session
        Default: the session that this Python process shares.

    Raises
    ------
    RUnavailableError
        rpy2 or R is not installed. R packages are looked at when R starts, with the first call.
    """

    name: str = "r"

    def __init__(self, session: RSession | None = None) -> None:
        missing = [
            part for part, found in (("R", _r_found()), ("rpy2", _rpy2_found())) if not found
        ]
        if missing:
            raise RUnavailableError(
                f"R is not usable: {' and '.join(missing)} not found. {advice(missing)}"
            )
        self._session = session or shared_session()

    def answer(self, request: Request[ResultT]) -> ResultT:
        """Compute one statistic with the R function of its name.

        Parameters
        ----------
        request
            From `lesionhet.requests`.

        Returns
        -------
        Result
            Of type ``request.result``; R's warnings travel with it.

        Raises
        ------
        NotEstimableError
            These data have no answer; the message says why.
        RCallError
            This one call failed, took longer than the time limit, or lost its process.
        RUnavailableError
            R cannot be started, or an R package is missing; the message says how to add it.
        """
        try:
            reply = self._session.call(request.statistic, request.data, request.options)
        except RRefusalError as refusal:
            if not refusal.terms:
                raise NotEstimableError(str(refusal)) from refusal
            raise TermsNotEstimableError(
                refusal.what, refusal.reason, refusal.terms, request.labels["term"]
            ) from refusal
        return make_result(request, reply.tables, self.name, reply.method, reply.warnings)

    def versions(self) -> Mapping[str, str]:
        """Give R, its packages that compute, and rpy2, with their versions; starts R."""
        return self._session.versions()

    def close(self) -> None:
        """End the R process that all engines share; the next call starts a new one."""
        self._session.close()


def _rpy2_found() -> bool:
    return importlib.util.find_spec("rpy2") is not None


def _r_found() -> bool:
    # On Windows R stands in the registry rather than on the path; rpy2 looks there at the start.
    return bool(sys.platform == "win32" or os.environ.get("R_HOME") or shutil.which("R"))
