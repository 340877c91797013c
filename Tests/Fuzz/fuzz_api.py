#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Tries the served API with what its own description allows and forbids, once for every role.

    fuzz_api.py [--examples N] [--roles a,b] [--seed N]

All checks of schemathesis are on and none is left out; every answer of 5xx is a failure.
"""

import argparse
import concurrent.futures
import http.client
import http.server
import os
import pathlib
import random
import re
import subprocess
import sys
import threading
import time

from house import House

HERE = pathlib.Path(__file__).resolve().parent
ROLES = ["owner", "receiver", "support", "device", "guest"]


class Renewal(http.server.BaseHTTPRequestHandler):
    """Hands out a credential that is good now."""

    house, role, cookie, lock = None, None, None, None

    def do_GET(self):
        with self.lock:
            text = self.credential()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def credential(self):
        cls, house = type(self), self.house
        if self.role == "device":
            return f"Authorization: Bearer {house.token}"
        if cls.cookie:
            line = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
            status, session = house.ask("GET", "/api/v1/session", None, line, {"Cookie": cls.cookie})
            line.close()
            if status == 200 and self.role in [one["role"] for one in session["roles"]]:
                return f"Cookie: {cls.cookie}"
        cls.cookie = house.sign_in(self.role)
        return f"Cookie: {cls.cookie}"

    def log_message(self, *_):
        pass


def try_role(role, options):
    house = House()
    try:
        house.furnish()
        renewal = type("Renewal", (Renewal,), {
            "house": house, "role": role, "lock": threading.Lock()})
        keeper = http.server.ThreadingHTTPServer(("127.0.0.1", 0), renewal)
        threading.Thread(target=keeper.serve_forever, daemon=True).start()
        environment = {**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks", "FUZZ_BASE": house.base}
        if role != "guest":
            environment["FUZZ_RENEW"] = f"http://127.0.0.1:{keeper.server_port}/"
        program = pathlib.Path(sys.executable).parent / "st"
        config = HERE / "schemathesis.toml"
        command = [str(program), "--config-file", str(config), "run", house.base + "/api/openapi.json", "--checks", "all",
                   "--max-examples", str(options.examples), "--seed", str(options.seed), "--continue-on-failure",
                   "--workers", "1"]
        run = subprocess.run(
            command + options.more, env=environment, cwd=house.folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        status, report = run.returncode, run.stdout
        keeper.shutdown()
    finally:
        ended, said = house.stop()
    inside = [line for line in said.splitlines() if "req-" in line]
    good = status == 0 and ended == 0 and not inside
    if not good:
        print(report)
    if inside:
        print("\n".join(["faults inside the daemon:", *inside[:20]]))
    cases = re.findall(r"^ +(\d+) generated", report, re.M)
    return good, int(cases[0]) if cases else 0


def main():
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--examples", type=int, default=10)
    reader.add_argument("--at-once", type=int, default=2)
    reader.add_argument("--roles", default=",".join(ROLES))
    reader.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    reader.add_argument("more", nargs="*", help="options of st run, after --")
    options = reader.parse_args()
    print(f"seed {options.seed}")
    bad = []

    def one(role):
        start = time.monotonic()
        good, cases = try_role(role, options)
        print(f"{role}: {'good' if good else 'BAD'}, {cases} cases, {time.monotonic() - start:.0f} s",
              flush=True)
        if not good:
            bad.append(role)

    # Each has a house of its own, and a core of its own where there are two.
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        for task in [pool.submit(one, role) for role in options.roles.split(",")]:
            task.result()
    sys.exit(f"failed: {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
