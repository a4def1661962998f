"""The web page under test in a real browser: a server by the command, and a person who looks at it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lesionhet.simulate import simulate_trial

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
PAGES = (
    *("Data", "Patients", "Lesions", "Heterogeneity", "Survival"),
    *("Organs and treatment", "What a reviewer would ask", "Python and R", "Report"),
)
PATIENCE = 60_000
"""Milliseconds after which something that should appear is given up: far more than it takes."""
MOST_MB = 60
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36",
}
MAIN = '[data-testid="stMain"]'
UPLOAD = f"{MAIN} input[type=file]"
DONE = """calm => {
  const app = document.querySelector('[data-testid="stApp"]');
  const done = app && app.dataset.testScriptState === "notRunning"
    && app.dataset.testConnectionState === "CONNECTED"
    && document.querySelector('[data-testid="stMain"] h1')
    && !document.querySelector('[data-testid="stSpinner"], [data-stale="true"]');
  if (!done || window.restless === undefined) window.restless = performance.now();
  return done && performance.now() - window.restless > calm;
}"""
CALM = 150
"""Milliseconds without work after which a page is done: a click takes a moment to reach the server."""
# Beside a page other than the first, Streamlit looks for its server one folder further down first.
LOOKED_FOR = re.compile(r"/_stcore/(health|host-config)$")


def find_browser() -> str | None:
    """Give the path of Chromium or Chrome, None without; LESIONHET_CHROMIUM goes first."""
    named = os.environ.get("LESIONHET_CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else BROWSERS)]
    return next((path for path in found if path), None)


def browser_path() -> str:
    """Give the path of Chromium or Chrome, which must be there."""
    path = find_browser()
    assert path is not None, "Chromium or Chrome is not installed"
    return path


@dataclass
class Server:
    """A page that is served.

    Parameters
    ----------
    url
        Its address.
    process
        The command.
    log
        What it wrote.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def serving(*words: str) -> Iterator[Server]:
    """Run ``lesionhet app`` on a free port until the block ends."""
    port = _free_port()
    command = [sys.executable, "-m", "lesionhet", "app", "--no-browser", "--port", str(port)]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.txt")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, *words], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _until_it_answers(url, process, log)
            yield Server(url, process, log)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=30):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                raise AssertionError(log.read_text(encoding="utf-8")) from None
            _rest(process)


def _rest(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return


@dataclass
class Visitor:
    """One person at the page, in a browser context of their own.

    Parameters
    ----------
    page
        Playwright's page.
    url
        Of the server.
    problems
        What the browser complained of so far.
    """

    page: Any
    url: str
    problems: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors of the console, uncaught ones, dialogs and requests to anybody else."""
        page = self.page
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("dialog", lambda dialog: (self.problems.append("dialog"), dialog.dismiss()))
        page.on("request", self._request)

    def open(self, address: str = "") -> Visitor:
        """Open the page, or another address of the server."""
        self.page.goto(f"{self.url}/{address}")
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the page has said all that it has to say."""
        self.page.evaluate("window.restless = undefined")
        self.page.wait_for_function(DONE, arg=CALM)

    def sees(self, text: str | re.Pattern[str]) -> Any:
        """Wait for a visible text on the page."""
        found = self.page.locator(MAIN).get_by_text(text).filter(visible=True).first
        found.wait_for()
        return found

    def click(self, name: str | re.Pattern[str], *, role: str = "button") -> None:
        """Click a button, or something else, by its name."""
        found = self.page.locator(MAIN).get_by_role(role, name=name).filter(visible=True).first
        found.click()

    def go(self, title: str) -> None:
        """Go to a page by its link in the sidebar, which a phone has to open first."""
        opener = self.page.get_by_test_id("stExpandSidebarButton")
        if opener.is_visible():
            opener.click()
        link = self.page.get_by_test_id("stSidebarNavLink").filter(has_text=title).first
        link.click()
        self.page.get_by_role("heading", name=title, exact=True, level=1).wait_for()
        self.settle()

    def part(self, name: str) -> None:
        """Choose a part of a page."""
        self.click(name, role="radio")
        self.settle()

    def demo(self) -> None:
        """Take the simulated data."""
        self.click("Show me simulated data")
        self.sees("In use: Simulated trial")
        self.settle()

    def upload(self, *files: Path) -> None:
        """Give files to the page Data, and wait until it has read them."""
        self.page.set_input_files(UPLOAD, [str(file) for file in files])
        self.page.locator(MAIN).get_by_role("button", name=re.compile("^Use these")).wait_for()
        self.settle()

    def take(self, *files: Path) -> None:
        """Upload files whose columns have the program's names, and use them."""
        self.upload(*files)
        self.click("Use these tables")
        self.sees("In use:")
        self.settle()

    def choose(self, label: str, option: str, *, place: int = 0) -> None:
        """Choose an option of a box, by its label and the option's whole text."""
        self.pick(self.page.get_by_role("combobox", name=label).nth(place), option)

    def pick(self, box: Any, option: str) -> None:
        """Choose an option of a box; a list that a late scroll has closed is opened again."""
        from playwright.sync_api import TimeoutError as NotYetError

        wanted = self.page.get_by_role("option", name=option, exact=True).first
        for patience in (2_000, 5_000, PATIENCE):
            box.press("ArrowDown")
            try:
                wanted.click(timeout=patience)
                break
            except NotYetError:
                if patience == PATIENCE:
                    raise
        self.settle()

    def text(self) -> str:
        """Give everything that the page says now, choices included."""
        return str(self.page.locator("body").inner_text())

    def quiet(self) -> None:
        """Fail where the page shows an exception, the browser complained, or a name ran as HTML."""
        assert self.page.get_by_test_id("stException").count() == 0, self.text()
        assert self.page.evaluate("typeof window.hacked") == "undefined"
        assert self.problems == []

    def _console(self, message: Any) -> None:
        address = (message.location or {}).get("url", "")
        if message.type == "error" and not LOOKED_FOR.search(address):
            self.problems.append(f"{message.text} {address}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", "file:")):
            self.problems.append(f"asked elsewhere: {request.url}")


def visit(browser: Any, server: Server, **how: Any) -> Visitor:
    """Open the first page in a fresh context.

    Parameters
    ----------
    browser
        Of the fixture `chromium`.
    server
        Of the fixture `server`.
    how
        Further arguments of Playwright's ``new_context``.
    """
    settings = {"viewport": {"width": 1280, "height": 900}, **how}
    page = browser.new_context(**settings).new_page()
    page.set_default_timeout(PATIENCE)
    visitor = Visitor(page, server.url)
    visitor.watch()
    return visitor.open()


def small_files(folder: Path, who: str = "P", patients: int = 60, seed: int = 3) -> list[Path]:
    """Write a small trial as two CSV files; ``who`` begins the names of its patients."""
    lesions, measured = small_tables(who, patients, seed)
    found = [folder / f"{who}-lesions.csv", folder / f"{who}-patients.csv"]
    lesions.to_csv(found[0], index=False)
    measured.to_csv(found[1], index=False)
    return found


def small_tables(who: str, patients: int, seed: int) -> Sequence[pd.DataFrame]:
    """Give a small trial as two tables."""
    trial = simulate_trial(patients, seed=seed)
    found = (trial.lesions.copy(), trial.patients.copy())
    for table in found:
        table["patient_id"] = [f"{who}-{name}" for name in table["patient_id"]]
    return found
