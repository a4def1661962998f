"""The report's folder as one zip file in memory, made in steps from what the session already has."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from lesionhet.agreement import COMPARED
from lesionhet.analyses.every_p import adjusted_p
from lesionhet.engines import engine
from lesionhet.errors import RUnavailableError
from streamlit_app import state, twin
from streamlit_app.asked import Question

if TYPE_CHECKING:
    from lesionhet.analyses.base import AnalysisResult
    from lesionhet.outcome import Outcome
    from streamlit_app.steps import Say

FOLDER: Final = "lesionhet-report"
COMMAND: Final = "lesionhet app"
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""Date of every file in the zip: the report itself says when it was made."""


@dataclass(frozen=True)
class Step:
    """One step to the report: an analysis in Python, the same in R, or the writing."""

    kind: Literal["python", "r", "write"]
    id: str = ""


@dataclass(frozen=True, eq=False)
class Parcel:
    """A report to take home.

    Parameters
    ----------
    content
        Bytes of the zip file.
    study_key
        Data and choices that it was made of.
    says
        What is in it, one sentence.
    r_reason
        Why R's column is missing; empty where it is there or was not wanted.
    """

    content: bytes
    study_key: str
    says: str
    r_reason: str = ""


def steps_of(ids: Sequence[str], with_r: bool) -> list[Step]:
    """Give the steps to the report of some analyses.

    Examples
    --------
    >>> [step.kind for step in steps_of(["2C"], with_r=True)]
    ['python', 'r', 'write']
    """
    found = [Step("python", name) for name in ids]
    found += [Step("r", name) for name in ids] if with_r else []
    return [*found, Step("write")]


def make_step(step: Step, say: Say, ids: Sequence[str], with_r: bool) -> Parcel | None:
    """Do one step; what was computed before is not computed again.

    Parameters
    ----------
    step
        Of `steps_of`.
    say
        Told what is being done.
    ids, with_r
        As in `steps_of`.

    Returns
    -------
    Parcel or None
        The report after the last step.
    """
    if step.kind == "python":
        say(f"{step.id} in Python")
        state.run([step.id])
        return None
    if step.kind == "r":
        for question in _questions(state.run([step.id])):
            if twin.compared(question) is None and not twin.missing():
                say(f"{question.name} in R")
                _ask(question)
        return None
    outcome = _outcome(ids, with_r)
    say("Writing …")
    content = zipped(outcome, say)
    return Parcel(content, state.study_key(), _says(outcome), outcome.r_reason)


def zipped(outcome: Outcome, say: Say) -> bytes:
    """Write the report into a folder that is removed again, and give it as a zip file.

    Parameters
    ----------
    outcome
        What a run found.
    say
        Told what is being written.

    Returns
    -------
    bytes
        One folder with `report.html` and all that belongs to it.
    """
    from lesionhet.report.folder import write_report

    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="lesionhet-") as aside:
        page = write_report(
            outcome, Path(aside, FOLDER), COMMAND, lambda text: say(f"Writing {text}")
        )
        say("Packing …")
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(page.parent.rglob("*")):
                if path.is_file():
                    name = f"{FOLDER}/{path.relative_to(page.parent).as_posix()}"
                    info = zipfile.ZipInfo(name, EARLIEST)
                    info.external_attr = 0o644 << 16
                    archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _questions(results: Sequence[AnalysisResult]) -> list[Question]:
    return [
        Question(f"{result.id}.{name}", (), request, result.answers[name])
        for result in results
        for name, request in result.requests.items()
    ]


def _ask(question: Question) -> None:
    try:
        twin.ask_r(question)
    except RUnavailableError as error:
        twin.note_missing(str(error))


def _outcome(ids: Sequence[str], with_r: bool) -> Outcome:
    from lesionhet.outcome import Outcome, RState

    results = state.run(ids)
    adjusted = adjusted_p(results, engine("python"))
    questions = _questions(results if adjusted is None else (*results, adjusted))
    reason = twin.missing() if with_r else ""
    if with_r and not reason and adjusted is not None:
        _ask(questions[-1])
    answered = [(q, twin.compared(q)) for q in questions] if with_r and not reason else []
    versions = {"python": dict(engine("python").versions())}
    if with_r and not reason:
        versions["r"] = dict(engine("r").versions())
    r_state: RState = "off" if not with_r else "unusable" if reason else "used"
    found = state.data()
    return Outcome(
        study=state.study(),
        results=results,
        agreement=twin.numbers(questions) if answered else pd.DataFrame(columns=list(COMPARED)),
        r_state=r_state,
        r_reason=reason,
        r_failures={q.name: c.failure for q, c in answered if c is not None and c.failure},
        r_warnings={q.name: c.warnings for q, c in answered if c is not None and c.warnings},
        versions=versions,
        preset=_preset(),
        synthetic=found is not None and found.synthetic,
        p_values=adjusted,
    )


def _preset() -> str:
    chosen = state.choices()
    changed = ", ".join(chosen.changed)
    return f"{chosen.preset} (changed: {changed})" if changed else chosen.preset


def _says(outcome: Outcome) -> str:
    done = sum(result.status == "done" for result in outcome.results)
    skipped = len(outcome.results) - done
    lost = f", {skipped} left out for want of data" if skipped else ""
    if outcome.r_state != "used":
        beside = "without R"
    elif outcome.agrees:
        beside = f"R agrees on all {len(outcome.agreement):,} numbers"
    else:
        differ = int((outcome.agreement["verdict"] == "differ").sum())
        beside = (
            f"{differ:,} numbers differ in R, {len(outcome.r_failures)} questions without answer"
        )
    return f"Report of {done} analyses{lost}; {beside}."
