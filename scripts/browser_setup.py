"""Chromium for the tests of the web page: found, or installed by apt."""

from __future__ import annotations

import os
import shutil

from setup_log import Log, complain, say
from system_setup import apt_install

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "LESIONHET_CHROMIUM"


def find_browser() -> str | None:
    """Give the path of a Chromium or Chrome; the environment variable goes first."""
    named = os.environ.get(VARIABLE)
    found = [shutil.which(name) for name in ([named] if named else BROWSERS)]
    return next((path for path in found if path), None)


def add_browser(log: Log) -> None:
    """Install Chromium where there is none and apt can; else say what to do, and go on."""
    if find_browser():
        return
    if os.environ.get(VARIABLE):
        complain(f"{VARIABLE} names no program: the tests of the web page will fail.")
        return
    if shutil.which("apt-get") and apt_install(log, ["chromium"]) and find_browser():
        say("Chromium for the tests of the web page: installed")
        return
    complain(
        "The tests of the web page need Chromium or Chrome and will fail without. Debian: "
        "apt-get install chromium. macOS: brew install --cask chromium. "
        f"Or name one: {VARIABLE}=/path/to/chrome."
    )
