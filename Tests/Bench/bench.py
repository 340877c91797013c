#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Measures the daemon beside a bare libmicrohttpd server and beside plain SQLite, interleaved in one run.

The daemon is what people install: sealed, authenticated, journalled, synchronous=FULL. The bare server (bareserver.c) stores the
same scan in two tables, with group commit, and does nothing else. Figures are medians of the rounds; CPU is that of the server's
process per request, from /proc. Everything listens on the loopback only.

BENCH_REFERENCE may name another program with bareserver's command line, measured in the same rounds.
"""

import argparse
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
PRODUCTS = 1000
CONNECTIONS = [1, 8, 64, 256]


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
        self.process.wait(timeout=60)


class Daemon(Server):
    def __init__(self, program, folder):
        super().__init__([program, "--data", str(folder), "--listen", "127.0.0.1:0", "--www", str(ROOT / "www"),
                          "--connections-per-address", "1000"], ready=2)
        self.base = self.lines[0].split()[-1]
        self.port = self.base.rsplit(":", 1)[1]
        self.cookie = None
        self.ask("POST", "/api/v1/setup", {
            "code": self.lines[1].split()[-1], "name": "bench", "password": "measured twice, cut once", "language": "en",
            "siteName": "Bench", "timeZone": "Asia/Shanghai"})
        self.ask("POST", "/api/v1/warehouses", {"code": "MAIN", "name": "Main", "firstBin": "A-01"})
        for number in range(PRODUCTS):
            item = self.ask("POST", "/api/v1/items", {
                "code": f"I{number}", "name": f"Item {number}", "baseUnit": "pcs", "scale": 0, "alias": "", "note": "",
                "tracking": {"lot": False, "expiry": False, "serial": False}})
            packaging = item["variants"][0]["packagings"][0]["id"]
            self.ask("POST", f"/api/v1/packagings/{packaging}/codes", {"code": f"SKU{number}", "validFrom": None, "validTo": None})
        self.place = self.ask("GET", "/api/v1/places?kind=bin")["items"][0]["id"]
        self.token = self.ask("POST", "/api/v1/devices", {"name": "bench", "warehouse": None})["token"]

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method)
        for name, value in {"Origin": self.base, "Idempotency-Key": str(uuid.uuid4()), "Cookie": self.cookie,
                            "Content-Type": "application/json" if body is not None else None}.items():
            if value:
                request.add_header(name, value)
        with urllib.request.urlopen(request, json.dumps(body).encode() if body is not None else None) as answer:
            if answer.headers.get("Set-Cookie"):
                self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            return json.loads(answer.read() or b"null")


class Bench:
    def __init__(self, arguments):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-", dir=ROOT / ".build"))
        self.seconds = 1 if arguments.quick else 4
        self.rounds = 1 if arguments.quick else 5
        self.load = build(self.folder, "scanload")
        self.bare = build(self.folder, "bareserver", "-lmicrohttpd", "-lsqlite3")
        self.plain = build(self.folder, "plainsqlite", "-lsqlite3")
        (self.folder / "codes").write_text("".join(f"SKU{one}\n" for one in range(PRODUCTS)))
        (self.folder / "products").write_text("".join(f"{one}\n" for one in range(1, PRODUCTS + 1)))
        self.daemon = Daemon(arguments.daemon, self.folder / "data")
        self.others = {}
        programs = {"bare server": self.bare}
        if os.environ.get("BENCH_REFERENCE"):
            programs["reference"] = pathlib.Path(os.environ["BENCH_REFERENCE"])
        for port, (name, program) in enumerate(programs.items(), start=18390):
            server = Server([program, str(port), str(self.folder / f"{port}.db"), "FULL"], ready=0)
            server.port = str(port)
            self.others[name] = server

    def run(self, server, target, connections, *options, seconds=None, requests=None):
        command = [self.load, "-p", server.port, "-t", target, "-c", str(connections), "-s", str(seconds or self.seconds), *options]
        if requests:
            command += ["-n", str(requests)]
        before = server.cpu_us()
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        figures["cpu_us"] = (server.cpu_us() - before) / max(1, figures["accepted"])
        return figures

    def scans(self, server, connections, **limits):
        if isinstance(server, Daemon):
            return self.run(server, "/api/v1/scans", connections, "-m", "POST", "-h", f"Authorization: Bearer {server.token}",
                            "-h", "Content-Type: application/json", "-l", f"code={self.folder}/codes",
                            "-b", '{"event":"@event@","task":"receive","place":"A-01","code":"@code@","count":"1"}', **limits)
        return self.run(server, "/scan", connections, "-m", "POST", "-l", f"p={self.folder}/products",
                        "-b", '{"id":"@event@","p":@p@,"l":1,"q":1}', **limits)

    def levels(self, server):
        if isinstance(server, Daemon):
            return self.run(server, f"/api/v1/stock/level?variant=var-@p@&place={server.place}", 64, "-m", "GET", "-h", f"Cookie: {server.cookie}",
                            "-l", f"p={self.folder}/products")
        return self.run(server, "/level?p=@p@&l=1", 64, "-m", "GET", "-l", f"p={self.folder}/products")

    def pages(self, server):
        return self.run(server, "/api/v1/stock/movements?limit=50", 4, "-m", "GET", "-h", f"Cookie: {server.cookie}")

    def servers(self):
        return {"Sluice": self.daemon, **self.others}

    def table(self, title, measure):
        """Rounds over all servers in turn; medians, and the ratio to each other server."""
        samples = {name: [] for name in self.servers()}
        for _ in range(self.rounds):
            for name, server in self.servers().items():
                samples[name].append(measure(server))
        rows = []
        for name, runs in samples.items():
            median = {key: statistics.median(run[key] for run in runs) for key in ("per_second", "p50_us", "p99_us", "cpu_us")}
            rows.append((name, median))
        own = rows[0][1]
        lines = []
        for name, median in rows:
            ratio = "" if name == "Sluice" else f"{own['per_second'] / median['per_second']:.2f} / {own['p99_us'] / median['p99_us']:.2f}"
            lines.append(f"| {title} | {name} | {median['per_second']:,.0f} | {median['p50_us'] / 1000:.2f} | {median['p99_us'] / 1000:.2f} "
                         f"| {median['cpu_us']:.1f} | {ratio} |")
            print(lines[-1], flush=True)
        return lines

    def grow(self, movements):
        """Scans until the daemon has that many movements; answers scans, reads and memory there."""
        have = self.daemon.ask("GET", "/api/v1/practice")["movements"]
        if have < movements:
            self.scans(self.daemon, 64, seconds=3600, requests=movements - have)
        scans = statistics.median(self.scans(self.daemon, 64)["per_second"] for _ in range(max(1, self.rounds - 2)))
        reads = statistics.median(self.levels(self.daemon)["per_second"] for _ in range(max(1, self.rounds - 2)))
        page = self.pages(self.daemon)
        line = (f"| {movements:,} | {scans:,.0f} | {reads:,.0f} | {page['p50_us'] / 1000:.2f} | {page['p99_us'] / 1000:.2f} "
                f"| {self.daemon.resident_mb():.0f} |")
        print(line, flush=True)
        return line

    def plain_sqlite(self):
        out = subprocess.run([self.plain, str(self.folder / "plain.db"), str(self.seconds), str(PRODUCTS), "1"],
                             check=True, capture_output=True, text=True).stdout
        return json.loads(out)["per_second"]

    def stop(self):
        for server in self.servers().values():
            server.stop()
        shutil.rmtree(self.folder)


def write(text):
    page = ROOT / "docs/performance.md"
    head, _, rest = page.read_text().partition("<!-- bench -->")
    tail = rest.partition("<!-- /bench -->")[2]
    page.write_text(f"{head}<!-- bench -->\n{text}\n<!-- /bench -->{tail}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--quick", action="store_true", help="one short round, printed only")
    parser.add_argument("--sizes", default="10000,100000,1000000", help="movements at which growth is measured")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    try:
        lines = ["| load | server | per second | p50 ms | p99 ms | server CPU µs | Sluice: rate / p99 to this |", "|---|---|---:|---:|---:|---:|---:|"]
        for connections in CONNECTIONS:
            lines += bench.table(f"durable scan, {connections} connections", lambda server, c=connections: bench.scans(server, c))
        lines += bench.table("stock level, 64 connections", bench.levels)
        plain = statistics.median(bench.plain_sqlite() for _ in range(bench.rounds))
        lines.append(f"| plain SQLite, FULL, one per commit, no HTTP | – | {plain:,.0f} | | | | |")
        print(lines[-1])
        sizes = [] if arguments.quick else [int(size) for size in arguments.sizes.split(",")]
        grown = [bench.grow(size) for size in sizes]
        if not arguments.quick:
            lines += ["", "| movements | scans per second, 64 connections | level reads per second | list p50 ms | list p99 ms | resident MB |",
                      "|---:|---:|---:|---:|---:|---:|", *grown, "",
                      f"Measured on {os.cpu_count()} cores ({platform.machine()}), Linux {platform.release()}, with `make bench`."]
            write("\n".join(lines))
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
