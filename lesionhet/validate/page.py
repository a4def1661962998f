"""validation.html: the record as a quality department files it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from lesionhet import __version__
from lesionhet.report.cells import plain_number
from lesionhet.validate import words
from lesionhet.validate.record import Record, tolerances_in_force
from lesionhet.validate.run import KNOWN_REFUSALS

FILE: Final = "validation.html"
LISTED: Final = 200
"""Refusals and failures that the page lists; validation.json has all."""


def write_page(record: Record, path: Path) -> None:
    """Write the record as one page that needs nothing else, dark on white, for A4.

    Parameters
    ----------
    record
        What is filed.
    path
        File to write.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lesionhet.validate"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        number=plain_number, short=words.short, full=words.full, line=words.one_line, dots=_dots
    )
    assert environment.loader is not None  # noqa: S101  set above
    style = environment.loader.get_source(environment, "validation.css")[0]
    text = environment.get_template("validation.html.j2").render(
        _context(record),
        style=Markup(style),  # noqa: S704  a file of this package
    )
    path.write_text(text, encoding="utf-8", newline="\n", errors="backslashreplace")


def _context(record: Record) -> dict[str, Any]:
    validation = record.validation
    quantities = validation.quantities.to_dict("records")
    compared = {row["statistic"].split(".")[0] for row in quantities}
    alone = validation.refusals["verdict"].isin(["differ", "known"])
    return {
        "record": record,
        "v": validation,
        "version": __version__,
        "headline": words.headline(validation),
        "reasons": words.reasons(validation),
        "began": validation.began.replace("T", " "),
        "scope": words.scope(validation),
        "libraries": words.libraries(validation.libraries) if validation.libraries else "",
        "library_troubles": words.library_troubles(validation.libraries)
        if validation.libraries
        else [],
        "quantities": quantities,
        "parted": [
            (row, f"{words.extent(row)}; most: {words.both_values(row)}")
            for row in quantities
            if row["verdict"] != "agree"
        ],
        "refusals": _counted_refusals(validation.refusals),
        "meanings": words.REFUSAL_VERDICTS,
        "alone": [words.refusal(row) for row in validation.refusals[alone].to_dict("records")],
        "failures": [words.failure(row) for row in validation.failures.to_dict("records")],
        "known_refusals": KNOWN_REFUSALS,
        "tolerances": [
            t for t in tolerances_in_force(record.tolerances) if t.statistic in compared
        ],
        "listed": LISTED,
    }


def _counted_refusals(refusals: pd.DataFrame) -> list[dict[str, Any]]:
    """Give one row a statistic: how many of its questions were refused, by verdict."""
    return [
        {
            "statistic": statistic,
            **{name: int((rows["verdict"] == name).sum()) for name in words.REFUSAL_VERDICTS},
        }
        for statistic, rows in refusals.groupby("statistic", sort=True)
    ]


def _dots(name: str) -> Markup:
    """Let a dotted name break after its dots and underscores."""
    text = str(escape(name)).replace(".", ".<wbr>").replace("_", "_<wbr>")
    return Markup(text)  # noqa: S704  escaped above
