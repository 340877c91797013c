# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""The backup screen: a place is added, a backup and a drill run, and everything is said in words."""

import os
import re

import pytest
from playwright.sync_api import expect

SHOTS = os.environ.get("SLUICE_SHOTS")


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def add_place(page, name, folder):
    page.get_by_role("button", name="Add a place").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Folder").fill(str(folder))
    dialog.get_by_role("button", name="Add", exact=True).click()


def test_from_nothing_to_a_proven_backup(daemon, office, open_page, tmp_path):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/backup/backups.html")
    expect(page.get_by_role("heading", name="Not safe")).to_be_visible()
    expect(page.get_by_text("Nothing is backed up.")).to_be_visible()
    shot(page, "backup-empty")

    add_place(page, "Second disk", tmp_path / "missing")
    expect(page.get_by_role("dialog").get_by_text(re.compile("cannot be used"))).to_be_visible()
    page.keyboard.press("Escape")
    add_place(page, "Second disk", shelf)
    expect(page.get_by_role("heading", name="All is well")).to_be_visible(timeout=15000)
    expect(page.get_by_text("up to date")).to_be_visible(timeout=15000)

    page.get_by_role("button", name="Rehearse a restore").click()
    expect(page.get_by_text("everything equal")).to_be_visible(timeout=30000)
    expect(page.get_by_role("img", name=re.compile("Time line: "))).to_be_visible()
    page.get_by_text("Show as a table").click()
    expect(page.get_by_role("cell", name="Second disk").first).to_be_visible()
    week = page.get_by_role("button", name="7 days")
    week.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="7 days")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="7 days")).to_be_focused()
    for theme in ["light", "dark"]:
        for width in [1280, 390]:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            page.reload()
            expect(page.get_by_text("everything equal")).to_be_visible()
            shot(page, f"backup-{theme}-{width}")
    office.ask("PUT", "/api/v1/session/language", {"language": "zh-CN"})
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.reload()
    expect(page.get_by_role("heading", name="一切正常")).to_be_visible()
    shot(page, "backup-zh")


def test_what_is_wrong_is_said_in_words(daemon, office, open_page, tmp_path):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/backup/backups.html")
    add_place(page, "Shelf", shelf)
    expect(page.get_by_text("up to date")).to_be_visible(timeout=15000)
    part = next(shelf.glob("snapshots/*/00000000"))
    whole = bytearray(part.read_bytes())
    whole[100] ^= 1
    part.write_bytes(whole)
    page.get_by_role("button", name="Rehearse a restore").click()
    expect(page.get_by_text("something wrong").first).to_be_visible(timeout=30000)
    expect(page.get_by_role("heading", name="Not safe")).to_be_visible()
    expect(page.get_by_text(re.compile("was changed after it was written")).first).to_be_visible()
    shot(page, "backup-bad")


@pytest.mark.parametrize("role", ["viewer"])
def test_who_may_not_see_backups_is_told(daemon, office, open_page, role):
    office.ask("POST", "/api/v1/users", {"name": "vera", "password": "boats on the river 9", "role": role, "language": "en"})
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/")
    expect(page.get_by_role("link", name="Backups")).to_be_visible()
    office.ask("DELETE", "/api/v1/session")
    office.cookie = None
    office.ask("POST", "/api/v1/session", {"name": "vera", "password": "boats on the river 9"})
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Backups")).to_have_count(0)
