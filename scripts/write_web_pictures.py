"""Write pictures of every page of the web page, made from its simulated data.

Usage: python -m scripts.write_web_pictures docs/images
Needs Chromium or Chrome, and Playwright. Run it from the project's folder.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from streamlit_app.pages.reviewer import NOT_YET
from tests.browser_helpers import ARGUMENTS, MAIN, PHONE, Visitor, browser_path, serving, visit

COLORS: Final = 128
DESKTOP: Final = {"width": 1240, "height": 900}
TALLEST: Final = 3200
"""Pixels of the page itself; what is further down is left to the reader's own screen."""
LONGEST: Final = 600_000
"""Milliseconds that all answers may take."""
DRAWN: Final = """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
  .every(chart => chart.querySelector('canvas, svg'))
  && [...document.images].every(image => image.complete)
  && document.fonts.status === "loaded" """


@dataclass(frozen=True)
class Shot:
    """One picture.

    Parameters
    ----------
    name
        Of the file, without ``web-`` and its ending.
    title
        Of the page.
    do
        What is done on the page first.
    height
        Pixels; 0: as high as the page is, up to `TALLEST`.
    """

    name: str
    title: str
    do: Callable[[Visitor], object] = lambda visitor: None
    height: int = 0


def _part(name: str) -> Callable[[Visitor], object]:
    return lambda visitor: visitor.part(name)


def _map(visitor: Visitor) -> None:
    from tests.browser_helpers import small_tables

    lesions, patients = small_tables("P", 60, 3)
    names = {"diameter_mm": "Longest diameter (cm)", "day": "Study day", "patient_id": "Subject"}
    lesions["diameter_mm"] /= 10
    given = (("measurements.csv", lesions.rename(columns=names)), ("patients.csv", patients))
    files = [
        {"name": name, "mimeType": "text/csv", "buffer": table.to_csv(index=False).encode()}
        for name, table in given
    ]
    visitor.page.set_input_files(f"{MAIN} input[type=file]", files)
    visitor.sees("Use these tables")
    visitor.settle()
    visitor.page.get_by_role("heading", name="Your tables").scroll_into_view_if_needed()


def _compare(visitor: Visitor) -> None:
    visitor.page.get_by_text("questions:").first.wait_for()
    visitor.page.get_by_test_id("stProgress").first.wait_for(state="detached")


def _answer(visitor: Visitor) -> None:
    visitor.click(re.compile("^Answer all"))
    visitor.page.get_by_text(NOT_YET).first.wait_for(state="detached", timeout=LONGEST)
    visitor.settle()


SHOTS: Final = (
    Shot("data", "Data"),
    Shot("patients", "Patients"),
    Shot("lesions", "Lesions"),
    Shot("heterogeneity", "Heterogeneity"),
    Shot("survival", "Survival"),
    Shot("cox", "Survival", _part("Cox model")),
    Shot("treatment", "Organs and treatment", height=1350),
    Shot("organs", "Organs and treatment", _part("Organ response"), 1180),
    Shot("reviewer", "What a reviewer would ask", _answer),
    Shot("agreement", "Python and R", _compare),
    Shot("report", "Report"),
)
DARK: Final = ("lesions", "survival", "heterogeneity")
ON_A_PHONE: Final = ("data", "lesions", "survival")


def main(words: Sequence[str]) -> int:
    """Write every picture into the folder that the one word names."""
    if len(words) != 1:
        print(f"{__doc__}", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    folder = Path(words[0])
    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(ARGUMENTS))

        def visitor(**how: Any) -> Visitor:
            return visit(browser, server, **how)

        start = visitor(viewport=DESKTOP)
        _write(start, folder / "web-start.png", 620)
        _map(start)
        _write(start, folder / "web-columns.png", 1840)
        _series(visitor(viewport=DESKTOP), SHOTS, folder, "")
        dark = [shot for shot in SHOTS if shot.name in DARK]
        _series(visitor(viewport=DESKTOP, color_scheme="dark"), dark, folder, "-dark")
        small = [shot for shot in SHOTS if shot.name in ON_A_PHONE]
        _series(visitor(**PHONE, device_scale_factor=1.5), small, folder, "-phone")
        browser.close()
    return 0


def _series(visitor: Visitor, shots: Sequence[Shot], folder: Path, ending: str) -> None:
    visitor.demo()
    for shot in shots:
        visitor.go(shot.title)
        shot.do(visitor)
        _write(visitor, folder / f"web-{shot.name}{ending}.png", shot.height)
    visitor.quiet()


def _write(visitor: Visitor, path: Path, height: int) -> None:
    """Make the window as high as the page, so that one picture holds it."""
    page, before = visitor.page, visitor.page.viewport_size
    visitor.settle()
    whole = int(page.evaluate(f"document.querySelector('{MAIN}').scrollHeight"))
    page.set_viewport_size({**before, "height": height or min(whole, TALLEST)})
    visitor.settle()
    page.wait_for_function(DRAWN)
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    few = taken.quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    page.set_viewport_size(before)
    print(f"[web] {path} {path.stat().st_size / 1000:,.0f} kB, {taken.width} x {taken.height}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
