#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Measures over a socket whether a known name can be told from an unknown one by the time of the answer.

    make sign-in-timing        500 tries of each kind, in turn; fails when the medians differ by 5 ms or more

Tries are spread over addresses of loopback and over accounts, so that no throttle answers in the place of the hash.
"""

import http.client
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

from conftest import Daemon, Office

TRIES = int(os.environ.get("TRIES", "500"))
MOST = 5.0
# Four failures of an account cost nothing, and twenty of an address.
PER_NAME, PER_ADDRESS = 3, 15


def sign_in(daemon, name, number):
    address = f"127.{1 + number // PER_ADDRESS // 250}.{1 + number // PER_ADDRESS % 250}.7"
    line = http.client.HTTPConnection("127.0.0.1", daemon.port, source_address=(address, 0))
    body = json.dumps({"name": name, "password": f"wrong wrong {number}"})
    headers = {"Content-Type": "application/json", "Origin": daemon.base, "Idempotency-Key": f"timing-{number}"}
    line.connect()
    begun = time.perf_counter()
    line.request("POST", "/api/v1/session", body, headers)
    answer = line.getresponse()
    answer.read()
    took = (time.perf_counter() - begun) * 1000
    line.close()
    assert answer.status == 401, answer.status
    return took


def main():
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(pathlib.Path(folder) / "data")
        office = Office(daemon.base)
        office.set_up(daemon.code)
        people = (TRIES + PER_NAME - 1) // PER_NAME
        for number in range(people):
            office.ask("POST", "/api/v1/users", {
                "name": f"known{number}", "password": "boats on the river 9", "role": "viewer", "language": "en"})
            if number % 200 == 199:
                office.ask("POST", "/api/v1/session", {"name": "lin", "password": "tea in the morning 7"})
        times = {"known": [], "nobody": []}
        for number in range(TRIES):
            # Each kind comes first in turn, so that whatever the machine does meets both alike.
            for kind in sorted(times, reverse=number % 2 == 1):
                name = f"{kind}{number // PER_NAME}"
                times[kind].append(sign_in(daemon, name, 2 * number + (kind == "known")))
        daemon.stop()
    medians = {kind: statistics.median(list) for kind, list in times.items()}
    difference = abs(medians["known"] - medians["nobody"])
    print(f"{TRIES} tries each: known {medians['known']:.2f} ms, unknown {medians['nobody']:.2f} ms, "
          f"difference of medians {difference:.2f} ms")
    return 0 if difference < MOST else 1


if __name__ == "__main__":
    sys.exit(main())
