# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Handshakes a second, and what each costs the daemon: OpenSSL's s_time against the real one, then requests on kept connections."""

import http.client
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMON = os.environ.get("SLUICED", str(ROOT / ".build/release/sluiced"))
SECONDS = int(os.environ.get("SLUICE_SECONDS", "5"))


def cpu(process):
    """Seconds of processor time of a process so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    with tempfile.TemporaryDirectory() as data:
        process = subprocess.Popen(
            [DAEMON, "--data", data, "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--www", str(ROOT / "www"),
             "--requests-per-second", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        port = plain = None
        while plain is None:
            line = process.stdout.readline()
            if not line:
                sys.exit("the daemon ended")
            if line.startswith("listening on"):
                port = int(line.split(":")[-1])
            elif line.startswith("trust page"):
                plain = int(line.split()[-1].rsplit(":", 1)[1].split("/")[0])
        try:
            for version in ("-tls1_3", "-tls1_2"):
                before, began = cpu(process), time.monotonic()
                done = subprocess.run(["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-new", "-time", str(SECONDS), version],
                                      capture_output=True, text=True)
                count = int(re.findall(r"(\d+) connections in", done.stdout)[-1])
                took, used = time.monotonic() - began, cpu(process) - before
                print(f"{version[1:]}: {count / took:.0f} handshakes/s from one client, {used / count * 1000:.2f} ms of the daemon's processor each")
            kept(process, "plain", http.client.HTTPConnection("127.0.0.1", plain))
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            kept(process, "TLS", http.client.HTTPSConnection("127.0.0.1", port, context=context))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def kept(process, name, connection):
    before, count, end = cpu(process), 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        connection.request("GET", "/health/live")
        connection.getresponse().read()
        count += 1
    print(f"{name}: {count / SECONDS:.0f} requests/s on one kept connection, {(cpu(process) - before) / count * 1e6:.0f} us each")


if __name__ == "__main__":
    main()
