"""How long a person waits at the web page: from the click to what they see.

Usage: python -m benchmarks.web
Needs Chromium or Chrome, and Playwright. Prints a table; exits 0 whatever it says.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from typing import Any, Final

from lesionhet.engines import engine
from lesionhet.errors import RUnavailableError
from tests.browser_helpers import ARGUMENTS, PAGES, Visitor, browser_path, serving, visit

ROUNDS: Final = 5
DEMO: Final = 3.0
PAGE: Final = 0.5
"""Seconds that were promised: to the first results of the demonstration, and to a page seen before."""
R_PAGE: Final = "Python and R"
LONGEST: Final = 600_000
"""Milliseconds in which R has answered what the pages asked."""
CLICK: Final = """([find, text]) => {
  const all = [...document.querySelectorAll(find)];
  const it = all.find(one => one.innerText.includes(text));
  window.benchmark = performance.now();
  it.click();
}"""
SEEN: Final = """([heading, content]) => {
  const main = document.querySelector('[data-testid="stMain"]');
  const title = main && main.querySelector(heading);
  if (!title || title.closest('[data-stale="true"]')) return false;
  const found = [...main.querySelectorAll(content)].some(one => !one.closest('[data-stale="true"]'));
  return found && performance.now() - window.benchmark;
}"""
RESULTS: Final = (
    '[data-testid="stVegaLiteChart"] :is(svg, canvas), [data-testid="stDataFrame"] canvas'
)
CONTENT: Final = {
    "Data": '[data-testid="stMetric"]',
    "Report": '[data-testid="stMultiSelect"]',
}
"""What a page is opened for, where it is not a chart or a table."""


def main() -> int:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(ARGUMENTS))
        print(f"{'from click to':<34}{'median':>8}{'largest':>9}{'promised':>10}   n")
        demos = [_demo(visit(browser, server)) for _ in range(2)]
        walk = _pages()
        _say("first demo results, fresh server", demos[:1], DEMO)
        _say("demo results, second person", demos[1:], DEMO)
        visitor = visit(browser, server)
        visitor.page.set_default_timeout(LONGEST)
        visitor.demo()
        for title, seconds in _walk(visitor, walk[1:], 1).items():
            _say(f"{title}, first time", seconds, None)
        for title, seconds in _walk(visitor, walk, ROUNDS).items():
            _say(f"{title}, seen before", seconds, PAGE)
        browser.close()
    return 0


def _pages() -> tuple[str, ...]:
    """Give the pages that have something to show here."""
    try:
        engine("r")
    except RUnavailableError:
        print(f"{R_PAGE}: not measured, there is no R")
        return tuple(title for title in PAGES if title != R_PAGE)
    return PAGES


def _demo(visitor: Visitor) -> float:
    return _seconds(visitor, "button", "Show me simulated data", "h2[id^=in-use]", "Data")


def _walk(visitor: Visitor, titles: Sequence[str], rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {title: [] for title in titles}
    for _ in range(rounds):
        for title in titles:
            heading = f'h1[id="{title.lower().replace(" ", "-")}"]'
            link = '[data-testid="stSidebarNavLink"]'
            found[title].append(_seconds(visitor, link, title, heading, title))
    return found


def _seconds(visitor: Visitor, what: str, text: str, heading: str, title: str) -> float:
    """Click in the page itself and wait there: the way to the browser and back does not count."""
    page: Any = visitor.page
    page.locator(what).filter(has_text=text).first.wait_for()
    page.evaluate(CLICK, [what, text])
    taken = page.wait_for_function(SEEN, arg=[heading, CONTENT.get(title, RESULTS)]).json_value()
    visitor.settle()
    return float(taken) / 1000


def _say(what: str, seconds: Sequence[float], promised: float | None) -> None:
    middle, longest = statistics.median(seconds), max(seconds)
    bound = f"{promised:.1f} s" if promised is not None else ""
    print(f"{what:<34}{middle:>6.2f} s{longest:>7.2f} s{bound:>10}{len(seconds):>4}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
