# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""A box as a warehouse has it: the real daemon, the real courier beside it, the real command line."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import uuid

from peers import COURIER, ENVIRONMENT, ROOT, within

DAEMON = os.environ.get("SLUICED", str(ROOT / ".build/debug/sluiced"))
CONTROL = os.environ.get("SLUICECTL", str(ROOT / ".build/debug/sluicectl"))


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def add_recovery(data):
    """Makes a recovery key as a person does: reads it, and types two of its groups back."""
    talk = subprocess.Popen(
        [CONTROL, "key", "add", "recovery", "--data", str(data)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    groups = []
    while len(groups) < 14:
        line = talk.stdout.readline()
        assert line, talk.stderr.read()
        found = re.match(r"\s*(\d+)\s+(\w{4})$", line.rstrip("\n"))
        if found:
            groups.append(found.group(2))
    for _ in range(2):
        asked = ""
        while not re.search(r"(\d+): $", asked):
            asked += talk.stderr.read(1)
        number = int(re.search(r"(\d+): $", asked).group(1))
        talk.stdin.write(groups[number - 1] + "\n")
        talk.stdin.flush()
    assert talk.wait(timeout=60) == 0
    for pipe in [talk.stdin, talk.stdout, talk.stderr]:
        pipe.close()
    return "-".join(groups)


class Box:
    def __init__(self, data):
        self.data = pathlib.Path(data)
        self.socket = self.data / "control.sock"
        self.courier = None
        self.said = ""

    # The daemon and its courier.

    def start(self):
        with open(f"{self.data}.log", "ab") as log:
            self.daemon = subprocess.Popen(
                [DAEMON, "--data", str(self.data), "--listen", "127.0.0.1:0", "--www", str(ROOT / "www")],
                stdout=subprocess.PIPE, stderr=log, text=True, env=ENVIRONMENT)
        line = self.daemon.stdout.readline()
        assert line.startswith("listening on "), open(f"{self.data}.log").read()
        self.base = line.split()[-1]
        return self

    def start_courier(self):
        with open(f"{self.data}.courier.log", "ab") as log:
            self.courier = subprocess.Popen(
                [COURIER, "--socket", str(self.data / "courier.sock"), "--folder", str(self.data / "errands")],
                stdout=log, stderr=log, env=ENVIRONMENT)
        return self

    def kill_courier(self):
        self.courier.kill()
        self.courier.wait()
        self.courier = None

    def stop(self, how=signal.SIGTERM):
        for process in [self.courier, self.daemon]:
            if process and process.poll() is None:
                process.send_signal(how)
                process.wait(timeout=60)

    def kill(self):
        self.stop(signal.SIGKILL)

    # Questions.

    def ask(self, method, path, body=None, expect=True):
        line = Connection(self.socket)
        line.request(method, path, json.dumps(body) if body is not None else None, {
            "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4()), "Host": "localhost"})
        answer = line.getresponse()
        found = json.loads(answer.read() or b"null")
        line.close()
        assert not expect or answer.status < 300, found
        return found

    def control(self, *words, typed="", daemon=True):
        """Runs `sluicectl`; answers its exit code and all that it said."""
        more = ["--socket", str(self.socket)] if daemon else []
        run = subprocess.run(
            [CONTROL, *words, *more], input=typed, capture_output=True, text=True, timeout=300, env=ENVIRONMENT)
        self.said += run.stdout + run.stderr
        return run.returncode, run.stdout + run.stderr

    def target(self):
        return self.ask("GET", "/api/v1/backups")["targets"][0]

    def job(self, name):
        return next(one for one in self.ask("GET", "/api/v1/jobs")["items"] if one["name"] == name)

    # Business.

    def set_up(self):
        self.ask("POST", "/api/v1/warehouses", {"code": "MAIN", "name": "Main", "firstBin": "A-01"})
        item = self.ask("POST", "/api/v1/items", {
            "code": "TEA", "name": "Jasmine tea", "baseUnit": "pcs", "scale": 0,
            "tracking": {"lot": False, "expiry": False, "serial": False}})
        self.variant = item["variants"][0]["id"]
        self.bin = self.ask("GET", "/api/v1/places")["items"][0]["id"]
        return self

    def fill(self, items):
        """Goods that make the store larger by a few KiB each."""
        for number in range(items):
            self.ask("POST", "/api/v1/items", {
                "code": f"FILL-{number}", "name": f"Filling {number} " + "x" * 150, "baseUnit": "pcs", "scale": 0,
                "tracking": {"lot": False, "expiry": False, "serial": False}})
        return self

    def receive(self, count):
        self.ask("POST", "/api/v1/stock/movements", {
            "kind": "receive", "variant": self.variant, "count": str(count), "place": self.bin})

    def books(self):
        """What the box says of its books, all of it, up to what a restore adds to them."""
        journal, after = [], None
        while True:
            page = self.ask("GET", "/api/v1/journal?limit=200" + (f"&after={after}" if after else ""))
            journal += page["items"]
            after = page["next"]
            if not after:
                break
        kept = [one for one in journal if one["kind"].split(".")[0] in ("stock", "item", "catalog", "inventory", "warehouse")]
        return {
            "journal": sorted(kept, key=lambda one: one["seq"]),
            "level": self.ask("GET", f"/api/v1/stock/level?variant={self.variant}"),
            "items": self.ask("GET", "/api/v1/items"), "places": self.ask("GET", "/api/v1/places"),
        }

    # Keys.

    def add_recovery(self):
        return add_recovery(self.data)


def waits(seconds, condition):
    """As `within`, with room between two questions to the daemon."""
    def asked():
        time.sleep(0.1)
        return condition()
    return within(seconds, asked)
