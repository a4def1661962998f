"""Sessions in a real browser: choices in the address, two people at once, and R lost meanwhile."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from browser_helpers import MAIN, PAGES, Visitor, small_files, visit

pytest_plugins = ["browser_fixtures"]
pytestmark = pytest.mark.browser

DISTANCE = re.compile(r"distance (\d\.\d+)")


def picked(visitor: Visitor) -> str:
    """Give the patient that the page Lesions shows, with number of lesions and distance."""
    visitor.go("Lesions")
    box = visitor.page.locator(MAIN).get_by_role("combobox", name=re.compile("^Patient"))
    return str(box.input_value() or box.locator("xpath=ancestor::*[4]").inner_text())


def test_a_changed_definition_changes_numbers_and_goes_with_the_address(chromium, server, tmp_path):
    files = small_files(tmp_path)
    one = visit(chromium, server)
    one.take(*files)
    before = picked(one)
    one.page.get_by_test_id("stSidebar").get_by_role("combobox", name="Preset").click()
    one.page.get_by_role("option", name="unbiased", exact=True).click()
    one.page.wait_for_url(re.compile("preset=unbiased"))
    one.settle()
    after = picked(one)
    assert DISTANCE.search(before)
    assert DISTANCE.search(before).group(1) != DISTANCE.search(after).group(1)

    other = visit(chromium, server)
    other.open(one.page.url.removeprefix(server.url + "/"))
    other.go("Data")
    other.take(*files)
    assert picked(other) == after
    assert "preset=unbiased" in other.page.url
    # Another address of one definition only, and the way back.
    other.open("?gower_self=false")
    other.page.get_by_test_id("stSidebar").get_by_text("1 changed").first.wait_for()
    other.page.get_by_role("button", name="Back to the preset").click()
    other.page.wait_for_function("!location.search")
    one.quiet()
    other.quiet()


def test_an_address_with_a_wrong_choice_is_refused(chromium, server):
    visitor = visit(chromium, server)
    visitor.open("?preset=unbiased&crossing=nonsense")
    visitor.sees("The choices in the address were not taken")
    visitor.quiet()


def test_two_people_at_once_see_only_their_own(chromium, server, tmp_path):
    people = {name: visit(chromium, server) for name in ("ANNA", "BERT")}
    for name, visitor in people.items():
        visitor.take(*small_files(tmp_path, name, seed=len(name) + ord(name[0])))
    seen = dict.fromkeys(people, "")
    for title in PAGES[1:]:
        for name, visitor in people.items():
            visitor.go(title)
            seen[name] += visitor.text() + visitor.page.content()
    for name, other in (("ANNA", "BERT"), ("BERT", "ANNA")):
        assert f"{name}-" in seen[name]
        assert other not in seen[name]
    # Who takes their data away takes nobody else's.
    people["ANNA"].go("Data")
    people["ANNA"].click("Remove these data")
    people["ANNA"].page.get_by_text("In use").first.wait_for(state="detached")
    people["BERT"].go("Patients")
    people["BERT"].sees("BERT-patients.csv")
    for visitor in people.values():
        visitor.quiet()


@pytest.mark.r
def test_r_is_killed_and_the_next_check_finds_a_new_one(chromium, server, tmp_path):
    visitor = visit(chromium, server)
    visitor.take(*small_files(tmp_path))
    visitor.go("Heterogeneity")
    visitor.go("Python and R")
    visitor.sees(re.compile(r"Python and R agree on all [\d,]+ numbers"))
    first = r_process(visitor)
    assert server.process.pid in ancestors(first)

    os.kill(first, signal.SIGKILL)
    visitor.click(re.compile("Compare everything again"))
    visitor.sees(f"R's process {first} had ended")
    visitor.sees(re.compile(r"Python and R agree on all [\d,]+ numbers"))
    second = r_process(visitor)
    assert second != first
    assert server.process.pid in ancestors(second)
    visitor.quiet()


def r_process(visitor: Visitor) -> int:
    """Read the id of R's process from the page."""
    visitor.settle()
    text = visitor.sees(re.compile(r"R is running, process \d+")).inner_text()
    return int(re.search(r"process (\d+)", text).group(1))


def ancestors(process: int) -> list[int]:
    """Give the ids of a process's parents."""
    found = []
    while process > 1:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        process = int(re.search(r"^PPid:\s+(\d+)", status, re.MULTILINE).group(1))
        found.append(process)
    return found
