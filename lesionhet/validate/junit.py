"""junit.xml: a validation as a pipeline reads it."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal
from xml.etree import ElementTree

from lesionhet.validate import words
from lesionhet.validate.outcome import Validation

FILE: Final = "junit.xml"
ANALYSES: Final = "analyses"
"""Test suite of the analyses of the user's cohort that were left out."""

LIBRARIES: Final = "libraries"
"""Test suite of what the Python libraries said."""

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, even escaped."""

Outcome = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True)
class TestCase:
    """One test case: its suite, name, what came of it, and for all but a pass why."""

    __test__ = False  # not one of pytest's

    suite: str
    name: str
    outcome: Outcome = "passed"
    type: str = ""
    message: str = ""
    text: str = ""


def write_junit(validation: Validation, path: Path) -> None:
    """Write a validation as JUnit XML, in the form of Jenkins' schema ``junit-10.xsd``.

    Parameters
    ----------
    validation
        What was found. A suite a statistic, a case a quantity; a documented difference is skipped,
        never passed; a refusal by one engine alone is a failure, a breakdown of an engine an error.
    path
        File to write.
    """
    suites: dict[str, list[TestCase]] = {}
    for case in test_cases(validation):
        suites.setdefault(case.suite, []).append(case)
    root = ElementTree.Element("testsuites", name="lesionhet validate")
    root.set("time", f"{validation.seconds:.3f}")
    _count(root, [case for cases in suites.values() for case in cases])
    for number, (name, cases) in enumerate(suites.items()):
        suite = ElementTree.SubElement(root, "testsuite", _suite(validation, name, number))
        _count(suite, cases)
        suite.set("skipped", str(sum(case.outcome == "skipped" for case in cases)))
        _add_properties(suite, validation)
        for case in cases:
            _add_case(suite, case)
    ElementTree.indent(root, " ")
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def test_cases(validation: Validation) -> Iterator[TestCase]:
    """Give the test cases, those of one suite not necessarily together."""
    reasons = {(k.statistic, k.table, k.column): k.reason for k in validation.known}
    for row in validation.quantities.to_dict("records"):
        yield _quantity(row, reasons)
    for row in validation.refusals.to_dict("records"):
        yield from _refusal(row)
    for row in validation.failures.to_dict("records"):
        text = words.failure(row)
        yield TestCase(row["statistic"], _question(row), "error", "failure", text, row["reason"])
    yield from _libraries(validation)
    for name, reason in validation.skipped.items():
        yield TestCase(ANALYSES, name, "skipped", "not asked", words.one_line(reason), reason)


def _libraries(validation: Validation) -> Iterator[TestCase]:
    """Give a suite of the libraries: a case a quantity, an error a breakdown."""
    if (opinion := validation.libraries) is None:
        return
    for row in opinion.quantities.to_dict("records"):
        if row["verdict"] != "differ":
            yield TestCase(LIBRARIES, row["statistic"])
            continue
        text = f"{words.extent(row)}; most: {words.both_values(row, 'libraries')}"
        yield TestCase(LIBRARIES, row["statistic"], "failure", "difference", text, text)
    for text in opinion.failed:
        yield TestCase(LIBRARIES, words.one_line(text), "error", "failure", words.one_line(text))


def _quantity(row: Mapping[Any, Any], reasons: Mapping[Any, str]) -> TestCase:
    name = row["statistic"]
    suite = name.split(".")[0]
    if row["verdict"] == "agree":
        return TestCase(suite, name)
    text = words.both_values(row)
    if row["verdict"] == "known":
        reason = reasons.get(tuple(name.split(".", 2)), "")
        return TestCase(suite, name, "skipped", "known difference", f"{reason} {text}".strip(), "")
    extent = words.extent(row)
    detail = "\n".join(
        [
            f"{name} {extent}; most:",
            f"where: {row['where']}",
            f"Python: {words.full(row['python'])}",
            f"R: {words.full(row['r'])}",
            f"difference: {words.full(row['difference'])}",
            f"relative difference: {words.full(row['relative'])}",
            f"permitted (relative): {words.full(row['tolerance'])}",
        ]
    )
    return TestCase(suite, name, "failure", "difference", f"{extent}; most: {text}", detail)


def _refusal(row: Mapping[Any, Any]) -> Iterator[TestCase]:
    if row["verdict"] not in ("differ", "known"):
        return
    outcome: Outcome = "failure" if row["verdict"] == "differ" else "skipped"
    kind = "refusal" if row["verdict"] == "differ" else "known refusal"
    text = words.refusal(row)
    yield TestCase(row["statistic"], _question(row), outcome, kind, text, text)


def _question(row: Mapping[Any, Any]) -> str:
    return words.one_line(f"{row['question']} of {row['case']}")


def _suite(validation: Validation, name: str, number: int) -> dict[str, str]:
    began = datetime.fromisoformat(validation.began).astimezone(UTC)
    return {
        "name": _permitted(name),
        "package": "lesionhet.validate",
        "id": str(number),
        "timestamp": began.strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": platform.node() or "localhost",
    }


def _count(element: ElementTree.Element, cases: list[TestCase]) -> None:
    outcomes = [case.outcome for case in cases]
    element.set("tests", str(len(cases)))
    element.set("failures", str(outcomes.count("failure")))
    element.set("errors", str(outcomes.count("error")))


def _add_properties(suite: ElementTree.Element, validation: Validation) -> None:
    properties = ElementTree.SubElement(suite, "properties")
    for where, components in validation.versions.items():
        for component, version in components.items():
            ElementTree.SubElement(
                properties, "property", name=f"{where}.{component}", value=_permitted(version)
            )


def _add_case(suite: ElementTree.Element, case: TestCase) -> None:
    found = ElementTree.SubElement(
        suite,
        "testcase",
        name=_permitted(case.name),
        classname=_permitted(f"lesionhet.validate.{case.suite}"),
    )
    if case.outcome != "passed":
        why = {"type": case.type, "message": _permitted(case.message)}
        ElementTree.SubElement(found, case.outcome, why).text = _permitted(case.text)


def _permitted(text: str) -> str:
    """Escape what XML cannot hold, as Python would."""
    return _NOT_XML.sub(lambda found: ascii(found[0])[1:-1], text)
