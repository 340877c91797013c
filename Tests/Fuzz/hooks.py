# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Keeps the tried person signed in whatever the tried API does to them, and one check of our own."""

import os
import threading
import urllib.request

import schemathesis

RENEW = os.environ.get("FUZZ_RENEW")
# What a request that fits the description must not be told: that it does not fit.
FORM = ("request.field_", "request.malformed", "request.headers_", "request.framing_", "request.key_m",
        "request.match_missing", "request.media_", "request.target_", "request.host_")
fresh = threading.Event()
credential = {"text": None}


@schemathesis.auth(refresh_interval=None)
class Person:
    """The credential of the role that is tried; guests have none."""

    def get(self, case, context):
        if not RENEW:
            return None
        if not fresh.is_set():
            # Another process holds the house and hands out a credential that is good now.
            with urllib.request.urlopen(RENEW, timeout=120) as answer:
                credential["text"] = answer.read().decode()
            fresh.set()
        return credential["text"]

    def set(self, case, data, context):
        if data:
            name, value = data.split(": ", 1)
            case.headers = case.headers or {}
            case.headers[name] = value


@schemathesis.hook
def before_call(context, case, kwargs):
    # What a browser says of itself with every change.
    if case.headers is None:
        case.headers = {}
    case.headers.setdefault("Origin", os.environ["FUZZ_BASE"])


@schemathesis.hook
def after_call(context, case, response):
    path = case.operation.path
    touches = any(word in path for word in ("/session", "/users", "/devices", "/setup", "/practice"))
    if response.status_code == 401 or (touches and case.method != "GET"):
        fresh.clear()


@schemathesis.check
def what_fits_is_not_called_unfit(context, response, case):
    """A case that the description allows may be refused for what it means, never for its form."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 415, 422, 428):
        return
    try:
        code = response.json().get("code", "")
    except ValueError:
        code = response.text.rsplit("[", 1)[-1].rstrip("]\n")
    simple = case.media_type in ("text/plain", "application/x-www-form-urlencoded")
    if code == "request.media_unsupported" and simple and not (credential["text"] or "").startswith("Authorization"):
        # A page of another site can send these; they are taken from scanners only.
        return
    if code.startswith(FORM):
        raise AssertionError(f"a request that fits the description was refused with {code}: {response.text[:500]}")
