# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Messages to a gateway over real HTTP: by lines, and from a box with its real courier."""

import json
import time
import urllib.parse

import pytest

from box import Box, waits
from peers import Gateway, Once, free_port

NUMBER = "+441632960123"
TEXT = '287082 "is" your code & no {to}=+1%20 \\ 短信 👩‍👩‍👧'


def message(seconds=300, text=TEXT):
    return {"kind": "message.send", "to": NUMBER, "text": text, "until": int(time.time()) + seconds}


@pytest.fixture
def gateway():
    peer = Gateway()
    yield peer
    peer.stop()


@pytest.fixture
def say(spool, gateway):
    """The courier by lines; nothing that it says may hold the secret, the number or what was sent."""
    courier = Once(spool)
    yield courier
    reports = courier.said
    for secret in [gateway.secret, NUMBER, NUMBER[1:], "287082"]:
        assert secret not in reports


def test_a_gateway_gets_exactly_what_was_sent_as_json(gateway, say):
    report = say.one(gateway.target(), message())
    assert report == {"id": 1, "outcome": "done", "answer": {"kind": "sent"}}
    ((path, fields, body),) = gateway.posts
    assert path == "/messages"
    assert fields["Content-Type"] == "application/json"
    assert fields["Authorization"] == f"Bearer {gateway.secret}"
    assert "Expect" not in fields and "Cookie" not in fields
    assert json.loads(body) == {"to": NUMBER, "text": TEXT}


def test_a_gateway_gets_exactly_what_was_sent_as_a_form(gateway, say):
    target = gateway.target(media="form", template="k={secret}&To={to}&Body={text}&From=A+Box", header=None)
    assert say.one(target, message())["outcome"] == "done"
    ((_, fields, body),) = gateway.posts
    assert fields["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in fields
    assert urllib.parse.parse_qs(body.decode(), strict_parsing=True) == {
        "k": [f"Bearer {gateway.secret}"], "To": [NUMBER], "Body": [TEXT], "From": ["A Box"]}


@pytest.mark.parametrize("status, outcome, reason", [
    (200, "done", None), (202, "done", None), (204, "done", None), (400, "refused", "refused"),
    (401, "refused", "credentials_refused"), (403, "refused", "access_denied"), (404, "refused", "place_missing"),
    (429, "later", "busy"), (500, "later", "busy"), (503, "later", "busy")])
def test_only_an_answer_of_two_hundred_is_a_yes(gateway, say, status, outcome, reason):
    # Gateways like to repeat what they were sent; none of it may come through.
    gateway.answer = (status, b"" if status == 204 else f"{NUMBER} {TEXT}".encode(), {})
    report = say.one(gateway.target(), message())
    assert (report["outcome"], report.get("reason")) == (outcome, reason), report
    assert len(gateway.posts) == 1, "a message is sent once, whatever the answer"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(gateway, say, status):
    gateway.answer = (status, b"", {"Location": f"{gateway.base}/elsewhere"})
    report = say.one(gateway.target(), message())
    assert (report["outcome"], report["reason"]) == ("refused", "refused")
    assert [path for path, _, _ in gateway.posts] == ["/messages"]


def test_a_gateway_that_does_not_answer_is_given_up_in_time(gateway, say):
    gateway.answer = (None, b"", {})
    begun = time.monotonic()
    report = say.one(gateway.target(seconds=1), message())
    assert (report["outcome"], report["reason"]) == ("later", "timed_out")
    assert time.monotonic() - begun < 10
    assert len(gateway.posts) == 1


def test_an_answer_without_end_is_not_read_to_its_end(gateway, say):
    gateway.answer = (200, b"x" * (8 << 20), {})
    report = say.one(gateway.target(), message())
    assert (report["outcome"], report["reason"]) == ("later", "answer_unreadable")
    gateway.answer = (200, b"x" * (60 << 10), {})
    assert say.one(gateway.target(), message())["outcome"] == "done"


def test_a_message_that_is_good_no_longer_is_not_sent(gateway, say):
    report = say.one(gateway.target(), message(seconds=0))
    assert (report["outcome"], report["reason"]) == ("refused", "expired")
    assert gateway.posts == []


def test_a_gateway_that_is_down_is_told(gateway, say):
    target = gateway.target(address=f"http://127.0.0.1:{free_port()}/messages")
    assert say.one(target, message())["reason"] == "unreachable"


def test_a_gateway_that_nobody_vouches_for_gets_nothing(spool, certificate):
    peer = Gateway(certificate)
    try:
        courier = Once(spool)
        report = courier.one(peer.target(), message())
        assert (report["outcome"], report["reason"]) == ("refused", "certificate_refused")
        assert peer.posts == []
        trusting = Once(spool, "--certificates", str(certificate[0]))
        assert trusting.one(peer.target(), message())["outcome"] == "done"
        assert json.loads(peer.posts[0][2]) == {"to": NUMBER, "text": TEXT}
    finally:
        peer.stop()


@pytest.mark.parametrize("change, field", [
    ({"address": "http://sms.example.org/"}, "address"), ({"template": '{"to":"{to}"}'}, "template"),
    ({"header": "Host"}, "header"), ({"seconds": 60}, "seconds"), ({"method": "GET"}, "method")])
def test_a_gateway_that_would_give_codes_away_is_refused(gateway, say, change, field):
    report = say.one(gateway.target(**change), message())
    assert (report["outcome"], report["reason"]) == ("refused", "errand_unreadable")
    assert field in report["text"]
    assert gateway.posts == []


# A box: daemon, courier, gateway.

@pytest.fixture
def house(tmp_path, gateway):
    box = Box(tmp_path / "data").start().start_courier()
    yield box
    box.stop()
    for log in tmp_path.glob("data*.log"):
        said = log.read_text()
        for secret in [gateway.secret, NUMBER[1:]]:
            assert secret not in said, log
    # Nor is any of it in a file of the box.
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert gateway.secret.encode() not in held and NUMBER.encode() not in held, file


def test_a_box_tries_its_gateway_through_its_courier(house, gateway):
    number = {"number": NUMBER}
    assert house.ask("POST", "/api/v1/sms-gateway/tests", number, expect=False)["code"] == "sms.unset"
    view = house.ask("PUT", "/api/v1/sms-gateway", {"on": True, **gateway.settings()})
    assert view["on"] and view["hasSecret"] and gateway.secret not in json.dumps(view)
    assert house.ask("POST", "/api/v1/sms-gateway/tests", number) == {"taken": True}
    assert json.loads(gateway.posts[0][2])["to"] == NUMBER
    gateway.answer = (500, NUMBER.encode(), {})
    down = house.ask("POST", "/api/v1/sms-gateway/tests", number, expect=False)
    assert down["code"] == "sms.gateway_away" and "HTTP 500" in down["parameters"]["reason"]
    house.ask("PUT", "/api/v1/sms-gateway", {"on": True, **gateway.settings(secret="Bearer other")})
    gateway.answer = (401, b"", {})
    assert house.ask("POST", "/api/v1/sms-gateway/tests", number, expect=False)["code"] == "sms.gateway_refused"
    kinds = [one["kind"] for one in house.ask("GET", "/api/v1/journal?limit=200")["items"]]
    assert kinds.count("access.message_sent") == 3 and kinds.count("access.message_undelivered") == 2
    # A message is no errand of the outbox: nothing waits, nothing is tried again.
    assert house.ask("GET", "/api/v1/errands")["items"] == []
    posts = len(gateway.posts)
    house.kill_courier()
    begun = time.monotonic()
    away = house.ask("POST", "/api/v1/sms-gateway/tests", number, expect=False)
    assert away["code"] in ("sms.courier_away", "sms.gateway_away") and time.monotonic() - begun < 25
    gateway.answer = (200, b"", {})
    house.start_courier()
    assert waits(30, lambda: house.ask("POST", "/api/v1/sms-gateway/tests", number, expect=False).get("taken"))
    assert len(gateway.posts) - posts <= 2, "what was given up is not sent later"
