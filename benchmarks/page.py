"""What was measured, as the tables of docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.growth import LARGEST_EXPONENT
from benchmarks.measure import seconds_text

BEGIN: Final = "<!-- measured: written by python -m benchmarks --page -->"
END: Final = "<!-- end of what was measured -->"
OURS: Final = "lesionhet"
WAYS: Final = {
    "growth-memory": "From two Parquet tables to phases, distances and group tables, in memory:",
    "growth-dask": "The same in parts by Dask, from `analyze PARTS --engine dask` to its end:",
}


def write_page(found: Mapping[str, Any], page: Path) -> None:
    """Put what was measured between the two marks of a page.

    Parameters
    ----------
    found
        What ``--json`` writes.
    page
        A Markdown file with the marks `BEGIN` and `END`.

    Raises
    ------
    ValueError
        The page lacks a mark.
    """
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page}: the lines '{BEGIN}' and '{END}' are needed, in this order.")
    body = "\n\n".join(part for part in (_machine(found), _contests(found), _growth(found)) if part)
    page.write_text(f"{head}{BEGIN}\n\n{body}\n\n{END}{tail}", encoding="utf-8")


def _machine(found: Mapping[str, Any]) -> str:
    facts = [f"{name} {value}" for name, value in found["machine"].items()]
    return f"Measured on {found['date']}: {', '.join(facts)}; {found['rounds']} rounds."


def _contests(found: Mapping[str, Any]) -> str:
    rows = [row for contest in found["contests"] for row in _rows(contest)]
    return _table(("what", "by", "median", "times ours (smallest to largest)", "promised"), rows)


def _rows(contest: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows = []
    for name, seconds in contest["seconds"].items():
        middle = statistics.median(seconds)
        what = contest["what"] if name == OURS else ""
        ratio, promised = "", ""
        if name != OURS:
            times = contest["ratios"][name]
            ratio = f"{_number(times[0])} ({_number(times[1])} to {_number(times[2])})"
        if name == OURS and contest["limit"] is not None:
            promised = _promise(
                f"under {seconds_text(contest['limit'])}", middle < contest["limit"]
            )
        elif (wanted := contest["promised"].get(name)) is not None:
            promised = _promise(f"{wanted:g} times", contest["ratios"][name][0] >= wanted)
        rows.append((what, name, seconds_text(middle), ratio, promised))
    return rows + [
        ("", name, f"not here: {why}", "", "") for name, why in contest["missing"].items()
    ]


def _growth(found: Mapping[str, Any]) -> str:
    parts = []
    for curve in found["growth"]:
        rows = [
            (
                f"{p['measurements']:,}",
                seconds_text(p["seconds"]),
                seconds_text(p["processor_seconds"]),
                f"{p['peak_bytes'] / 2**30:.2f} GiB",
            )
            for p in curve["points"]
        ]
        parts.append(WAYS[curve["name"]])
        parts.append(
            _table(("measurements", "by the clock", "processor time", "peak memory"), rows)
        )
        if curve["exponent"] is not None:
            met = _promise(f"{LARGEST_EXPONENT} at most", curve["exponent"] <= LARGEST_EXPONENT)
            fitted = f"{curve['exponent']:.2f} (promised {met})"
            parts.append(f"Fitted exponent of the processor time from 10^5 up: {fitted}.")
    return "\n\n".join(parts)


def _promise(text: str, met: bool) -> str:
    return f"{text}: {'met' if met else '**not met**'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
