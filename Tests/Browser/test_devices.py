# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Devices that sign, from the picture to the scan; replays over a restart; tokens of programs."""

import hashlib
import hmac
import json
import signal
import time
import urllib.error
import urllib.request
import uuid

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from conftest import PASSWORD, Office, wedge
from test_pages import TAGS


def mac(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def no_barrier(page):
    found = Axe().run(page, options=TAGS).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found] == []


class Gun:
    """A scanner as its maker would write it, from the description of the API alone."""

    def __init__(self, office, name="Gun"):
        offer = office.ask("POST", "/api/v1/devices", {"name": name, "warehouse": None, "mode": "signed"})["enrolment"]
        nonce = uuid.uuid4().hex
        self.base = office.base
        self.key = mac(offer["secret"], f"sluice-device-1\n{nonce}")
        done = office.ask("POST", "/api/v1/enrolments", {
            "code": offer["code"], "nonce": nonce, "proof": mac(self.key, f"sluice-enrol-1\n{offer['code']}")})
        self.id = done["device"]["id"]
        assert done["proof"] == mac(self.key, f"sluice-enrolled-1\n{offer['code']}\n{self.id}")
        self.sequence = 0

    def sign(self, body, target="/api/v1/scans", ahead=0, sequence=None):
        self.sequence = sequence or self.sequence + 1
        now = int(time.time()) + ahead
        text = "\n".join(["sluice-mac-1", "POST", target, "application/json", hashlib.sha256(body).hexdigest(), self.id,
                          str(self.sequence), str(now)])
        return f"Sluice-MAC device={self.id}, sequence={self.sequence}, time={now}, mac={mac(self.key, text)}"

    def send(self, body, field=None, target="/api/v1/scans"):
        """Status, code of a problem or None, and the answer's fields."""
        field = field or self.sign(body, target)
        request = urllib.request.Request(self.base + target, data=body, method="POST", headers={
            "Authorization": field, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                content = answer.read()
                own = field.rsplit("mac=", 1)[1]
                expected = mac(self.key, f"sluice-answer-1\n{own}\n{answer.status}\n{hashlib.sha256(content).hexdigest()}")
                assert answer.headers["Sluice-Answer-MAC"] == expected
                return answer.status, None, answer.headers
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())["code"], refused.headers


def receive(event=None, count="1"):
    return json.dumps({"event": event or str(uuid.uuid4()), "task": "receive", "place": "A-01", "code": "6901234567892", "count": count}).encode()


def kill(daemon):
    daemon.process.send_signal(signal.SIGKILL)
    daemon.process.wait()
    daemon.start()


def test_a_replay_after_kill_9_is_refused_and_the_same_scan_counts_once(daemon, office):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    gun = Gun(office)
    first, second = receive(), receive()
    # From a clock that is ahead, so that only the kept number stands against the replay.
    field = gun.sign(first, ahead=50, sequence=40)
    assert gun.send(first, field)[0] == 200
    overtaken = gun.sign(second, ahead=50, sequence=38)
    assert gun.send(second, overtaken)[0] == 200
    kill(daemon)
    for body, one in ((first, field), (second, overtaken)):
        assert gun.send(body, one)[:2] == (401, "device.sequence_used")
    # The number between them was never used.
    assert gun.send(second, gun.sign(second, ahead=50, sequence=39))[0] == 200
    status, _, headers = gun.send(first, gun.sign(first, ahead=50, sequence=41))
    assert (status, headers["Idempotency-Replayed"]) == (200, "true")
    assert office.level() == "2"


def test_what_was_signed_before_the_start_is_refused(daemon, office):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    gun = Gun(office)
    body = receive()
    kept = gun.sign(body, ahead=-2)
    kill(daemon)
    assert gun.send(body, kept)[:2] == (401, "device.clock_off")
    assert gun.send(body, gun.sign(body, ahead=1))[0] == 200


def test_a_scan_of_the_practice_books_is_not_taken_for_one_of_the_real(daemon, office):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    gun = Gun(office)
    office.ask("POST", "/api/v1/practice", {})
    body = receive()
    field = gun.sign(body)
    signed = int(field.split("time=")[1].split(",")[0])
    assert gun.send(body, field)[0] != 401
    # The real books are opened in a later second than the one that was signed.
    while time.time() < signed + 1:
        pass
    office.ask("DELETE", "/api/v1/practice")
    assert gun.send(body, field)[:2] == (401, "device.clock_off")
    assert office.movements() == []


def test_a_stolen_credential_of_a_device_opens_nothing_else(daemon, office):
    gun = Gun(office)
    for target in ("/api/v1/users", "/api/v1/devices", "/api/v1/items"):
        assert gun.send(b"{}", target=target)[0] in (401, 403)


def test_a_phone_is_enrolled_by_the_picture_and_scans_without_anybody_signed_in(daemon, office, open_page, tmp_path):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    desk = open_page(office.cookie, daemon.base)
    desk.goto(f"{daemon.base}/ui/access/devices.html")
    desk.get_by_role("button", name="Add device").click()
    no_barrier(desk)
    expect(desk.get_by_text("Without TLS everybody on the network can read the token")).to_be_visible()
    desk.get_by_label("Name of the device").fill("Phone 1")
    desk.get_by_role("dialog").get_by_role("button", name="Add").click()
    picture = desk.get_by_role("img", name="QR code that enrols the device")
    expect(picture).to_be_visible()
    no_barrier(desk)
    picture.screenshot(path=tmp_path / "picture.png")
    found = zxingcpp.read_barcodes(Image.open(tmp_path / "picture.png"))
    assert len(found) == 1
    address = found[0].text
    assert address.startswith(f"{daemon.base}/ui/access/enrolment.html#")
    phone = open_page(viewport={"width": 390, "height": 844})
    sent = []
    phone.on("request", lambda request: sent.append((request.url, request.post_data or "", str(request.headers))))
    phone.goto(address)
    secret = address.rsplit(".", 1)[1]
    assert secret not in phone.url
    no_barrier(phone)
    phone.get_by_role("button", name="Enrol this device").click()
    expect(phone.get_by_text("This is now the device “Phone 1”")).to_be_visible()
    expect(desk.get_by_text("Phone 1 is enrolled.")).to_be_visible()
    phone.get_by_role("link", name="Start to scan").click()
    expect(phone.get_by_text("Signs as device “Phone 1”")).to_be_visible()
    phone.get_by_label("Bin", exact=True).fill("A-01")
    wedge(phone, "6901234567892")
    expect(phone.locator(".result.ok")).to_be_visible()
    no_barrier(phone)
    assert office.movements()[0]["actor"] == "dev-1"
    # Neither the secret nor anything that opens the door was ever sent.
    assert not any(secret in part for one in sent for part in one)
    assert phone.context.cookies() == []
    # The picture is good once.
    other = open_page(viewport={"width": 390, "height": 844})
    other.goto(address)
    other.get_by_role("button", name="Enrol this device").click()
    expect(other.get_by_text("The picture is void")).to_be_visible()
    # A revoked phone keeps its scans and says so.
    office.ask("POST", "/api/v1/devices/dev-1/revocation", {})
    wedge(phone, "6901234567892")
    expect(phone.locator(".result.stop")).to_contain_text("This device was revoked")
    expect(phone.locator(".queuechip")).to_have_attribute("data-waiting", "1")


def test_a_browser_whose_clock_is_off_takes_the_boxs_time(daemon, office, open_page):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    offer = office.ask("POST", "/api/v1/devices", {"name": "Old tablet", "warehouse": None, "mode": "signed"})["enrolment"]
    page = open_page()
    page.goto(f"{daemon.base}/ui/access/enrolment.html#{offer['code']}.{offer['secret']}")
    page.get_by_role("button", name="Enrol this device").click()
    page.get_by_role("link", name="Start to scan").click()
    expect(page.get_by_text("Signs as device “Old tablet”")).to_be_visible()
    page.evaluate("""() => { const real = Date.now; Date.now = () => real() - 3600_000; }""")
    page.get_by_label("Bin", exact=True).fill("A-01")
    wedge(page, "6901234567892")
    expect(page.locator(".result.ok")).to_be_visible()


def test_a_person_makes_rotates_and_ends_a_token(daemon, office, open_page):
    page = open_page(office.cookie, daemon.base)
    page.goto(f"{daemon.base}/ui/access/profile.html")
    page.get_by_role("button", name="Make token").click()
    no_barrier(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What for").fill("Stock report")
    dialog.get_by_role("button", name="Make token").click()
    expect(dialog.get_by_text("A token cannot have this right")).to_be_visible()
    dialog.get_by_label("See items").check()
    dialog.get_by_label("Only from").fill("127.0.0.0/8")
    dialog.get_by_role("button", name="Make token").click()
    text = page.locator("#api-token").inner_text()
    no_barrier(page)
    page.get_by_role("button", name="I have kept it").click()

    def read(token):
        request = urllib.request.Request(daemon.base + "/api/v1/items", headers={"Authorization": f"Bearer {token}"})
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as refused:
            return refused.code

    assert read(text) == 200
    page.get_by_role("button", name="Rotate token Stock report").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    new = page.locator("#api-token").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    assert (read(text), read(new)) == (200, 200)
    page.get_by_role("button", name="End token Stock report").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_role("button", name="End token Stock report")).to_have_count(0)
    assert (read(text), read(new)) == (401, 401)


def test_somebody_new_chooses_a_password_before_anything_else(daemon, office, open_page):
    office.ask("POST", "/api/v1/users", {"name": "zhao", "password": "given for the first day", "role": "support", "language": "en"})
    page = open_page()
    page.goto(f"{daemon.base}/ui/sign-in.html")
    page.get_by_label("Name").fill("zhao")
    page.get_by_label("Password").fill("given for the first day")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    page.goto(f"{daemon.base}/ui/inventory/levels.html")
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Stock")).to_be_visible()
    own = Office(daemon.base)
    own.ask("POST", "/api/v1/session", {"name": "zhao", "password": PASSWORD})
    with pytest.raises(urllib.error.HTTPError):
        Office(daemon.base).ask("POST", "/api/v1/session", {"name": "zhao", "password": "given for the first day"})
