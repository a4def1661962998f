"""A server and a browser for the tests that look at the web page; a plugin of those files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser_helpers import ARGUMENTS, MOST_MB, Server, browser_path, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server for the tests of one file."""
    with serving("--max-mb", str(MOST_MB)) as found:
        yield found
        assert "Traceback" not in found.log.read_text(encoding="utf-8")


@pytest.fixture
def chromium() -> Iterator[Any]:
    """Give a browser for one test: Playwright's loop must not outlive it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(ARGUMENTS))
        yield browser
        browser.close()
