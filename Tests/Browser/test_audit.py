# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""The audit: what an administrator is told, what an entry shows, lines and files that prove it."""

import hashlib
import subprocess
import time
import urllib.error

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import DAEMON

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def barriers(page):
    found = Axe().run(page, options=TAGS).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found]


@pytest.fixture
def raised(daemon, office):
    """Somebody was made an administrator, and the box has looked."""
    user, _ = office.person("wang", "another long password 9", "it_admin")
    office.ask("POST", "/api/v1/jobs/audit.watch/run", {})
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if office.ask("GET", "/api/v1/findings")["items"]:
            return user
        time.sleep(0.1)
    raise AssertionError("no finding")


def test_a_finding_is_on_the_overview_until_it_is_cleared(daemon, office, raised, open_page):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/")
    expect(page.get_by_text("1 finding wants to be looked into")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("link", name="Look").click()
    expect(page.get_by_text("Somebody got rights over accounts, devices or backups")).to_be_visible()
    page.get_by_role("button", name="Clear: Somebody got rights over accounts, devices or backups").click()
    page.get_by_label("What was it?").fill("Wang takes over from Lin")
    assert barriers(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("Nothing unusual.")).to_be_visible()
    cleared = office.ask("GET", "/api/v1/findings?state=cleared")["items"]
    assert cleared[0]["reason"] == "Wang takes over from Lin" and cleared[0]["clearedBy"] == "lin"


def test_an_entry_shows_what_was_before_and_after_and_from_where(daemon, office, raised, open_page):
    page = open_page(office.cookie, daemon.base)
    office.ask_edit(raised["id"], {"state": "suspended"})
    page.goto(f"{daemon.base}/ui/audit/journal.html?kind=access.user_changed")
    page.get_by_role("row").filter(has_text="User changed").first.click()
    dialog = page.get_by_role("dialog")
    row = dialog.get_by_role("row").filter(has_text="State")
    expect(row.locator("td")).to_have_text(["active", "suspended"])
    expect(dialog.get_by_text("PATCH /api/v1/users/{id}")).to_be_visible()
    expect(dialog.get_by_role("link", name="127.0.0.1")).to_be_visible()
    assert barriers(page) == []


def test_a_record_has_its_timeline(daemon, office, open_page):
    item = office.goods("TEA", "Jasmine tea", "6901234567892")
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/catalog/item.html?id={item['id']}")
    page.get_by_text("History", exact=True).click()
    expect(page.locator(".timeline li")).to_have_count(2)
    assert barriers(page) == []


def test_filters_narrow_by_outcome_day_and_person(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base)
    with pytest.raises(urllib.error.HTTPError):
        office.__class__(daemon.base).ask("POST", "/api/v1/session", {"name": "lin", "password": "no such password 1"})
    page.goto(f"{daemon.base}/ui/audit/journal.html")
    page.get_by_label("Outcome").select_option("refused")
    expect(page.locator("tbody .tag.bad")).to_have_text(["Sign-in refused"])
    page.get_by_label("To day").fill("2020-01-01")
    page.locator("main").get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_an_anchor_is_made_and_compared(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/audit/journal.html")
    page.get_by_text("Anchor of the journal").click()
    page.get_by_role("button", name="Anchor now").click()
    line = page.locator(".secret code").inner_text()
    assert line.startswith("sluice-anchor 1 ")
    page.get_by_label("Anchor that was kept").fill(line)
    page.get_by_role("button", name="Check the journal").click()
    expect(page.get_by_text("entries, each as it was told.")).to_be_visible()
    assert barriers(page) == []
    page.get_by_label("Anchor that was kept").fill(line[:-1] + ("0" if line[-1] != "0" else "1"))
    page.get_by_role("button", name="Check the journal").click()
    expect(page.get_by_text("These books did not make this line")).to_be_visible()


def test_a_signed_export_is_checked_by_the_command_line(daemon, office, open_page, tmp_path):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/audit/journal.html")
    files = []
    page.on("download", lambda one: files.append(one))
    # The second of them, whichever it is.
    with page.expect_download(lambda _: len(files) == 2):
        page.get_by_role("button", name="Signed export").click()
    expect(page.get_by_text("entries were saved as a file")).to_be_visible()
    paths = []
    for one in files:
        paths.append(tmp_path / one.suggested_filename)
        one.save_as(paths[-1])
    content = next(one for one in paths if one.suffix == ".jsonl")
    command = [DAEMON.replace("sluiced", "sluicectl"), "audit", "check", str(content)]
    assert subprocess.run(command, capture_output=True).returncode == 0
    digest = hashlib.blake2b(content.read_bytes(), digest_size=32).hexdigest()
    assert digest in content.with_suffix(".jsonl.sig").read_text()
    content.write_bytes(content.read_bytes().replace(b"lin", b"lun", 1))
    assert subprocess.run(command, capture_output=True).returncode == 1
