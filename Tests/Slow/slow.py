#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""slowhttptest against the real daemon, while an honest scanner beside it is timed.

    slow.py [--connections 400] [--seconds 30]      (about 5 minutes)

Slow headers (-H), slow bodies (-B), overlapping ranges (-R) and slow readers (-X), each with that many
connections. Fails when the daemon is said to be unavailable, a scan is refused, or the scanner's 99th
percentile is more than twice that without the attack.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Fuzz"))
from house import House  # noqa: E402

# An attacker has a machine of its own. Here it gets a processor of its own, and the others do without
# that one in the quiet time, too.
CORES = sorted(os.sched_getaffinity(0))
ATTACKERS = CORES[-1:]
OTHERS = CORES[:-1] or CORES

# Twice as long as normal; below this a busy machine's own unrest is larger than what is measured.
NOISE_MS = 5
ROUNDS = 3
# Of quiet scanning before each attack.
QUIET_SECONDS = 10


class Scanner:
    """Scans on a kept connection from an address of its own, as any other machine does."""

    def __init__(self, house):
        self.house, self.line, self.times, self.failed = house, None, [], []

    def scan(self):
        body = json.dumps({"event": str(uuid.uuid4()), "task": "receive", "place": "H-01", "code": "TEA-1"})
        start = time.monotonic()
        try:
            if self.line is None:
                self.line = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=30,
                                                       source_address=("127.0.0.9", 0))
            self.line.request("POST", "/api/v1/scans", body, {
                "Content-Type": "application/json", "Authorization": f"Bearer {self.house.token}"})
            answer = self.line.getresponse()
            answer.read()
            if answer.status != 200:
                self.failed.append(answer.status)
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(repr(error))
            self.line = None
        self.times.append((time.monotonic() - start) * 1000)

    def rested(self):
        """With a new connection: the server has closed one that nobody used for a while."""
        if self.line:
            self.line.close()
        self.line = None
        return self

    def work(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.scan()
            time.sleep(0.01)

    def figures(self):
        times = sorted(self.times)
        at = lambda share: times[min(len(times) - 1, int(len(times) * share))]  # noqa: E731
        return {"scans": len(times), "p50": at(0.5), "p99": at(0.99), "worst": times[-1], "failed": len(self.failed)}


def attack(flags, house, options, folder):
    """Runs slowhttptest; gives whether it found the daemon unavailable at any second."""
    command = ["slowhttptest", "-c", str(options.connections), "-r", "200", "-l", str(options.seconds), "-p", "3",
               "-g", "-o", str(folder / "report"), *flags]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                   preexec_fn=lambda: os.sched_setaffinity(0, ATTACKERS))
    rows = (folder / "report.csv").read_text().splitlines()[1:]
    # Seconds, closed, pending, connected, service available: 0 where the probe got no answer.
    closed = [row for row in rows if re.fullmatch(r"[\d,. ]+", row) and row.split(",")[-1].strip() == "0"]
    connected = max((int(row.split(",")[3]) for row in rows if re.fullmatch(r"[\d,. ]+", row)), default=0)
    return len(rows), len(closed), connected


def under_attack(scanner, flags, house, options):
    """Scans for as long as an attack lasts."""
    # In memory: what the attacker notes must not share the disk with the books.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        found = []
        attacker = threading.Thread(target=lambda: found.append(attack(flags, house, options, pathlib.Path(folder))))
        attacker.start()
        while attacker.is_alive():
            scanner.work(0.2)
        attacker.join()
    return found[0]


def main():
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--connections", type=int, default=400)
    reader.add_argument("--seconds", type=int, default=30)
    options = reader.parse_args()
    os.sched_setaffinity(0, OTHERS)
    house = House(["--requests-per-second", "1000"])
    bad = []
    try:
        house.furnish()
        page = house.base + "/ui/"
        kinds = {
            "-H slow headers": ["-H", "-i", "2", "-u", page],
            "-B slow bodies": ["-B", "-i", "2", "-s", "8192", "-t", "POST", "-u", house.base + "/api/v1/session"],
            "-R ranges": ["-R", "-u", page, "-t", "HEAD"],
            "-X slow readers": ["-X", "-w", "1", "-y", "2", "-n", "3", "-z", "16", "-k", "3",
                                "-u", house.base + "/ui/locales/zh-CN.json"],
        }
        quiet = Scanner(house)
        attacked = {name: (Scanner(house), []) for name in kinds}
        for _ in range(ROUNDS):
            for name, flags in kinds.items():
                # Quiet and attacked times take turns: the machine has its own unrest.
                quiet.rested().work(QUIET_SECONDS)
                attacked[name][1].append(under_attack(attacked[name][0].rested(), flags, house, options))
        normal = quiet.figures()
        print(f"{'':18}{'scans':>7}{'p50 ms':>9}{'p99 ms':>9}{'worst':>9}{'failed':>8}{'seconds':>9}{'unavailable':>13}{'connected':>11}")
        row = lambda name, f, more=("", "", ""): print(  # noqa: E731
            f"{name:18}{f['scans']:>7}{f['p50']:>9.2f}{f['p99']:>9.2f}{f['worst']:>9.1f}{f['failed']:>8}{more[0]:>9}{more[1]:>13}{more[2]:>11}",
            flush=True)
        row("quiet", normal)
        for name, (scanner, found) in attacked.items():
            figures = scanner.figures()
            seconds, unavailable = sum(one[0] for one in found), sum(one[1] for one in found)
            row(name, figures, (seconds, unavailable, max(one[2] for one in found)))
            if unavailable or figures["failed"]:
                bad.append(f"{name}: unavailable {unavailable} s, failed {scanner.failed[:3]}")
            if figures["p99"] > max(2 * normal["p99"], NOISE_MS):
                bad.append(f"{name}: p99 {figures['p99']:.1f} ms, quiet {normal['p99']:.1f} ms")
        descriptors = len(os.listdir(f"/proc/{house.process.pid}/fd"))
        print(f"descriptors at the end: {descriptors}")
    finally:
        ended, said = house.stop()
    lines = [line for line in said.splitlines() if "http:" in line]
    print(f"remarks of the server: {len(lines)}")
    if ended:
        bad.append(f"the daemon ended with {ended}")
    sys.exit("\n".join(bad) if bad else 0)


if __name__ == "__main__":
    main()
