# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""From the set-up code to a stock of 23, in both languages, against the real daemon."""

import pytest
from playwright.sync_api import expect

from conftest import PASSWORD, Office, wedge

WORDS = {
    "en-US": {"add": "Add packaging", "pieces": "23 pcs", "name": "Jasmine tea Qm7xKp2v"},
    "zh-CN": {"add": "添加包装", "pieces": "23 件", "name": "茉莉花茶 Qm7xKp2v"},
}


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_person_sets_the_box_up_and_scans_goods_in_and_out(daemon, open_page, locale):
    words = WORDS[locale]
    page = open_page(locale=locale)
    page.goto(daemon.base + "/")
    page.fill("[name=code]", daemon.code)
    page.fill("[name=siteName]", "Northbank")
    page.fill("[name=name]", "lin")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.fill("[name=firstBin]", "A-01")
    page.click("button[type=submit]")
    page.click(".choices a.primary")

    page.fill("[name=name]", words["name"])
    page.fill("[name=code]", "TEA")
    page.fill("[name=barcode]", "6901234567892")
    page.click("button.primary[type=submit]")
    page.get_by_role("button", name=words["add"]).click()
    page.fill("dialog [name=num]", "24")
    page.fill("dialog [name=code]", "16901234567899")
    page.click("dialog button[type=submit]")
    expect(page.get_by_text("16901234567899")).to_be_visible()

    page.goto(daemon.base + "/ui/scanning/scan.html")
    expect(page.locator(".queuechip.clear")).to_be_visible()
    page.fill("[name=place]", "A-01")
    wedge(page, "16901234567899")
    expect(page.locator(".result.ok .big")).to_have_text("24")
    page.check("[value=ship]")
    wedge(page, "6901234567892")
    expect(page.locator(".result.ok .big")).to_have_text("1")

    page.goto(daemon.base + "/ui/inventory/levels.html")
    expect(page.locator("tbody tr")).to_contain_text(words["pieces"])
    daemon.stop()
    daemon.start()
    page.reload()
    expect(page.locator("tbody tr")).to_contain_text(words["pieces"])

    daemon.stop()
    secrets = [words["name"], "Qm7xKp2v", "6901234567892", "Northbank", PASSWORD]
    files = [one for one in daemon.data.rglob("*") if one.is_file()]
    assert any(one.stat().st_size > 100_000 for one in files)
    for file in files:
        content = file.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, f"{secret} stands in {file}"
            assert secret.encode("utf-16-le") not in content


def test_signing_in_works_by_keyboard_alone_and_a_wrong_password_is_told(daemon, office, open_page):
    page = open_page()
    page.goto(daemon.base + "/ui/catalog/items.html")
    page.wait_for_url("**/sign-in.html?back=*")
    expect(page.locator("[name=name]")).to_be_focused()
    page.keyboard.type("lin")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.locator(".form-error")).to_contain_text("Name or password is wrong")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalog/items.html")
    expect(page.get_by_role("heading", level=1)).to_have_text("Items")


def test_an_import_is_checked_applied_and_undone(daemon, office, open_page, tmp_path):
    file = tmp_path / "items.csv"
    head = "item_code,item_name,base_unit,decimals,track_lot,track_expiry,track_serial,alias,variant_code,variant_name,packaging_level,packaging_name,content,barcode"
    rows = ["A1,Green tea,pcs,0,no,no,no,,,,base,pcs,1,6901234567892", "A2,Black tea,pcs,0,no,no,no,,,,base,pcs,1,6901234567893"]
    file.write_text("\r\n".join([head, *rows]) + "\r\n", encoding="utf-8-sig")
    page = open_page(office.cookie, daemon.base)
    page.goto(daemon.base + "/ui/catalog/import.html")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Checked, not yet imported").first).to_be_visible()
    expect(page.locator("tbody", has_text="6901234567893").first).to_contain_text("The check digit of this barcode is wrong")
    page.get_by_role("button", name="Import 1 good rows, leave the others").click()
    expect(page.get_by_role("button", name="Undo the import")).to_be_visible()
    assert [one["name"] for one in office.ask("GET", "/api/v1/items")["items"]] == ["Green tea"]
    page.get_by_role("button", name="Undo the import").click()
    page.locator("dialog").get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    assert office.ask("GET", "/api/v1/items")["items"] == []


def test_a_movement_reaches_another_window_within_a_second(daemon, office, open_page):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    page = open_page(office.cookie, daemon.base)
    page.goto(daemon.base + "/ui/")
    expect(page.locator(".livechip.on")).to_be_attached()
    office.ask("POST", "/api/v1/scans", {"event": "0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e47", "task": "receive", "place": "A-01", "code": "6901234567892"})
    expect(page.locator("tbody tr").first).to_contain_text("Jasmine tea", timeout=1000)


def test_ten_windows_share_one_live_stream_and_another_takes_over(daemon, office, open_page):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    first = open_page(office.cookie, daemon.base)
    streams = []
    first.context.on("request", lambda request: streams.append(request) if request.url.endswith("/api/v1/events") else None)
    first.goto(daemon.base + "/ui/")
    pages = [first]
    for _ in range(9):
        page = first.context.new_page()
        page.goto(daemon.base + "/ui/")
        pages.append(page)
    for page in pages:
        expect(page.locator(".livechip.on")).to_be_attached()
    assert len(streams) == 1
    first.close()
    office.ask("POST", "/api/v1/scans", {"event": "0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e48", "task": "receive", "place": "A-01", "code": "6901234567892"})
    for page in pages[1:]:
        expect(page.locator("tbody tr").first).to_contain_text("Jasmine tea", timeout=5000)


def test_somebody_without_rights_sees_only_what_is_theirs(daemon, office, open_page):
    office.person("viewer", PASSWORD, "support")
    viewer = Office(daemon.base)
    viewer.ask("POST", "/api/v1/session", {"name": "viewer", "password": PASSWORD})
    page = open_page(viewer.cookie, daemon.base)
    page.goto(daemon.base + "/ui/")
    menu = page.get_by_role("navigation")
    expect(menu.get_by_role("link", name="Stock", exact=True)).to_be_visible()
    expect(menu.get_by_role("link", name="Users")).to_have_count(0)
    page.goto(daemon.base + "/ui/access/users.html")
    expect(page.get_by_role("alert")).to_contain_text("You may not do this")
    expect(page.get_by_role("alert")).to_contain_text("It needs the right “See people, roles and grants”. Ask lin")


def test_practice_is_loaded_and_cleared_and_the_real_books_stay(daemon, office, open_page):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    before = office.ask("GET", "/api/v1/items")
    page = open_page(office.cookie, daemon.base)
    page.goto(daemon.base + "/ui/system/practice.html")
    page.get_by_role("button", name="Begin practice").click()
    expect(page.get_by_text("Practice: nothing here is real.")).to_be_visible(timeout=120_000)
    assert len(office.ask("GET", "/api/v1/items?limit=200")["items"]) == 200
    page.goto(daemon.base + "/ui/system/practice.html")
    page.get_by_role("button", name="End practice").click()
    page.locator("dialog").get_by_role("button", name="End practice").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Practice: nothing here is real.")).to_have_count(0)
    assert office.ask("GET", "/api/v1/items") == before
