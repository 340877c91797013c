# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""The backup screen: a place is added, a backup and a drill run, and everything is said in words."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Courier"))
from box import add_recovery  # noqa: E402
from peers import COURIER, ENVIRONMENT, Shell  # noqa: E402

SHOTS = os.environ.get("SLUICE_SHOTS")


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def add_place(page, name, folder):
    page.get_by_role("button", name="Add a place").first.click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=name]").fill(name)
    dialog.locator("[name=place]").fill(str(folder))
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
    expect(page.get_by_text("Only this box opens its backups.")).to_be_visible(timeout=15000)
    expect(page.get_by_text("On the same disk as the books")).to_be_visible()
    shot(page, "backup-no-recovery")
    add_recovery(daemon.data)
    page.reload()
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


def test_a_place_that_takes_no_snapshot_says_when_it_is_tried_again(daemon, office, open_page, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    # Where its snapshots should go there is nothing.
    (stick / "snapshots").symlink_to(stick / "nowhere/at/all")
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/backup/backups.html")
    add_place(page, "Small stick", stick)
    expect(page.get_by_text(re.compile(r"Tries without a whole copy: 1\. The next is at \d"))).to_be_visible(timeout=15000)
    for theme in ["light", "dark"]:
        for width in [1280, 390]:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            page.reload()
            expect(page.get_by_text("Tries without a whole copy")).to_be_visible()
            shot(page, f"backup-again-{theme}-{width}")
    office.ask("PUT", "/api/v1/session/language", {"language": "zh-CN"})
    page.reload()
    expect(page.get_by_text(re.compile("次，仍无完整副本"))).to_be_visible()
    shot(page, "backup-again-zh")
    office.ask("PUT", "/api/v1/session/language", {"language": "en"})
    (stick / "snapshots").unlink()
    page.reload()
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_text("up to date")).to_be_visible(timeout=15000)
    expect(page.get_by_text("Tries without a whole copy")).to_have_count(0)


@pytest.fixture
def server(tmp_path):
    peer = Shell(tmp_path)
    yield peer
    peer.stop()


@pytest.fixture
def courier(daemon):
    process = subprocess.Popen(
        [COURIER, "--socket", str(daemon.data / "courier.sock"), "--folder", str(daemon.data / "errands")],
        env=ENVIRONMENT)
    yield process
    process.kill()
    process.wait()


def variants(page, office, name):
    """Pictures of what is open, wide and narrow, light and dark; the page is not loaded anew."""
    for theme in ["light", "dark"]:
        for width in [1280, 390]:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            # The menu slides away.
            page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
            shot(page, f"{name}-{theme}-{width}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_server_is_added_once_its_fingerprint_was_compared(
        daemon, office, courier, server, open_page, language):
    office.ask("PUT", "/api/v1/session/language", {"language": language})
    words = {
        "en": ["Add a place", "Server (SFTP)", "Object storage (S3)", "Test the connection", "It is the same", "It works", "Add",
               "up to date", "The server shows another key", "Private key", "All is well"],
        "zh-CN": ["添加备份位置", "服务器（SFTP）", "对象存储（S3）", "测试连接", "一致，确认", "连接正常", "添加",
                  "已是最新", "服务器出示的密钥与确认过的不同", "私钥", "一切正常"]}[language]
    add, sftp, s3, test, same, works, keep, current, another, key, well = words
    add_recovery(daemon.data)
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/backup/backups.html")
    page.locator("section .empty button").click()
    dialog = page.get_by_role("dialog")
    variants(page, office, f"place-folder-{language}")
    dialog.get_by_text(s3).click()
    expect(dialog.locator("[name=endpoint]")).to_be_visible()
    variants(page, office, f"place-s3-{language}")
    dialog.get_by_text(sftp).click()
    expect(dialog.locator("[name=endpoint]")).to_have_count(0)
    for name, value in [("name", "NAS"), ("host", "127.0.0.1"), ("port", str(server.port)), ("user", server.user),
                        ("path", f"{server.root}/box"), ("privateKey", server.key())]:
        dialog.locator(f"[name={name}]").fill(value)
    # Adding at once leads to the same question.
    dialog.get_by_role("button", name=keep, exact=True).click()
    expect(dialog.get_by_text(server.fingerprint())).to_be_visible(timeout=15000)
    assert office.ask("GET", "/api/v1/backups")["targets"] == []
    variants(page, office, f"place-sftp-{language}")
    dialog.get_by_role("button", name=same).click()
    expect(dialog.get_by_text(works)).to_be_visible(timeout=15000)
    shot(page, f"place-works-{language}")
    dialog.get_by_role("button", name=keep, exact=True).click()
    expect(page.get_by_text(current)).to_be_visible(timeout=30000)
    expect(page.get_by_role("heading", name=well)).to_be_visible(timeout=15000)
    assert (server.root / "box" / "index").exists()
    variants(page, office, f"backups-sftp-{language}")
    # The secret is nowhere on the page nor in what it was made of.
    secret = server.secrets()[0]
    assert secret not in page.content()
    assert secret not in str(office.ask("GET", "/api/v1/backups"))
    server.stop()
    server.write_settings("host2")
    server.up()
    page.locator(".target").get_by_role("button").first.click()
    expect(page.get_by_text(another).first).to_be_visible(timeout=20000)
    variants(page, office, f"backups-trouble-{language}")


def test_a_courier_that_does_not_run_is_said_with_what_to_do(daemon, office, open_page, server):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/backup/backups.html")
    page.locator("section .empty button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Server (SFTP)").click()
    for name, value in [("name", "NAS"), ("host", "127.0.0.1"), ("port", str(server.port)), ("user", server.user),
                        ("path", f"{server.root}/box"), ("privateKey", server.key())]:
        dialog.locator(f"[name={name}]").fill(value)
    dialog.get_by_role("button", name="Test the connection").click()
    expect(dialog.get_by_text("The courier does not run").first).to_be_visible(timeout=25000)
    expect(dialog.get_by_text(re.compile("systemctl start sluice-courier")).first).to_be_visible()


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
    page.get_by_role("button", name="Read all backups").click()
    expect(page.get_by_text("damaged since").first).to_be_visible(timeout=30000)
    expect(page.get_by_text("Something that a place kept is missing or was changed.")).to_be_visible()
    for theme in ["light", "dark"]:
        for width in [1280, 390]:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            shot(page, f"backup-damaged-{theme}-{width}")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="Rehearse a restore").click()
    expect(page.get_by_text("something wrong").first).to_be_visible(timeout=30000)
    expect(page.get_by_role("heading", name="Not safe")).to_be_visible()
    expect(page.get_by_text(re.compile("was changed after it was written")).first).to_be_visible()
    shot(page, "backup-bad")


@pytest.mark.parametrize("role", ["support"])
def test_who_may_not_see_backups_is_told(daemon, office, open_page, role):
    office.person("vera", "boats on the river 9", role)
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
