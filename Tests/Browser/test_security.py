# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""What a real browser makes of the headers: no screen breaks its own policy, and the policy is in force."""

import http.server
import threading
import urllib.parse

import pytest
from playwright.sync_api import expect

from conftest import PASSWORD, Daemon, Office
from test_pages import PAGES

HEADERS = {
    "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
}
REPORTS = """
window.cspReports = JSON.parse(sessionStorage.getItem('cspReports') ?? '[]');
document.addEventListener('securitypolicyviolation', (event) => {
  window.cspReports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
  sessionStorage.setItem('cspReports', JSON.stringify(window.cspReports));
});
"""


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("house") / "data")
    office = Office(daemon.base)
    office.set_up(daemon.code)
    office.goods("TEA", "<img src=x onerror=alert(1)>", "6901234567892", case=24, case_barcode="16901234567899")
    for number, code in enumerate(["16901234567899", "6901234567892", "<script>alert(1)</script>"]):
        office.ask("POST", "/api/v1/scans", {
            "event": f"0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e0{number}", "task": "receive", "place": "A-01", "code": code})
    yield daemon, office
    daemon.stop()


def test_no_screen_breaks_its_policy(furnished, browser):
    daemon, office = furnished
    name, value = office.cookie.split("=", 1)
    for language in ["en", "zh-CN"]:
        office.ask("PUT", "/api/v1/session/language", {"language": language})
        context = browser.new_context(locale=language)
        context.add_cookies([{"name": name, "value": value, "url": daemon.base}])
        context.add_init_script(REPORTS)
        page = context.new_page()
        said, answers, dialogs = [], [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("response", lambda answer: answers.append(answer))
        for path in PAGES:
            page.goto(f"{daemon.base}/ui/{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.wait_for_load_state("load")
        assert page.evaluate("window.cspReports") == []
        assert [one for one in said if "Content Security Policy" in one or "Trusted" in one] == []
        assert dialogs == []
        assert len(answers) > 100
        for answer in answers:
            assert answer.url.startswith(daemon.base), "a screen asks another machine"
            fields = answer.headers
            for field, expected in HEADERS.items():
                assert fields.get(field) == expected, (answer.url, field)
            isPart = "/ui/" in answer.url and not fields.get("content-type", "text/html").startswith("text/html")
            policy = "default-src 'none'" if isPart else "require-trusted-types-for 'script'"
            assert policy in fields["content-security-policy"], answer.url
            if "/api/" in answer.url:
                assert fields["cache-control"] == "no-store", answer.url
        context.close()


def test_the_policy_is_in_force(furnished, browser):
    """The same watch sees a report when there is one, and nothing of what was tried has run."""
    daemon, office = furnished
    name, value = office.cookie.split("=", 1)
    context = browser.new_context()
    context.add_cookies([{"name": name, "value": value, "url": daemon.base}])
    context.add_init_script(REPORTS)
    page = context.new_page()
    page.goto(daemon.base + "/ui/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    tried = page.evaluate("""async () => {
        // What is run by the test's own door may evaluate; what a timer runs is a page like any other.
        await new Promise((done) => setTimeout(done, 50));
        const outcome = {};
        const attempt = (name, work) => { try { work(); outcome[name] = 'allowed'; } catch { outcome[name] = 'refused'; } };
        attempt('markup from a text', () => { document.createElement('p').innerHTML = '<b>x</b>'; });
        attempt('policy for texts', () => trustedTypes.createPolicy('own', { createHTML: (text) => text }));
        attempt('evaluation', () => { (0, eval)('window.ran = 1'); });
        attempt('function from a text', () => { new Function('window.ran = 1')(); });
        const script = document.createElement('script');
        attempt('text of a script', () => { script.text = 'window.ran = 1'; document.head.append(script); });
        const style = document.createElement('style');
        style.append('body { opacity: 0.5 }');
        document.head.append(style);
        const image = new Image();
        image.src = 'http://127.0.0.1:1/x.png';
        outcome.foreign = await fetch('http://127.0.0.1:1/').then(() => 'allowed', () => 'refused');
        const frame = document.createElement('iframe');
        frame.src = '/ui/';
        document.body.append(frame);
        await new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
        outcome.opacity = getComputedStyle(document.body).opacity;
        outcome.ran = window.ran ?? 0;
        return outcome;
    }""")
    assert tried.pop("opacity") == "1" and tried.pop("ran") == 0
    assert set(tried.values()) == {"refused"}, tried
    reports = " ".join(page.evaluate("window.cspReports"))
    for directive in ["require-trusted-types-for", "trusted-types", "style-src", "img-src", "connect-src"]:
        assert directive in reports, (directive, reports)
    context.close()


def test_a_page_of_another_site_changes_nothing(furnished, browser):
    """Another port is another origin and the same site, so that even SameSite=Strict sends the cookie."""
    daemon, office = furnished
    name, value = office.cookie.split("=", 1)
    before = office.ask("GET", "/api/v1/items")

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>evil</title><h1>evil</h1>")

        def log_message(self, *_):
            pass

    evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=evil.serve_forever, daemon=True).start()
    context = browser.new_context()
    context.add_cookies([{"name": name, "value": value, "url": daemon.base}])
    page = context.new_page()
    statuses = {}
    page.on("response", lambda answer: statuses.setdefault(
        (answer.request.method, answer.url.removeprefix(daemon.base)), answer.status))
    page.goto(f"http://127.0.0.1:{evil.server_port}/")
    outcome = page.evaluate("""async (base) => {
        const body = JSON.stringify({ code: 'EVIL', name: 'Evil', baseUnit: 'pcs', scale: 0, alias: '', note: '',
            tracking: { lot: false, expiry: false, serial: false } });
        const send = (options) => fetch(`${base}/api/v1/items`, { method: 'POST', credentials: 'include', body, ...options })
            .then((answer) => answer.type, () => 'refused');
        return {
            text: await send({ mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }),
            json: await send({ headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'evil' } }),
            read: await fetch(`${base}/api/v1/items`, { credentials: 'include' }).then(() => 'read', () => 'refused'),
            opaque: await fetch(`${base}/api/v1/items`, { mode: 'no-cors', credentials: 'include' }).then(() => 'read', () => 'refused'),
        };
    }""", daemon.base)
    assert outcome["json"] == "refused" and outcome["read"] == "refused"
    assert statuses.get(("POST", "/api/v1/items"), 403) == 403
    page.evaluate("""(base) => {
        const form = document.createElement('form');
        form.method = 'post';
        form.action = `${base}/api/v1/items`;
        document.body.append(form);
        form.submit();
    }""", daemon.base)
    page.wait_for_url(daemon.base + "/**")
    assert office.ask("GET", "/api/v1/items") == before
    # Nor can it show a screen of ours inside its own page.
    page.goto(f"http://127.0.0.1:{evil.server_port}/")
    shown = page.evaluate("""async (base) => {
        const frame = document.createElement('iframe');
        frame.src = `${base}/ui/`;
        document.body.append(frame);
        await new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
        return frame.contentDocument ? 'same' : 'other';
    }""", daemon.base)
    assert shown == "other"
    inside = [one for one in page.frames if one != page.main_frame]
    assert all(not one.url.startswith(daemon.base) for one in inside), [one.url for one in inside]
    context.close()
    evil.shutdown()


def test_after_signing_out_nothing_is_left_on_the_screen(daemon, office, open_page):
    office.goods("TEA", "Jasmine tea", "6901234567892")
    page = open_page(office.cookie, daemon.base)
    page.goto(daemon.base + "/ui/catalog/items.html")
    expect(page.get_by_text("Jasmine tea")).to_be_visible()
    page.locator("details.person summary").click()
    # Also while the box cannot be reached; the session is ended as soon as it can.
    page.context.set_offline(True)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert "Jasmine" not in page.content() and "Northbank" not in page.content()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/ui/sign-in.html")
    page.go_back()
    page.wait_for_url("**/ui/sign-in.html?back=*")
    assert "Jasmine" not in page.content()
    kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert "Jasmine" not in kept and "Northbank" not in kept
    assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("place", ["//other.example/", "https://other.example/", "/\\other.example/", "javascript:alert(1)", "/ui//other"])
def test_signing_in_leads_to_pages_of_the_box_only(daemon, office, open_page, place):
    page = open_page()
    page.goto(daemon.base + "/ui/sign-in.html?" + urllib.parse.urlencode({"back": place}))
    page.locator("[name=name]").fill("lin")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in.html" not in url)
    assert page.url.startswith(daemon.base + "/ui/")


def test_the_password_is_masked_and_may_be_pasted(daemon, office, open_page):
    page = open_page()
    page.goto(daemon.base + "/ui/sign-in.html")
    field = page.locator("[name=password]")
    assert field.get_attribute("type") == "password"
    assert field.get_attribute("autocomplete") == "current-password"
    field.focus()
    page.evaluate("""(text) => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      const paste = new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data });
      if (document.activeElement.dispatchEvent(paste)) document.activeElement.value = text;
    }""", PASSWORD)
    page.locator("[name=name]").fill("lin")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/")
