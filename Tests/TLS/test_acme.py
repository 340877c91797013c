# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""A certificate by ACME, DNS-01: uacme, our hook, and the test server of Let's Encrypt (pebble) with its name server."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

import pytest

from authority import DAY, certificate, key, key_pem, pem
from conftest import CONTROL, ENV, FULL, NAME, ROOT

SCRIPTS = ROOT / "packaging/acme"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def reaches(port):
    end = time.time() + 20
    while time.time() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


@pytest.fixture
def pebble(tmp_path):
    """Directory of an ACME server that checks DNS at a name server whose records can be set."""
    if not shutil.which("pebble"):
        pytest.skip("pebble is not installed: packaging/prepare.sh tls")
    ports = {name: free_port() for name in ("acme", "manage", "dns", "records")}
    own = key("rsa2048")
    server = certificate("pebble", own, ["127.0.0.1", "localhost"], end=9 * DAY, authority=True)
    (tmp_path / "server.pem").write_text(pem(server))
    (tmp_path / "server.key").write_text(key_pem(own))
    (tmp_path / "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": f"127.0.0.1:{ports['acme']}", "managementListenAddress": f"127.0.0.1:{ports['manage']}",
        "certificate": str(tmp_path / "server.pem"), "privateKey": str(tmp_path / "server.key"),
        "httpPort": 5002, "tlsPort": 5001, "ocspResponderURL": "", "externalAccountBindingRequired": False}}))
    servers = [
        subprocess.Popen(["pebble-challtestsrv", "-dns01", f"127.0.0.1:{ports['dns']}", "-http01", "", "-https01", "", "-tlsalpn01", "",
                          "-management", f"127.0.0.1:{ports['records']}", "-defaultIPv6", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
        subprocess.Popen(["pebble", "-config", str(tmp_path / "pebble.json"), "-dnsserver", f"127.0.0.1:{ports['dns']}", "-strict"],
                         env={**os.environ, "PEBBLE_VA_NOSLEEP": "1"}, stdout=open(tmp_path / "pebble.log", "w"), stderr=subprocess.STDOUT)]
    reaches(ports["acme"])
    reaches(ports["records"])
    yield {**ports, "trust": tmp_path / "server.pem"}
    for one in servers:
        one.terminate()
        one.wait()


def provider(tmp_path, port):
    """A provider's program for DNS: sets a record of the name server that pebble asks."""
    script = tmp_path / "provider"
    script.write_text(f"""#!{sys.executable}
import json, sys, urllib.request
verb, record, value = sys.argv[1:]
body = {{"host": record + "."}} if verb == "remove" else {{"host": record + ".", "value": value}}
path = "clear-txt" if verb == "remove" else "set-txt"
urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:{port}/" + path, json.dumps(body).encode())).read()
open({str(tmp_path / 'calls')!r}, "a").write(verb + " " + record + "\\n")
""")
    script.chmod(0o755)
    return script


def run(box, tmp_path, pebble, dns, **more):
    (tmp_path / "acme.conf").write_text("\n".join([
        f"SLUICE_ACME_NAMES='{FULL}'", f"SLUICE_ACME_DNS='{dns}'", f"SLUICE_ACME_SERVER='https://127.0.0.1:{pebble['acme']}/dir'",
        f"SLUICE_ACME_FOLDER='{tmp_path}/acme'", "SLUICE_ACME_WAIT=0", f"SLUICE_SOCKET='{box.data}/control.sock'",
        *(f"{name}='{value}'" for name, value in more.items())]))
    (tmp_path / "bin").mkdir(exist_ok=True)
    if not (tmp_path / "bin/sluicectl").exists():
        (tmp_path / "bin/sluicectl").symlink_to(CONTROL)
    # uacme believes the authorities of the system only; in a name space of its own these are pebble's.
    command = f"mount --bind '{pebble['trust']}' /etc/ssl/certs/ca-certificates.crt && exec '{SCRIPTS}/sluice-acme' '{tmp_path}/acme.conf'"
    isolate = ["unshare", "--mount"] + ([] if os.getuid() == 0 else ["--map-root-user"])
    return subprocess.run([*isolate, "sh", "-c", command], capture_output=True, text=True, timeout=120,
                          env={**ENV, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"})


def test_a_certificate_is_asked_for_proved_by_dns_and_shown(box, tmp_path, pebble):
    dns = provider(tmp_path, pebble["records"])
    done = run(box, tmp_path, pebble, dns)
    assert done.returncode == 0, done.stdout + done.stderr + (tmp_path / "pebble.log").read_text()[-2000:]
    assert "installed" in done.stdout
    assert (tmp_path / "calls").read_text().splitlines() == [f"add _acme-challenge.{FULL}", f"remove _acme-challenge.{FULL}"]
    untrusting = ssl.create_default_context()
    untrusting.load_verify_locations(cadata=management(pebble, "roots/0") + management(pebble, "intermediates/0"))
    assert FULL in str(box.handshake(FULL, context=untrusting)[0]["subjectAltName"])
    # The next day nothing is due, and nothing is installed twice.
    done = run(box, tmp_path, pebble, dns)
    assert done.returncode == 0 and "shown already" in done.stdout, done.stdout + done.stderr
    assert len(box.told("trust.certificate_installed")) == 1


def management(pebble, path):
    context = ssl.create_default_context(cafile=str(pebble["trust"]))
    with urllib.request.urlopen(f"https://127.0.0.1:{pebble['manage']}/{path}", context=context) as answer:
        return answer.read().decode()


def test_a_provider_that_fails_leaves_all_as_it_was(box, tmp_path, pebble):
    before = box.handshake(NAME)[1]
    done = run(box, tmp_path, pebble, "/bin/false")
    assert done.returncode != 0
    assert box.handshake(NAME)[1] == before


@pytest.mark.parametrize("words, code", [
    (["begin", "http-01", "box.example", "t", "v"], 1), (["begin", "tls-alpn-01", "box.example", "t", "v"], 1),
    (["begin", "dns-01", "box.example\nserver evil", "t", "v"], 65), (["begin", "dns-01", "box.example", "t", 'v" TXT'], 65),
    (["begin", "dns-01", "box.example", "t"], 64), (["else", "dns-01", "box.example", "t", "v"], 64),
    (["begin", "dns-01", "box.example", "t", "v-_1"], 0), (["done", "dns-01", "box.example", "t", "v"], 0), (["failed", "dns-01", "box.example", "t", "v"], 0)])
def test_the_hook_takes_what_uacme_says_and_nothing_else(words, code, tmp_path):
    (tmp_path / "dns").write_text(f"#!/bin/sh\necho \"$@\" >>'{tmp_path}/calls'\n")
    (tmp_path / "dns").chmod(0o755)
    done = subprocess.run([SCRIPTS / "dns-hook", *words], capture_output=True, text=True,
                          env={**os.environ, "SLUICE_ACME_DNS": str(tmp_path / "dns"), "SLUICE_ACME_WAIT": "0"})
    assert done.returncode == code, done.stderr
    calls = (tmp_path / "calls").read_text() if (tmp_path / "calls").exists() else ""
    assert bool(calls) == (code == 0)


def test_by_nsupdate_the_record_goes_to_the_primary(tmp_path):
    (tmp_path / "nsupdate").write_text(f"#!/bin/sh\ncat >'{tmp_path}/sent'\n")
    (tmp_path / "nsupdate").chmod(0o755)
    for method, line in (("begin", 'update add _acme-challenge.box.example. 60 TXT "v1"'), ("done", 'update delete _acme-challenge.box.example.  TXT "v1"')):
        subprocess.run([SCRIPTS / "dns-hook", method, "dns-01", "box.example", "t", "v1"], check=True,
                       env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "SLUICE_ACME_DNS": "nsupdate", "SLUICE_ACME_WAIT": "0", "SLUICE_ACME_PRIMARY": "192.0.2.1"})
        assert (tmp_path / "sent").read_text().splitlines() == ["server 192.0.2.1", line, "send"]
