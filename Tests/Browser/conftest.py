# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""The real daemon and a real browser for each test that asks for them."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.request
import uuid

import pytest
from playwright.sync_api import Error, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMON = os.environ.get("SLUICED", str(ROOT / ".build/debug/sluiced"))
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PASSWORD = "tea in the morning 7"


class Daemon:
    """A daemon on a data folder of its own. It can be stopped and started again on the same data."""

    def __init__(self, data):
        self.data = data
        self.port = 0
        self.process = None
        self.code = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [DAEMON, "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}", "--www", str(ROOT / "www")],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.base = line.split()[-1]
        self.port = int(self.base.rsplit(":", 1)[1])
        if self.code is None:
            line = self.process.stdout.readline()
            assert line.startswith("set-up code: "), line
            self.code = line.split()[-1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0


class Office:
    """Somebody who works with the API directly, to set a scene or to check a result."""

    def __init__(self, base):
        self.base = base
        self.cookie = None

    def ask_edit(self, user, changes):
        """Edits a user as it stands now."""
        tag = self.ask("GET", f"/api/v1/users/{user}")["etag"]
        return self.ask("PATCH", f"/api/v1/users/{user}", changes, {"If-Match": f'"{tag}"'})

    def ask(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.base + path, method=method, headers=headers or {})
        request.add_header("Origin", self.base)
        request.add_header("Idempotency-Key", str(uuid.uuid4()))
        if self.cookie:
            request.add_header("Cookie", self.cookie)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request) as answer:
            if answer.headers.get("Set-Cookie"):
                self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            return json.loads(answer.read() or b"null")

    def set_up(self, code, language="en"):
        self.ask("POST", "/api/v1/setup", {
            "code": code, "name": "lin", "password": PASSWORD, "language": language, "siteName": "Northbank",
            "timeZone": "Asia/Shanghai"})
        self.ask("POST", "/api/v1/warehouses", {"code": "MAIN", "name": "Main", "firstBin": "A-01"})

    def person(self, name, password, role=None):
        """Adds somebody who has already chosen a password of their own; who they are, and signed in."""
        first = "given for the first day"
        user = self.ask("POST", "/api/v1/users", {"name": name, "password": first, "role": role, "language": "en"})
        own = Office(self.base)
        own.ask("POST", "/api/v1/session", {"name": name, "password": first})
        own.ask("PUT", "/api/v1/session/password", {"new": password})
        return user, own

    def goods(self, code, name, barcode, case=None, case_barcode=None):
        item = self.ask("POST", "/api/v1/items", {
            "code": code, "name": name, "baseUnit": "pcs", "scale": 0, "alias": "", "note": "",
            "tracking": {"lot": False, "expiry": False, "serial": False}})
        variant = item["variants"][0]
        self.ask("POST", f"/api/v1/packagings/{variant['packagings'][0]['id']}/codes",
                 {"code": barcode, "validFrom": None, "validTo": None})
        if case:
            self.ask("POST", f"/api/v1/variants/{variant['id']}/packagings", {
                "level": "case", "name": "case", "content": {"num": str(case), "den": "1"}, "codes": [case_barcode]})
        return item

    def level(self, variant="var-1"):
        return self.ask("GET", f"/api/v1/stock/level?variant={variant}")["quantity"]

    def movements(self):
        return self.ask("GET", "/api/v1/stock/movements?limit=200")["items"]


@pytest.fixture
def daemon(tmp_path):
    running = Daemon(tmp_path / "data")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def office(daemon):
    worker = Office(daemon.base)
    worker.set_up(daemon.code)
    return worker


class Watch:
    """Faults of a page: exceptions, refused content, and errors other than those a test expects."""

    def __init__(self, page):
        self.faults = []
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self.note)

    def note(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@pytest.fixture
def open_page(browser):
    """Opens pages in contexts of their own; at the end none of them may have a fault."""
    contexts, watches = [], []

    def open_one(cookie=None, base=None, **options):
        context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options})
        if cookie:
            name, value = cookie.split("=", 1)
            context.add_cookies([{"name": name, "value": value, "url": base}])
        page = context.new_page()
        contexts.append(context)
        watches.append(Watch(page))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [fault for watch in watches for fault in watch.faults] == []


def physical(character):
    """Code, virtual key and Shift of a character on an American keyboard."""
    if character.isdigit():
        return f"Digit{character}", ord(character), False
    if character.isalpha():
        return f"Key{character.upper()}", ord(character.upper()), character.isupper()
    return {"%": ("Digit5", 53, True), "-": ("Minus", 189, False), "_": ("Minus", 189, True)}[character]


def wedge(page, code):
    """Types as a scanner does: real key events five milliseconds apart, then Enter.

    The times are given with the events, so that a busy machine does not turn the scanner into a slow typist.
    """
    session = page.context.new_cdp_session(page)
    now = time.time()
    for index, character in enumerate(code):
        name, number, shift = physical(character)
        common = {"key": character, "code": name, "windowsVirtualKeyCode": number, "modifiers": 8 if shift else 0,
                  "timestamp": now + index * 0.005}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": character, **common})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **common})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "timestamp": now + len(code) * 0.005}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r", **enter})
    try:
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
        session.detach()
    except Error:
        pass  # The scan has already opened another page.


BURST = """(code) => {
  const keys = [...code].map((one) => ({ key: one, code: /[0-9]/.test(one) ? `Digit${one}` : `Key${one.toUpperCase()}`, shiftKey: /[A-Z]/.test(one) }));
  keys.push({ key: 'Enter', code: 'Enter' });
  const target = document.activeElement ?? document.body;
  for (const one of keys) target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...one }));
}"""
