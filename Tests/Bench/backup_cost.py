#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""What continuous backup costs those who scan: two real daemons of the same books, one with a place that keeps backups and one without.

A daemon without such a place captures nothing, so no switch is needed. Both get the same scans over HTTP in turns, now the one first and
now the other. At the beginning of each of its turns the one with backups ships what was captured in its turn before, so that what is
captured in measured time is also brought away in measured time. The ratio of rates and the difference of the 99th percentiles are medians
over the rounds' own pairs: a machine that is busy for a while speaks for neither. Everything listens on the loopback only.

    backup_cost.py --daemon PROGRAM [--rounds N] [--seconds N] [--spool FOLDER]

--spool lies on the disk of the books unless it is named. Prints a table and ends with 1 when a goal is missed.
"""

import argparse
import os
import pathlib
import platform
import statistics
import sys
import tempfile
import time

import bench

CONNECTIONS = [1, 8, 64]
# The goals: of the rate at least, milliseconds of p99 at most.
RATE_LEAST = 0.95
P99_MORE_MOST = 2.0
WARM_UP = 20_000
# Seconds for the first snapshot.
PATIENCE = 120


class BackupCost(bench.Bench):
    def __init__(self, arguments):
        self.seconds = arguments.seconds
        self.rounds = arguments.rounds
        self.running = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-cost-", dir=bench.ROOT / ".build"))
        try:
            self.prepare(arguments)
        except BaseException:
            self.stop()
            raise

    def prepare(self, arguments):
        self.load = bench.build(self.folder, "scanload", "-lsodium")
        for name, lines in {"code": [f"SKU{one}" for one in range(1, bench.PRODUCTS + 1)],
                            "bin": [f"A-{one}" for one in range(1, bench.PLACES + 1)]}.items():
            (self.folder / name).write_text("".join(f"{line}\n" for line in lines))
        more = ["--spool", str(arguments.spool)] if arguments.spool else []
        self.alone = self.start(bench.Daemon(arguments.daemon, self.folder / "alone"))
        self.backed = self.start(bench.Daemon(arguments.daemon, self.folder / "backed", more))
        for server in (self.alone, self.backed):
            self.scans(server, 64, seconds=PATIENCE, requests=WARM_UP)
        self.add_target()

    def add_target(self):
        target = self.folder / "target"
        target.mkdir()
        self.backed.ask("POST", "/api/v1/backups/targets", {"name": "disk", "kind": "folder", "place": str(target)})
        self.ship()
        end = time.monotonic() + PATIENCE
        while not self.backups(self.backed)["targets"][0]["snapshotAt"]:
            if time.monotonic() > end:
                sys.exit("no snapshot came to the target")
            time.sleep(0.1)

    def ship(self):
        self.backed.ask("POST", "/api/v1/jobs/backup.ship/run", {})

    def backups(self, server):
        return server.ask("GET", "/api/v1/backups")

    def turn(self, server, connections):
        if server is self.backed:
            self.ship()
        return self.scans(server, connections)

    def row(self, connections):
        pairs = []
        for round_number in range(self.rounds):
            order = [self.backed, self.alone] if round_number % 2 == 0 else [self.alone, self.backed]
            turns = {server: self.turn(server, connections) for server in order}
            pairs.append((turns[self.backed], turns[self.alone]))
        middle = statistics.median
        backed, alone = [{key: middle(pair[side][key] for pair in pairs) for key in bench.FIGURES} for side in (0, 1)]
        ratio = middle(one["per_second"] / other["per_second"] for one, other in pairs)
        more = middle((one["p99_us"] - other["p99_us"]) / 1000 for one, other in pairs)
        held = ratio >= RATE_LEAST and more <= P99_MORE_MOST
        print(f"| {connections} | {backed['per_second']:,.0f} | {alone['per_second']:,.0f} | {ratio:.3f} "
              f"| {backed['p99_us'] / 1000:.2f} | {alone['p99_us'] / 1000:.2f} | {more:+.2f} "
              f"| {backed['cpu_us']:.0f}, {alone['cpu_us']:.0f} | {'yes' if held else 'NO'} |", flush=True)
        return held

    def table(self):
        before = self.backups(self.backed)["capture"]["commit"]
        print("| Connections | Scans/s with backups | alone | ratio | p99 ms with backups | alone | more by "
              "| CPU µs a scan, both | held |", flush=True)
        print("|---:|---:|---:|---:|---:|---:|---:|---:|---|", flush=True)
        held = [self.row(connections) for connections in CONNECTIONS]
        capture, none = self.backups(self.backed)["capture"], self.backups(self.alone)["capture"]
        print(f"\nMedians of {self.rounds} pairs of {self.seconds} s, {os.cpu_count()} cores ({platform.machine()}), "
              f"Linux {platform.release()}, `make backup-cost`. {capture['commit'] - before:,} commits captured"
              f"{'' if capture['gapAt'] is None else ', with a gap: ' + str(capture['gapReason'])}.")
        if none["active"] or not capture["active"] or capture["commit"] == before:
            sys.exit("one of the daemons did not do what it should be measured for")
        return all(held)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--rounds", type=int, default=8, help="pairs of turns for each number of connections")
    parser.add_argument("--seconds", type=int, default=4, help="seconds of each turn")
    parser.add_argument("--spool", type=pathlib.Path, help="folder of captured commits, such as on another disk")
    parser.add_argument("--goods", type=int, default=bench.PRODUCTS, help="items in the books")
    arguments = parser.parse_args()
    bench.PRODUCTS = arguments.goods
    cost = BackupCost(arguments)
    try:
        held = cost.table()
    finally:
        cost.stop()
    sys.exit(0 if held else "a goal is missed: 95 % of the rate, 2 ms of p99")


if __name__ == "__main__":
    main()
