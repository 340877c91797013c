# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Signing in as people do it: passwords, codes of an app, recovery codes, passkeys, and what ends a session."""

import base64
import hashlib
import hmac
import json
import os
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from authenticator import SoftKey
from conftest import PASSWORD, ROOT, Office

CONTROL = os.environ.get("SLUICECTL", str(ROOT / ".build/debug/sluicectl"))
TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def totp(secret, steps=0):
    """A code as RFC 6238 has it, without a line of ours."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    start = mac[19] & 15
    return f"{(int.from_bytes(mac[start:start + 4], 'big') & 0x7fffffff) % 1000000:06}"


def local(daemon):
    """The same daemon by a name, which is a trustworthy origin without TLS."""
    return daemon.base.replace("127.0.0.1", "localhost")


def refused(work):
    with pytest.raises(urllib.error.HTTPError) as caught:
        work()
    return json.loads(caught.value.read())


def no_barrier(page):
    found = Axe().run(page, options=TAGS).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found] == []
    small = page.evaluate("""() => [...document.querySelectorAll('button, .button, input:not([type=checkbox])')]
        .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML.slice(0, 120))""")
    assert small == []


def fill_in(page, name="lin", password=PASSWORD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def virtual_key(page, verified=True):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": verified, "automaticPresenceSimulation": True}})["authenticatorId"]


def test_an_app_is_set_up_from_its_qr_code_and_asked_for(daemon, office, open_page, tmp_path):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/access/profile.html")
    page.get_by_role("button", name="Set up").first.click()
    code = page.get_by_role("img", name="QR code for the authenticator app")
    expect(code).to_be_visible()
    no_barrier(page)
    code.screenshot(path=tmp_path / "qr.png")
    found = zxingcpp.read_barcodes(Image.open(tmp_path / "qr.png"))
    assert len(found) == 1 and found[0].text.startswith("otpauth://totp/Northbank:lin?secret=")
    secret = found[0].text.split("secret=")[1].split("&")[0]
    page.get_by_role("textbox", name="Code").fill(totp(secret))
    page.get_by_role("button", name="Turn on").click()
    codes = page.locator(".codes li")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    no_barrier(page)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 left.")).to_be_visible()

    other = open_page()
    other.goto(f"{daemon.base}/ui/sign-in.html")
    no_barrier(other)
    fill_in(other)
    expect(other.get_by_role("heading", name="Second factor")).to_be_visible()
    no_barrier(other)
    other.get_by_role("textbox", name="Code").fill("000000")
    other.keyboard.press("Enter")
    expect(other.get_by_text("The code is wrong")).to_be_visible()
    # The step of now was used up; one ahead is taken as well.
    other.get_by_role("textbox", name="Code").fill(totp(secret, 1))
    other.keyboard.press("Enter")
    expect(other.get_by_role("heading", level=1, name="Overview")).to_be_visible()

    third = open_page()
    third.goto(f"{daemon.base}/ui/sign-in.html?back=/ui/access/profile.html")
    fill_in(third)
    third.get_by_role("button", name="Lost the phone?").click()
    no_barrier(third)
    third.get_by_label("Recovery code").fill(recovery.lower())
    third.keyboard.press("Enter")
    expect(third.get_by_text("A recovery code was used to sign in.")).to_be_visible()
    third.get_by_role("button", name="Got it").click()
    expect(third.get_by_text("A recovery code was used to sign in.")).to_be_hidden()
    expect(third.get_by_text("9 left.")).to_be_visible()
    expect(third.get_by_text("This browser")).to_have_count(1)
    third.get_by_role("button", name="Sign out all others").click()
    expect(third.get_by_text("All others are signed out.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_of_the_browser_signs_in_without_a_password(daemon, office, open_page):
    page = open_page()
    virtual_key(page)
    page.goto(f"{local(daemon)}/ui/sign-in.html?back=/ui/access/profile.html")
    fill_in(page)
    page.get_by_role("button", name="Set up").last.click()
    page.get_by_label("Name").fill("Desk computer")
    no_barrier(page)
    page.get_by_role("button", name="Make passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("Desk computer")).to_be_visible()
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").first.click()
    fill_in(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


def test_a_browser_that_does_not_recognise_its_person_is_refused(daemon, office, open_page):
    page = open_page()
    session, key = virtual_key(page)
    page.goto(f"{local(daemon)}/ui/sign-in.html?back=/ui/access/profile.html")
    fill_in(page)
    page.get_by_role("button", name="Set up").last.click()
    page.get_by_role("button", name="Make passkey").click()
    page.get_by_role("button", name="I have kept them").click()
    page.wait_for_url("**/ui/access/profile.html")
    # A page that is open would go to the door by itself as soon as its session is gone.
    page.goto("about:blank")
    page.context.clear_cookies()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto(f"{local(daemon)}/ui/sign-in.html")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was given")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_another_makers_authenticator_is_taken_and_its_lies_are_not(daemon, office):
    base = local(daemon)
    lin = Office(base)
    lin.ask("POST", "/api/v1/session", {"name": "lin", "password": PASSWORD})
    key = SoftKey(base)

    def enrol(one):
        asked = lin.ask("POST", "/api/v1/session/passkey-registration", {})
        return lin.ask("POST", "/api/v1/session/passkeys", one.register(asked["challenge"]))

    def challenge():
        return Office(base).ask("POST", "/api/v1/session/passkey-challenge", {})["challenge"]

    def sign_in(answer):
        return Office(base).ask("POST", "/api/v1/session/passkey", {"ticket": None, "assertion": answer})

    def reason(answer):
        problem = refused(lambda: sign_in(answer))
        return problem["parameters"].get("reason", problem["code"])

    # 1 register, 2 sign in
    assert len(enrol(key)["recoveryCodes"]) == 10
    key.counter = 5
    first = key.answer(challenge())
    assert sign_in(first)["user"]["name"] == "lin"
    # 3 replay
    assert reason(first) == "challenge"
    # 4 counter back
    assert reason(key.answer(challenge())) == "passkey.counter_back"
    key.counter = 6
    # 5 wrong origin
    key.origin = "https://evil.example"
    assert reason(key.answer(challenge())) == "origin"
    key.origin = base
    # 6 wrong relying party
    key.host = "evil.example"
    assert reason(key.answer(challenge())) == "rp"
    key.host = "localhost"
    # 7 nobody recognised
    key.flags = 0x01
    assert reason(key.answer(challenge())) == "verification"
    key.flags = 0x05
    assert sign_in(key.answer(challenge()))["user"]["name"] == "lin"


def test_a_role_that_asks_for_a_factor_leads_its_people_to_one(daemon, office, open_page):
    office.person("wang", "boats on the river 9", "receiver")
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/access/role.html?role=receiver")
    page.get_by_role("button", name="Require", exact=True).click()
    expect(page.get_by_text("Required")).to_be_visible()
    hand = open_page()
    hand.goto(f"{daemon.base}/ui/sign-in.html")
    fill_in(hand, "wang", "boats on the river 9")
    expect(hand.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    no_barrier(hand)
    hand.goto(f"{daemon.base}/ui/inventory/levels.html")
    expect(hand.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    hand.get_by_role("button", name="Authenticator app").click()
    hand.get_by_text("Cannot scan?").click()
    secret = hand.locator("#secret").inner_text().replace(" ", "")
    hand.get_by_role("textbox", name="Code").fill(totp(secret))
    hand.keyboard.press("Enter")
    expect(hand.locator(".codes li")).to_have_count(10)
    hand.get_by_role("button", name="I have kept them").click()
    expect(hand.get_by_role("heading", level=1, name="Stock")).to_be_visible()


def test_root_rescues_somebody_who_then_chooses_a_password(daemon, office, open_page):
    told = subprocess.run([CONTROL, "user", "rescue", "lin", "--socket", str(daemon.data / "control.sock")],
                          capture_output=True, text=True, check=True).stdout
    password = told.split(": ")[1].strip()
    page = open_page()
    page.goto(f"{daemon.base}/ui/sign-in.html?back=/ui/access/profile.html")
    fill_in(page, "LIN", password)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    no_barrier(page)
    page.get_by_label("New password").fill("nine blue cranes at dawn")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your account was rescued on the box")).to_be_visible()
    entries = Office(daemon.base)
    entries.ask("POST", "/api/v1/session", {"name": "lin", "password": "nine blue cranes at dawn"})
    assert entries.ask("GET", "/api/v1/journal?kind=access.rescued")["items"][0]["actor"] == "system:root"


def test_a_live_stream_ends_within_a_second_of_its_right(daemon, office):
    office.person("wang", "boats on the river 9", "receiver")
    for end in ["account", "role"]:
        hand = Office(daemon.base)
        if end == "role":
            office.ask_edit("usr-2", {"state": "active"})
        hand.ask("POST", "/api/v1/session", {"name": "wang", "password": "boats on the river 9"})
        stream = socket.create_connection(("127.0.0.1", daemon.port), timeout=10)
        stream.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{daemon.port}\r\nCookie: {hand.cookie}\r\n\r\n".encode())
        assert b"200" in stream.recv(4096).split(b"\r\n")[0]
        if end == "account":
            office.ask_edit("usr-2", {"state": "suspended"})
        else:
            grant = office.ask("GET", "/api/v1/grants?user=usr-2")["items"][0]["id"]
            office.ask("POST", f"/api/v1/grants/{grant}/end", {})
        begun = time.monotonic()
        while True:
            got = stream.recv(4096)
            # The last chunk of a stream has no bytes.
            if not got or got.endswith(b"0\r\n\r\n"):
                break
        assert time.monotonic() - begun < 1
        stream.close()
        problem = refused(lambda: hand.ask("GET", "/api/v1/session"))
        assert problem["code"] == "access.unauthenticated"


def test_codes_outlive_a_rotation_of_the_key(daemon, office):
    secret = office.ask("POST", "/api/v1/session/totp", {})["secret"]
    office.ask("POST", "/api/v1/session/totp/confirmation", {"code": totp(secret)})
    daemon.stop()
    subprocess.run([CONTROL, "key", "rotate", "--data", str(daemon.data)], stdin=subprocess.DEVNULL, check=True)
    daemon.start()
    lin = Office(daemon.base)
    ticket = lin.ask("POST", "/api/v1/session", {"name": "lin", "password": PASSWORD})["ticket"]
    assert lin.ask("POST", "/api/v1/session/factor", {"ticket": ticket, "code": totp(secret, 1)})["user"]["name"] == "lin"
