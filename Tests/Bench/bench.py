#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Measures the daemon beside a bare libmicrohttpd server and beside plain SQLite, interleaved in one run.

The daemon is what people install: sealed, authenticated, journalled, synchronous=FULL. The bare server (bareserver.c) stores the
same scan in two tables, with group commit, and does nothing else. All of them know PRODUCTS goods in PLACES bins, and a scan takes
one of each at random. Figures are medians of the rounds; CPU is that of the server's process per request, from /proc. Everything
listens on the loopback only.

    bench.py --daemon PROGRAM [--unsealed PROGRAM] [--quick] [--rounds N] [--seconds N] [--sizes N,N]

--unsealed is the same daemon built without sealing (-D SLUICE_UNSEALED), to tell what sealing costs. BENCH_REFERENCE may name
another program with bareserver's command line, measured in the same rounds.
"""

import argparse
import csv
import hashlib
import hmac
import io
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import tempfile
import urllib.request
import uuid

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TICK_US = 1_000_000 // os.sysconf("SC_CLK_TCK")
PRODUCTS = 20_000
PLACES = 10
CONNECTIONS = [1, 8, 64, 256]
# Movements of the small daemon, in whose company a grown one is measured.
SMALL = 10_000
# Devices that sign, each with a connection of its own.
DEVICES = 64
FIGURES = ("per_second", "p50_us", "p99_us", "cpu_us")


def build(folder, name, *libraries):
    target = folder / name
    subprocess.run(["gcc", "-O2", "-o", target, HERE / f"{name}.c", *libraries, "-lpthread"], check=True)
    return target


class Server:
    """A server process with its CPU time and memory."""

    def __init__(self, command, ready):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        self.lines = [self.process.stdout.readline() for _ in range(ready)]

    def cpu_us(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK_US

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)


class Daemon(Server):
    def __init__(self, program, folder, more=()):
        super().__init__([program, "--data", str(folder), "--listen", "127.0.0.1:0", "--www", str(ROOT / "www"),
                          "--connections-per-address", "1000", "--requests-per-second", "1000000", *more], ready=2)
        self.base = self.lines[0].split()[-1]
        self.port = self.base.rsplit(":", 1)[1]
        self.cookie = None
        try:
            self.set_up()
        except BaseException:
            # Nobody else knows the process yet.
            self.stop()
            raise

    def set_up(self):
        self.ask("POST", "/api/v1/setup", {
            "code": self.lines[1].split()[-1], "name": "bench", "password": "measured twice, cut once", "language": "en",
            "siteName": "Bench", "timeZone": "Asia/Shanghai"})
        warehouse = self.ask("POST", "/api/v1/warehouses", {"code": "MAIN", "name": "Main", "firstBin": "A-1"})["id"]
        for number in range(2, PLACES + 1):
            self.ask("POST", "/api/v1/places", {"warehouse": warehouse, "kind": "bin", "code": f"A-{number}", "name": "", "parent": None})
        self.add_goods()
        self.places = {one["code"]: one["id"] for one in self.ask("GET", "/api/v1/places?kind=bin&limit=200")["items"]}
        self.token = self.ask("POST", "/api/v1/devices", {"name": "bench", "warehouse": None})["token"]

    def enrol(self, count):
        """Enrols devices that sign. One line each: its id and its key."""
        def mac(key, text):
            return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
        lines = []
        for number in range(1, count + 1):
            offer = self.ask("POST", "/api/v1/devices", {"name": f"gun {number}", "warehouse": None, "mode": "signed"})["enrolment"]
            nonce = uuid.uuid4().hex
            key = mac(offer["secret"], f"sluice-device-1\n{nonce}")
            done = self.ask("POST", "/api/v1/enrolments", {"code": offer["code"], "nonce": nonce, "proof": mac(key, f"sluice-enrol-1\n{offer['code']}")})
            lines.append(f"{done['device']['id']} {key}\n")
        return "".join(lines)

    def add_goods(self):
        rows = io.StringIO()
        writer = csv.writer(rows)
        writer.writerow(["item_code", "item_name", "base_unit", "barcode"])
        writer.writerows([f"I{one}", f"Item {one}", "pcs", f"SKU{one}"] for one in range(1, PRODUCTS + 1))
        made = self.ask("POST", "/api/v1/item-imports?fileName=bench.csv", rows.getvalue().encode(), "text/csv")
        self.ask("POST", f"/api/v1/item-imports/{made['id']}/application", {"mode": "all_or_nothing"})

    def ask(self, method, path, body=None, media_type="application/json"):
        request = urllib.request.Request(self.base + path, method=method)
        for name, value in {"Origin": self.base, "Idempotency-Key": str(uuid.uuid4()), "Cookie": self.cookie,
                            "Content-Type": media_type if body is not None else None}.items():
            if value:
                request.add_header(name, value)
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=300) as answer:
            if answer.headers.get("Set-Cookie"):
                self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            return json.loads(answer.read() or b"null")

    def movements(self):
        return self.ask("GET", "/api/v1/practice")["movements"]


class Bench:
    def __init__(self, arguments):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-", dir=ROOT / ".build"))
        self.seconds = 1 if arguments.quick else arguments.seconds
        self.rounds = 1 if arguments.quick else arguments.rounds
        self.load = build(self.folder, "scanload", "-lsodium")
        bare = build(self.folder, "bareserver", "-lmicrohttpd", "-lsqlite3")
        self.plain = build(self.folder, "plainsqlite", "-lsqlite3")
        self.lists = {
            "code": [f"SKU{one}" for one in range(1, PRODUCTS + 1)], "p": range(1, PRODUCTS + 1),
            "bin": [f"A-{one}" for one in range(1, PLACES + 1)], "l": range(1, PLACES + 1)}
        self.running = []
        self.daemon = self.start(Daemon(arguments.daemon, self.folder / "data"))
        self.lists["place"] = self.daemon.places.values()
        for name, lines in self.lists.items():
            (self.folder / name).write_text("".join(f"{line}\n" for line in lines))
        self.bare = self.start(self.other(bare, 18390))
        reference = os.environ.get("BENCH_REFERENCE")
        self.reference = self.start(self.other(reference, 18391)) if reference else None

    def start(self, server):
        self.running.append(server)
        return server

    def other(self, program, port):
        server = Server([program, str(port), str(self.folder / f"{port}.db"), "FULL"], ready=0)
        server.port = str(port)
        return server

    # One load on one server.

    def run(self, server, target, connections, *options, seconds=None, requests=None):
        command = [self.load, "-p", server.port, "-t", target, "-c", str(connections), "-s", str(seconds or self.seconds), *options]
        if requests:
            command += ["-n", str(requests)]
        before = server.cpu_us()
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        figures["cpu_us"] = (server.cpu_us() - before) / max(1, figures["accepted"])
        return figures

    def draws(self, *names):
        return [option for name in names for option in ("-l", f"{name}={self.folder}/{name}")]

    def scans(self, server, connections, signed=None, **limits):
        if isinstance(server, Daemon):
            credential = {
                None: ["-h", f"Authorization: Bearer {server.token}"], True: ["-k", str(self.folder / "devices")],
                False: ["-h", "Authorization: Bearer @token@", *self.draws("token")]}[signed]
            return self.run(server, "/api/v1/scans", connections, "-m", "POST", *credential, "-h", "Content-Type: application/json", *self.draws("code", "bin"),
                            "-b", '{"event":"@event@","task":"receive","place":"@bin@","code":"@code@","count":"1"}', **limits)
        return self.run(server, "/scan", connections, "-m", "POST", *self.draws("p", "l"),
                        "-b", '{"id":"@event@","p":@p@,"l":@l@,"q":1}', **limits)

    def levels(self, server):
        if isinstance(server, Daemon):
            return self.run(server, "/api/v1/stock/level?variant=var-@p@&place=@place@", 64, "-m", "GET", "-h", f"Cookie: {server.cookie}",
                            *self.draws("p", "place"))
        return self.run(server, "/level?p=@p@&l=@l@", 64, "-m", "GET", *self.draws("p", "l"))

    def pages(self, server):
        return self.run(server, "/api/v1/stock/movements?limit=50", 4, "-m", "GET", "-h", f"Cookie: {server.cookie}")

    # Rounds over several servers in turn.

    def compare(self, servers, measure, rounds=None):
        """Medians of every figure, by the server's name."""
        samples = {name: [] for name in servers}
        for _ in range(rounds or self.rounds):
            for name, server in servers.items():
                samples[name].append(measure(server))
        return {name: {key: statistics.median(run[key] for run in runs) for key in FIGURES} for name, runs in samples.items()}

    def table(self, title, servers, measure):
        medians = self.compare(servers, measure)
        own = medians["Sluice"]
        lines = []
        for name, one in medians.items():
            ratio = "" if name == "Sluice" else f"{own['per_second'] / one['per_second']:.2f} / {own['p99_us'] / one['p99_us']:.2f}"
            lines.append(f"| {title} | {name} | {one['per_second']:,.0f} | {one['p50_us'] / 1000:.2f} | {one['p99_us'] / 1000:.2f} "
                         f"| {one['cpu_us']:.1f} | {ratio} |")
            print(lines[-1], flush=True)
        return lines

    def rates(self):
        servers = {"Sluice": self.daemon, "bare server": self.bare}
        if self.reference:
            servers["reference"] = self.reference
        # Nearly every level is there before the first round, as in a warehouse that has been at work.
        for server in servers.values():
            self.scans(server, 64, seconds=600, requests=20_000 if self.rounds == 1 else 200_000)
        lines = ["| load | server | per second | p50 ms | p99 ms | server CPU µs | Sluice: rate / p99 to this |", "|---|---|---:|---:|---:|---:|---:|"]
        for connections in CONNECTIONS:
            lines += self.table(f"durable scan, {connections} connections", servers, lambda server, c=connections: self.scans(server, c))
        lines += self.table("stock level, 64 connections", servers, self.levels)
        plain = statistics.median(self.plain_sqlite() for _ in range(self.rounds))
        lines.append(f"| plain SQLite, FULL, one per commit, no HTTP | – | {plain:,.0f} | | | | |")
        print(lines[-1], flush=True)
        return lines

    def signing(self):
        """The same scans by one token and by devices that sign, in turn, on one daemon."""
        (self.folder / "devices").write_text(self.daemon.enrol(DEVICES))
        # As many devices with tokens, so that both write rows of as many.
        tokens = [self.daemon.ask("POST", "/api/v1/devices", {"name": f"token {one}", "warehouse": None})["token"] for one in range(DEVICES)]
        (self.folder / "token").write_text("".join(f"{one}\n" for one in tokens))
        lines = ["", "| scans | by token: per second, p99 ms, CPU µs | signed | rate, signed to token |", "|---|---:|---:|---:|"]
        for connections in (1, DEVICES):
            both = self.compare({"token": False, "signed": True}, lambda signed, c=connections: self.scans(self.daemon, c, signed=signed),
                                rounds=max(3, self.rounds))
            cells = [f"{one['per_second']:,.0f}, {one['p99_us'] / 1000:.2f}, {one['cpu_us']:.1f}" for one in both.values()]
            ratio = both["signed"]["per_second"] / both["token"]["per_second"]
            lines.append(f"| {connections} connections | {cells[0]} | {cells[1]} | {ratio:.2f} |")
            print(lines[-1], flush=True)
        return lines

    def plain_sqlite(self):
        out = subprocess.run([self.plain, str(self.folder / "plain.db"), str(self.seconds), str(PRODUCTS), str(PLACES)],
                             check=True, capture_output=True, text=True).stdout
        return json.loads(out)["per_second"]

    def sealing(self, program):
        """The same daemon, sealed and not, from the same number of movements on."""
        pair = {"sealed": self.start(Daemon(self.daemon.process.args[0], self.folder / "sealed")),
                "unsealed": self.start(Daemon(program, self.folder / "unsealed"))}
        lines = ["", "| scans | sealed: per second, CPU µs | unsealed | CPU ratio |", "|---|---:|---:|---:|"]
        for connections in (1, 64):
            both = self.compare(pair, lambda server: self.scans(server, connections))
            cells = [f"{one['per_second']:,.0f}, {one['cpu_us']:.1f}" for one in both.values()]
            lines.append(f"| {connections} connections | {cells[0]} | {cells[1]} | {both['sealed']['cpu_us'] / both['unsealed']['cpu_us']:.2f} |")
            print(lines[-1], flush=True)
        for server in pair.values():
            self.end(server)
        return lines

    def growth(self, sizes):
        """Grows the daemon and measures it at each size beside a small one, in turn."""
        small = self.start(Daemon(self.daemon.process.args[0], self.folder / "small"))
        self.scans(small, 64, seconds=600, requests=SMALL)
        lines = ["", f"| movements | scans at 64, ratio to {SMALL:,} | level reads, ratio | list of 50: p50 ms, p99 ms | resident MB |",
                 "|---:|---:|---:|---:|---:|"]
        for size in sizes:
            missing = size - self.daemon.movements()
            if missing > 0:
                self.scans(self.daemon, 256, seconds=7200, requests=missing)
            pair = {"grown": self.daemon, "small": small}
            scans = self.compare(pair, lambda server: self.scans(server, 64, requests=2_000), rounds=self.rounds * 2)
            reads = self.compare(pair, self.levels)
            page = self.compare({"grown": self.daemon}, self.pages)["grown"]
            cells = [f"{of['grown']['per_second']:,.0f}, {of['grown']['per_second'] / of['small']['per_second']:.2f}" for of in (scans, reads)]
            lines.append(f"| {size:,} | {cells[0]} | {cells[1]} | {page['p50_us'] / 1000:.2f}, {page['p99_us'] / 1000:.2f} "
                         f"| {self.daemon.resident_mb():.0f} |")
            print(lines[-1], flush=True)
        return lines

    def end(self, server):
        self.running.remove(server)
        server.stop()

    def stop(self):
        for server in list(self.running):
            self.end(server)
        shutil.rmtree(self.folder)


def write(text):
    page = ROOT / "docs/performance.md"
    head, _, rest = page.read_text().partition("<!-- bench -->")
    tail = rest.partition("<!-- /bench -->")[2]
    page.write_text(f"{head}<!-- bench -->\n{text}\n<!-- /bench -->{tail}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--unsealed", help="the daemon built without sealing")
    parser.add_argument("--quick", action="store_true", help="one short round, printed only")
    parser.add_argument("--rounds", type=int, default=5, help="rounds over all servers")
    parser.add_argument("--seconds", type=int, default=4, help="seconds of each load")
    parser.add_argument("--sizes", default="100000,1000000,5000000", help="movements at which growth is measured beside a small daemon")
    parser.add_argument("--only-signing", action="store_true", help="tokens beside signatures, printed only")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    try:
        if arguments.only_signing:
            bench.scans(bench.daemon, DEVICES, seconds=600, requests=20_000)
            bench.signing()
            return
        lines = bench.rates() + bench.signing()
        if arguments.unsealed:
            lines += bench.sealing(arguments.unsealed)
        if not arguments.quick:
            lines += bench.growth([int(size) for size in arguments.sizes.split(",")])
            lines += ["", f"Measured on {os.cpu_count()} cores ({platform.machine()}), Linux {platform.release()}, with `make bench`: medians of "
                      f"{bench.rounds} interleaved rounds of {bench.seconds} s."]
            write("\n".join(lines))
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
