# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""What Chromium believes: the box's name by the box's authority, and no public name by it."""

import http.server
import io
import os
import shutil
import ssl
import subprocess
import threading

import pytest
from PIL import Image
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, sync_playwright

import zxingcpp
from conftest import ENV, NAME, PASSWORD, ROOT

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


class Browser:
    """Chromium with a home of its own, whose list of authorities holds what was put there."""

    def __init__(self, playwright, home, names, *authorities):
        store = home / ".pki/nssdb"
        store.mkdir(parents=True)
        subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
        for index, text in enumerate(authorities):
            file = home / f"authority-{index}.pem"
            file.write_text(text)
            subprocess.run(["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", f"authority-{index}", "-i", str(file)], check=True)
        rules = ",".join(f"MAP {name} 127.0.0.1" for name in names)
        self.context = playwright.chromium.launch_persistent_context(
            str(home / "profile"), executable_path=CHROMIUM, args=["--no-sandbox", f"--host-resolver-rules={rules}"],
            env={**os.environ, "HOME": str(home)}, locale="en-US", viewport={"width": 1280, "height": 900})

    def page(self):
        return self.context.new_page()

    def fault(self, url):
        """The reason why a page is not shown; empty when it is."""
        try:
            self.page().goto(url)
            return ""
        except Error as error:
            return next((word for word in str(error).split() if word.startswith("net::")), str(error))


@pytest.fixture
def open_browser(tmp_path):
    opened = []
    with sync_playwright() as playwright:
        def open_one(*authorities, names=(NAME,)):
            home = tmp_path / f"home-{len(opened)}"
            opened.append(Browser(playwright, home, names, *authorities))
            return opened[-1]
        yield open_one
        for one in opened:
            one.context.close()


def test_nothing_is_believed_before_the_authority_is_trusted(box, open_browser):
    browser = open_browser()
    assert browser.fault(f"https://{NAME}:{box.port}/ui/") == "net::ERR_CERT_AUTHORITY_INVALID"
    page = browser.page()
    page.goto(f"http://{NAME}:{box.plain}/trust")
    page.get_by_text("This browser does not trust the box yet").wait_for()


def test_the_box_is_believed_and_a_worker_registers(box, open_browser):
    browser = open_browser(box.authority)
    page = browser.page()
    page.goto(f"http://{NAME}:{box.plain}/trust")
    page.get_by_text("This browser trusts the box").wait_for()
    page.get_by_role("link", name="Go on to the box").click()
    page.wait_for_url("**/ui/sign-in.html?back=*")
    # It leads on to the set-up when nobody has been here; that must not end the next step.
    page.wait_for_load_state("networkidle")
    page.goto(f"https://{NAME}:{box.port}/ui/trust/start.html")
    page.get_by_text("This browser trusts the box").wait_for()
    assert page.evaluate("isSecureContext && 'serviceWorker' in navigator")
    scope = page.evaluate("""async () => {
      // The page's own check has registered the same before.
      const { check } = await import('/ui/trust/check.js');
      const seen = []; const own = navigator.serviceWorker.register.bind(navigator.serviceWorker);
      navigator.serviceWorker.register = async (...given) => { const taken = await own(...given); seen.push(taken.scope); return taken; };
      return [await check(0), ...seen]; }""")
    assert scope == ["trusted", f"https://{NAME}:{box.port}/ui/trust/nowhere/"]
    assert browser.fault(f"https://127.0.0.1:{box.port}/ui/trust/start.html") == ""


def serve(folder, name):
    """A server of somebody who has the box's authority, with a certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="session")
def forged(tmp_path_factory):
    """Certificates by an authority that was made as a box makes it: for its own name and for others'."""
    folder = tmp_path_factory.mktemp("forged")
    subprocess.run(["swift", "test", "--skip-build", "--explicit-target-dependency-import-check", "error", "--filter", "TrustTests.ForgeryTests"],
                   cwd=ROOT, check=True, env={**ENV, "SLUICE_FORGE": str(folder)}, capture_output=True)
    return folder


@pytest.mark.parametrize("name, fault", [
    ("sluice-1.local", ""), ("box-1.example.org", ""), ("www.example.com", "net::ERR_CERT_INVALID"), ("bank.example", "net::ERR_CERT_INVALID"),
    ("example.org", "net::ERR_CERT_INVALID")])
def test_the_authority_of_a_box_is_believed_for_its_names_only(forged, open_browser, name, fault):
    browser = open_browser((forged / "authority.pem").read_text(), names=(name,))
    server = serve(forged, name)
    try:
        assert browser.fault(f"https://{name}:{server.server_address[1]}/") == fault
    finally:
        server.shutdown()


def sign_in(page, box):
    page.goto(f"https://{NAME}:{box.port}/ui/sign-in.html")
    page.get_by_label("Name").fill("lin")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/")


def axe_faults(page):
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]]


def test_the_screen_shows_code_and_steps_and_turns_tls_only_on(office, open_browser):
    browser = open_browser(office.authority)
    page = browser.page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, office)
    page.goto(f"https://{NAME}:{office.port}/ui/trust/trust.html")
    page.get_by_role("heading", name="The certificate is good").wait_for()
    page.get_by_text("This browser trusts the box").wait_for()
    picture = Image.open(io.BytesIO(page.locator("img.qr").screenshot()))
    [code] = zxingcpp.read_barcodes(picture)
    assert code.text == page.locator(".poster a").get_attribute("href")
    assert code.text.startswith("http://") and code.text.endswith("/trust")
    assert page.locator("#fingerprint").inner_text().replace(" ", "").lower() == office.json("GET", "/api/v1/trust")["authority"]["shortFingerprint"]
    assert axe_faults(page) == []
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("dialog").get_by_role("button", name="Turn on").click()
    page.get_by_text("Browsers are told to come over TLS only").wait_for()
    assert office.ask("GET", "/ui/")[2]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert faults == []


def test_somebody_brings_a_certificate_by_the_screen(office, open_browser, tmp_path):
    from authority import Company, key, key_pem, pem
    company = Company()
    server, own = company.server([NAME])
    for name, text in (("chain.pem", pem(server, company.middle)), ("key.pem", key_pem(own)), ("wrong.pem", key_pem(key()))):
        (tmp_path / name).write_text(text)
    browser = open_browser(office.authority, pem(company.root))
    page = browser.page()
    sign_in(page, office)
    page.goto(f"https://{NAME}:{office.port}/ui/trust/trust.html")
    page.get_by_label("Certificates (PEM)").set_input_files(tmp_path / "chain.pem")
    page.get_by_label("Private key (PEM)").set_input_files(tmp_path / "wrong.pem")
    page.get_by_role("button", name="Check and show it").click()
    page.get_by_text("Key and certificate do not belong together").wait_for()
    page.get_by_label("Private key (PEM)").set_input_files(tmp_path / "key.pem")
    page.get_by_role("button", name="Check and show it").click()
    page.get_by_text("Installed by you").wait_for()
    page.get_by_role("button", name="Back to the box's own").click()
    page.get_by_role("dialog").get_by_role("button", name="Back to the box's own").click()
    page.get_by_text("Made by the box itself").wait_for()


def test_the_page_of_steps_stands_for_every_kind_of_device(box, open_browser):
    browser = open_browser()
    page = browser.page()
    page.goto(f"http://{NAME}:{box.plain}/trust")
    files = {"Windows": "/ca.crt", "Mac": "/ca.crt", "iPhone, iPad": "/ca.mobileconfig", "Android": "/ca.crt", "Debian, Ubuntu": "/ca.pem", "Firefox": "/ca.crt"}
    for name, file in files.items():
        page.get_by_text(name, exact=True).click()
        assert page.locator(".wide-button").get_attribute("href") == file
        assert page.locator("ol.numbered li").count() >= 3
    assert axe_faults(page) == []


