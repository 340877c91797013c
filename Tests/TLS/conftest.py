# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""The real daemon with TLS, and clients that are none of ours: OpenSSL, GnuTLS, Chromium."""

import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMON = os.environ.get("SLUICED", str(ROOT / ".build/debug/sluiced"))
CONTROL = os.environ.get("SLUICECTL", str(ROOT / ".build/debug/sluicectl"))
PASSWORD = "tea in the morning 7"
NAME = "sluice-1.local"
FULL = "box-1.example.org"
ENV = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}


def becomes(condition, seconds=10):
    """Waits until something is so; what is shown follows its commit within milliseconds."""
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, "it did not become so"


class Box:
    """A daemon on a data folder of its own, with both doors on free ports."""

    def __init__(self, data, *more):
        self.data = pathlib.Path(data)
        self.more = more
        self.cookie = None
        self.code = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [DAEMON, "--data", str(self.data), "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0",
             "--www", str(ROOT / "www"), "--host", f"{NAME},{FULL}", *self.more],
            stdout=subprocess.PIPE, text=True, env=ENV)
        self.port = self.plain = None
        while self.plain is None:
            line = self.process.stdout.readline()
            assert line, "the daemon ended"
            word = line.split()[-1]
            if line.startswith("listening on https://"):
                self.port = int(word.rsplit(":", 1)[1])
            elif line.startswith("set-up code: "):
                self.code = word
            elif line.startswith("trust page: "):
                self.plain = int(word.rsplit(":", 1)[1].split("/")[0])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    @property
    def authority(self):
        """The box's authority in PEM, as its plain door gives it."""
        return self.ask_plain("GET", "/ca.pem")[1].decode()

    def context(self, trusted=True):
        if not trusted:
            return ssl.create_default_context()
        return ssl.create_default_context(cadata=self.authority)

    def handshake(self, name=NAME, context=None):
        """The certificate and the protocol of one handshake, checked as a browser does."""
        context = context or self.context()
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as raw:
            with context.wrap_socket(raw, server_hostname=name) as line:
                return line.getpeercert(), line.getpeercert(True), line.version(), line.cipher()

    def connection(self, context=None):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context or self.context(), timeout=20)

    def ask(self, method, path, body=None, host=NAME, headers=None, origin="https"):
        """A request over TLS as a browser sends it. Gives status, bytes and header fields."""
        connection = self.connection()
        fields = {"Host": f"{host}:{self.port}", "Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json",
                  "Origin": f"{origin}://{host}:{self.port}", **(headers or {})}
        if body is None:
            fields.pop("Content-Type")
        if self.cookie:
            fields["Cookie"] = self.cookie
        connection.request(method, path, json.dumps(body) if body is not None else None, fields)
        answer = connection.getresponse()
        data = answer.read()
        cookies = answer.headers.get_all("Set-Cookie") or []
        for one in cookies:
            if "sluice_session=" in one:
                self.cookie = one.split(";")[0]
        connection.close()
        return answer.status, data, answer.headers

    def json(self, *given, **named):
        status, data, _ = self.ask(*given, **named)
        assert status < 300, (status, data)
        return json.loads(data or b"null")

    def ask_plain(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=20)
        connection.request(method, path, body, {"Host": f"{NAME}:{self.plain}", **(headers or {})})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data, answer.headers

    def set_up(self):
        self.json("POST", "/api/v1/setup", {
            "code": self.code, "name": "lin", "password": PASSWORD, "language": "en", "siteName": "Northbank",
            "timeZone": "Asia/Shanghai"})

    def control(self, *words, expect=0):
        done = subprocess.run(
            [CONTROL, *words, "--socket", str(self.data / "control.sock")], capture_output=True, text=True, env=ENV)
        assert done.returncode == expect, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def told(self, kind):
        """The facts of what the journal tells of one kind, newest first."""
        out = json.loads(self.control("journal", "--limit", "200", "--json"))
        return [one["facts"] for one in out["items"] if one["kind"] == kind]


@pytest.fixture
def box(tmp_path):
    running = Box(tmp_path / "data")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def office(box):
    box.set_up()
    return box
