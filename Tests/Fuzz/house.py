# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""A daemon with goods, people of every role and a scanner, for programs that try its API."""

import http.client
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMON = os.environ.get("SLUICED", str(ROOT / ".build/debug/sluiced"))
PASSWORD = "harbour crane nine"
ROLES = ["owner", "receiver", "support"]
# Whoever tries an API sends more than any person; the limits have tests of their own.
RATES = ["--requests-per-second", "1000000"]


class Control(http.client.HTTPConnection):
    """The control socket: whoever gets to it may do everything."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class House:
    """The daemon on a folder of its own, as a user that owns nothing else when this one is root."""

    def __init__(self, options=RATES):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-fuzz-"))
        (self.folder / "shelf").mkdir()
        identity = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for one in [self.folder, self.folder / "shelf"]:
                os.chown(one, nobody.pw_uid, nobody.pw_gid)
        # Copied, because the checkout may lie where that user cannot go.
        program = self.folder / "sluiced"
        shutil.copy(DAEMON, program)
        shutil.copytree(ROOT / "www", self.folder / "www")
        for one in [self.folder, *self.folder.rglob("*")]:
            if one.name != "shelf":
                one.chmod(0o755 if one.is_dir() or one == program else 0o644)
        self.log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen(
            [str(program), "--data", str(self.folder / "data"), "--listen", "127.0.0.1:0",
             "--www", str(self.folder / "www"), *options],
            stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"}, **identity)
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.base = line.split()[-1]
        self.port = int(self.base.rsplit(":", 1)[1])
        line = self.process.stdout.readline()
        assert line.startswith("set-up code: "), line
        self.code = line.split()[-1]

    def ask(self, method, path, body=None, connection=None, headers=()):
        """Status and document of one request; by the control socket unless a connection is given."""
        line = connection or Control(self.folder / "data/control.sock")
        fields = {"Idempotency-Key": str(uuid.uuid4()), **dict(headers)}
        if body is not None:
            fields["Content-Type"] = "application/json"
            body = json.dumps(body)
        line.request(method, path, body, fields)
        answer = line.getresponse()
        text = answer.read()
        self.cookie_set = answer.headers.get("Set-Cookie")
        if not connection:
            line.close()
        try:
            return answer.status, json.loads(text or b"null")
        except ValueError:
            return answer.status, None

    def make(self, path, body):
        status, document = self.ask("POST", f"/api/v1/{path}", body)
        assert status < 300, (path, status, document)
        return document

    def furnish(self):
        """Sets the house up and puts one of everything into it."""
        status, document = self.ask("POST", "/api/v1/setup", {
            "code": self.code, "name": "owner", "password": PASSWORD, "language": "en",
            "siteName": "Northbank", "timeZone": "Asia/Shanghai"})
        assert status == 201, document
        self.people = {}
        for role in ROLES:
            user = self.make("users", {"name": f"the {role}", "password": PASSWORD, "role": role, "language": "en"})
            self.people[role] = user
        device = self.make("devices", {"name": "Gun", "warehouse": None})
        self.device, self.token = device["device"], device["token"]
        self.make("warehouses", {"code": "HALL", "name": "Hall", "firstBin": "H-01"})
        tracking = {"lot": False, "expiry": False, "serial": False}
        for code in ["TEA", "RICE"]:
            item = self.make("items", {"code": code, "name": "Goods", "baseUnit": "pcs", "scale": 0,
                                       "tracking": tracking, "alias": "", "note": ""})
            packaging = item["variants"][0]["packagings"][0]["id"]
            self.make(f"packagings/{packaging}/codes", {"code": f"{code}-1", "validFrom": None, "validTo": None})
        for code in ["TEA-1", "RICE-1", "NOBODY-KNOWS"]:
            self.make("scans", {"event": str(uuid.uuid4()), "task": "receive", "place": "H-01", "code": code})

    def sign_in(self, role):
        """The cookie of a new session. What the tried API did to the person is undone before."""
        person = self.people[role]
        end = time.monotonic() + 240
        while time.monotonic() < end:
            # From an address of its own: guesses that the tried API was sent slow down theirs.
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=("127.0.0.7", 0))
            status, _ = self.ask("POST", "/api/v1/session", {"name": person["name"], "password": PASSWORD}, line,
                                 {"Origin": self.base})
            cookie = self.cookie_set.split(";")[0] if status == 201 else None
            if cookie:
                # A password that somebody else gave is replaced first; one's own is refused there.
                chosen, _ = self.ask("PUT", "/api/v1/session/password", {"new": PASSWORD}, line,
                                     {"Origin": self.base, "Cookie": cookie})
                cookie = self.cookie_set.split(";")[0] if chosen == 204 else cookie
            line.close()
            if cookie:
                return cookie
            if status == 503:
                # Other books are being opened.
                time.sleep(0.5)
                continue
            self.ask("PATCH", f"/api/v1/users/{person['id']}", {"state": "active", "language": "en"},
                     headers={"If-Match": "*"})
            self.ask("POST", f"/api/v1/users/{person['id']}/password", {"password": PASSWORD})
            _, now = self.ask("GET", f"/api/v1/users/{person['id']}")
            if role not in [one["role"] for one in now["roles"]]:
                self.ask("POST", "/api/v1/grants", {"user": person["id"], "role": role, "acceptConflicts": True})
        raise AssertionError(f"{role} cannot sign in: {status}")

    def stop(self):
        self.process.terminate()
        status = self.process.wait(timeout=60)
        self.log.seek(0)
        said = self.log.read()
        shutil.rmtree(self.folder, ignore_errors=True)
        return status, said
