# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""What the two doors give: the plain one leads on, the one with a lock lets people in."""

import json

import pytest

from conftest import NAME, Box, becomes

OPEN = ["/ca.crt", "/ca.pem", "/ca.mobileconfig", "/api/v1/trust", "/health/live", "/health/ready", "/ui/trust/start.html",
        "/ui/trust/start.js", "/ui/trust/steps.js", "/ui/trust/check.js", "/ui/trust/trust.css", "/ui/kit/html.js", "/ui/css/base.css",
        "/ui/locales/en.json"]
LED = ["/", "/ui/", "/ui/sign-in.html", "/ui/setup.html", "/ui/trust/trust.html", "/ui/access/sign-in.js",
       "/trust/probe", "/nowhere"]
PROGRAMS = ["/api/v1/session", "/api/v1/items", "/api/openapi.json", "/api/v1/events", "/api/v1/certificate"]


@pytest.mark.parametrize("path", OPEN)
def test_the_plain_door_gives_what_a_device_needs(box, path):
    status, data, fields = box.ask_plain("GET", path)
    assert status == 200 and data
    assert "Strict-Transport-Security" not in fields and "Set-Cookie" not in fields
    status, data, _ = box.ask_plain("HEAD", path)
    assert status == 200 and not data


@pytest.mark.parametrize("path", LED)
def test_the_plain_door_leads_everything_else_on(box, path):
    status, _, fields = box.ask_plain("GET", path, headers={"Cookie": "sluice_session=whatever"})
    assert status == 302 and fields["Location"] == f"https://{NAME}:{box.port}{path}"


@pytest.mark.parametrize("path", PROGRAMS)
def test_a_program_is_not_led_on_with_its_credential(box, path):
    status, data, fields = box.ask_plain("GET", path, headers={"Authorization": "Bearer abc"})
    assert status == 403 and json.loads(data)["code"] == "request.tls_needed" and "Location" not in fields


def test_a_query_goes_along_and_nothing_slips_into_the_address(box):
    assert box.ask_plain("GET", "/ui/help/?page=a%26b&x=%0d%0aSet-Cookie:1")[2]["Location"] == f"https://{NAME}:{box.port}/ui/help/?page=a%26b&x=%0D%0ASet-Cookie%3A1"
    assert box.ask_plain("GET", "//evil.example/")[0] in (302, 400, 404)
    location = box.ask_plain("GET", "//evil.example/")[2].get("Location", f"https://{NAME}:{box.port}/")
    assert location.startswith(f"https://{NAME}:{box.port}/")
    assert box.ask_plain("GET", "/ui/", headers={"Host": "evil.example"})[0] == 421


def test_trust_is_the_page_of_steps(box):
    status, _, fields = box.ask_plain("GET", "/trust")
    assert status == 303 and fields["Location"] == "/ui/trust/start.html"
    policy = box.ask_plain("GET", "/ui/trust/start.html")[2]["Content-Security-Policy"]
    assert f"connect-src 'self' https://{NAME}:{box.port};" in policy and "script-src 'self';" in policy


@pytest.mark.parametrize("method, path", [
    ("POST", "/api/v1/session"), ("POST", "/api/v1/setup"), ("POST", "/api/v1/scans"), ("PUT", "/api/v1/certificate"), ("DELETE", "/api/v1/session"),
    ("POST", "/trust"), ("PATCH", "/api/v1/users/usr-1")])
def test_the_plain_door_takes_no_change(box, method, path):
    status, data, _ = box.ask_plain(method, path, headers={"Authorization": "Bearer abc", "Content-Length": "0"})
    assert status == 403 and json.loads(data)["code"] == "request.tls_needed"
    status, data, _ = box.ask_plain(method, path, body="{}")
    assert status == 403 and json.loads(data)["code"] == "request.tls_needed"


def test_signing_in_is_taken_over_tls_only_and_its_cookie_stays_there(office):
    assert office.cookie.startswith("__Host-sluice_session=")
    status, _, fields = office.ask("POST", "/api/v1/session", {"name": "lin", "password": "tea in the morning 7"})
    assert status in (200, 201)
    for one in fields.get_all("Set-Cookie"):
        assert one.startswith("__Host-") and "; Secure" in one and "; HttpOnly" in one and "SameSite=Strict" in one
    token = office.cookie.split("=", 1)[1]
    # The same token under the name that plain HTTP could have planted opens nothing.
    office.cookie = f"sluice_session={token}"
    assert json.loads(office.ask("GET", "/api/v1/session")[1])["user"] is None if office.ask("GET", "/api/v1/session")[0] == 200 else True
    assert office.ask("GET", "/api/v1/users")[0] == 401


def test_a_page_over_plain_http_changes_nothing_over_tls(office):
    status, data, _ = office.ask("POST", "/api/v1/warehouses", {"code": "W", "name": "W", "firstBin": None}, origin="http")
    assert status == 403 and json.loads(data)["code"] == "request.cross_site"
    assert office.ask("POST", "/api/v1/warehouses", {"code": "W", "name": "W", "firstBin": None})[0] == 201


def test_scanners_without_tls_scan_only_where_that_was_allowed(tmp_path):
    box = Box(tmp_path / "data", "--plain-scans")
    try:
        box.set_up()
        box.json("POST", "/api/v1/warehouses", {"code": "MAIN", "name": "Main", "firstBin": "A-01"})
        token = box.json("POST", "/api/v1/devices", {"name": "Gun"})["token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
        status, data, _ = box.ask_plain("POST", "/api/v1/scans?task=receive&place=A-01", body="6901234567892", headers=headers)
        assert status == 200, data
        assert box.ask_plain("POST", "/api/v1/scans?task=receive&place=A-01", body="1", headers={**headers, "Cookie": "a=b"})[0] == 403
        assert box.ask_plain("POST", "/api/v1/session", body="{}", headers=headers)[0] == 403
        assert box.ask_plain("GET", "/api/v1/items", headers=headers)[0] == 403
    finally:
        box.stop()


def test_browsers_are_told_to_come_over_tls_only_when_somebody_says_so(office):
    def told():
        return [office.ask("GET", path)[2].get("Strict-Transport-Security") for path in ("/", "/ui/", "/api/v1/session", "/nowhere", "/ui/css/base.css")]
    assert told() == [None] * 5
    # An address is no name: a browser would not take it.
    status, data, _ = office.ask("PUT", "/api/v1/certificate/strict", {"on": True}, host="127.0.0.1")
    assert status in (401, 409)
    office.json("PUT", "/api/v1/certificate/strict", {"on": True})
    becomes(lambda: told() == ["max-age=31536000; includeSubDomains"] * 5)
    assert "Strict-Transport-Security" not in office.ask_plain("GET", "/ca.crt")[2]
    office.json("PUT", "/api/v1/certificate/strict", {"on": False})
    becomes(lambda: told() == ["max-age=0"] * 5)
    assert [one["on"] for one in office.told("trust.strict_changed")] == [False, True]


def test_only_administrators_look_after_the_certificate(box):
    assert box.ask("GET", "/api/v1/certificate")[0] == 401
    assert box.ask("POST", "/api/v1/certificate/renewal", {})[0] == 401
    box.set_up()
    assert box.json("GET", "/api/v1/certificate")["origin"] == "issued"
    assert box.json("GET", "/api/v1/trust")["tlsPort"] == box.port
