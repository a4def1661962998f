"""Cross-checking from a script: the same names in Python and in R, and their comparison in one call."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Generic, ParamSpec, TypeVar, overload

import pandas as pd

from lesionhet import requests
from lesionhet.agreement import compare
from lesionhet.engines import Engine, engine
from lesionhet.requests import Request
from lesionhet.results import Result

P = ParamSpec("P")
AnswerT = TypeVar("AnswerT", bound=Result)


class _Answered(Generic[P, AnswerT]):
    """A request as a method that gives the answer, with the request's parameters and words."""

    def __init__(self, ask: Callable[P, Request[AnswerT]]) -> None:
        self._ask = ask

    @overload
    def __get__(self, statistics: None, owner: type[Statistics]) -> _Answered[P, AnswerT]: ...

    @overload
    def __get__(self, statistics: Statistics, owner: type[Statistics]) -> Callable[P, AnswerT]: ...

    def __get__(
        self, statistics: Statistics | None, owner: type[Statistics]
    ) -> _Answered[P, AnswerT] | Callable[P, AnswerT]:
        if statistics is None:
            return self
        answer, ask = statistics.answer, self._ask

        def asked_and_answered(*args: P.args, **kwargs: P.kwargs) -> AnswerT:
            return answer(ask(*args, **kwargs))

        method = functools.update_wrapper(asked_and_answered, ask)
        given = typing.get_args(typing.get_type_hints(ask)["return"])[0]
        signature = inspect.signature(ask).replace(return_annotation=given.__name__)
        method.__signature__ = signature  # type: ignore[attr-defined]
        method.__doc__ = (
            f"Give the `lesionhet.results.{given.__name__}` of the request.\n\n    {ask.__doc__}"
        )
        return method


class Statistics:
    """Every statistic of one engine as a method: the parameters of the request of its name.

    Parameters
    ----------
    by
        The engine that answers.

    Examples
    --------
    >>> python = Statistics(engine("python"))
    >>> python.kendall([1, 2, 3, 4], [1, 3, 2, 4]).value("estimate").__round__(4)
    0.6667
    """

    adjust_p = _Answered(requests.adjust_p)
    clustered_cox = _Answered(requests.clustered_cox)
    compare_markers = _Answered(requests.compare_markers)
    count = _Answered(requests.count)
    cox = _Answered(requests.cox)
    cox_counting = _Answered(requests.cox_counting)
    cox_from_measurements = _Answered(requests.cox_from_measurements)
    cox_influence = _Answered(requests.cox_influence)
    cox_over_time = _Answered(requests.cox_over_time)
    cox_readings = _Answered(requests.cox_readings)
    cox_spline = _Answered(requests.cox_spline)
    cox_zph = _Answered(requests.cox_zph)
    datta_satten = _Answered(requests.datta_satten)
    describe = _Answered(requests.describe)
    dunn = _Answered(requests.dunn)
    gower = _Answered(requests.gower)
    heterogeneity = _Answered(requests.heterogeneity)
    intraclass = _Answered(requests.intraclass)
    kaplan_meier = _Answered(requests.kaplan_meier)
    kendall = _Answered(requests.kendall)
    kruskal_wallis = _Answered(requests.kruskal_wallis)
    landmark_cox = _Answered(requests.landmark_cox)
    landmark_organ_response = _Answered(requests.landmark_organ_response)
    landmark_patterns = _Answered(requests.landmark_patterns)
    log_rank = _Answered(requests.log_rank)
    mann_whitney = _Answered(requests.mann_whitney)
    marker_concordance = _Answered(requests.marker_concordance)
    measure_summary = _Answered(requests.measure_summary)
    measurement_error = _Answered(requests.measurement_error)
    median_groups = _Answered(requests.median_groups)
    median_interval = _Answered(requests.median_interval)
    mixed_model = _Answered(requests.mixed_model)
    noise_null = _Answered(requests.noise_null)
    organ_cox_over_time = _Answered(requests.organ_cox_over_time)
    organ_response = _Answered(requests.organ_response)
    patient_measures = _Answered(requests.patient_measures)
    patterns = _Answered(requests.patterns)
    permuted_within = _Answered(requests.permuted_within)
    phases = _Answered(requests.phases)
    progression_order = _Answered(requests.progression_order)
    proportion = _Answered(requests.proportion)
    quantile_groups = _Answered(requests.quantile_groups)
    rank_correlations = _Answered(requests.rank_correlations)
    readings = _Answered(requests.readings)
    reassembled = _Answered(requests.reassembled)
    recist = _Answered(requests.recist)
    remeasured = _Answered(requests.remeasured)
    resampled_cox = _Answered(requests.resampled_cox)
    restricted_mean = _Answered(requests.restricted_mean)
    rosner_glynn_lee = _Answered(requests.rosner_glynn_lee)
    schoenfeld_curve = _Answered(requests.schoenfeld_curve)
    sign_test = _Answered(requests.sign_test)

    def __init__(self, by: Engine) -> None:
        self._engine = by

    def __repr__(self) -> str:
        return f"Statistics({self._engine.name!r})"

    def answer(self, request: Request[AnswerT]) -> AnswerT:
        """Answer a request that was made before, so that both engines can get the same one.

        Raises
        ------
        NotEstimableError
            These data have no answer.
        RCallError
            R only: this one call failed; the next can work.
        RUnavailableError
            R only: R cannot be started; the message says what to install.

        Examples
        --------
        >>> python.answer(requests.describe([1.0, 2.0, 6.0])).value("mean", "summary")
        3.0
        """
        return self._engine.answer(request)

    def versions(self) -> Mapping[str, str]:
        """Give what computes, by name: interpreter and packages with their versions; starts R."""
        return self._engine.versions()


python: Final = Statistics(engine("python"))
"""The Python side."""


@contextmanager
def r_session(*, time_limit: float | None = None) -> Iterator[Statistics]:
    """Give the R side: an R process of its own, started by the first call and ended with the block.

    Parameters
    ----------
    time_limit
        Seconds that one call may take; default: environment variable ``LESIONHET_R_TIMEOUT``, else
        600.

    Yields
    ------
    Statistics
        With the methods of `python`, each answered by the R function of its name.

    Raises
    ------
    RUnavailableError
        R, rpy2 or an R package is not installed; the message says how to add it.

    Examples
    --------
    ::

        with r_session() as r:
            table = compare("cox", python.cox(time, event, x), r.cox(time, event, x))
        assert agreed(table)
    """
    # Here rather than at the top: without this call, no script needs R or the bridge to it.
    from r_bridge.engine import REngine
    from r_bridge.session import RSession

    session = RSession(time_limit=time_limit)
    try:
        yield Statistics(REngine(session))
    finally:
        session.close()


def cross_check(name: str, request: Request[Any], r: Statistics | None = None) -> pd.DataFrame:
    """Answer one request in both languages and compare every number.

    Parameters
    ----------
    name
        What the request is called in the table.
    request
        From `lesionhet.requests`.
    r
        The R side, of `r_session`; default: the R process that all of this Python process share.

    Returns
    -------
    pandas.DataFrame
        As `lesionhet.compare` gives it: a row a number, with both values and a verdict.

    Raises
    ------
    NotEstimableError
        One of the two has no answer for these data.
    RCallError, RUnavailableError
        R failed in this call, or cannot be used.

    Examples
    --------
    ::

        table = cross_check("shrinkage", requests.mann_whitney(shrinkage, arm))
        table[["column", "python", "r", "relative", "verdict"]]
    """
    second = r or Statistics(engine("r"))
    return compare(name, python.answer(request), second.answer(request))
