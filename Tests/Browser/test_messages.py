# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Codes by SMS as people meet them: the gateway is set and tried, a telephone is added, and a code signs somebody in.

Everything is real: the daemon, the courier beside it, and a gateway on loopback that keeps what is posted to it."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from test_sign_in import fill_in, no_barrier, totp

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Courier"))
from peers import COURIER, ENVIRONMENT, Gateway  # noqa: E402

SHOTS = os.environ.get("SLUICE_SHOTS")
NUMBER = "+441632960123"


def shot(page, name):
    """With SLUICE_SHOTS a picture of the page as it is, on a desk and on a telephone, light and dark."""
    if not SHOTS:
        return
    before = page.viewport_size
    for width, height in [(1280, 800), (390, 844)]:
        for theme in ["light", "dark"]:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{SHOTS}/{name}-{width}-{theme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)


@pytest.fixture
def gateway():
    peer = Gateway()
    yield peer
    peer.stop()


@pytest.fixture
def courier(daemon, tmp_path):
    with open(tmp_path / "courier.log", "ab") as log:
        process = subprocess.Popen(
            [COURIER, "--socket", str(daemon.data / "courier.sock"), "--folder", str(daemon.data / "errands")],
            stdout=log, stderr=log, env=ENVIRONMENT)
    yield process
    process.terminate()
    process.wait(timeout=20)
    said = (tmp_path / "courier.log").read_text()
    assert NUMBER[1:] not in said and Gateway.secret not in said


def code_of(gateway):
    """What the telephone shows last."""
    body = json.loads(gateway.posts[-1][2])
    assert body["to"] == NUMBER
    return re.match(r"\d{6}", body["text"]).group()


def wrong(code):
    return "000001" if code == "000000" else "000000"


def enrol(office):
    secret = office.ask("POST", "/api/v1/session/totp", {})["secret"]
    office.ask("POST", "/api/v1/session/totp/confirmation", {"code": totp(secret)})
    return secret


def test_from_a_gateway_to_a_sign_in(daemon, office, courier, gateway, open_page):
    secret = enrol(office)
    page = open_page(office.cookie, daemon.base)

    # The gateway: tried before it is switched on.
    page.goto(f"{daemon.base}/ui/access/messages.html")
    expect(page.get_by_text("Not set up")).to_be_visible()
    expect(page.get_by_text("Save the gateway first.")).to_be_visible()
    no_barrier(page)
    shot(page, "messages-unset")
    page.get_by_label("Address of the gateway").fill("http://sms.example.org/send")
    page.get_by_label("Header field").fill("Authorization")
    page.get_by_label("Secret", exact=True).fill(f"Bearer {gateway.secret}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The gateway cannot be used like this")).to_be_visible()
    shot(page, "messages-wrong")
    page.get_by_label("Address of the gateway").fill(f"{gateway.base}/messages")
    page.get_by_label("What the gateway takes").select_option("form")
    expect(page.get_by_label("What is posted")).to_have_value("to={to}&text={text}")
    page.get_by_label("What the gateway takes").select_option("json")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Secret", exact=True)).to_have_value("")
    expect(page.get_by_text("Kept. Type another one")).to_be_visible()

    gateway.answer = (500, b"", {})
    page.get_by_label("Telephone number").fill("+44 1632 960-123")
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("The gateway does not answer")).to_be_visible(timeout=20000)
    expect(page.get_by_text("HTTP 500")).to_be_visible()
    shot(page, "messages-down")
    gateway.answer = (200, b"", {})
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("The gateway took the message.")).to_be_visible(timeout=20000)
    no_barrier(page)
    page.get_by_label("Send codes by SMS").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("On", exact=True)).to_be_visible()
    shot(page, "messages-on")

    # The telephone.
    page.goto(f"{daemon.base}/ui/access/profile.html")
    row = page.locator(".oneline", has_text="Code by SMS")
    expect(row.get_by_text("weaker")).to_be_visible()
    shot(page, "profile-offered")
    row.get_by_role("button", name="Set up").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Telephone number").fill("01632 960123")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Begin with + and the country code")).to_be_visible()
    dialog.get_by_label("Telephone number").fill("0044 1632 960123")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("ends in 123")).to_be_visible(timeout=20000)
    no_barrier(page)
    shot(page, "profile-code")
    dialog.get_by_role("textbox", name="Code").fill(wrong(code_of(gateway)))
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("The code is wrong or too old")).to_be_visible()
    dialog.get_by_role("textbox", name="Code").fill(code_of(gateway))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Codes go to the number that ends in 123.")).to_be_visible()
    shot(page, "profile-added")
    page.goto(f"{daemon.base}/ui/access/users.html")
    expect(page.get_by_text("SMS", exact=True)).to_be_visible()
    assert "1632960" not in page.content()

    # Signing in: the gateway is down at first, and the app is still offered.
    other = open_page()
    other.goto(f"{daemon.base}/ui/sign-in.html?back=/ui/access/profile.html")
    fill_in(other)
    expect(other.get_by_role("heading", name="Second factor")).to_be_visible()
    shot(other, "sign-in-factors")
    gateway.answer = (503, b"", {})
    other.get_by_role("button", name="Send a code by SMS").click()
    expect(other.get_by_role("alert").get_by_text("The message could not be sent")).to_be_visible(timeout=20000)
    expect(other.get_by_role("textbox", name="Code")).to_be_visible()
    no_barrier(other)
    shot(other, "sign-in-down")
    gateway.answer = (200, b"", {})
    other.get_by_role("button", name="Send a code by SMS").click()
    expect(other.get_by_role("heading", name="Code by SMS")).to_be_visible(timeout=20000)
    expect(other.get_by_role("textbox", name="Code")).to_be_focused()
    no_barrier(other)
    shot(other, "sign-in-code")
    other.get_by_role("textbox", name="Code").fill(wrong(code_of(gateway)))
    other.keyboard.press("Enter")
    expect(other.get_by_text("The code is wrong or too old")).to_be_visible()
    code = code_of(gateway)
    other.get_by_role("textbox", name="Code").fill(f"{code[:3]} {code[3:]}")
    other.keyboard.press("Enter")
    expect(other.get_by_text("Password and code by SMS")).to_be_visible()

    # A message proves nothing: a change asks for the app.
    other.locator(".oneline", has_text="Code by SMS").get_by_role("button", name="Remove").click()
    other.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(other.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    other.get_by_role("textbox", name="Code").fill(totp(secret, 1))
    other.keyboard.press("Enter")
    expect(other.get_by_text("For when the app is not at hand.")).to_be_visible()


def test_what_is_off_is_said_and_keeps_nobody_out(daemon, office, courier, gateway, open_page):
    secret = enrol(office)
    office.ask("PUT", "/api/v1/sms-gateway", {"on": True, **gateway.settings()})
    office.ask("POST", "/api/v1/session/phone", {"number": NUMBER})
    office.ask("POST", "/api/v1/session/phone/confirmation", {"code": code_of(gateway)})
    office.ask("PUT", "/api/v1/sms-gateway", {"on": False, **gateway.settings()})
    page = open_page()
    page.goto(f"{daemon.base}/ui/sign-in.html")
    fill_in(page)
    expect(page.get_by_text("Codes by SMS are switched off at present")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Send a code"))).to_have_count(0)
    no_barrier(page)
    shot(page, "sign-in-off")
    page.get_by_role("textbox", name="Code").fill(totp(secret, 1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
