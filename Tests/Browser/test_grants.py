# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Roles and grants by hand: the matrix, making a role, giving one, the second person, why, and view as."""

from playwright.sync_api import expect

PASSWORD = "boats on the river 9"


def test_the_matrix_is_searched_and_narrowed_by_keyboard(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base)
    page.goto(daemon.base + "/ui/access/roles.html")
    rows = page.locator("table.matrix tbody tr:not(.group)")
    expect(rows.first).to_be_visible()
    every = rows.count()
    assert every > 20
    page.get_by_label("Search permissions").focus()
    page.keyboard.type("stock.adj")
    expect(rows).to_have_count(1)
    expect(page.get_by_text("1 permissions shown")).to_be_visible()
    page.get_by_role("combobox", name="Role").select_option("counter")
    expect(page.locator("table.matrix td")).to_have_count(1)
    expect(page.locator("table.matrix td.yes")).to_have_count(1)
    page.get_by_role("combobox", name="Role").select_option("picker")
    expect(page.locator("table.matrix td.no")).to_have_count(1)


def test_a_phone_shows_one_role_at_a_time(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base, viewport={"width": 390, "height": 844})
    page.goto(daemon.base + "/ui/access/roles.html")
    expect(page.locator("table.matrix thead th")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_role_is_copied_changed_and_taken_out_of_use(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base)
    page.goto(daemon.base + "/ui/access/role.html?role=counter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Counter")
    page.get_by_role("link", name="Make a copy").click()
    page.get_by_label("Name").fill("Night count")
    page.get_by_label("Largest correction alone").fill("20")
    page.get_by_role("button", name="Make a role").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Night count")
    role = office.ask("GET", "/api/v1/roles/rol-1")
    assert role["permissions"] == ["item.see", "stock.adjust", "stock.see"]
    assert role["limits"] == [{"limit": "adjustment.quantity", "most": 20}]
    page.get_by_role("button", name="Take out of use").click()
    page.get_by_role("dialog").get_by_role("button", name="Take out of use").click()
    expect(page.get_by_text("out of use", exact=True)).to_be_visible()
    assert office.ask("GET", "/api/v1/roles/rol-1")["state"] == "retired"


def test_a_grant_is_given_for_one_warehouse_after_a_warning_and_ended(daemon, office, open_page):
    office.ask("POST", "/api/v1/warehouses", {"code": "NORTH", "name": "North hall", "firstBin": "N-01"})
    user, _ = office.person("wang", PASSWORD, "receiver")
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/access/user.html?id={user['id']}")
    page.get_by_role("button", name="Give a role").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Role").select_option("counter")
    dialog.get_by_role("group", name="May change").get_by_label("North hall").check()
    dialog.get_by_role("button", name="Give a role").click()
    expect(dialog.get_by_text("Receives goods and corrects stock")).to_be_visible()
    dialog.get_by_label("Accept the conflict").check()
    dialog.get_by_role("button", name="Give a role").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Warehouse: North hall")).to_be_visible()
    held = office.ask("GET", f"/api/v1/grants?user={user['id']}")["items"][0]
    assert held["reads"] == [] and len(held["writes"][0]["values"]) == 1
    page.goto(daemon.base + "/ui/access/conflicts.html")
    expect(page.get_by_role("link", name="wang").first).to_be_visible()
    page.goto(f"{daemon.base}/ui/access/user.html?id={user['id']}")
    page.get_by_role("button", name="End: Counter, wang").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_text("Past grants: 1")).to_be_visible()


def test_the_second_person_agrees(daemon, office, open_page):
    _, second = office.person("wang", PASSWORD, "owner")
    user, _ = office.person("zhao", PASSWORD)
    office.ask("POST", "/api/v1/grants", {"user": user["id"], "role": "it_admin"})
    mine = open_page(office.cookie, daemon.base)
    mine.goto(daemon.base + "/ui/access/users.html")
    expect(mine.get_by_text("Waiting for a second person", exact=True)).to_be_visible()
    # Who asked cannot agree.
    expect(mine.get_by_role("button", name="Agree")).to_have_count(0)
    page = open_page(second.cookie, daemon.base)
    page.goto(daemon.base + "/ui/access/users.html")
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_text("Waiting for a second person", exact=True)).to_have_count(0)
    assert office.ask("GET", f"/api/v1/grants?user={user['id']}")["items"][0]["state"] == "active"


def test_a_person_reads_why_and_whom_to_ask(daemon, office, open_page):
    user, _ = office.person("wang", PASSWORD, "accountant")
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/access/user.html?id={user['id']}")
    page.get_by_label("Permission").select_option("stock.see")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("Allowed", exact=True)).to_be_visible()
    page.get_by_label("Permission").select_option("place.edit")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("Not allowed", exact=True)).to_be_visible()
    expect(page.get_by_text("Roles that give it: Owner, Warehouse manager")).to_be_visible()
    expect(page.get_by_text("Ask: lin")).to_be_visible()


def test_viewing_as_somebody_shows_a_banner_and_changes_nothing(daemon, office, open_page):
    user, _ = office.person("wang", PASSWORD, "accountant")
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/access/user.html?id={user['id']}")
    page.get_by_role("button", name="View as this user").click()
    banner = page.get_by_role("note").filter(has_text="You see what wang sees")
    expect(banner).to_be_visible()
    expect(page.get_by_role("link", name="Users")).to_have_count(0)
    page.goto(daemon.base + "/ui/catalog/items.html")
    expect(banner).to_be_visible()
    expect(page.get_by_role("button", name="Add item")).to_have_count(0)
    banner.get_by_role("button", name="End the view").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")
    kinds = [one["kind"] for one in office.ask("GET", "/api/v1/journal?limit=5")["items"]]
    assert kinds[:2] == ["access.view_ended", "access.view_begun"]


def test_a_role_is_lent_and_taken_back(daemon, office, open_page):
    _, wang = office.person("wang", PASSWORD, "picker")
    user, _ = office.person("zhao", PASSWORD)
    page = open_page(wang.cookie, daemon.base)
    page.goto(daemon.base + "/ui/access/profile.html")
    page.get_by_role("button", name="Lend: Picker").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("zhao")
    tomorrow = page.evaluate("new Date(Date.now() + 86400000).toISOString().slice(0, 16)")
    dialog.get_by_label("Until").fill(tomorrow)
    dialog.get_by_role("button", name="Lend").click()
    expect(page.get_by_text("Picker → zhao")).to_be_visible()
    assert office.ask("GET", f"/api/v1/users/{user['id']}")["roles"] == [{"role": "picker", "name": None}]
    page.get_by_role("button", name="End: Picker, zhao").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_text("Picker → zhao")).to_have_count(0)
    assert office.ask("GET", f"/api/v1/users/{user['id']}")["roles"] == []
