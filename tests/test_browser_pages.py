"""Every page in a real browser: twice, on a phone, and with names that would like to be HTML."""

from __future__ import annotations

import pytest
from browser_helpers import PAGES, PHONE, small_tables, visit

pytest_plugins = ["browser_fixtures"]
pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
PARTS = {
    "Patients": ("Lesions per patient", "Arms and organs"),
    "Lesions": ("Discordance", "As in the paper"),
    "Heterogeneity": ("Distribution", "Long and short survivors"),
    "Survival": ("Cox model",),
    "Organs and treatment": ("Organ response",),
    "What a reviewer would ask": ("Time",),
}
WIDER = """width => [...document.querySelectorAll('[data-testid="stMain"], html')]
  .map(place => place.scrollWidth - width)"""


def test_every_page_twice_without_data(chromium, server):
    visitor = visit(chromium, server)
    for title in PAGES * 2:
        visitor.go(title)
        visitor.sees("Your tables" if title == "Data" else "There are no data yet")
    visitor.quiet()


def test_names_from_the_files_never_run(chromium, server, tmp_path):
    lesions, patients = small_tables("P", 70, 3)
    for table in (lesions, patients):
        table["patient_id"] += EVIL
    lesions["lesion_id"] += EVIL
    lesions["site"] = lesions["site"].astype(str) + EVIL
    patients["arm"] = patients["arm"].astype(str) + EVIL
    patients[EVIL] = patients["kras"].astype(str) + EVIL
    files = [tmp_path / f"{name} <img src=x onerror=window.hacked=1>.csv" for name in "ab"]
    lesions.to_csv(files[0], index=False)
    patients.to_csv(files[1], index=False)

    visitor = visit(chromium, server)
    visitor.take(*files)
    visitor.sees("onerror=window.hacked=1").wait_for()
    visitor.quiet()
    for _ in range(2):
        for title in PAGES[1:]:
            visitor.go(title)
            for part in PARTS.get(title, ()):
                visitor.part(part)
                visitor.quiet()
            visitor.quiet()
    assert visitor.page.locator('img[src="x"]').count() == 0


def test_a_phone_shows_every_page_whole(chromium, server, tmp_path):
    visitor = visit(chromium, server, **PHONE)
    visitor.demo()
    for title in (*PAGES[1:-2], "Report", "Data"):
        visitor.go(title)
        over = visitor.page.evaluate(WIDER, PHONE["viewport"]["width"])
        assert max(over) <= 0, (title, over)
    visitor.quiet()


def test_the_navigation_of_a_phone_gives_way_to_the_page(chromium, server):
    visitor = visit(chromium, server, **PHONE)
    visitor.go("Survival")
    visitor.page.get_by_test_id("stExpandSidebarButton").wait_for()
    # Playwright clicks only what nothing lies over.
    visitor.click("Show me simulated data")
    visitor.sees("Simulated trial")
    visitor.quiet()
