# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Scans are events: none is lost, none is counted twice, and the order is kept."""

import time

import pytest
from playwright.sync_api import expect

from conftest import BURST, wedge

SCREENS = ["", "inventory/levels.html", "inventory/balances.html", "inventory/movements.html", "inventory/places.html",
           "catalog/items.html", "catalog/item.html", "catalog/import.html", "scanning/parked.html", "access/users.html",
           "access/devices.html", "access/profile.html", "audit/journal.html", "system/jobs.html", "system/practice.html", "help/"]
EAN = "6901234567892"


@pytest.fixture
def scanner(daemon, office, open_page):
    """The scan screen, ready in bin A-01, with goods that it knows."""
    office.goods("TEA", "Jasmine tea", EAN, case=24, case_barcode="16901234567899")
    page = open_page(office.cookie, daemon.base)
    page.goto(daemon.base + "/ui/scanning/scan.html")
    expect(page.locator(".queuechip.clear")).to_be_visible()
    page.fill("[name=place]", "A-01")
    return page


def test_a_hundred_scans_twenty_milliseconds_apart_are_a_hundred(scanner, office):
    codes = [EAN if index % 3 else "16901234567899" for index in range(100)]
    scanner.evaluate("""async (codes) => {
        const one = %s;
        for (const code of codes) {
            one(code);
            await new Promise((next) => { setTimeout(next, 20); });
        }
    }""" % BURST, codes)
    expect(scanner.locator(".queuechip.clear")).to_be_visible(timeout=30_000)
    booked = [one["quantity"] for one in reversed(office.movements())]
    assert booked == ["1" if code == EAN else "24" for code in codes]
    assert office.level() == str(sum(int(one) for one in booked))


def test_fifty_scans_during_a_stalled_network_arrive_in_order(scanner, office):
    scanner.context.set_offline(True)
    codes = [EAN if index % 2 else "16901234567899" for index in range(50)]
    scanner.evaluate("""async (codes) => {
        const one = %s;
        for (const code of codes) {
            one(code);
            await new Promise((next) => { setTimeout(next, 200); });
        }
    }""" % BURST, codes)
    expect(scanner.locator(".queuechip.off")).to_contain_text("50")
    assert office.movements() == []
    scanner.context.set_offline(False)
    expect(scanner.locator(".queuechip.clear")).to_be_visible(timeout=30_000)
    assert [one["quantity"] for one in reversed(office.movements())] == ["1" if code == EAN else "24" for code in codes]


def test_scans_that_wait_survive_a_reload_of_the_page(scanner, office, daemon):
    scanner.route("**/api/v1/scans", lambda route: route.abort())
    scanner.evaluate(BURST, EAN)
    expect(scanner.locator(".queuechip.off")).to_contain_text("1")
    scanner.unroute("**/api/v1/scans")
    scanner.reload()
    expect(scanner.locator(".queuechip.clear")).to_be_visible(timeout=10_000)
    assert office.level() == "1"


def test_a_refused_scan_is_told_and_kept_in_a_list(scanner, office):
    scanner.check("[value=ship]")
    wedge(scanner, EAN)
    expect(scanner.locator(".result.stop")).to_contain_text("Not enough in stock")
    expect(scanner.locator(".queuechip.refused")).to_contain_text("1 refused")
    scanner.locator(".queuechip").click()
    scanner.get_by_role("button", name="Drop").click()
    expect(scanner.locator(".queuechip.clear")).to_be_visible()


def test_the_last_scan_is_undone_by_a_key_and_both_stay_in_the_books(scanner, office):
    wedge(scanner, "16901234567899")
    expect(scanner.locator(".result.ok .big")).to_have_text("24")
    scanner.evaluate("document.activeElement.blur()")
    scanner.keyboard.press("z")
    expect(scanner.locator(".result.attention")).to_contain_text("Undone")
    assert office.level() == "0"
    assert len(office.movements()) == 2


def test_labels_and_commands_steer_the_screen_without_a_touch(scanner, office):
    for code in ["%CRECEIVE", "%PA-01", "%CX12", EAN]:
        wedge(scanner, code)
    expect(scanner.locator(".result.ok .big")).to_have_text("12")
    assert office.level() == "12"


def test_an_unknown_code_is_parked_attached_and_carried_out(scanner, office, daemon):
    wedge(scanner, "NEWCODE1")
    expect(scanner.locator(".result.attention")).to_contain_text("Parked")
    scanner.goto(daemon.base + "/ui/scanning/parked.html")
    scanner.locator("tbody tr").first.click()
    scanner.locator("dialog input[type=search]").fill("jasmine")
    scanner.locator("dialog .choices button").first.click()
    expect(scanner.get_by_text("Code attached, scans carried out.")).to_be_visible()
    assert office.level() == "1"


def test_the_main_number_is_read_from_two_metres(scanner):
    scanner.set_viewport_size({"width": 390, "height": 844})
    wedge(scanner, EAN)
    expect(scanner.locator(".result.ok .big")).to_have_text("1")
    size = scanner.locator(".result .big").evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 107


@pytest.mark.parametrize("screen", SCREENS)
def test_a_scan_on_any_screen_opens_the_goods_and_harms_nothing(daemon, office, open_page, screen):
    office.goods("TEA", "Jasmine tea", EAN)
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/{screen}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    fields = page.locator("main input[type=text], main input[type=search], main input[type=password]")
    field = fields.first if fields.count() else None
    if field:
        field.fill("12")
        field.focus()
    writes = []
    page.on("request", lambda request: writes.append(request.url) if request.method != "GET" else None)
    wedge(page, EAN)
    page.wait_for_url("**/catalog/item.html?id=itm-1")
    assert writes == []


def test_the_field_that_was_scanned_into_keeps_what_it_held(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/catalog/items.html")
    field = page.locator("[name=q]")
    field.fill("half a na")
    wedge(page, "UNKNOWN-77")
    expect(page.get_by_text("“UNKNOWN-77” is not known")).to_be_visible()
    expect(field).to_have_value("half a na")


def test_a_scan_never_presses_the_focused_button(daemon, office, open_page):
    office.goods("TEA", "Jasmine tea", EAN)
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/catalog/item.html?id=itm-1")
    page.get_by_role("button", name="Retire", exact=True).focus()
    wedge(page, "C123D")
    expect(page.get_by_text("“C123D” is not known")).to_be_visible()
    expect(page.locator("dialog")).to_have_count(0)


def test_a_person_who_types_is_no_scanner(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/catalog/items.html")
    field = page.locator("[name=q]")
    field.press_sequentially("6901234567892", delay=60)
    expect(field).to_have_value("6901234567892")


def test_a_chinese_input_method_does_not_change_a_scan(daemon, office, open_page):
    office.goods("TEA", "Jasmine tea", EAN)
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/")
    expect(page.locator(".livechip.on")).to_be_attached()
    session = page.context.new_cdp_session(page)
    now = time.time()
    for index, digit in enumerate(EAN):
        for kind in ("rawKeyDown", "keyUp"):
            session.send("Input.dispatchKeyEvent", {
                "type": kind, "key": "Process", "code": f"Digit{digit}", "windowsVirtualKeyCode": 229, "timestamp": now + index * 0.005})
    session.send("Input.dispatchKeyEvent", {
        "type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "timestamp": now + 0.07})
    page.wait_for_url("**/catalog/item.html?id=itm-1")


def test_books_that_were_put_back_stop_the_scanner_until_somebody_says_go_on(scanner, office):
    wedge(scanner, EAN)
    expect(scanner.locator(".result.ok .big")).to_have_text("1")
    known = scanner.evaluate("localStorage.getItem('sluice.acknowledged')")
    assert int(known.split("-")[0]) > 0
    scanner.evaluate("localStorage.setItem('sluice.acknowledged', '999999-0123456789abcdef')")
    wedge(scanner, EAN)
    expect(scanner.locator(".result.stop")).to_contain_text("older than they were")
    expect(scanner.locator(".queuechip")).to_contain_text("1")
    assert office.level() == "1"
    # The scan waits on the device; nothing is refused for good.
    scanner.get_by_role("button", name="Go on with this state").click()
    expect(scanner.locator(".queuechip.clear")).to_be_visible(timeout=10_000)
    assert office.level() == "2"
    again = scanner.evaluate("localStorage.getItem('sluice.acknowledged')")
    assert int(again.split("-")[0]) > int(known.split("-")[0])
