# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Every screen: accessible in both languages and themes on desk and phone, small, and without overflow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import Office

PAGES = ["", "scanning/scan.html", "scanning/parked.html", "inventory/levels.html", "inventory/balances.html",
         "inventory/movements.html", "inventory/places.html", "catalog/items.html", "catalog/item.html",
         "catalog/item.html?id=itm-1", "catalog/import.html", "access/users.html", "access/user.html?id=usr-1", "access/roles.html",
         "access/role.html?role=picker", "access/role.html", "access/conflicts.html", "access/devices.html", "access/profile.html",
         "access/messages.html",
         "backup/backups.html", "trust/trust.html", "audit/journal.html", "system/jobs.html", "system/practice.html", "help/",
         "help/problem.html?code=stock.insufficient", "sign-in.html", "access/enrolment.html"]
TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
FIRST_LOAD_MAX = 100 * 1024
KEYS = r"""() => (document.body.innerText.match(
    /\b(action|menu|field|home|item|scan|list|movement|level|event|permission|role|help)(\.[a-zA-Z]+)+\b/g) ?? [])"""


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A house in use: goods, movements, a parked scan, a device."""
    from conftest import Daemon
    daemon = Daemon(tmp_path_factory.mktemp("house") / "data")
    office = Office(daemon.base)
    office.set_up(daemon.code)
    office.goods("TEA", "Jasmine tea 茉莉花茶", "6901234567892", case=24, case_barcode="16901234567899")
    for number, code in enumerate(["16901234567899", "6901234567892", "nobody-knows"]):
        office.ask("POST", "/api/v1/scans", {
            "event": f"0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e0{number}", "task": "receive", "place": "A-01", "code": code})
    office.ask("POST", "/api/v1/devices", {"name": "Dock 1", "warehouse": None})
    yield daemon, office
    daemon.stop()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_page_has_a_barrier(furnished, open_page, language, theme, width):
    daemon, office = furnished
    office.ask("PUT", "/api/v1/session/language", {"language": language})
    page = open_page(office.cookie, daemon.base, locale=language, color_scheme=theme, viewport={"width": width, "height": 800})
    axe = Axe()
    for path in PAGES:
        page.goto(f"{daemon.base}/ui/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("load")
        found = axe.run(page, options=TAGS).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} is wider than the screen"
        assert page.locator("html").get_attribute("lang") == language
        # A text that is missing shows its key. The journal names kinds of events, which look alike.
        if not path.startswith("audit/journal"):
            assert page.evaluate(KEYS) == [], path


def test_the_first_load_is_small(furnished, open_page):
    daemon, office = furnished
    page = open_page(office.cookie, daemon.base)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(daemon.base + "/ui/")
    expect(page.locator(".figure").first).to_be_visible()
    assert sum(sizes) <= FIRST_LOAD_MAX, f"{sum(sizes)} bytes in {len(sizes)} requests"


def test_targets_are_large_enough_for_a_thumb(furnished, open_page):
    daemon, office = furnished
    page = open_page(office.cookie, daemon.base, viewport={"width": 390, "height": 844})
    for path in PAGES:
        page.goto(f"{daemon.base}/ui/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        small = page.evaluate("""() => [...document.querySelectorAll('main button, main .button, main input:not([type=checkbox]):not([type=radio]), main select')]
            .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML.slice(0, 120))""")
        assert small == [], path


def test_a_screen_reflows_at_320_pixels_and_at_double_type(furnished, open_page):
    daemon, office = furnished
    page = open_page(office.cookie, daemon.base, viewport={"width": 320, "height": 700})
    for path in PAGES:
        page.goto(f"{daemon.base}/ui/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
