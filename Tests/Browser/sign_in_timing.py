#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Measures over sockets what signing in costs, and whether its time tells anything.

    make sign-in-timing        500 tries of known and of unknown names, in turn; fails when the medians differ by 5 ms or
                               more. Then 200 sign-ins at once; fails when the daemon grows by more than 160 MiB.

Tries are spread over addresses of loopback and over accounts, so that no throttle answers in the place of the hash.
"""

import http.client
import json
import os
import pathlib
import statistics
import sys
import tempfile
import threading
import time

from conftest import Daemon, Office

TRIES = int(os.environ.get("TRIES", "500"))
MOST = 5.0
AT_ONCE, GROWTH_MOST = 200, 160
# Four failures of an account cost nothing, and twenty of an address.
PER_NAME, PER_ADDRESS = 3, 15


def sign_in(daemon, name, number):
    """Milliseconds, status and Retry-After of one try."""
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
    return took, answer.status, answer.getheader("Retry-After")


def memory(daemon, field):
    """A line of the kernel's figures about the daemon, in MiB."""
    lines = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith(field))


def at_once(daemon, first):
    """Tries at once: how much the daemon grows, and whether those beyond the queue are told when to come back."""
    pathlib.Path(f"/proc/{daemon.process.pid}/clear_refs").write_text("5")
    before, answers = memory(daemon, "VmRSS"), []
    threads = [threading.Thread(target=lambda one=one: answers.append(sign_in(daemon, f"crowd{one}", first + one * PER_ADDRESS)[1:]))
               for one in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    growth = memory(daemon, "VmHWM") - before
    looked = sum(status == 401 for status, _ in answers)
    later = sum(status == 503 and wait is not None for status, wait in answers)
    print(f"{AT_ONCE} at once: {looked} looked at, {later} told to come back, {growth} MiB more at most")
    return growth <= GROWTH_MOST and looked + later == AT_ONCE


def main():
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(pathlib.Path(folder) / "data")
        office = Office(daemon.base)
        office.set_up(daemon.code)
        people = (TRIES + PER_NAME - 1) // PER_NAME
        for number in range(people):
            office.ask("POST", "/api/v1/users", {
                "name": f"known{number}", "password": "boats on the river 9", "role": "support", "language": "en"})
            if number % 200 == 199:
                office.ask("POST", "/api/v1/session", {"name": "lin", "password": "tea in the morning 7"})
        times = {"known": [], "nobody": []}
        for number in range(TRIES):
            # Each kind comes first in turn, so that whatever the machine does meets both alike.
            for kind in sorted(times, reverse=number % 2 == 1):
                name = f"{kind}{number // PER_NAME}"
                took, status, _ = sign_in(daemon, name, 2 * number + (kind == "known"))
                assert status == 401, status
                times[kind].append(took)
        is_bounded = at_once(daemon, 2 * TRIES + PER_ADDRESS)
        daemon.stop()
    medians = {kind: statistics.median(list) for kind, list in times.items()}
    difference = abs(medians["known"] - medians["nobody"])
    print(f"{TRIES} tries each: known {medians['known']:.2f} ms, unknown {medians['nobody']:.2f} ms, "
          f"difference of medians {difference:.2f} ms")
    return 0 if difference < MOST and is_bounded else 1


if __name__ == "__main__":
    sys.exit(main())
